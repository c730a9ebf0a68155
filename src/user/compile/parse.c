// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recursive descent parser: one function for each rule, which stands above it.
 *
 *	{ x }  any number of x	   [ x ]  x or nothing	   'x'	the token x
 *
 * p->tok is the token that is looked at and not yet consumed. The first error
 * of a statement is reported and thrown to parse_chunk(), which goes on at the
 * next line that starts with a word that only opens a statement.
 */
#include "parse.h"

#include <string.h>

#include "lex.h"

struct parser {
	struct kp_cc *cc;
	struct kp_lex lex;
	struct kp_token tok;
	unsigned int depth;    /* open blocks, functions and brackets */
	unsigned int brackets; /* of them, in the expression that is parsed */
	unsigned int ternary;  /* 1 + brackets around the `?` whose ':' is awaited, or 0 */
	bool target;	       /* in what a statement assigns; see kp_lex.target */
	bool in_filter;	       /* '/' ends the filter unless it stands in brackets */
	struct kp_func *func;
	uint32_t synced; /* where the last recovery went on */
	jmp_buf recover;
};

static struct kp_expr *parse_expr(struct parser *p);
static struct kp_expr *parse_binary(struct parser *p, int limit);
static struct kp_expr *parse_suffixed(struct parser *p);
static struct kp_stmt *parse_statement(struct parser *p);
static void parse_body(struct parser *p, struct kp_block *block);

/* ---- errors ---- */

static _Noreturn void parse_fail(struct parser *p)
{
	longjmp(p->recover, 1);
}

static _Noreturn void fail_at(struct parser *p, enum kp_tag tag, struct kp_span at)
{
	kp_diag_report(p->cc->diag, tag, at);
	parse_fail(p);
}

/* Operators that other languages spell differently. */
static void hint_operator(struct parser *p)
{
	if (p->tok.kind == KP_TOK_TILDE)
		kp_diag_hint(p->cc->diag, "`!=` compares for inequality");
	else if (p->tok.kind == KP_TOK_ASSIGN)
		kp_diag_hint(p->cc->diag, "`==` compares");
	else if (p->tok.kind == KP_TOK_EQ)
		kp_diag_hint(p->cc->diag, "`=` assigns");
}

static _Noreturn void fail_expected(struct parser *p, enum kp_tok kind)
{
	kp_diag_report(p->cc->diag, KP_TAG_EXPECTED, p->tok.at, kp_tok_text(kind));
	hint_operator(p);
	parse_fail(p);
}

/* ---- tokens ---- */

/* Make @tok the current token. A malformed one was reported by the lexer. */
static void take(struct parser *p, struct kp_token tok)
{
	p->tok = tok;
	if (tok.kind == KP_TOK_ERROR)
		parse_fail(p);
}

static void advance(struct parser *p)
{
	take(p, kp_lex_next(&p->lex));
}

static bool at(const struct parser *p, enum kp_tok kind)
{
	return p->tok.kind == kind;
}

static bool accept(struct parser *p, enum kp_tok kind)
{
	if (!at(p, kind))
		return false;
	advance(p);
	return true;
}

static void expect(struct parser *p, enum kp_tok kind)
{
	if (!accept(p, kind))
		fail_expected(p, kind);
}

/* Consume @close, which ends what the token @open at @from began. */
static void expect_close(struct parser *p, enum kp_tok close, enum kp_tok open, struct kp_span from)
{
	uint32_t line, column;

	if (accept(p, close))
		return;
	line = kp_cc_line(p->cc, from.pos, &column);
	if (line == kp_cc_line(p->cc, p->tok.at.pos, &column))
		fail_expected(p, close);
	kp_diag_report(p->cc->diag, KP_TAG_EXPECTED_CLOSE, p->tok.at, kp_tok_text(close),
		       kp_tok_text(open), line);
	parse_fail(p);
}

static bool at_word(const struct parser *p, const char *word)
{
	return at(p, KP_TOK_NAME) && !strcmp(p->tok.str->data, word);
}

static bool is_name_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_quote(int c)
{
	return c == '"' || c == '\'' || c == '[';
}

/* In a filter, and not in brackets of it. */
static bool bare_filter(const struct parser *p)
{
	return p->in_filter && !p->brackets;
}

static void enter(struct parser *p)
{
	if (++p->depth > KP_PARSE_DEPTH)
		fail_at(p, KP_TAG_TOO_DEEP, p->tok.at);
}

static void leave(struct parser *p)
{
	p->depth--;
}

/* ---- nodes ---- */

static struct kp_expr *new_expr(struct parser *p, enum kp_expr_kind kind, struct kp_span at)
{
	struct kp_expr *e = kp_cc_alloc(p->cc, sizeof(*e));

	e->kind = kind;
	e->at = at;
	return e;
}

