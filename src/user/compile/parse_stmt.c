// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statements.
 *
 * One function for each rule of the grammar, which stands above it.
 *
 *	{ x }  any number of x	   [ x ]  x or nothing	   'x'	the token x
 */
#include "parser.h"

/* ---- blocks and functions ---- */

/* The block that @close ends has its return. */
static void parse_after_return(struct kp_parser *p, enum kp_tok close)
{
	if (at(p, close) || at(p, KP_TOK_RBRACE) || at(p, KP_TOK_EOF))
		return;
	kp_diag_report(p->cc->diag, KP_TAG_EXPECTED, p->tok.at, kp_tok_text(close));
	kp_diag_hint(p->cc->diag, KP_HINT_RETURN);
	parse_fail(p);
}

/* { statement } up to @close, which ends what the token @open at @from began */
static void parse_until(struct kp_parser *p, struct kp_block *block, enum kp_tok close,
			enum kp_tok open, struct kp_span from)
{
	struct kp_stmt **last = &block->first;

	enter(p);
	while (!at(p, close) && !at(p, KP_TOK_EOF) && !at(p, KP_TOK_RBRACE)) {
		*last = kp_parse_guarded(p);
		if (!*last)
			continue;
		if ((*last)->kind == KP_ST_RETURN) {
			parse_after_return(p, close);
			break;
		}
		last = &(*last)->next;
	}
	leave(p);
	expect_close(p, close, open, from);
}

/* braces = '{' { statement } '}' */
static void parse_braces(struct kp_parser *p, struct kp_block *block)
{
	struct kp_span from = p->tok.at;

	expect(p, KP_TOK_LBRACE);
	parse_until(p, block, KP_TOK_RBRACE, KP_TOK_LBRACE, from);
}

/* params = '(' [ NAME { ',' NAME } [ ',' '...' ] | '...' ] ')' */
static void parse_params(struct kp_parser *p, struct kp_func *f)
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

/* function_body = params braces; without parameters when @with_params is false */
struct kp_expr *kp_parse_func(struct kp_parser *p, struct kp_func *f, bool with_params)
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

/* ---- assignments and declarations ---- */

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
static struct kp_stmt *parse_declaration(struct kp_parser *p)
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
static struct kp_stmt *parse_function(struct kp_parser *p)
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

static struct kp_expr *number_expr(struct kp_parser *p, int64_t number, struct kp_span at)
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

/* The rest of an assignment whose first target is @first; see parse_simple(). */
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
	s->assign.op = compound(tok.kind);
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
static struct kp_stmt *parse_simple_rest(struct kp_parser *p, struct kp_expr *e)
{
	struct kp_stmt *s;

	if (at(p, KP_TOK_ASSIGN) || at(p, KP_TOK_COMMA) ||
	    compound(p->tok.kind) != KP_OPERATOR_NONE)
		return parse_assignment(p, e);
	if (e->kind != KP_EX_CALL && e->kind != KP_EX_METHOD)
		kp_parse_not_statement(p, e);
	s = new_stmt(p, KP_ST_CALL, e->at);
	s->expr = e;
	return s;
}

static struct kp_stmt *parse_simple(struct kp_parser *p)
{
	return parse_simple_rest(p, parse_target(p));
}

/* body = braces | statement */
static void parse_body(struct kp_parser *p, struct kp_block *block)
{
	if (at(p, KP_TOK_LBRACE)) {
		parse_braces(p, block);
		return;
	}
	enter(p);
	block->first = kp_parse_statement(p);
	leave(p);
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
static struct kp_stmt *parse_if(struct kp_parser *p)
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
static struct kp_stmt *parse_while(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_WHILE, p->tok.at);

	advance(p);
	s->loop.limit = parse_condition(p);
	parse_body(p, &s->loop.body);
	return s;
}

/* repeat = 'repeat' ( braces | { statement } ) 'until' expr */
static struct kp_stmt *parse_repeat(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_REPEAT, p->tok.at), *only;

	advance(p);
	parse_until(p, &s->loop.body, KP_TOK_UNTIL, KP_TOK_REPEAT, s->at);
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
		s->loop.next = parse_simple(p);
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
 *	  | [ 'var' ] NAME '=' expr ',' expr [ ',' expr ]
 *	  | [ [ 'var' ] NAME '=' expr | simple ] ';' [ expr ] ';' [ simple ]
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
	} else if (!single || compound(p->tok.kind) != KP_OPERATOR_NONE) {
		s->loop.init = parse_simple_rest(p, first);
	}
	if (!s->loop.init)
		fail_at(p, KP_TAG_EXPECTED_FOR, p->tok.at);
	expect(p, KP_TOK_SEMI);
	parse_for_c(p, s);
}

