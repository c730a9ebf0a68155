/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * near - "did you mean": the closest of a stream of names.
 */
#ifndef KP_UTIL_NEAR_H
#define KP_UTIL_NEAR_H

#include <stddef.h>

#define KP_NEAR_MAX 128 /* longer names are never suggested */

struct kp_near {
	const char *want;
	size_t want_len;
	const char *best; /* closest so far, or NULL; points to what kp_near_try() got */
	size_t best_len;
	unsigned int distance;
};

/** kp_near_init - start a search for a name like @want (not copied). */
void kp_near_init(struct kp_near *n, const char *want, size_t len);

/**
 * kp_near_try - offer @name (not copied). It wins when its edit distance
 * (insert, delete, replace, swap neighbours) to the wanted name is the
 * smallest so far, not 0, and at most a third of the longer of both, so that
 * unrelated names are never suggested.
 */
void kp_near_try(struct kp_near *n, const char *name, size_t len);

#endif
