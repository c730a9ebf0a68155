// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a script means beyond its syntax.
 *
 * A name that the script never declares nor assigns is free: it is a built-in
 * (pid), event data (args, arg1, in a filter any name), or a mistake. Once all
 * names are known, contexts flow along the mentions of functions, and decide what
 * each function may do; the uses of each variable decide where it lives.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builtin.h"
#include "ktap/bytecode.h"
#include "sema.h"

#define MAX_GLOBAL_REGS 32 /* globals that only the main chunk uses live in its registers */

/* Something that not every context may do; looked at when contexts are known. */
struct need {
	struct need *next;
	const struct kp_func *func;
	struct kp_span at;
	unsigned int contexts; /* where it is allowed */
	const char *what;
};

struct checker {
	struct kp_sema *sema;
	struct kp_cc *cc;
	struct kp_func *func;
	struct need *needs, **last_need;
	struct kp_table **last_table;
	struct kp_field **last_field;
	struct kp_probe **last_probe;
	bool quantize_all; /* print_quantize of a table that is not known */
};

static void check_expr(struct checker *c, struct kp_expr *e, enum kp_use_kind use);
static void check_block(struct checker *c, struct kp_block *block, bool toplevel);
static void check_func(struct checker *c, struct kp_func *f);

/* ---- small helpers ---- */

static void *alloc(struct checker *c, size_t size)
{
	return kp_cc_alloc(c->cc, size);
}

static void need(struct checker *c, struct kp_span at, unsigned int contexts, const char *what)
{
	struct need *n = alloc(c, sizeof(*n));

	*n = (struct need){ NULL, c->func, at, contexts, what };
	*c->last_need = n;
	c->last_need = &n->next;
}

/* Is @e the name of something the script never declares nor assigns? */
static bool is_free(const struct kp_expr *e)
{
	return e->kind == KP_EX_NAME && e->name.var->global && !e->name.var->writes;
}

static bool is_free_name(const struct kp_expr *e, const char *name)
{
	return is_free(e) && !strcmp(e->name.str->data, name);
}

/* The event object of trace "…" function (e) { }. */
static bool is_event(const struct checker *c, const struct kp_expr *e)
{
	return e->kind == KP_EX_NAME && c->func->takes_event &&
	       e->name.var == c->func->params->var && !e->name.var->writes;
}

/* The function that @e certainly is, or NULL. */
static struct kp_func *static_func(const struct kp_expr *e)
{
	const struct kp_var *var;

	if (e->kind == KP_EX_FUNCTION)
		return e->func;
	if (e->kind != KP_EX_NAME)
		return NULL;
	var = e->name.var;
	if (var->writes == 1 && var->value && var->value->kind == KP_EX_FUNCTION)
		return var->value->func;
	return NULL;
}

static void suggest(struct checker *c, const struct kp_str *name)
{
	struct kp_near near;
	size_t i;

	kp_near_init(&near, name->data, name->len);
	for (i = 0; i < c->sema->ndeclared; i++)
		kp_near_try(&near, c->sema->declared[i]->name->data,
			    c->sema->declared[i]->name->len);
	for (i = 0; i < c->sema->globals.len; i++) {
		const struct kp_var *var = kp_hash_entry(&c->sema->globals, i)->value;

		if (var->writes || var->stored_into)
			kp_near_try(&near, var->name->data, var->name->len);
	}
	kp_builtin_near(&near);
	if (near.best)
		kp_diag_hint(c->cc->diag, "did you mean `%.*s`?", (int)near.best_len, near.best);
}

static void warn_never_assigned(struct checker *c, struct kp_var *var, struct kp_span at)
{
	if (var->warned || c->cc->opts->no_warnings)
		return;
	var->warned = true;
	kp_diag_report(c->cc->diag, KP_TAG_NEVER_ASSIGNED, at, var->name->data);
	suggest(c, var->name);
}

/* ---- what free names become ---- */

static void become_builtin(struct checker *c, struct kp_expr *e, unsigned int id,
			   struct kp_expr *args)
{
	e->kind = KP_EX_BUILTIN;
	e->builtin.id = id;
	e->builtin.args = args;
	need(c, e->at, kp_builtin_contexts(id), kp_builtin_get(id)->name);
}

static void become_field(struct checker *c, struct kp_expr *e, const struct kp_str *name,
			 uint32_t index)
{
	struct kp_field *f;
	uint32_t number = 0;

	for (f = c->sema->fields; f; f = f->next, number++)
		if (f->name == name && f->index == index)
			break;
	if (!f) {
		f = alloc(c, sizeof(*f));
		f->name = name;
		f->index = index;
		*c->last_field = f;
		c->last_field = &f->next;
		c->sema->nfields++;
	}
	e->kind = KP_EX_FIELD;
	e->field = number;
	need(c, e->at, KP_IN_EVENT, "args");
}

/* arg0, arg1 … give 0, 1 …; -1 for other names. */
static int arg_number(const char *name)
{
	if (strncmp(name, "arg", 3) || !isdigit((unsigned char)name[3]))
		return -1;
	if (name[4] && (name[3] == '0' || !isdigit((unsigned char)name[4]) || name[5]))
		return -1;
	return atoi(name + 3);
}

