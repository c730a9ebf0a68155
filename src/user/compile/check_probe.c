// SPDX-License-Identifier: GPL-2.0-only
/* Probes, timers and trace_end, in the forms of all dialects. */
#include "check.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ktap/bytecode.h"

static struct kp_probe *new_probe(struct kp_checker *c, unsigned int kind, struct kp_span at,
				  struct kp_func *handler)
{
	struct kp_probe *p = kp_cc_alloc(c->cc, sizeof(*p));

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

static void check_timer(struct kp_checker *c, struct kp_stmt *s, struct kp_func *handler)
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

static void check_trace(struct kp_checker *c, struct kp_stmt *s, struct kp_func *handler)
{
	struct kp_eventdef *def;
	struct kp_func *filter = NULL;

	for (def = s->probe.events; def; def = def->next) {
		if (def->filter)
			kp_check_func(c, def->filter);
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

static void check_end(struct kp_checker *c, const struct kp_stmt *s, struct kp_func *handler)
{
	new_probe(c, KTAP_PROBE_END, s->at, handler);
	c->sema->end = s;
}

/* The function of the old library that a probe statement stands for. */
static const char *registering(const struct kp_stmt *s)
{
	if (s->kind == KP_ST_TRACE)
		return "kdebug.trace_by_id";
	if (s->kind == KP_ST_TRACE_END)
		return "kdebug.trace_end";
	return s->probe.timer->data[0] == 'p' ? "timer.profile" : "timer.tick";
}

/*
 * Report a probe that is registered elsewhere than at the top level: by @name, for
 * which a statement that is written as one has @statement.
 */
static void refuse_place(struct kp_checker *c, struct kp_span at, const char *name,
			 const char *statement)
{
	unsigned int entry = c->func->entry;

	if (c->func->role == KP_ROLE_MAIN || !entry)
		kp_diag_report(c->cc->diag, KP_TAG_NOT_TOPLEVEL, at, statement);
	else if (entry & KP_IN_MAIN)
		kp_diag_report(c->cc->diag, KP_TAG_NOT_RUNNING, at, name);
	else
		kp_diag_report(c->cc->diag, KP_TAG_NOT_MAINTHREAD, at, name);
}

static unsigned int probe_contexts(const struct kp_stmt *s)
{
	if (s->kind == KP_ST_TRACE)
		return KP_IN_EVENT;
	if (s->kind == KP_ST_TRACE_END)
		return KP_IN_MAIN;
	return s->probe.timer->data[0] == 'p' ? KP_IN_PROFILE : KP_IN_TICK;
}

void kp_check_probe(struct kp_checker *c, struct kp_stmt *s, bool toplevel)
{
	struct kp_func *handler = kp_check_static_func(s->probe.handler);

	if (!toplevel) {
		refuse_place(c, s->at, registering(s),
			     s->kind == KP_ST_TRACE	? "trace" :
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
		kp_check_func(c, handler);
	if (s->kind == KP_ST_TRACE)
		check_trace(c, s, handler);
	else if (s->kind == KP_ST_TIMER)
		check_timer(c, s, handler);
	else
		check_end(c, s, handler);
}

/* The library calls that the probe statements of other dialects stand for. */
static const struct probe_call {
	const char *name, *before, *after;
	enum kp_expr_kind first; /* kind of the first argument; NIL: there is only the handler */
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
	{ "kdebug.probe_by_id", "", "", KP_EX_STRING, KP_ST_TRACE },
	{ "kdebug.trace_by_id", "", "", KP_EX_STRING, KP_ST_TRACE },
	{ "kdebug.probe_end", "", "", KP_EX_NIL, KP_ST_TRACE_END },
	{ "kdebug.trace_end", "", "", KP_EX_NIL, KP_ST_TRACE_END },
};

static const struct probe_call *find_probe_call(const struct kp_str *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(probe_calls) / sizeof(probe_calls[0]); i++)
		if (!strcmp(name->data, probe_calls[i].name))
			return &probe_calls[i];
	return NULL;
}

static unsigned int probe_call_args(const struct probe_call *pc)
{
	return pc->first == KP_EX_NIL ? 1 : 2;
}

/*
 * kdebug.probe_by_id() took the numbers that events have on one kernel. Those mean
 * nothing elsewhere, so here it takes one event by name; filters and lists are for trace.
 */
static bool names_event(const struct probe_call *pc, const struct kp_str *spec)
{
	const char *colon;

	if (*pc->before)
		return true;
	colon = strchr(spec->data, ':');
	return colon && colon > spec->data && colon[1] && !strpbrk(colon, ",;") &&
	       spec->data[spec->len - 1] != '/';
}

/* Is @call a good call of @pc, as far as its arguments tell? */
static bool fits(const struct probe_call *pc, const struct kp_expr *first)
{
	if (kp_check_count(first) != probe_call_args(pc))
		return false;
	if (pc->first == KP_EX_NIL)
		return true;
	return first->kind == pc->first && (pc->kind != KP_ST_TRACE || names_event(pc, first->str));
}

bool kp_check_probe_call(struct kp_checker *c, const struct kp_expr *e, const struct kp_str *name)
{
	const struct probe_call *pc = find_probe_call(name);
	const struct kp_expr *first = e->call.args;

	if (!pc)
		return false;
	if (kp_check_count(first) != probe_call_args(pc))
		kp_check_report_count(c, e, pc->name, probe_call_args(pc), probe_call_args(pc));
	else if (fits(pc, first))
		refuse_place(c, e->at, pc->name, pc->name);
	else if (first->kind == pc->first)
		kp_diag_report(c->cc->diag, KP_TAG_EVENTDEF, first->at, first->str->data);
	else
		kp_diag_report(c->cc->diag, KP_TAG_CONSTANT_ARGUMENT, first->at, 1, pc->name);
	return true;
}

/* The text of the statement: what is before the first argument, that, and what is behind it. */
static const struct kp_str *probe_text(struct kp_checker *c, const struct probe_call *pc,
				       const struct kp_expr *first)
{
	size_t size = 64 + (first->kind == KP_EX_STRING ? first->str->len : 0);
	char *text = kp_cc_alloc(c->cc, size);

	if (first->kind == KP_EX_STRING)
		snprintf(text, size, "%s%s%s", pc->before, first->str->data, pc->after);
	else
		snprintf(text, size, "%s%lld%s", pc->before, (long long)first->number, pc->after);
	return kp_cc_string(c->cc, text, strlen(text));
}

/* Rewrite timer.s(1, function () { }) to what tick-1s { } is. Errors are left to kp_check_call(). */
static void desugar(struct kp_checker *c, struct kp_stmt *s)
{
	struct kp_expr *call = s->expr, *first;
	const struct probe_call *pc;
	struct kp_eventdef *def;

	if (call->kind != KP_EX_CALL)
		return;
	pc = find_probe_call(kp_check_member_name(c, call->call.callee));
	first = call->call.args;
	if (!pc || !fits(pc, first))
		return;
	s->kind = pc->kind;
	s->at = first->at;
	memset(&s->probe, 0, sizeof(s->probe));
	s->probe.handler = pc->first == KP_EX_NIL ? first : first->next;
	if (pc->kind == KP_ST_TIMER) {
		s->probe.timer = probe_text(c, pc, first);
	} else if (pc->kind == KP_ST_TRACE) {
		def = kp_cc_alloc(c->cc, sizeof(*def));
		def->spec = probe_text(c, pc, first);
		def->at = first->at;
		s->probe.events = def;
	}
}

/* Before anything is checked: which functions handle what. */
void kp_check_find_handlers(struct kp_checker *c, struct kp_block *main)
{
	struct kp_func *handler;
	struct kp_stmt *s;

	for (s = main->first; s; s = s->next) {
		if (s->kind == KP_ST_CALL)
			desugar(c, s);
		if (s->kind != KP_ST_TRACE && s->kind != KP_ST_TRACE_END && s->kind != KP_ST_TIMER)
			continue;
		handler = kp_check_static_func(s->probe.handler);
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
