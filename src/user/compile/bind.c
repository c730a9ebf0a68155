// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names to variables. A name means the innermost declaration around it, or else
 * the global of that name; whether such a global is a built-in is decided later,
 * when it is known that the script never assigns it.
 */
#include <string.h>

#include "sema.h"

#define MAX_LOCALS 200 /* visible at once in a function */
#define MAX_LABELS 200 /* of a block */

struct scope {
	struct scope *up;
	struct kp_func *func;
	struct kp_env *env;
	struct kp_var *vars; /* newest first */
	struct kp_label *labels;
	bool loop;		      /* break and continue stop here */
	bool repeat;		      /* the condition of the loop sees what the block declares */
	bool continued;		      /* has a continue */
	struct kp_var *continue_vars; /* what was declared at the first one */
	bool conditional;	      /* may run never, or more than once */
};

/* A goto that was met before its label. */
struct kp_jump {
	struct kp_jump *next;
	const struct kp_var *vars; /* newest of the label's scope at the goto */
	struct kp_span at;
};

struct binder {
	struct kp_visitor visitor; /* of expressions: blocks and statements open scopes */
	struct kp_sema *sema;
	struct kp_cc *cc;
	struct scope *scope;
	struct kp_func *func;
	struct kp_func **last_func;
	unsigned int nlocals; /* visible in the function */
};

static void bind_expr(struct binder *b, struct kp_expr *e);
static void bind_block(struct binder *b, struct kp_block *block, struct scope *scope);

/* ---- variables ---- */

/* Open @scope inside the current one. */
static void open_scope(struct binder *b, struct scope *scope, bool repeated)
{
	struct kp_env *env = kp_cc_alloc(b->cc, sizeof(*env));

	scope->up = b->scope;
	scope->func = b->func;
	scope->env = env;
	env->func = b->func;
	env->up = b->scope ? b->scope->env : NULL;
	env->repeated = repeated || (env->up && env->up->repeated);
	env->next = b->sema->envs;
	b->sema->envs = env;
	b->scope = scope;
}

static void note_capture(struct binder *b, struct kp_var *var)
{
	struct kp_capture *last = b->sema->captures, *cap;

	if (last && last->var == var && last->func == b->func)
		return;
	cap = kp_cc_alloc(b->cc, sizeof(*cap));
	*cap = (struct kp_capture){ last, var, b->func };
	b->sema->captures = cap;
}

static void declare_list(struct binder *b, struct kp_var *var)
{
	struct kp_sema *sema = b->sema;

	if (sema->ndeclared == sema->declared_cap) {
		size_t cap = sema->declared_cap ? sema->declared_cap * 2 : 64;

		sema->declared =
			kp_cc_grow(b->cc, sema->declared, sema->ndeclared * sizeof(*sema->declared),
				   cap * sizeof(*sema->declared));
		sema->declared_cap = cap;
	}
	sema->declared[sema->ndeclared++] = var;
}

static struct kp_var *declare(struct binder *b, struct kp_name *name)
{
	struct kp_var *var = kp_cc_alloc(b->cc, sizeof(*var));

	var->name = name->str;
	var->at = name->at;
	var->func = b->func;
	var->env = b->scope->env;
	name->var = var;
	declare_list(b, var);
	/* One too many is an error, so what its mentions mean no longer matters. */
	if (b->nlocals++ < MAX_LOCALS) {
		var->next = b->scope->vars;
		b->scope->vars = var;
	}
	if (b->nlocals == MAX_LOCALS + 1)
		kp_diag_report(b->cc->diag, KP_TAG_TOO_MANY_LOCALS, name->at,
			       b->func->role == KP_ROLE_MAIN ? "main function" : "function",
			       MAX_LOCALS);
	return var;
}

static struct kp_var *find_declared(const struct binder *b, const struct kp_str *name)
{
	const struct scope *scope;
	struct kp_var *var;

	for (scope = b->scope; scope; scope = scope->up)
		for (var = scope->vars; var; var = var->next)
			if (var->name == name)
				return var;
	return NULL;
}

static struct kp_var *find_global(struct binder *b, const struct kp_str *name, struct kp_span at)
{
	void **place = kp_cc_at(b->cc, &b->sema->globals, name->data, name->len);
	struct kp_var *var;

	if (!*place) {
		var = kp_cc_alloc(b->cc, sizeof(*var));
		var->name = name;
		var->at = at;
		var->func = b->sema->main;
		var->global = true;
		*place = var;
	}
	return *place;
}

/* Bind a mention of a variable. */
static struct kp_var *mention(struct binder *b, struct kp_expr *e)
{
	struct kp_var *var = find_declared(b, e->name.str);

