/* SPDX-License-Identifier: GPL-2.0-only */
/* clex - the tokens of C declarations inside a string of the script. */
#ifndef KP_COMPILE_CLEX_H
#define KP_COMPILE_CLEX_H

#include "ast.h"

enum kp_ctok { KP_CTOK_END, KP_CTOK_NAME, KP_CTOK_NUMBER, KP_CTOK_ELLIPSIS, KP_CTOK_PUNCT };

struct kp_ctoken {
	enum kp_ctok kind;
	struct kp_span at;	  /* in the script */
	int c;			  /* PUNCT: the character; << and >> are 'L' and 'R' */
	int64_t number;		  /* NUMBER */
	const struct kp_str *str; /* NAME */
};

struct kp_clex {
	struct kp_cc *cc;
	const char *text;
	uint32_t pos, end;
	uint32_t close;	       /* bytes of what closes the string there */
	struct kp_span inside; /* the string, when @text is not the script; else empty */
};

/** kp_clex_init - read the content of the string @e. */
void kp_clex_init(struct kp_clex *lx, struct kp_cc *cc, const struct kp_expr *e);

/**
 * kp_clex_next - the next token into @tok.
 * Returns NULL, or what is wrong with the text at @tok->at.
 */
const char *kp_clex_next(struct kp_clex *lx, struct kp_ctoken *tok);

#endif
