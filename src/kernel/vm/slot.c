// SPDX-License-Identifier: GPL-2.0-only
#include "slot.h"

struct kp_str *kp_slot_str(struct kp_vm *vm, u32 len, struct kp_todo *todo)
{
	size_t size = kp_str_size(len);
	struct kp_str *s = kp_pool_take(&vm->pool, size, &todo->kick);

	if (!s) {
		todo->block = size;
		return NULL;
	}
	s->len = len;
	s->home = KP_HOME_POOL;
	s->hash = 0;
	s->forward = 0;
	return s;
}

int kp_slot_put_other(struct kp_vm *vm, struct kp_value *slot, const struct kp_value *v, struct kp_todo *todo)
{
	struct kp_str *s;
	u32 len;

	if (!kp_value_is_bytes(v) || v->s->home == KP_HOME_CONST) {
		if (unlikely(kp_value_has_table(v)))
			WRITE_ONCE(v->t->stored, 1);
		kp_slot_drop(vm, slot);
		*slot = *v;
		return 0;
	}
	len = v->s->len;
	if (kp_value_is_bytes(slot) && slot->s->home == KP_HOME_POOL &&
	    kp_pool_room(kp_str_size(slot->s->len)) == kp_pool_room(kp_str_size(len))) {
		s = slot->s;
		s->len = len;
	} else {
		s = kp_slot_str(vm, len, todo);
		if (!s)
			return -EDQUOT;
		kp_slot_drop(vm, slot);
	}
	kp_str_copy(s, v->s);
	slot->s = s;
	slot->type = v->type;
	return 0;
}

bool kp_slot_provide(struct kp_ctx *ctx, struct kp_table *t, struct kp_todo *todo)
{
	struct kp_vm *vm = ctx->vm;
	bool process = ctx->where & KP_CTX_PROCESS, retry = false;

	if (process && todo->grow) {
		kp_port_mutex_lock(&vm->tables_mutex);
		kp_table_grow(t);
		kp_port_mutex_unlock(&vm->tables_mutex);
	}
	if (process && todo->dir)
		retry = READ_ONCE(*todo->dir);
	else if (process && todo->block)
		retry = !kp_pool_prepare(&vm->pool, todo->block);
	if (todo->kick)
		vm->ops->kick(vm);
	memset(todo, 0, sizeof(*todo));
	return retry;
}