static struct kp_stmt *new_stmt(struct parser *p, enum kp_stmt_kind kind, struct kp_span at)
{
	struct kp_stmt *s = kp_cc_alloc(p->cc, sizeof(*s));

	s->kind = kind;
	s->at = at;
	return s;
}

/* @parent lies above @child in the tree. */
static void above(struct parser *p, struct kp_expr *parent, const struct kp_expr *child)
{
	if (child->depth >= KP_PARSE_EXPR_DEPTH)
		fail_at(p, KP_TAG_TOO_COMPLEX, parent->at);
	if (parent->depth <= child->depth)
		parent->depth = child->depth + 1;
}

static struct kp_expr *string_expr(struct parser *p, const struct kp_token *tok)
{
	struct kp_expr *e = new_expr(p, KP_EX_STRING, tok->at);

	e->str = tok->str;
	return e;
}

static struct kp_name *new_name(struct parser *p, const struct kp_token *tok)
{
	struct kp_name *n = kp_cc_alloc(p->cc, sizeof(*n));

	n->str = tok->str;
	n->at = tok->at;
	return n;
}

static struct kp_func *new_func(struct parser *p, enum kp_func_role role, struct kp_span at)
{
	struct kp_func *f = kp_cc_alloc(p->cc, sizeof(*f));

	f->role = role;
	f->at = at;
	f->parent = p->func;
	return f;
}

/* name = NAME */
static struct kp_name *parse_name(struct parser *p)
{
	struct kp_name *n;

	if (!at(p, KP_TOK_NAME))
		fail_at(p, KP_TAG_EXPECTED_NAME, p->tok.at);
	n = new_name(p, &p->tok);
	advance(p);
	return n;
}

/*
 * Behind a '.', and for the fields in a filter, keywords are names too: events
 * have fields such as `end` and `in`.
 */
static void keyword_as_name(struct parser *p)
{
	if (kp_tok_is_keyword(p->tok.kind))
		p->tok.kind = KP_TOK_NAME;
}

/* names = name { ',' name } */
static struct kp_name *parse_names(struct parser *p)
{
	struct kp_name *first = parse_name(p), **last = &first->next;

	while (accept(p, KP_TOK_COMMA)) {
		*last = parse_name(p);
		last = &(*last)->next;
	}
	return first;
}

/* ---- expressions ---- */

/* exprs = expr { ',' expr } */
static struct kp_expr *parse_exprs(struct parser *p)
{
	struct kp_expr *first = parse_expr(p), **last = &first->next;

	while (accept(p, KP_TOK_COMMA)) {
		*last = parse_expr(p);
		last = &(*last)->next;
	}
	return first;
}

/* Brackets: inside, '/' is a division again even in a filter. */
static void open_bracket(struct parser *p)
{
	enter(p);
	p->brackets++;
	p->lex.target = false;
	advance(p);
}

static void close_bracket(struct parser *p, enum kp_tok close, enum kp_tok open,
			  struct kp_span from)
{
	p->brackets--;
	p->lex.target = p->target && !p->brackets;
	leave(p);
	expect_close(p, close, open, from);
}

static struct kp_expr *tuple_expr(struct parser *p, struct kp_expr *first, struct kp_span at)
{
	struct kp_expr *tuple = new_expr(p, KP_EX_TUPLE, at), *e;

	tuple->list = first;
	for (e = first; e; e = e->next)
		above(p, tuple, e);
	return tuple;
}

/* key = '[' exprs ']'	 more than one expression is a tuple */
static struct kp_expr *parse_key(struct parser *p)
{
	struct kp_span from = p->tok.at;
	struct kp_expr *key;

	open_bracket(p);
	key = parse_exprs(p);
	if (key->next)
		key = tuple_expr(p, key, from);
	close_bracket(p, KP_TOK_RBRACKET, KP_TOK_LBRACKET, from);
	return key;
}

/* item = key '=' expr | NAME '=' expr | expr */
static struct kp_item *parse_item(struct parser *p)
{
	struct kp_item *item = kp_cc_alloc(p->cc, sizeof(*item));

	if (at(p, KP_TOK_LBRACKET)) {
		item->key = parse_key(p);
		expect(p, KP_TOK_ASSIGN);
		item->value = parse_expr(p);
		return item;
	}
	item->value = parse_expr(p);
	if (item->value->kind == KP_EX_NAME && at(p, KP_TOK_ASSIGN)) {
		item->key = item->value;
		item->key->kind = KP_EX_STRING;
		item->key->str = item->value->name.str;
		advance(p);
		item->value = parse_expr(p);
	}
	return item;
}

/* table = '{' [ item { (','|';') item } [ ','|';' ] ] '}' */
static struct kp_expr *parse_table(struct parser *p)
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

