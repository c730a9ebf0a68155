/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * render - records of a script as output, whichever VM made them.
 */
#ifndef KP_RUN_RENDER_H
#define KP_RUN_RENDER_H

#include <stdbool.h>
#include <sys/types.h>

#include <ktap/record.h>

#include "format.h"
#include "hist.h"
#include "merge.h"
#include "output.h"
#include "session.h"
#include "view.h"

struct kp_evtext;
struct kp_events;
struct kp_kallsyms;
struct kp_tracefs;

struct kp_render {
	const struct kp_view *view; /* for the places of warnings */
	struct kp_events *events;   /* by number; NULL when there are none */
	struct kp_tracefs *tracefs; /* where their formats are */
	struct kp_evtext *evtext;   /* made when the first event is shown */
	const struct kp_output *output;
	struct kp_format format;
	int64_t chart; /* serial number of the chart that is being collected */
	struct kp_hist hist;
	struct kp_merge merge; /* the pairs of that chart whose keys are texts of events */
	bool failed;	       /* the script printed what cannot be formatted: it should end */
};

/**
 * kp_render_init - prepare @r.
 * @events, @tracefs: of the events that the script handles; NULL when there are none
 * @opts:             the form of the output
 */
void kp_render_init(struct kp_render *r, const struct kp_view *view, struct kp_events *events,
		    struct kp_tracefs *tracefs, const struct kp_session_opts *opts);

/**
 * kp_render_watch - have the stacks of processes understood also when these have ended: of @pid and
 * its descendants, or with 0 of all. Does nothing when the script never asks for such.
 */
void kp_render_watch(struct kp_render *r, pid_t pid);

/** kp_render_poll - take in what is known of processes; call it from time to time. */
void kp_render_poll(struct kp_render *r);

/**
 * kp_render_record - append to @out what a record shows; warnings go to standard error.
 *
 * Records come in the order of their times.
 */
void kp_render_record(struct kp_render *r, const struct ktap_record *rec, struct kp_buf *out);

/** kp_render_free - release everything. */
void kp_render_free(struct kp_render *r);

#endif
