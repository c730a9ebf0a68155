// SPDX-License-Identifier: GPL-2.0-only
/* Stacks and symbols as text, and as keys of charts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/addr.h"
#include "run/hist.h"
#include "sym/elf.h"
#include "sym/kallsyms.h"
#include "sym/process.h"

/* A kernel stack with frames on bytes that are not aligned. */
static struct kp_val stack(uint8_t *room, unsigned int n, const uint64_t *frames)
{
	struct ktap_stack head = { 0 };

	memcpy(room + 1, &head, sizeof(head));
	memcpy(room + 1 + sizeof(head), frames, n * sizeof(*frames));
	return (struct kp_val){ KTAP_T_STACK, (uint32_t)(sizeof(head) + n * sizeof(*frames)),
				room + 1, 0 };
}

static void shows(struct kp_kallsyms *k, const struct kp_val *v, const char *want)
{
	const struct kp_format f = { .symbols = k };
	struct kp_buf out = KP_BUF_INIT;

	kp_format_value(&f, v, &out);
	assert_string_equal(kp_buf_str(&out), want);
	kp_buf_free(&out);
}

/* The last frame returns to the first byte behind its function: it still belongs to that. */
static void stacks(void **state)
{
	const uint64_t frames[] = { 0xffffffff81000014, 0xffffffff81000040, 0x1234 };
	struct kp_kallsyms *k = kp_kallsyms_new("tests/unit/data/kallsyms");
	uint8_t room[64];
	struct kp_val v = stack(room, 3, frames);

	(void)state;
	shows(k, &v,
	      "<stack trace>\n"
	      " => schedule+0x4/0x30\n"
	      " => schedule+0x30/0x30\n"
	      " => 0x1234");
	shows(NULL, &v,
	      "<stack trace>\n"
	      " => 0xffffffff81000014\n"
	      " => 0xffffffff81000040\n"
	      " => 0x1234");
	v.len -= 9; /* cut off within a frame */
	shows(k, &v, "<stack trace>\n => schedule+0x4/0x30");
	v.len = 3;
	shows(k, &v, "<stack trace>");
	kp_kallsyms_free(k);
}

static void symbols(void **state)
{
	struct kp_kallsyms *k = kp_kallsyms_new("tests/unit/data/kallsyms");
	struct ktap_sym sym = { .addr = 0xffffffff81000012 };
	struct kp_val v = { KTAP_T_SYM, sizeof(sym), (const uint8_t *)&sym, 0 };

	(void)state;
	shows(k, &v, "schedule");
	sym.flags = KTAP_SYM_OFFSET;
	shows(k, &v, "schedule+0x2/0x30");
	shows(NULL, &v, "0xffffffff81000012");
	sym.addr = 5;
	shows(k, &v, "0x5");
	v.len = 8;
	shows(k, &v, "");
	kp_kallsyms_free(k);
}

/* A function of this program, whose mapping and symbols are those of a process that runs. */
static int __attribute__((noinline)) here(void)
{
	return 7;
}

static void users(void **state)
{
	struct kp_processes *p = kp_processes_new();
	const struct kp_format f = { .processes = p };
	struct ktap_sym sym = { .addr = (uintptr_t)here + 1, .tgid = getpid() };
	struct kp_val v = { KTAP_T_SYM, sizeof(sym), (const uint8_t *)&sym, 0 };
	struct kp_buf out = KP_BUF_INIT;
	struct kp_user_symbol found;
	struct {
		struct ktap_stack head;
		uint64_t frames[3];
	} s = { { .tgid = getpid() }, { (uintptr_t)here, (uintptr_t)here + 1, 0x10 } };
	struct kp_val stack = { KTAP_T_STACK, sizeof(s), (const uint8_t *)&s, 0 };

	(void)state;
	assert_int_equal(here(), 7);
	kp_format_value(&f, &v, &out);
	assert_string_equal(kp_buf_str(&out), "here");
	kp_buf_free(&out);
	kp_format_value(&f, &stack, &out);
	assert_memory_equal(kp_buf_str(&out), "<stack trace>\n => here+0x0/0x", 29);
	assert_non_null(strstr(out.data, " [test_addr]\n => here+0x1/0x"));
	assert_non_null(strstr(out.data, " [test_addr]\n => 0x10"));
	kp_buf_free(&out);

	/* a process that cannot be there is known by what was noted, in any order */
	kp_processes_map(p, 1 << 30, 30, 0x1800, 0x100, 0, "[vdso]");
	kp_processes_map(p, 1 << 30, 10, 0x1000, 0x1000, 0x500, "/nonexistent/libold.so");
	kp_processes_fork(p, 1 << 30, (1 << 30) + 1, 20);
	kp_processes_find(p, 1 << 30, 0x1810, &found);
	assert_string_equal(found.file, "[vdso]");
	assert_int_equal(found.offset, 0x10);
	kp_processes_find(p, (1 << 30) + 1, 0x1810, &found);
	assert_string_equal(found.file, "/nonexistent/libold.so");
	assert_int_equal(found.offset, 0xd10);
	assert_null(found.name);
	kp_processes_find(p, (1 << 30) + 1, 0x2000, &found);
	assert_null(found.file);
	kp_processes_map(p, (1 << 30) + 1, 40, 0x2000, 0x1000, 0, "/nonexistent/new");
	kp_processes_exec(p, (1 << 30) + 1, 35);
	kp_processes_find(p, (1 << 30) + 1, 0x1810, &found);
	assert_null(found.file);
	kp_processes_find(p, (1 << 30) + 1, 0x2000, &found);
	assert_string_equal(found.file, "/nonexistent/new");
	kp_processes_fork(p, 5, (1 << 30) + 1, 34); /* of a process before it */
	kp_processes_find(p, (1 << 30) + 1, 0x2000, &found);
	assert_string_equal(found.file, "/nonexistent/new");
	kp_processes_fork(p, 1 << 30, 1 << 30, 50); /* a circle */
	kp_processes_find(p, 1 << 30, 0x9000, &found);
	assert_null(found.file);
	kp_processes_map(p, 1 << 30, 51, 0x1800, 0x100, 0, "[vdso]");
	kp_processes_map(p, 1 << 30, 51, 0x1000, 0x800, 0x500, "/nonexistent/libold.so");
	kp_processes_map(p, 5, 1, UINT64_MAX - 10, 100, 0, "/wraps"); /* is not taken */
	kp_processes_find(p, 5, 3, &found);
	s.head.tgid = 1 << 30;
	s.frames[0] = 0x1010;
	s.frames[1] = 0x1811;
	kp_format_value(&f, &stack, &out);
	assert_string_equal(kp_buf_str(&out), "<stack trace>\n => 0x1010 [libold.so+0x510]\n"
					      " => 0x1811 [vdso+0x11]\n => 0x10");
	kp_buf_free(&out);
	kp_processes_free(p);
	kp_processes_free(NULL);
}

