// SPDX-License-Identifier: GPL-2.0-only
/* The check of a literal printf format against the arguments of the call. */
#include <string.h>

#include "sema.h"

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

static const char *skip_digits(struct format *f, const char *s)
{
	if (*s == '*') {
		use_argument(f, true);
		return s + 1;
	}
	while (*s >= '0' && *s <= '9')
		s++;
	return s;
}

/* Check the directive behind a '%'; returns its end, or NULL after an error. */
static const char *check_directive(struct format *f, const char *percent)
{
	const char *s = percent + 1;
	size_t len;

	s += strspn(s, "-+ #0");
	s = skip_digits(f, s);
	if (*s == '.')
		s = skip_digits(f, s + 1);
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
	len = (size_t)(s - percent) + (*s != '\0');
	kp_diag_report(f->cc->diag, KP_TAG_FORMAT, f->format->at,
		       kp_cc_string(f->cc, percent, len)->data);
	if (*s && strchr("hlLqjzt", *s))
		kp_diag_hint(f->cc->diag, "leave out `%c`: all numbers have 64 bits", *s);
	return NULL;
}

void kp_format_check(struct kp_cc *cc, const struct kp_expr *args)
{
	struct format f = { .cc = cc, .format = args, .next = args->next, .used = 1 };
	const char *s = args->str->data;
	unsigned int given;

	while (s && *s)
		s = *s == '%' ? check_directive(&f, s) : s + 1;
	if (!s || f.failed || !f.next)
		return;
	for (given = f.used - 1; f.next; f.next = f.next->next)
		given++;
	kp_diag_report(cc->diag, KP_TAG_FORMAT_EXCESS, args->at, f.used - 1, given);
}
