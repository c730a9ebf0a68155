// SPDX-License-Identifier: GPL-2.0-only
/*
 * Variables that are constants: declared with a constant and never written again. Every
 * mention of one becomes its value, and expressions are folded again with it.
 *
 * That is wrong for code that runs before the declaration and yet can see the variable. Two
 * things lead there: a function of the top level can be called before the place where it is
 * defined, and trace_end runs after an exit() or kdebug.traceoff() that came first.
 */
#include <string.h>

#include "sema.h"

/* From a place where something can be called up to where it is defined. */
struct early {
	struct early *next;
	uint32_t from, to;
};

struct constants {
	struct kp_visitor visitor;
	struct kp_sema *sema;
	struct early *early;
};

const struct kp_expr *kp_var_constant(const struct kp_cc *cc, const struct kp_var *var)
{
	if (!var->initialized || var->writes != 1 || var->early || cc->opts->no_fold ||
	    cc->opts->no_infer || !kp_expr_is_constant(var->value))
		return NULL;
	return var->value;
}

static void find_function(struct kp_var *var)
{
	if (var->writes == 1 && var->value && var->value->kind == KP_EX_FUNCTION)
		var->function = var->value->func;
}

static void note_early(struct constants *c, uint32_t from, uint32_t to)
{
	struct early *e = kp_cc_alloc(c->sema->cc, sizeof(*e));

	*e = (struct early){ c->early, from, to };
	c->early = e;
}

static void note_function(struct constants *c, struct kp_var *var)
{
	find_function(var);
	if (var->function && var->first.pos < var->function->at.pos)
		note_early(c, var->first.pos, var->function->at.pos);
}

static void mark_early(struct constants *c, struct kp_var *var)
{
	const struct early *e;

	if (!var->captured)
		return;
	for (e = c->early; e; e = e->next)
		var->early |= e->from < var->at.pos && var->at.pos < e->to;
}

static void visit_expr(struct kp_visitor *v, struct kp_expr *e)
{
	struct constants *c = (struct constants *)v;
	const struct kp_expr *value;
	struct kp_expr *next = e->next;
	struct kp_span at = e->at;

	if (e->kind == KP_EX_NAME) {
		value = kp_var_constant(c->sema->cc, e->name.var);
		if (!value)
			return;
		*e = *value;
		e->at = at;
		e->next = next;
		return;
	}
	kp_expr_visit(v, e);
	if (e->kind != KP_EX_FUNCTION)
		kp_fold(c->sema->cc, e);
}

/* A handler that is a name must be that of a function. */
static void visit_stmt(struct kp_visitor *v, struct kp_stmt *s)
{
	bool probe = s->kind == KP_ST_TRACE || s->kind == KP_ST_TRACE_END || s->kind == KP_ST_TIMER;
	struct kp_expr handler;

	if (!probe || s->probe.handler->kind != KP_EX_NAME) {
		kp_stmt_visit(v, s);
		return;
	}
	handler = *s->probe.handler;
	kp_stmt_visit(v, s);
	*s->probe.handler = handler;
}

static void visit_func(struct kp_visitor *v, struct kp_func *f)
{
	v->block(v, &f->body);
}

void kp_constants(struct kp_sema *sema)
{
	struct constants c = { { visit_expr, visit_func, kp_block_visit, visit_stmt }, sema, NULL };
	struct kp_var *var;
	size_t i;

	for (i = 0; i < sema->ndeclared; i++)
		note_function(&c, sema->declared[i]);
	for (i = 0; i < sema->globals.len; i++) {
		var = kp_hash_entry(&sema->globals, i)->value;
		note_function(&c, var);
		if (!strcmp(var->name->data, "exit") || !strcmp(var->name->data, "kdebug"))
			note_early(&c, var->first.pos, UINT32_MAX);
	}
	for (i = 0; i < sema->ndeclared; i++)
		mark_early(&c, sema->declared[i]);
	if (!sema->cc->opts->no_fold && !sema->cc->opts->no_infer)
		c.visitor.func(&c.visitor, sema->main);
}
