// SPDX-License-Identifier: GPL-2.0-only
#include "evconst.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A cursor over constant C text; @ok is sticky. */
struct constant {
	const char *p;
	const char *end;
	bool ok;
};

static char const_peek(struct constant *c)
{
	while (c->p < c->end && *c->p == ' ')
		c->p++;
	return c->p < c->end ? *c->p : 0;
}

static uint64_t const_expr(struct constant *c, int level);

/* A number with its suffix, an expression in parentheses, or ~ or - of one. */
static uint64_t const_unary(struct constant *c)
{
	char first = const_peek(c), *stop;
	uint64_t v;

	if (first == '~' || first == '-') {
		c->p++;
		v = const_unary(c);
		return first == '~' ? ~v : -v;
	}
	if (first == '(') {
		c->p++;
		v = const_expr(c, 0);
		c->ok &= const_peek(c) == ')';
		c->p += c->ok;
		return v;
	}
	v = strtoull(c->p, &stop, 0);
	c->ok &= isdigit((unsigned char)first) && stop <= c->end;
	if (!c->ok)
		return 0;
	for (c->p = stop; c->p < c->end && strchr("uUlL", *c->p); c->p++)
		;
	return v;
}

/* Binary operators of @level and tighter ones: | ^ & shifts sums, left to right. */
static uint64_t const_expr(struct constant *c, int level)
{
	static const char ops[][4] = { "|", "^", "&", "<>", "+-" };
	uint64_t v, w;
	char op;

	if (level == sizeof(ops) / sizeof(*ops))
		return const_unary(c);
	v = const_expr(c, level + 1);
	while (c->ok && (op = const_peek(c)) && strchr(ops[level], op)) {
		c->p++;
		if (op == '<' || op == '>')
			c->ok &= c->p < c->end && *c->p++ == op;
		w = const_expr(c, level + 1);
		switch (op) {
		case '|':
			v |= w;
			break;
		case '^':
			v ^= w;
			break;
		case '&':
			v &= w;
			break;
		case '<':
			v = w < 64 ? v << w : 0;
			break;
		case '>':
			v = w < 64 ? v >> w : 0;
			break;
		default:
			v = op == '+' ? v + w : v - w;
		}
	}
	return v;
}

const char *kp_evconst_eval(const char *p, const char *end, uint64_t *value)
{
	struct constant c = { p, end, true };

	*value = const_unary(&c);
	return c.ok ? c.p : NULL;
}
