// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a script means beyond its syntax.
 *
 * A name that the script never declares nor assigns is free: it is a built-in
 * (pid), event data (args, arg1, in a filter any name), or a mistake. Once all
 * names are known, contexts flow along the mentions of functions, and decide what
 * each function may do; the uses of each variable decide where it lives.
 */
#include "check.h"

#include <string.h>

#include "ktap/bytecode.h"

static void check_block(struct kp_checker *c, struct kp_block *block, bool toplevel);

/* ---- expressions ---- */

static void check_table(struct kp_checker *c, struct kp_expr *e)
{
	struct kp_item *items = e->table.items, *item;

	for (item = items; item; item = item->next) {
		if (item->key)
			kp_check_expr(c, item->key, KP_USE_OTHER);
		kp_check_expr(c, item->value, KP_USE_OTHER);
	}
	kp_check_become_table(c, e, 0);
	e->table.items = items;
}

/* A number that the kernel's filters would test: `flags & 4` is false when it is 0. */
static void check_filter_test(struct kp_checker *c, struct kp_expr *e)
{
	struct kp_expr *and, *zero;

	if (e->kind != KP_EX_BINARY || e->op.op != KP_OPERATOR_BAND)
		return;
	and = kp_cc_alloc(c->cc, sizeof(*and));
	zero = kp_cc_alloc(c->cc, sizeof(*zero));
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

	if ((e->op.op == KP_OPERATOR_EQ || e->op.op == KP_OPERATOR_NE) && kp_check_is_free(word) &&
	    !kp_check_is_value_name(word->name.str->data)) {
		word->kind = KP_EX_STRING;
		word->str = word->name.str;
	}
}

static void check_operands(struct kp_checker *c, struct kp_expr *e)
{
	bool filter = c->func->role == KP_ROLE_FILTER;
	struct kp_expr *left = e->op.left, *right = e->op.right;

	if (filter && e->kind == KP_EX_BINARY)
		check_filter_word(e);
	kp_check_expr(c, left, KP_USE_OTHER);
	if (right)
		kp_check_expr(c, right, e->op.op == KP_OPERATOR_IN ? KP_USE_READ : KP_USE_OTHER);
	if (filter &&
	    (e->kind == KP_EX_AND || e->kind == KP_EX_OR || e->op.op == KP_OPERATOR_NOT)) {
		check_filter_test(c, left);
		if (right)
			check_filter_test(c, right);
	}
	if (e->kind == KP_EX_BINARY && e->op.op == KP_OPERATOR_GLOB) {
		left->next = right;
		kp_check_become_builtin(c, e, KTAP_BUILTIN_strglob, left);
	}
}

/* SYSTEM:NAME { } without trace looks like a call with a table. */
static void check_method(struct kp_checker *c, struct kp_expr *e)
{
	const struct kp_expr *callee = e->call.callee, *args = e->call.args;
	unsigned int warnings = c->cc->diag->warnings;
	bool table = args && args->kind == KP_EX_TABLE && !args->next;

	kp_check_expr(c, e->call.callee, KP_USE_OTHER);
	if (c->cc->diag->warnings > warnings && table && callee->kind == KP_EX_NAME &&
	    !c->cc->diag->hinted)
		kp_diag_hint(c->cc->diag, KP_HINT_TRACE);
	kp_check_list(c, e->call.args, KP_USE_OTHER);
}

void kp_check_list(struct kp_checker *c, struct kp_expr *e, enum kp_use_kind use)
{
	for (; e; e = e->next)
		kp_check_expr(c, e, use);
}