/* params = '(' [ NAME { ',' NAME } [ ',' '...' ] | '...' ] ')' */
static void parse_params(struct parser *p, struct kp_func *f)
{
	struct kp_name **last = &f->params;
	struct kp_span from = p->tok.at;

	while (*last)
		last = &(*last)->next;
	expect(p, KP_TOK_LPAREN);
	while (!at(p, KP_TOK_RPAREN)) {
		if (at(p, KP_TOK_ELLIPSIS)) {
			f->vararg = true;
			advance(p);
			break;
		}
		if (!at(p, KP_TOK_NAME))
			fail_at(p, KP_TAG_EXPECTED_PARAMETER, p->tok.at);
		*last = parse_name(p);
		last = &(*last)->next;
		if (!accept(p, KP_TOK_COMMA))
			break;
	}
	expect_close(p, KP_TOK_RPAREN, KP_TOK_LPAREN, from);
}

/* braces = '{' { statement } '}' */
static void parse_braces(struct parser *p, struct kp_block *block)
{
	struct kp_stmt **last = &block->first;
	struct kp_span from = p->tok.at;

	expect(p, KP_TOK_LBRACE);
	enter(p);
	while (!at(p, KP_TOK_RBRACE) && !at(p, KP_TOK_EOF)) {
		*last = parse_statement(p);
		if (!*last)
			continue;
		if ((*last)->kind == KP_ST_RETURN)
			break;
		last = &(*last)->next;
	}
	leave(p);
	expect_close(p, KP_TOK_RBRACE, KP_TOK_LBRACE, from);
}

/* function_body = params braces; without parameters when @with_params is false */
static struct kp_expr *parse_func(struct parser *p, struct kp_func *f, bool with_params)
{
	struct kp_expr *e = new_expr(p, KP_EX_FUNCTION, f->at);
	unsigned int brackets = p->brackets, ternary = p->ternary;
	bool in_filter = p->in_filter, target = p->target;

	e->func = f;
	p->func = f;
	p->target = p->lex.target = false;
	p->in_filter = false;
	p->brackets = 0;
	p->ternary = 0;
	if (with_params)
		parse_params(p, f);
	f->end = p->tok.at;
	parse_braces(p, &f->body);
	p->brackets = brackets;
	p->ternary = ternary;
	p->in_filter = in_filter;
	p->target = target;
	p->func = f->parent;
	return e;
}

/*
 * primary = 'nil' | 'true' | 'false' | NUMBER | STRING | '...' | table | NAME
 *	   | 'function' function_body | '(' expr ')' | '(' exprs ')' 'in' …
 */
static struct kp_expr *parse_primary(struct parser *p)
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
		return parse_func(p, new_func(p, KP_ROLE_PLAIN, tok.at), true);
	case KP_TOK_LPAREN:
		open_bracket(p);
		e = parse_exprs(p);
		close_bracket(p, KP_TOK_RPAREN, KP_TOK_LPAREN, tok.at);
		if (!e->next)
			return e;
		if (!at(p, KP_TOK_IN))
			fail_at(p, KP_TAG_TUPLE_PLACE, tok.at);
		return tuple_expr(p, e, tok.at);
	default:
		kp_diag_report(p->cc->diag, KP_TAG_UNEXPECTED, tok.at);
		hint_operator(p);
		parse_fail(p);
	}
}