/* Does the language give @name a value by itself, so that scripts cannot assign it? */
static bool is_value_name(const char *name)
{
	int id = kp_builtin_find(name);

	return !strcmp(name, "args") || arg_number(name) >= 0 ||
	       (id >= 0 && kp_builtin_is_value((unsigned int)id));
}

static void check_free_name(struct checker *c, struct kp_expr *e)
{
	const struct kp_str *name = e->name.str;
	struct kp_var *var = e->name.var;
	int id = kp_builtin_find(name->data), arg = arg_number(name->data);

	if (arg >= 0) {
		become_field(c, e, NULL, (uint32_t)arg);
	} else if (id >= 0 && kp_builtin_is_value((unsigned int)id)) {
		become_builtin(c, e, (unsigned int)id, NULL);
	} else if (c->func->role == KP_ROLE_FILTER) {
		become_field(c, e, name, KTAP_NONE);
	} else if (id >= 0) {
		kp_diag_report(c->cc->diag, KP_TAG_BUILTIN_VALUE, e->at, name->data);
	} else if (!strcmp(name->data, "args")) {
		kp_diag_report(c->cc->diag, KP_TAG_BUILTIN_VALUE, e->at, name->data);
		kp_diag_hint(c->cc->diag, "write `args.NAME` for one field of the event");
	} else if (!strcmp(name->data, "arg")) {
		c->sema->arg = var;
		var->implicit = true;
	} else if (var->stored_into) {
		var->implicit = true;
	} else {
		warn_never_assigned(c, var, e->at);
	}
}

static void check_name(struct checker *c, struct kp_expr *e, enum kp_use_kind kind)
{
	struct kp_var *var = e->name.var;
	struct kp_func *f = static_func(e);
	struct kp_callee *callee;
	struct kp_use *use;

	if (is_event(c, e)) {
		become_builtin(c, e, KTAP_BUILTIN_argstr, NULL);
		return;
	}
	if (f) {
		callee = alloc(c, sizeof(*callee));
		*callee = (struct kp_callee){ c->func->callees, f };
		c->func->callees = callee;
		return;
	}
	if (is_free(e))
		check_free_name(c, e);
	else if (!var->writes && !var->parameter)
		warn_never_assigned(c, var, e->at);
	if (e->kind != KP_EX_NAME)
		return;
	use = alloc(c, sizeof(*use));
	*use = (struct kp_use){ var->uses, c->func, kind };
	var->uses = use;
}

/* ---- members ---- */

/* Members of the event object of the 0.2 release; others are fields by name. */
static void check_event_member(struct checker *c, struct kp_expr *e)
{
	const struct kp_expr *key = e->index.key;
	const char *name;

	if (key->kind != KP_EX_STRING) {
		kp_diag_report(c->cc->diag, KP_TAG_EXPECTED_NAME, key->at);
		return;
	}
	name = key->str->data;
	e->at = key->at;
	if (!strcmp(name, "name"))
		become_builtin(c, e, KTAP_BUILTIN_probename, NULL);
	else if (!strcmp(name, "sc_nr"))
		become_field(c, e, NULL, 0);
	else if (!strncmp(name, "sc_arg", 6) && name[6] >= '1' && name[6] <= '6' && !name[7])
		become_field(c, e, NULL, (uint32_t)(name[6] - '0'));
	else if (!strcmp(name, "retval"))
		become_field(c, e, kp_cc_string(c->cc, "ret", 3), KTAP_NONE);
	else
		become_field(c, e, key->str, KTAP_NONE);
}

/* args.NAME, args[N] */
static void check_args_member(struct checker *c, struct kp_expr *e)
{
	const struct kp_expr *key = e->index.key;

	e->at = key->at;
	if (key->kind == KP_EX_STRING)
		become_field(c, e, key->str, KTAP_NONE);
	else if (key->kind == KP_EX_NUMBER && key->number >= 0 && key->number < KTAP_MAX_FIELDS)
		become_field(c, e, NULL, (uint32_t)key->number);
	else
		kp_diag_report(c->cc->diag, KP_TAG_EXPECTED_NAME, key->at);
}

/* "lib.name" of an index of a free library name by a constant string; NULL for others. */
static const struct kp_str *member_name(struct checker *c, const struct kp_expr *e)
{
	const struct kp_str *lib, *key;
	char text[64];
	size_t len;

	if (e->kind != KP_EX_INDEX || !is_free(e->index.object) ||
	    !kp_builtin_library(e->index.object->name.str->data) ||
	    e->index.object->name.var->stored_into || e->index.key->kind != KP_EX_STRING)
		return NULL;
	lib = e->index.object->name.str;
	key = e->index.key->str;
	len = lib->len + 1 + key->len;
	if (len > sizeof(text))
		return key;
	memcpy(text, lib->data, lib->len);
	text[lib->len] = '.';
	memcpy(text + lib->len + 1, key->data, key->len);
	return kp_cc_string(c->cc, text, len);
}

