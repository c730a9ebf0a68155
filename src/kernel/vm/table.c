// SPDX-License-Identifier: GPL-2.0-only
#include "shard.h"
#include "sort.h"

#define SMALL	16	/* pairs that there is room for from the start, unless their number is known */

/* ---- making and freeing ---- */

struct kp_table *kp_table_new(struct kp_vm *vm, u32 flags, u32 hint)
{
	struct kp_table *t = kp_pool_alloc(&vm->pool, sizeof(*t));
	u32 cpus = kp_port_cpus(), c;

	if (!t)
		return NULL;
	t->vm = vm;
	t->flags = flags;
	if (!(flags & KTAP_TABLE_FIXED) && hint < SMALL)
		hint = SMALL;
	if (kp_shard_init(vm, &t->common, hint, false))
		goto fail;
	if (flags & KTAP_TABLE_PERCPU) {
		t->cpu = kp_pool_alloc(&vm->pool, cpus * sizeof(*t->cpu));
		if (!t->cpu)
			goto fail;
		t->ncpus = cpus;
		t->common.detour = 1;
		for (c = 0; c < cpus; c++) {
			if (!kp_port_cpu_possible(c))
				continue;
			t->cpu[c] = kp_pool_alloc(&vm->pool, sizeof(struct kp_shard));
			if (!t->cpu[c] || kp_shard_init(vm, t->cpu[c], 0, true))
				goto fail;
		}
	}
	kp_port_mutex_lock(&vm->tables_mutex);
	t->serial = ++vm->next_serial;
	t->next = vm->tables;
	vm->tables = t;
	vm->tables_made++;
	kp_port_mutex_unlock(&vm->tables_mutex);
	return t;
fail:
	kp_table_free(t);
	return NULL;
}

void kp_table_free(struct kp_table *t)
{
	struct kp_vm *vm = t->vm;
	u32 c;

	for (c = 0; c < t->ncpus; c++) {
		if (!t->cpu[c])
			continue;
		kp_shard_free(vm, t->cpu[c]);
		kp_pool_free(&vm->pool, t->cpu[c], sizeof(struct kp_shard));
	}
	kp_pool_free(&vm->pool, t->cpu, t->ncpus * sizeof(*t->cpu));
	kp_sort_free(vm, t->sort);
	kp_shard_free(vm, &t->common);
	kp_pool_free(&vm->pool, t, sizeof(*t));
}

/* Gives back the bytes of a shard that nobody uses any more. */
static void shard_drop(struct kp_vm *vm, struct kp_shard *sh)
{
	unsigned long flags;
	u32 n;

	for (n = 0; n < sh->top; n++) {
		flags = kp_port_irq_save();
		kp_slot_drop(vm, &kp_shard_node(sh, n)->key);
		kp_slot_drop(vm, &kp_shard_node(sh, n)->val);
		kp_port_irq_restore(flags);
		if (n % KP_SHARD_STEP == 0)
			kp_port_yield();
	}
}

void kp_table_drop(struct kp_table *t)
{
	u32 c;

	shard_drop(t->vm, &t->common);
	for (c = 0; c < t->ncpus; c++)
		if (t->cpu[c])
			shard_drop(t->vm, t->cpu[c]);
	kp_table_free(t);
}

void kp_table_grow(struct kp_table *t)
{
	u32 c;

	kp_shard_grow(t->vm, &t->common);
	for (c = 0; c < t->ncpus; c++)
		if (t->cpu[c])
			kp_shard_grow(t->vm, t->cpu[c]);
}

/* ---- access ---- */

/* Reads the value of a key from one shard: nil when there is none. */
static int shard_get(struct kp_ctx *ctx, struct kp_shard *sh, u32 hash,
		     struct kp_value *key, struct kp_value *out)
{
	struct kp_node *node;
	unsigned long flags;
	u32 need;