/* Processes without end: what is too much is forgotten, who runs is found again. */
static void many_processes(void **state)
{
	struct kp_processes *p = kp_processes_new();
	struct kp_user_symbol found;
	int i;

	(void)state;
	for (i = 0; i < 300000; i++) {
		kp_processes_map(p, (1 << 29) + i, 1, 0x1000, 0x1000, 0, "/nonexistent/file");
		kp_processes_map(p, 1 << 29, 1, 0x1000, 0x1000, 0, "/nonexistent/other");
	}
	kp_processes_find(p, 1 << 29, 0x1001, &found); /* too many: begins by forgetting */
	assert_null(found.file);
	kp_processes_find(p, getpid(), (uintptr_t)here, &found);
	assert_string_equal(found.name, "here");
	kp_processes_free(p);
}

/* What is no program, and one that is cut off, have no functions. */
static void broken_files(void **state)
{
	static char bytes[4096];
	char path[] = "/tmp/ktap-test-XXXXXX", self[64];
	struct kp_elf_symbol sym;
	struct kp_elf *e;
	size_t cut, n;
	FILE *file;
	int fd = mkstemp(path);

	(void)state;
	assert_null(kp_elf_open("/nonexistent"));
	assert_null(kp_elf_open("/proc/self/maps"));
	snprintf(self, sizeof(self), "/proc/%d/exe", (int)getpid());
	file = fopen(self, "r");
	n = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	for (cut = 0; cut < n; cut += 61) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, bytes, cut, 0), cut);
		e = kp_elf_open(path);
		if (e)
			assert_int_equal(kp_elf_find(e, 0x1000, &sym), -ENOENT);
		kp_elf_free(e);
	}
	close(fd);
	unlink(path);
}

/* A stack has lines of its own in both layouts, however short it is. */
static void stacks_in_charts(void **state)
{
	const uint64_t frames[] = { 1 };
	const struct kp_format f = { .symbols = NULL };
	int64_t one = 1;
	struct kp_val value = { KTAP_T_INT, 8, (const uint8_t *)&one, 1 };
	uint8_t room[64];
	struct kp_val v = stack(room, 1, frames);
	struct kp_hist h = KP_HIST_INIT;
	unsigned int style;

	(void)state;
	for (style = KTAP_HIST_PRINT_HIST; style <= KTAP_HIST_HISTOGRAM; style++) {
		struct kp_buf out = KP_BUF_INIT;

		assert_int_equal(kp_hist_add(&h, &v, &value), 0);
		kp_hist_put(&h, &f, style, 0, &out);
		assert_non_null(strstr(kp_buf_str(&out), "\n<stack trace>\n => 0x1\n     "));
		assert_non_null(strstr(kp_buf_str(&out), "|@@@@"));
		assert_non_null(strstr(kp_buf_str(&out), "@\n1      \n\n"));
		kp_buf_free(&out);
		kp_hist_free(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks),	cmocka_unit_test(symbols),
		cmocka_unit_test(users),	cmocka_unit_test(many_processes),
		cmocka_unit_test(broken_files), cmocka_unit_test(stacks_in_charts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
