/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole commands, each in a process of its own, against a kernel and a module that are
 * played here: the Makefile has the functions of PLAYED wrapped. For one test only.
 */
#ifndef KP_TEST_PLAY_H
#define KP_TEST_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "json.h"
#include "shows.h"

#define main kp_main
#include "main.c"
#undef main

#include "event/event.h"
#include "run/report.h"

#define TRACEFS "tests/unit/data/tracefs-7.2"
#define RING	4096u
#define ARGS	12

/* How the played kernel differs from one where all goes well; 0 is as it should be. */
struct play {
	int user;		/* 1: not root */
	int tracefs;		/* errno of opening it */
	const char *unreadable; /* a file of tracefs that cannot be read: how its name ends */
	int device;		/* errno of opening /dev/ktap... */
	int device_after;	/* ...and after the module was loaded */
	const char *lockdown;	/* content of the file */
	const char *modprobe;	/* shell command that is it */
	int finit;		/* errno of loading a module from a file */
	int info, load, run, stop;	   /* errno of the calls; */
	int status_first, status;	   /* of the first, and of all others */
	uint16_t abi;			   /* major version, when it is not ours */
	int newer;			   /* by so much is the minor version above ours */
	uint32_t armed;			   /* how many probes */
	uint64_t lost;			   /* records */
	struct ktap_place place; /* error of the script, or of the image when load is set */
	uint64_t need;		 /* bytes of memory that LOAD says it needs */
	bool no_rings;		 /* they cannot be mapped */
	uint32_t junk;		 /* a record of this type, without sense, is in the ring */
	uint32_t warning;	 /* the kernel warns of this about the first event */
	int more_args;		 /* "x" as often as that */
	bool no_signals, no_calloc, no_strndup, no_vm, no_load, no_ctx;
};

static struct play play;
static bool loaded; /* modprobe or finit_module was called */
static int device = -1;
static int statuses;

/* The played kernel */

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __real_openat64(int dir, const char *path, int flags, ...);
int __wrap_openat64(int dir, const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_ioctl(int fd, unsigned long request, ...);
long __wrap_syscall(long nr, ...);
long __real_syscall(long nr, ...);
int __wrap_mount(const char *from, const char *to, const char *type, unsigned long flags,
		 const void *data);
uid_t __wrap_geteuid(void);
int __wrap_uname(struct utsname *u);
int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);
int __real_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[]);
int __wrap_signalfd(int fd, const sigset_t *mask, int flags);
int __real_signalfd(int fd, const sigset_t *mask, int flags);
void *__wrap_calloc(size_t n, size_t size);
void *__real_calloc(size_t n, size_t size);
char *__wrap_strndup(const char *s, size_t n);
char *__real_strndup(const char *s, size_t n);
/* vm.h and event.h do not go together, so these have no types. */
int __wrap_kp_vm_init(void *vm, const void *ops, void *owner, uint64_t memory, uint32_t max_exec);
int __real_kp_vm_init(void *vm, const void *ops, void *owner, uint64_t memory, uint32_t max_exec);
int __wrap_kp_vm_load(void *vm, const void *image, size_t len, struct ktap_place *place);
int __real_kp_vm_load(void *vm, const void *image, size_t len, struct ktap_place *place);
void *__wrap_kp_ctx_new(void *vm);
void *__real_kp_ctx_new(void *vm);

static int fails(int err)
{
	errno = err;
	return err ? -1 : 0;
}

