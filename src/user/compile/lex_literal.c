// SPDX-License-Identifier: GPL-2.0-only
/* Numbers and strings. */
#include "lexer.h"

#include <string.h>

#include "ktap/bytecode.h"

bool kp_lex_skip_long(struct kp_lex *lx, int open)
{
	for (; lx->pos < lx->end; lx->pos++) {
		int n = 1;

		if (peek(lx, 0) != ']')
			continue;
		while (peek(lx, (uint32_t)n) == '=')
			n++;
		if (n == open - 1 && peek(lx, (uint32_t)n) == ']') {
			lx->pos += (uint32_t)open;
			return true;
		}
	}
	return false;
}

static int hex_value(int c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decimal, 0x hexadecimal, 0 octal; too big is all ones. */
struct kp_token kp_lex_number(struct kp_lex *lx)
{
	uint32_t from = lx->pos;
	unsigned int base = 10;
	uint64_t value = 0;
	bool big = false, bad = false;
	struct kp_token t;

	if (peek(lx, 0) == '0' && (peek(lx, 1) == 'x' || peek(lx, 1) == 'X')) {
		base = 16;
		lx->pos += 2;
		bad = hex_value(peek(lx, 0)) < 0;
	} else if (peek(lx, 0) == '0') {
		base = 8;
	}
	for (; is_name(peek(lx, 0)); lx->pos++) {
		int digit = hex_value(peek(lx, 0));

		if (digit < 0 || (unsigned int)digit >= base)
			bad = true;
		else if (__builtin_mul_overflow(value, base, &value) ||
			 __builtin_add_overflow(value, (uint64_t)digit, &value))
			big = true;
	}
	if (peek(lx, 0) == '.' && is_digit(peek(lx, 1))) {
		bad = true;
		while (is_name(peek(lx, 0)) || peek(lx, 0) == '.')
			lx->pos++;
	}
	if (bad)
		return lex_error(lx, KP_TAG_MALFORMED_NUMBER, from);
	t = token(lx, KP_TOK_NUMBER, from);
	t.number = (int64_t)(big ? UINT64_MAX : value);
	return t;
}

/*
 * Decode the escape sequence behind a backslash to *@out; returns the bytes
 * written (0 or 1), or -1 with *@tag set.
 */
static int lex_escape(struct kp_lex *lx, char *out, enum kp_tag *tag)
{
	static const char from[] = "abfnrtv\\\"'", to[] = "\a\b\f\n\r\t\v\\\"'";
	int c = peek(lx, 0), n, value;
	const char *simple = c > 0 ? strchr(from, c) : NULL;

	if (simple) {
		lx->pos++;
		*out = to[simple - from];
		return 1;
	}
	if (is_newline(c)) {
		lx->pos += kp_source_newline(
			&(struct kp_source){ .text = lx->text, .len = lx->end }, lx->pos);
		*out = '\n';
		return 1;
	}
	if (c == 'z') {
		lx->pos++;
		while (is_blank(peek(lx, 0)) || is_newline(peek(lx, 0)))
			lx->pos++;
		return 0;
	}
	if (c == 'x') {
		lx->pos++;
		for (n = 0, value = 0; n < 2; n++, lx->pos++) {
			if (hex_value(peek(lx, 0)) < 0) {
				*tag = KP_TAG_HEX_DIGIT;
				return -1;
			}
			value = value * 16 + hex_value(peek(lx, 0));
		}
		*out = (char)value;
		return 1;
	}
	if (is_digit(c)) {
		for (n = 0, value = 0; n < 3 && is_digit(peek(lx, 0)); n++, lx->pos++)
			value = value * 10 + peek(lx, 0) - '0';
		*tag = KP_TAG_DECIMAL_ESCAPE;
		*out = (char)value;
		return value > 255 ? -1 : 1;
	}
	lx->pos += c >= 0;
	*tag = KP_TAG_INVALID_ESCAPE;
	return -1;
}

static struct kp_token string_token(struct kp_lex *lx, uint32_t from, const char *text,
				    uint32_t len)
{
	struct kp_token t;

	if (len > KTAP_MAX_STRING)
		return lex_error(lx, KP_TAG_SOURCE_TOO_LONG, from);
	t = token(lx, KP_TOK_STRING, from);
	t.str = kp_cc_string(lx->cc, text, len);
	return t;
}

/* Bytes that the string at the next character has at most, once its escapes are decoded. */
static uint32_t string_room(const struct kp_lex *lx)
{
	uint32_t n = 1;
	int quote = peek(lx, 0), c;

	while ((c = peek(lx, n)) >= 0 && c != quote)
		n += c == '\\' ? 2 : 1;
	return n;
}

/* Who breaks a string across two lines has two that do not end: the first is told. */
static struct kp_token unfinished_string(struct kp_lex *lx, uint32_t from)
{
	uint32_t column, line = kp_cc_line(lx->cc, span(lx, from).pos, &column);
	bool second = lx->cc->unfinished && line == lx->cc->unfinished + 1;

	lx->cc->unfinished = second ? 0 : line;
	if (second)
		return token(lx, KP_TOK_ERROR, from);
	return lex_error(lx, KP_TAG_UNFINISHED_STRING, from);
}

struct kp_token kp_lex_string(struct kp_lex *lx)
{
	uint32_t from = lx->pos, len = 0;
	int quote = peek(lx, 0), c, n;
	char *text = kp_cc_alloc(lx->cc, string_room(lx));
	enum kp_tag tag = KP_TAG_NONE;

	lx->pos++;
	while ((c = peek(lx, 0)) != quote) {
		uint32_t escape = lx->pos;

		if (c < 0 || is_newline(c))
			return unfinished_string(lx, from);
		lx->pos++;
		if (c != '\\') {
			text[len++] = (char)c;
			continue;
		}
		n = lex_escape(lx, &text[len], &tag);
		if (n < 0)
			return lex_error(lx, tag, escape);
		len += (uint32_t)n;
	}
	lx->pos++;
	return string_token(lx, from, text, len);
}

/* [[ … ]]: no escapes, the first newline is dropped, CR LF becomes LF. */
struct kp_token kp_lex_long_string(struct kp_lex *lx, int open)
{
	uint32_t from = lx->pos, i, end, len = 0;
	char *text;

	lx->pos += (uint32_t)open;
	i = lx->pos;
	if (!kp_lex_skip_long(lx, open)) {
		lx->pos = i;
		return lex_error(lx, KP_TAG_UNFINISHED_LONG_STRING, from);
	}
	end = lx->pos - (uint32_t)open;
	text = kp_cc_alloc(lx->cc, end - i + 1);
	for (bool first = true; i < end; first = false) {
		uint32_t n =
			kp_source_newline(&(struct kp_source){ .text = lx->text, .len = end }, i);

		if (!n)
			text[len++] = lx->text[i++];
		else if (!first)
			text[len++] = '\n';
		i += n;
	}
	return string_token(lx, from, text, len);
}