void kp_check_expr(struct kp_checker *c, struct kp_expr *e, enum kp_use_kind use)
{
	switch (e->kind) {
	case KP_EX_NAME:
		kp_check_name(c, e, use);
		break;
	case KP_EX_INDEX:
		kp_check_index(c, e, KP_USE_READ);
		break;
	case KP_EX_CALL:
		kp_check_call(c, e);
		break;
	case KP_EX_METHOD:
		check_method(c, e);
		break;
	case KP_EX_FUNCTION:
		kp_check_callee(c, e->func);
		kp_check_func(c, e->func);
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
		kp_check_expr(c, e->cond.test, KP_USE_OTHER);
		kp_check_expr(c, e->cond.yes, KP_USE_OTHER);
		kp_check_expr(c, e->cond.no, KP_USE_OTHER);
		break;
	case KP_EX_TUPLE:
		if (kp_check_count(e->list) > KTAP_MAX_TUPLE)
			kp_diag_report(c->cc->diag, KP_TAG_TUPLE_LONG, e->at, KTAP_MAX_TUPLE);
		kp_check_list(c, e->list, KP_USE_OTHER);
		break;
	case KP_EX_CONCAT:
		kp_check_list(c, e->list, KP_USE_OTHER);
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

static void check_target(struct kp_checker *c, struct kp_expr *e, enum kp_operator op)
{
	enum kp_use_kind use = KP_USE_OTHER;

	if (op == KP_OPERATOR_ADD || op == KP_OPERATOR_SUB || op == KP_OPERATOR_AGG)
		use = KP_USE_ACCUMULATE;
	if (e->kind == KP_EX_INDEX && (kp_check_is_free_name(e->index.object, "args") ||
				       kp_check_is_event(c, e->index.object))) {
		kp_diag_report(c->cc->diag, KP_TAG_ASSIGN_FIELD, e->at,
			       e->index.object->name.str->data);
		return;
	}
	if (e->kind == KP_EX_INDEX) {
		kp_check_expr(c, e->index.object, use);
		kp_check_expr(c, e->index.key, KP_USE_OTHER);
		return;
	}
	if (op == KP_OPERATOR_AGG) {
		kp_diag_report(c->cc->diag, KP_TAG_NOT_ASSIGNABLE, e->at);
		kp_diag_hint(c->cc->diag, KP_HINT_SAMPLE, e->name.str->data);
	}
	if (e->name.var->global && kp_check_is_value_name(e->name.str->data))
		kp_diag_report(c->cc->diag, KP_TAG_ASSIGN_BUILTIN, e->at, e->name.str->data);
	kp_check_name(c, e, op == KP_OPERATOR_NONE ? KP_USE_WRITE : KP_USE_OTHER);
}

static void check_assign(struct kp_checker *c, struct kp_stmt *s)
{
	struct kp_expr *target;

	kp_check_list(c, s->assign.values, KP_USE_OTHER);
	for (target = s->assign.targets; target; target = target->next)
		check_target(c, target, s->assign.op);
}

bool kp_check_sorts(const struct kp_expr *call)
{
	return kp_check_is_free_name(call->call.callee, "sort_pairs");
}

static void check_for_in(struct kp_checker *c, struct kp_stmt *s)
{
	struct kp_expr *call = s->loop.from;
	struct kp_name *name;
	unsigned int names = 0, args;
	bool sorts;

	if (call->kind != KP_EX_CALL ||
	    (!kp_check_is_free_name(call->call.callee, "pairs") && !kp_check_sorts(call))) {
		kp_diag_report(c->cc->diag, KP_TAG_ONLY_PAIRS, call->at);
		return;
	}
	sorts = kp_check_sorts(call);
	args = kp_check_count(call->call.args);
	if (args < 1 || args > 1 + (unsigned int)sorts) {
		kp_check_report_count(c, call, sorts ? "sort_pairs" : "pairs", 1, 1 + sorts);
		return;
	}
	for (name = s->loop.names; name; name = name->next)
		names++;
	if (names > KTAP_MAX_TUPLE)
		kp_diag_report(c->cc->diag, KP_TAG_TUPLE_LONG, s->loop.names->at, KTAP_MAX_TUPLE);
	kp_check_expr(c, call->call.args, KP_USE_READ);
	if (args > 1)
		kp_check_expr(c, call->call.args->next, KP_USE_OTHER);
	if (sorts)
		kp_check_need(c, call->at, KP_IN_MAIN | KP_IN_TICK, "sort_pairs");
}

static void check_stmt(struct kp_checker *c, struct kp_stmt *s, bool toplevel);

static void check_loop(struct kp_checker *c, struct kp_stmt *s)
{
	if (s->loop.init)
		check_stmt(c, s->loop.init, false);
	else if (s->kind == KP_ST_FOR_IN)
		check_for_in(c, s);
	else if (s->loop.from)
		kp_check_expr(c, s->loop.from, KP_USE_OTHER);
	if (s->loop.limit)
		kp_check_expr(c, s->loop.limit, KP_USE_OTHER);
	if (s->loop.step)
		kp_check_expr(c, s->loop.step, KP_USE_OTHER);
	if (s->loop.next)
		check_stmt(c, s->loop.next, false);
	check_block(c, &s->loop.body, false);
}

static void check_return(struct kp_checker *c, struct kp_stmt *s)
{
	if (s->expr && s->expr->next)
		kp_diag_report(c->cc->diag, KP_TAG_MULTI_RETURN, s->expr->next->at);
	kp_check_list(c, s->expr, KP_USE_OTHER);
	if (s->expr && c->func->role == KP_ROLE_FILTER)
		check_filter_test(c, s->expr);
}

/* Each has a name of its own, and --help is there in all scripts. */
static void check_option(struct kp_checker *c, struct kp_stmt *s, bool toplevel)
{
	const struct kp_str *name = s->option.name->str;
	const struct kp_stmt *other;

	if (!toplevel) {
		kp_diag_report(c->cc->diag, KP_TAG_NOT_TOPLEVEL, s->at, "option");
		return;
	}
	for (other = c->sema->options; other; other = other->option.next)
		if (other->option.name->str == name)
			break;
	if (other || !strcmp(name->data, "help")) {
		kp_diag_report(c->cc->diag, KP_TAG_OPTION_TAKEN, s->option.name->at, name->data);
		return;
	}
	s->option.number = c->sema->noptions++;
	*c->sema->last_option = s;
	c->sema->last_option = &s->option.next;
}

static void check_stmt(struct kp_checker *c, struct kp_stmt *s, bool toplevel)
{
	struct kp_arm *arm;

	switch (s->kind) {
	case KP_ST_ASSIGN:
		check_assign(c, s);
		break;
	case KP_ST_LOCAL:
		kp_check_list(c, s->local.values, KP_USE_OTHER);
		break;
	case KP_ST_CALL:
		kp_check_expr(c, s->expr, KP_USE_OTHER);
		break;
	case KP_ST_DELETE:
		kp_check_expr(c, s->expr->index.object, KP_USE_OTHER);
		kp_check_expr(c, s->expr->index.key, KP_USE_OTHER);
		break;
	case KP_ST_IF:
		for (arm = s->arms; arm; arm = arm->next) {
			if (arm->test)
				kp_check_expr(c, arm->test, KP_USE_OTHER);
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
		kp_check_probe(c, s, toplevel);
		break;
	case KP_ST_OPTION:
		check_option(c, s, toplevel);
		break;
	case KP_ST_CDEF:
		kp_check_cdef(c, s->expr);
		break;
	case KP_ST_BREAK:
	case KP_ST_CONTINUE:
	case KP_ST_GOTO:
	case KP_ST_LABEL:
		break;
	}
}

static void check_block(struct kp_checker *c, struct kp_block *block, bool toplevel)
{
	struct kp_stmt *s;

	for (s = block->first; s; s = s->next)
		check_stmt(c, s, toplevel);
}

void kp_check_func(struct kp_checker *c, struct kp_func *f)
{
	struct kp_func *outer = c->func;

	c->func = f;
	check_block(c, &f->body, f->role == KP_ROLE_MAIN);
	c->func = outer;
}

static void check_limit(struct kp_checker *c, uint32_t n, uint32_t limit, const char *what)
{
	struct kp_span end = { (uint32_t)c->cc->src->len, 0 };

	if (n > limit)
		kp_diag_report(c->cc->diag, KP_TAG_TOO_MANY, end, what, limit);
}

void kp_check(struct kp_sema *sema)
{
	struct kp_checker c = { .sema = sema, .cc = sema->cc };

	kp_hash_init(&sema->field_index, &c.cc->arena);
	c.last_need = &c.needs;
	c.last_table = &sema->tables;
	c.last_field = &sema->fields;
	c.last_probe = &sema->probes;
	sema->last_option = &sema->options;
	c.func = sema->main;
	sema->main->entry = KP_IN_MAIN;
	kp_check_find_handlers(&c, &sema->main->body);
	kp_check_func(&c, sema->main);
	kp_check_plan(&c);
	check_limit(&c, sema->nfuncs, KTAP_MAX_FUNCS, "functions");
	check_limit(&c, sema->ncells, KTAP_MAX_CELLS, "shared variables");
	check_limit(&c, sema->ntables, KTAP_MAX_TABLES, "tables");
	check_limit(&c, sema->nfields, KTAP_MAX_FIELDS, "event fields");
	check_limit(&c, sema->nprobes, KTAP_MAX_PROBES, "probes");
	check_limit(&c, sema->noptions, KTAP_MAX_OPTIONS, "options");
}