/* arguments = '(' [ exprs ] ')' | table | STRING */
static void parse_arguments(struct parser *p, struct kp_expr *call)
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
			call->call.args = parse_exprs(p);
		call->call.close = p->tok.at;
		close_bracket(p, KP_TOK_RPAREN, KP_TOK_LPAREN, tok.at);
	} else {
		fail_at(p, KP_TAG_EXPECTED_ARGUMENTS, tok.at);
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
static struct kp_expr *parse_suffixed(struct parser *p)
{
	bool suffixes = at(p, KP_TOK_NAME) || at(p, KP_TOK_LPAREN);
	struct kp_expr *e = parse_primary(p), *up;

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
				fail_at(p, KP_TAG_EXPECTED_NAME, p->tok.at);
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
static struct kp_expr *parse_unary(struct parser *p)
{
	enum kp_operator op = prefix_operator(p->tok.kind);
	struct kp_expr *e;

	if (op == KP_OPERATOR_NONE)
		return parse_suffixed(p);
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
static bool at_infix(const struct parser *p, int limit)
{
	if (at(p, KP_TOK_SLASH) && bare_filter(p))
		return false;
	if (at(p, KP_TOK_TILDE) && !p->in_filter)
		return false;
	return infix[p->tok.kind].level > limit;
}

/* Consume an infix operator: in a filter its value may be a pattern without quotes. */
static void advance_infix(struct parser *p)
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
static struct kp_expr *parse_concat(struct parser *p, struct kp_expr *first)
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

/* binary = unary { infix binary }, where the second binary binds tighter than the infix */
static struct kp_expr *parse_binary(struct parser *p, int limit)
{
	struct kp_expr *e = parse_unary(p), *left;

	while (at_infix(p, limit)) {
		struct kp_token tok = p->tok;
		int level = infix[tok.kind].level;

		if (level == LEVEL_CONCAT) {
			e = parse_concat(p, e);
			continue;
		}
		left = e;
		e = new_expr(p, infix_kind(level), tok.at);
		advance_infix(p);
		e->op.op = at(p, KP_TOK_PATTERN) && tok.kind == KP_TOK_EQ ? KP_OPERATOR_GLOB :
									    infix[tok.kind].op;
		e->op.left = left;
		e->op.right = parse_binary(p, level);
		above(p, e, left);
		above(p, e, e->op.right);
	}
	return e;
}

/* expr = binary [ '?' expr ':' expr ] */
static struct kp_expr *parse_expr(struct parser *p)
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
		e->cond.yes = parse_expr(p);
		p->ternary = ternary;
		expect(p, KP_TOK_COLON);
		e->cond.no = parse_expr(p);
		above(p, e, test);
		above(p, e, e->cond.yes);
		above(p, e, e->cond.no);
		leave(p);
	}
	return e;
}

/* ---- statements ---- */

/* A function of role PLAIN around nothing yet, named @name (or NULL). */
static struct kp_expr *parse_named_func(struct parser *p, const struct kp_str *name,
					struct kp_span at, struct kp_name *self)
{
	struct kp_func *f = new_func(p, KP_ROLE_PLAIN, at);

	f->name = name;
	f->params = self;
	return parse_func(p, f, true);
}

/* declaration = ('var'|'local') ( names [ '=' exprs ] | 'function' NAME function_body ) */
static struct kp_stmt *parse_declaration(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_LOCAL, p->tok.at);

	advance(p);
	if (accept(p, KP_TOK_FUNCTION)) {
		s->local.names = parse_name(p);
		s->local.values =
			parse_named_func(p, s->local.names->str, s->local.names->at, NULL);
		s->local.recursive = true;
		return s;
	}
	s->local.names = parse_names(p);
	if (accept(p, KP_TOK_ASSIGN))
		s->local.values = parse_exprs(p);
	if (s->local.values && s->local.values->kind == KP_EX_FUNCTION)
		s->local.values->func->name = s->local.names->str;
	return s;
}

/* function = 'function' NAME { '.' NAME } [ ':' NAME ] function_body */
static struct kp_stmt *parse_function(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_ASSIGN, p->tok.at);
	struct kp_name *self = NULL;
	struct kp_expr *target, *up;
	struct kp_token tok;

	advance(p);
	tok = p->tok;
	target = new_expr(p, KP_EX_NAME, tok.at);
	target->name.str = parse_name(p)->str;
	while (!self && (at(p, KP_TOK_DOT) || at(p, KP_TOK_COLON))) {
		if (at(p, KP_TOK_COLON)) {
			struct kp_token word = p->tok;

			word.str = kp_cc_string(p->cc, "self", 4);
			self = new_name(p, &word);
		}
		advance(p);
		tok = p->tok;
		up = new_expr(p, KP_EX_INDEX, tok.at);
		up->index.object = target;
		up->index.key = string_expr(p, &tok);
		parse_name(p);
		above(p, up, target);
		target = up;
	}
	s->assign.targets = target;
	s->assign.values = parse_named_func(p, tok.str, tok.at, self);
	return s;
}

static struct kp_expr *number_expr(struct parser *p, int64_t number, struct kp_span at)
{
	struct kp_expr *e = new_expr(p, KP_EX_NUMBER, at);

	e->number = number;
	return e;
}

/* The operator of a compound assignment, or NONE. */
static enum kp_operator compound(enum kp_tok kind)
{
	switch (kind) {
	case KP_TOK_ADDSET:
	case KP_TOK_INC:
		return KP_OPERATOR_ADD;
	case KP_TOK_SUBSET:
	case KP_TOK_DEC:
		return KP_OPERATOR_SUB;
	case KP_TOK_MULSET:
		return KP_OPERATOR_MUL;
	case KP_TOK_DIVSET:
		return KP_OPERATOR_DIV;
	case KP_TOK_MODSET:
		return KP_OPERATOR_MOD;
	case KP_TOK_ORSET:
		return KP_OPERATOR_BOR;
	case KP_TOK_ANDSET:
		return KP_OPERATOR_BAND;
	case KP_TOK_XORSET:
		return KP_OPERATOR_BXOR;
	case KP_TOK_AGGREGATE:
		return KP_OPERATOR_AGG;
	default:
		return KP_OPERATOR_NONE;
	}
}