	for (;;) {
		if (!kp_lock_irq(&sh->lock, &flags))
			return -EBUSY;
		node = kp_shard_find(sh, hash, key);
		need = node ? kp_slot_need(&node->val) : 0;
		if (likely(need <= kp_scratch_left(ctx))) {
			if (node)
				kp_slot_get(ctx, &node->val, out);
			else
				kp_value_nil(out);
			kp_unlock_irq(&sh->lock, flags);
			ctx->budget -= kp_ctx_steps(need);
			return kp_slot_paid(ctx);
		}
		kp_unlock_irq(&sh->lock, flags);
		if (!kp_scratch_reserve(ctx, need))
			return -ENOSPC;
	}
}

int kp_table_get(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, struct kp_value *out)
{
	u32 hash;
	int err;

	if (key->type == KTAP_T_NIL) {
		kp_value_nil(out);
		return 0;
	}
	kp_slot_pay(ctx, key);
	hash = kp_key_hash(ctx->vm, key);
	err = kp_table_merge_key(ctx, t, hash, key);
	if (unlikely(err)) {
		/* a handler goes on when there was no room to merge */
		kp_value_nil(out);
		return err;
	}
	return shard_get(ctx, &t->common, hash, key, out);
}

/* Whether one shard has a key. */
static int shard_has(struct kp_shard *sh, u32 hash, const struct kp_value *key, bool *has)
{
	unsigned long flags;

	if (!kp_lock_irq(&sh->lock, &flags))
		return -EBUSY;
	*has = kp_shard_find(sh, hash, key);
	kp_unlock_irq(&sh->lock, flags);
	return 0;
}

int kp_table_has(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, bool *has)
{
	int err = 0;
	u32 hash, c;

	*has = false;
	if (key->type == KTAP_T_NIL)
		return 0;
	kp_slot_pay(ctx, key);
	hash = kp_key_hash(ctx->vm, key);
	/* pairs move from the shards of CPUs to the common one: in this order none is missed */
	for (c = 0; c < t->ncpus && !err && !*has; c++) {
		ctx->budget--;
		if (t->cpu[c])
			err = shard_has(t->cpu[c], hash, key, has);
	}
	if (!err && !*has)
		err = shard_has(&t->common, hash, key, has);
	return err ? err : kp_slot_paid(ctx);
}

/* Deletes what the CPUs have for a key. */
static int cpus_forget(struct kp_ctx *ctx, struct kp_table *t, u32 hash, struct kp_value *key)
{
	struct kp_node *node;
	unsigned long flags;
	u32 c;

	for (c = 0; c < t->ncpus; c++) {
		struct kp_shard *sh = t->cpu[c];

		ctx->budget--;
		if (!sh)
			continue;
		if (!kp_lock_irq(&sh->lock, &flags))
			return -EBUSY;
		node = kp_shard_find(sh, hash, key);
		if (node)
			kp_shard_remove(t->vm, sh, node);
		kp_unlock_irq(&sh->lock, flags);
	}
	return 0;
}

int kp_table_set(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, struct kp_value *val)
{
	struct kp_shard *sh = &t->common;
	u32 hash = kp_key_hash(ctx->vm, key);
	struct kp_todo todo = { 0 };
	struct kp_node *node;
	unsigned long flags;
	int err;

	kp_slot_pay(ctx, key);
	kp_slot_pay(ctx, val);
	/* who reads it often may use it as a key */
	if (val->type == KTAP_T_STR && val->s->len <= KP_SLOT_SHORT)
		kp_str_hash(val->s, ctx->vm->seed);
	if (t->ncpus) {
		err = cpus_forget(ctx, t, hash, key);
		if (err)
			return err;
	}
	do {
		if (!kp_lock_irq(&sh->lock, &flags))
			return -EBUSY;
		node = kp_shard_find(sh, hash, key);
		if (val->type == KTAP_T_NIL) {
			if (node)
				kp_shard_remove(ctx->vm, sh, node);
			err = 0;
		} else {
			bool fresh = !node;

			if (fresh)
				node = kp_shard_insert(ctx->vm, sh, hash, key, &todo);
			err = node ? kp_slot_put(ctx->vm, &node->val, val, &todo) : -ENOMEM;
			if (unlikely(kp_value_has_table(val)))
				sh->holds = 1;
			if (err && node && fresh)
				kp_shard_remove(ctx->vm, sh, node);
		}
		kp_unlock_irq(&sh->lock, flags);
	} while (unlikely(err || todo.kick) && kp_slot_provide(ctx, t, &todo) && err);
	return err ? err : kp_slot_paid(ctx);
}

