// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel names its events after the C functions behind the system calls,
 * programs use the names of the numbers (__NR_*). They mostly agree; the table
 * below has the others. A pair counts where the ABI has the number.
 */
#include "syscall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "event.h"
#include "sym/tracefs.h"

struct number {
	const char *name;
	int nr;
};

/* Sorted by name; made from the C library's headers, see the Makefile. */
static const struct number numbers[] = {
#define KP_SYSCALL(name, nr) { #name, nr },
#include "syscall_numbers.h"
#undef KP_SYSCALL
};

/* What those headers may be too old for. Numbers from 424 on are the same in every ABI. */
static const struct number shared[] = {
	{ "cachestat", 451 },	      { "fchmodat2", 452 },	   { "map_shadow_stack", 453 },
	{ "futex_wake", 454 },	      { "futex_wait", 455 },	   { "futex_requeue", 456 },
	{ "statmount", 457 },	      { "listmount", 458 },	   { "lsm_get_self_attr", 459 },
	{ "lsm_set_self_attr", 460 }, { "lsm_list_modules", 461 }, { "mseal", 462 },
	{ "setxattrat", 463 },	      { "getxattrat", 464 },	   { "listxattrat", 465 },
	{ "removexattrat", 466 },     { "open_tree_attr", 467 },   { "file_getattr", 468 },
	{ "file_setattr", 469 },      { "listns", 470 },	   { "rseq_slice_yield", 471 },
};

static const struct {
	const char *kernel;
	const char *abi;
} renamed[] = {
	{ "newstat", "stat" },
	{ "newlstat", "lstat" },
	{ "newfstat", "fstat" },
	{ "stat", "oldstat" },
	{ "lstat", "oldlstat" },
	{ "fstat", "oldfstat" },
	{ "newuname", "uname" },
	{ "uname", "olduname" },
	{ "olduname", "oldolduname" },
	{ "umount", "umount2" },
	{ "oldumount", "umount" },
	{ "sendfile64", "sendfile" },
	{ "fadvise64_64", "fadvise64" },
	{ "select", "_newselect" },
	{ "llseek", "_llseek" },
	{ "sysctl", "_sysctl" },
	{ "getrlimit", "ugetrlimit" },
	{ "old_mmap", "mmap" },
	{ "s390_ipc", "ipc" },
	{ "s390_personality", "personality" },
	{ "ppc64_personality", "personality" },
	{ "arm64_personality", "personality" },
};

#define ARRAY_LEN(a) (sizeof(a) / sizeof(*(a)))

static int number_cmp(const void *key, const void *elem)
{
	return strcmp(key, ((const struct number *)elem)->name);
}

/* Number that the ABI has for @name followed by @suffix, or -1. */
static int abi_nr(const char *name, const char *suffix)
{
	const struct number *found;
	char whole[64];
	size_t i;
	int n = snprintf(whole, sizeof(whole), "%s%s", name, suffix);

	if (n < 0 || (size_t)n >= sizeof(whole))
		return -1;
	found = bsearch(whole, numbers, ARRAY_LEN(numbers), sizeof(*numbers), number_cmp);
	if (found)
		return found->nr;
	for (i = 0; i < ARRAY_LEN(shared); i++)
		if (!strcmp(shared[i].name, whole))
			return shared[i].nr;
	return -1;
}

/*
 * 32-bit ABIs have several generations of calls: __NR_getuid is the function
 * getuid16 and __NR_getuid32 is getuid, __NR_futex was futex until 5.1 and is
 * futex_time32 since. Names with such relatives are left to the kernel.
 */
static bool ambiguous(const char *name)
{
	size_t i;

	if (sizeof(long) > 4)
		return false;
	for (i = 0; i < ARRAY_LEN(renamed); i++)
		if (!strcmp(renamed[i].kernel, name) || !strcmp(renamed[i].abi, name))
			return true;
	return abi_nr(name, "32") >= 0 || abi_nr(name, "64") >= 0 || abi_nr(name, "_time64") >= 0;
}

int kp_syscall_nr(const char *name)
{
	size_t i;
	int nr;

	if (ambiguous(name))
		return -1;
	for (i = 0; i < ARRAY_LEN(renamed); i++) {
		if (strcmp(renamed[i].kernel, name))
			continue;
		nr = abi_nr(renamed[i].abi, "");
		if (nr >= 0)
			return nr;
	}
	return abi_nr(name, "");
}

const char *kp_syscall_kernel_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(renamed); i++)
		if (!strcmp(renamed[i].abi, name))
			return renamed[i].kernel;
	return NULL;
}

bool kp_syscall_bind(struct kp_event *ev)
{
	static const char enter[] = "sys_enter_", leave[] = "sys_exit_";
	enum kp_event_kind kind;
	size_t prefix;
	int nr;

	if (!strncmp(ev->name, enter, strlen(enter))) {
		kind = KP_EVENT_SYS_ENTER;
		prefix = strlen(enter);
	} else if (!strncmp(ev->name, leave, strlen(leave))) {
		kind = KP_EVENT_SYS_EXIT;
		prefix = strlen(leave);
	} else {
		return false;
	}
	nr = kp_syscall_nr(ev->name + prefix);
	if (nr < 0)
		return false;
	ev->kind = kind;
	ev->nr = nr;
	return true;
}

bool kp_syscall_native(struct kp_tracefs *t)
{
	struct kp_event ev = { .kind = KP_EVENT_TRACEPOINT,
			       .system = (char *)"raw_syscalls",
			       .name = (char *)"sys_enter" };
	const struct kp_field *id;
	bool native;

	if (kp_event_load_format(t, &ev))
		return false;
	id = kp_event_field(&ev, "id", strlen("id"));
	native = id && id->size == sizeof(long);
	kp_event_free_format(&ev);
	return native;
}

/* number of the system call is the first field; then come arguments or the result. */
int kp_event_sysarg(const struct kp_event *ev, const struct kp_field *f)
{
	size_t first = ev->ncommon, i = (size_t)(f - ev->fields);

	if (i == first)
		return KP_SYSARG_NR;
	if (i < first || f->is_data_loc || f->size != sizeof(long))
		return -1;
	if (ev->kind == KP_EVENT_SYS_EXIT)
		return i == first + 1 ? KP_SYSARG_RET : -1;
	return ev->kind == KP_EVENT_SYS_ENTER && i - first <= 6 ? (int)(i - first - 1) : -1;
}

bool kp_event_has_user_data(const struct kp_event *ev)
{
	size_t i;

	for (i = ev->ncommon; i < ev->nfields; i++)
		if (ev->fields[i].is_data_loc)
			return true;
	return false;
}

int kp_event_use_record(struct kp_tracefs *t, struct kp_event *ev)
{
	long id;

	if (ev->kind != KP_EVENT_SYS_ENTER && ev->kind != KP_EVENT_SYS_EXIT)
		return 0;
	id = kp_tracefs_id(t, ev->system, ev->name);
	if (id < 0)
		return (int)id;
	ev->kind = KP_EVENT_TRACEPOINT;
	ev->id = (uint32_t)id;
	return 0;
}
