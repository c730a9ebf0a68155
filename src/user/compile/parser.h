/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parser - what the files of the parser share: its state, and the small steps that
 * all rules are made of.
 *
 * p->tok is the token that is looked at and not yet consumed. The first error of a
 * statement is reported and thrown to kp_parse_guarded(), which goes on with the next
 * statement of the block, or of a block around it.
 */
#ifndef KP_COMPILE_PARSER_H
#define KP_COMPILE_PARSER_H

#include <string.h>

#include "chars.h"
#include "lex.h"
#include "parse.h"

/* What kp_parse_guarded() needs to go on after an error. */
struct kp_recovery {
	jmp_buf env;
	struct kp_recovery *up; /* of the block around it */
	uint32_t start;		/* of the statement */
	uint32_t block;		/* first statement of the block that it is in */
	unsigned int depth, brackets, ternary;
	bool in_filter;
	struct kp_func *func;
};

struct kp_parser {
	struct kp_cc *cc;
	struct kp_lex lex;
	struct kp_token tok;
	uint32_t end;		 /* of the token before, or 0 */
	uint32_t block;		 /* where the first statement of the current block begins */
	struct kp_span unopened; /* behind a header whose one statement looks like several */
	struct kp_span unclosed; /* the first brace whose block ends less deep than it begins */
	uint32_t stuck;		 /* where a token is that begins no statement, as was reported */
	unsigned int depth;	 /* open blocks, functions and brackets */
	unsigned int brackets;	 /* of them, in the expression that is parsed */
	unsigned int ternary;	 /* 1 + brackets around the `?` whose ':' is awaited, or 0 */
	bool target;		 /* in what a statement assigns; see kp_lex.target */
	bool in_filter;		 /* '/' ends the filter unless it stands in brackets */
	struct kp_func *func;
	struct kp_recovery *recovery; /* of the statement that is parsed */
};

/* parse_operator.c, parse_expr.c: the rule of that name; p->tok is its first token. */
struct kp_expr *kp_parse_expr(struct kp_parser *p);
struct kp_expr *kp_parse_exprs(struct kp_parser *p);
struct kp_expr *kp_parse_primary(struct kp_parser *p);
struct kp_expr *kp_parse_suffixed(struct kp_parser *p);

/* parse_stmt.c */
struct kp_stmt *kp_parse_statement(struct kp_parser *p);

/** kp_parse_guarded - the same for a statement of a block; NULL, too, when it was wrong. */
struct kp_stmt *kp_parse_guarded(struct kp_parser *p);

/** kp_parse_note_close - the current token is about to close the brace at @from: does it look so? */
void kp_parse_note_close(struct kp_parser *p, struct kp_span from);

/** kp_parse_func - the body of @f, and before it parameters when @with_params. */
struct kp_expr *kp_parse_func(struct kp_parser *p, struct kp_func *f, bool with_params);

/** kp_parse_braces - statements in braces. */
void kp_parse_braces(struct kp_parser *p, struct kp_block *block);

/** kp_parse_until - statements up to @close, which ends what the token @open at @from began. */
void kp_parse_until(struct kp_parser *p, struct kp_block *block, enum kp_tok close,
		    enum kp_tok open, struct kp_span from);

/* parse_assign.c: the rule of that name; p->tok is its first token. */
struct kp_stmt *kp_parse_declaration(struct kp_parser *p);
struct kp_stmt *kp_parse_function(struct kp_parser *p);
struct kp_stmt *kp_parse_simple(struct kp_parser *p);

/** kp_parse_simple_rest - the rest of a simple that begins with @e. */
struct kp_stmt *kp_parse_simple_rest(struct kp_parser *p, struct kp_expr *e);

/** kp_parse_compound - the operator of a compound assignment, or NONE. */
enum kp_operator kp_parse_compound(enum kp_tok kind);

/* parse_flow.c: the same. */
struct kp_stmt *kp_parse_if(struct kp_parser *p);
struct kp_stmt *kp_parse_while(struct kp_parser *p);
struct kp_stmt *kp_parse_repeat(struct kp_parser *p);
struct kp_stmt *kp_parse_for(struct kp_parser *p);

