// SPDX-License-Identifier: GPL-2.0-only
/* The chunk: all statements of a script, and how the parser goes on after an error. */
#include "parser.h"

/* ---- going on after an error ---- */

/* Columns of blanks that the line at @pos begins with; *@text is where they end. */
static uint32_t indentation(const struct kp_source *src, uint32_t pos, uint32_t *text)
{
	uint32_t column = 0;

	for (; pos < src->len && (src->text[pos] == ' ' || src->text[pos] == '\t'); pos++)
		column = src->text[pos] == '\t' ? (column | 7) + 1 : column + 1;
	*text = pos;
	return column;
}

static uint32_t line_start(const struct kp_source *src, uint32_t pos)
{
	while (pos && !kp_source_newline(src, pos - 1))
		pos--;
	return pos;
}

static uint32_t next_line(const struct kp_source *src, uint32_t pos)
{
	while (pos < src->len && !kp_source_newline(src, pos))
		pos++;
	return pos < src->len ? pos + 1 : pos;
}

/* Columns of blanks before the line that @pos is in. */
static uint32_t depth_at(const struct kp_parser *p, uint32_t pos)
{
	uint32_t column, text;

	kp_cc_line(p->cc, pos, &column);
	return indentation(p->cc->src, pos + 1 - column, &text);
}

void kp_parse_note_close(struct kp_parser *p, struct kp_span from)
{
	if (!p->unclosed.len && at(p, KP_TOK_RBRACE) && p->tok.first_on_line &&
	    depth_at(p, p->tok.at.pos) < depth_at(p, from.pos))
		p->unclosed = from;
}

/* Does the line at @pos begin with what ends or continues an earlier line? */
static bool continues(const struct kp_source *src, uint32_t pos)
{
	static const char *const words[] = { "else", "elseif", "end", "until" };
	uint32_t len = 0;
	size_t i;

	if (strchr("})]{(", src->text[pos]))
		return true;
	while (pos + len < src->len && is_name_start(src->text[pos + len]))
		len++;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (len == strlen(words[i]) && !memcmp(src->text + pos, words[i], len))
			return true;
	return false;
}

static bool is_empty(const struct kp_source *src, uint32_t pos)
{
	return pos >= src->len || kp_source_newline(src, pos) || src->text[pos] == '#';
}

/* Is the statement of @r less deep than its block? Then it stands where that should be closed. */
static bool leaves_block(const struct kp_source *src, const struct kp_recovery *r, uint32_t depth)
{
	uint32_t text, column = indentation(src, line_start(src, r->block), &text);

	return text == r->block && depth < column;
}

/*
 * Where to go on after an error in the statement of @r: people indent, so the next line
 * that is no deeper than the statement begins another one, unless it only ends this one,
 * and a line that is less deep ends the block. False when that is for a block around this
 * one to find out, as the statement does not begin its line, or nothing fits.
 */
static bool synchronize(struct kp_parser *p, const struct kp_recovery *r)
{
	const struct kp_source *src = p->cc->src;
	uint32_t text, pos = line_start(src, r->start), depth = indentation(src, pos, &text);
	bool top = !r->up->up; /* above is only what catches all */

	if (!top && (text != r->start || leaves_block(src, r, depth)))
		return false;
	pos = line_start(src, p->tok.at.pos);
	indentation(src, pos, &text);
	/* what stands there first may be all right; but something must be skipped */
	if (text != p->tok.at.pos || p->tok.at.pos <= r->start || p->tok.at.pos == p->stuck ||
	    at(p, KP_TOK_ERROR))
		pos = next_line(src, p->tok.at.pos);
	for (; pos < src->len; pos = next_line(src, pos)) {
		uint32_t column = indentation(src, pos, &text);

		if (is_empty(src, text) || column > depth)
			continue;
		if (column < depth && !top &&
		    (!continues(src, text) || strchr(")]", src->text[text])))
			return false;
		if ((column < depth && !top) || !continues(src, text))
			break;
	}
	if (pos >= src->len && !top)
		return false;
	kp_lex_init(&p->lex, p->cc);
	p->lex.pos = pos;
	return true;
}

/* Make the parser ready for the next statement, or pass the error on to the block around this one. */
static void go_on(struct kp_parser *p, struct kp_recovery *r)
{
	do {
		if (!synchronize(p, r))
			parse_fail(p);
		p->tok = kp_lex_next(&p->lex);
		r->start = p->tok.at.pos;
	} while (at(p, KP_TOK_ERROR));
	p->block = r->block;
	p->depth = r->depth;
	p->brackets = r->brackets;
	p->ternary = r->ternary;
	p->in_filter = r->in_filter;
	p->func = r->func;
	p->target = false;
}

struct kp_stmt *kp_parse_guarded(struct kp_parser *p)
{
	struct kp_recovery r = { .up = p->recovery,
				 .start = p->tok.at.pos,
				 .block = p->block,
				 .depth = p->depth,
				 .brackets = p->brackets,
				 .ternary = p->ternary,
				 .in_filter = p->in_filter,
				 .func = p->func };
	struct kp_stmt *s;

	p->recovery = &r;
	if (setjmp(r.env)) {
		p->recovery = r.up;
		if (p->tok.at.pos == r.start)
			p->stuck = r.start;
		kp_parse_hint_statement(p, r.start);
		go_on(p, &r);
		return NULL;
	}
	s = kp_parse_statement(p);
	p->recovery = r.up;
	return s;
}

/* ---- the chunk ---- */

/* chunk = { statement } */
static void parse_chunk(struct kp_parser *p, struct kp_func *main)
{
	struct kp_stmt **last = &main->body.first;

	while (!at(p, KP_TOK_EOF)) {
		*last = kp_parse_guarded(p);
		if (!*last)
			continue;
		if ((*last)->kind == KP_ST_RETURN && !at(p, KP_TOK_EOF)) {
			kp_diag_report(p->cc->diag, KP_TAG_EXPECTED, p->tok.at,
				       kp_tok_text(KP_TOK_EOF));
			kp_diag_hint(p->cc->diag, KP_HINT_RETURN);
			parse_fail(p);
		}
		last = &(*last)->next;
	}
}

struct kp_func *kp_parse(struct kp_cc *cc)
{
	struct kp_parser *p = kp_cc_alloc(cc, sizeof(*p));
	struct kp_recovery whole = { 0 };
	struct kp_func *main;

	p->cc = cc;
	kp_lex_init(&p->lex, cc);
	main = new_func(p, KP_ROLE_MAIN, (struct kp_span){ 0, 0 });
	main->end = (struct kp_span){ (uint32_t)cc->src->len, 0 };
	p->func = main;
	p->recovery = &whole;
	if (setjmp(whole.env))
		return main;
	advance(p);
	parse_chunk(p, main);
	return main;
}
