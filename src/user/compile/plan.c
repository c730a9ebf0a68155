// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where functions may run and where variables live.
 *
 * Contexts flow along the mentions of functions. What a function then may not do is
 * refused. A variable that another function than its own mentions is a cell, which
 * is frozen when only the main chunk writes it; or it lives in the environment of its
 * scope, when there may be many of it. A table that handlers only accumulate into is
 * kept per CPU.
 */
#include "check.h"
#include "infer.h"

#include "ktap/bytecode.h"

#define MAX_GLOBAL_REGS 32  /* globals that only the main chunk uses live in its registers */
#define SHARED_TABLE	512 /* pairs that a table of handlers has room for at first */

/* ---- contexts ---- */

static void queue(struct kp_func **todo, struct kp_func *f)
{
	if (f->queued)
		return;
	f->queued = true;
	f->todo = *todo;
	*todo = f;
}

/* A function is looked at again when it got a context more: at most once for each. */
static void spread_contexts(struct kp_sema *sema)
{
	const struct kp_callee *callee;
	struct kp_func *f, *todo = NULL;

	for (f = sema->main; f; f = f->next) {
		f->contexts = f->entry;
		queue(&todo, f);
	}
	while (todo) {
		f = todo;
		todo = f->todo;
		f->queued = false;
		for (callee = f->callees; callee; callee = callee->next) {
			if (!(f->contexts & ~callee->func->contexts))
				continue;
			callee->func->contexts |= f->contexts;
			queue(&todo, callee->func);
		}
	}
}

static const char *context_name(unsigned int contexts)
{
	if (contexts & KP_IN_HANDLER)
		return "probe handler";
	return contexts & KP_IN_TICK ? "timer" : "main chunk";
}

/*
 * What is started by events or timers itself must be allowed everything it does;
 * a function that is called may test where it is, unless it cannot be right.
 */
static void check_needs(struct kp_checker *c)
{
	const struct kp_need *n;

	for (n = c->needs; n; n = n->next) {
		unsigned int bad = n->func->entry & ~n->contexts;

		if (!bad && n->func->contexts && !(n->func->contexts & n->contexts))
			bad = n->func->contexts;
		if (!bad)
			continue;
		if (!(n->contexts & ~(unsigned int)KP_IN_HANDLER))
			kp_diag_report(c->cc->diag, KP_TAG_EVENT_CONTEXT, n->at);
		else
			kp_diag_report(c->cc->diag, KP_TAG_CONTEXT, n->at, n->what,
				       context_name(bad));
	}
}

/* ---- where variables live ---- */

/* The variable holds one table for ever: what kind should that be? */
static void decide_table(struct kp_checker *c, struct kp_var *var)
{
	if (var->implicit)
		var->site = kp_check_new_table(c);
	else if (var->value && var->value->kind == KP_EX_TABLE)
		var->site = var->value->table.site;
	if (!var->site) {
		if (var->linear)
			kp_diag_report(c->cc->diag, KP_TAG_LINEAR_TABLE, var->linear->at);
		c->quantize_all |= var->quantize;
		return;
	}
	if (var->quantize)
		var->site->flags |= KTAP_TABLE_QUANTIZE;
	if (var->linear) {
		var->site->flags |= KTAP_TABLE_LQUANTIZE;
		var->site->low = var->linear->next->number;
		var->site->high = var->linear->next->next->number;
		var->site->step = var->linear->next->next->next->number;
	}
	if (kp_infer_accumulator(c->sema, var))
		var->site->flags |= KTAP_TABLE_PERCPU;
	/* handlers may add keys faster than process context makes room: begin with some */
	if (var->storage == KP_STORE_CELL && !var->site->hint)
		var->site->hint = SHARED_TABLE;
}

static void make_cell(struct kp_checker *c, struct kp_var *var)
{
	struct kp_sema *sema = c->sema;

	if (!(sema->ncells & (sema->ncells - 1)))
		sema->cells =
			kp_cc_grow(c->cc, sema->cells, sema->ncells * sizeof(*sema->cells),
				   (sema->ncells ? sema->ncells * 2 : 1) * sizeof(*sema->cells));
	var->storage = KP_STORE_CELL;
	var->cell = sema->ncells;
	sema->cells[sema->ncells++] = var;
}

/* Environments are made where the function of the variable runs, so not in handlers. */
static void put_in_env(struct kp_checker *c, struct kp_var *var)
{
	const struct kp_func *f = var->func;
	unsigned int allowed = KP_IN_MAIN | KP_IN_TICK;

	if (f->entry & ~allowed || (f->contexts && !(f->contexts & allowed)))
		kp_diag_report(c->cc->diag, KP_TAG_CAPTURE, var->capture_at, var->name->data);
	var->storage = KP_STORE_ENV;
	var->slot = ++var->env->nslots;
}

static void decide_envs(struct kp_checker *c)
{
	struct kp_env *env;

	for (env = c->sema->envs; env; env = env->next) {
		if (!env->nslots)
			continue;
		env->site = kp_check_new_table(c);
		env->site->flags = KTAP_TABLE_FIXED;
		env->site->hint = env->nslots + 1;
	}
}

static void decide_storage(struct kp_checker *c, struct kp_var *var, unsigned int *registers)
{
	if (var->function || kp_var_constant(c->cc, var)) {
		var->storage = KP_STORE_NONE;
		return;
	}
	if (kp_var_in_env(var))
		put_in_env(c, var);
	else if (var->captured || (var->global && ++*registers > MAX_GLOBAL_REGS))
		make_cell(c, var);
	decide_table(c, var);
}

/* Any table of the script may be the one that print_quantize gets. */
static void quantize_all(struct kp_sema *sema)
{
	struct kp_table *t;

	for (t = sema->tables; t; t = t->next)
		if (!(t->flags & KTAP_TABLE_LQUANTIZE))
			t->flags |= KTAP_TABLE_QUANTIZE;
}

static void decide_all(struct kp_checker *c)
{
	struct kp_sema *sema = c->sema;
	unsigned int registers = 0;
	size_t i;

	for (i = 0; i < sema->ndeclared; i++)
		decide_storage(c, sema->declared[i], &registers);
	for (i = 0; i < sema->globals.len; i++) {
		struct kp_var *var = kp_hash_entry(&sema->globals, i)->value;

		if (var->uses || var->writes)
			decide_storage(c, var, &registers);
	}
	if (c->quantize_all)
		quantize_all(sema);
	decide_envs(c);
}

void kp_check_plan(struct kp_checker *c)
{
	spread_contexts(c->sema);
	check_needs(c);
	decide_all(c);
}
