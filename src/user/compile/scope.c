// SPDX-License-Identifier: GPL-2.0-only
/* Scopes, and what is declared in them: variables and labels. */
#include "scope.h"

#define MAX_LOCALS 200 /* visible at once in a function */
#define MAX_LABELS 200 /* of a block */

/* A goto that was met before its label. */
struct kp_jump {
	struct kp_jump *next;
	const struct kp_var *vars; /* newest of the label's scope at the goto */
	struct kp_span at;
};

/* ---- variables ---- */

/* Open @scope inside the current one. */
void kp_scope_open(struct kp_binder *b, struct kp_scope *scope, bool repeated)
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

static void note_capture(struct kp_binder *b, struct kp_var *var)
{
	struct kp_capture *last = b->sema->captures, *cap;

	if (last && last->var == var && last->func == b->func)
		return;
	cap = kp_cc_alloc(b->cc, sizeof(*cap));
	*cap = (struct kp_capture){ last, var, b->func };
	b->sema->captures = cap;
}

static void declare_list(struct kp_binder *b, struct kp_var *var)
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

struct kp_var *kp_scope_declare(struct kp_binder *b, struct kp_name *name)
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
	if (b->nlocals > MAX_LOCALS)
		b->sema->hidden = true;
	if (b->nlocals == MAX_LOCALS + 1)
		kp_diag_report(b->cc->diag, KP_TAG_TOO_MANY_LOCALS, name->at,
			       b->func->role == KP_ROLE_MAIN ? "main function" : "function",
			       MAX_LOCALS);
	return var;
}

struct kp_var *kp_scope_find(const struct kp_binder *b, const struct kp_str *name)
{
	const struct kp_scope *scope;
	struct kp_var *var;

	for (scope = b->scope; scope; scope = scope->up)
		for (var = scope->vars; var; var = var->next)
			if (var->name == name)
				return var;
	return NULL;
}

static struct kp_var *find_global(struct kp_binder *b, const struct kp_str *name, struct kp_span at)
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

/* The declaration of @name that is just being bound, or NULL. */
static const struct kp_stmt *find_declaring(const struct kp_binder *b, const struct kp_str *name)
{
	const struct kp_declaring *d;
	const struct kp_name *n;

	for (d = b->declaring; d; d = d->up)
		for (n = d->local->local.names; n; n = n->next)
			if (n->str == name)
				return d->local;
	return NULL;
}

/* Bind a mention of a variable. */
struct kp_var *kp_scope_mention(struct kp_binder *b, struct kp_expr *e)
{
	struct kp_var *var = kp_scope_find(b, e->name.str);

	if (!var) {
		var = find_global(b, e->name.str, e->at);
		if (!var->own)
			var->own = find_declaring(b, e->name.str);
	}
	e->name.var = var;
	if (var->skipped_at.len) {
		kp_diag_report(b->cc->diag, KP_TAG_GOTO_INTO_SCOPE, var->skipped_at, "continue",
			       var->name->data);
		var->skipped_at.len = 0;
	}
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
bool kp_scope_unconditional(const struct kp_binder *b)
{
	const struct kp_scope *scope;

	for (scope = b->scope; scope && scope->func == b->func; scope = scope->up)
		if (scope->conditional)
			return false;
	return true;
}

void kp_scope_write(struct kp_binder *b, struct kp_var *var, struct kp_span at,
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

void kp_scope_labels(struct kp_binder *b, const struct kp_block *block, struct kp_scope *scope)
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

void kp_scope_goto(struct kp_binder *b, struct kp_stmt *s)
{
	struct kp_scope *scope;
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

void kp_scope_label(struct kp_binder *b, struct kp_stmt *s)
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
