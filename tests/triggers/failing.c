// SPDX-License-Identifier: GPL-2.0-only
/*
 * failing N COMMAND...: runs a command of which the N-th allocation fails that the kernel makes in
 * its calls of ioctl(); needs FAULT_INJECTION.  The last line of standard error then says "failing:
 * reached" or, with fewer allocations, "failing: not reached".  With 0 those fail in its calls of
 * ioctl() that failslab and fail_page_alloc in debugfs say.  Exits with the command's status; 128 +
 * the signal that ended it; 77 where the kernel has no such thing.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether debugfs says what fails. */
static bool marked;

/* If not, the allocations yet to be made, the failing one included; 0 when it has failed. */
static long left;

static void die(const char *what, int status)
{
	perror(what);
	exit(status);
}

/* Opens what says of a thread which of its allocations fail. */
static int control(pid_t thread)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", thread, thread,
		 marked ? "make-it-fail" : "fail-nth");
	fd = open(path, O_RDWR);
	if (fd < 0)
		die(path, 77);
	return fd;
}

/* A call begins: its thread is marked, or handed the count. */
static void begin(pid_t thread)
{
	int fd = control(thread);

	if (dprintf(fd, "%ld", marked ? 1 : left) < 0)
		die("the begin of a call", 1);
	close(fd);
}

/* A call ends: what is left is taken back. */
static void end(pid_t thread)
{
	char text[32] = "";
	int fd = control(thread);

	if (read(fd, text, sizeof(text) - 1) < 0 || pwrite(fd, "0", 1, 0) < 0)
		die("the end of a call", 1);
	if (!marked)
		left = atol(text);
	close(fd);
}

/* A thread stops at a system call, which is looked at if it is an ioctl(). */
static void at_call(pid_t thread)
{
	static pid_t inside;
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_ioctl &&
	    (marked || left) && !inside) {
		begin(thread);
		inside = thread;
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && inside == thread) {
		end(thread);
		inside = 0;
	}
}

static int follow(pid_t command)
{
	int status, deliver;
	pid_t thread;

	for (;;) {
		thread = waitpid(-1, &status, __WALL);
		if (thread < 0)
			die("waitpid", 1);
		if (!WIFSTOPPED(status)) {
			if (thread == command)
				return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
							     WEXITSTATUS(status);
			continue;
		}
		deliver = WSTOPSIG(status);
		if (deliver == (SIGTRAP | 0x80))
			at_call(thread);
		if (deliver == SIGSTOP || (deliver & 0x7f) == SIGTRAP)
			deliver = 0;
		ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(long)deliver);
	}
}

int main(int argc, char **argv)
{
	pid_t command;
	int status;

	if (argc < 3 || (left = atol(argv[1])) < 0) {
		fprintf(stderr, "usage: failing N COMMAND...\n");
		return 2;
	}
	marked = !left;
	command = fork();
	if (command < 0)
		die("fork", 1);
	if (!command) {
		if (!ptrace(PTRACE_TRACEME, 0, NULL, NULL) && !raise(SIGSTOP))
			execvp(argv[2], argv + 2);
		die(argv[2], 127);
	}
	if (waitpid(command, &status, 0) != command ||
	    ptrace(PTRACE_SETOPTIONS, command, NULL,
		   (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE)) ||
	    ptrace(PTRACE_SYSCALL, command, NULL, NULL))
		die("ptrace", 1);
	status = follow(command);
	if (!marked)
		fprintf(stderr, "failing: %s\n", left ? "not reached" : "reached");
	return status;
}
