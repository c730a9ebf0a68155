// SPDX-License-Identifier: GPL-2.0-only
/* The check of a literal printf format against the arguments of the call. */
#include <ctype.h>
#include <string.h>

#include "sema.h"

#define MAX_WIDTH	9999   /* as when printing */
#define LENGTHS		"ljzt" /* they say 64 bits, what all numbers have; the same */
#define FOREIGN_LENGTHS "hLq"

struct format {
	struct kp_cc *cc;
	const struct kp_expr *format;
	const struct kp_expr *next; /* argument that is not used yet */
	unsigned int used;	    /* arguments used, the format included */
	bool failed;
};

/* How many characters of a string literal make its next byte; 0: none do, or it is not simple. */
static size_t escape_len(const char *text, const char *end)
{
	size_t n = 2;

	if (*text != '\\')
		return 1;
	if (end - text < 2 || strchr("z\n\r", text[1]))
		return 0;
	if (text[1] == 'x')
		return 4;
	while (isdigit((unsigned char)text[1]) && n < 4 && isdigit((unsigned char)text[n]))
		n++;
	return n;
}

/*
 * Where in the script the bytes @from to @to of the format stand; all of it, when it is
 * no plain literal at its place.
 */
static struct kp_span place(const struct format *f, size_t from, size_t to)
{
	const struct kp_span all = f->format->at;
	const char *text = f->cc->src->text + all.pos, *end = text + all.len, *p = text + 1;
	struct kp_span at = all;
	size_t i, n;

	if (all.len < 2 || (*text != '"' && *text != '\''))
		return all;
	for (i = 0; i < to; i++) {
		if (i == from)
			at.pos = all.pos + (uint32_t)(p - text);
		n = p < end ? escape_len(p, end) : 0;
		if (!n)
			return all;
		p += n;
	}
	if (p >= end)
		return all;
	at.len = all.pos + (uint32_t)(p - text) - at.pos;
	return at;
}

/* Use one argument for the conversion from @percent to @end; numbers only when @number. */
static void use_argument(struct format *f, const char *percent, const char *end, bool number)
{
	const char *start = f->format->str->data;

	f->used++;
	if (f->failed)
		return;
	if (!f->next) {
		kp_diag_report_at(f->cc->diag, KP_TAG_FORMAT_COUNT, f->format->at,
				  place(f, (size_t)(percent - start), (size_t)(end - start)),
				  f->used);
		f->failed = true;
		return;
	}
	if (number && kp_expr_is_constant(f->next) && f->next->kind != KP_EX_NUMBER &&
	    f->next->kind != KP_EX_NIL)
		kp_diag_report(f->cc->diag, KP_TAG_ARGUMENT_TYPE, f->next->at, f->used);
	f->next = f->next->next;
}

/* Skip a width or a precision; NULL when it is too large. */
static const char *skip_number(struct format *f, const char *percent, const char *s)
{
	unsigned int n = 0;

	if (*s == '*') {
		use_argument(f, percent, s + 1, true);
		return s + 1;
	}
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (unsigned int)(*s - '0');
		if (n > MAX_WIDTH)
			return NULL;
	}
	return s;
}

/* Report the directive from @percent to @end. */
static void refuse(struct format *f, const char *percent, const char *end)
{
	const char *start = f->format->str->data;

	kp_diag_report_at(f->cc->diag, KP_TAG_FORMAT, f->format->at,
			  place(f, (size_t)(percent - start), (size_t)(end - start)),
			  kp_cc_string(f->cc, percent, (size_t)(end - percent))->data);
}

/* Skip the flags; NULL, after an error, when one is there twice. */
static const char *skip_flags(struct format *f, const char *percent)
{
	const char *s;

	for (s = percent + 1; *s && strchr("-+ #0", *s); s++)
		if (memchr(percent + 1, *s, (size_t)(s - percent - 1))) {
			refuse(f, percent, s + 1);
			kp_diag_hint(f->cc->diag, KP_HINT_FLAG_TWICE, *s);
			return NULL;
		}
	return s;
}

/* Check the directive behind a '%'; returns its end, or NULL after an error. */
static const char *check_directive(struct format *f, const char *percent)
{
	const char *s = skip_flags(f, percent), *number = s, *conversion;

	if (s)
		s = skip_number(f, percent, s);
	if (s && *s == '.') {
		number = s + 1;
		s = skip_number(f, percent, number);
	}
	if (!s) {
		if (number) {
			refuse(f, percent, number + strspn(number, "0123456789"));
			kp_diag_hint(f->cc->diag, KP_HINT_FORMAT_WIDTH, MAX_WIDTH);
		}
		return NULL;
	}
	conversion = s + strspn(s, LENGTHS);
	if (*conversion && strchr(conversion > s ? "diouxX" : "diouxXcp", *conversion)) {
		use_argument(f, percent, conversion + 1, true);
		return conversion + 1;
	}
	if (*s == 's') {
		use_argument(f, percent, s + 1, false);
		return s + 1;
	}
	if (*s == '%')
		return s + 1;
	if (*s && strchr(FOREIGN_LENGTHS, *s))
		conversion = s + strspn(s, FOREIGN_LENGTHS);
	refuse(f, percent, conversion + (isgraph((unsigned char)*conversion) != 0));
	if (*s && strchr(FOREIGN_LENGTHS, *s))
		kp_diag_hint(f->cc->diag, KP_HINT_FORMAT_LENGTH, *s);
	return NULL;
}

void kp_format_check(struct kp_cc *cc, const struct kp_expr *args)
{
	struct format f = { .cc = cc, .format = args, .next = args->next, .used = 1 };
	const char *s = args->str->data, *end = s + args->str->len;
	unsigned int given;

	while (s && s < end)
		s = *s == '%' ? check_directive(&f, s) : s + 1;
	if (!s || f.failed || !f.next)
		return;
	for (given = f.used - 1; f.next; f.next = f.next->next)
		given++;
	kp_diag_report(cc->diag, KP_TAG_FORMAT_EXCESS, args->at, f.used - 1, given);
}
