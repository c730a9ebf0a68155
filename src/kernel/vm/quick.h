/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The quick ways to tables, for the usual case: a key that is a number or short, a lock that is free, a shard
 * whose buckets are all there is to look into.  They return true when it is done; else nothing has
 * happened, and the ways of table.h are for it.  Any context.
 *
 * All of this is part of the loop that runs instructions, as a call would be a good part of what it costs, and
 * there twice, for keys that are numbers and for other ones, so that nothing is asked twice.
 */
#ifndef KP_QUICK_H
#define KP_QUICK_H

#include "shard.h"

struct kp_quick {
	bool number;		/* known when this is compiled */
	u32 hash;
	struct kp_value key;
};

/* A key whose hash costs little, and which is a number if so it says. */
static __always_inline bool kp_quick_key(struct kp_quick *q, const struct kp_vm *vm, const struct kp_value *key,
					 bool number)
{
	q->number = number;
	q->key = *key;
	if (number)
		q->hash = kp_hash_int(vm, q->key.i);
	else if (likely(kp_value_is_bytes(&q->key) && q->key.s->len <= KP_SLOT_SHORT))
		q->hash = kp_str_hash(q->key.s, vm->seed);
	else
		return false;
	return true;
}

/* Locks a shard, if that can be done at once and its buckets tell all.  Interrupts are off. */
static __always_inline bool kp_quick_lock(struct kp_shard *sh)
{
	if (!kp_trylock(&sh->lock))
		return false;
	if (likely(!sh->detour))
		return true;
	kp_unlock(&sh->lock);
	return false;
}

static __always_inline struct kp_node **kp_quick_bucket(const struct kp_shard *sh, const struct kp_quick *q)
{
	return &sh->buckets[(u64)q->hash >> sh->down];
}

/* The node of a chain that has the key; NULL: there is none, or it is behind another one of the same hash. */
static __always_inline struct kp_node *kp_quick_find(struct kp_node *node, const struct kp_quick *q)
{
	if (q->number)
		return kp_chain_find_int(node, q->key.i);
	while (node && node->hash != q->hash)
		node = node->next;
	return likely(node && kp_value_equal_bytes(&node->key, &q->key)) ? node : NULL;
}

/* A new node for a number that nothing must be made for; or NULL. */
static __always_inline struct kp_node *kp_quick_insert(struct kp_shard *sh, struct kp_node **bucket,
						       const struct kp_quick *q)
{
	struct kp_node *node = sh->fresh;

	if (!q->number || sh->free || unlikely(sh->live >= sh->limit || node == sh->fresh_end))
		return NULL;
	sh->fresh = node + 1;
	sh->top++;
	kp_value_int(&node->key, q->key.i);
	kp_shard_link(sh, bucket, node, q->hash);
	return node;
}

static __always_inline bool kp_quick_get_as(struct kp_ctx *ctx, struct kp_table *t, const struct kp_value *key,
					    struct kp_value *out, bool number)
{
	struct kp_shard *sh = &t->common;
	struct kp_node *node;
	unsigned long flags;
	struct kp_quick q;
	bool done = false;

	if (unlikely(!kp_quick_key(&q, ctx->vm, key, number)))
		return false;
	flags = kp_port_irq_save();
	if (kp_quick_lock(sh)) {
		node = kp_quick_find(*kp_quick_bucket(sh, &q), &q);
		done = likely(node) && kp_slot_get_short(ctx, &node->val, out);
		kp_unlock(&sh->lock);
	}
	kp_port_irq_restore(flags);
	return done;
}

/* *out = t[key], when that is short and not nil. */
static __always_inline bool kp_quick_get(struct kp_ctx *ctx, struct kp_table *t, const struct kp_value *key,
					 struct kp_value *out)
{
	if (likely(key->type == KTAP_T_INT))
		return kp_quick_get_as(ctx, t, key, out, true);
	return kp_quick_get_as(ctx, t, key, out, false);
}

static __always_inline bool kp_quick_set_as(struct kp_ctx *ctx, struct kp_table *t, const struct kp_value *key,
					    const struct kp_value *val, bool number)
{
	struct kp_shard *sh = &t->common;
	struct kp_node *node, **bucket;
	unsigned long flags;
	struct kp_quick q;
	bool done = false;

	if (unlikely(!kp_quick_key(&q, ctx->vm, key, number)))
		return false;
	flags = kp_port_irq_save();
	if (kp_quick_lock(sh)) {
		bucket = kp_quick_bucket(sh, &q);
		node = kp_quick_find(*bucket, &q);
		if (!node)
			node = kp_quick_insert(sh, bucket, &q);
		else if (!kp_value_is_plain(&node->val))
			node = NULL;
		if (node) {
			node->val = *val;
			done = true;
		}
		kp_unlock(&sh->lock);
	}
	kp_port_irq_restore(flags);
	return done;
}

/* t[key] = val: a number or the like that replaces such a one, or whose key is a new number. */
static __always_inline bool kp_quick_set(struct kp_ctx *ctx, struct kp_table *t, const struct kp_value *key,
					 const struct kp_value *val)
{
	if (unlikely(!kp_value_is_plain(val) || val->type == KTAP_T_NIL))
		return false;
	if (likely(key->type == KTAP_T_INT))
		return kp_quick_set_as(ctx, t, key, val, true);
	return kp_quick_set_as(ctx, t, key, val, false);
}

static __always_inline bool kp_quick_add_as(struct kp_ctx *ctx, struct kp_table *t, const struct kp_value *key, s64 n,
					    bool number)
{
	struct kp_shard *sh;
	struct kp_node *node;
	unsigned long flags;
	struct kp_quick q;
	bool done = false;

	if (unlikely(!kp_quick_key(&q, ctx->vm, key, number)))
		return false;
	flags = kp_port_irq_save();
	sh = kp_table_shard(t);
	if (kp_quick_lock(sh)) {
		node = kp_quick_find(*kp_quick_bucket(sh, &q), &q);
		if (likely(node && node->val.type == KTAP_T_INT)) {
			node->val.i = (u64)node->val.i + (u64)n;
			done = true;
		}
		kp_unlock(&sh->lock);
	}
	kp_port_irq_restore(flags);
	return done;
}

/* t[key] += n, to an element that is an integer. */
static __always_inline bool kp_quick_add(struct kp_ctx *ctx, struct kp_table *t, const struct kp_value *key, s64 n)
{
	if (likely(key->type == KTAP_T_INT))
		return kp_quick_add_as(ctx, t, key, n, true);
	return kp_quick_add_as(ctx, t, key, n, false);
}

#endif
