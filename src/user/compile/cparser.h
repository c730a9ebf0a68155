/* SPDX-License-Identifier: GPL-2.0-only */
/* cparser - what the files share that parse C declarations: state, and the small steps of all rules. */
#ifndef KP_COMPILE_CPARSER_H
#define KP_COMPILE_CPARSER_H

#include <setjmp.h>
#include <string.h>

#include "cdecl.h"
#include "clex.h"

#define KP_CPARSE_DEPTH 32

struct kp_cparser {
	struct kp_cdecls *d;
	struct kp_cc *cc;
	struct kp_clex lex;
	struct kp_ctoken tok;
	unsigned int depth;
	bool quiet; /* what is wrong follows from an error that was reported */
	jmp_buf recover;
};

static inline _Noreturn void fail(struct kp_cparser *p, struct kp_span at, const char *what)
{
	if (!p->quiet)
		kp_diag_report(p->cc->diag, KP_TAG_CDECL, at, what);
	longjmp(p->recover, 1);
}

/* fail() about a name that declarations which were not understood may have made known. */
static inline _Noreturn void fail_unknown(struct kp_cparser *p, struct kp_span at, const char *what)
{
	p->quiet |= p->d->broken;
	fail(p, at, what);
}

/* fail() about @type, which has no size: said once, and not of what may have one. */
static inline _Noreturn void fail_size(struct kp_cparser *p, struct kp_span at,
				       const struct kp_ctype *type, const char *what)
{
	p->quiet |= p->d->sizeless == type;
	p->d->sizeless = type;
	fail_unknown(p, at, what);
}

static inline void advance(struct kp_cparser *p)
{
	const char *wrong = kp_clex_next(&p->lex, &p->tok);

	if (wrong)
		fail(p, p->tok.at, wrong);
}

static inline bool at(const struct kp_cparser *p, int c)
{
	return p->tok.kind == KP_CTOK_PUNCT && p->tok.c == c;
}

static inline bool accept(struct kp_cparser *p, int c)
{
	if (!at(p, c))
		return false;
	advance(p);
	return true;
}

static inline void expect(struct kp_cparser *p, int c)
{
	char what[] = "'c' expected";

	what[1] = (char)c;
	if (!accept(p, c))
		fail(p, p->tok.at, what);
}

static inline bool at_word(const struct kp_cparser *p, const char *word)
{
	return p->tok.kind == KP_CTOK_NAME && !strcmp(p->tok.str->data, word);
}

static inline bool accept_word(struct kp_cparser *p, const char *word)
{
	if (!at_word(p, word))
		return false;
	advance(p);
	return true;
}

static inline void enter(struct kp_cparser *p)
{
	if (++p->depth > KP_CPARSE_DEPTH)
		fail(p, p->tok.at, "too many levels");
}

/* ---- cdecl.c: the rule of that name; p->tok is its first token. ---- */

/** kp_cparse_constant - @level: operators that bind less tightly are not part of it; 0: all are. */
uint64_t kp_cparse_constant(struct kp_cparser *p, unsigned int level);

/** kp_cparse_declarator - the type that it makes of @base, and its name, if it has one. */
const struct kp_ctype *kp_cparse_declarator(struct kp_cparser *p, const struct kp_ctype *base,
					    struct kp_ctoken *name);

/** kp_cparse_declare - @name stands for @what. */
void kp_cparse_declare(struct kp_cparser *p, const struct kp_ctoken *name, struct kp_cname what);

/** kp_cparse_member - add a member or parameter to @t, at *@last; returns it. */
struct kp_cmember *kp_cparse_member(struct kp_cparser *p, struct kp_ctype *t,
				    struct kp_cmember ***last, const struct kp_ctoken *name,
				    const struct kp_ctype *type);

/* ---- cspec.c ---- */

const struct kp_ctype *kp_cparse_specifiers(struct kp_cparser *p, bool *is_typedef);

/** kp_cparse_attributes - are there any? */
bool kp_cparse_attributes(struct kp_cparser *p);

/** kp_cparse_skip - skip to behind the bracket that closes the one before. */
void kp_cparse_skip(struct kp_cparser *p);

#endif
