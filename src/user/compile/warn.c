// SPDX-License-Identifier: GPL-2.0-only
/* What is almost surely a mistake, as far as names and types tell. */
#include <string.h>

#include "builtin.h"
#include "infer.h"
#include "ktap/bytecode.h"

struct warner {
	struct kp_visitor visitor;
	struct kp_sema *sema;
	const struct kp_func *func;
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

/* Was it written as a comparison? Of constants only its value is left. */
static bool is_comparison(const struct warner *w, const struct kp_expr *e)
{
	if (e->kind == KP_EX_FALSE || e->kind == KP_EX_TRUE)
		return strchr("=!<>", w->sema->cc->src->text[e->at.pos]);
	return e->kind == KP_EX_BINARY && e->op.op >= KP_OPERATOR_EQ && e->op.op <= KP_OPERATOR_GE;
}

static bool is_equality(enum kp_operator op)
{
	return op == KP_OPERATOR_EQ || op == KP_OPERATOR_NE;
}

/* Which types are the same to `==`. */
static unsigned int comparable(unsigned int types)
{
	const unsigned int boolean = KP_TYPE_FALSE | KP_TYPE_TRUE;

	return types & boolean ? types | boolean : types;
}

/* Is it a table or function that nothing else can be? */
static bool is_new(const struct kp_expr *e)
{
	return e->kind == KP_EX_TABLE || e->kind == KP_EX_FUNCTION;
}

/* What is wrong with the operands of a comparison: a tag. */
static enum kp_tag comparison_mistake(const struct kp_expr *e)
{
	unsigned int left, right, both;

