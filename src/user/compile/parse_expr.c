// SPDX-License-Identifier: GPL-2.0-only
/*
 * What expressions are made of, without operators: parse_operator.c. The rules are written as in
 * parse_stmt.c.
 */
#include "parser.h"

/* exprs = expr { ',' expr } */
struct kp_expr *kp_parse_exprs(struct kp_parser *p)
{
	struct kp_expr *first = kp_parse_expr(p), **last = &first->next;

	while (accept(p, KP_TOK_COMMA)) {
		*last = kp_parse_expr(p);
		last = &(*last)->next;
	}
	return first;
}

/* Brackets: inside, '/' is a division again even in a filter. */
static void open_bracket(struct kp_parser *p)
{
	enter(p);
	p->brackets++;
	p->lex.target = false;
	advance(p);
}

static void close_bracket(struct kp_parser *p, enum kp_tok close, enum kp_tok open,
			  struct kp_span from)
{
	p->brackets--;
	p->lex.target = p->target && !p->brackets;
	leave(p);
	expect_close(p, close, open, from);
}

static struct kp_expr *tuple_expr(struct kp_parser *p, struct kp_expr *first, struct kp_span at)
{
	struct kp_expr *tuple = new_expr(p, KP_EX_TUPLE, at), *e;

	tuple->list = first;
	for (e = first; e; e = e->next)
		above(p, tuple, e);
	return tuple;
}

/* key = '[' exprs ']'	 more than one expression is a tuple */
static struct kp_expr *parse_key(struct kp_parser *p)
{
	struct kp_span from = p->tok.at;
	struct kp_expr *key;

	open_bracket(p);
	key = kp_parse_exprs(p);
	if (key->next)
		key = tuple_expr(p, key, from);
	close_bracket(p, KP_TOK_RBRACKET, KP_TOK_LBRACKET, from);
	return key;
}

/* Does a '=' come next, which makes a key even of a keyword? */
static bool before_assign(const struct kp_parser *p)
{
	struct kp_lex ahead = p->lex;

	return kp_lex_peek(&ahead) == '=' && kp_lex_next(&ahead).kind == KP_TOK_ASSIGN;
}

/* item = key '=' expr | NAME '=' expr | expr */
static struct kp_item *parse_item(struct kp_parser *p)
{
	struct kp_item *item = kp_cc_alloc(p->cc, sizeof(*item));

	if (at(p, KP_TOK_LBRACKET)) {
		item->key = parse_key(p);
		expect(p, KP_TOK_ASSIGN);
		item->value = kp_parse_expr(p);
		return item;
	}
	if (before_assign(p))
		keyword_as_name(p);
	item->value = kp_parse_expr(p);
	if (item->value->kind == KP_EX_NAME && at(p, KP_TOK_ASSIGN)) {
		item->key = item->value;
		item->key->kind = KP_EX_STRING;
		item->key->str = item->value->name.str;
		advance(p);
		item->value = kp_parse_expr(p);
	}
	return item;
}

/* table = '{' [ item { (','|';') item } [ ','|';' ] ] '}' */
static struct kp_expr *parse_table(struct kp_parser *p)
{
	struct kp_expr *e = new_expr(p, KP_EX_TABLE, p->tok.at);
	struct kp_item **last = &e->table.items;

	open_bracket(p);
	while (!at(p, KP_TOK_RBRACE)) {
		*last = parse_item(p);
		if ((*last)->key)
			above(p, e, (*last)->key);
		above(p, e, (*last)->value);
		last = &(*last)->next;
		if (!accept(p, KP_TOK_COMMA) && !accept(p, KP_TOK_SEMI))
			break;
	}
	close_bracket(p, KP_TOK_RBRACE, KP_TOK_LBRACE, e->at);
	return e;
}

/*
 * primary = 'nil' | 'true' | 'false' | NUMBER | STRING | '...' | table | NAME
 *	   | 'function' function_body | '(' expr ')' | '(' exprs ')' 'in' …
 */
struct kp_expr *kp_parse_primary(struct kp_parser *p)
{
	static const struct {
		enum kp_tok tok;
		enum kp_expr_kind kind;
	} simple[] = {
		{ KP_TOK_NIL, KP_EX_NIL },	 { KP_TOK_TRUE, KP_EX_TRUE },
		{ KP_TOK_FALSE, KP_EX_FALSE },	 { KP_TOK_NUMBER, KP_EX_NUMBER },
		{ KP_TOK_STRING, KP_EX_STRING }, { KP_TOK_PATTERN, KP_EX_STRING },
		{ KP_TOK_NAME, KP_EX_NAME },	 { KP_TOK_ELLIPSIS, KP_EX_VARARG },
	};
	struct kp_token tok;
	struct kp_expr *e;
	size_t i;