/* A device whose memory holds one ring. */
static int open_played_device(void)
{
	struct ktap_ring_page page = { 0 };
	struct ktap_record rec = { 32, (uint16_t)play.junk, 1, 1 };
	struct ktap_place place = { .error = play.warning, .func = KTAP_NONE };

	if (fails(loaded ? play.device_after : play.device))
		return -1;
	if (play.no_rings)
		return __real_open64("/dev/null", O_RDWR);
	device = memfd_create("ktap", MFD_CLOEXEC);
	assert_int_equal(ftruncate(device, KTAP_RING_DATA + RING), 0);
	if (play.warning) {
		rec = (struct ktap_record){ sizeof(rec) + sizeof(place), KTAP_REC_WARN, 0, 1 };
		page.head = rec.size;
		assert_int_equal(pwrite(device, &page, sizeof(page), 0), sizeof(page));
		assert_int_equal(pwrite(device, &rec, sizeof(rec), KTAP_RING_DATA), sizeof(rec));
		assert_int_equal(pwrite(device, &place, sizeof(place),
					KTAP_RING_DATA + sizeof(rec)),
				 sizeof(place));
	} else if (play.junk) {
		char nonsense[16];

		memset(nonsense, 0xff, sizeof(nonsense));
		page.head = rec.size;
		assert_int_equal(pwrite(device, &page, sizeof(page), 0), sizeof(page));
		assert_int_equal(pwrite(device, &rec, sizeof(rec), KTAP_RING_DATA), sizeof(rec));
		assert_int_equal(pwrite(device, nonsense, sizeof(nonsense),
					KTAP_RING_DATA + sizeof(rec)),
				 sizeof(nonsense));
	}
	return device;
}

static int open_played_lockdown(void)
{
	int fds[2];

	if (!play.lockdown)
		return fails(ENOENT);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], play.lockdown, strlen(play.lockdown)),
			 strlen(play.lockdown));
	close(fds[1]);
	return fds[0];
}

int __wrap_open64(const char *path, int flags, ...)
{
	if (!strcmp(path, KTAP_DEVICE))
		return open_played_device();
	if (!strcmp(path, "/sys/kernel/security/lockdown"))
		return open_played_lockdown();
	if (!strncmp(path, "/sys/kernel/", 12))
		return fails(play.tracefs) ? -1 : __real_open64(TRACEFS, flags);
	return __real_open64(path, flags, 0666);
}

int __wrap_openat64(int dir, const char *path, int flags, ...)
{
	size_t len = strlen(path), end = play.unreadable ? strlen(play.unreadable) : 0;

	if (end && len >= end && !strcmp(path + len - end, play.unreadable))
		return fails(EIO);
	return __real_openat64(dir, path, flags);
}

static int answer_info(struct ktap_info *info)
{
	info->abi_major = play.abi ? play.abi : KTAP_ABI_MAJOR;
	info->abi_minor = (uint16_t)(KTAP_ABI_MINOR + play.newer);
	info->cpus = 1;
	info->opcodes = KTAP_OP_COUNT;
	info->builtins = KTAP_BUILTIN_COUNT;
	strcpy(info->version, "9.9");
	return fails(play.info);
}

static int answer_status(struct ktap_status *status)
{
	status->armed = play.armed;
	status->counters[KTAP_CNT_LOST] = play.lost;
	status->ring_size = RING;
	status->ring_stride = KTAP_RING_DATA + RING;
	if (!play.load)
		status->place = play.place;
	return fails(statuses++ ? play.status : play.status_first);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	switch (request) {
	case KTAP_IOC_INFO:
		return answer_info(arg);
	case KTAP_IOC_LOAD:
		((struct ktap_load *)arg)->place = play.place;
		((struct ktap_load *)arg)->need = play.need;
		return fails(play.load);
	case KTAP_IOC_RUN:
		return fails(play.run);
	case KTAP_IOC_STOP:
		return fails(play.stop);
	case KTAP_IOC_STATUS:
		return answer_status(arg);
	case KTAP_IOC_CONSUME:
		return 0;
	}
	return __real_ioctl(fd, request, arg);
}

long __wrap_syscall(long nr, ...)
{
	va_list ap;
	long a, b, c;

	va_start(ap, nr);
	a = va_arg(ap, long);
	b = va_arg(ap, long);
	c = va_arg(ap, long);
	va_end(ap);
	if (nr != SYS_finit_module)
		return __real_syscall(nr, a, b, c);
	loaded = true;
	return fails(play.finit);
}