	if (e->kind != KP_EX_BINARY || e->op.op < KP_OPERATOR_EQ || e->op.op > KP_OPERATOR_GE)
		return KP_TAG_NONE;
	if (is_equality(e->op.op) && (is_new(e->op.left) || is_new(e->op.right)))
		return KP_TAG_COMPARISON_CONSTANT;
	left = comparable(known_types(e->op.left));
	right = comparable(known_types(e->op.right));
	both = left & right;
	if (!left || !right || left == KP_TYPE_NIL || right == KP_TYPE_NIL)
		return KP_TAG_NONE;
	if (is_equality(e->op.op))
		return both ? KP_TAG_NONE : KP_TAG_COMPARISON_CONSTANT;
	return both & (KP_TYPE_INT | KP_TYPE_STRING) ? KP_TAG_NONE : KP_TAG_COMPARISON_TYPES;
}

/* Of comparisons of comparisons, the inner ones are told. */
static void warn_comparison(struct warner *w, const struct kp_expr *e)
{
	enum kp_tag tag = comparison_mistake(e);

	if (!tag || comparison_mistake(e->op.left) || comparison_mistake(e->op.right))
		return;
	if (tag == KP_TAG_COMPARISON_TYPES)
		report(w, tag, e->at, kp_operator_text(e->op.op));
	else
		report(w, tag, e->at, e->op.op == KP_OPERATOR_EQ ? "false" : "true");
	if (is_comparison(w, e->op.left) || is_comparison(w, e->op.right))
		kp_diag_hint(w->sema->cc->diag, KP_HINT_CHAIN);
	else if (e->op.left->kind == KP_EX_TABLE || e->op.right->kind == KP_EX_TABLE)
		kp_diag_hint(w->sema->cc->diag, KP_HINT_NEW_TABLE);
}

/* ---- operands ---- */

static bool is_arith(enum kp_operator op)
{
	return op != KP_OPERATOR_NONE && op != KP_OPERATOR_NOT && op != KP_OPERATOR_IN &&
	       (op < KP_OPERATOR_EQ || op > KP_OPERATOR_GLOB);
}

/* An operand of arithmetic; @other is the second one, or NULL. */
static bool warn_operand(struct warner *w, enum kp_operator op, const struct kp_expr *e,
			 const struct kp_expr *other)
{
	struct kp_diag *d = w->sema->cc->diag;
	unsigned int types = known_types(e);

	if (!types || types & (KP_TYPE_INT | KP_TYPE_NIL))
		return false;
	report(w, KP_TAG_OPERAND_TYPE, e->at, kp_operator_text(op));
	if (op == KP_OPERATOR_ADD && types == KP_TYPE_STRING && other)
		kp_diag_hint(d, KP_HINT_JOIN);
	else if (is_comparison(w, e))
		kp_diag_hint(d, KP_HINT_COMPARISON, kp_operator_text(op));
	return true;
}

static void warn_arith(struct warner *w, enum kp_operator op, const struct kp_expr *left,
		       const struct kp_expr *right)
{
	if (is_arith(op) && !warn_operand(w, op, left, right) && right)
		warn_operand(w, op, right, left);
}

/* The value @object before a member or a key; @name is that of a member, or NULL: then it is @what. */
static void warn_index(struct warner *w, const struct kp_expr *object, struct kp_span at,
		       const struct kp_str *name, const char *what)
{
	unsigned int types = known_types(object);

	if (!types || types & (KP_TYPE_TABLE | KP_TYPE_NIL | KP_TYPE_OTHER))
		return;
	report(w, KP_TAG_INDEX_TYPE, at, name ? name->data : what);
	if (name && kp_builtin_find(name->data) >= 0)
		kp_diag_hint(w->sema->cc->diag, KP_HINT_CALL_WITH, name->data);
}

/* What is used as a value must give one. */
static void warn_value(struct warner *w, const struct kp_expr *e)
{
	if (e && e->kind == KP_EX_BUILTIN && kp_builtin_get(e->builtin.id)->result == 'n')
		report(w, KP_TAG_NO_RESULT, e->at, kp_builtin_get(e->builtin.id)->name);
}

static void warn_values(struct warner *w, const struct kp_expr *e)
{
	for (; e; e = e->next)
		warn_value(w, e);
}

/* The types that an argument of a kind of builtins.def can have; nil gives nil. */
static unsigned int kind_types(char kind)
{
	switch (kind) {
	case 'i':
		return KP_TYPE_INT | KP_TYPE_NIL;
	case 's':
		return KP_TYPE_STRING | KP_TYPE_NIL | KP_TYPE_OTHER;
	case 't':
		return KP_TYPE_TABLE | KP_TYPE_NIL;
	default:
		return KP_TYPE_ANY;
	}
}

static void warn_builtin(struct warner *w, const struct kp_expr *e)
{
	const struct kp_builtin *b = kp_builtin_get(e->builtin.id);
	const char *kinds = b->args;
	const struct kp_expr *arg;
	unsigned int n = 1, types;

	warn_values(w, e->builtin.args);
	for (arg = e->builtin.args; arg; arg = arg->next, n++) {
		types = known_types(arg);
		if (types && !(types & kind_types(*kinds)))
			kp_diag_report(w->sema->cc->diag, KP_TAG_ARGUMENT_NEVER, arg->at, n,
				       b->name);
		if (kinds[0] && kinds[1])
			kinds++;
	}
}

static void warn_expr(struct warner *w, const struct kp_expr *e)
{
	const struct kp_str *name = NULL;

	switch (e->kind) {
	case KP_EX_BINARY:
	case KP_EX_UNARY:
		if (e->kind == KP_EX_BINARY)
			warn_comparison(w, e);
		if (e->op.op == KP_OPERATOR_IN)
			warn_index(w, e->op.right, e->op.right->at, NULL, "in");
		warn_arith(w, e->op.op, e->op.left, e->op.right);
		warn_value(w, e->op.left);
		warn_value(w, e->op.right);
		break;
	case KP_EX_INDEX:
		if (e->index.key->kind == KP_EX_STRING)
			name = e->index.key->str;
		warn_index(w, e->index.object, e->at, name, "element");
		warn_value(w, e->index.key);
		break;
	case KP_EX_METHOD:
		warn_index(w, e->call.callee, e->at, e->call.method, "element");
		/* fall through */
	case KP_EX_CALL:
		warn_value(w, e->call.callee);
		warn_values(w, e->call.args);
		break;
	case KP_EX_BUILTIN:
		warn_builtin(w, e);
		break;
	case KP_EX_CONCAT:
		warn_values(w, e->list);
		break;
	case KP_EX_COND:
		warn_test(w, e->cond.test);
		break;
	default:
		break;
	}
}

static void visit_expr(struct kp_visitor *v, struct kp_expr *e)
{
	warn_expr((struct warner *)v, e);
	kp_expr_visit(v, e);
}

/* ---- statements ---- */

static void visit_func(struct kp_visitor *v, struct kp_func *f)
{
	struct warner *w = (struct warner *)v;
	const struct kp_func *outer = w->func;

	w->func = f;
	if (f->role == KP_ROLE_FILTER)
		warn_test(w, f->body.first->expr);
	v->block(v, &f->body);
	w->func = outer;
}

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
	case KP_ST_ASSIGN:
		warn_values(w, s->assign.values);
		warn_arith(w, s->assign.op, s->assign.values, NULL);
		break;
	case KP_ST_LOCAL:
		warn_values(w, s->local.values);
		break;
	case KP_ST_TRACE:
	case KP_ST_TRACE_END:
	case KP_ST_TIMER:
		kp_warn_probe(w->sema, s);
		break;
	case KP_ST_CALL:
		if (s->expr->kind != KP_EX_BUILTIN || w->func->idle)
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

/* ---- variables ---- */

/* A name that begins with `_` says that there is no use for it. */
static void warn_unread(struct warner *w, const struct kp_var *var)
{
	bool set = var->writes && (!var->value || var->value->kind != KP_EX_FUNCTION);

	if ((set || !var->global) && var->mentions == var->stores && !var->parameter &&
	    !var->loop && !var->function && !var->func->idle && var->name->data[0] != '_')
		report(w, KP_TAG_NEVER_READ, var->writes ? var->write_at : var->at,
		       var->name->data);
}

/* A name that is spelt in two ways is told once: where it is read. */
static void warn_variables(struct warner *w)
{
	const struct kp_sema *sema = w->sema;
	const struct kp_diag *d = sema->cc->diag;
	size_t i;

	for (i = 0; i < d->count; i++)
		if (d->tags[i] == KP_TAG_NEVER_ASSIGNED)
			return;
	for (i = 0; i < sema->ndeclared; i++)
		warn_unread(w, sema->declared[i]);
	for (i = 0; i < sema->globals.len; i++)
		warn_unread(w, kp_hash_entry(&sema->globals, i)->value);
}

void kp_warn(struct kp_sema *sema)
{
	struct warner w = { { visit_expr, visit_func, kp_block_visit, visit_stmt }, sema, NULL };

	if (sema->cc->opts->no_warnings)
		return;
	visit_func(&w.visitor, sema->main);
	warn_variables(&w);
}
