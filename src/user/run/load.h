/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * load - from a portable image to the load image of the running kernel: names of
 * probes and fields become numbers.
 */
#ifndef KP_RUN_LOAD_H
#define KP_RUN_LOAD_H

#include "args.h"
#include "event/event.h"
#include "util/buf.h"
#include "view.h"

struct kp_tracefs;

struct kp_load {
	struct kp_buf image;	 /* the load image */
	struct kp_events events; /* element i of EVNT is events.v[i]; trace_end comes after them */
};

#define KP_LOAD_INIT                        \
	{                                   \
		KP_BUF_INIT, KP_EVENTS_INIT \
	}

/**
 * kp_load_resolve - make the load image for the running kernel.
 * @l: what kp_load_free() later releases, also after a failure
 * @v: the portable image
 * @args: values for the options and arguments of the script; NULL: none
 * @t: closed; opened when the script names an event
 *
 * Says on standard error what is wrong. Returns 0; -EINVAL when the script cannot
 * run on this kernel; -EACCES without the privilege to look; -ENOMEM.
 */
int kp_load_resolve(struct kp_load *l, const struct kp_view *v, const struct kp_args *args,
		    struct kp_tracefs *t);

/**
 * kp_load_host - the same for the host VM: only trace_end is possible.
 *
 * A probe or a timer is -EINVAL, with a message.
 */
int kp_load_host(struct kp_load *l, const struct kp_view *v, const struct kp_args *args);

/**
 * kp_load_open_tracefs - open the tracefs of the running kernel, when it is not open.
 *
 * Says on standard error what is wrong. Returns 0; -EACCES without the privilege to
 * look; -EINVAL when this kernel has none.
 */
int kp_load_open_tracefs(struct kp_tracefs *t);

/** kp_load_free - release everything. */
void kp_load_free(struct kp_load *l);

#endif
