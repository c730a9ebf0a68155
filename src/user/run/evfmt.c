// SPDX-License-Identifier: GPL-2.0-only
#include "evfmt.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "evconst.h"
#include "sym/btf.h"

struct span {
	const char *p;
	size_t len;
};

/* @p is at a quote; returns what follows the closing one, or NULL. */
static const char *skip_string(const char *p)
{
	char quote = *p++;

	for (; *p && *p != quote; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : NULL;
}

/* End of one argument: the comma behind it, or the end of the line. NULL when malformed. */
static const char *skip_arg(const char *p, const char *end)
{
	int depth = 0;

	while (p < end && (depth || *p != ',')) {
		if (*p == '"' || *p == '\'') {
			p = skip_string(p);
			if (!p || p > end)
				return NULL;
			continue;
		}
		if (strchr("({[", *p))
			depth++;
		else if (strchr(")}]", *p))
			depth--;
		p++;
	}
	return p;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Copy the string at @p and those that follow it with only blanks between as one. */
static void put_string(const char **p, struct kp_buf *out)
{
	const char *next;

	kp_buf_puts(out, "\"");
	while (**p == '"') {
		next = skip_string(*p);
		kp_buf_put(out, *p + 1, (size_t)(next - *p - 2));
		for (*p = next; *next == ' '; next++)
			;
		if (*next == '"')
			*p = next;
	}
	kp_buf_puts(out, "\"");
}

/* @p is at a parenthesis: put the value of a constant expression. Returns what follows, or NULL. */
static const char *put_constant(const char *p, const char *end, struct kp_buf *out)
{
	uint64_t value;

	p = kp_evconst_eval(p, end, &value);
	if (p)
		kp_buf_printf(out, "0x%" PRIx64, value);
	return p;
}

/* Could this be an enumerator? Kernels write those that matter here in capitals. */
static bool is_constant_name(struct span word)
{
	size_t i;

	for (i = 0; i < word.len; i++)
		if (islower((unsigned char)word.p[i]))
			return false;
	return isupper((unsigned char)*word.p) && (word.len != 3 || memcmp(word.p, "REC", 3));
}

/* @p is behind "sizeof": put the size of the type that follows. Returns what follows, or NULL. */
static const char *put_sizeof(const char *p, const char *end, struct kp_buf *out)
{
	static const struct {
		const char *type;
		size_t size;
	} sizes[] = {
		{ "(u8)", 1 },		 { "(u16)", 2 },
		{ "(u32)", 4 },		 { "(u64)", 8 },
		{ "(unsigned int)", 4 }, { "(unsigned long)", sizeof(long) },
		{ "(int)", 4 },		 { "(long)", sizeof(long) },
	};
	size_t i, len;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		len = strlen(sizes[i].type);
		if ((size_t)(end - p) < len || memcmp(p, sizes[i].type, len))
			continue;
		kp_buf_printf(out, "%zu", sizes[i].size);
		return p + len;
	}
	return NULL;
}

/* Copy the word at @p, which a member access may precede. Returns what follows. */
static const char *put_word(const char *p, const char *end, bool member, struct kp_btf *btf,
			    struct kp_buf *out)
{
	struct span word = { p, 0 };
	const char *next = NULL;
	int64_t value;

	while (p < end && is_word(*p))
		p++;
	word.len = (size_t)(p - word.p);
	if (word.len == 6 && !memcmp(word.p, "sizeof", 6))
		next = put_sizeof(p, end, out);
	if (next)
		return next;
	if (btf && !member && is_constant_name(word) &&
	    !kp_btf_enumerator(btf, word.p, word.len, &value))
		kp_buf_printf(out, "%" PRId64, value);
	else
		kp_buf_put(out, word.p, word.len);
	return p;
}

/*
 * Copy C text. Numbers replace enumerators, adjacent strings are joined, and a
 * constant in parentheses behind an operator is computed, because the library
 * reads a & (1 | 2) as (a & 1) | 2. Not in the lists in braces: it is right there.
 */
static void put_code(struct span code, struct kp_btf *btf, struct kp_buf *out)
{
	const char *p = code.p, *end = p + code.len, *q;
	int braces = 0;
	char last = 0;

	while (p < end) {
		char c = *p;

		if (c == '"') {
			put_string(&p, out);
		} else if (is_word(c)) {
			bool member = last == '>' && p - code.p > 1 && p[-2] == '-';

			p = put_word(p, end, member, btf, out);
		} else {
			q = NULL;
			if (c == '(' && last && strchr("+-*/%&|<>=^", last) && !braces)
				q = put_constant(p, end, out);
			if (!q)
				kp_buf_put(out, p, 1);
			braces += (c == '{') - (c == '}');
			p = q ? q : p + 1;
		}
		if (c != ' ')
			last = c;
	}
}

/* One conversion of a format: "%-*.8llx". */
struct directive {
	size_t len;
	unsigned int stars; /* arguments for width and precision */
	char conv;	    /* 0: the format ends within */
};

static struct directive parse_directive(const char *p, const char *end)
{
	struct directive d = { 0 };
	const char *q = p + 1;

	for (; q < end && strchr("-+ #0123456789.*hlLqjzt", *q); q++)
		d.stars += *q == '*';
	if (q < end)
		d.conv = *q++;
	d.len = (size_t)(q - p);
	return d;
}

/* The line while it is taken apart. */
struct line {
	struct kp_btf *btf;
	const char *p;	  /* what is left of the format */
	const char *args; /* what is left behind the format: ", arg, arg" */
	const char *end;
	struct kp_buf fmt;  /* the new format */
	struct kp_buf code; /* the new arguments, each with its comma */
};

/* Move the next argument over, into a call of @function unless it is NULL. */
static bool move_arg(struct line *l, const char *function)
{
	const char *start = l->args, *stop;

	if (start >= l->end || *start != ',')
		return false;
	stop = skip_arg(++start, l->end);
	if (!stop)
		return false;
	while (start < stop && *start == ' ')
		start++;
	kp_buf_puts(&l->code, ", ");
	if (function)
		kp_buf_printf(&l->code, "%s(", function);
	put_code((struct span){ start, (size_t)(stop - start) }, l->btf, &l->code);
	if (function)
		kp_buf_puts(&l->code, ")");
	l->args = stop;
	return true;
}

/* %p and what letters behind it make of it. */
static bool move_pointer(struct line *l, size_t len, const char *stop)
{
	const char *q = l->p + len;
	char kind = q < stop && isalnum((unsigned char)*q) ? *q : 0;

	l->p = q;
	if (!kind || kind == 'x' || kind == 'K') {
		l->p += kind != 0;
		kp_buf_printf(&l->fmt, "%%0%zullx", 2 * sizeof(void *));
		return move_arg(l, NULL);
	}
	if (!strchr("SFBsf", kind)) { /* an address of a network, say: the library knows these */
		kp_buf_put(&l->fmt, q - len, len);
		return move_arg(l, NULL);
	}
	for (l->p++; l->p < stop && strchr("Rb", *l->p); l->p++)
		;
	kp_buf_puts(&l->fmt, "%s");
	return move_arg(l, kind == 's' || kind == 'f' ? KP_EVFMT_FUNCTION : KP_EVFMT_SYMBOL);
}

/* Rewrite the format between two quotes; @stop is at the closing one. */
static bool move_format(struct line *l, const char *stop)
{
	struct directive d;

	while (l->p < stop) {
		if (*l->p == '\t') { /* the library takes only an escaped one */
			kp_buf_puts(&l->fmt, "\\t");
			l->p++;
			continue;
		}
		if (*l->p != '%') {
			kp_buf_put(&l->fmt, l->p++, 1);
			continue;
		}
		d = parse_directive(l->p, stop);
		while (d.stars--)
			if (!move_arg(l, NULL))
				return false;
		if (d.conv == 'p') {
			if (!move_pointer(l, d.len, stop))
				return false;
			continue;
		}
		if (d.conv == 'x' && l->p[1] == '#' && isalpha((unsigned char)l->p[2])) {
			/* The kernel shows zero as 0x0, C does not. */
			kp_buf_puts(&l->fmt, "0x%");
			kp_buf_put(&l->fmt, l->p + 2, d.len - 2);
		} else {
			kp_buf_put(&l->fmt, l->p, d.len);
		}
		l->p += d.len;
		if (d.conv != '%' && !move_arg(l, NULL))
			return false;
	}
	return true;
}

/* Where the arguments begin: behind the last of the adjacent strings. NULL when malformed. */
static const char *find_args(const char *p, const char *end)
{
	while (p < end && *p == '"') {
		p = skip_string(p);
		if (!p || p > end)
			return NULL;
		while (p < end && *p == ' ')
			p++;
	}
	return p;
}

static bool rewrite_line(struct line *l)
{
	l->args = find_args(l->p, l->end);
	if (!l->args)
		return false;
	while (*l->p == '"') {
		const char *next = skip_string(l->p++);

		if (!move_format(l, next - 1))
			return false;
		for (l->p = next; *l->p == ' '; l->p++)
			;
	}
	return l->args == l->end && !kp_buf_error(&l->fmt) && !kp_buf_error(&l->code);
}

void kp_evfmt_rewrite(const char *format, struct kp_btf *btf, struct kp_buf *out)
{
	static const char key[] = "\nprint fmt: ";
	const char *start = strstr(format, key);
	struct line l = { .btf = btf, .fmt = KP_BUF_INIT, .code = KP_BUF_INIT };

	l.p = start ? start + strlen(key) : format;
	l.end = strchrnul(l.p, '\n');
	if (start && rewrite_line(&l)) {
		kp_buf_put(out, format, (size_t)(start - format) + strlen(key));
		kp_buf_puts(out, "\"");
		kp_buf_put(out, l.fmt.data, l.fmt.len);
		kp_buf_puts(out, "\"");
		kp_buf_put(out, l.code.data, l.code.len);
		kp_buf_puts(out, "\n");
	} else {
		kp_buf_puts(out, format);
	}
	kp_buf_free(&l.fmt);
	kp_buf_free(&l.code);
}