static void check_index(struct checker *c, struct kp_expr *e, enum kp_use_kind use)
{
	const struct kp_str *member = member_name(c, e);

	if (is_free_name(e->index.object, "args")) {
		check_args_member(c, e);
	} else if (is_event(c, e->index.object)) {
		check_event_member(c, e);
	} else if (member && kp_builtin_find(member->data) >= 0) {
		kp_diag_report(c->cc->diag, KP_TAG_BUILTIN_VALUE, e->at, member->data);
	} else if (member) {
		kp_diag_report(c->cc->diag, KP_TAG_UNKNOWN_MEMBER, e->at,
			       e->index.object->name.str->data, e->index.key->str->data);
	} else {
		check_expr(c, e->index.object, use);
		check_expr(c, e->index.key, KP_USE_OTHER);
	}
}

/* ---- calls ---- */

static unsigned int count(const struct kp_expr *e)
{
	unsigned int n = 0;

	for (; e; e = e->next)
		n++;
	return n;
}

static void report_count(struct checker *c, const struct kp_expr *call, const char *name,
			 unsigned int min, unsigned int max)
{
	char expected[40];

	if (max == 255)
		snprintf(expected, sizeof(expected), "at least %u", min);
	else if (min == max)
		snprintf(expected, sizeof(expected), "%u", min);
	else
		snprintf(expected, sizeof(expected), "%u to %u", min, max);
	kp_diag_report(c->cc->diag, KP_TAG_ARGUMENT_COUNT, call->at, name, expected,
		       count(call->call.args));
}

/* Compare constants with the kinds that builtins.def asks for. */
static void check_kinds(struct checker *c, const char *kinds, const struct kp_expr *args)
{
	unsigned int n = 1;

	for (; args; args = args->next, n++) {
		bool constant = kp_expr_is_constant(args);

		if ((*kinds == 'i' && constant && args->kind != KP_EX_NUMBER) ||
		    (*kinds == 's' && constant && args->kind != KP_EX_STRING) ||
		    (*kinds == 't' && constant))
			kp_diag_report(c->cc->diag, KP_TAG_ARGUMENT_TYPE, args->at, n);
		if (kinds[0] && kinds[1])
			kinds++;
	}
}

static void check_builtin_call(struct checker *c, struct kp_expr *e, unsigned int id)
{
	const struct kp_builtin *b = kp_builtin_get(id);
	struct kp_expr *args = e->call.args, *arg;
	unsigned int n;

	if (id == KTAP_BUILTIN_exit)
		args = e->call.args = NULL; /* exit() always ignored its arguments */
	n = count(args);
	if (n < b->min || (b->max != 255 && n > b->max)) {
		report_count(c, e, b->name, b->min, b->max);
		return;
	}
	for (arg = args; arg; arg = arg->next)
		check_expr(c, arg, KP_USE_READ);
	check_kinds(c, b->args, args);
	if (id == KTAP_BUILTIN_len && args->kind == KP_EX_NUMBER)
		kp_diag_report(c->cc->diag, KP_TAG_ARGUMENT_TYPE, args->at, 1);
	if (id == KTAP_BUILTIN_printf && args->kind == KP_EX_STRING)
		kp_format_check(c->cc, args);
	if (id == KTAP_BUILTIN_print_quantize) {
		struct kp_var *var = args->kind == KP_EX_NAME ? args->name.var : NULL;

		if (var)
			var->quantize = true;
		else
			c->quantize_all = true;
	}
	become_builtin(c, e, id, args);
}

/* e.tostring(), e.field(N) */
static bool check_event_call(struct checker *c, struct kp_expr *e)
{
	const struct kp_expr *callee = e->call.callee, *args = e->call.args;
	const char *name;

	if (callee->kind != KP_EX_INDEX || !is_event(c, callee->index.object) ||
	    callee->index.key->kind != KP_EX_STRING)
		return false;
	name = callee->index.key->str->data;
	e->at = callee->index.key->at;
	if (!strcmp(name, "tostring")) {
		become_builtin(c, e, KTAP_BUILTIN_argstr, NULL);
	} else if (!strcmp(name, "field")) {
		if (args && args->kind == KP_EX_NUMBER && args->number > 0 &&
		    args->number <= KTAP_MAX_FIELDS)
			become_field(c, e, NULL, (uint32_t)args->number - 1);
		else
			kp_diag_report(c->cc->diag, KP_TAG_CONSTANT_ARGUMENT, e->at, 1, "field");
	} else {
		kp_diag_report(c->cc->diag, KP_TAG_UNKNOWN_MEMBER, e->at,
			       callee->index.object->name.str->data, name);
	}
	return true;
}

static struct kp_table *new_table(struct checker *c)
{
	struct kp_table *t = alloc(c, sizeof(*t));

	t->index = c->sema->ntables++;
	*c->last_table = t;
	c->last_table = &t->next;
	return t;
}

static void become_table(struct checker *c, struct kp_expr *e, uint32_t hint)
{
	e->kind = KP_EX_TABLE;
	e->table.items = NULL;
	e->table.site = new_table(c);
	e->table.site->hint = hint;
	need(c, e->at, KP_IN_MAIN | KP_IN_TICK, "{}");
}