/* parse_probe.c */
struct kp_stmt *kp_parse_trace(struct kp_parser *p);
struct kp_stmt *kp_parse_trace_end(struct kp_parser *p);
struct kp_stmt *kp_parse_timer(struct kp_parser *p);

/* ---- errors ---- */

static inline _Noreturn void parse_fail(struct kp_parser *p)
{
	longjmp(p->recovery->env, 1);
}

static inline _Noreturn void fail_at(struct kp_parser *p, enum kp_tag tag, struct kp_span at)
{
	kp_diag_report(p->cc->diag, tag, at);
	parse_fail(p);
}

/* parse_hint.c: what was probably meant */

/**
 * kp_parse_hint - add a hint, when there is one, to the message about the current token.
 * @expected: the token that should be there; EOF: what begins an expression or a statement
 */
void kp_parse_hint(struct kp_parser *p, enum kp_tok expected);

/** kp_parse_hint_method - the same about a method of @callee without arguments. */
void kp_parse_hint_method(struct kp_parser *p, const struct kp_expr *callee);

/** kp_parse_hint_brackets - the same when @e is called without brackets; false when it is not. */
bool kp_parse_hint_brackets(struct kp_parser *p, const struct kp_expr *e);

/** kp_parse_hint_comma - report that a comma is missing before the token; false when it is not. */
bool kp_parse_hint_comma(struct kp_parser *p);

/** kp_parse_hint_statement - the same about the word with which the statement at @start begins. */
void kp_parse_hint_statement(struct kp_parser *p, uint32_t start);

/** kp_parse_not_statement - report that @e, behind which the parser is, is no statement. */
_Noreturn void kp_parse_not_statement(struct kp_parser *p, const struct kp_expr *e);

/* What is missing before the first token of a line is missing at the end of the line before. */
static inline struct kp_span missing_at(const struct kp_parser *p)
{
	if (p->tok.first_on_line && p->end && !p->lex.inside.len)
		return (struct kp_span){ p->end, 1 };
	return p->tok.at;
}

static inline _Noreturn void fail_expected(struct kp_parser *p, enum kp_tok kind)
{
	kp_diag_report_at(p->cc->diag, KP_TAG_EXPECTED, p->tok.at, missing_at(p),
			  kp_tok_text(kind));
	kp_parse_hint(p, kind);
	parse_fail(p);
}

static inline _Noreturn void fail_name(struct kp_parser *p)
{
	kp_diag_report(p->cc->diag, KP_TAG_EXPECTED_NAME, p->tok.at);
	kp_parse_hint(p, KP_TOK_NAME);
	parse_fail(p);
}

/* ---- tokens ---- */

/* Make @tok the current token. A malformed one was reported by the lexer. */
static inline void take(struct kp_parser *p, struct kp_token tok)
{
	p->end = p->tok.at.pos + p->tok.at.len;
	p->tok = tok;
	if (tok.kind == KP_TOK_ERROR)
		parse_fail(p);
}

static inline void advance(struct kp_parser *p)
{
	take(p, kp_lex_next(&p->lex));
}

static inline bool at(const struct kp_parser *p, enum kp_tok kind)
{
	return p->tok.kind == kind;
}

static inline bool accept(struct kp_parser *p, enum kp_tok kind)
{
	if (!at(p, kind))
		return false;
	advance(p);
	return true;
}

static inline void expect(struct kp_parser *p, enum kp_tok kind)
{
	if (!accept(p, kind))
		fail_expected(p, kind);
}

/* Consume @close, which ends what the token @open at @from began. */
static inline void expect_close(struct kp_parser *p, enum kp_tok close, enum kp_tok open,
				struct kp_span from)
{
	uint32_t line, column;

