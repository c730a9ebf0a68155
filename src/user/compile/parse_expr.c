// SPDX-License-Identifier: GPL-2.0-only
/* Expressions. The rules are written as in parse_stmt.c. */
#include "parser.h"

static struct kp_expr *parse_binary(struct kp_parser *p, int limit);

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

static enum kp_operator prefix_operator(enum kp_tok kind)
{
	switch (kind) {
	case KP_TOK_MINUS:
		return KP_OPERATOR_NEG;
	case KP_TOK_BANG:
	case KP_TOK_NOT:
		return KP_OPERATOR_NOT;
	case KP_TOK_TILDE:
		return KP_OPERATOR_BNOT;
	default:
		return KP_OPERATOR_NONE;
	}
}

/* unary = { '-' | '!' | 'not' | '~' } suffixed */
static struct kp_expr *parse_unary(struct kp_parser *p)
{
	enum kp_operator op = prefix_operator(p->tok.kind);
	struct kp_expr *e;

	if (op == KP_OPERATOR_NONE)
		return kp_parse_suffixed(p);
	enter(p);
	e = new_expr(p, KP_EX_UNARY, p->tok.at);
	e->op.op = op;
	advance(p);
	e->op.left = parse_unary(p);
	above(p, e, e->op.left);
	leave(p);
	return e;
}

/* The infix operators, in the order of C: a higher level binds tighter. */
enum { LEVEL_OR = 1, LEVEL_AND = 2, LEVEL_EQ = 6, LEVEL_CONCAT = 9 };

static const struct {
	unsigned char level;
	enum kp_operator op;
} infix[KP_TOK_COUNT] = {
	[KP_TOK_OROR] = { LEVEL_OR, KP_OPERATOR_NONE },
	[KP_TOK_OR] = { LEVEL_OR, KP_OPERATOR_NONE },
	[KP_TOK_ANDAND] = { LEVEL_AND, KP_OPERATOR_NONE },
	[KP_TOK_AND] = { LEVEL_AND, KP_OPERATOR_NONE },
	[KP_TOK_PIPE] = { 3, KP_OPERATOR_BOR },
	[KP_TOK_CARET] = { 4, KP_OPERATOR_BXOR },
	[KP_TOK_AMP] = { 5, KP_OPERATOR_BAND },
	[KP_TOK_EQ] = { LEVEL_EQ, KP_OPERATOR_EQ },
	[KP_TOK_NE] = { LEVEL_EQ, KP_OPERATOR_NE },
	[KP_TOK_TILDE] = { LEVEL_EQ, KP_OPERATOR_GLOB }, /* filters only */
	[KP_TOK_LESS] = { 7, KP_OPERATOR_LT },
	[KP_TOK_LE] = { 7, KP_OPERATOR_LE },
	[KP_TOK_GREATER] = { 7, KP_OPERATOR_GT },
	[KP_TOK_GE] = { 7, KP_OPERATOR_GE },
	[KP_TOK_IN] = { 7, KP_OPERATOR_IN },
	[KP_TOK_SHL] = { 8, KP_OPERATOR_SHL },
	[KP_TOK_SHR] = { 8, KP_OPERATOR_SHR },
	[KP_TOK_CONCAT] = { LEVEL_CONCAT, KP_OPERATOR_NONE },
	[KP_TOK_PLUS] = { 10, KP_OPERATOR_ADD },
	[KP_TOK_MINUS] = { 10, KP_OPERATOR_SUB },
	[KP_TOK_STAR] = { 11, KP_OPERATOR_MUL },
	[KP_TOK_SLASH] = { 11, KP_OPERATOR_DIV },
	[KP_TOK_PERCENT] = { 11, KP_OPERATOR_MOD },
};

/* Is the current token an infix operator here, that binds tighter than @limit? */
static bool at_infix(const struct kp_parser *p, int limit)
{
	if (at(p, KP_TOK_SLASH) && bare_filter(p))
		return false;
	if (at(p, KP_TOK_TILDE) && !p->in_filter)
		return false;
	return infix[p->tok.kind].level > limit;
}

/* Consume an infix operator: in a filter its value may be a pattern without quotes. */
static void advance_infix(struct kp_parser *p)
{
	bool compare = infix[p->tok.kind].level == LEVEL_EQ;

	if (p->in_filter && compare)
		take(p, kp_lex_pattern(&p->lex, at(p, KP_TOK_TILDE)));
	else
		advance(p);
}

static enum kp_expr_kind infix_kind(int level)
{
	if (level == LEVEL_OR)
		return KP_EX_OR;
	return level == LEVEL_AND ? KP_EX_AND : KP_EX_BINARY;
}

/* concat = sum { '..' sum }, of which @first is parsed; one node for all */
static struct kp_expr *parse_concat(struct kp_parser *p, struct kp_expr *first)
{
	struct kp_expr *e = new_expr(p, KP_EX_CONCAT, p->tok.at), **last = &first->next;

	e->list = first;
	above(p, e, first);
	while (accept(p, KP_TOK_CONCAT)) {
		*last = parse_binary(p, LEVEL_CONCAT);
		above(p, e, *last);
		last = &(*last)->next;
	}
	return e;
}

static struct kp_expr *negation(struct kp_parser *p, struct kp_expr *e)
{
	struct kp_expr *not = new_expr(p, KP_EX_UNARY, e->at);

	not ->op.op = KP_OPERATOR_NOT;
	not ->op.left = e;
	above(p, not, e);
	return not ;
}

/* binary = unary { infix binary }, where the second binary binds tighter than the infix */
static struct kp_expr *parse_binary(struct kp_parser *p, int limit)
{
	struct kp_expr *e = parse_unary(p), *left;

	while (at_infix(p, limit)) {
		struct kp_token tok = p->tok;
		int level = infix[tok.kind].level;
		bool glob;

		if (level == LEVEL_CONCAT) {
			e = parse_concat(p, e);
			continue;
		}
		left = e;
		e = new_expr(p, infix_kind(level), tok.at);
		advance_infix(p);
		glob = at(p, KP_TOK_PATTERN);
		e->op.op = glob ? KP_OPERATOR_GLOB : infix[tok.kind].op;
		e->op.left = left;
		e->op.right = parse_binary(p, level);
		above(p, e, left);
		above(p, e, e->op.right);
		if (glob && tok.kind == KP_TOK_NE)
			e = negation(p, e);
	}
	return e;
}

/* expr = binary [ '?' expr ':' expr ] */
struct kp_expr *kp_parse_expr(struct kp_parser *p)
{
	unsigned int ternary = p->ternary;
	struct kp_expr *test, *e;

	e = parse_binary(p, 0);
	if (at(p, KP_TOK_QUESTION)) {
		enter(p);
		test = e;
		e = new_expr(p, KP_EX_COND, p->tok.at);
		e->cond.test = test;
		advance(p);
		p->ternary = p->brackets + 1;
		e->cond.yes = kp_parse_expr(p);
		p->ternary = ternary;
		expect(p, KP_TOK_COLON);
		e->cond.no = kp_parse_expr(p);
		above(p, e, test);
		above(p, e, e->cond.yes);
		above(p, e, e->cond.no);
		leave(p);
	}
	return e;
}
