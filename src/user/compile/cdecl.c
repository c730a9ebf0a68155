// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recursive descent over C declarations. The rules are written as in parse_stmt.c;
 * the first error of a string is reported and ends its parse.
 */
#include "cparser.h"

#include <stdio.h>

/* ---- names ---- */

void kp_cparse_declare(struct kp_cparser *p, const struct kp_ctoken *name, struct kp_cname what)
{
	void **place = kp_cc_at(p->cc, &p->d->names, name->str->data, name->str->len);
	struct kp_cname *n = *place;

	/* the same function or typedef again is what headers are full of */
	if (n && (n->kind != what.kind || what.kind == KP_CNAME_CONSTANT))
		fail(p, name->at, "this name is declared already as something else");
	n = kp_cc_alloc(p->cc, sizeof(*n));
	*n = what;
	*place = n;
}

/* ---- constants ---- */

/* primary = NUMBER | NAME | ( '-' | '~' ) primary | '(' constant ')' */
static uint64_t parse_primary(struct kp_cparser *p)
{
	struct kp_ctoken tok = p->tok;
	const struct kp_cname *name;
	uint64_t n;

	enter(p);
	advance(p);
	if (tok.kind == KP_CTOK_NUMBER) {
		n = (uint64_t)tok.number;
	} else if (tok.kind == KP_CTOK_NAME) {
		name = kp_cdecl_find(p->d, tok.str);
		if (!name)
			fail_unknown(p, tok.at, "constant expected");
		if (name->kind != KP_CNAME_CONSTANT)
			fail(p, tok.at, "constant expected");
		n = (uint64_t)name->value;
	} else if (tok.kind == KP_CTOK_PUNCT && tok.c == '-') {
		n = 0 - parse_primary(p);
	} else if (tok.kind == KP_CTOK_PUNCT && tok.c == '~') {
		n = ~parse_primary(p);
	} else if (tok.kind == KP_CTOK_PUNCT && tok.c == '(') {
		n = kp_cparse_constant(p, 0);
		expect(p, ')');
	} else {
		fail(p, tok.at, "constant expected");
	}
	p->depth--;
	return n;
}

static uint64_t apply(int c, uint64_t a, uint64_t b)
{
	switch (c) {
	case '|':
		return a | b;
	case '&':
		return a & b;
	case 'L':
		return b < 64 ? a << b : 0;
	case 'R':
		return b < 64 ? a >> b : 0;
	case '+':
		return a + b;
	case '-':
		return a - b;
	default:
		return a * b;
	}
}

/* constant = primary { operator primary }	 operators of a higher level bind tighter */
uint64_t kp_cparse_constant(struct kp_cparser *p, unsigned int level)
{
	static const char *const levels[] = { "|", "&", "LR", "+-", "*" };
	uint64_t n;
	int c;

	if (level == sizeof(levels) / sizeof(levels[0]))
		return parse_primary(p);
	n = kp_cparse_constant(p, level + 1);
	while (p->tok.kind == KP_CTOK_PUNCT && p->tok.c && strchr(levels[level], p->tok.c)) {
		c = p->tok.c;
		advance(p);
		n = apply(c, n, kp_cparse_constant(p, level + 1));
	}
	return n;
}

/* ---- declarators ---- */

static bool is_type_word(const struct kp_cparser *p)
{
	static const char words[] = " void char short int long signed unsigned _Bool float double "
				    "struct union enum const volatile ";
	const struct kp_cname *name;
	char word[16];

	if (p->tok.kind != KP_CTOK_NAME)
		return false;
	name = kp_cdecl_find(p->d, p->tok.str);
	if (name)
		return name->kind == KP_CNAME_TYPE;
	if (p->tok.str->len > 10)
		return false;
	snprintf(word, sizeof(word), " %s ", p->tok.str->data);
	return strstr(words, word);
}

struct kp_cmember *kp_cparse_member(struct kp_cparser *p, struct kp_ctype *t,
				    struct kp_cmember ***last, const struct kp_ctoken *name,
				    const struct kp_ctype *type)
{
	struct kp_cmember *m = kp_cc_alloc(p->cc, sizeof(*m));

	m->name = name->kind == KP_CTOK_NAME ? name->str : NULL;
	m->type = type;
	t->nmembers++;
	**last = m;
	*last = &m->next;
	return m;
}

/* parameters = [ parameter { ',' parameter } [ ',' '...' ] ] ')'     void alone is none */
static const struct kp_ctype *parse_parameters(struct kp_cparser *p, struct kp_ctype *f)
{
	struct kp_cmember **last = &f->members;
	struct kp_ctoken name, from;
	const struct kp_ctype *t;
	bool is_typedef;

	if (accept(p, ')'))
		return f;
	do {
		if (p->tok.kind == KP_CTOK_ELLIPSIS && f->nmembers) {
			f->variadic = true;
			advance(p);
			break;
		}
		from = p->tok;
		t = kp_cparse_specifiers(p, &is_typedef);
		if (is_typedef)
			fail(p, from.at, "parameter expected");
		t = kp_cparse_declarator(p, t, &name);
		if (t->kind == KP_CTYPE_VOID && !f->nmembers && at(p, ')'))
			break;
		if (t->kind == KP_CTYPE_VOID)
			fail(p, from.at, "a parameter cannot be void");
		kp_cparse_member(p, f, &last, &name, t);
	} while (accept(p, ','));
	expect(p, ')');
	return f;
}

