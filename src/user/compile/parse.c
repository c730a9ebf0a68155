// SPDX-License-Identifier: GPL-2.0-only
/* The chunk: all statements of a script, and how the parser goes on after an error. */
#include "parser.h"

/* Does a word that only starts a statement stand at @text? */
static bool at_sync_word(const char *text, size_t len)
{
	static const char *const words[] = { "trace",	  "tick-", "profile-",
					     "function ", "var ",  "local " };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) <= len && !memcmp(text, words[i], strlen(words[i])))
			return true;
	return false;
}

/*
 * After an error: go on at the next line that starts in its first column with
 * such a word, as everybody writes the top level of a script; else at the end.
 */
static void synchronize(struct kp_parser *p)
{
	const struct kp_source *src = p->cc->src;
	uint32_t pos = p->tok.at.pos;

	for (; pos < src->len; pos++)
		if (pos > p->synced && kp_source_newline(src, pos - 1) &&
		    at_sync_word(src->text + pos, src->len - pos))
			break;
	kp_lex_init(&p->lex, p->cc);
	p->lex.pos = p->synced = pos;
	p->depth = p->brackets = p->ternary = 0;
	p->in_filter = p->target = false;
}

/* chunk = { statement } */
struct kp_func *kp_parse(struct kp_cc *cc)
{
	struct kp_parser *p = kp_cc_alloc(cc, sizeof(*p));
	struct kp_func *main;
	struct kp_stmt **last;

	p->cc = cc;
	kp_lex_init(&p->lex, cc);
	main = new_func(p, KP_ROLE_MAIN, (struct kp_span){ 0, 0 });
	main->end = (struct kp_span){ (uint32_t)cc->src->len, 0 };
	if (setjmp(p->recover)) {
		if (kp_diag_full(cc->diag))
			return main;
		synchronize(p);
	}
	p->func = main;
	for (last = &main->body.first; *last; last = &(*last)->next)
		;
	advance(p);
	while (!at(p, KP_TOK_EOF)) {
		*last = kp_parse_statement(p);
		if (!*last)
			continue;
		if ((*last)->kind == KP_ST_RETURN && !at(p, KP_TOK_EOF))
			fail_expected(p, KP_TOK_EOF);
		last = &(*last)->next;
	}
	return main;
}
