// SPDX-License-Identifier: GPL-2.0-only
#include "hash.h"

#include <string.h>

#define HASH_MIN 32

/* FNV-1a, 32 bits. */
static uint32_t hash_bytes(const char *key, size_t len)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)key[i]) * 16777619u;
	return hash;
}

void kp_hash_init(struct kp_hash *h, struct kp_arena *arena)
{
	*h = (struct kp_hash){ .arena = arena };
}

/* The slot of @key, or the free slot where it belongs; h->cap is not 0. */
static uint32_t *hash_slot(const struct kp_hash *h, const char *key, size_t len, uint32_t hash)
{
	size_t i = hash & (h->cap - 1);

	for (;; i = (i + 1) & (h->cap - 1)) {
		const struct kp_hash_entry *e;

		if (!h->slots[i])
			return &h->slots[i];
		e = &h->entries[h->slots[i] - 1];
		if (e->hash == hash && e->len == len && !memcmp(e->key, key, len))
			return &h->slots[i];
	}
}

static int hash_grow(struct kp_hash *h)
{
	size_t cap = h->cap ? h->cap * 2 : HASH_MIN, i;
	struct kp_hash_entry *entries = kp_arena_alloc(h->arena, cap / 2 * sizeof(*entries));
	uint32_t *slots = kp_arena_alloc(h->arena, cap * sizeof(*slots));

	if (!entries || !slots)
		return 0;
	if (h->len)
		memcpy(entries, h->entries, h->len * sizeof(*entries));
	h->entries = entries;
	h->slots = slots;
	h->cap = cap;
	for (i = 0; i < h->len; i++) {
		const struct kp_hash_entry *e = &entries[i];

		*hash_slot(h, e->key, e->len, e->hash) = (uint32_t)i + 1;
	}
	return 1;
}

void *kp_hash_get(const struct kp_hash *h, const char *key, size_t len)
{
	uint32_t *slot;

	if (!h->cap)
		return NULL;
	slot = hash_slot(h, key, len, hash_bytes(key, len));
	return *slot ? h->entries[*slot - 1].value : NULL;
}

void **kp_hash_at(struct kp_hash *h, const char *key, size_t len)
{
	uint32_t hash = hash_bytes(key, len);
	uint32_t *slot;

	if (h->cap) {
		slot = hash_slot(h, key, len, hash);
		if (*slot)
			return &h->entries[*slot - 1].value;
	}
	if (h->len == h->cap / 2 && !hash_grow(h))
		return NULL;
	slot = hash_slot(h, key, len, hash);
	h->entries[h->len] = (struct kp_hash_entry){ key, len, hash, NULL };
	*slot = (uint32_t)++h->len;
	return &h->entries[h->len - 1].value;
}

const struct kp_hash_entry *kp_hash_entry(const struct kp_hash *h, size_t i)
{
	return &h->entries[i];
}
