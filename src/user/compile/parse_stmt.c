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
void kp_parse_until(struct kp_parser *p, struct kp_block *block, enum kp_tok close,
		    enum kp_tok open, struct kp_span from)
{
	struct kp_stmt **last = &block->first;
	uint32_t outer = p->block;

	p->block = p->tok.at.pos;
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
	p->block = outer;
	if (open == KP_TOK_LBRACE)
		kp_parse_note_close(p, from);
	expect_close(p, close, open, from);
}

/* braces = '{' { statement } '}' */
void kp_parse_braces(struct kp_parser *p, struct kp_block *block)
{
	struct kp_span from = p->tok.at;

	expect(p, KP_TOK_LBRACE);
	kp_parse_until(p, block, KP_TOK_RBRACE, KP_TOK_LBRACE, from);
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
	kp_parse_braces(p, &f->body);
	p->brackets = brackets;
	p->ternary = ternary;
	p->in_filter = in_filter;
	p->target = target;
	p->func = f->parent;
	return e;
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
	kp_parse_until(p, &s->block, KP_TOK_END, KP_TOK_DO, s->at);
	return s;
}

static struct kp_stmt *parse_block(struct kp_parser *p)
{
	struct kp_stmt *s = new_stmt(p, KP_ST_BLOCK, p->tok.at);

	kp_parse_braces(p, &s->block);
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
	return kp_parse_simple(p);
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
		s = kp_parse_declaration(p);
		break;
	case KP_TOK_FUNCTION:
		s = kp_parse_function(p);
		break;
	case KP_TOK_IF:
		s = kp_parse_if(p);
		break;
	case KP_TOK_WHILE:
		s = kp_parse_while(p);
		break;
	case KP_TOK_REPEAT:
		s = kp_parse_repeat(p);
		break;
	case KP_TOK_FOR:
		s = kp_parse_for(p);
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
		s = kp_parse_simple(p);
		break;
	}
	accept(p, KP_TOK_SEMI);
	return s;
}
