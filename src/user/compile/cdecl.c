// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recursive descent over C declarations. The rules are written as in parse_stmt.c;
 * the first error of a string is reported and ends its parse.
 */
#include "cdecl.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "clex.h"

#define MAX_DEPTH 32

struct cparser {
	struct kp_cdecls *d;
	struct kp_cc *cc;
	struct kp_clex lex;
	struct kp_ctoken tok;
	unsigned int depth;
	jmp_buf recover;
};

/* ---- errors and tokens ---- */

static _Noreturn void fail(struct cparser *p, struct kp_span at, const char *what)
{
	kp_diag_report(p->cc->diag, KP_TAG_CDECL, at, what);
	longjmp(p->recover, 1);
}

static void advance(struct cparser *p)
{
	const char *wrong = kp_clex_next(&p->lex, &p->tok);

	if (wrong)
		fail(p, p->tok.at, wrong);
}

static bool at(const struct cparser *p, int c)
{
	return p->tok.kind == KP_CTOK_PUNCT && p->tok.c == c;
}

static bool accept(struct cparser *p, int c)
{
	if (!at(p, c))
		return false;
	advance(p);
	return true;
}

static void expect(struct cparser *p, int c)
{
	char what[] = "'c' expected";

	what[1] = (char)c;
	if (!accept(p, c))
		fail(p, p->tok.at, what);
}

static bool at_word(const struct cparser *p, const char *word)
{
	return p->tok.kind == KP_CTOK_NAME && !strcmp(p->tok.str->data, word);
}

static bool accept_word(struct cparser *p, const char *word)
{
	if (!at_word(p, word))
		return false;
	advance(p);
	return true;
}

static void enter(struct cparser *p)
{
	if (++p->depth > MAX_DEPTH)
		fail(p, p->tok.at, "too many levels");
}

/* Skip to behind the bracket that closes the one before. */
static void skip_brackets(struct cparser *p)
{
	unsigned int open = 1;

	for (; open; advance(p)) {
		if (p->tok.kind == KP_CTOK_END)
			fail(p, p->tok.at, "')' expected");
		if (at(p, '('))
			open++;
		else if (at(p, ')'))
			open--;
	}
}

/* attributes = { '__attribute__' '(' … ')' }	     are there any? */
static bool parse_attributes(struct cparser *p)
{
	bool any = false;

	while (accept_word(p, "__attribute__")) {
		expect(p, '(');
		skip_brackets(p);
		any = true;
	}
	return any;
}

/* ---- types ---- */

static void declare(struct cparser *p, const struct kp_ctoken *name, struct kp_cname what)
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

static uint64_t parse_constant(struct cparser *p, unsigned int level);

/* primary = NUMBER | NAME | ( '-' | '~' ) primary | '(' constant ')' */
static uint64_t parse_primary(struct cparser *p)
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
		if (!name || name->kind != KP_CNAME_CONSTANT)
			fail(p, tok.at, "constant expected");
		n = (uint64_t)name->value;
	} else if (tok.kind == KP_CTOK_PUNCT && tok.c == '-') {
		n = 0 - parse_primary(p);
	} else if (tok.kind == KP_CTOK_PUNCT && tok.c == '~') {
		n = ~parse_primary(p);
	} else if (tok.kind == KP_CTOK_PUNCT && tok.c == '(') {
		n = parse_constant(p, 0);
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
static uint64_t parse_constant(struct cparser *p, unsigned int level)
{
	static const char *const levels[] = { "|", "&", "LR", "+-", "*" };
	uint64_t n;
	int c;

	if (level == sizeof(levels) / sizeof(levels[0]))
		return parse_primary(p);
	n = parse_constant(p, level + 1);
	while (p->tok.kind == KP_CTOK_PUNCT && p->tok.c && strchr(levels[level], p->tok.c)) {
		c = p->tok.c;
		advance(p);
		n = apply(c, n, parse_constant(p, level + 1));
	}
	return n;
}

/* ---- declarators ---- */

static const struct kp_ctype *parse_specifiers(struct cparser *p, bool *is_typedef);
static const struct kp_ctype *parse_declarator(struct cparser *p, const struct kp_ctype *base,
					       struct kp_ctoken *name);

static bool is_type_word(const struct cparser *p)
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

static struct kp_cmember *add_member(struct cparser *p, struct kp_ctype *t,
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
static const struct kp_ctype *parse_parameters(struct cparser *p, struct kp_ctype *f)
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
		t = parse_specifiers(p, &is_typedef);
		if (is_typedef)
			fail(p, from.at, "parameter expected");
		t = parse_declarator(p, t, &name);
		if (t->kind == KP_CTYPE_VOID && !f->nmembers && at(p, ')'))
			break;
		if (t->kind == KP_CTYPE_VOID)
			fail(p, from.at, "a parameter cannot be void");
		add_member(p, f, &last, &name, t);
	} while (accept(p, ','));
	expect(p, ')');
	return f;
}

