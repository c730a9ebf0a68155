// SPDX-License-Identifier: GPL-2.0-only
/* Walks over tables, and what is done with all pairs: merging and clearing. */
#include "shard.h"
#include "sort.h"

#define STEP	KP_SHARD_STEP

int kp_table_next(struct kp_ctx *ctx, struct kp_table *t, s64 *cursor,
		  struct kp_value *key, struct kp_value *val)
{
	struct kp_shard *sh = &t->common;
	s64 n = *cursor < 0 ? 0 : *cursor;
	unsigned long flags;
	int step, err, ret = 0;
	u32 need = 0;

	for (;;) {
		if (!kp_lock_irq(&sh->lock, &flags))
			return -EBUSY;
		for (step = 0; step < STEP && n < sh->top; step++, n++) {
			u32 at = t->sort ? kp_sort_node(t->sort, n) : n;
			/* bytecode may have emptied the copy that it walks over */
			struct kp_node *node = at < sh->top ? kp_shard_node(sh, at) : NULL;

			if (!node || node->key.type == KTAP_T_NIL) {
				ctx->budget--;	/* a walk over what was deleted is paid for, too */
				continue;
			}
			need = kp_slot_need(&node->key) + kp_slot_need(&node->val);
			if (need > kp_scratch_left(ctx)) {
				ret = -ENOSPC;
				break;
			}
			kp_slot_get(ctx, &node->key, key);
			kp_slot_get(ctx, &node->val, val);
			ctx->budget -= kp_ctx_steps(need);
			n++;
			ret = 1;
			break;
		}
		if (!ret && n >= sh->top)
			break;
		kp_unlock_irq(&sh->lock, flags);
		if (unlikely(ctx->budget < 0)) {
			err = kp_ctx_spent(ctx);
			if (err)
				return err;
		}
		if (ret == 1) {
			*cursor = n;
			return 1;
		}
		if (ret == -ENOSPC) {
			if (!kp_scratch_reserve(ctx, need))
				return -ENOSPC;
			ret = 0;
		}
	}
	kp_unlock_irq(&sh->lock, flags);
	*cursor = n;
	return 0;
}

/* ---- merging ---- */

/* Adds the value of one CPU's node to the common one.  Both locks are held. */
static void add_value(struct kp_value *to, const struct kp_value *from)
{
	if (from->type == KTAP_T_INT && to->type == KTAP_T_INT)
		to->i = (u64)to->i + (u64)from->i;
	else if (from->type == KTAP_T_AGG && to->type == KTAP_T_AGG)
		kp_agg_merge((struct ktap_agg *)to->s->data, (struct ktap_agg *)from->s->data);
	/* of two kinds under one key the one that came first stays */
}

/* The same for the pair, which leaves the shard of the CPU, and a hole there. */
static int move_node(struct kp_table *t, struct kp_shard *sh, struct kp_node *from, struct kp_todo *todo)
{
	struct kp_node *to = kp_shard_find(&t->common, from->hash, &from->key);

	if (to)
		add_value(&to->val, &from->val);
	else if (!kp_shard_adopt(t->vm, &t->common, from, todo))
		return -ENOMEM;
	kp_shard_unlink(t->vm, sh, from);
	return 0;
}

/* Merges the node of one CPU for a key, if there is one, or its node number n when key is NULL. */
static int merge_node(struct kp_ctx *ctx, struct kp_table *t, struct kp_shard *sh,
		      u32 hash, struct kp_value *key, u32 n)
{
	struct kp_todo todo = { 0 };
	struct kp_node *from;
	unsigned long flags;
	int err;

	do {
		err = 0;
		if (!kp_lock_irq(&sh->lock, &flags))
			return -EBUSY;
		if (key)
			from = kp_shard_find(sh, hash, key);
		else
			from = n < sh->top ? kp_shard_node(sh, n) : NULL;
		if (from && from->key.type != KTAP_T_NIL) {
			if (!kp_lock(&t->common.lock)) {
				err = -EBUSY;
			} else {
				err = move_node(t, sh, from, &todo);
				kp_unlock(&t->common.lock);
			}
			if (key && !err)
				kp_shard_fill(t->vm, sh, from);
		}
		kp_unlock_irq(&sh->lock, flags);
	} while (unlikely(err == -ENOMEM || todo.kick) && kp_slot_provide(ctx, t, &todo) && err);
	return err;
}

