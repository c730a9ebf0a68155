/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * session - one run of a script in the kernel.
 */
#ifndef KP_RUN_SESSION_H
#define KP_RUN_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Exit statuses of the command. A workload's own may stand for EXIT_SUCCESS. */
#define KP_EXIT_RUNTIME 1
#define KP_EXIT_USAGE	2
#define KP_EXIT_COMPILE 255

struct kp_load;
struct kp_output;
struct kp_tracefs;
struct kp_view;

struct kp_session_opts {
	const char *script; /* what the user calls it */
	char **args;	    /* what stands behind it */
	int nargs;
	char **workload;    /* command and arguments, or NULL */
	const char *output; /* file for what the script prints; NULL for standard output */
	pid_t pid;	    /* only events of this process; 0: of all */
	int cpu;	    /* only events on this CPU; -1: on all */
	uint64_t memory;    /* bytes; 0: default */
	uint32_t buffer;    /* bytes per CPU; 0: default */
	uint32_t max_exec;  /* instructions of a handler; 0: default */
	const struct kp_output *format; /* NULL: text */
	bool timestamps;		/* -T */
	bool quiet;			/* no banner */
	bool verbose;
	bool dry;   /* arm, but run no handler */
	bool stats; /* report all counters */
};

/**
 * kp_session_run - load and run a resolved script until its session ends.
 * @v: the portable image, @load: what kp_load_resolve() made of it with @t
 *
 * It ends when the script calls exit() or fails, on SIGINT, SIGTERM or SIGHUP, when
 * the workload or the process of @opts->pid ends, when nothing is armed, or when
 * the output is closed. Returns the exit status; errors have been said.
 */
int kp_session_run(const struct kp_view *v, struct kp_load *load, struct kp_tracefs *t,
		   const struct kp_session_opts *opts);

#endif