static int add_number(struct kp_table *t, struct kp_value *slot, s64 n, struct kp_todo *todo)
{
	(void)t;
	(void)todo;
	return kp_slot_add(slot, n);
}

/* Adds n, in one step, to the element of this CPU's shard in the way that add knows. */
static __always_inline int accumulate(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n,
				      int (*add)(struct kp_table *, struct kp_value *, s64, struct kp_todo *))
{
	u32 hash = kp_key_hash(ctx->vm, key);
	struct kp_todo todo = { 0 };
	struct kp_shard *sh;
	struct kp_node *node;
	unsigned long flags;
	int err;

	kp_slot_pay(ctx, key);
	do {
		flags = kp_port_irq_save();
		sh = kp_table_shard(t);
		if (!kp_lock(&sh->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		node = kp_shard_find(sh, hash, key);
		if (!node)
			node = kp_shard_insert(ctx->vm, sh, hash, key, &todo);
		err = likely(node) ? add(t, &node->val, n, &todo) : -ENOMEM;
		/* a pair without a value is none */
		if (unlikely(err == -EDQUOT) && node->val.type == KTAP_T_NIL)
			kp_shard_remove(ctx->vm, sh, node);
		kp_unlock_irq(&sh->lock, flags);
	} while (unlikely(err || todo.kick) && kp_slot_provide(ctx, t, &todo) && err);
	return err ? err : kp_slot_paid(ctx);
}

int kp_table_add(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n)
{
	return accumulate(ctx, t, key, n, add_number);
}

void kp_table_set_linear(struct kp_table *t, s64 low, s64 high, s64 step)
{
	t->low = low;
	t->step = step;
	t->linear = kp_agg_linear(low, high, step);
}

/* An empty aggregate as this table keeps them. */
static struct kp_str *agg_new(struct kp_table *t, struct kp_todo *todo)
{
	struct ktap_agg agg = { .kind = KTAP_AGG_PLAIN };
	struct ktap_linear linear = { t->low, t->step };
	struct kp_str *s;

	if (t->linear) {
		agg.kind = KTAP_AGG_LINEAR;
		agg.ncounters = t->linear + 2;
	} else if (t->flags & KTAP_TABLE_QUANTIZE) {
		agg.kind = KTAP_AGG_LOG2;
		agg.ncounters = KTAP_AGG_BUCKETS;
	}
	s = kp_slot_str(t->vm, kp_agg_size(&agg), todo);
	if (!s)
		return NULL;
	memset(s->data, 0, kp_str_padded(s->len));
	memcpy(s->data, &agg, sizeof(agg));
	if (t->linear)
		memcpy(s->data + sizeof(agg), &linear, sizeof(linear));
	return s;
}

/* Adds a sample to an element that is nil or an aggregate. */
static int add_sample(struct kp_table *t, struct kp_value *slot, s64 n, struct kp_todo *todo)
{
	if (slot->type == KTAP_T_NIL) {
		struct kp_str *s = agg_new(t, todo);

		if (!s)
			return -EDQUOT;
		slot->s = s;
		slot->type = KTAP_T_AGG;
	} else if (slot->type != KTAP_T_AGG) {
		return -EINVAL;
	}
	kp_agg_sample((struct ktap_agg *)slot->s->data, n);
	return 0;
}

int kp_table_sample(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n)
{
	return accumulate(ctx, t, key, n, add_sample);
}