/* ptable(), table.new(narr, nrec): true when @name is one of them */
static bool check_table_call(struct checker *c, struct kp_expr *e, const char *name)
{
	const struct kp_expr *arg;
	uint64_t hint = 0;
	unsigned int n = 1;

	if (strcmp(name, "ptable") && strcmp(name, "table.new"))
		return false;
	for (arg = e->call.args; arg; arg = arg->next, n++) {
		if (arg->kind != KP_EX_NUMBER) {
			kp_diag_report(c->cc->diag, KP_TAG_CONSTANT_ARGUMENT, arg->at, n, name);
			return true;
		}
		if (arg->number > 0)
			hint += (uint64_t)arg->number;
	}
	become_table(c, e, hint > UINT32_MAX ? UINT32_MAX : (uint32_t)hint);
	return true;
}

/* The library calls that the probe statements of other dialects stand for. */
static const struct probe_call {
	const char *name, *before, *after;
	enum kp_expr_kind first; /* kind of the first argument */
	enum kp_stmt_kind kind;
} probe_calls[] = {
	{ "timer.s", "tick-", "s", KP_EX_NUMBER, KP_ST_TIMER },
	{ "timer.sec", "tick-", "s", KP_EX_NUMBER, KP_ST_TIMER },
	{ "timer.ms", "tick-", "ms", KP_EX_NUMBER, KP_ST_TIMER },
	{ "timer.msec", "tick-", "ms", KP_EX_NUMBER, KP_ST_TIMER },
	{ "timer.us", "tick-", "us", KP_EX_NUMBER, KP_ST_TIMER },
	{ "timer.usec", "tick-", "us", KP_EX_NUMBER, KP_ST_TIMER },
	{ "timer.tick", "tick-", "", KP_EX_STRING, KP_ST_TIMER },
	{ "timer.profile", "profile-", "", KP_EX_STRING, KP_ST_TIMER },
	{ "kdebug.kprobe", "probe:", "", KP_EX_STRING, KP_ST_TRACE },
	{ "kdebug.tracepoint", "rawtp:", "", KP_EX_STRING, KP_ST_TRACE },
};

static const struct probe_call *find_probe_call(const struct kp_str *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(probe_calls) / sizeof(probe_calls[0]); i++)
		if (!strcmp(name->data, probe_calls[i].name))
			return &probe_calls[i];
	return NULL;
}

/* A call in such a form that is no statement of the top level, or has the wrong arguments. */
static void report_probe_call(struct checker *c, const struct kp_expr *e,
			      const struct probe_call *pc)
{
	const struct kp_expr *first = e->call.args;

	if (count(first) != 2)
		report_count(c, e, pc->name, 2, 2);
	else if (first->kind != pc->first)
		kp_diag_report(c->cc->diag, KP_TAG_CONSTANT_ARGUMENT, first->at, 1, pc->name);
	else
		kp_diag_report(c->cc->diag, KP_TAG_NOT_TOPLEVEL, e->at, pc->name);
}

/* The name a call uses when it may be a built-in; NULL otherwise. */
static const struct kp_str *callee_name(struct checker *c, const struct kp_expr *callee)
{
	if (is_free(callee))
		return callee->name.str;
	return member_name(c, callee);
}

static void check_call(struct checker *c, struct kp_expr *e)
{
	struct kp_expr *callee = e->call.callee, *arg;
	const struct kp_str *name = callee_name(c, callee);
	int id = name ? kp_builtin_find(name->data) : -1;

	if (check_event_call(c, e))
		return;
	if (find_probe_call(name)) {
		report_probe_call(c, e, find_probe_call(name));
		return;
	}
	if (id >= 0) {
		check_builtin_call(c, e, (unsigned int)id);
		return;
	}
	if (name && check_table_call(c, e, name->data))
		return;
	if (name && !strcmp(name->data, "pairs")) {
		kp_diag_report(c->cc->diag, KP_TAG_ONLY_PAIRS, e->at);
		return;
	}
	if (name && callee->kind == KP_EX_INDEX) {
		kp_diag_report(c->cc->diag, KP_TAG_UNKNOWN_MEMBER, callee->at,
			       callee->index.object->name.str->data, callee->index.key->str->data);
		return;
	}
	if (name && !callee->name.var->stored_into) {
		kp_diag_report(c->cc->diag, KP_TAG_UNDEFINED_FUNCTION, e->at, name->data);
		suggest(c, name);
		return;
	}
	check_expr(c, callee, KP_USE_OTHER);
	for (arg = e->call.args; arg; arg = arg->next)
		check_expr(c, arg, KP_USE_OTHER);
}

/* ---- expressions ---- */

static void check_table(struct checker *c, struct kp_expr *e)
{
	struct kp_item *items = e->table.items, *item;

	for (item = items; item; item = item->next) {
		if (item->key)
			check_expr(c, item->key, KP_USE_OTHER);
		check_expr(c, item->value, KP_USE_OTHER);
	}
	become_table(c, e, 0);
	e->table.items = items;
}

