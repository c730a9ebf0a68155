// SPDX-License-Identifier: GPL-2.0-only
/* What C declarations begin with: specifiers, and in them structures, unions and enumerations. */
#include "cparser.h"

/* ---- attributes ---- */

void kp_cparse_skip(struct kp_cparser *p)
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
bool kp_cparse_attributes(struct kp_cparser *p)
{
	bool any = false;

	while (accept_word(p, "__attribute__")) {
		expect(p, '(');
		kp_cparse_skip(p);
		any = true;
	}
	return any;
}

/* ---- structures, unions, enumerations ---- */

/* members = { specifiers [ declarator [ ':' constant ] { ',' … } ] ';' } '}' */
static void parse_members(struct kp_cparser *p, struct kp_ctype *t)
{
	struct kp_cmember **last = &t->members, *m;
	const struct kp_ctype *base, *type;
	struct kp_ctoken name, from;
	bool is_typedef;

	while (!accept(p, '}')) {
		from = p->tok;
		base = kp_cparse_specifiers(p, &is_typedef);
		do {
			type = kp_cparse_declarator(p, base, &name);
			if (accept(p, ':')) {
				kp_cparse_constant(p, 0);
				t->unknown = true;
			}
			if (is_typedef)
				fail(p, from.at, "a member cannot be a typedef");
			if (!type->complete)
				fail_size(p, from.at, type,
					  "a member needs a type of a known size");
			m = kp_cparse_member(p, t, &last, &name, type);
			if (!kp_ctype_place(t, m))
				fail(p, from.at, "the structure is too large");
		} while (accept(p, ','));
		expect(p, ';');
	}
	kp_ctype_finish(t);
}

/* enumerators = NAME [ '=' constant ] { ',' NAME [ '=' constant ] } [ ',' ] '}' */
static void parse_enumerators(struct kp_cparser *p)
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
			what.value = (int64_t)kp_cparse_constant(p, 0);
		kp_cparse_declare(p, &name, what);
		what.value = (int64_t)((uint64_t)what.value + 1);
	} while (accept(p, ','));
	expect(p, '}');
}

/* tagged = ( 'struct' | 'union' | 'enum' ) [ NAME ] [ '{' members | '{' enumerators ] */
static const struct kp_ctype *parse_tagged(struct kp_cparser *p, char what)
{
	struct kp_ctype *t = NULL;
	void **place = NULL;
	const struct kp_str *tag;
	bool attributes;
	char key[256];

	enter(p);
	advance(p);
	attributes = kp_cparse_attributes(p);
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
	attributes |= kp_cparse_attributes(p);
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
static bool parse_specifier(struct kp_cparser *p, struct specifiers *s, bool *is_typedef)
{
	static const char *const ignored[] = { "const",	 "volatile", "restrict", "extern",
					       "static", "inline",   "register", "__extension__" };
	static const char *const words[] = { "void",  "char",  "short", "int",
					     "_Bool", "float", "double" };
	const struct kp_cname *name;
	size_t i;

	if (accept_word(p, "typedef"))
		return *is_typedef = true;
	if (kp_cparse_attributes(p))
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
const struct kp_ctype *kp_cparse_specifiers(struct kp_cparser *p, bool *is_typedef)
{
	struct specifiers s = { 0 };
	const char *sizes = "444";

	*is_typedef = false;
	while (parse_specifier(p, &s, is_typedef))
		;
	if (s.type)
		return s.type;
	if (!s.any && p->tok.kind == KP_CTOK_NAME)
		fail_unknown(p, p->tok.at, "unknown type");
	if (!s.any)
		fail(p, p->tok.at, "type expected");
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
