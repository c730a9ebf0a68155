// SPDX-License-Identifier: GPL-2.0-only
/* The check of a literal printf format against the arguments of the call. */
#include <ctype.h>
#include <string.h>

#include "sema.h"

#define MAX_WIDTH 9999 /* as when printing */

struct format {
	struct kp_cc *cc;
	const struct kp_expr *format;
	const struct kp_expr *next; /* argument that is not used yet */
	unsigned int used;	    /* arguments used, the format included */
	bool failed;
};

/* Use one argument for a conversion; numbers only when @number. */
static void use_argument(struct format *f, bool number)
{
	f->used++;
	if (f->failed)
		return;
	if (!f->next) {
		kp_diag_report(f->cc->diag, KP_TAG_FORMAT_COUNT, f->format->at, f->used);
		f->failed = true;
		return;
	}
	if (number && kp_expr_is_constant(f->next) && f->next->kind != KP_EX_NUMBER &&
	    f->next->kind != KP_EX_NIL)
		kp_diag_report(f->cc->diag, KP_TAG_ARGUMENT_TYPE, f->next->at, f->used);
	f->next = f->next->next;
}

/* Skip a width or a precision; NULL when it is too large. */
static const char *skip_number(struct format *f, const char *s)
{
	unsigned int n = 0;

	if (*s == '*') {
		use_argument(f, true);
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
	kp_diag_report(f->cc->diag, KP_TAG_FORMAT, f->format->at,
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
	const char *s = skip_flags(f, percent), *number = s;

	if (s)
		s = skip_number(f, s);
	if (s && *s == '.') {
		number = s + 1;
		s = skip_number(f, number);
	}
	if (!s) {
		if (number) {
			refuse(f, percent, number + strspn(number, "0123456789"));
			kp_diag_hint(f->cc->diag, KP_HINT_FORMAT_WIDTH, MAX_WIDTH);
		}
		return NULL;
	}
	if (*s && strchr("diouxXcp", *s)) {
		use_argument(f, true);
		return s + 1;
	}
	if (*s == 's') {
		use_argument(f, false);
		return s + 1;
	}
	if (*s == '%')
		return s + 1;
	refuse(f, percent, s + (isgraph((unsigned char)*s) != 0));
	if (*s && strchr("hlLqjzt", *s))
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
