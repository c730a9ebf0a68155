/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Slots: values that contexts and CPUs share, in tables and cells.  A slot owns its bytes, which lie
 * in session memory.  All of this is called with the lock of the slot held and interrupts off.
 */
#ifndef KP_SLOT_H
#define KP_SLOT_H

#include "vm.h"

#define KP_SLOT_SHORT	64	/* bytes; what longer ones cost is paid for */

/* What an access found out, to be acted upon without the lock: kp_slot_provide(). */
struct kp_todo {
	bool kick;		/* ask for more room */
	bool grow;		/* a shard wants more buckets */
	size_t block;		/* failed: no block of that size in the pool, */
	struct kp_node ***dir;	/* or not this directory of a shard */
};

/* Makes a slot nil and gives its bytes back. */
static __always_inline void kp_slot_drop(struct kp_vm *vm, struct kp_value *slot)
{
	if (kp_value_is_bytes(slot) && slot->s->home == KP_HOME_POOL)
		kp_pool_give(&vm->pool, slot->s, kp_str_size(slot->s->len));
	kp_value_nil(slot);
}

/* A string of len bytes in session memory, or NULL. */
struct kp_str *kp_slot_str(struct kp_vm *vm, u32 len, struct kp_todo *todo);

/* kp_slot_put() for what is not complete in itself. */
int kp_slot_put_other(struct kp_vm *vm, struct kp_value *slot, const struct kp_value *v, struct kp_todo *todo);

/* Copies a value into a slot: 0 or -EDQUOT, and the slot is as before. */
static __always_inline int kp_slot_put(struct kp_vm *vm, struct kp_value *slot, const struct kp_value *v,
				       struct kp_todo *todo)
{
	if (unlikely(!kp_value_is_plain(v) || !kp_value_is_plain(slot)))
		return kp_slot_put_other(vm, slot, v, todo);
	*slot = *v;
	return 0;
}

/* Scratch bytes that reading a slot takes. */
static inline u32 kp_slot_need(const struct kp_value *slot)
{
	if (kp_value_is_bytes(slot) && slot->s->home == KP_HOME_POOL)
		return kp_str_size(slot->s->len);
	return 0;
}

/* Reads a slot; the scratch space is known to suffice. */
static __always_inline void kp_slot_get(struct kp_ctx *ctx, const struct kp_value *slot, struct kp_value *out)
{
	if (kp_slot_need(slot)) {
		out->s = kp_scratch_copy(ctx, slot->s);
		out->type = slot->type;
	} else {
		*out = *slot;
	}
}

/* Reads a slot, if what it holds is short and there is room. */
static __always_inline bool kp_slot_get_short(struct kp_ctx *ctx, const struct kp_value *slot, struct kp_value *out)
{
	const struct kp_str *s;

	if (likely(!kp_value_is_bytes(slot)) || slot->s->home != KP_HOME_POOL) {
		*out = *slot;
		return true;
	}
	s = slot->s;
	if (unlikely(s->len > KP_SLOT_SHORT) || unlikely(kp_str_size(s->len) > kp_scratch_left(ctx)))
		return false;
	out->s = kp_scratch_copy(ctx, s);
	out->type = slot->type;
	return true;
}

/* Adds n to a slot that is nil or an integer; else -EINVAL. */
static __always_inline int kp_slot_add(struct kp_value *slot, s64 n)
{
	if (likely(slot->type == KTAP_T_INT)) {
		slot->i = (u64)slot->i + (u64)n;
		return 0;
	}
	if (slot->type != KTAP_T_NIL)
		return -EINVAL;
	kp_value_int(slot, n);
	return 0;
}

/* What it costs when the key, or what is stored or read, is long. */
static inline void kp_slot_pay(struct kp_ctx *ctx, const struct kp_value *v)
{
	if (kp_value_is_bytes(v))
		ctx->budget -= kp_ctx_steps(v->s->len);
}

static inline int kp_slot_paid(const struct kp_ctx *ctx)
{
	return unlikely(ctx->budget < 0) ? -ETIME : 0;
}

/*
 * After an access, without its lock: asks for what it found wanting, or makes it in process
 * context.  t is the table, or NULL.  True: a failed access may be tried again.  Any context.
 */
bool kp_slot_provide(struct kp_ctx *ctx, struct kp_table *t, struct kp_todo *todo);

#endif