/* A number that the kernel's filters would test: `flags & 4` is false when it is 0. */
static void check_filter_test(struct checker *c, struct kp_expr *e)
{
	struct kp_expr *and, *zero;

	if (e->kind != KP_EX_BINARY || e->op.op != KP_OPERATOR_BAND)
		return;
	and = alloc(c, sizeof(*and));
	zero = alloc(c, sizeof(*zero));
	*and = *e;
	and->next = NULL;
	zero->kind = KP_EX_NUMBER;
	zero->at = e->at;
	e->op.op = KP_OPERATOR_NE;
	e->op.left = and;
	e->op.right = zero;
}

/* FIELD == word: the word is a string unless it means something. */
static void check_filter_word(struct kp_expr *e)
{
	struct kp_expr *word = e->op.right;

	if ((e->op.op == KP_OPERATOR_EQ || e->op.op == KP_OPERATOR_NE) && is_free(word) &&
	    !is_value_name(word->name.str->data)) {
		word->kind = KP_EX_STRING;
		word->str = word->name.str;
	}
}

static void check_operands(struct checker *c, struct kp_expr *e)
{
	bool filter = c->func->role == KP_ROLE_FILTER;
	struct kp_expr *left = e->op.left, *right = e->op.right;

	if (filter && e->kind == KP_EX_BINARY)
		check_filter_word(e);
	check_expr(c, left, KP_USE_OTHER);
	if (right)
		check_expr(c, right, e->op.op == KP_OPERATOR_IN ? KP_USE_READ : KP_USE_OTHER);
	if (filter &&
	    (e->kind == KP_EX_AND || e->kind == KP_EX_OR || e->op.op == KP_OPERATOR_NOT)) {
		check_filter_test(c, left);
		if (right)
			check_filter_test(c, right);
	}
	if (e->kind == KP_EX_BINARY && e->op.op == KP_OPERATOR_GLOB) {
		left->next = right;
		become_builtin(c, e, KTAP_BUILTIN_strglob, left);
	}
}

static void check_list(struct checker *c, struct kp_expr *e, enum kp_use_kind use)
{
	for (; e; e = e->next)
		check_expr(c, e, use);
}

static void check_expr(struct checker *c, struct kp_expr *e, enum kp_use_kind use)
{
	struct kp_callee *callee;

	switch (e->kind) {
	case KP_EX_NAME:
		check_name(c, e, use);
		break;
	case KP_EX_INDEX:
		check_index(c, e, KP_USE_READ);
		break;
	case KP_EX_CALL:
		check_call(c, e);
		break;
	case KP_EX_METHOD:
		check_expr(c, e->call.callee, KP_USE_OTHER);
		check_list(c, e->call.args, KP_USE_OTHER);
		break;
	case KP_EX_FUNCTION:
		callee = alloc(c, sizeof(*callee));
		*callee = (struct kp_callee){ c->func->callees, e->func };
		c->func->callees = callee;
		check_func(c, e->func);
		break;
	case KP_EX_TABLE:
		check_table(c, e);
		break;
	case KP_EX_UNARY:
	case KP_EX_BINARY:
	case KP_EX_AND:
	case KP_EX_OR:
		check_operands(c, e);
		break;
	case KP_EX_COND:
		check_expr(c, e->cond.test, KP_USE_OTHER);
		check_expr(c, e->cond.yes, KP_USE_OTHER);
		check_expr(c, e->cond.no, KP_USE_OTHER);
		break;
	case KP_EX_TUPLE:
		if (count(e->list) > KTAP_MAX_TUPLE)
			kp_diag_report(c->cc->diag, KP_TAG_TUPLE_LONG, e->at, KTAP_MAX_TUPLE);
		check_list(c, e->list, KP_USE_OTHER);
		break;
	case KP_EX_CONCAT:
		check_list(c, e->list, KP_USE_OTHER);
		break;
	case KP_EX_VARARG:
		kp_diag_report(c->cc->diag, KP_TAG_VARARG, e->at);
		break;
	case KP_EX_NIL:
	case KP_EX_FALSE:
	case KP_EX_TRUE:
	case KP_EX_NUMBER:
	case KP_EX_STRING:
	case KP_EX_BUILTIN:
	case KP_EX_FIELD:
		break;
	}
}

/* ---- statements ---- */

static void check_target(struct checker *c, struct kp_expr *e, enum kp_operator op)
{
	enum kp_use_kind use = KP_USE_OTHER;

	if (op == KP_OPERATOR_ADD || op == KP_OPERATOR_SUB || op == KP_OPERATOR_AGG)
		use = KP_USE_ACCUMULATE;
	if (e->kind == KP_EX_INDEX) {
		check_expr(c, e->index.object, use);
		check_expr(c, e->index.key, KP_USE_OTHER);
		return;
	}
	if (op == KP_OPERATOR_AGG)
		kp_diag_report(c->cc->diag, KP_TAG_NOT_ASSIGNABLE, e->at);
	if (e->name.var->global && is_value_name(e->name.str->data))
		kp_diag_report(c->cc->diag, KP_TAG_ASSIGN_BUILTIN, e->at, e->name.str->data);
	check_name(c, e, op == KP_OPERATOR_NONE ? KP_USE_WRITE : KP_USE_OTHER);
}

