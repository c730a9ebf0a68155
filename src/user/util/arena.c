// SPDX-License-Identifier: GPL-2.0-only
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK 16384

struct kp_arena_block {
	struct kp_arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char data[];
};

static struct kp_arena_block *arena_grow(struct kp_arena *a, size_t size)
{
	size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
	struct kp_arena_block *block;

	if (room > SIZE_MAX - sizeof(*block))
		return NULL;
	block = malloc(sizeof(*block) + room);
	if (!block)
		return NULL;
	block->next = a->block;
	block->used = 0;
	block->size = room;
	a->block = block;
	return block;
}

void *kp_arena_alloc(struct kp_arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct kp_arena_block *block = a->block;
	void *p;

	if (size > SIZE_MAX - align)
		return NULL;
	size = (size + align - 1) / align * align;
	if (!block || block->size - block->used < size)
		block = arena_grow(a, size);
	if (!block)
		return NULL;
	p = block->data + block->used;
	block->used += size;
	return memset(p, 0, size);
}

void kp_arena_free(struct kp_arena *a)
{
	struct kp_arena_block *block = a->block, *next;

	for (; block; block = next) {
		next = block->next;
		free(block);
	}
	a->block = NULL;
}
