// SPDX-License-Identifier: GPL-2.0-only
#include "format.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "addr.h"
#include "clock.h"
#include "report.h"
#include "sym/kallsyms.h"
#include "util/width.h"

#define MAX_WIDTH 9999

int kp_val_next(const uint8_t **p, size_t *len, struct kp_val *v)
{
	struct ktap_value head;
	size_t padded;

	if (!*len)
		return 0;
	if (*len < sizeof(head))
		return -EPROTO;
	memcpy(&head, *p, sizeof(head));
	padded = ((size_t)head.len + 7) & ~(size_t)7;
	if (padded < head.len || padded > *len - sizeof(head) || head.type >= KTAP_T_COUNT)
		return -EPROTO;
	*v = (struct kp_val){ head.type, head.len, *p + sizeof(head), 0 };
	if (v->type >= KTAP_T_INT && v->type < KTAP_T_STR) {
		if (head.len != sizeof(v->i))
			return -EPROTO;
		memcpy(&v->i, v->data, sizeof(v->i));
	}
	*p += sizeof(head) + padded;
	*len -= sizeof(head) + padded;
	return 1;
}

/* A tuple in a tuple does not occur; if the bytes say so it is not followed. */
static void put_tuple(const struct kp_format *f, const struct kp_val *v, struct kp_buf *out)
{
	const uint8_t *p = v->data;
	size_t len = v->len;
	struct kp_val part;
	bool first = true;

	while (kp_val_next(&p, &len, &part) > 0) {
		if (!first)
			kp_buf_puts(out, ", ");
		first = false;
		if (part.type == KTAP_T_TUPLE)
			kp_buf_puts(out, "(...)");
		else
			kp_format_value(f, &part, out);
	}
}

static void put_aggregate(const struct kp_val *v, struct kp_buf *out)
{
	struct ktap_agg a;

	if (v->len < sizeof(a))
		return;
	memcpy(&a, v->data, sizeof(a));
	kp_buf_printf(out,
		      "[count: %6" PRIu64 " sum: %6" PRId64 " max: %6" PRId64 " min: %6" PRId64
		      " avg: %6" PRId64 "]",
		      (uint64_t)a.count, (int64_t)a.sum, (int64_t)a.max, (int64_t)a.min,
		      a.count && a.count <= INT64_MAX ? (int64_t)a.sum / (int64_t)a.count : 0);
}

void kp_format_value(const struct kp_format *f, const struct kp_val *v, struct kp_buf *out)
{
	switch (v->type) {
	case KTAP_T_NIL:
		kp_buf_puts(out, "nil");
		break;
	case KTAP_T_FALSE:
		kp_buf_puts(out, "false");
		break;
	case KTAP_T_TRUE:
		kp_buf_puts(out, "true");
		break;
	case KTAP_T_INT:
		kp_buf_printf(out, "%" PRId64, v->i);
		break;
	case KTAP_T_FUNC:
	case KTAP_T_CLOSURE:
		kp_buf_printf(out, "function 0x%" PRIx64, (uint64_t)v->i);
		break;
	case KTAP_T_TABLE:
		kp_buf_printf(out, "table 0x%" PRIx64, (uint64_t)v->i);
		break;
	case KTAP_T_STR:
		kp_buf_put(out, v->data, v->len);
		break;
	case KTAP_T_TUPLE:
		put_tuple(f, v, out);
		break;
	case KTAP_T_EVENT:
		f->event(f->ctx, v->data, v->len, out);
		break;
	case KTAP_T_AGG:
		put_aggregate(v, out);
		break;
	case KTAP_T_STACK:
		kp_addr_put_stack(f, v->data, v->len, out);
		break;
	case KTAP_T_SYM:
		kp_addr_put_sym(f, v->data, v->len, out);
		break;
	case KTAP_T_TIME:
		kp_clock_put(v->data, v->len, out);
		break;
	}
}

static bool shows_event(const uint8_t *p, size_t len)
{
	struct kp_val v;

	while (kp_val_next(&p, &len, &v) > 0)
		if (v.type == KTAP_T_EVENT)
			return true;
	return false;
}