static void check_assign(struct checker *c, struct kp_stmt *s)
{
	struct kp_expr *target;

	check_list(c, s->assign.values, KP_USE_OTHER);
	for (target = s->assign.targets; target; target = target->next)
		check_target(c, target, s->assign.op);
}

static void check_for_in(struct checker *c, struct kp_stmt *s)
{
	struct kp_expr *call = s->loop.from;
	struct kp_name *name;
	unsigned int names = 0;

	if (call->kind != KP_EX_CALL || !is_free_name(call->call.callee, "pairs")) {
		kp_diag_report(c->cc->diag, KP_TAG_ONLY_PAIRS, call->at);
		return;
	}
	if (count(call->call.args) != 1) {
		report_count(c, call, "pairs", 1, 1);
		return;
	}
	for (name = s->loop.names; name; name = name->next)
		names++;
	if (names > KTAP_MAX_TUPLE)
		kp_diag_report(c->cc->diag, KP_TAG_TUPLE_LONG, s->loop.names->at, KTAP_MAX_TUPLE);
	check_expr(c, call->call.args, KP_USE_READ);
}

static void check_stmt(struct checker *c, struct kp_stmt *s, bool toplevel);

static void check_loop(struct checker *c, struct kp_stmt *s)
{
	if (s->loop.init)
		check_stmt(c, s->loop.init, false);
	else if (s->kind == KP_ST_FOR_IN)
		check_for_in(c, s);
	else if (s->loop.from)
		check_expr(c, s->loop.from, KP_USE_OTHER);
	if (s->loop.limit)
		check_expr(c, s->loop.limit, KP_USE_OTHER);
	if (s->loop.step)
		check_expr(c, s->loop.step, KP_USE_OTHER);
	if (s->loop.next)
		check_stmt(c, s->loop.next, false);
	check_block(c, &s->loop.body, false);
}

static void check_return(struct checker *c, struct kp_stmt *s)
{
	if (s->expr && s->expr->next)
		kp_diag_report(c->cc->diag, KP_TAG_MULTI_RETURN, s->expr->next->at);
	check_list(c, s->expr, KP_USE_OTHER);
	if (s->expr && c->func->role == KP_ROLE_FILTER)
		check_filter_test(c, s->expr);
}

/* ---- probes ---- */

static struct kp_probe *new_probe(struct checker *c, unsigned int kind, struct kp_span at,
				  struct kp_func *handler)
{
	struct kp_probe *p = alloc(c, sizeof(*p));

	p->kind = kind;
	p->at = at;
	p->handler = handler;
	*c->last_probe = p;
	c->last_probe = &p->next;
	c->sema->nprobes++;
	return p;
}

/* "10ms" and the like: a positive number of a known unit that fits 64 bits of nanoseconds. */
static bool interval_ok(const char *text, bool profile)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = { { "s", 1000000000 }, { "sec", 1000000000 }, { "ms", 1000000 },
		      { "msec", 1000000 }, { "us", 1000 },	  { "usec", 1000 } };
	unsigned long long n;
	char *unit;
	size_t i;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoull(text, &unit, 10);
	if (errno || !n)
		return false;
	if (profile && !strcmp(unit, "hz"))
		return n <= 1000000000;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].unit))
			return n <= INT64_MAX / units[i].ns;
	return false;
}

static void check_timer(struct checker *c, struct kp_stmt *s, struct kp_func *handler)
{
	const char *text = s->probe.timer->data, *interval = strchr(text, '-') + 1;
	bool profile = text[0] == 'p';
	struct kp_probe *p;

	if (!interval_ok(interval, profile)) {
		kp_diag_report(c->cc->diag, KP_TAG_TIMER_INTERVAL, s->at, interval);
		return;
	}
	p = new_probe(c, profile ? KTAP_PROBE_PROFILE : KTAP_PROBE_TICK, s->at, handler);
	p->spec = kp_cc_string(c->cc, interval, strlen(interval));
}

static void check_trace(struct checker *c, struct kp_stmt *s, struct kp_func *handler)
{
	struct kp_eventdef *def;
	struct kp_func *filter = NULL;

	for (def = s->probe.events; def; def = def->next) {
		if (def->filter)
			check_func(c, def->filter);
		if (def->filter)
			filter = def->filter;
	}
	/* trace a, b /filter/ { }: the filter is for all */
	for (def = s->probe.events; def; def = def->next) {
		struct kp_probe *p = new_probe(c, KTAP_PROBE_EVENT, def->at, handler);

		p->spec = def->spec;
		p->filter = s->probe.quoted ? def->filter : filter;
	}
}

static unsigned int probe_contexts(const struct kp_stmt *s)
{
	if (s->kind == KP_ST_TRACE)
		return KP_IN_EVENT;
	if (s->kind == KP_ST_TRACE_END)
		return KP_IN_MAIN;
	return s->probe.timer->data[0] == 'p' ? KP_IN_PROFILE : KP_IN_TICK;
}