int __wrap_mount(const char *from, const char *to, const char *type, unsigned long flags,
		 const void *data)
{
	(void)from;
	(void)to;
	(void)type;
	(void)flags;
	(void)data;
	return fails(ENODEV);
}

uid_t __wrap_geteuid(void)
{
	return play.user ? 1000 : 0;
}

int __wrap_uname(struct utsname *u)
{
	memset(u, 0, sizeof(*u));
	strcpy(u->release, "6.1.0-5-test");
	return 0;
}

int __wrap_posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	char *shell[] = { (char *)"sh", (char *)"-c", (char *)play.modprobe, NULL };

	assert_string_equal(path, "/sbin/modprobe");
	assert_string_equal(argv[1], "ktapvm");
	loaded = true;
	return play.modprobe ? __real_posix_spawn(pid, "/bin/sh", actions, attr, shell, envp) :
			       ENOENT;
}

int __wrap_signalfd(int fd, const sigset_t *mask, int flags)
{
	return play.no_signals ? fails(EMFILE) : __real_signalfd(fd, mask, flags);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return play.no_calloc ? NULL : __real_calloc(n, size);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return play.no_strndup ? NULL : __real_strndup(s, n);
}

int __wrap_kp_vm_init(void *vm, const void *ops, void *owner, uint64_t memory, uint32_t max_exec)
{
	return play.no_vm ? -ENOMEM : __real_kp_vm_init(vm, ops, owner, memory, max_exec);
}

int __wrap_kp_vm_load(void *vm, const void *image, size_t len, struct ktap_place *place)
{
	place->error = KTAP_ERR_NONE;
	return play.no_load ? -ENOMEM : __real_kp_vm_load(vm, image, len, place);
}

void *__wrap_kp_ctx_new(void *vm)
{
	return play.no_ctx ? NULL : __real_kp_ctx_new(vm);
}

/* Commands */

struct command {
	const char *shown[3]; /* formats of messages.def */
	const char *args[ARGS];
	int status;
	const char *said; /* on standard error; NULL: just what is shown */
	struct play play;
	const char *printed; /* on standard output; NULL: whatever */
};

static _Noreturn void be_command(const struct command *c, int out, int err)
{
	static char *argv[ARGS + 70000] = { (char *)"ktap" };
	int argc = 1, more;

	for (; c->args[argc - 1]; argc++)
		argv[argc] = (char *)c->args[argc - 1];
	for (more = c->play.more_args; more; more--)
		argv[argc++] = (char *)"x";
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	play = c->play;
	optind = 0;
	exit(kp_main(argc, argv));
}

/* What was written to the file, as a string; closes it. */
static void take_text(int fd, char text[8192])
{
	ssize_t n = pread(fd, text, 8191, 0);

	assert_true(n >= 0);
	text[n] = '\0';
	close(fd);
}

static void run_command(const struct command *c)
{
	int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
	char printed[8192], said[8192];
	size_t i;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		be_command(c, out, err);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	take_text(out, printed);
	take_text(err, said);
	if (c->printed)
		assert_string_equal(printed, c->printed);
	if (c->said)
		assert_string_equal(said, c->said);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), c->status);
	for (i = 0; i < 3 && c->shown[i]; i++)
		if (!shows(said, c->shown[i]))
			fail_msg("'%s' is not in '%s'", c->shown[i], said);
	if (!strcmp(c->args[0] ? c->args[0] : "", "--format=json")) {
		assert_true(json_lines(printed, strlen(printed)));
		assert_true(json_lines(said, strlen(said)));
	}
}

#define RUN_ALL(commands)                                                          \
	do {                                                                       \
		size_t row;                                                        \
		for (row = 0; row < sizeof(commands) / sizeof(*(commands)); row++) \
			run_command(&(commands)[row]);                             \
	} while (0)
#define SEE_HELP "\nhint: `ktap --help` lists the options\n"

#endif
