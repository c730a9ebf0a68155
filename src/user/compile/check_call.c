// SPDX-License-Identifier: GPL-2.0-only
/* Calls: of built-ins, of members of libraries and of the event, and of what the script defines. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "builtin.h"
#include "ktap/bytecode.h"

unsigned int kp_check_count(const struct kp_expr *e)
{
	unsigned int n = 0;

	for (; e; e = e->next)
		n++;
	return n;
}

void kp_check_report_count(struct kp_checker *c, const struct kp_expr *call, const char *name,
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
		       kp_check_count(call->call.args));
}

struct kp_table *kp_check_new_table(struct kp_checker *c)
{
	struct kp_table *t = kp_cc_alloc(c->cc, sizeof(*t));

	t->index = c->sema->ntables++;
	*c->last_table = t;
	c->last_table = &t->next;
	return t;
}

void kp_check_become_table(struct kp_checker *c, struct kp_expr *e, uint32_t hint)
{
	e->kind = KP_EX_TABLE;
	e->table.items = NULL;
	e->table.site = kp_check_new_table(c);
	e->table.site->hint = hint;
	kp_check_need(c, e->at, KP_IN_MAIN | KP_IN_TICK, "{}");
}

/* Compare constants with the kinds that builtins.def asks for. */
static void check_kinds(struct kp_checker *c, const char *kinds, const struct kp_expr *args)
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

/* The numbers of print_lquantize, which are the arguments behind the table. */
static bool check_linear(struct kp_checker *c, const struct kp_expr *e, const struct kp_expr *args)
{
	const struct kp_expr *low = args->next, *high = low->next, *step = high->next, *arg;
	unsigned int n = 2;
	uint64_t span;

	for (arg = low; arg; arg = arg->next, n++)
		if (arg->kind != KP_EX_NUMBER) {
			kp_diag_report(c->cc->diag, KP_TAG_CONSTANT_ARGUMENT, arg->at, n,
				       "print_lquantize");
			return false;
		}
	span = (uint64_t)high->number - (uint64_t)low->number;
	if (low->number < high->number && step->number > 0 && span <= INT64_MAX &&
	    (span - 1) / (uint64_t)step->number < KTAP_MAX_LINEAR)
		return true;
	kp_diag_report(c->cc->diag, KP_TAG_LINEAR_RANGE, e->at);
	return false;
}

static bool same_numbers(const struct kp_expr *a, const struct kp_expr *b)
{
	for (a = a->next, b = b->next; a; a = a->next, b = b->next)
		if (a->number != b->number)
			return false;
	return true;
}

/* print_quantize(t) and print_lquantize(t, low, high, step): what the table has to keep. */
static void check_quantize(struct kp_checker *c, const struct kp_expr *e,
			   const struct kp_expr *args, bool linear)
{
	struct kp_var *var = args->kind == KP_EX_NAME ? args->name.var : NULL;

	if (linear && !check_linear(c, e, args))
		return;
	if (!var) {
		c->quantize_all |= !linear;
		if (linear)
			kp_diag_report(c->cc->diag, KP_TAG_LINEAR_TABLE, args->at);
		return;
	}
	if (linear ? var->quantize || (var->linear && !same_numbers(var->linear, args)) :
		     var->linear != NULL) {
		kp_diag_report(c->cc->diag, KP_TAG_QUANTIZE_TWICE, e->at, var->name->data);
		return;
	}
	if (linear)
		var->linear = args;
	else
		var->quantize = true;
}