static void check_probe(struct checker *c, struct kp_stmt *s, bool toplevel)
{
	struct kp_func *handler = static_func(s->probe.handler);

	if (!toplevel) {
		kp_diag_report(c->cc->diag, KP_TAG_NOT_TOPLEVEL, s->at,
			       s->kind == KP_ST_TRACE	  ? "trace" :
			       s->kind == KP_ST_TRACE_END ? "trace_end" :
							    "a timer");
		return;
	}
	if (!handler) {
		kp_diag_report(c->cc->diag, KP_TAG_NOT_A_FUNCTION, s->probe.handler->at,
			       s->probe.handler->kind == KP_EX_NAME ?
				       s->probe.handler->name.str->data :
				       "this");
		return;
	}
	if (s->probe.handler->kind == KP_EX_FUNCTION)
		check_func(c, handler);
	if (s->kind == KP_ST_TRACE)
		check_trace(c, s, handler);
	else if (s->kind == KP_ST_TIMER)
		check_timer(c, s, handler);
	else
		new_probe(c, KTAP_PROBE_END, s->at, handler);
}

/* Rewrite timer.s(1, function () { }) to what tick-1s { } is. Errors are left to check_call(). */
static void desugar(struct checker *c, struct kp_stmt *s)
{
	struct kp_expr *call = s->expr, *first;
	const struct probe_call *pc;
	struct kp_eventdef *def;
	const struct kp_str *spec;
	size_t size;
	char *text;

	if (call->kind != KP_EX_CALL)
		return;
	pc = find_probe_call(member_name(c, call->call.callee));
	first = call->call.args;
	if (!pc || count(first) != 2 || first->kind != pc->first)
		return;
	size = 64 + (first->kind == KP_EX_STRING ? first->str->len : 0);
	text = alloc(c, size);
	if (first->kind == KP_EX_STRING)
		snprintf(text, size, "%s%s%s", pc->before, first->str->data, pc->after);
	else
		snprintf(text, size, "%s%lld%s", pc->before, (long long)first->number, pc->after);
	spec = kp_cc_string(c->cc, text, strlen(text));
	s->kind = pc->kind;
	s->at = first->at;
	memset(&s->probe, 0, sizeof(s->probe));
	s->probe.handler = first->next;
	if (pc->kind == KP_ST_TIMER) {
		s->probe.timer = spec;
		return;
	}
	def = alloc(c, sizeof(*def));
	def->spec = spec;
	def->at = first->at;
	s->probe.events = def;
}

/* Before anything is checked: which functions handle what. */
static void find_handlers(struct checker *c, struct kp_block *main)
{
	struct kp_func *handler;
	struct kp_stmt *s;

	for (s = main->first; s; s = s->next) {
		if (s->kind == KP_ST_CALL)
			desugar(c, s);
		if (s->kind != KP_ST_TRACE && s->kind != KP_ST_TRACE_END && s->kind != KP_ST_TIMER)
			continue;
		handler = static_func(s->probe.handler);
		if (!handler)
			continue;
		handler->entry |= probe_contexts(s);
		if (s->kind == KP_ST_TRACE && handler->params)
			handler->takes_event = true;
		for (struct kp_eventdef *def = s->probe.events; def; def = def->next)
			if (def->filter)
				def->filter->entry |= KP_IN_EVENT;
	}
}

static void check_stmt(struct checker *c, struct kp_stmt *s, bool toplevel)
{
	struct kp_arm *arm;

	switch (s->kind) {
	case KP_ST_ASSIGN:
		check_assign(c, s);
		break;
	case KP_ST_LOCAL:
		check_list(c, s->local.values, KP_USE_OTHER);
		break;
	case KP_ST_CALL:
		check_expr(c, s->expr, KP_USE_OTHER);
		break;
	case KP_ST_DELETE:
		check_expr(c, s->expr->index.object, KP_USE_OTHER);
		check_expr(c, s->expr->index.key, KP_USE_OTHER);
		break;
	case KP_ST_IF:
		for (arm = s->arms; arm; arm = arm->next) {
			if (arm->test)
				check_expr(c, arm->test, KP_USE_OTHER);
			check_block(c, &arm->body, false);
		}
		break;
	case KP_ST_WHILE:
	case KP_ST_REPEAT:
	case KP_ST_FOR_NUM:
	case KP_ST_FOR_C:
	case KP_ST_FOR_IN:
		check_loop(c, s);
		break;
	case KP_ST_RETURN:
		check_return(c, s);
		break;
	case KP_ST_BLOCK:
		check_block(c, &s->block, false);
		break;
	case KP_ST_TRACE:
	case KP_ST_TRACE_END:
	case KP_ST_TIMER:
		check_probe(c, s, toplevel);
		break;
	case KP_ST_OPTION:
		if (!toplevel)
			kp_diag_report(c->cc->diag, KP_TAG_NOT_TOPLEVEL, s->at, "option");
		break;
	case KP_ST_CDEF:
		kp_diag_report(c->cc->diag, KP_TAG_FFI, s->at);
		break;
	case KP_ST_BREAK:
	case KP_ST_CONTINUE:
	case KP_ST_GOTO:
	case KP_ST_LABEL:
		break;
	}
}

