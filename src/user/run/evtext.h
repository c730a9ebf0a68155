/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * evtext - the text of an event, as the kernel's own trace file shows it after
 * the time stamp: "sys_close(fd: 3)", "sched_switch: prev_comm=...".
 *
 * One difference is wanted: where the kernel hashes a pointer (%p) we show it.
 */
#ifndef KP_RUN_EVTEXT_H
#define KP_RUN_EVTEXT_H

#include <stddef.h>

#include "util/buf.h"

struct kp_event;
struct kp_evtext;
struct kp_kallsyms;
struct kp_tracefs;

/**
 * kp_evtext_new - start making texts.
 * @t:       where formats are read from; must outlive the result
 * @symbols: for the addresses of functions, or NULL; must outlive the result
 * @release: of the kernel that made the events, such as "6.1.0-32-amd64"; NULL
 *           for the running one
 *
 * Returns NULL without memory.
 */
struct kp_evtext *kp_evtext_new(struct kp_tracefs *t, struct kp_kallsyms *symbols,
				const char *release);

/** kp_evtext_free - release it; NULL is harmless. */
void kp_evtext_free(struct kp_evtext *x);

/**
 * kp_evtext_put - append the text of one event, without a newline.
 * @ev:        the event; its format is loaded when it was not
 * @raw, @len: what the module recorded. Tracepoints: the raw record as perf gives
 *             it. System calls: __s64 number, then six __u64 arguments or the
 *             __s64 result
 * @cpu:       where it happened
 *
 * Returns 0 or -errno; a text such as "?" is appended even then.
 */
int kp_evtext_put(struct kp_evtext *x, struct kp_event *ev, const void *raw, size_t len, int cpu,
		  struct kp_buf *out);

#endif