static void check_builtin_call(struct kp_checker *c, struct kp_expr *e, unsigned int id)
{
	const struct kp_builtin *b = kp_builtin_get(id);
	struct kp_expr *args = e->call.args, *arg;
	unsigned int n;

	if (id == KTAP_BUILTIN_exit && args) {
		if (!c->cc->opts->no_warnings)
			kp_diag_report(c->cc->diag, KP_TAG_EXIT_STATUS, args->at);
		args = e->call.args = NULL;
	}
	n = kp_check_count(args);
	if (n < b->min || (b->max != 255 && n > b->max)) {
		kp_check_report_count(c, e, b->name, b->min, b->max);
		return;
	}
	for (arg = args; arg; arg = arg->next)
		kp_check_expr(c, arg, KP_USE_READ);
	check_kinds(c, b->args, args);
	if (id == KTAP_BUILTIN_len && args->kind == KP_EX_NUMBER)
		kp_diag_report(c->cc->diag, KP_TAG_ARGUMENT_TYPE, args->at, 1);
	if (id == KTAP_BUILTIN_printf && args->kind == KP_EX_STRING)
		kp_format_check(c->cc, args);
	if (id == KTAP_BUILTIN_print_quantize || id == KTAP_BUILTIN_print_lquantize)
		check_quantize(c, e, args, id == KTAP_BUILTIN_print_lquantize);
	kp_check_become_builtin(c, e, id, args);
}

/* Report a call that needs --unsafe, when that is not given. */
static bool refuse_unsafe(struct kp_checker *c, const struct kp_expr *e, const char *name)
{
	if (c->cc->opts->unsafe || !kp_builtin_unsafe(name))
		return false;
	kp_diag_report(c->cc->diag, KP_TAG_UNSAFE, e->at, name);
	return true;
}

/* Report a call of @name that this build has not; it is allowed as far as --unsafe goes. */
static bool refuse_unavailable(struct kp_checker *c, const struct kp_expr *e, const char *name)
{
	if (!kp_builtin_unsafe(name) || kp_builtin_find(name) >= 0)
		return false;
	kp_diag_report(c->cc->diag, KP_TAG_UNAVAILABLE, e->at, name);
	return true;
}

/* e.field(i): what is known now is read as argN is, the rest needs all that may be asked for. */
static void check_field_call(struct kp_checker *c, struct kp_expr *e)
{
	const struct kp_expr *i = e->call.args;
	uint32_t n;

	if (!i || i->next || i->kind != KP_EX_NUMBER) {
		for (n = 0; n < KTAP_MAX_ARG; n++)
			kp_check_add_field(c, NULL, n);
		check_builtin_call(c, e, KTAP_BUILTIN_field);
	} else if (i->number > 0 && i->number <= KTAP_MAX_FIELDS) {
		kp_check_become_field(c, e, NULL, (uint32_t)i->number - 1);
	} else {
		e->kind = KP_EX_NIL;
	}
}

/* e.tostring(), e.field(N), e.set_retval(N) */
static bool check_event_call(struct kp_checker *c, struct kp_expr *e)
{
	const struct kp_expr *callee = e->call.callee;
	const char *name;

	if (callee->kind != KP_EX_INDEX || !kp_check_is_event(c, callee->index.object) ||
	    callee->index.key->kind != KP_EX_STRING)
		return false;
	name = callee->index.key->str->data;
	e->at = callee->index.key->at;
	if (refuse_unsafe(c, e, name) || refuse_unavailable(c, e, name))
		return true;
	if (!strcmp(name, "set_retval")) {
		check_builtin_call(c, e, (unsigned int)kp_builtin_find(name));
	} else if (!strcmp(name, "tostring")) {
		kp_check_become_builtin(c, e, KTAP_BUILTIN_argstr, NULL);
	} else if (!strcmp(name, "field")) {
		check_field_call(c, e);
	} else {
		kp_diag_report(c->cc->diag, KP_TAG_UNKNOWN_MEMBER, e->at,
			       callee->index.object->name.str->data, name);
	}
	return true;
}

