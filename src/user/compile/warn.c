// SPDX-License-Identifier: GPL-2.0-only
/* What is almost surely a mistake, as far as names and types tell. */
#include "builtin.h"
#include "infer.h"
#include "ktap/bytecode.h"

struct warner {
	struct kp_visitor visitor;
	struct kp_sema *sema;
	bool effect; /* has_effect(): something was found that others can see */
};

static void report(struct warner *w, enum kp_tag tag, struct kp_span at, const char *text)
{
	kp_diag_report(w->sema->cc->diag, tag, at, text);
}

/* ---- conditions and comparisons ---- */

/*
 * The types of @e, or 0 when there is nothing to be said about them: what a parameter can be
 * only tells who calls the function so far.
 */
static unsigned int known_types(const struct kp_expr *e)
{
	if (e->kind == KP_EX_CALL || (e->kind == KP_EX_NAME && e->name.var->parameter))
		return 0;
	return kp_expr_types(e);
}

/*
 * A condition whose value does not depend on anything; a constant was meant to be one. Who
 * tests a string or a table asks for nil, but a number is tested for 0 in other languages.
 */
static void warn_test(struct warner *w, const struct kp_expr *e)
{
	unsigned int types;

	if (e->kind == KP_EX_AND || e->kind == KP_EX_OR) {
		warn_test(w, e->op.left);
		warn_test(w, e->op.right);
		return;
	}
	if (e->kind == KP_EX_UNARY && e->op.op == KP_OPERATOR_NOT) {
		warn_test(w, e->op.left);
		return;
	}
	types = known_types(e);
	if (!types || kp_expr_is_constant(e))
		return;
	if (types == KP_TYPE_INT)
		report(w, KP_TAG_CONDITION_CONSTANT, e->at, "true");
	else if (!(types & KP_TYPE_TRUTHY))
		report(w, KP_TAG_CONDITION_CONSTANT, e->at, "false");
}

static void warn_comparison(struct warner *w, const struct kp_expr *e)
{
	unsigned int left = known_types(e->op.left), right = known_types(e->op.right);
	enum kp_operator op = e->op.op;

	if (!left || !right || left == KP_TYPE_NIL || right == KP_TYPE_NIL)
		return;
	if (op == KP_OPERATOR_EQ || op == KP_OPERATOR_NE) {
		if (!(left & right))
			report(w, KP_TAG_COMPARISON_CONSTANT, e->at,
			       op == KP_OPERATOR_EQ ? "false" : "true");
	} else if (op >= KP_OPERATOR_LT && op <= KP_OPERATOR_GE) {
		if (!(left & right & (KP_TYPE_INT | KP_TYPE_STRING)))
			report(w, KP_TAG_COMPARISON_TYPES, e->at, kp_operator_text(op));
	}
}

static void visit_expr(struct kp_visitor *v, struct kp_expr *e)
{
	struct warner *w = (struct warner *)v;

	if (e->kind == KP_EX_BINARY)
		warn_comparison(w, e);
	else if (e->kind == KP_EX_COND)
		warn_test(w, e->cond.test);
	kp_expr_visit(v, e);
}

/* ---- probes ---- */

/* Can somebody see that the variable was changed? */
static bool is_visible(const struct kp_expr *target)
{
	return target->kind != KP_EX_NAME || target->name.var->global || target->name.var->captured;
}

static void effect_expr(struct kp_visitor *v, struct kp_expr *e)
{
	struct warner *w = (struct warner *)v;

	if (e->kind == KP_EX_CALL || e->kind == KP_EX_METHOD ||
	    (e->kind == KP_EX_BUILTIN && kp_builtin_get(e->builtin.id)->result == 'n'))
		w->effect = true;
	kp_expr_visit(v, e);
}

static void effect_stmt(struct kp_visitor *v, struct kp_stmt *s)
{
	struct warner *w = (struct warner *)v;
	const struct kp_expr *target;

	if (s->kind == KP_ST_DELETE)
		w->effect = true;
	if (s->kind == KP_ST_ASSIGN)
		for (target = s->assign.targets; target; target = target->next)
			w->effect |= is_visible(target);
	kp_stmt_visit(v, s);
}

static void visit_block(struct kp_visitor *v, struct kp_block *block)
{
	struct kp_stmt *s;

	for (s = block->first; s; s = s->next)
		v->stmt(v, s);
}

static void visit_func(struct kp_visitor *v, struct kp_func *f)
{
	v->block(v, &f->body);
}

/* An empty body says by itself that nothing is to be done. */
static void warn_probe(struct warner *w, const struct kp_stmt *s)
{
	struct warner inner = { { effect_expr, visit_func, visit_block, effect_stmt },
				w->sema,
				false };
	struct kp_func *f = NULL;

	if (s->probe.handler->kind == KP_EX_FUNCTION)
		f = s->probe.handler->func;
	if (!f || !f->body.first)
		return;
	visit_func(&inner.visitor, f);
	if (!inner.effect)
		kp_diag_report(w->sema->cc->diag, KP_TAG_PROBE_IDLE, s->at);
}

/* ---- statements ---- */

static void visit_stmt(struct kp_visitor *v, struct kp_stmt *s)
{
	struct warner *w = (struct warner *)v;
	const struct kp_builtin *b;
	const struct kp_arm *arm;

	switch (s->kind) {
	case KP_ST_IF:
		for (arm = s->arms; arm; arm = arm->next)
			if (arm->test)
				warn_test(w, arm->test);
		break;
	case KP_ST_WHILE:
	case KP_ST_REPEAT:
	case KP_ST_FOR_C:
		if (s->loop.limit)
			warn_test(w, s->loop.limit);
		break;
	case KP_ST_TRACE:
	case KP_ST_TRACE_END:
	case KP_ST_TIMER:
		warn_probe(w, s);
		break;
	case KP_ST_CALL:
		if (s->expr->kind != KP_EX_BUILTIN)
			break;
		b = kp_builtin_get(s->expr->builtin.id);
		if (b->result != 'n' && !kp_builtin_unsafe(b->name))
			report(w, KP_TAG_RESULT_UNUSED, s->at, b->name);
		break;
	default:
		break;
	}
	kp_stmt_visit(v, s);
}

void kp_warn(struct kp_sema *sema)
{
	struct warner w = { { visit_expr, visit_func, visit_block, visit_stmt }, sema, false };

	if (!sema->cc->opts->no_warnings)
		visit_func(&w.visitor, sema->main);
}
