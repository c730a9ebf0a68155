// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reclaims tables, and with them the environments of closures.
 *
 * Only process context makes tables.  When it has made many it marks those that can be
 * reached from cells and from its own registers, and frees the others.  Handlers go on
 * meanwhile, and may carry a table from one that is not yet looked into to one that was:
 * so every store of a table says so in the table, and what was stored since the beginning
 * is marked, too, once the handlers that ran meanwhile have ended.  An unmarked table that
 * was not stored is then in no slot that a handler could load it from:  such a slot would
 * have been there all the time, in a table that was looked into.
 */
#include "vm.h"

#define AT_LEAST	256	/* tables made since the last time */
#define STEP		64	/* nodes looked at while a lock is held */
#define ROUNDS		8	/* handlers that store new tables all the time: try again later */

static void mark(struct kp_table **todo, const struct kp_value *v)
{
	if (!kp_value_has_table(v) || v->t->marked)
		return;
	v->t->marked = 1;
	v->t->todo = *todo;
	*todo = v->t;
}

static void mark_shard(struct kp_table **todo, struct kp_shard *sh)
{
	unsigned long flags;
	u32 n = 0, step;
	bool more = true;

	if (!READ_ONCE(sh->holds))
		return;
	while (more) {
		flags = kp_lock_process(&sh->lock);
		for (step = 0; step < STEP && n < sh->top; step++, n++) {
			mark(todo, &kp_shard_node(sh, n)->key);
			mark(todo, &kp_shard_node(sh, n)->val);
		}
		more = n < sh->top;
		kp_unlock_irq(&sh->lock, flags);
		kp_port_yield();
	}
}

static void mark_all(struct kp_table *todo)
{
	struct kp_table *t;
	u32 c;

	while ((t = todo) != NULL) {
		todo = t->todo;
		mark_shard(&todo, &t->common);
		for (c = 0; c < t->ncpus; c++)
			if (t->cpu[c])
				mark_shard(&todo, t->cpu[c]);
		kp_port_yield();
	}
}

static void mark_roots(struct kp_ctx *ctx)
{
	struct kp_vm *vm = ctx->vm;
	struct kp_table *todo = NULL;
	unsigned long flags;
	u32 i;

	for (i = 0; i < ctx->top; i++)
		mark(&todo, &ctx->regs[i]);
	for (i = 0; i < vm->verified->prog->ncells; i++) {
		struct kp_cell *cell = &vm->cells[i];

		flags = kp_lock_process(&cell->lock);
		mark(&todo, &cell->val);
		kp_unlock_irq(&cell->lock, flags);
	}
	mark_all(todo);
}

/* Marks what handlers stored meanwhile; false when there was nothing new. */
static bool mark_stored(struct kp_vm *vm)
{
	struct kp_table *t, *todo = NULL;
	struct kp_value v = { .type = KTAP_T_TABLE };

	for (t = vm->tables; t; t = t->next) {
		v.t = t;
		if (READ_ONCE(t->stored))
			mark(&todo, &v);
		kp_port_yield();
	}
	mark_all(todo);
	return todo != NULL;
}

/* Takes the unmarked tables off the list. */
static struct kp_table *sweep(struct kp_vm *vm)
{
	struct kp_table *t, **link, *garbage = NULL;

	vm->tables_left = 0;
	kp_port_mutex_lock(&vm->tables_mutex);
	for (link = &vm->tables; (t = *link) != NULL;) {
		kp_port_yield();
		if (t->marked) {
			vm->tables_left++;
			link = &t->next;
			continue;
		}
		*link = t->next;
		t->next = garbage;
		garbage = t;
	}
	kp_port_mutex_unlock(&vm->tables_mutex);
	return garbage;
}

/* Process context alone adds to the list of tables and takes from it, so it may be walked without the mutex. */
void kp_table_collect(struct kp_ctx *ctx)
{
	struct kp_vm *vm = ctx->vm;
	struct kp_table *t, *garbage;
	u32 round = 0;

	if (vm->tables_made < AT_LEAST || vm->tables_made < vm->tables_left)
		return;
	vm->tables_made = 0;
	for (t = vm->tables; t; t = t->next) {
		t->marked = 0;
		WRITE_ONCE(t->stored, 0);
		kp_port_yield();
	}
	mark_roots(ctx);
	do {
		if (round++ == ROUNDS)
			return;
		if (vm->ops->synchronize)
			vm->ops->synchronize(vm);
	} while (mark_stored(vm));

	garbage = sweep(vm);
	while ((t = garbage) != NULL) {
		garbage = t->next;
		kp_table_drop(t);
		kp_port_yield();
	}
}
