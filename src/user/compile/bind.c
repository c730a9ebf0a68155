// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names to variables. A name means the innermost declaration around it, or else
 * the global of that name; whether such a global is a built-in is decided later,
 * when it is known that the script never assigns it.
 */
#include <string.h>

#include "scope.h"

static void bind_expr(struct kp_binder *b, struct kp_expr *e);
static void bind_block(struct kp_binder *b, struct kp_block *block, struct kp_scope *scope);

/* ---- expressions ---- */

static void bind_exprs(struct kp_binder *b, struct kp_expr *e)
{
	for (; e; e = e->next)
		bind_expr(b, e);
}

static void bind_func(struct kp_binder *b, struct kp_func *f)
{
	struct kp_scope scope = { 0 };
	unsigned int nlocals = b->nlocals;
	struct kp_name *name;

	f->index = b->sema->nfuncs++;
	*b->last_func = f;
	b->last_func = &f->next;
	f->parent = b->func;
	f->outer = b->scope ? b->scope->env : NULL;
	b->func = f;
	kp_scope_open(b, &scope, f->role != KP_ROLE_MAIN);
	b->nlocals = 0;
	for (name = f->params; name; name = name->next) {
		struct kp_var *var = kp_scope_declare(b, name);

		var->parameter = true;
	}
	bind_block(b, &f->body, &scope);
	b->nlocals = nlocals;
	b->scope = scope.up;
	b->func = f->parent;
}

/* A number and its sign, which scripts cannot write in one: it is no more an operation than the number is. */
static bool is_negative_number(const struct kp_expr *e)
{
	return e->kind == KP_EX_UNARY && e->op.op == KP_OPERATOR_NEG &&
	       e->op.left->kind == KP_EX_NUMBER;
}

static void visit_func(struct kp_visitor *v, struct kp_func *f)
{
	bind_func((struct kp_binder *)v, f);
}

static void visit_expr(struct kp_visitor *v, struct kp_expr *e)
{
	struct kp_binder *b = (struct kp_binder *)v;

	if (e->kind == KP_EX_NAME)
		kp_scope_mention(b, e);
	kp_expr_visit(v, e);
	if (!b->cc->opts->no_fold || is_negative_number(e))
		kp_fold(b->cc, e);
}

static void bind_expr(struct kp_binder *b, struct kp_expr *e)
{
	visit_expr(&b->visitor, e);
}

/* ---- statements ---- */

static void bind_assign(struct kp_binder *b, struct kp_stmt *s)
{
	struct kp_expr *target, *value = s->assign.values;
	bool plain = s->assign.op == KP_OPERATOR_NONE && kp_scope_unconditional(b) &&
		     !s->assign.targets->next && !value->next;

	bind_exprs(b, value);
	for (target = s->assign.targets; target; target = target->next) {
		struct kp_expr *object;

		if (target->kind == KP_EX_NAME) {
			struct kp_var *var = kp_scope_mention(b, target);

			var->stores += s->assign.op == KP_OPERATOR_NONE;
			kp_scope_write(b, var, target->at,
				       plain && var->func == b->func ? value : NULL);
			continue;
		}
		bind_expr(b, target);
		object = target->index.object;
		if (object->kind == KP_EX_NAME)
			object->name.var->stored_into = true;
	}
}

/*
 * table_count(t, k, n) of the 0.2 release is t[k] += n, and n is 1 when it is left out;
 * unless the script has a function of this name.
 */
static bool bind_table_count(struct kp_binder *b, struct kp_stmt *s)
{
	struct kp_expr *call = s->expr, *table, *key, *n, *target;
	const struct kp_var *var;

	if (call->kind != KP_EX_CALL || call->call.callee->kind != KP_EX_NAME ||
	    strcmp(call->call.callee->name.str->data, "table_count"))
		return false;
	var = kp_scope_mention(b, call->call.callee);
	table = call->call.args;
	key = table ? table->next : NULL;
	if (!var->global || var->writes || !key || (key->next && key->next->next))
		return false;
	n = key->next;
	if (!n) {
		n = kp_cc_alloc(b->cc, sizeof(*n));
		n->kind = KP_EX_NUMBER;
		n->number = 1;
		n->at = call->at;
	}
	target = kp_cc_alloc(b->cc, sizeof(*target));
	target->kind = KP_EX_INDEX;
	target->at = call->at;
	target->index.object = table;
	target->index.key = key;
	table->next = key->next = NULL;
	s->kind = KP_ST_ASSIGN;
	s->at = call->at;
	s->assign.targets = target;
	s->assign.values = n;
	s->assign.op = KP_OPERATOR_ADD;
	bind_assign(b, s);
	return true;
}

static void bind_local(struct kp_binder *b, struct kp_stmt *s)
{
	struct kp_declaring declaring = { b->declaring, s };
	struct kp_name *name;
	struct kp_expr *value;

	if (!s->local.recursive) {
		b->declaring = &declaring;
		bind_exprs(b, s->local.values);
		b->declaring = declaring.up;
	}
	value = s->local.values;
	for (name = s->local.names; name; name = name->next) {
		struct kp_var *var = kp_scope_declare(b, name);

		var->initialized = value != NULL;
		if (s->local.values)
			kp_scope_write(b, var, name->at, value);
		value = value ? value->next : NULL;
	}
	if (s->local.recursive)
		bind_exprs(b, s->local.values);
}

/* The variables of a loop are new ones each time round. */
static void declare_loop(struct kp_binder *b, struct kp_name *name)
{
	for (; name; name = name->next) {
		struct kp_var *var = kp_scope_declare(b, name);

		var->loop = true;
		kp_scope_write(b, var, name->at, NULL);
	}
}