	if (!var)
		var = find_global(b, e->name.str, e->at);
	e->name.var = var;
	var->mentions++;
	if (!var->first.len)
		var->first = e->at;
	if (var->func == b->func)
		return var;
	if (!var->captured) {
		var->captured = true;
		var->capture_at = e->at;
	}
	if (var->env && var->env->repeated)
		note_capture(b, var);
	return var;
}

/* May what the current block does be undone or repeated by control flow? */
static bool unconditional(const struct binder *b)
{
	const struct scope *scope;

	for (scope = b->scope; scope && scope->func == b->func; scope = scope->up)
		if (scope->conditional)
			return false;
	return true;
}

static void write_var(struct binder *b, struct kp_var *var, struct kp_span at,
		      struct kp_expr *value)
{
	if (!var->writes++) {
		var->write_at = at;
		var->value = value;
	} else {
		var->value = NULL;
	}
	if (b->func->role != KP_ROLE_MAIN)
		var->written_outside = true;
}

/* ---- labels ---- */

static void collect_labels(struct binder *b, const struct kp_block *block, struct scope *scope)
{
	struct kp_label *label;
	struct kp_stmt *s;
	unsigned int n = 0;

	for (s = block->first; s; s = s->next) {
		if (s->kind != KP_ST_LABEL)
			continue;
		if (n++ == MAX_LABELS) {
			kp_diag_report(b->cc->diag, KP_TAG_TOO_MANY, s->at, "labels", MAX_LABELS);
			return;
		}
		for (label = scope->labels; label; label = label->next)
			if (label->name == s->jump.name)
				kp_diag_report(b->cc->diag, KP_TAG_LABEL_DUPLICATE, s->at,
					       s->jump.name->data);
		label = kp_cc_alloc(b->cc, sizeof(*label));
		label->name = s->jump.name;
		label->next = scope->labels;
		scope->labels = label;
		s->jump.label = label;
	}
}

static void bind_goto(struct binder *b, struct kp_stmt *s)
{
	struct scope *scope;
	struct kp_label *label;
	struct kp_jump *jump;

	for (scope = b->scope; scope && scope->func == b->func; scope = scope->up) {
		for (label = scope->labels; label; label = label->next) {
			if (label->name != s->jump.name)
				continue;
			s->jump.label = label;
			if (label->seen)
				return;
			jump = kp_cc_alloc(b->cc, sizeof(*jump));
			*jump = (struct kp_jump){ label->waiting, scope->vars, s->at };
			label->waiting = jump;
			return;
		}
	}
	kp_diag_report(b->cc->diag, KP_TAG_LABEL_UNDEFINED, s->at, s->jump.name->data);
}

static void bind_label(struct binder *b, struct kp_stmt *s)
{
	struct kp_label *label = s->jump.label;
	const struct kp_stmt *after = s->next;
	struct kp_jump *jump;

	if (!label)
		return;
	label->seen = true;
	while (after && after->kind == KP_ST_LABEL)
		after = after->next;
	if (!after && !b->scope->repeat)
		return;
	for (jump = label->waiting; jump; jump = jump->next)
		if (jump->vars != b->scope->vars)
			kp_diag_report(b->cc->diag, KP_TAG_GOTO_INTO_SCOPE, jump->at,
				       label->name->data, b->scope->vars->name->data);
}

/* ---- expressions ---- */

static void bind_exprs(struct binder *b, struct kp_expr *e)
{
	for (; e; e = e->next)
		bind_expr(b, e);
}

