// SPDX-License-Identifier: GPL-2.0-only
#include "lexer.h"

#include <string.h>

static const char *const tok_text[KP_TOK_COUNT] = {
#define KP_TOK(name, text) [KP_TOK_##name] = text,
#include "tokens.def"
#undef KP_TOK
};

const char *kp_tok_text(enum kp_tok kind)
{
	return tok_text[kind];
}

bool kp_tok_is_keyword(enum kp_tok kind)
{
	return kind >= KP_TOK_AND && kind <= KP_TOK_WHILE;
}

static struct kp_token text_token(struct kp_lex *lx, enum kp_tok kind, uint32_t from, uint32_t len)
{
	struct kp_token t = token(lx, kind, from);

	t.str = kp_cc_string(lx->cc, lx->text + from, len);
	return t;
}

void kp_lex_init(struct kp_lex *lx, struct kp_cc *cc)
{
	*lx = (struct kp_lex){ .cc = cc, .text = cc->src->text, .end = (uint32_t)cc->src->len };
	if (lx->end >= 3 && !memcmp(lx->text, "\xef\xbb\xbf", 3))
		lx->pos = 3;
}

void kp_lex_inside(struct kp_lex *in, const struct kp_lex *lx, const struct kp_token *str)
{
	uint32_t quotes = 1;

	*in = *lx;
	in->pos = str->at.pos + quotes;
	in->end = str->at.pos + str->at.len - quotes;
	if (in->end - in->pos == str->str->len &&
	    !memcmp(in->text + in->pos, str->str->data, str->str->len))
		return;
	in->text = str->str->data;
	in->pos = 0;
	in->end = (uint32_t)str->str->len;
	in->inside = str->at;
}

/*
 * Length of the opening bracket of `[[`, `[=[`, `[==[` … at the next
 * character; 0 when it is none, -1 for `[=` without the second bracket.
 */
static int long_bracket(const struct kp_lex *lx, uint32_t ahead)
{
	uint32_t n = ahead + 1;

	while (peek(lx, n) == '=')
		n++;
	if (peek(lx, n) == '[')
		return (int)(n + 1 - ahead);
	return n > ahead + 1 ? -1 : 0;
}

static void skip_line(struct kp_lex *lx)
{
	while (lx->pos < lx->end && !is_newline(peek(lx, 0)))
		lx->pos++;
}

/* Is the `--` that comes next a decrement? */
static bool is_decrement(const struct kp_lex *lx)
{
	int c = lx->pos ? (unsigned char)lx->text[lx->pos - 1] : 0;

	return lx->target && lx->pos == lx->last && (is_name(c) || c == ']');
}

/*
 * Skip blanks, newlines and comments. A comment that is not closed is left
 * where it is: false.
 */
static bool skip_blanks(struct kp_lex *lx, bool *newline)
{
	for (;;) {
		int c = peek(lx, 0);

		if (is_newline(c)) {
			*newline = true;
			lx->pos++;
		} else if (is_blank(c)) {
			lx->pos++;
		} else if (c == '#') {
			skip_line(lx);
		} else if (c == '-' && peek(lx, 1) == '-' && !is_decrement(lx)) {
			uint32_t from = lx->pos;
			int open = peek(lx, 2) == '[' ? long_bracket(lx, 2) : 0;

			if (open <= 0) {
				skip_line(lx);
				continue;
			}
			lx->pos += 2 + (uint32_t)open;
			if (!kp_lex_skip_long(lx, open)) {
				lx->pos = from;
				return false;
			}
		} else {
			return true;
		}
	}
}

static struct kp_token unfinished_comment(struct kp_lex *lx)
{
	uint32_t from = lx->pos;

	skip_line(lx);
	return lex_error(lx, KP_TAG_UNFINISHED_COMMENT, from);
}

int kp_lex_peek(const struct kp_lex *lx)
{
	struct kp_lex ahead = *lx;
	bool newline = false;

	return skip_blanks(&ahead, &newline) ? peek(&ahead, 0) : -1;
}

static bool word_is(const struct kp_lex *lx, uint32_t from, const char *word)
{
	size_t len = lx->pos - from;

	return lx->text[from] == word[0] && !strncmp(lx->text + from, word, len) && !word[len];
}

static struct kp_token lex_name(struct kp_lex *lx)
{
	uint32_t from = lx->pos;
	enum kp_tok kind;

	while (is_name(peek(lx, 0)))
		lx->pos++;
	if (peek(lx, 0) == '-' && (word_is(lx, from, "tick") || word_is(lx, from, "profile"))) {
		do
			lx->pos++;
		while (is_name(peek(lx, 0)));
		return text_token(lx, KP_TOK_TIMER, from, lx->pos - from);
	}
	for (kind = KP_TOK_AND; kp_tok_is_keyword(kind); kind++)
		if (word_is(lx, from, tok_text[kind]))
			return text_token(lx, kind, from, lx->pos - from);
	return text_token(lx, KP_TOK_NAME, from, lx->pos - from);
}