static void bind_stmt(struct kp_binder *b, struct kp_stmt *s);

static void bind_loop(struct kp_binder *b, struct kp_stmt *s)
{
	struct kp_scope outer = { 0 };
	struct kp_scope body = { .loop = true,
				 .conditional = true,
				 .repeat = s->kind == KP_ST_REPEAT };
	unsigned int nlocals = b->nlocals;
	struct kp_stmt *init = s->loop.init;
	struct kp_var *var;

	kp_scope_open(b, &outer, true);
	s->loop.env = outer.env;
	/* `for (i = 0; …)`: i is new unless it is declared. */
	if (init && init->kind == KP_ST_ASSIGN && s->loop.names &&
	    !kp_scope_find(b, s->loop.names->str)) {
		struct kp_expr *value = init->assign.values;

		init->kind = KP_ST_LOCAL;
		init->local.names = s->loop.names;
		init->local.values = value;
		init->local.recursive = false;
	}
	if (init)
		bind_stmt(b, init);
	else if (s->loop.from)
		bind_expr(b, s->loop.from);
	if (s->loop.limit && s->kind != KP_ST_REPEAT)
		bind_expr(b, s->loop.limit);
	if (s->loop.step)
		bind_expr(b, s->loop.step);
	outer.conditional = true;
	if (s->loop.next)
		bind_stmt(b, s->loop.next);
	kp_scope_open(b, &body, true);
	if (s->kind == KP_ST_FOR_NUM || s->kind == KP_ST_FOR_IN) {
		declare_loop(b, s->loop.names);
		declare_loop(b, s->loop.value);
	}
	bind_block(b, &s->loop.body, &body);
	if (s->kind == KP_ST_REPEAT) {
		/* The condition must not mention what a continue skips. */
		if (body.continue_at.len)
			for (var = body.vars; var != body.continue_vars; var = var->next)
				var->skipped_at = body.continue_at;
		bind_expr(b, s->loop.limit);
	}
	b->scope = outer.up;
	b->nlocals = nlocals;
}

static void bind_in_loop(struct kp_binder *b, struct kp_stmt *s, const char *word)
{
	struct kp_scope *scope = b->scope;

	while (scope && scope->func == b->func && !scope->loop)
		scope = scope->up;
	if (scope && scope->func == b->func) {
		if (s->kind == KP_ST_CONTINUE && !scope->continue_at.len) {
			scope->continue_at = s->at;
			scope->continue_vars = scope->vars;
		}
		return;
	}
	kp_diag_report(b->cc->diag, KP_TAG_BREAK_OUTSIDE, s->at, word);
}

/* A block with a scope of its own. */
static void bind_scoped(struct kp_binder *b, struct kp_block *block, bool conditional)
{
	struct kp_scope scope = { .conditional = conditional };
	unsigned int nlocals = b->nlocals;

	kp_scope_open(b, &scope, false);
	bind_block(b, block, &scope);
	b->scope = scope.up;
	b->nlocals = nlocals;
}

static void bind_stmt(struct kp_binder *b, struct kp_stmt *s)
{
	struct kp_eventdef *def;
	struct kp_arm *arm;

	switch (s->kind) {
	case KP_ST_ASSIGN:
		bind_assign(b, s);
		break;
	case KP_ST_LOCAL:
		bind_local(b, s);
		break;
	case KP_ST_CALL:
		if (!bind_table_count(b, s))
			bind_exprs(b, s->expr);
		break;
	case KP_ST_DELETE:
	case KP_ST_RETURN:
		bind_exprs(b, s->expr);
		break;
	case KP_ST_IF:
		for (arm = s->arms; arm; arm = arm->next) {
			if (arm->test)
				bind_expr(b, arm->test);
			bind_scoped(b, &arm->body, true);
		}
		break;
	case KP_ST_WHILE:
	case KP_ST_REPEAT:
	case KP_ST_FOR_NUM:
	case KP_ST_FOR_C:
	case KP_ST_FOR_IN:
		bind_loop(b, s);
		break;
	case KP_ST_BREAK:
		bind_in_loop(b, s, "break");
		break;
	case KP_ST_CONTINUE:
		bind_in_loop(b, s, "continue");
		break;
	case KP_ST_GOTO:
		kp_scope_goto(b, s);
		break;
	case KP_ST_LABEL:
		kp_scope_label(b, s);
		break;
	case KP_ST_BLOCK:
		bind_scoped(b, &s->block, false);
		break;
	case KP_ST_TRACE:
	case KP_ST_TRACE_END:
	case KP_ST_TIMER:
		for (def = s->probe.events; def; def = def->next)
			if (def->filter)
				bind_func(b, def->filter);
		bind_expr(b, s->probe.handler);
		break;
	case KP_ST_OPTION:
		kp_scope_write(b, kp_scope_declare(b, s->option.name), s->option.name->at,
			       s->option.value);
		break;
	case KP_ST_CDEF:
		break;
	}
}

/* Bind the statements of @block, whose scope is @scope, the current one. */
static void bind_block(struct kp_binder *b, struct kp_block *block, struct kp_scope *scope)
{
	struct kp_stmt *s;

	block->env = scope->env;
	kp_scope_labels(b, block, scope);
	if (scope->labels)
		scope->conditional = true;
	for (s = block->first; s; s = s->next)
		bind_stmt(b, s);
}

void kp_bind(struct kp_sema *sema, struct kp_func *main)
{
	struct kp_binder b = { .visitor = { .expr = visit_expr, .func = visit_func },
			       .sema = sema,
			       .cc = sema->cc,
			       .last_func = &sema->main };

	kp_hash_init(&sema->globals, &sema->cc->arena);
	bind_func(&b, main);
}
