/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mapwatch - what the kernel reports of new mappings and processes, through perf.
 */
#ifndef KP_SYM_MAPWATCH_H
#define KP_SYM_MAPWATCH_H

#include <sys/types.h>

struct kp_mapwatch;
struct kp_processes;

/**
 * kp_mapwatch_new - begin to watch.
 * @to:  takes the mappings; outlives the result
 * @pid: this process and its descendants; 0: all
 *
 * Returns NULL where the kernel refuses.
 */
struct kp_mapwatch *kp_mapwatch_new(struct kp_processes *to, pid_t pid);

/** kp_mapwatch_free - end it; NULL is harmless. */
void kp_mapwatch_free(struct kp_mapwatch *w);

/** kp_mapwatch_poll - hand over what has been reported since the last call. */
void kp_mapwatch_poll(struct kp_mapwatch *w);

#endif
