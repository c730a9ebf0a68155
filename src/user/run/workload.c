// SPDX-License-Identifier: GPL-2.0-only
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

#define STATUS_NOT_RUN	 126
#define STATUS_NOT_FOUND 127

/* Can @path be executed? 0 or -errno. */
static int check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (S_ISDIR(st.st_mode) || access(path, X_OK))
		return -EACCES;
	return 0;
}

/* Find a command as a shell does. 0 and @path, or -errno. */
static int find_program(const char *name, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH"), *end;
	int ret = -ENOENT, err;

	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX ? check_program(path) :
									 -ENAMETOOLONG;
	if (!*name)
		return -ENOENT;
	if (!dirs)
		dirs = "/usr/bin:/bin";
	for (;; dirs = end + 1) {
		int len;

		end = strchrnul(dirs, ':');
		len = (int)(end - dirs);
		if (snprintf(path, PATH_MAX, "%.*s%s%s", len, dirs, len ? "/" : "", name) <
		    PATH_MAX) {
			err = check_program(path);
			if (!err)
				return 0;
			if (err == -EACCES)
				ret = err;
		}
		if (!*end)
			return ret;
	}
}

static int refuse(struct kp_workload *w, int err)
{
	w->status = err == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN;
	kp_report_error(KP_MSG_START_COMMAND, w->name, strerror(-err));
	return err;
}

/*
 * In the child. Until the parent lets it go it stops itself with one bare system
 * call, whose end nobody traces yet; when the parent has died instead it ends.
 * From then on nothing but execve happens.
 */
static _Noreturn void run_child(const struct kp_workload *w, const char *path, char **argv,
				pid_t parent, int failed)
{
	int err;

	prctl(PR_SET_PDEATHSIG, SIGCONT);
	while (!*w->go) {
		if (getppid() != parent)
			_exit(STATUS_NOT_RUN);
		syscall(SYS_kill, getpid(), SIGSTOP);
	}
	execve(path, argv, environ);
	err = errno;
	if (write(failed, &err, sizeof(err)) != sizeof(err))
		_exit(STATUS_NOT_RUN);
	_exit(err == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN);
}

/* Wait until the child has stopped. */
static int wait_stopped(struct kp_workload *w)
{
	int status;

	while (waitpid(w->pid, &status, WUNTRACED) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFSTOPPED(status))
		return 0;
	w->pid = 0;
	return -ECHILD;
}

int kp_workload_start(struct kp_workload *w, char **argv, const sigset_t *mask)
{
	pid_t parent = getpid();
	char path[PATH_MAX];
	int fds[2], ret;
	void *page;

	*w = (struct kp_workload)KP_WORKLOAD_INIT;
	w->name = argv[0];
	ret = find_program(argv[0], path);
	if (ret)
		return refuse(w, ret);
	page = mmap(NULL, sizeof(*w->go), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		    0);
	if (page == MAP_FAILED)
		return refuse(w, -errno);
	w->go = page;
	if (pipe2(fds, O_CLOEXEC)) {
		ret = -errno;
		goto unmap;
	}
	w->failed = fds[0];
	w->pid = fork();
	if (w->pid < 0) {
		ret = -errno;
		w->pid = 0;
		goto close;
	}
	if (!w->pid) {
		signal(SIGPIPE, SIG_DFL);
		sigprocmask(SIG_SETMASK, mask, NULL);
		run_child(w, path, argv, parent, fds[1]);
	}
	close(fds[1]);
	ret = wait_stopped(w);
	if (!ret)
		return 0;
	close(w->failed);
	goto unmap;
close:
	close(fds[0]);
	close(fds[1]);
unmap:
	munmap(page, sizeof(*w->go));
	w->go = NULL;
	w->failed = -1;
	return refuse(w, ret);
}

void kp_workload_continue(struct kp_workload *w)
{
	if (!w->pid)
		return;
	*w->go = 1;
	kill(w->pid, SIGCONT);
}

static void release(struct kp_workload *w)
{
	w->pid = 0;
	close(w->failed);
	munmap((void *)w->go, sizeof(*w->go));
	w->failed = -1;
	w->go = NULL;
}

bool kp_workload_ended(struct kp_workload *w)
{
	int status, err;
	pid_t pid;

	if (!w->pid)
		return true;
	pid = waitpid(w->pid, &status, WNOHANG);
	if (pid != w->pid)
		return false;
	w->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (read(w->failed, &err, sizeof(err)) == sizeof(err))
		refuse(w, -err);
	release(w);
	return true;
}

void kp_workload_end(struct kp_workload *w, int sig)
{
	if (kp_workload_ended(w))
		return;
	kill(w->pid, *w->go ? sig : SIGKILL);
	if (!*w->go)
		waitpid(w->pid, NULL, 0);
	release(w);
}
