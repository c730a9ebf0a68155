/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arena - memory that is freed all at once.
 *
 * Everything one compilation makes lives in one arena, so no error path has
 * anything to undo but the arena itself.
 */
#ifndef KP_UTIL_ARENA_H
#define KP_UTIL_ARENA_H

#include <stddef.h>

struct kp_arena_block;

struct kp_arena {
	struct kp_arena_block *block; /* newest first */
};

#define KP_ARENA_INIT \
	{             \
		NULL  \
	}

/** kp_arena_alloc - @size zeroed bytes, aligned for any type; NULL without memory. */
void *kp_arena_alloc(struct kp_arena *a, size_t size);

/** kp_arena_free - release everything; the arena is empty and usable again. */
void kp_arena_free(struct kp_arena *a);

#endif