static struct kp_token lex_punct(struct kp_lex *lx)
{
	uint32_t from = lx->pos, left = lx->end - lx->pos;
	struct kp_token t;
	int kind;

	for (kind = KP_TOK_AGGREGATE; kind < KP_TOK_COUNT; kind++) {
		size_t len;

		if (tok_text[kind][0] != lx->text[from])
			continue;
		len = strlen(tok_text[kind]);
		if (len <= left && !memcmp(lx->text + from, tok_text[kind], len)) {
			lx->pos += (uint32_t)len;
			return token(lx, (enum kp_tok)kind, from);
		}
	}
	/* One whole character, so that the message is well-formed UTF-8. */
	do
		lx->pos++;
	while ((peek(lx, 0) & 0xc0) == 0x80 && peek(lx, 0) >= 0);
	t = lex_error(lx, KP_TAG_UNEXPECTED_CHARACTER, from);
	if (lx->text[from] == '$' || lx->text[from] == '@')
		kp_diag_hint(lx->cc->diag, KP_HINT_SIGIL, lx->text[from]);
	return t;
}

struct kp_token kp_lex_next(struct kp_lex *lx)
{
	bool newline = lx->pos == 0;
	struct kp_token t;
	int c, open;

	if (!skip_blanks(lx, &newline))
		return unfinished_comment(lx);
	c = peek(lx, 0);
	open = c == '[' ? long_bracket(lx, 0) : 0;
	if (c < 0)
		t = token(lx, KP_TOK_EOF, lx->pos);
	else if (is_digit(c))
		t = kp_lex_number(lx);
	else if (is_name_start(c))
		t = lex_name(lx);
	else if (c == '"' || c == '\'')
		t = kp_lex_string(lx);
	else if (open > 0)
		t = kp_lex_long_string(lx, open);
	else if (open < 0)
		lx->pos += 2, t = lex_error(lx, KP_TAG_INVALID_LONG_DELIMITER, lx->pos - 2);
	else
		t = lex_punct(lx);
	t.first_on_line = newline;
	return t;
}

/*
 * The colon that ends SYS, and for `SYS:/PATH:NAME` the one that ends the path:
 * a '/' or a separator before it belongs to the path.
 */
static uint32_t eventdef_name(const struct kp_lex *lx)
{
	uint32_t pos = lx->pos, colon;

	while (pos < lx->end && !is_newline(lx->text[pos]) && !strchr(":/{,;", lx->text[pos]))
		pos++;
	if (pos == lx->end || lx->text[pos] != ':')
		return lx->pos;
	colon = pos++;
	while (pos < lx->end && is_blank(lx->text[pos]))
		pos++;
	if (pos == lx->end || lx->text[pos] != '/')
		return colon + 1;
	while (pos < lx->end && !is_newline(lx->text[pos]) && !strchr(":{", lx->text[pos]))
		pos++;
	return pos < lx->end && lx->text[pos] == ':' ? pos + 1 : colon + 1;
}

/* Does `function (` come next, behind a blank? */
static bool at_function(const struct kp_lex *lx)
{
	static const char word[] = "function";
	uint32_t n = 0;

	if (!lx->pos || !is_blank(lx->text[lx->pos - 1]))
		return false;
	for (; word[n]; n++)
		if (peek(lx, n) != word[n])
			return false;
	while (is_blank(peek(lx, n)))
		n++;
	return peek(lx, n) == '(';
}

struct kp_token kp_lex_eventdef(struct kp_lex *lx, char separator)
{
	const char stop[] = { '/', '{', '#', '\n', '\r', separator, '\0' };
	bool newline = false;
	struct kp_token t;
	uint32_t from, end;

	if (!skip_blanks(lx, &newline))
		return unfinished_comment(lx);
	from = lx->pos;
	lx->pos = eventdef_name(lx);
	while (lx->pos < lx->end && lx->text[lx->pos] && !strchr(stop, lx->text[lx->pos]) &&
	       (lx->text[lx->pos] != 'f' || !at_function(lx)))
		lx->pos++;
	for (end = lx->pos; end > from && is_blank(lx->text[end - 1]);)
		end--;
	t = text_token(lx, KP_TOK_EVENTDEF, from, end - from);
	if (!lx->inside.len)
		t.at.len = end - from;
	return t;
}

/* Ends an unquoted value of a filter. */
static bool ends_pattern(int c)
{
	return c < 0 || is_blank(c) || is_newline(c) || strchr("()/&|\"'{}", c);
}

struct kp_token kp_lex_pattern(struct kp_lex *lx, bool any)
{
	bool newline = false, glob = any;
	uint32_t len = 0;

	if (!skip_blanks(lx, &newline))
		return unfinished_comment(lx);
	for (; !ends_pattern(peek(lx, len)); len++)
		if (peek(lx, len) == '*' || peek(lx, len) == '?')
			glob = true;
	if (!len || !glob || strchr("\"'", peek(lx, 0)))
		return kp_lex_next(lx);
	lx->pos += len;
	return text_token(lx, KP_TOK_PATTERN, lx->pos - len, len);
}