/* suffixes = [ '(' parameters | '[' [ constant ] ']' suffixes ] */
static const struct kp_ctype *parse_suffixes(struct cparser *p, const struct kp_ctype *base)
{
	struct kp_span from = p->tok.at;
	uint64_t n = 0;

	if (accept(p, '('))
		return parse_parameters(p, kp_ctype_new(p->cc, KP_CTYPE_FUNCTION, base));
	if (!accept(p, '['))
		return base;
	enter(p);
	if (!at(p, ']'))
		n = parse_constant(p, 0);
	expect(p, ']');
	base = parse_suffixes(p, base);
	if (!base->complete)
		fail(p, from, "an array needs elements of a known size");
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
static const struct kp_ctype *parse_declarator(struct cparser *p, const struct kp_ctype *base,
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
	parse_attributes(p);
	outer = p->lex;
	after = p->tok;
	if (accept(p, '(') && !at(p, ')') && !is_type_word(p)) {
		inner = p->lex;
		first = p->tok;
		skip_brackets(p);
		base = parse_suffixes(p, base);
		outer = p->lex;
		after = p->tok;
		p->lex = inner;
		p->tok = first;
		base = parse_declarator(p, base, name);
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
	parse_attributes(p);
	p->depth--;
	return base;
}

/* ---- structures, unions, enumerations ---- */

/* members = { specifiers [ declarator [ ':' constant ] { ',' … } ] ';' } '}' */
static void parse_members(struct cparser *p, struct kp_ctype *t)
{
	struct kp_cmember **last = &t->members, *m;
	const struct kp_ctype *base, *type;
	struct kp_ctoken name, from;
	bool is_typedef;

	while (!accept(p, '}')) {
		from = p->tok;
		base = parse_specifiers(p, &is_typedef);
		do {
			type = parse_declarator(p, base, &name);
			if (accept(p, ':')) {
				parse_constant(p, 0);
				t->unknown = true;
			}
			if (is_typedef || !type->complete)
				fail(p, from.at, "a member needs a type of a known size");
			m = add_member(p, t, &last, &name, type);
			if (!kp_ctype_place(t, m))
				fail(p, from.at, "the structure is too large");
		} while (accept(p, ','));
		expect(p, ';');
	}
	kp_ctype_finish(t);
}

/* enumerators = NAME [ '=' constant ] { ',' NAME [ '=' constant ] } [ ',' ] '}' */
static void parse_enumerators(struct cparser *p)
{
	struct kp_cname what = { .kind = KP_CNAME_CONSTANT };
	struct kp_ctoken name;

	do {
		if (at(p, '}'))
			break;
		name = p->tok;
		if (name.kind != KP_CTOK_NAME)
			fail(p, name.at, "name expected");
		advance(p);
		if (accept(p, '='))
			what.value = (int64_t)parse_constant(p, 0);
		declare(p, &name, what);
		what.value = (int64_t)((uint64_t)what.value + 1);
	} while (accept(p, ','));
	expect(p, '}');
}

/* tagged = ( 'struct' | 'union' | 'enum' ) [ NAME ] [ '{' members | '{' enumerators ] */
static const struct kp_ctype *parse_tagged(struct cparser *p, char what)
{
	struct kp_ctype *t = NULL;
	void **place = NULL;
	const struct kp_str *tag;
	bool attributes;
	char key[256];

	enter(p);
	advance(p);
	attributes = parse_attributes(p);
	if (p->tok.kind == KP_CTOK_NAME) {
		if (p->tok.str->len > sizeof(key) - 2)
			fail(p, p->tok.at, "the name is too long");
		key[0] = what;
		memcpy(key + 1, p->tok.str->data, p->tok.str->len);
		tag = kp_cc_string(p->cc, key, 1 + p->tok.str->len);
		place = kp_cc_at(p->cc, &p->d->tags, tag->data, tag->len);
		t = *place;
	} else if (!at(p, '{')) {
		fail(p, p->tok.at, "name expected");
	}
	if (!t)
		t = what == 'e' ? kp_ctype_scalar(p->cc, KP_CTYPE_NUMBER, "444") :
				  kp_ctype_new(p->cc, KP_CTYPE_RECORD, NULL);
	t->is_union = what == 'u';
	if (place) {
		*place = t;
		advance(p);
	}
	if (at(p, '{')) {
		if (t->members || (t->complete && what != 'e'))
			fail(p, p->tok.at, "this is declared already");
		advance(p);
		if (what == 'e')
			parse_enumerators(p);
		else
			parse_members(p, t);
	}
	attributes |= parse_attributes(p);
	t->unknown |= attributes;
	p->depth--;
	return t;
}

/* ---- specifiers ---- */

struct specifiers {
	const struct kp_ctype *type;
	char word; /* the first letter of what the number is; 0 for int */
	unsigned int longs;
	bool sign, any;
};

/* One specifier; false when there is none. */
static bool parse_specifier(struct cparser *p, struct specifiers *s, bool *is_typedef)
{
	static const char *const ignored[] = { "const",	 "volatile", "restrict", "extern",
					       "static", "inline",   "register", "__extension__" };
	static const char *const words[] = { "void",  "char",  "short", "int",
					     "_Bool", "float", "double" };
	const struct kp_cname *name;
	size_t i;

	if (accept_word(p, "typedef"))
		return *is_typedef = true;
	if (parse_attributes(p))
		return true;
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (accept_word(p, ignored[i]))
			return true;
	if (s->type)
		return false;
	if (accept_word(p, "signed") || accept_word(p, "unsigned"))
		return s->sign = s->any = true;
	if (accept_word(p, "long")) {
		s->longs++;
		return s->any = true;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!accept_word(p, words[i]))
			continue;
		if (words[i][0] != 'i')
			s->word = words[i][0];
		return s->any = true;
	}
	if (s->any)
		return false;
	if (at_word(p, "struct") || at_word(p, "union") || at_word(p, "enum")) {
		s->type = parse_tagged(p, p->tok.str->data[0]);
		return true;
	}
	name = p->tok.kind == KP_CTOK_NAME ? kp_cdecl_find(p->d, p->tok.str) : NULL;
	if (!name || name->kind != KP_CNAME_TYPE)
		return false;
	s->type = name->type;
	advance(p);
	return true;
}

/* specifiers = specifier { specifier } */
static const struct kp_ctype *parse_specifiers(struct cparser *p, bool *is_typedef)
{
	struct specifiers s = { 0 };
	const char *sizes = "444";

	*is_typedef = false;
	while (parse_specifier(p, &s, is_typedef))
		;
	if (s.type)
		return s.type;
	if (!s.any)
		fail(p, p->tok.at, p->tok.kind == KP_CTOK_NAME ? "unknown type" : "type expected");
	if (s.word == 'v')
		return kp_ctype_new(p->cc, KP_CTYPE_VOID, NULL);
	if (s.word == 'c' || s.word == '_')
		sizes = "111";
	else if (s.word == 's')
		sizes = "222";
	else if (s.word == 'd' || s.longs > 1)
		sizes = "888";
	else if (s.longs)
		sizes = "448";
	return kp_ctype_scalar(p->cc, KP_CTYPE_NUMBER, sizes);
}

/* ---- the whole ---- */

/* declaration = specifiers [ declarator { ',' declarator } ] ';' */
static void parse_declaration(struct cparser *p)
{
	struct kp_cname what = { .value = 0 };
	struct kp_ctoken name;
	const struct kp_ctype *base;
	bool is_typedef;

	base = parse_specifiers(p, &is_typedef);
	if (accept(p, ';'))
		return;
	do {
		what.type = parse_declarator(p, base, &name);
		what.kind = is_typedef ? KP_CNAME_TYPE : KP_CNAME_OBJECT;
		if (name.kind != KP_CTOK_NAME)
			fail(p, p->tok.at, "name expected");
		declare(p, &name, what);
	} while (accept(p, ','));
	expect(p, ';');
}

void kp_cdecl_parse(struct kp_cdecls *d, struct kp_cc *cc, const struct kp_expr *text)
{
	struct cparser p = { .d = d, .cc = cc };

	kp_clex_init(&p.lex, cc, text);
	if (setjmp(p.recover))
		return;
	advance(&p);
	while (p.tok.kind != KP_CTOK_END)
		if (!accept(&p, ';'))
			parse_declaration(&p);
}

const struct kp_ctype *kp_cdecl_type(struct kp_cdecls *d, struct kp_cc *cc,
				     const struct kp_expr *text)
{
	struct cparser p = { .d = d, .cc = cc };
	const struct kp_ctype *t;
	struct kp_ctoken name;
	bool is_typedef;

	kp_clex_init(&p.lex, cc, text);
	if (setjmp(p.recover))
		return NULL;
	advance(&p);
	t = parse_declarator(&p, parse_specifiers(&p, &is_typedef), &name);
	if (is_typedef || name.kind == KP_CTOK_NAME || p.tok.kind != KP_CTOK_END)
		fail(&p, p.tok.at, "only a type is expected here");
	return t;
}