int kp_format_print(const struct kp_format *f, uint64_t time, const void *values, size_t len,
		    struct kp_buf *out)
{
	const uint8_t *p = values;
	bool first = true;
	struct kp_val v;
	int ret;

	if (f->timestamps && shows_event(values, len))
		kp_buf_printf(out, "%5" PRIu64 ".%06" PRIu64 ": ", time / 1000000000,
			      time / 1000 % 1000000);
	while ((ret = kp_val_next(&p, &len, &v)) > 0) {
		if (!first)
			kp_buf_puts(out, "\t");
		first = false;
		kp_format_value(f, &v, out);
	}
	kp_buf_puts(out, "\n");
	return ret;
}

/* What is between '%' and the conversion. */
struct spec {
	bool left, plus, blank, alt, zero;
	int width;
	int precision; /* -1: none */
	char conv;
};

/* The arguments of one printf. */
struct args {
	const uint8_t *p;
	size_t len;
	unsigned int n; /* of the one taken last, from 1 */
	char *err;
};

static int fail(struct args *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct args *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->err, KP_FORMAT_ERROR, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int take(struct args *a, struct kp_val *v)
{
	int ret = kp_val_next(&a->p, &a->len, v);

	a->n++;
	return ret > 0 ? 0 : ret < 0 ? ret : fail(a, KP_MSG_FORMAT_VALUE, a->n);
}

/* A number in the format, or the next argument for '*'. */
static int parse_number(const char **p, const char *end, struct args *a, int *n)
{
	struct kp_val v;
	int ret;

	if (*p < end && **p == '*') {
		++*p;
		ret = take(a, &v);
		if (ret)
			return ret;
		if (v.type != KTAP_T_INT)
			return fail(a, KP_MSG_FORMAT_TYPE, a->n);
		if (v.i < -MAX_WIDTH || v.i > MAX_WIDTH)
			return fail(a, KP_MSG_FORMAT_LONG);
		*n = (int)v.i;
		return 0;
	}
	for (*n = 0; *p < end && **p >= '0' && **p <= '9'; ++*p) {
		*n = *n * 10 + (**p - '0');
		if (*n > MAX_WIDTH)
			return fail(a, KP_MSG_FORMAT_LONG);
	}
	return 0;
}

/* @p is behind the '%'; 0 or -errno. */
static int parse_spec(const char **p, const char *end, struct args *a, struct spec *s)
{
	const char *length;
	bool *flag;
	int ret;

	*s = (struct spec){ .precision = -1 };
	for (; *p < end; ++*p) {
		flag = **p == '-' ? &s->left :
		       **p == '+' ? &s->plus :
		       **p == ' ' ? &s->blank :
		       **p == '#' ? &s->alt :
		       **p == '0' ? &s->zero :
				    NULL;
		if (!flag)
			break;
		if (*flag)
			return fail(a, KP_MSG_FORMAT_FLAGS);
		*flag = true;
	}
	ret = parse_number(p, end, a, &s->width);
	if (ret)
		return ret;
	if (s->width < 0) {
		s->left = true;
		s->width = -s->width;
	}
	if (*p < end && **p == '.') {
		++*p;
		ret = parse_number(p, end, a, &s->precision);
		if (ret)
			return ret;
		if (s->precision < 0)
			s->precision = -1;
	}
	length = *p;
	while (*p < end && **p && strchr("ljzt", **p)) /* they say 64 bits, what all numbers have */
		++*p;
	if (*p == end)
		return fail(a, KP_MSG_FORMAT_END);
	if (*p > length && (!**p || !strchr("diouxX", **p)))
		return fail(a, KP_MSG_FORMAT_OPTION, *length);
	s->conv = *(*p)++;
	return 0;
}

/* @len bytes at @text, cut to the precision and padded to the width. */
static void put_padded(const struct spec *s, const char *text, size_t len, struct kp_buf *out)
{
	size_t columns, pad;

	if (s->precision >= 0)
		len = kp_width_cut(text, len, (size_t)s->precision);
	columns = kp_width(text, len);
	pad = (size_t)s->width > columns ? (size_t)s->width - columns : 0;
	if (!s->left)
		kp_buf_fill(out, ' ', pad);
	kp_buf_put(out, text, len);
	if (s->left)
		kp_buf_fill(out, ' ', pad);
}

/* C does integers: flags, width and precision have their meaning there. */
static void put_integer(const struct spec *s, int64_t i, struct kp_buf *out)
{
	char fmt[16], *p = fmt;

	*p++ = '%';
	if (s->left)
		*p++ = '-';
	if (s->plus)
		*p++ = '+';
	if (s->blank)
		*p++ = ' ';
	if (s->alt)
		*p++ = '#';
	if (s->zero)
		*p++ = '0';
	memcpy(p, "*.*j", 4);
	p[4] = s->conv;
	p[5] = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	kp_buf_printf(out, fmt, s->width, s->precision, (intmax_t)i);
#pragma GCC diagnostic pop
}

/* Any value as print() shows it, then padded. */
static void put_text(const struct kp_format *f, const struct spec *s, const struct kp_val *v,
		     struct kp_buf *out)
{
	struct kp_buf text = KP_BUF_INIT;

	kp_format_value(f, v, &text);
	put_padded(s, text.data, text.len, out);
	if (kp_buf_error(&text))
		out->error = kp_buf_error(&text);
	kp_buf_free(&text);
}

static void put_symbol(const struct kp_format *f, const struct spec *s, int64_t addr,
		       struct kp_buf *out)
{
	char text[256];
	size_t len;

	if (f->symbols)
		len = kp_kallsyms_text(f->symbols, (uint64_t)addr, text, sizeof(text));
	else
		len = (size_t)snprintf(text, sizeof(text), "0x%" PRIx64, (uint64_t)addr);
	put_padded(s, text, len, out);
}

static int put_directive(const struct kp_format *f, const struct spec *s, struct args *a,
			 struct kp_buf *out)
{
	struct spec plain = *s;
	struct kp_val v;
	char c;
	int ret;

	if (s->conv == '%') {
		kp_buf_puts(out, "%");
		return 0;
	}
	if (!s->conv || !strchr("diouxXcsp", s->conv))
		return fail(a, KP_MSG_FORMAT_OPTION, s->conv);
	ret = take(a, &v);
	if (ret)
		return ret;
	if (s->conv == 's' || v.type == KTAP_T_NIL) {
		if (s->conv != 's')
			plain.precision = -1;
		put_text(f, &plain, &v, out);
		return 0;
	}
	if (v.type != KTAP_T_INT)
		return fail(a, KP_MSG_FORMAT_TYPE, a->n);
	c = (char)v.i;
	if (s->conv == 'c')
		put_padded(s, &c, 1, out);
	else if (s->conv == 'p')
		put_symbol(f, s, v.i, out);
	else
		put_integer(s, v.i, out);
	return 0;
}

int kp_format_printf(const struct kp_format *f, const void *values, size_t len, struct kp_buf *out,
		     char *err)
{
	struct args a = { values, len, 0, err };
	const char *p, *end, *percent;
	size_t before = out->len;
	struct kp_val fmt;
	struct spec spec;
	int ret;

	ret = take(&a, &fmt);
	if (!ret && fmt.type != KTAP_T_STR)
		ret = fail(&a, KP_MSG_FORMAT_TYPE, 1u);
	if (ret)
		return ret;
	p = (const char *)fmt.data;
	end = p + fmt.len;
	while (!ret && p < end) {
		percent = memchr(p, '%', (size_t)(end - p));
		if (!percent)
			percent = end;
		kp_buf_put(out, p, (size_t)(percent - p));
		p = percent;
		if (p == end)
			break;
		p++;
		ret = parse_spec(&p, end, &a, &spec);
		if (!ret)
			ret = put_directive(f, &spec, &a, out);
	}
	if (ret)
		out->len = before;
	return ret;
}
