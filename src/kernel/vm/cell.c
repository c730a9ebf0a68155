// SPDX-License-Identifier: GPL-2.0-only
#include "slot.h"

/* Locks a cell with interrupts off.  False: this CPU was interrupted while it held the lock. */
static bool enter(struct kp_cell *c, unsigned long *flags)
{
	*flags = kp_port_irq_save();
	if (likely(kp_lock(&c->lock)))
		return true;
	kp_port_irq_restore(*flags);
	return false;
}

static void leave(struct kp_cell *c, unsigned long flags)
{
	kp_unlock(&c->lock);
	kp_port_irq_restore(flags);
}

int kp_cell_get(struct kp_ctx *ctx, struct kp_cell *c, struct kp_value *out)
{
	unsigned long flags;
	u32 need;

	for (;;) {
		if (!enter(c, &flags))
			return -EBUSY;
		need = kp_slot_need(&c->val);
		if (need <= kp_scratch_left(ctx)) {
			kp_slot_get(ctx, &c->val, out);
			leave(c, flags);
			ctx->budget -= kp_ctx_steps(need);
			return kp_slot_paid(ctx);
		}
		leave(c, flags);
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
		if (!enter(c, &flags))
			return -EBUSY;
		err = kp_slot_put(ctx->vm, &c->val, val, &todo);
		leave(c, flags);
	} while (unlikely(err || todo.kick) && kp_slot_provide(ctx, NULL, &todo) && err);
	return err ? err : kp_slot_paid(ctx);
}

int kp_cell_add(struct kp_cell *c, s64 n)
{
	unsigned long flags;
	int err;

	if (!enter(c, &flags))
		return -EBUSY;
	err = kp_slot_add(&c->val, n);
	leave(c, flags);
	return err;
}
