/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shards of tables: finding, adding and removing nodes.  All of this is called with the shard
 * locked and interrupts off, unless it says otherwise.
 */
#ifndef KP_SHARD_H
#define KP_SHARD_H

#include "slot.h"

#define KP_SHARD_STEP	64	/* buckets, nodes or segments handled while a lock is held */

#define KP_POOL_DIRS	6	/* handlers take these directories from the pool, the others are made ahead */

static inline size_t kp_dir_size(u32 k)
{
	return sizeof(struct kp_node *) << k;
}

/* grow.c */

/* Makes an empty shard: one with room for hint pairs, or (cpu) one of a CPU.  Process context.  0 or -ENOMEM. */
int kp_shard_init(struct kp_vm *vm, struct kp_shard *sh, u32 hint, bool cpu);

/* Frees the memory of a shard, but not the bytes its pairs hold.  Process context, nobody else uses it. */
void kp_shard_free(struct kp_vm *vm, struct kp_shard *sh);

/* Adds buckets if they were asked for.  Process context, no lock held. */
void kp_shard_grow(struct kp_vm *vm, struct kp_shard *sh);

/*
 * Makes the directories that n nodes take; false: no memory.  Process context, no lock held, under
 * vm->tables_mutex or while nobody else uses the shard.
 */
bool kp_shard_expect(struct kp_vm *vm, struct kp_shard *sh, u64 n);

/* Gives back the buckets of a CPU's shard that is about empty.  Process context, no lock held. */
void kp_shard_shrink(struct kp_vm *vm, struct kp_shard *sh);

/* shard.c */

/*
 * Room for about n nodes in segments: a table that is made so large.  Process context, nobody else
 * uses it.  0 or -ENOMEM.
 */
int kp_shard_reserve(struct kp_vm *vm, struct kp_shard *sh, u32 n);

/* A new node with that key, and nil for its value; NULL: todo says what is missing. */
struct kp_node *kp_shard_insert(struct kp_vm *vm, struct kp_shard *sh, u32 hash,
				struct kp_value *key, struct kp_todo *todo);

/* A new node that takes key and value of `from`, bytes and all: these are nil afterwards.  NULL as above. */
struct kp_node *kp_shard_adopt(struct kp_vm *vm, struct kp_shard *sh, struct kp_node *from, struct kp_todo *todo);

/*
 * Removes a node of a CPU's shard, with the bytes of its key and value, in two steps: the node
 * becomes a hole, a free one in no list; then the last one takes its place, and segments that
 * are not needed any more go back.
 */
void kp_shard_unlink(struct kp_vm *vm, struct kp_shard *sh, struct kp_node *node);
void kp_shard_fill(struct kp_vm *vm, struct kp_shard *sh, struct kp_node *hole);

/* Gives back all segments of a CPU's shard that are not needed; kp_shard_fill() leaves it one. */
void kp_shard_trim(struct kp_vm *vm, struct kp_shard *sh);

/* Removes a node at once. */
void kp_shard_remove(struct kp_vm *vm, struct kp_shard *sh, struct kp_node *node);

/*
 * Of an empty shard: starts over in the order of insertion, and gives segments back.  Does so only for
 * KP_SHARD_STEP segments: false when there are more.
 */
bool kp_shard_reset(struct kp_vm *vm, struct kp_shard *sh);

static __always_inline struct kp_node **kp_shard_bucket(const struct kp_shard *sh, u32 hash)
{
	if (unlikely(sh->old_buckets) && (u64)hash >> sh->old_down >= sh->split)
		return &sh->old_buckets[(u64)hash >> sh->old_down];
	return &sh->buckets[(u64)hash >> sh->down];
}

/* kp_key_hash() for what is neither bytes nor a number. */
u32 kp_key_hash_other(const struct kp_vm *vm, const struct kp_value *key);

/*
 * Whoever chooses numbers that are keys knows nothing of the factor, which is odd and random.  So two of
 * them share a bucket no more often than chance has it: the upper bits of the product say which one.
 */
static __always_inline u32 kp_hash_int(const struct kp_vm *vm, s64 i)
{
	return (u64)i * vm->factor >> 32;
}

/* The hash of a key; any context, no lock held. */
static __always_inline u32 kp_key_hash(const struct kp_vm *vm, struct kp_value *key)
{
	if (likely(key->type == KTAP_T_INT))
		return kp_hash_int(vm, key->i);
	if (kp_value_is_bytes(key))
		return kp_str_hash(key->s, vm->seed);
	return kp_key_hash_other(vm, key);
}

/* The node of a chain, which begins with this one, that has a key; or NULL. */
static __always_inline struct kp_node *kp_chain_find_int(struct kp_node *node, s64 i)
{
	for (; node; node = node->next)
		if (node->key.i == i && likely(node->key.type == KTAP_T_INT))
			break;
	return node;
}

static __always_inline struct kp_node *kp_chain_find_bytes(struct kp_node *node, u32 hash, const struct kp_value *key)
{
	for (; node; node = node->next)
		if (node->hash == hash && kp_value_equal_bytes(&node->key, key))
			break;
	return node;
}

/* The node of a shard that has a key, or NULL. */
static __always_inline struct kp_node *kp_shard_find(const struct kp_shard *sh, u32 hash, const struct kp_value *key)
{
	struct kp_node *node = *kp_shard_bucket(sh, hash);

	if (key->type == KTAP_T_INT)
		return kp_chain_find_int(node, key->i);
	if (kp_value_is_bytes(key))
		return kp_chain_find_bytes(node, hash, key);
	for (; node; node = node->next)
		if (kp_value_equal(&node->key, key))
			break;
	return node;
}

/* The shard of a table that this CPU adds to.  Interrupts are off; nothing is locked. */
static __always_inline struct kp_shard *kp_table_shard(struct kp_table *t)
{
	return unlikely(t->ncpus) ? t->cpu[kp_port_cpu()] : &t->common;
}

/*
 * Moves what the CPUs have for a key into the common shard, which costs a step for each: 0, -EBUSY, or
 * -ENOMEM.  Any context, nothing is locked.
 */
int kp_table_merge_key(struct kp_ctx *ctx, struct kp_table *t, u32 hash, struct kp_value *key);

/* Puts a node that is not in use yet, the next one in line, into the chain of its bucket. */
static __always_inline void kp_shard_link(struct kp_shard *sh, struct kp_node **bucket, struct kp_node *node, u32 hash)
{
	node->hash = hash;
	node->next = *bucket;
	*bucket = node;
	sh->live++;
}

#endif