/* suffixes = [ '(' parameters | '[' [ constant ] ']' suffixes ] */
static const struct kp_ctype *parse_suffixes(struct kp_cparser *p, const struct kp_ctype *base)
{
	struct kp_span from = p->tok.at;
	uint64_t n = 0;

	if (accept(p, '('))
		return parse_parameters(p, kp_ctype_new(p->cc, KP_CTYPE_FUNCTION, base));
	if (!accept(p, '['))
		return base;
	enter(p);
	if (!at(p, ']'))
		n = kp_cparse_constant(p, 0);
	expect(p, ']');
	base = parse_suffixes(p, base);
	if (!base->complete)
		fail_size(p, from, base, "an array needs elements of a known size");
	base = kp_ctype_array(p->cc, base, n);
	if (!base)
		fail(p, from, "the array is too large");
	p->depth--;
	return base;
}

/*
 * declarator = { '*' [ 'const' … ] } ( '(' declarator ')' | [ NAME ] ) suffixes
 *
 * What stands behind an inner declarator applies first, so that is read before it.
 */
const struct kp_ctype *kp_cparse_declarator(struct kp_cparser *p, const struct kp_ctype *base,
					    struct kp_ctoken *name)
{
	struct kp_clex inner, outer;
	struct kp_ctoken first, after;

	enter(p);
	name->kind = KP_CTOK_END;
	while (accept(p, '*')) {
		base = kp_ctype_pointer(p->cc, base);
		while (accept_word(p, "const") || accept_word(p, "volatile") ||
		       accept_word(p, "restrict") || accept_word(p, "__restrict"))
			;
	}
	kp_cparse_attributes(p);
	outer = p->lex;
	after = p->tok;
	if (accept(p, '(') && !at(p, ')') && !is_type_word(p)) {
		inner = p->lex;
		first = p->tok;
		kp_cparse_skip(p);
		base = parse_suffixes(p, base);
		outer = p->lex;
		after = p->tok;
		p->lex = inner;
		p->tok = first;
		base = kp_cparse_declarator(p, base, name);
		expect(p, ')');
		p->lex = outer;
		p->tok = after;
	} else {
		p->lex = outer;
		p->tok = after;
		if (p->tok.kind == KP_CTOK_NAME) {
			*name = p->tok;
			advance(p);
		}
		base = parse_suffixes(p, base);
	}
	kp_cparse_attributes(p);
	p->depth--;
	return base;
}

/* ---- the whole ---- */

/* declaration = specifiers [ declarator { ',' declarator } ] ';' */
static void parse_declaration(struct kp_cparser *p)
{
	struct kp_cname what = { .value = 0 };
	struct kp_ctoken name;
	const struct kp_ctype *base;
	bool is_typedef;

	base = kp_cparse_specifiers(p, &is_typedef);
	if (accept(p, ';'))
		return;
	do {
		what.type = kp_cparse_declarator(p, base, &name);
		what.kind = is_typedef ? KP_CNAME_TYPE : KP_CNAME_OBJECT;
		if (name.kind != KP_CTOK_NAME)
			fail(p, p->tok.at, "name expected");
		kp_cparse_declare(p, &name, what);
	} while (accept(p, ','));
	expect(p, ';');
}

void kp_cdecl_parse(struct kp_cdecls *d, struct kp_cc *cc, const struct kp_expr *text)
{
	struct kp_cparser p = { .d = d, .cc = cc };

	kp_clex_init(&p.lex, cc, text);
	if (setjmp(p.recover)) {
		d->broken = true;
		return;
	}
	advance(&p);
	while (p.tok.kind != KP_CTOK_END)
		if (!accept(&p, ';'))
			parse_declaration(&p);
}

const struct kp_ctype *kp_cdecl_type(struct kp_cdecls *d, struct kp_cc *cc,
				     const struct kp_expr *text)
{
	struct kp_cparser p = { .d = d, .cc = cc, .quiet = d->broken };
	const struct kp_ctype *t;
	struct kp_ctoken name;
	bool is_typedef;

	kp_clex_init(&p.lex, cc, text);
	if (setjmp(p.recover))
		return NULL;
	advance(&p);
	t = kp_cparse_declarator(&p, kp_cparse_specifiers(&p, &is_typedef), &name);
	if (is_typedef || name.kind == KP_CTOK_NAME || p.tok.kind != KP_CTOK_END)
		fail(&p, p.tok.at, "only a type is expected here");
	return t;
}
