// SPDX-License-Identifier: GPL-2.0-only
/* Blocks of trace, timers and trace_end that nobody can see to have run, or that never do. */
#include "builtin.h"
#include "sema.h"

struct effects {
	struct kp_visitor visitor;
	bool any; /* something was found that others can see */
};

/* Can somebody see that the variable was changed? */
static bool is_visible(const struct kp_expr *target)
{
	return target->kind != KP_EX_NAME || target->name.var->global || target->name.var->captured;
}

static void visit_expr(struct kp_visitor *v, struct kp_expr *e)
{
	struct effects *found = (struct effects *)v;
	const struct kp_builtin *b;

	if (e->kind == KP_EX_CALL || e->kind == KP_EX_METHOD)
		found->any = true;
	if (e->kind == KP_EX_BUILTIN) {
		b = kp_builtin_get(e->builtin.id);
		found->any |= b->result == 'n' || kp_builtin_unsafe(b->name);
	}
	kp_expr_visit(v, e);
}

static void visit_stmt(struct kp_visitor *v, struct kp_stmt *s)
{
	struct effects *found = (struct effects *)v;
	const struct kp_expr *target;

	if (s->kind == KP_ST_DELETE)
		found->any = true;
	if (s->kind == KP_ST_ASSIGN)
		for (target = s->assign.targets; target; target = target->next)
			found->any |= is_visible(target);
	kp_stmt_visit(v, s);
}

static void visit_func(struct kp_visitor *v, struct kp_func *f)
{
	v->block(v, &f->body);
}

static bool is_idle(const struct kp_stmt *s, struct kp_func *handler)
{
	struct effects found = { { visit_expr, visit_func, kp_block_visit, visit_stmt }, false };
	const struct kp_eventdef *def;

	visit_func(&found.visitor, handler);
	for (def = s->probe.events; def; def = def->next)
		if (def->filter)
			visit_func(&found.visitor, def->filter);
	return !found.any;
}

void kp_warn_probe(const struct kp_sema *sema, const struct kp_stmt *s)
{
	const struct kp_expr *e = s->probe.handler;
	struct kp_func *handler = e->kind == KP_EX_FUNCTION ? e->func : e->name.var->function;

	if (s->kind == KP_ST_TRACE_END && s != sema->end) {
		kp_diag_report(sema->cc->diag, KP_TAG_END_REPLACED, s->at);
	} else if (is_idle(s, handler)) {
		handler->idle = true;
		kp_diag_report(sema->cc->diag, KP_TAG_PROBE_IDLE, s->at);
	}
}
