// SPDX-License-Identifier: GPL-2.0-only
/* The quick ways to tables: they call nothing, so they cost little before they find out that they must not go on. */
#include "shard.h"

#define SHORT_KEY	64	/* bytes; what longer ones cost is paid for */

/* A key that costs little to look up, and its hash. */
static __always_inline bool quick_key(const struct kp_vm *vm, struct kp_value *key, u32 *hash)
{
	if (likely(key->type == KTAP_T_INT))
		*hash = kp_hash_int(vm, key->i);
	else if (likely(kp_value_is_bytes(key) && key->s->len <= SHORT_KEY))
		*hash = kp_str_hash(key->s, vm->seed);
	else
		return false;
	return true;
}

static __always_inline struct kp_node *quick_find(struct kp_node *chain, u32 hash, const struct kp_value *key)
{
	return key->type == KTAP_T_INT ? kp_chain_find_int(chain, key->i) : kp_chain_find_bytes(chain, hash, key);
}

/* Reads a slot whose lock is held, if there is room for its bytes. */
static __always_inline bool quick_get(struct kp_ctx *ctx, const struct kp_value *slot, struct kp_value *out)
{
	u32 need;

	if (kp_value_is_plain(slot)) {
		*out = *slot;
		return true;
	}
	need = kp_slot_need(slot);
	if (unlikely(need > SHORT_KEY + kp_str_size(0)) || unlikely(need > kp_scratch_left(ctx)))
		return false;
	kp_slot_get(ctx, slot, out);
	return true;
}

bool kp_table_get_quick(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, struct kp_value *out)
{
	struct kp_shard *sh = &t->common;
	struct kp_node *node;
	unsigned long flags;
	bool done = false;
	u32 hash;

	if (unlikely(t->ncpus || !quick_key(ctx->vm, key, &hash)))
		return false;
	flags = kp_port_irq_save();
	if (kp_trylock(&sh->lock)) {
		node = quick_find(*kp_shard_bucket(sh, hash), hash, key);
		done = likely(node) && quick_get(ctx, &node->val, out);
		kp_unlock(&sh->lock);
	}
	kp_port_irq_restore(flags);
	return done;
}

/* A new node for a number that nothing must be made for; NULL: there is none. */
static __always_inline struct kp_node *quick_insert(struct kp_shard *sh, struct kp_node **bucket, u32 hash,
						    const struct kp_value *key)
{
	struct kp_node *node = sh->fresh;

	if (key->type != KTAP_T_INT || sh->free || unlikely(sh->live >= sh->limit || node == sh->fresh_end))
		return NULL;
	sh->fresh = node + 1;
	sh->top++;
	node->key = *key;
	kp_shard_link(sh, bucket, node, hash);
	return node;
}

bool kp_table_set_quick(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, const struct kp_value *val)
{
	struct kp_shard *sh = &t->common;
	struct kp_node *node, **bucket;
	unsigned long flags;
	bool done = false;
	u32 hash;

	if (unlikely(t->ncpus || !kp_value_is_plain(val) || val->type == KTAP_T_NIL))
		return false;
	if (unlikely(!quick_key(ctx->vm, key, &hash)))
		return false;
	flags = kp_port_irq_save();
	if (kp_trylock(&sh->lock)) {
		bucket = kp_shard_bucket(sh, hash);
		node = quick_find(*bucket, hash, key);
		if (!node)
			node = quick_insert(sh, bucket, hash, key);
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

bool kp_table_add_quick(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n)
{
	struct kp_shard *sh;
	struct kp_node *node;
	unsigned long flags;
	bool done = false;
	u32 hash;

	if (unlikely(!quick_key(ctx->vm, key, &hash)))
		return false;
	flags = kp_port_irq_save();
	sh = kp_table_shard(t);
	if (kp_trylock(&sh->lock)) {
		node = quick_find(*kp_shard_bucket(sh, hash), hash, key);
		if (likely(node && node->val.type == KTAP_T_INT)) {
			node->val.i = (u64)node->val.i + (u64)n;
			done = true;
		}
		kp_unlock(&sh->lock);
	}
	kp_port_irq_restore(flags);
	return done;
}
