/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process - what is mapped where in processes, and the names of their functions.
 *
 * Of a process that runs /proc tells. One that has ended is only known when it was
 * watched: kp_processes_watch() has the kernel report what is mapped from then on.
 */
#ifndef KP_SYM_PROCESS_H
#define KP_SYM_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

struct kp_processes;

/* What an address of a process belongs to. The texts live until the next question. */
struct kp_user_symbol {
	const char *name; /* of the function; NULL: not known */
	const char *file; /* that is mapped there; NULL: not known */
	uint64_t offset;  /* in the function, or else in the file */
	uint64_t size;	  /* of the function; 0: not known */
};

/** kp_processes_new - nothing is known yet. Returns NULL without memory. */
struct kp_processes *kp_processes_new(void);

/** kp_processes_free - release it; NULL is harmless. */
void kp_processes_free(struct kp_processes *p);

/**
 * kp_processes_watch - from now on remember the mappings of processes, also when they end.
 * @pid: of this one and its descendants; 0: of all
 *
 * Needs the privileges of tracing. Where the kernel refuses, what has ended stays unknown.
 */
void kp_processes_watch(struct kp_processes *p, pid_t pid);

/** kp_processes_poll - take in what the kernel has reported; call it from time to time. */
void kp_processes_poll(struct kp_processes *p);

/**
 * kp_processes_map - note a mapping of executable bytes: @len at @start are those of the file
 * @path from @offset on.
 * @time: when it was made. Reports may come in any order: what is said later of the same
 *        address, by this time, counts
 */
void kp_processes_map(struct kp_processes *p, pid_t pid, uint64_t time, uint64_t start,
		      uint64_t len, uint64_t offset, const char *path);

/** kp_processes_fork - note that @child began at @time, with the mappings of @parent. */
void kp_processes_fork(struct kp_processes *p, pid_t parent, pid_t child, uint64_t time);

/** kp_processes_exec - note that @pid became another program at @time. */
void kp_processes_exec(struct kp_processes *p, pid_t pid, uint64_t time);

/** kp_processes_find - what @addr is in process @pid. */
void kp_processes_find(struct kp_processes *p, pid_t pid, uint64_t addr,
		       struct kp_user_symbol *sym);

#endif