static void check_block(struct checker *c, struct kp_block *block, bool toplevel)
{
	struct kp_stmt *s;

	for (s = block->first; s; s = s->next)
		check_stmt(c, s, toplevel);
}

static void check_func(struct checker *c, struct kp_func *f)
{
	struct kp_func *outer = c->func;

	c->func = f;
	check_block(c, &f->body, f->role == KP_ROLE_MAIN);
	c->func = outer;
}

/* ---- contexts ---- */

static void spread_contexts(struct kp_sema *sema)
{
	const struct kp_callee *callee;
	struct kp_func *f;
	bool changed;

	for (f = sema->main; f; f = f->next)
		f->contexts = f->entry;
	do {
		changed = false;
		for (f = sema->main; f; f = f->next) {
			for (callee = f->callees; callee; callee = callee->next) {
				if (!(f->contexts & ~callee->func->contexts))
					continue;
				callee->func->contexts |= f->contexts;
				changed = true;
			}
		}
	} while (changed);
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
static void check_needs(struct checker *c)
{
	const struct need *n;

	for (n = c->needs; n; n = n->next) {
		unsigned int bad = n->func->entry & ~n->contexts;

		if (!bad && n->func->contexts && !(n->func->contexts & n->contexts))
			bad = n->func->contexts;
		if (!bad)
			continue;
		if (n->contexts == KP_IN_EVENT)
			kp_diag_report(c->cc->diag, KP_TAG_EVENT_CONTEXT, n->at);
		else
			kp_diag_report(c->cc->diag, KP_TAG_CONTEXT, n->at, n->what,
				       context_name(bad));
	}
}

/* ---- where variables live ---- */

/* Does every use in a handler only accumulate, and does nothing else get hold of the table? */
static bool only_accumulated(const struct kp_var *var)
{
	const struct kp_use *use;
	bool any = false;

	for (use = var->uses; use; use = use->next) {
		bool handler = !use->func->contexts || use->func->contexts & KP_IN_HANDLER;

		if (use->kind == KP_USE_OTHER)
			return false;
		if (handler && use->kind != KP_USE_ACCUMULATE)
			return false;
		any |= handler;
	}
	return any;
}

/* The variable holds one table for ever: what kind should that be? */
static void decide_table(struct checker *c, struct kp_var *var)
{
	if (var->implicit)
		var->site = new_table(c);
	else if (var->value && var->value->kind == KP_EX_TABLE)
		var->site = var->value->table.site;
	if (!var->site)
		return;
	if (var->quantize)
		var->site->flags |= KTAP_TABLE_QUANTIZE;
	if (var->storage == KP_STORE_CELL && !var->written_outside && only_accumulated(var))
		var->site->flags |= KTAP_TABLE_PERCPU;
}

static void make_cell(struct checker *c, struct kp_var *var)
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

static void decide_storage(struct checker *c, struct kp_var *var, unsigned int *registers)
{
	if (var->writes == 1 && var->value && var->value->kind == KP_EX_FUNCTION) {
		var->storage = KP_STORE_FUNCTION;
		return;
	}
	if (var->captured && var->func->role != KP_ROLE_MAIN) {
		kp_diag_report(c->cc->diag, KP_TAG_CAPTURE, var->capture_at, var->name->data);
		return;
	}
	if (var->captured || (var->global && ++*registers > MAX_GLOBAL_REGS))
		make_cell(c, var);
	decide_table(c, var);
}

static void decide_all(struct checker *c)
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
		for (struct kp_table *t = sema->tables; t; t = t->next)
			t->flags |= KTAP_TABLE_QUANTIZE;
}

static void check_limit(struct checker *c, uint32_t n, uint32_t limit, const char *what)
{
	struct kp_span end = { (uint32_t)c->cc->src->len, 0 };

	if (n > limit)
		kp_diag_report(c->cc->diag, KP_TAG_TOO_MANY, end, what, limit);
}

void kp_check(struct kp_sema *sema)
{
	struct checker c = { .sema = sema, .cc = sema->cc };

	c.last_need = &c.needs;
	c.last_table = &sema->tables;
	c.last_field = &sema->fields;
	c.last_probe = &sema->probes;
	c.func = sema->main;
	sema->main->entry = KP_IN_MAIN;
	find_handlers(&c, &sema->main->body);
	check_func(&c, sema->main);
	spread_contexts(sema);
	check_needs(&c);
	decide_all(&c);
	check_limit(&c, sema->nfuncs, KTAP_MAX_FUNCS, "functions");
	check_limit(&c, sema->ncells, KTAP_MAX_CELLS, "shared variables");
	check_limit(&c, sema->ntables, KTAP_MAX_TABLES, "tables");
	check_limit(&c, sema->nfields, KTAP_MAX_FIELDS, "event fields");
	check_limit(&c, sema->nprobes, KTAP_MAX_PROBES, "probes");
}