	if (accept(p, close))
		return;
	/* what is missing at the end of the script was meant to be where people stopped to indent */
	if (at(p, KP_TOK_EOF) && open == KP_TOK_LBRACE && p->unclosed.len)
		from = p->unclosed;
	line = kp_cc_line(p->cc, from.pos, &column);
	if (line == kp_cc_line(p->cc, p->tok.at.pos, &column))
		fail_expected(p, close);
	kp_diag_report_at(p->cc->diag, KP_TAG_EXPECTED_CLOSE, p->tok.at, from, kp_tok_text(close),
			  kp_tok_text(open), line);
	parse_fail(p);
}

static inline bool at_word(const struct kp_parser *p, const char *word)
{
	return at(p, KP_TOK_NAME) && !strcmp(p->tok.str->data, word);
}

static inline bool is_quote(int c)
{
	return c == '"' || c == '\'' || c == '[';
}

/* In a filter, and not in brackets of it. */
static inline bool bare_filter(const struct kp_parser *p)
{
	return p->in_filter && !p->brackets;
}

static inline void enter(struct kp_parser *p)
{
	if (++p->depth > KP_PARSE_DEPTH)
		fail_at(p, KP_TAG_TOO_DEEP, p->tok.at);
}

static inline void leave(struct kp_parser *p)
{
	p->depth--;
}

/* ---- nodes ---- */

static inline struct kp_expr *new_expr(struct kp_parser *p, enum kp_expr_kind kind,
				       struct kp_span at)
{
	struct kp_expr *e = kp_cc_alloc(p->cc, sizeof(*e));

	e->kind = kind;
	e->at = at;
	return e;
}

static inline struct kp_stmt *new_stmt(struct kp_parser *p, enum kp_stmt_kind kind,
				       struct kp_span at)
{
	struct kp_stmt *s = kp_cc_alloc(p->cc, sizeof(*s));

	s->kind = kind;
	s->at = at;
	return s;
}

/* @parent lies above @child in the tree. */
static inline void above(struct kp_parser *p, struct kp_expr *parent, const struct kp_expr *child)
{
	if (child->depth >= KP_PARSE_EXPR_DEPTH)
		fail_at(p, KP_TAG_TOO_COMPLEX, parent->at);
	if (parent->depth <= child->depth)
		parent->depth = child->depth + 1;
}

static inline struct kp_expr *string_expr(struct kp_parser *p, const struct kp_token *tok)
{
	struct kp_expr *e = new_expr(p, KP_EX_STRING, tok->at);

	e->str = tok->str;
	return e;
}

static inline struct kp_expr *number_expr(struct kp_parser *p, int64_t number, struct kp_span at)
{
	struct kp_expr *e = new_expr(p, KP_EX_NUMBER, at);

	e->number = number;
	return e;
}

static inline struct kp_name *new_name(struct kp_parser *p, const struct kp_token *tok)
{
	struct kp_name *n = kp_cc_alloc(p->cc, sizeof(*n));

	n->str = tok->str;
	n->at = tok->at;
	return n;
}

static inline struct kp_func *new_func(struct kp_parser *p, enum kp_func_role role,
				       struct kp_span at)
{
	struct kp_func *f = kp_cc_alloc(p->cc, sizeof(*f));

	f->role = role;
	f->at = at;
	f->parent = p->func;
	return f;
}

/* name = NAME */
static inline struct kp_name *parse_name(struct kp_parser *p)
{
	struct kp_name *n;

	if (!at(p, KP_TOK_NAME))
		fail_name(p);
	n = new_name(p, &p->tok);
	advance(p);
	return n;
}

/*
 * Behind a '.', before the '=' of a constructor, and for the fields in a filter, keywords
 * are names too: events have fields such as `end` and `in`.
 */
static inline void keyword_as_name(struct kp_parser *p)
{
	if (kp_tok_is_keyword(p->tok.kind))
		p->tok.kind = KP_TOK_NAME;
}

/* names = name { ',' name } */
static inline struct kp_name *parse_names(struct kp_parser *p)
{
	struct kp_name *first = parse_name(p), **last = &first->next;

	while (accept(p, KP_TOK_COMMA)) {
		*last = parse_name(p);
		last = &(*last)->next;
	}
	return first;
}

#endif
