/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lex - characters to tokens.
 *
 * Most of the language needs one rule set. What follows `trace` does not: an
 * EVENTDEF is raw text, and a filter has glob patterns without quotes. The
 * parser knows where it is and calls kp_lex_eventdef() or
 * kp_lex_pattern() instead of kp_lex_next() there.
 */
#ifndef KP_COMPILE_LEX_H
#define KP_COMPILE_LEX_H

#include "cc.h"

enum kp_tok {
#define KP_TOK(name, text) KP_TOK_##name,
#include "tokens.def"
#undef KP_TOK
	KP_TOK_COUNT
};

struct kp_token {
	enum kp_tok kind;
	struct kp_span at;
	bool first_on_line;	  /* only blanks before it on its line */
	int64_t number;		  /* NUMBER */
	const struct kp_str *str; /* NAME, keywords, STRING, PATTERN, EVENTDEF, TIMER */
};

/*
 * Reads @text from @pos to @end. The text is the script, or the content of a
 * string with escapes, all of which is then reported as being at @inside.
 */
struct kp_lex {
	struct kp_cc *cc;
	const char *text;
	uint32_t pos;
	uint32_t end;
	uint32_t last;	       /* end of the last token */
	bool target;	       /* set by the parser: in what a statement assigns, so that a `--`
				* glued to it is a decrement; elsewhere it opens a comment */
	struct kp_span inside; /* empty when @text is the script itself */
};

/** kp_lex_init - read the script of @cc from its start; skips a byte order mark. */
void kp_lex_init(struct kp_lex *lx, struct kp_cc *cc);

/**
 * kp_lex_inside - read the content of the string token @str, whose text still
 * lies in the script (@lx is what it came from).
 */
void kp_lex_inside(struct kp_lex *in, const struct kp_lex *lx, const struct kp_token *str);

/** kp_lex_peek - the character the next token starts with, -1 at the end. Reports nothing. */
int kp_lex_peek(const struct kp_lex *lx);

/** kp_lex_next - the next token; after a malformed one, which is reported, KP_TOK_ERROR. */
struct kp_token kp_lex_next(struct kp_lex *lx);

/**
 * kp_lex_eventdef - the text of one EVENTDEF up to a filter, @separator (',' or
 * ';'), '{', `function (` or the end of the line, without blanks around it.
 */
struct kp_token kp_lex_eventdef(struct kp_lex *lx, char separator);

/**
 * kp_lex_pattern - after `~`, `==` or `!=` in a filter: a value without quotes as
 * the kernel's filters have it. Gives PATTERN, or what kp_lex_next() gives
 * when the text starts no such value. @any: a plain word counts too.
 */
struct kp_token kp_lex_pattern(struct kp_lex *lx, bool any);

/** kp_tok_is_keyword - is this kind a reserved word? */
bool kp_tok_is_keyword(enum kp_tok kind);

/** kp_tok_text - how messages spell a kind of token. */
const char *kp_tok_text(enum kp_tok kind);

#endif
