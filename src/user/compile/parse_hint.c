// SPDX-License-Identifier: GPL-2.0-only
/* What people mean who write what cannot be parsed. Nothing here decides whether it can. */
#include "builtin.h"
#include "parser.h"
#include "word.h"

#define NEAR_MIN 4 /* shorter words are near to everything */

/* ---- words ---- */

/* The word that the statement at @pos begins with; its length, 0 when there is none. */
static uint32_t first_word(const struct kp_parser *p, uint32_t pos, const char **word)
{
	const struct kp_source *src = p->cc->src;
	uint32_t len = 0;

	*word = src->text + pos;
	while (pos + len < src->len &&
	       (is_name_start((*word)[len]) || (len && is_digit((*word)[len]))))
		len++;
	return len;
}

static bool hint_word(struct kp_parser *p, uint32_t start)
{
	const char *word;
	uint32_t len = first_word(p, start, &word);

	return len && kp_word_hint(p->cc->diag, word, len);
}

void kp_parse_hint_statement(struct kp_parser *p, uint32_t start)
{
	struct kp_near near;
	const char *word;
	uint32_t len;

	if (p->cc->diag->hinted || hint_word(p, start))
		return;
	len = first_word(p, start, &word);
	if (len < NEAR_MIN)
		return;
	kp_near_init(&near, word, len);
	kp_word_near(&near);
	kp_word_hint_near(p->cc->diag, &near);
}

/* ---- tokens ---- */

/* The characters of the script before and behind the current token, or -1. */
static int char_at(const struct kp_parser *p, uint32_t pos)
{
	return pos < p->cc->src->len ? (unsigned char)p->cc->src->text[pos] : -1;
}

static int char_before(const struct kp_parser *p)
{
	return p->tok.at.pos ? char_at(p, p->tok.at.pos - 1) : -1;
}

static int char_behind(const struct kp_parser *p)
{
	return char_at(p, p->tok.at.pos + p->tok.at.len);
}

/* Does the token begin an expression, so that one is where an operator or comma is missing? */
static bool begins_value(const struct kp_parser *p)
{
	return at(p, KP_TOK_NAME) || at(p, KP_TOK_NUMBER) || at(p, KP_TOK_STRING);
}

static void hint_assign(struct kp_parser *p, enum kp_tok expected)
{
	if (expected == KP_TOK_RPAREN || expected == KP_TOK_SLASH)
		kp_diag_hint(p->cc->diag, KP_HINT_EQUAL);
	else if (char_before(p) == ':')
		kp_diag_hint(p->cc->diag, KP_HINT_ASSIGN);
	else if (expected == KP_TOK_EOF)
		kp_diag_hint(p->cc->diag, KP_HINT_ASSIGNMENT);
}

/* A name was expected behind a '.' or a ':'. */
static void hint_name(struct kp_parser *p)
{
	if (at(p, KP_TOK_NUMBER) && char_before(p) == '.')
		kp_diag_hint(p->cc->diag, KP_HINT_NUMBER_KEY, (long long)p->tok.number);
	else if (p->brackets && p->end && p->cc->src->text[p->end - 1] == ':')
		kp_diag_hint(p->cc->diag, KP_HINT_KEY);
}

void kp_parse_hint(struct kp_parser *p, enum kp_tok expected)
{
	struct kp_diag *d = p->cc->diag;
	uint32_t column;

	switch (p->tok.kind) {
	case KP_TOK_ASSIGN:
		hint_assign(p, expected);
		break;
	case KP_TOK_TILDE:
		kp_diag_hint(d, KP_HINT_NOT_EQUAL);
		break;
	case KP_TOK_GREATER:
		if (char_before(p) == '<')
			kp_diag_hint(d, KP_HINT_NOT_EQUAL);
		break;
	case KP_TOK_INC:
	case KP_TOK_DEC:
		kp_diag_hint(d, KP_HINT_STEP, kp_tok_text(p->tok.kind));
		break;
	case KP_TOK_SLASH:
		if (char_behind(p) == '/' || char_behind(p) == '*' || char_before(p) == '/')
			kp_diag_hint(d, KP_HINT_COMMENT);
		break;
	case KP_TOK_LBRACKET:
		if (expected == KP_TOK_EOF)
			kp_diag_hint(d, KP_HINT_LIST);
		break;
	case KP_TOK_THEN:
		kp_diag_hint(d, KP_HINT_BODY);
		break;
	case KP_TOK_RPAREN:
	case KP_TOK_RBRACKET:
	case KP_TOK_RBRACE:
	case KP_TOK_END:
	case KP_TOK_ELSE:
	case KP_TOK_ELSEIF:
	case KP_TOK_UNTIL:
		if (p->tok.at.pos != p->recovery->start)
			break;
		if (at(p, KP_TOK_RBRACE) && p->unopened.len)
			kp_diag_hint(d, KP_HINT_OPENER,
				     kp_cc_line(p->cc, p->unopened.pos, &column));
		else
			kp_diag_hint(d, KP_HINT_STRAY, kp_tok_text(p->tok.kind));
		break;
	default:
		break;
	}
	if (expected == KP_TOK_NAME)
		hint_name(p);
}

void kp_parse_hint_method(struct kp_parser *p, const struct kp_expr *callee)
{
	if (p->brackets && (at(p, KP_TOK_COMMA) || at(p, KP_TOK_RBRACE)))
		kp_diag_hint(p->cc->diag, KP_HINT_KEY);
	else if (callee->at.pos == p->recovery->start && !hint_word(p, callee->at.pos))
		kp_diag_hint(p->cc->diag, KP_HINT_TRACE);
}

bool kp_parse_hint_brackets(struct kp_parser *p, const struct kp_expr *e)
{
	if (e->kind != KP_EX_NAME || kp_builtin_find(e->name.str->data) < 0)
		return false;
	kp_diag_hint(p->cc->diag, KP_HINT_BRACKETS, e->name.str->data);
	return true;
}

bool kp_parse_hint_comma(struct kp_parser *p)
{
	if (!begins_value(p) || p->tok.first_on_line)
		return false;
	kp_diag_report(p->cc->diag, KP_TAG_EXPECTED, p->tok.at, kp_tok_text(KP_TOK_RPAREN));
	kp_diag_hint(p->cc->diag, KP_HINT_COMMA);
	return true;
}

/* Does the token go on with the statement, if wrongly? Else what stands before it is wrong. */
static bool goes_on(const struct kp_parser *p)
{
	return p->tok.kind >= KP_TOK_AGGREGATE && !p->tok.first_on_line;
}

_Noreturn void kp_parse_not_statement(struct kp_parser *p, const struct kp_expr *e)
{
	struct kp_diag *d = p->cc->diag;
	bool name = e->kind == KP_EX_NAME;

	kp_diag_report_at(d, KP_TAG_NOT_A_STATEMENT, p->tok.at, goes_on(p) ? p->tok.at : e->at);
	if (at(p, KP_TOK_EQ))
		kp_diag_hint(d, KP_HINT_ASSIGN);
	else if (at(p, KP_TOK_CONCAT) && char_behind(p) == '=')
		kp_diag_hint(d, KP_HINT_APPEND);
	else if (!name || !begins_value(p) || p->tok.first_on_line || !kp_parse_hint_brackets(p, e))
		kp_parse_hint(p, KP_TOK_NAME);
	parse_fail(p);
}
