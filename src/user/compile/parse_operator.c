// SPDX-License-Identifier: GPL-2.0-only
/* Operators. The rules are written as in parse_stmt.c. */
#include "parser.h"

static struct kp_expr *parse_binary(struct kp_parser *p, int limit);

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
	struct kp_expr *negated = new_expr(p, KP_EX_UNARY, e->at);

	negated->op.op = KP_OPERATOR_NOT;
	negated->op.left = e;
	above(p, negated, e);
	return negated;
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
