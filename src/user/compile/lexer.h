/* SPDX-License-Identifier: GPL-2.0-only */
/* lexer - what the files of the lexer share: the small steps that tokens are read in. */
#ifndef KP_COMPILE_LEXER_H
#define KP_COMPILE_LEXER_H

#include "chars.h"
#include "lex.h"

/* The character @ahead of the next one, or -1 behind the end. */
static inline int peek(const struct kp_lex *lx, uint32_t ahead)
{
	uint32_t pos = lx->pos + ahead;

	return pos < lx->end ? (unsigned char)lx->text[pos] : -1;
}

static inline struct kp_span span(const struct kp_lex *lx, uint32_t from)
{
	if (lx->inside.len)
		return lx->inside;
	return (struct kp_span){ from, lx->pos - from };
}

static inline struct kp_token token(struct kp_lex *lx, enum kp_tok kind, uint32_t from)
{
	lx->last = lx->pos;
	return (struct kp_token){ .kind = kind, .at = span(lx, from) };
}

static inline struct kp_token lex_error(struct kp_lex *lx, enum kp_tag tag, uint32_t from)
{
	struct kp_token t = token(lx, KP_TOK_ERROR, from);

	kp_diag_report(lx->cc->diag, tag, t.at);
	return t;
}

/* ---- lex_literal.c: the token that begins at the next character ---- */

struct kp_token kp_lex_number(struct kp_lex *lx);
struct kp_token kp_lex_string(struct kp_lex *lx);

/** kp_lex_long_string - the same; its opening bracket has @open characters. */
struct kp_token kp_lex_long_string(struct kp_lex *lx, int open);

/** kp_lex_skip_long - skip to behind the closing bracket that fits an opening one of @open characters. */
bool kp_lex_skip_long(struct kp_lex *lx, int open);

#endif