/* for = 'for' '(' header ')' body */
static struct kp_stmt *parse_for(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_FOR_C, p->tok.at);
	struct kp_span from;

	advance(p);
	from = p->tok.at;
	expect(p, KP_TOK_LPAREN);
	parse_for_header(p, s);
	if (s->kind == KP_ST_FOR_NUM && compound(p->tok.kind) != KP_OPERATOR_NONE) {
		kp_diag_report(p->cc->diag, KP_TAG_EXPECTED, p->tok.at, kp_tok_text(KP_TOK_RPAREN));
		kp_diag_hint(p->cc->diag, KP_HINT_SEMICOLONS);
		parse_fail(p);
	}
	expect_close(p, KP_TOK_RPAREN, KP_TOK_LPAREN, from);
	parse_body(p, &s->loop.body);
	return s;
}

/*
 * return = 'return' [ exprs ]	  the last statement of its block
 *
 * The values start on the same line, so that `if (x) return` can stand alone.
 */
static struct kp_stmt *parse_return(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_RETURN, p->tok.at);

	advance(p);
	if (!p->tok.first_on_line && !at(p, KP_TOK_RBRACE) && !at(p, KP_TOK_SEMI) &&
	    !at(p, KP_TOK_EOF) && !at(p, KP_TOK_END) && !at(p, KP_TOK_UNTIL) &&
	    !at(p, KP_TOK_ELSE) && !at(p, KP_TOK_ELSEIF))
		s->expr = kp_parse_exprs(p);
	return s;
}

/* jump = 'goto' NAME | '::' NAME '::' */
static struct kp_stmt *parse_jump(struct kp_parser *p)
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
static struct kp_stmt *parse_option(struct kp_parser *p)
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
static struct kp_stmt *parse_delete(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_DELETE, p->tok.at);

	advance(p);
	s->expr = kp_parse_suffixed(p);
	if (s->expr->kind != KP_EX_INDEX) {
		kp_diag_report(p->cc->diag, KP_TAG_EXPECTED, p->tok.at,
			       kp_tok_text(KP_TOK_LBRACKET));
		kp_diag_hint(p->cc->diag, KP_HINT_EMPTY);
		parse_fail(p);
	}
	return s;
}

/* cdef = 'cdef' STRING */
static struct kp_stmt *parse_cdef(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_CDEF, p->tok.at);

	advance(p);
	if (!at(p, KP_TOK_STRING))
		fail_at(p, KP_TAG_UNEXPECTED, p->tok.at);
	s->expr = string_expr(p, &p->tok);
	advance(p);
	return s;
}

/* ---- all statements ---- */

/* do = 'do' { statement } 'end' */
static struct kp_stmt *parse_do(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_BLOCK, p->tok.at);

	advance(p);
	parse_until(p, &s->block, KP_TOK_END, KP_TOK_DO, s->at);
	return s;
}

static struct kp_stmt *parse_block(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_BLOCK, p->tok.at);

	parse_braces(p, &s->block);
	return s;
}

static struct kp_stmt *parse_word(struct kp_parser *p, enum kp_stmt_kind kind)
{
	struct kp_stmt *s = new_stmt(p, kind, p->tok.at);

	advance(p);
	return s;
}

/* What starts with a name may be one of the words that are keywords only here. */
static struct kp_stmt *parse_name_statement(struct kp_parser *p)
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

/*
 * statement = ( ';' | declaration | function | simple | braces | do | if | while | repeat | for
 *	       | 'break' | 'continue' | return | jump | trace | trace_end | timer | option | delete
 *	       | cdef ) [ ';' ]
 *
 * NULL for ';' alone.
 */
struct kp_stmt *kp_parse_statement(struct kp_parser *p)
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
		s = kp_parse_trace(p);
		break;
	case KP_TOK_TRACE_END:
		s = kp_parse_trace_end(p);
		break;
	case KP_TOK_TIMER:
		s = kp_parse_timer(p);
		break;
	default:
		s = parse_simple(p);
		break;
	}
	accept(p, KP_TOK_SEMI);
	return s;
}