int kp_table_merge_key(struct kp_ctx *ctx, struct kp_table *t, u32 hash, struct kp_value *key)
{
	int err = 0;
	u32 c;

	for (c = 0; c < t->ncpus && !err; c++) {
		ctx->budget--;
		if (t->cpu[c])
			err = merge_node(ctx, t, t->cpu[c], hash, key, 0);
	}
	return err;
}

/* Closes the holes below node n, the last ones first: so what fills a hole is not one. */
static void fill_holes(struct kp_vm *vm, struct kp_shard *sh, u32 n)
{
	struct kp_node *node;
	unsigned long flags;
	u32 step;

	do {
		flags = kp_lock_process(&sh->lock);
		for (step = 0; step < STEP && n; step++) {
			node = --n < sh->top ? kp_shard_node(sh, n) : NULL;
			if (node && node->key.type == KTAP_T_NIL)
				kp_shard_fill(vm, sh, node);
		}
		if (!n)
			kp_shard_trim(vm, sh);
		kp_unlock_irq(&sh->lock, flags);
		kp_port_yield();
	} while (n);
}

/*
 * Pairs keep the order in which they came.  Those that come meanwhile may stay; a handler that
 * deletes one meanwhile moves the last to its place, which may then stay, too, and is not lost.
 */
static int merge_shard(struct kp_ctx *ctx, struct kp_table *t, struct kp_shard *sh)
{
	u32 top = READ_ONCE(sh->top), n;
	int err;

	do {
		err = 0;
		for (n = 0; n < top; n++) {
			err = merge_node(ctx, t, sh, 0, NULL, n);
			if (err)
				break;
			if (n % STEP == 0)
				kp_port_yield();
		}
		fill_holes(t->vm, sh, n);
		/* memory is used up: what was moved has left some, so the rest can follow, in another order */
		top -= n;
	} while (err == -ENOMEM && n);
	return err;
}

int kp_table_merge(struct kp_ctx *ctx, struct kp_table *t)
{
	u64 n = READ_ONCE(t->common.top);
	int err = 0;
	u32 c;

	if (!t->ncpus)
		return 0;
	for (c = 0; c < t->ncpus; c++)
		if (t->cpu[c])
			n += READ_ONCE(t->cpu[c]->live);
	kp_port_mutex_lock(&t->vm->tables_mutex);
	/* before nodes take what memory is left; when there is none the merge may fail, and says so */
	kp_shard_expect(t->vm, &t->common, n);
	kp_port_mutex_unlock(&t->vm->tables_mutex);
	for (c = 0; c < t->ncpus && !err; c++)
		if (t->cpu[c])
			err = merge_shard(ctx, t, t->cpu[c]);
	kp_port_mutex_lock(&t->vm->tables_mutex);
	for (c = 0; c < t->ncpus; c++)
		if (t->cpu[c])
			kp_shard_shrink(t->vm, t->cpu[c]);
	kp_port_mutex_unlock(&t->vm->tables_mutex);
	return err;
}

s64 kp_table_len(struct kp_table *t)
{
	return READ_ONCE(t->common.live);
}

/* From the last node down, for the same reason; new ones may stay. */
static int shard_clear(struct kp_ctx *ctx, struct kp_shard *sh)
{
	u32 n = READ_ONCE(sh->top), cost = n < STEP ? n : STEP, step;
	struct kp_node *node;
	unsigned long flags;
	bool done = false;
	int err;

	while (!done) {
		err = kp_ctx_charge(ctx, cost);
		if (err)
			return err;
		if (!kp_lock_irq(&sh->lock, &flags))
			return -EBUSY;
		for (step = 0; step < STEP && n; step++) {
			node = --n < sh->top ? kp_shard_node(sh, n) : NULL;
			if (node && node->key.type != KTAP_T_NIL)
				kp_shard_remove(ctx->vm, sh, node);
		}
		done = !n && (sh->live || kp_shard_reset(ctx->vm, sh));
		kp_unlock_irq(&sh->lock, flags);
		/* behind the nodes there may be segments */
		cost = n && n < STEP ? n : STEP;
	}
	return 0;
}

int kp_table_clear(struct kp_ctx *ctx, struct kp_table *t)
{
	int err = 0;
	u32 c;

	for (c = 0; c < t->ncpus && !err; c++)
		if (t->cpu[c])
			err = shard_clear(ctx, t->cpu[c]);
	return err ? err : shard_clear(ctx, &t->common);
}
