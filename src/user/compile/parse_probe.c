// SPDX-License-Identifier: GPL-2.0-only
/* Probes, timers and their filters. The rules are written as in parse_stmt.c. */
#include "parser.h"

/* filter = '/' expr '/'	becomes a function that returns the value of expr */
static struct kp_func *parse_filter(struct kp_parser *p)
{
	struct kp_func *f = new_func(p, KP_ROLE_FILTER, p->tok.at);
	struct kp_stmt *s = new_stmt(p, KP_ST_RETURN, p->tok.at);

	p->func = f;
	p->in_filter = true;
	advance(p);
	s->expr = kp_parse_expr(p);
	f->body.first = s;
	f->end = p->tok.at;
	p->in_filter = false;
	p->func = f->parent;
	expect_close(p, KP_TOK_SLASH, KP_TOK_SLASH, f->at);
	return f;
}

/* The current token is no event, or stands where one is missing: the closing quote, perhaps. */
static _Noreturn void fail_eventdef(struct kp_parser *p, const struct kp_str *text)
{
	struct kp_span at = p->tok.at;

	at.len = at.len ? at.len : 1;
	kp_diag_report(p->cc->diag, KP_TAG_EVENTDEF, at, text->data);
	parse_fail(p);
}

/* eventdefs = EVENTDEF [ filter ] { @separator EVENTDEF [ filter ] } */
static struct kp_eventdef *parse_eventdefs(struct kp_parser *p, char separator)
{
	enum kp_tok kind = separator == ';' ? KP_TOK_SEMI : KP_TOK_COMMA;
	struct kp_eventdef *first = NULL, **last = &first;

	do {
		struct kp_eventdef *def = kp_cc_alloc(p->cc, sizeof(*def));
		struct kp_token tok = kp_lex_eventdef(&p->lex, separator);
		const char *colon = tok.str ? strchr(tok.str->data, ':') : NULL;

		take(p, tok);
		if (!colon || colon == tok.str->data || !colon[1]) {
			if (!tok.at.len)
				advance(p);
			fail_eventdef(p, tok.str);
		}
		def->spec = tok.str;
		def->at = tok.at;
		advance(p);
		if (at(p, KP_TOK_SLASH))
			def->filter = parse_filter(p);
		*last = def;
		last = &def->next;
	} while (at(p, kind) && kp_lex_peek(&p->lex) >= 0);
	return first;
}

/* Is this what follows a name in a statement that begins with one? */
static bool at_rest_of_statement(const struct kp_parser *p)
{
	switch (p->tok.kind) {
	case KP_TOK_LPAREN:
	case KP_TOK_LBRACKET:
	case KP_TOK_DOT:
	case KP_TOK_COMMA:
	case KP_TOK_ASSIGN:
	case KP_TOK_AGGREGATE:
	case KP_TOK_INC:
	case KP_TOK_DEC:
		return true;
	default:
		return kp_parse_compound(p->tok.kind) != KP_OPERATOR_NONE;
	}
}

/* handler = 'function' function_body | NAME */
static struct kp_expr *parse_handler(struct kp_parser *p)
{
	struct kp_span missing;
	struct kp_token name;
	struct kp_expr *e;

	if (!at(p, KP_TOK_FUNCTION) && !at(p, KP_TOK_NAME))
		fail_at(p, KP_TAG_EXPECTED_HANDLER, p->tok.at);
	if (at(p, KP_TOK_FUNCTION))
		return kp_parse_primary(p);
	e = new_expr(p, KP_EX_NAME, p->tok.at);
	name = p->tok;
	missing = missing_at(p);
	e->name.str = parse_name(p)->str;
	/* a statement where the brace that opens a body is missing */
	if (name.first_on_line && !p->tok.first_on_line && at_rest_of_statement(p)) {
		kp_diag_report_at(p->cc->diag, KP_TAG_EXPECTED, name.at, missing,
				  kp_tok_text(KP_TOK_LBRACE));
		parse_fail(p);
	}
	return e;
}

/* The same with braces alone: a function without parameters. */
static struct kp_expr *parse_handler_braces(struct kp_parser *p, struct kp_span at)
{
	return kp_parse_func(p, new_func(p, KP_ROLE_PLAIN, at), false);
}

/*
 * trace = 'trace' ( STRING handler | eventdefs ( braces | 'function' function_body ) )
 *
 * STRING holds eventdefs.
 */
struct kp_stmt *kp_parse_trace(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_TRACE, p->tok.at);
	struct kp_eventdef *def;
	struct kp_lex outer;

	if (is_quote(kp_lex_peek(&p->lex))) {
		s->probe.quoted = true;
		advance(p);
		if (!at(p, KP_TOK_STRING))
			fail_at(p, KP_TAG_UNEXPECTED, p->tok.at);
		outer = p->lex;
		kp_lex_inside(&p->lex, &outer, &p->tok);
		s->probe.events = parse_eventdefs(p, ';');
		accept(p, KP_TOK_SEMI);
		if (!at(p, KP_TOK_EOF))
			fail_at(p, KP_TAG_UNEXPECTED, p->tok.at);
		p->lex = outer;
		advance(p);
		s->probe.handler = parse_handler(p);
		return s;
	}
	s->probe.events = parse_eventdefs(p, ',');
	for (def = s->probe.events; def->next; def = def->next)
		if (def->filter)
			fail_at(p, KP_TAG_ONE_FILTER, def->filter->at);
	if (!at(p, KP_TOK_LBRACE) && !at(p, KP_TOK_FUNCTION))
		fail_expected(p, KP_TOK_LBRACE);
	s->probe.handler = at(p, KP_TOK_LBRACE) ? parse_handler_braces(p, s->at) : parse_handler(p);
	return s;
}

/* trace_end = 'trace_end' ( braces | handler ) */
struct kp_stmt *kp_parse_trace_end(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_TRACE_END, p->tok.at);

	advance(p);
	s->probe.handler = at(p, KP_TOK_LBRACE) ? parse_handler_braces(p, s->at) : parse_handler(p);
	return s;
}

/* timer = ('tick-'INTERVAL | 'profile-'INTERVAL) ( braces | handler ) */
struct kp_stmt *kp_parse_timer(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_TIMER, p->tok.at);

	s->probe.timer = p->tok.str;
	advance(p);
	if (!at(p, KP_TOK_LBRACE) && !at(p, KP_TOK_FUNCTION) && !at(p, KP_TOK_NAME))
		fail_expected(p, KP_TOK_LBRACE);
	s->probe.handler = at(p, KP_TOK_LBRACE) ? parse_handler_braces(p, s->at) : parse_handler(p);
	return s;
}