static void bind_func(struct binder *b, struct kp_func *f)
{
	struct scope scope = { 0 };
	unsigned int nlocals = b->nlocals;
	struct kp_name *name;

	f->index = b->sema->nfuncs++;
	*b->last_func = f;
	b->last_func = &f->next;
	f->parent = b->func;
	f->outer = b->scope ? b->scope->env : NULL;
	b->func = f;
	open_scope(b, &scope, f->role != KP_ROLE_MAIN);
	b->nlocals = 0;
	for (name = f->params; name; name = name->next) {
		struct kp_var *var = declare(b, name);

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
	bind_func((struct binder *)v, f);
}

static void visit_expr(struct kp_visitor *v, struct kp_expr *e)
{
	struct binder *b = (struct binder *)v;

	if (e->kind == KP_EX_NAME)
		mention(b, e);
	kp_expr_visit(v, e);
	if (!b->cc->opts->no_fold || is_negative_number(e))
		kp_fold(b->cc, e);
}

static void bind_expr(struct binder *b, struct kp_expr *e)
{
	visit_expr(&b->visitor, e);
}

/* ---- statements ---- */

static void bind_assign(struct binder *b, struct kp_stmt *s)
{
	struct kp_expr *target, *value = s->assign.values;
	bool plain = s->assign.op == KP_OPERATOR_NONE && unconditional(b) &&
		     !s->assign.targets->next && !value->next;

	bind_exprs(b, value);
	for (target = s->assign.targets; target; target = target->next) {
		struct kp_expr *object;

		if (target->kind == KP_EX_NAME) {
			struct kp_var *var = mention(b, target);

			var->stores += s->assign.op == KP_OPERATOR_NONE;
			write_var(b, var, target->at, plain && var->func == b->func ? value : NULL);
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
static bool bind_table_count(struct binder *b, struct kp_stmt *s)
{
	struct kp_expr *call = s->expr, *table, *key, *n, *target;
	const struct kp_var *var;

	if (call->kind != KP_EX_CALL || call->call.callee->kind != KP_EX_NAME ||
	    strcmp(call->call.callee->name.str->data, "table_count"))
		return false;
	var = mention(b, call->call.callee);
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

static void bind_local(struct binder *b, struct kp_stmt *s)
{
	struct kp_name *name;
	struct kp_expr *value;

	if (!s->local.recursive)
		bind_exprs(b, s->local.values);
	value = s->local.values;
	for (name = s->local.names; name; name = name->next) {
		struct kp_var *var = declare(b, name);

		var->initialized = value != NULL;
		if (s->local.values)
			write_var(b, var, name->at, value);
		value = value ? value->next : NULL;
	}
	if (s->local.recursive)
		bind_exprs(b, s->local.values);
}

/* The variables of a loop are new ones each time round. */
static void declare_loop(struct binder *b, struct kp_name *name)
{
	for (; name; name = name->next) {
		struct kp_var *var = declare(b, name);

		var->loop = true;
		write_var(b, var, name->at, NULL);
	}
}

static void bind_stmt(struct binder *b, struct kp_stmt *s);

static void bind_loop(struct binder *b, struct kp_stmt *s)
{
	struct scope outer = { 0 };
	struct scope body = { .loop = true,
			      .conditional = true,
			      .repeat = s->kind == KP_ST_REPEAT };
	unsigned int nlocals = b->nlocals;
	struct kp_stmt *init = s->loop.init;

	open_scope(b, &outer, true);
	s->loop.env = outer.env;
	/* `for (i = 0; …)`: i is new unless it is declared. */
	if (init && init->kind == KP_ST_ASSIGN && s->loop.names &&
	    !find_declared(b, s->loop.names->str)) {
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
	open_scope(b, &body, true);
	if (s->kind == KP_ST_FOR_NUM || s->kind == KP_ST_FOR_IN) {
		declare_loop(b, s->loop.names);
		declare_loop(b, s->loop.value);
	}
	bind_block(b, &s->loop.body, &body);
	if (s->kind == KP_ST_REPEAT) {
		/* What a continue skips does not exist in the condition. */
		if (body.continued)
			body.vars = body.continue_vars;
		bind_expr(b, s->loop.limit);
	}
	b->scope = outer.up;
	b->nlocals = nlocals;
}

static void bind_in_loop(struct binder *b, struct kp_stmt *s, const char *word)
{
	struct scope *scope = b->scope;

	while (scope && scope->func == b->func && !scope->loop)
		scope = scope->up;
	if (scope && scope->func == b->func) {
		if (s->kind == KP_ST_CONTINUE && !scope->continued) {
			scope->continued = true;
			scope->continue_vars = scope->vars;
		}
		return;
	}
	kp_diag_report(b->cc->diag, KP_TAG_BREAK_OUTSIDE, s->at, word);
}

/* A block with a scope of its own. */
static void bind_scoped(struct binder *b, struct kp_block *block, bool conditional)
{
	struct scope scope = { .conditional = conditional };
	unsigned int nlocals = b->nlocals;

	open_scope(b, &scope, false);
	bind_block(b, block, &scope);
	b->scope = scope.up;
	b->nlocals = nlocals;
}

static void bind_stmt(struct binder *b, struct kp_stmt *s)
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
		bind_goto(b, s);
		break;
	case KP_ST_LABEL:
		bind_label(b, s);
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
		write_var(b, declare(b, s->option.name), s->option.name->at, s->option.value);
		break;
	case KP_ST_CDEF:
		break;
	}
}

/* Bind the statements of @block, whose scope is @scope, the current one. */
static void bind_block(struct binder *b, struct kp_block *block, struct scope *scope)
{
	struct kp_stmt *s;

	block->env = scope->env;
	collect_labels(b, block, scope);
	if (scope->labels)
		scope->conditional = true;
	for (s = block->first; s; s = s->next)
		bind_stmt(b, s);
}

void kp_bind(struct kp_sema *sema, struct kp_func *main)
{
	struct binder b = { .visitor = { .expr = visit_expr, .func = visit_func },
			    .sema = sema,
			    .cc = sema->cc,
			    .last_func = &sema->main };

	kp_hash_init(&sema->globals, &sema->cc->arena);
	bind_func(&b, main);
}
