/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * workload - the command after "--".
 *
 * It is forked early, so that its process id can be given to the kernel, and
 * stops itself before anything is armed. When it is continued, the next system
 * call it makes is its execve.
 */
#ifndef KP_RUN_WORKLOAD_H
#define KP_RUN_WORKLOAD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct kp_workload {
	pid_t pid;  /* 0: there is none, or it has ended */
	int status; /* exit status of the command once it has ended, 128 + signal as shells do */
	volatile sig_atomic_t *go; /* shared with the child: it may run */
	int failed;		   /* pipe: errno of a failed execve */
	const char *name;
};

#define KP_WORKLOAD_INIT     \
	{                    \
		.failed = -1 \
	}

/**
 * kp_workload_start - fork the command and wait until it has stopped itself.
 * @argv: the command; looked for in PATH
 * @mask: signals that it has blocked when it begins
 *
 * Call it while the process has one thread. Returns 0; or -errno, having said on
 * standard error why, with @w->status as a shell would set it (126, 127).
 */
int kp_workload_start(struct kp_workload *w, char **argv, const sigset_t *mask);

/** kp_workload_continue - let it run. */
void kp_workload_continue(struct kp_workload *w);

/** kp_workload_ended - has it ended? Does not wait; sets @w->status. Says when it could not run. */
bool kp_workload_ended(struct kp_workload *w);

/** kp_workload_end - make it end by @sig, when it still runs; SIGKILL when it never began. */
void kp_workload_end(struct kp_workload *w, int sig);

#endif