static void check_target(struct parser *p, const struct kp_expr *e)
{
	if (e->kind != KP_EX_NAME && e->kind != KP_EX_INDEX)
		fail_at(p, KP_TAG_NOT_ASSIGNABLE, e->at);
}

/* The rest of an assignment whose first target is @first; see parse_simple(). */
static struct kp_stmt *parse_assignment(struct parser *p, struct kp_expr *first)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_ASSIGN, p->tok.at);
	struct kp_expr **last = &first->next;
	struct kp_token tok;

	check_target(p, first);
	s->assign.targets = first;
	while (accept(p, KP_TOK_COMMA)) {
		*last = parse_suffixed(p);
		check_target(p, *last);
		last = &(*last)->next;
	}
	tok = p->tok;
	s->at = tok.at;
	s->assign.op = compound(tok.kind);
	if (s->assign.op == KP_OPERATOR_NONE) {
		expect(p, KP_TOK_ASSIGN);
		s->assign.values = parse_exprs(p);
		if (first->kind == KP_EX_NAME && s->assign.values->kind == KP_EX_FUNCTION)
			s->assign.values->func->name = first->name.str;
		return s;
	}
	advance(p);
	if (tok.kind == KP_TOK_INC || tok.kind == KP_TOK_DEC)
		s->assign.values = number_expr(p, 1, tok.at);
	else
		s->assign.values = parse_exprs(p);
	if (first->next || s->assign.values->next) {
		kp_diag_report(p->cc->diag, KP_TAG_MULTI_ADDSET, tok.at, kp_tok_text(tok.kind));
		parse_fail(p);
	}
	return s;
}

/* The suffixed that a statement starts with: what it assigns or calls. */
static struct kp_expr *parse_target(struct parser *p)
{
	struct kp_expr *e;

	p->target = p->lex.target = true;
	e = parse_suffixed(p);
	p->target = p->lex.target = false;
	return e;
}

/*
 * simple = suffixed { ',' suffixed } '=' exprs
 *	  | suffixed ('+='|'-='|'*='|'/='|'%='|'|='|'&='|'^='|'<<<') expr
 *	  | suffixed ('++'|'--')
 *	  | suffixed				 a call
 */
static struct kp_stmt *parse_simple_rest(struct parser *p, struct kp_expr *e)
{
	struct kp_stmt *s;

	if (at(p, KP_TOK_ASSIGN) || at(p, KP_TOK_COMMA) ||
	    compound(p->tok.kind) != KP_OPERATOR_NONE)
		return parse_assignment(p, e);
	if (e->kind != KP_EX_CALL && e->kind != KP_EX_METHOD) {
		kp_diag_report(p->cc->diag, KP_TAG_NOT_A_STATEMENT, p->tok.at);
		hint_operator(p);
		parse_fail(p);
	}
	s = new_stmt(p, KP_ST_CALL, e->at);
	s->expr = e;
	return s;
}

static struct kp_stmt *parse_simple(struct parser *p)
{
	return parse_simple_rest(p, parse_target(p));
}

/* body = braces | statement */
static void parse_body(struct parser *p, struct kp_block *block)
{
	if (at(p, KP_TOK_LBRACE)) {
		parse_braces(p, block);
		return;
	}
	enter(p);
	block->first = parse_statement(p);
	leave(p);
}

/* condition = '(' expr ')' */
static struct kp_expr *parse_condition(struct parser *p)
{
	struct kp_span from = p->tok.at;
	struct kp_expr *e;

	expect(p, KP_TOK_LPAREN);
	e = parse_expr(p);
	expect_close(p, KP_TOK_RPAREN, KP_TOK_LPAREN, from);
	return e;
}

/* if = 'if' condition body { ('elseif' | 'else' 'if') condition body } [ 'else' body ] */
static struct kp_stmt *parse_if(struct parser *p)
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
static struct kp_stmt *parse_while(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_WHILE, p->tok.at);

	advance(p);
	s->loop.limit = parse_condition(p);
	parse_body(p, &s->loop.body);
	return s;
}

/* { statement } up to the keyword @close */
static void parse_until(struct parser *p, struct kp_block *block, enum kp_tok close,
			enum kp_tok open, struct kp_span from)
{
	struct kp_stmt **last = &block->first;

	enter(p);
	while (!at(p, close) && !at(p, KP_TOK_EOF) && !at(p, KP_TOK_RBRACE)) {
		*last = parse_statement(p);
		if (!*last)
			continue;
		if ((*last)->kind == KP_ST_RETURN)
			break;
		last = &(*last)->next;
	}
	leave(p);
	expect_close(p, close, open, from);
}

/* repeat = 'repeat' ( braces | { statement } ) 'until' expr */
static struct kp_stmt *parse_repeat(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_REPEAT, p->tok.at);

	advance(p);
	parse_until(p, &s->loop.body, KP_TOK_UNTIL, KP_TOK_REPEAT, s->at);
	s->loop.limit = parse_expr(p);
	return s;
}

