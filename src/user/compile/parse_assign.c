// SPDX-License-Identifier: GPL-2.0-only
/* Statements that declare, assign or call, in the manner of parse_stmt.c. */
#include "parser.h"

/* A function of role PLAIN around nothing yet, named @name (or NULL). */
static struct kp_expr *parse_named_func(struct kp_parser *p, const struct kp_str *name,
					struct kp_span at, struct kp_name *self)
{
	struct kp_func *f = new_func(p, KP_ROLE_PLAIN, at);

	f->name = name;
	f->params = self;
	return kp_parse_func(p, f, true);
}

/* declaration = ('var'|'local') ( names [ '=' exprs ] | 'function' NAME function_body ) */
struct kp_stmt *kp_parse_declaration(struct kp_parser *p)
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
		s->local.values = kp_parse_exprs(p);
	if (s->local.values && s->local.values->kind == KP_EX_FUNCTION)
		s->local.values->func->name = s->local.names->str;
	return s;
}

/* function = 'function' NAME { '.' NAME } [ ':' NAME ] function_body */
struct kp_stmt *kp_parse_function(struct kp_parser *p)
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

/* The operator of a compound assignment, or NONE. */
enum kp_operator kp_parse_compound(enum kp_tok kind)
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
	case KP_TOK_SHLSET:
		return KP_OPERATOR_SHL;
	case KP_TOK_SHRSET:
		return KP_OPERATOR_SHR;
	case KP_TOK_AGGREGATE:
		return KP_OPERATOR_AGG;
	default:
		return KP_OPERATOR_NONE;
	}
}

static void check_target(struct kp_parser *p, const struct kp_expr *e)
{
	if (e->kind == KP_EX_NAME || e->kind == KP_EX_INDEX)
		return;
	kp_diag_report(p->cc->diag, KP_TAG_NOT_ASSIGNABLE, e->at);
	if (e->kind == KP_EX_CALL && at(p, KP_TOK_COMMA))
		kp_parse_hint_brackets(p, e->call.callee);
	parse_fail(p);
}

/* The rest of an assignment whose first target is @first; see kp_parse_simple(). */
static struct kp_stmt *parse_assignment(struct kp_parser *p, struct kp_expr *first)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_ASSIGN, p->tok.at);
	struct kp_expr **last = &first->next;
	struct kp_token tok;

	check_target(p, first);
	s->assign.targets = first;
	while (accept(p, KP_TOK_COMMA)) {
		*last = kp_parse_suffixed(p);
		check_target(p, *last);
		last = &(*last)->next;
	}
	tok = p->tok;
	s->at = tok.at;
	s->assign.op = kp_parse_compound(tok.kind);
	if (s->assign.op == KP_OPERATOR_NONE) {
		expect(p, KP_TOK_ASSIGN);
		s->assign.values = kp_parse_exprs(p);
		if (first->kind == KP_EX_NAME && s->assign.values->kind == KP_EX_FUNCTION)
			s->assign.values->func->name = first->name.str;
		return s;
	}
	advance(p);
	if (tok.kind == KP_TOK_INC || tok.kind == KP_TOK_DEC)
		s->assign.values = number_expr(p, 1, tok.at);
	else
		s->assign.values = kp_parse_exprs(p);
	if (first->next || s->assign.values->next) {
		kp_diag_report(p->cc->diag, KP_TAG_MULTI_ADDSET, tok.at, kp_tok_text(tok.kind));
		parse_fail(p);
	}
	return s;
}

/* The suffixed that a statement starts with: what it assigns or calls. */
static struct kp_expr *parse_target(struct kp_parser *p)
{
	struct kp_expr *e;

	p->target = p->lex.target = true;
	e = kp_parse_suffixed(p);
	p->target = p->lex.target = false;
	return e;
}

/*
 * simple = suffixed { ',' suffixed } '=' exprs
 *	  | suffixed ('+='|'-='|'*='|'/='|'%='|'|='|'&='|'^='|'<<='|'>>='|'<<<') expr
 *	  | suffixed ('++'|'--')
 *	  | suffixed				 a call
 */
struct kp_stmt *kp_parse_simple_rest(struct kp_parser *p, struct kp_expr *e)
{
	struct kp_stmt *s;

	bool call = e->kind == KP_EX_CALL || e->kind == KP_EX_METHOD;

	/* what follows a call on another line is wrong by itself */
	if ((at(p, KP_TOK_ASSIGN) || at(p, KP_TOK_COMMA) ||
	     kp_parse_compound(p->tok.kind) != KP_OPERATOR_NONE) &&
	    !(call && p->tok.first_on_line))
		return parse_assignment(p, e);
	if (!call)
		kp_parse_not_statement(p, e);
	s = new_stmt(p, KP_ST_CALL, e->at);
	s->expr = e;
	return s;
}

struct kp_stmt *kp_parse_simple(struct kp_parser *p)
{
	return kp_parse_simple_rest(p, parse_target(p));
}
