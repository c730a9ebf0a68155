/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reach - which functions of a script handle the events of a probe, and what of them they use.
 */
#ifndef KP_RUN_REACH_H
#define KP_RUN_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include <ktap/bytecode.h>

struct kp_view;

struct kp_reach {
	const struct kp_view *v;
	uint32_t *funcs; /* that the last probe can reach */
	uint32_t nfuncs;
	uint32_t *stamp; /* by function: the last round that met it */
	uint32_t round;
	/*
	 * By instruction: 0, or all ones when an event that reaches it has the field it names,
	 * or 1 + number of an event that lacks it.
	 */
	uint32_t *site;
};

/** kp_reach_init - begin with the script @v. 0 or -ENOMEM; kp_reach_free() is due in any case. */
int kp_reach_init(struct kp_reach *r, const struct kp_view *v);

/** kp_reach_free - release what kp_reach_init() took. */
void kp_reach_free(struct kp_reach *r);

/**
 * kp_reach_probe - find the functions that the probe's filter and handler mention, at any depth.
 *
 * Only those can use the event: the compiler sees to it.
 */
void kp_reach_probe(struct kp_reach *r, const struct ktap_image_probe *probe);

/** kp_reach_uses - do these functions use fields of the event, or its text? */
void kp_reach_uses(const struct kp_reach *r, bool *fields, bool *argstr);

/**
 * kp_reach_note - note for each instruction of these functions that names a field whether an
 * event has it.
 * @has:   by field of the image: is it in one of the probe's events?
 * @event: number of the first of these
 */
void kp_reach_note(struct kp_reach *r, const bool *has, uint32_t event);

/**
 * kp_reach_missing - the first instruction that names a field which no event it handles has.
 * @pc, @event: receive the instruction and one of these events
 *
 * Returns false when there is none.
 */
bool kp_reach_missing(const struct kp_reach *r, uint32_t *pc, uint32_t *event);

#endif
