// SPDX-License-Identifier: GPL-2.0-only
#include "clex.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of what opens and of what closes the string at @p: a quote, [[, [=[ … */
static uint32_t delimiter(const char *p)
{
	uint32_t n = 1;

	if (*p != '[')
		return 1;
	while (p[n] == '=')
		n++;
	return n + 1;
}

void kp_clex_init(struct kp_clex *lx, struct kp_cc *cc, const struct kp_expr *e)
{
	const char *text = cc->src->text;
	uint32_t len = (uint32_t)e->str->len, end;

	/* a long string may have lost its first newline, so count from its end */
	end = e->at.pos + e->at.len - delimiter(text + e->at.pos);
	*lx = (struct kp_clex){ .cc = cc, .text = text, .end = end };
	lx->close = e->at.pos + e->at.len - end;
	if (len <= end - e->at.pos && !memcmp(text + end - len, e->str->data, len)) {
		lx->pos = end - len;
		return;
	}
	lx->text = e->str->data;
	lx->end = len;
	lx->inside = e->at;
}

static int peek(const struct kp_clex *lx, uint32_t ahead)
{
	return lx->end - lx->pos > ahead ? (unsigned char)lx->text[lx->pos + ahead] : -1;
}

/* Skip blanks and comments; false when a comment does not end. */
static bool skip_blanks(struct kp_clex *lx)
{
	for (;;) {
		if (isspace(peek(lx, 0))) {
			lx->pos++;
		} else if (peek(lx, 0) == '/' && peek(lx, 1) == '/') {
			while (peek(lx, 0) >= 0 && peek(lx, 0) != '\n')
				lx->pos++;
		} else if (peek(lx, 0) == '/' && peek(lx, 1) == '*') {
			lx->pos += 2;
			while (peek(lx, 0) >= 0 && (peek(lx, 0) != '*' || peek(lx, 1) != '/'))
				lx->pos++;
			if (peek(lx, 0) < 0)
				return false;
			lx->pos += 2;
		} else {
			return true;
		}
	}
}

static uint32_t word_length(const struct kp_clex *lx)
{
	uint32_t n = 0;

	while (isalnum(peek(lx, n)) || peek(lx, n) == '_')
		n++;
	return n;
}

/* Digits with the suffixes that C allows. */
static bool read_number(const char *text, uint32_t len, int64_t *number)
{
	char digits[32], *end;

	if (len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	errno = 0;
	*number = (int64_t)strtoull(digits, &end, 0);
	return !errno && end != digits && !end[strspn(end, "uUlL")];
}

const char *kp_clex_next(struct kp_clex *lx, struct kp_ctoken *tok)
{
	bool closed = skip_blanks(lx);
	uint32_t len = word_length(lx);
	const char *p = lx->text + lx->pos, *wrong = NULL;

	*tok = (struct kp_ctoken){ .kind = KP_CTOK_END, .c = peek(lx, 0) };
	if (!closed) {
		wrong = "the comment does not end";
	} else if (len && isdigit((unsigned char)*p)) {
		tok->kind = KP_CTOK_NUMBER;
		if (!read_number(p, len, &tok->number))
			wrong = "malformed number";
	} else if (len) {
		tok->kind = KP_CTOK_NAME;
		tok->str = kp_cc_string(lx->cc, p, len);
	} else if (tok->c == '.' && peek(lx, 1) == '.' && peek(lx, 2) == '.') {
		tok->kind = KP_CTOK_ELLIPSIS;
		len = 3;
	} else if ((tok->c == '<' || tok->c == '>') && peek(lx, 1) == tok->c) {
		tok->kind = KP_CTOK_PUNCT;
		tok->c = tok->c == '<' ? 'L' : 'R';
		len = 2;
	} else if (tok->c >= 0) {
		tok->kind = KP_CTOK_PUNCT;
		len = 1;
		if (tok->c == '#')
			wrong = "there is no preprocessor here";
		else if (!strchr("*()[]{};:,=-+|&~", tok->c))
			wrong = "unexpected character";
	}
	if (lx->inside.len)
		tok->at = lx->inside;
	else if (tok->kind == KP_CTOK_END)
		tok->at = (struct kp_span){ lx->end, lx->close };
	else
		tok->at = (struct kp_span){ lx->pos, len };
	lx->pos += len;
	return wrong;
}