/* The rest of for (NAME = expr, expr [, expr]) body */
static void parse_for_numeric(struct parser *p, struct kp_stmt *s)
{
	s->kind = KP_ST_FOR_NUM;
	s->loop.limit = parse_expr(p);
	if (accept(p, KP_TOK_COMMA))
		s->loop.step = parse_expr(p);
}

/* The rest of for (init ; expr ; simple) body, after the first semicolon */
static void parse_for_c(struct parser *p, struct kp_stmt *s)
{
	s->kind = KP_ST_FOR_C;
	if (!at(p, KP_TOK_SEMI))
		s->loop.limit = parse_expr(p);
	expect(p, KP_TOK_SEMI);
	if (!at(p, KP_TOK_RPAREN))
		s->loop.next = parse_simple(p);
}

/* iterated = ( NAME | '(' names ')' ) [ ',' NAME ] 'in' expr, up to @names parsed */
static void parse_for_in(struct parser *p, struct kp_stmt *s, struct kp_name *names)
{
	s->kind = KP_ST_FOR_IN;
	s->loop.names = names;
	if (accept(p, KP_TOK_COMMA))
		s->loop.value = parse_name(p);
	if (!accept(p, KP_TOK_IN))
		fail_at(p, KP_TAG_EXPECTED_FOR, p->tok.at);
	s->loop.from = parse_expr(p);
}

/* tuple_names = '(' names ')' */
static struct kp_name *parse_tuple_names(struct parser *p)
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
 *	  | [ 'var' ] NAME '=' expr ',' expr [ ',' expr ]
 *	  | [ [ 'var' ] NAME '=' expr | simple ] ';' [ expr ] ';' [ simple ]
 */
static void parse_for_header(struct parser *p, struct kp_stmt *s)
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
	first = parse_suffixed(p);
	single = first->kind == KP_EX_NAME;
	if (single && !declared && (at(p, KP_TOK_COMMA) || at(p, KP_TOK_IN))) {
		parse_for_in(p, s, new_name(p, &tok));
		return;
	}
	if (single && accept(p, KP_TOK_ASSIGN)) {
		value = parse_expr(p);
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
	} else if (!single || compound(p->tok.kind) != KP_OPERATOR_NONE) {
		s->loop.init = parse_simple_rest(p, first);
	}
	if (!s->loop.init)
		fail_at(p, KP_TAG_EXPECTED_FOR, p->tok.at);
	expect(p, KP_TOK_SEMI);
	parse_for_c(p, s);
}

/* for = 'for' '(' header ')' body */
static struct kp_stmt *parse_for(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_FOR_C, p->tok.at);
	struct kp_span from;

	advance(p);
	from = p->tok.at;
	expect(p, KP_TOK_LPAREN);
	parse_for_header(p, s);
	expect_close(p, KP_TOK_RPAREN, KP_TOK_LPAREN, from);
	parse_body(p, &s->loop.body);
	return s;
}

/*
 * return = 'return' [ exprs ]	  the last statement of its block
 *
 * The values start on the same line, so that `if (x) return` can stand alone.
 */
static struct kp_stmt *parse_return(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_RETURN, p->tok.at);

	advance(p);
	if (!p->tok.first_on_line && !at(p, KP_TOK_RBRACE) && !at(p, KP_TOK_SEMI) &&
	    !at(p, KP_TOK_EOF) && !at(p, KP_TOK_END) && !at(p, KP_TOK_UNTIL) &&
	    !at(p, KP_TOK_ELSE) && !at(p, KP_TOK_ELSEIF))
		s->expr = parse_exprs(p);
	return s;
}

/* jump = 'goto' NAME | '::' NAME '::' */
static struct kp_stmt *parse_jump(struct parser *p)
{
	bool label = at(p, KP_TOK_LABEL);
	struct kp_stmt *s = new_stmt(p, label ? KP_ST_LABEL : KP_ST_GOTO, p->tok.at);

	advance(p);
	s->at = p->tok.at;
	s->jump.name = parse_name(p)->str;
	if (label)
		expect(p, KP_TOK_LABEL);
	return s;
}

/* option = 'option' NAME '=' [ '-' ] NUMBER | STRING [ STRING ] */
static struct kp_stmt *parse_option(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_OPTION, p->tok.at);
	bool negative;

	advance(p);
	s->option.name = parse_name(p);
	expect(p, KP_TOK_ASSIGN);
	negative = accept(p, KP_TOK_MINUS);
	if (!at(p, KP_TOK_NUMBER) && (negative || !at(p, KP_TOK_STRING)))
		fail_at(p, KP_TAG_OPTION_VALUE, p->tok.at);
	if (at(p, KP_TOK_STRING))
		s->option.value = string_expr(p, &p->tok);
	else
		s->option.value = number_expr(p, p->tok.number, p->tok.at);
	if (negative)
		s->option.value->number = (int64_t)(0 - (uint64_t)p->tok.number);
	advance(p);
	if (at(p, KP_TOK_STRING)) {
		s->option.help = p->tok.str;
		advance(p);
	}
	return s;
}

