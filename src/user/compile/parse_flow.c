// SPDX-License-Identifier: GPL-2.0-only
/* Conditions and loops, in the manner of parse_stmt.c. */
#include "parser.h"

static uint32_t column(const struct kp_parser *p, struct kp_span at)
{
	uint32_t column;

	kp_cc_line(p->cc, at.pos, &column);
	return column;
}

/* A body of one statement. If another stands right below it, people may have thought of a block. */
static void parse_only(struct kp_parser *p, struct kp_block *block)
{
	struct kp_token first = p->tok;
	struct kp_span missing = missing_at(p);

	enter(p);
	block->first = kp_parse_statement(p);
	leave(p);
	if (first.first_on_line && p->tok.first_on_line &&
	    column(p, first.at) == column(p, p->tok.at) &&
	    column(p, first.at) > column(p, (struct kp_span){ p->recovery->start, 1 }))
		p->unopened = missing;
}

/* body = braces | statement */
static void parse_body(struct kp_parser *p, struct kp_block *block)
{
	if (at(p, KP_TOK_LBRACE))
		kp_parse_braces(p, block);
	else
		parse_only(p, block);
}

/* condition = '(' expr ')' */
static struct kp_expr *parse_condition(struct kp_parser *p)
{
	struct kp_span from = p->tok.at;
	struct kp_expr *e;

	expect(p, KP_TOK_LPAREN);
	e = kp_parse_expr(p);
	expect_close(p, KP_TOK_RPAREN, KP_TOK_LPAREN, from);
	return e;
}

/* if = 'if' condition body { ('elseif' | 'else' 'if') condition body } [ 'else' body ] */
struct kp_stmt *kp_parse_if(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_IF, p->tok.at);
	struct kp_arm **last = &s->arms;

	for (;;) {
		struct kp_arm *arm = kp_cc_alloc(p->cc, sizeof(*arm));

		advance(p);
		arm->test = parse_condition(p);
		parse_body(p, &arm->body);
		*last = arm;
		last = &arm->next;
		if (at(p, KP_TOK_ELSEIF))
			continue;
		if (!accept(p, KP_TOK_ELSE))
			break;
		if (at(p, KP_TOK_IF))
			continue;
		*last = kp_cc_alloc(p->cc, sizeof(**last));
		parse_body(p, &(*last)->body);
		break;
	}
	return s;
}

/* while = 'while' condition body */
struct kp_stmt *kp_parse_while(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_WHILE, p->tok.at);

	advance(p);
	s->loop.limit = parse_condition(p);
	parse_body(p, &s->loop.body);
	return s;
}

/* repeat = 'repeat' ( braces | { statement } ) 'until' expr	 which sees what the body declares */
struct kp_stmt *kp_parse_repeat(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_REPEAT, p->tok.at), *only;

	advance(p);
	kp_parse_until(p, &s->loop.body, KP_TOK_UNTIL, KP_TOK_REPEAT, s->at);
	/* braces around all of it are no block of their own: the condition sees what is inside */
	only = s->loop.body.first;
	if (only && only->kind == KP_ST_BLOCK && !only->next)
		s->loop.body = only->block;
	s->loop.limit = kp_parse_expr(p);
	return s;
}

/* The rest of for (NAME = expr, expr [, expr]) body */
static void parse_for_numeric(struct kp_parser *p, struct kp_stmt *s)
{
	s->kind = KP_ST_FOR_NUM;
	s->loop.limit = kp_parse_expr(p);
	if (accept(p, KP_TOK_COMMA))
		s->loop.step = kp_parse_expr(p);
}

/* The rest of for (init ; expr ; simple) body, after the first semicolon */
static void parse_for_c(struct kp_parser *p, struct kp_stmt *s)
{
	s->kind = KP_ST_FOR_C;
	if (!at(p, KP_TOK_SEMI))
		s->loop.limit = kp_parse_expr(p);
	expect(p, KP_TOK_SEMI);
	if (!at(p, KP_TOK_RPAREN))
		s->loop.next = kp_parse_simple(p);
}

