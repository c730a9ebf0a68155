/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hash - a map from byte strings to pointers.
 *
 * Keys are not copied: they live as long as the map does. Memory comes from an
 * arena, so there is no free function. Walk it in insertion order with
 * kp_hash_entry(), which keeps every output made from a map reproducible.
 */
#ifndef KP_UTIL_HASH_H
#define KP_UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct kp_hash_entry {
	const char *key;
	size_t len;
	uint32_t hash;
	void *value;
};

struct kp_hash {
	struct kp_arena *arena;
	struct kp_hash_entry *entries; /* in insertion order */
	uint32_t *slots;	       /* entry number + 1, 0 = free */
	size_t len;
	size_t cap; /* slots, a power of two; at most half are used */
};

/** kp_hash_init - make @h empty; its memory will come from @arena. */
void kp_hash_init(struct kp_hash *h, struct kp_arena *arena);

/** kp_hash_get - the value stored for @key, or NULL. */
void *kp_hash_get(const struct kp_hash *h, const char *key, size_t len);

/**
 * kp_hash_at - the place of the value for @key, made (as NULL) when missing.
 * Valid until the next kp_hash_at(). Returns NULL without memory.
 */
void **kp_hash_at(struct kp_hash *h, const char *key, size_t len);

/** kp_hash_entry - entry number @i of @h->len in insertion order. */
const struct kp_hash_entry *kp_hash_entry(const struct kp_hash *h, size_t i);

#endif