/* delete = 'delete' suffixed	 the suffixed ends in a key */
static struct kp_stmt *parse_delete(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_DELETE, p->tok.at);

	advance(p);
	s->expr = parse_suffixed(p);
	if (s->expr->kind != KP_EX_INDEX)
		fail_expected(p, KP_TOK_LBRACKET);
	return s;
}

/* cdef = 'cdef' STRING */
static struct kp_stmt *parse_cdef(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_CDEF, p->tok.at);

	advance(p);
	if (!at(p, KP_TOK_STRING))
		fail_at(p, KP_TAG_UNEXPECTED, p->tok.at);
	advance(p);
	return s;
}

/* ---- probes ---- */

/* filter = '/' expr '/'	becomes a function that returns the value of expr */
static struct kp_func *parse_filter(struct parser *p)
{
	struct kp_func *f = new_func(p, KP_ROLE_FILTER, p->tok.at);
	struct kp_stmt *s = new_stmt(p, KP_ST_RETURN, p->tok.at);

	p->func = f;
	p->in_filter = true;
	advance(p);
	s->expr = parse_expr(p);
	f->body.first = s;
	f->end = p->tok.at;
	p->in_filter = false;
	p->func = f->parent;
	expect_close(p, KP_TOK_SLASH, KP_TOK_SLASH, f->at);
	return f;
}

/* eventdefs = EVENTDEF [ filter ] { @separator EVENTDEF [ filter ] } */
static struct kp_eventdef *parse_eventdefs(struct parser *p, char separator)
{
	enum kp_tok kind = separator == ';' ? KP_TOK_SEMI : KP_TOK_COMMA;
	struct kp_eventdef *first = NULL, **last = &first;

	do {
		struct kp_eventdef *def = kp_cc_alloc(p->cc, sizeof(*def));
		struct kp_token tok = kp_lex_eventdef(&p->lex, separator);
		const char *colon = tok.str ? strchr(tok.str->data, ':') : NULL;

		take(p, tok);
		if (!colon || colon == tok.str->data || !colon[1]) {
			kp_diag_report(p->cc->diag, KP_TAG_EVENTDEF, tok.at, tok.str->data);
			parse_fail(p);
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

/* handler = 'function' function_body | NAME */
static struct kp_expr *parse_handler(struct parser *p)
{
	struct kp_expr *e;

	if (!at(p, KP_TOK_FUNCTION) && !at(p, KP_TOK_NAME))
		fail_at(p, KP_TAG_EXPECTED_HANDLER, p->tok.at);
	if (at(p, KP_TOK_FUNCTION))
		return parse_primary(p);
	e = new_expr(p, KP_EX_NAME, p->tok.at);
	e->name.str = parse_name(p)->str;
	return e;
}

/* The same with braces alone: a function without parameters. */
static struct kp_expr *parse_handler_braces(struct parser *p, struct kp_span at)
{
	return parse_func(p, new_func(p, KP_ROLE_PLAIN, at), false);
}

/* trace = 'trace' ( STRING handler | eventdefs braces ), where STRING holds eventdefs */
static struct kp_stmt *parse_trace(struct parser *p)
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
	if (!at(p, KP_TOK_LBRACE))
		fail_expected(p, KP_TOK_LBRACE);
	s->probe.handler = parse_handler_braces(p, s->at);
	return s;
}

/* trace_end = 'trace_end' ( braces | handler ) */
static struct kp_stmt *parse_trace_end(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_TRACE_END, p->tok.at);

	advance(p);
	s->probe.handler = at(p, KP_TOK_LBRACE) ? parse_handler_braces(p, s->at) : parse_handler(p);
	return s;
}

/* timer = ('tick-'INTERVAL | 'profile-'INTERVAL) ( braces | handler ) */
static struct kp_stmt *parse_timer(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_TIMER, p->tok.at);

	s->probe.timer = p->tok.str;
	advance(p);
	if (!at(p, KP_TOK_LBRACE) && !at(p, KP_TOK_FUNCTION) && !at(p, KP_TOK_NAME))
		fail_expected(p, KP_TOK_LBRACE);
	s->probe.handler = at(p, KP_TOK_LBRACE) ? parse_handler_braces(p, s->at) : parse_handler(p);
	return s;
}

/* ---- all statements ---- */

/* do = 'do' { statement } 'end' */
static struct kp_stmt *parse_do(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_BLOCK, p->tok.at);

	advance(p);
	parse_until(p, &s->block, KP_TOK_END, KP_TOK_DO, s->at);
	return s;
}