/* iterated = ( NAME | '(' names ')' ) [ ',' NAME ] 'in' expr, up to @names parsed */
static void parse_for_in(struct kp_parser *p, struct kp_stmt *s, struct kp_name *names)
{
	s->kind = KP_ST_FOR_IN;
	s->loop.names = names;
	if (accept(p, KP_TOK_COMMA))
		s->loop.value = parse_name(p);
	if (!accept(p, KP_TOK_IN))
		fail_at(p, KP_TAG_EXPECTED_FOR, p->tok.at);
	s->loop.from = kp_parse_expr(p);
	if (at(p, KP_TOK_COMMA)) /* an iterator triple */
		fail_at(p, KP_TAG_ONLY_PAIRS, s->loop.from->at);
}

/* tuple_names = '(' names ')' */
static struct kp_name *parse_tuple_names(struct kp_parser *p)
{
	struct kp_span from = p->tok.at;
	struct kp_name *names;

	advance(p);
	names = parse_names(p);
	expect_close(p, KP_TOK_RPAREN, KP_TOK_LPAREN, from);
	return names;
}

/*
 * header = iterated
 *	  | [ 'var'|'local' ] NAME '=' expr ',' expr [ ',' expr ]
 *	  | [ [ 'var'|'local' ] NAME '=' expr | simple ] ';' [ expr ] ';' [ simple ]
 */
static void parse_for_header(struct kp_parser *p, struct kp_stmt *s)
{
	struct kp_token tok;
	struct kp_expr *first, *value;
	bool declared, single;

	if (at(p, KP_TOK_LPAREN)) {
		parse_for_in(p, s, parse_tuple_names(p));
		return;
	}
	if (accept(p, KP_TOK_SEMI)) {
		parse_for_c(p, s);
		return;
	}
	declared = accept(p, KP_TOK_VAR) || accept(p, KP_TOK_LOCAL);
	tok = p->tok;
	first = kp_parse_suffixed(p);
	single = first->kind == KP_EX_NAME;
	if (single && !declared && (at(p, KP_TOK_COMMA) || at(p, KP_TOK_IN))) {
		parse_for_in(p, s, new_name(p, &tok));
		return;
	}
	if (single && accept(p, KP_TOK_ASSIGN)) {
		value = kp_parse_expr(p);
		s->loop.names = new_name(p, &tok);
		s->loop.from = value;
		if (accept(p, KP_TOK_COMMA)) {
			parse_for_numeric(p, s);
			return;
		}
		s->loop.init = new_stmt(p, declared ? KP_ST_LOCAL : KP_ST_ASSIGN, tok.at);
		if (declared) {
			s->loop.init->local.names = s->loop.names;
			s->loop.init->local.values = value;
		} else {
			s->loop.init->assign.targets = first;
			s->loop.init->assign.values = value;
		}
	} else if (!single || kp_parse_compound(p->tok.kind) != KP_OPERATOR_NONE) {
		s->loop.init = kp_parse_simple_rest(p, first);
	}
	if (!s->loop.init)
		fail_at(p, KP_TAG_EXPECTED_FOR, p->tok.at);
	expect(p, KP_TOK_SEMI);
	parse_for_c(p, s);
}

/* for = 'for' '(' header ')' body */
struct kp_stmt *kp_parse_for(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_FOR_C, p->tok.at);
	struct kp_span from;

	advance(p);
	from = p->tok.at;
	expect(p, KP_TOK_LPAREN);
	parse_for_header(p, s);
	if (s->kind == KP_ST_FOR_NUM && kp_parse_compound(p->tok.kind) != KP_OPERATOR_NONE) {
		kp_diag_report(p->cc->diag, KP_TAG_EXPECTED, p->tok.at, kp_tok_text(KP_TOK_RPAREN));
		kp_diag_hint(p->cc->diag, KP_HINT_SEMICOLONS);
		parse_fail(p);
	}
	expect_close(p, KP_TOK_RPAREN, KP_TOK_LPAREN, from);
	parse_body(p, &s->loop.body);
	return s;
}
