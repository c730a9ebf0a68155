/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * merge - pairs whose keys hold texts of events, or times.
 *
 * In the kernel such a key is the record of the event, or a time and its format, as only user
 * space makes texts of them. So several keys of a table may have the same text: they are one
 * row of its chart.
 */
#ifndef KP_RUN_MERGE_H
#define KP_RUN_MERGE_H

#include <stdbool.h>
#include <stddef.h>

#include "format.h"
#include "util/arena.h"
#include "util/hash.h"

struct kp_merge {
	struct kp_arena arena;
	struct kp_hash rows; /* key to its row */
};

/** kp_merge_init - make @m empty. */
void kp_merge_init(struct kp_merge *m);

/** kp_merge_free - release everything and make @m empty. */
void kp_merge_free(struct kp_merge *m);

/** kp_merge_wants - does @key hold the text of an event, or a time? */
bool kp_merge_wants(const struct kp_val *key);

/**
 * kp_merge_add - add a pair: to the number or the aggregate of the same key, when there was one.
 * @f: makes the texts
 *
 * Returns 0 or -ENOMEM.
 */
int kp_merge_add(struct kp_merge *m, const struct kp_format *f, const struct kp_val *key,
		 const struct kp_val *value);

/**
 * kp_merge_get - row @i of @m->rows.len, in the order they came. Its key has strings where those
 * that were added had events and times.
 */
void kp_merge_get(const struct kp_merge *m, size_t i, struct kp_val *key, struct kp_val *value);

#endif