	if (bare_filter(p) && !at(p, KP_TOK_NIL) && !at(p, KP_TOK_TRUE) && !at(p, KP_TOK_FALSE))
		keyword_as_name(p);
	tok = p->tok;
	for (i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
		if (tok.kind != simple[i].tok)
			continue;
		e = new_expr(p, simple[i].kind, tok.at);
		if (e->kind == KP_EX_NUMBER)
			e->number = tok.number;
		else if (e->kind == KP_EX_NAME)
			e->name.str = tok.str;
		else
			e->str = tok.str;
		advance(p);
		return e;
	}
	switch (tok.kind) {
	case KP_TOK_LBRACE:
		return parse_table(p);
	case KP_TOK_FUNCTION:
		advance(p);
		return kp_parse_func(p, new_func(p, KP_ROLE_PLAIN, tok.at), true);
	case KP_TOK_LPAREN:
		open_bracket(p);
		e = kp_parse_exprs(p);
		close_bracket(p, KP_TOK_RPAREN, KP_TOK_LPAREN, tok.at);
		if (!e->next)
			return e;
		if (!at(p, KP_TOK_IN))
			fail_at(p, KP_TAG_TUPLE_PLACE, tok.at);
		return tuple_expr(p, e, tok.at);
	default:
		kp_diag_report(p->cc->diag, KP_TAG_UNEXPECTED, tok.at);
		kp_parse_hint(p, KP_TOK_EOF);
		parse_fail(p);
	}
}

/* arguments = '(' [ exprs ] ')' | table | STRING */
static void parse_arguments(struct kp_parser *p, struct kp_expr *call)
{
	struct kp_token tok = p->tok;
	struct kp_expr *e;

	if (tok.kind == KP_TOK_STRING) {
		call->call.args = string_expr(p, &tok);
		call->call.close = tok.at;
		advance(p);
	} else if (tok.kind == KP_TOK_LBRACE) {
		call->call.args = parse_table(p);
		call->call.close = tok.at;
	} else if (tok.kind == KP_TOK_LPAREN) {
		open_bracket(p);
		if (!at(p, KP_TOK_RPAREN))
			call->call.args = kp_parse_exprs(p);
		call->call.close = p->tok.at;
		if (kp_parse_hint_comma(p))
			parse_fail(p);
		close_bracket(p, KP_TOK_RPAREN, KP_TOK_LPAREN, tok.at);
	} else {
		kp_diag_report(p->cc->diag, KP_TAG_EXPECTED_ARGUMENTS, tok.at);
		kp_parse_hint_method(p, call->call.callee);
		parse_fail(p);
	}
	for (e = call->call.args; e; e = e->next)
		above(p, call, e);
}

/*
 * suffixed = primary { key | '.' NAME | arguments | ':' NAME arguments }
 *
 * Only a name or brackets can have a suffix. A `{` on a new line opens a block
 * and is no argument. In `a ? b : c` the ':' is no method call.
 */
struct kp_expr *kp_parse_suffixed(struct kp_parser *p)
{
	bool suffixes = at(p, KP_TOK_NAME) || at(p, KP_TOK_LPAREN);
	struct kp_expr *e = kp_parse_primary(p), *up;

	for (; suffixes; e = up) {
		struct kp_token tok = p->tok;

		switch (tok.kind) {
		case KP_TOK_LBRACKET:
			up = new_expr(p, KP_EX_INDEX, tok.at);
			up->index.object = e;
			up->index.key = parse_key(p);
			above(p, up, up->index.key);
			break;
		case KP_TOK_DOT:
			advance(p);
			keyword_as_name(p);
			if (!at(p, KP_TOK_NAME))
				fail_name(p);
			up = new_expr(p, KP_EX_INDEX, p->tok.at);
			up->index.object = e;
			up->index.key = string_expr(p, &p->tok);
			advance(p);
			break;
		case KP_TOK_COLON:
			if (p->ternary == p->brackets + 1)
				return e;
			advance(p);
			up = new_expr(p, KP_EX_METHOD, p->tok.at);
			up->call.callee = e;
			up->call.method = parse_name(p)->str;
			parse_arguments(p, up);
			break;
		case KP_TOK_LBRACE:
			if (tok.first_on_line || bare_filter(p))
				return e;
			/* fall through */
		case KP_TOK_STRING:
		case KP_TOK_LPAREN:
			up = new_expr(p, KP_EX_CALL, e->at);
			up->call.callee = e;
			parse_arguments(p, up);
			break;
		default:
			return e;
		}
		above(p, up, e);
	}
	return e;
}
