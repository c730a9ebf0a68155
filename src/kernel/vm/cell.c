// SPDX-License-Identifier: GPL-2.0-only
#include "slot.h"

int kp_cell_get(struct kp_ctx *ctx, struct kp_cell *c, struct kp_value *out)
{
	unsigned long flags;
	u32 need;

	for (;;) {
		flags = kp_port_irq_save();
		if (!kp_lock(&c->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		need = kp_slot_need(&c->val);
		if (!need || need <= kp_scratch_left(ctx)) {
			kp_slot_get(ctx, &c->val, out);
			kp_unlock(&c->lock);
			kp_port_irq_restore(flags);
			ctx->budget -= kp_ctx_steps(need);
			return kp_slot_paid(ctx);
		}
		kp_unlock(&c->lock);
		kp_port_irq_restore(flags);
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
		flags = kp_port_irq_save();
		if (!kp_lock(&c->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		err = kp_slot_put(ctx->vm, &c->val, val, &todo);
		kp_unlock(&c->lock);
		kp_port_irq_restore(flags);
	} while (unlikely(err || todo.kick) && kp_slot_provide(ctx, NULL, &todo) && err);
	return err ? err : kp_slot_paid(ctx);
}

int kp_cell_add(struct kp_ctx *ctx, struct kp_cell *c, s64 n)
{
	unsigned long flags = kp_port_irq_save();
	int err = -EBUSY;

	(void)ctx;
	if (kp_lock(&c->lock)) {
		err = kp_slot_add(&c->val, n);
		kp_unlock(&c->lock);
	}
	kp_port_irq_restore(flags);
	return err;
}