/* ptable(), table.new(narr, nrec), whose numbers may be left out: true when @name is one of them */
static bool check_table_call(struct kp_checker *c, struct kp_expr *e, const char *name)
{
	bool sized = !strcmp(name, "table.new");
	const struct kp_expr *arg;
	uint64_t hint = 0;
	unsigned int n = 1;

	if (!sized && strcmp(name, "ptable"))
		return false;
	if (kp_check_count(e->call.args) > (sized ? 2 : 0)) {
		kp_check_report_count(c, e, name, 0, sized ? 2 : 0);
		return true;
	}
	for (arg = e->call.args; arg; arg = arg->next, n++) {
		if (arg->kind != KP_EX_NUMBER) {
			kp_diag_report(c->cc->diag, KP_TAG_CONSTANT_ARGUMENT, arg->at, n, name);
			return true;
		}
		if (arg->number < 0) {
			kp_diag_report(c->cc->diag, KP_TAG_ROOM_RANGE, arg->at, n, name);
			return true;
		}
		hint += (uint64_t)arg->number;
	}
	kp_check_become_table(c, e, hint > UINT32_MAX ? UINT32_MAX : (uint32_t)hint);
	return true;
}

/* The name a call uses when it may be a built-in; NULL otherwise. */
static const struct kp_str *callee_name(struct kp_checker *c, const struct kp_expr *callee)
{
	if (kp_check_is_free(callee))
		return callee->name.str;
	return kp_check_member_name(c, callee);
}

/* Does a handler give its event to another handler, whose parameter is the event anyhow? */
static bool passes_event(const struct kp_checker *c, const struct kp_expr *call)
{
	const struct kp_expr *callee = call->call.callee, *first = call->call.args;

	return callee->kind == KP_EX_NAME && callee->name.var->function &&
	       callee->name.var->function->takes_event && first && kp_check_is_event(c, first);
}

/* Once for each name. */
static void report_undefined(struct kp_checker *c, const struct kp_expr *e)
{
	const struct kp_expr *callee = e->call.callee;

	if (callee->name.var->refused)
		return;
	callee->name.var->refused = true;
	callee->name.var->warned = true;
	kp_diag_report(c->cc->diag, KP_TAG_UNDEFINED_FUNCTION, e->at, callee->name.str->data);
	kp_check_suggest(c, callee, true);
}

void kp_check_call(struct kp_checker *c, struct kp_expr *e)
{
	struct kp_expr *callee = e->call.callee, *arg;
	const struct kp_str *name = callee_name(c, callee);
	unsigned int args = kp_check_count(e->call.args);
	int id = name ? kp_builtin_find(name->data) : -1;

	if (check_event_call(c, e))
		return;
	if (kp_check_probe_call(c, e, name) || kp_check_ffi(c, e))
		return;
	if (name && (refuse_unsafe(c, e, name->data) || refuse_unavailable(c, e, name->data)))
		return;
	if (id >= 0) {
		check_builtin_call(c, e, (unsigned int)id);
		return;
	}
	if (name && check_table_call(c, e, name->data))
		return;
	if (name && !strcmp(name->data, "table_count")) {
		if (args < 2 || args > 3)
			kp_check_report_count(c, e, name->data, 2, 3);
		else
			kp_diag_report(c->cc->diag, KP_TAG_NO_VALUE, e->at, name->data);
		return;
	}
	if (name && (!strcmp(name->data, "pairs") || !strcmp(name->data, "sort_pairs"))) {
		kp_diag_report(c->cc->diag, KP_TAG_ONLY_PAIRS, e->at);
		return;
	}
	if (name && callee->kind == KP_EX_INDEX) {
		kp_check_report_member(c, callee);
		return;
	}
	if (name && !callee->name.var->stored_into && !c->sema->hidden) {
		report_undefined(c, e);
		return;
	}
	if (passes_event(c, e))
		kp_check_callee(c, callee->name.var->function);
	else
		kp_check_expr(c, callee, KP_USE_OTHER);
	for (arg = e->call.args; arg; arg = arg->next)
		kp_check_expr(c, arg, KP_USE_OTHER);
}
