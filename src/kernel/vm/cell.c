// SPDX-License-Identifier: GPL-2.0-only
#include "slot.h"

int kp_cell_get(struct kp_ctx *ctx, struct kp_cell *c, struct kp_value *out)
{
	unsigned long flags;
	u32 need;

	for (;;) {
		if (!kp_lock_irq(&c->lock, &flags))
			return -EBUSY;
		need = kp_slot_need(&c->val);
		if (need <= kp_scratch_left(ctx)) {
			kp_slot_get(ctx, &c->val, out);
			kp_unlock_irq(&c->lock, flags);
			ctx->budget -= kp_ctx_steps(need);
			return kp_slot_paid(ctx);
		}
		kp_unlock_irq(&c->lock, flags);
		if (!kp_scratch_reserve(ctx, need))
			return -ENOSPC;
	}
}

int kp_cell_set(struct kp_ctx *ctx, struct kp_cell *c, struct kp_value *val)
{
	struct kp_todo todo = { 0 };
	unsigned long flags;
	int err;

	kp_slot_pay(ctx, val);
	do {
		if (!kp_lock_irq(&c->lock, &flags))
			return -EBUSY;
		err = kp_slot_put(ctx->vm, &c->val, val, &todo);
		kp_unlock_irq(&c->lock, flags);
	} while (unlikely(err || todo.kick) && kp_slot_provide(ctx, NULL, &todo) && err);
	return err ? err : kp_slot_paid(ctx);
}

int kp_cell_add(struct kp_cell *c, s64 n)
{
	unsigned long flags;
	int err;

	if (!kp_lock_irq(&c->lock, &flags))
		return -EBUSY;
	err = kp_slot_add(&c->val, n);
	kp_unlock_irq(&c->lock, flags);
	return err;
}