static struct kp_stmt *parse_block(struct parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_BLOCK, p->tok.at);

	parse_braces(p, &s->block);
	return s;
}

static struct kp_stmt *parse_word(struct parser *p, enum kp_stmt_kind kind)
{
	struct kp_stmt *s = new_stmt(p, kind, p->tok.at);

	advance(p);
	return s;
}

/* What starts with a name may be one of the words that are keywords only here. */
static struct kp_stmt *parse_name_statement(struct parser *p)
{
	int c = kp_lex_peek(&p->lex);

	if (at_word(p, "option") && is_name_start(c))
		return parse_option(p);
	if (at_word(p, "delete") && is_name_start(c))
		return parse_delete(p);
	if (at_word(p, "cdef") && is_quote(c))
		return parse_cdef(p);
	return parse_simple(p);
}

/* statement = ( ';' | one of the rules above ) [ ';' ]	   NULL for ';' alone */
static struct kp_stmt *parse_statement(struct parser *p)
{
	struct kp_stmt *s;

	switch (p->tok.kind) {
	case KP_TOK_SEMI:
		s = NULL;
		break;
	case KP_TOK_NAME:
		s = parse_name_statement(p);
		break;
	case KP_TOK_VAR:
	case KP_TOK_LOCAL:
		s = parse_declaration(p);
		break;
	case KP_TOK_FUNCTION:
		s = parse_function(p);
		break;
	case KP_TOK_IF:
		s = parse_if(p);
		break;
	case KP_TOK_WHILE:
		s = parse_while(p);
		break;
	case KP_TOK_REPEAT:
		s = parse_repeat(p);
		break;
	case KP_TOK_FOR:
		s = parse_for(p);
		break;
	case KP_TOK_DO:
		s = parse_do(p);
		break;
	case KP_TOK_LBRACE:
		s = parse_block(p);
		break;
	case KP_TOK_BREAK:
		s = parse_word(p, KP_ST_BREAK);
		break;
	case KP_TOK_CONTINUE:
		s = parse_word(p, KP_ST_CONTINUE);
		break;
	case KP_TOK_GOTO:
	case KP_TOK_LABEL:
		s = parse_jump(p);
		break;
	case KP_TOK_RETURN:
		s = parse_return(p);
		break;
	case KP_TOK_TRACE:
		s = parse_trace(p);
		break;
	case KP_TOK_TRACE_END:
		s = parse_trace_end(p);
		break;
	case KP_TOK_TIMER:
		s = parse_timer(p);
		break;
	default:
		s = parse_simple(p);
		break;
	}
	accept(p, KP_TOK_SEMI);
	return s;
}

/* ---- the chunk ---- */

/* Does a word that only starts a statement stand at @text? */
static bool at_sync_word(const char *text, size_t len)
{
	static const char *const words[] = { "trace",	  "tick-", "profile-",
					     "function ", "var ",  "local " };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) <= len && !memcmp(text, words[i], strlen(words[i])))
			return true;
	return false;
}

/*
 * After an error: go on at the next line that starts in its first column with
 * such a word, as everybody writes the top level of a script; else at the end.
 */
static void synchronize(struct parser *p)
{
	const struct kp_source *src = p->cc->src;
	uint32_t pos = p->tok.at.pos;

	for (; pos < src->len; pos++)
		if (pos > p->synced && kp_source_newline(src, pos - 1) &&
		    at_sync_word(src->text + pos, src->len - pos))
			break;
	kp_lex_init(&p->lex, p->cc);
	p->lex.pos = p->synced = pos;
	p->depth = p->brackets = p->ternary = 0;
	p->in_filter = p->target = false;
}

/* chunk = { statement } */
struct kp_func *kp_parse(struct kp_cc *cc)
{
	struct parser *p = kp_cc_alloc(cc, sizeof(*p));
	struct kp_func *main;
	struct kp_stmt **last;

	p->cc = cc;
	kp_lex_init(&p->lex, cc);
	main = new_func(p, KP_ROLE_MAIN, (struct kp_span){ 0, 0 });
	main->end = (struct kp_span){ (uint32_t)cc->src->len, 0 };
	if (setjmp(p->recover)) {
		if (kp_diag_full(cc->diag))
			return main;
		synchronize(p);
	}
	p->func = main;
	for (last = &main->body.first; *last; last = &(*last)->next)
		;
	advance(p);
	while (!at(p, KP_TOK_EOF)) {
		*last = parse_statement(p);
		if (!*last)
			continue;
		if ((*last)->kind == KP_ST_RETURN && !at(p, KP_TOK_EOF))
			fail_expected(p, KP_TOK_EOF);
		last = &(*last)->next;
	}
	return main;
}
