/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loadimg - a load image (uapi/ktap/bytecode.h) as it is put together: a portable image and what
 * the names in it stand for on this machine.
 */
#ifndef KP_RUN_LOADIMG_H
#define KP_RUN_LOADIMG_H

#include <stdint.h>

#include <ktap/bytecode.h>

#include "util/buf.h"

struct kp_args;
struct kp_view;

/* The sections that are new. What cannot be had is remembered until kp_loadimg_put(). */
struct kp_loadimg {
	struct kp_buf names;  /* ESTR */
	struct kp_buf events; /* EVNT */
	struct kp_buf fields; /* FDSC */
	struct kp_buf values; /* ARGS */
	uint32_t nnames, nevents, nvalues;
};

/** kp_loadimg_event - add an event of probe @probe; what @id means depends on @kind. */
void kp_loadimg_event(struct kp_loadimg *l, uint32_t probe, enum ktap_event_kind kind, uint64_t id,
		      const char *name);

/** kp_loadimg_field - add where the event added last has the next field that the script uses. */
void kp_loadimg_field(struct kp_loadimg *l, struct ktap_image_fdesc d);

/** kp_loadimg_args - add the values of options and arguments. */
void kp_loadimg_args(struct kp_loadimg *l, const struct kp_args *args);

/** kp_loadimg_put - append the load image made of @v to @b. Returns 0 or -ENOMEM. */
int kp_loadimg_put(const struct kp_loadimg *l, const struct kp_view *v, struct kp_buf *b);

/** kp_loadimg_free - release all of it; what is all zero needs none. */
void kp_loadimg_free(struct kp_loadimg *l);

#endif
