// SPDX-License-Identifier: GPL-2.0-only
/* Numbers to text and back. */
#include "builtin.h"

/* ---- text to numbers ---- */

struct digits {
	const u8 *p, *end;
};

static bool is_blank(u8 c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The digit in any base, 36 for other bytes. */
static u32 digit_value(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 36;
}

/* *v * base + digit; all ones, for ever, when that has no room: as numerals of the language. */
static void append_digit(u64 *v, u32 base, u32 digit, bool *full)
{
	u64 low = (*v & 0xffffffff) * base + digit;
	u64 high = (*v >> 32) * base + (low >> 32);

	*full |= high >> 32 != 0;
	*v = *full ? ~0ULL : high << 32 | (low & 0xffffffff);
}

/* Takes a prefix 0x off that a hexadecimal digit follows. */
static bool take_prefix(struct digits *d)
{
	if (d->end - d->p < 3 || d->p[0] != '0' || (d->p[1] | 0x20) != 'x' || digit_value(d->p[2]) > 15)
		return false;
	d->p += 2;
	return true;
}

/* The number that the bytes spell, base 0: decimal or with 0x; false when they spell none. */
static bool parse(struct digits d, u32 base, s64 *out)
{
	bool negative = false, full = false;
	const u8 *first;
	u64 v = 0;

	while (d.p < d.end && is_blank(*d.p))
		d.p++;
	while (d.p < d.end && is_blank(d.end[-1]))
		d.end--;
	if (d.p < d.end && (*d.p == '-' || *d.p == '+'))
		negative = *d.p++ == '-';
	if (!base)
		base = take_prefix(&d) ? 16 : 10;
	else if (base == 16)
		take_prefix(&d);
	for (first = d.p; d.p < d.end && digit_value(*d.p) < base; d.p++)
		append_digit(&v, base, digit_value(*d.p), &full);
	*out = negative ? 0 - v : v;
	return d.p == d.end && d.p > first;
}

int kp_builtin_tonumber(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_tonumber, args, n);
	struct digits d;
	u32 base = 0;
	s64 number;

	if (err)
		return err;
	if (n > 1) {
		if (args[1].i < 2 || args[1].i > 36)
			return kp_ctx_error(ctx, KTAP_ERR_ARG_RANGE, "2");
		base = args[1].i;
	}
	if (args[0].type == KTAP_T_INT)
		return 0;
	if (args[0].type != KTAP_T_STR) {
		kp_value_nil(&args[0]);
		return 0;
	}
	d.p = args[0].s->data;
	d.end = d.p + args[0].s->len;
	err = kp_ctx_charge(ctx, args[0].s->len);
	if (err)
		return err;
	if (parse(d, base, &number))
		kp_value_int(&args[0], number);
	else
		kp_value_nil(&args[0]);
	return 0;
}

/* ---- values to text ---- */

#define TEXT_MAX	32	/* bytes of the text of what is no string */

static u32 put_hex(char *to, u64 v)
{
	u32 shift = 0, len = 2;

	while (shift < 60 && v >> (shift + 4))
		shift += 4;
	memcpy(to, "0x", 2);
	for (;; shift -= 4) {
		to[len++] = "0123456789abcdef"[(v >> shift) & 15];
		if (!shift)
			return len;
	}
}

static u32 put_name(char *to, const char *name, u64 number)
{
	u32 len = strlen(name);

	memcpy(to, name, len);
	return len + put_hex(to + len, number);
}

static u32 put_word(char *to, const char *word)
{
	memcpy(to, word, strlen(word));
	return strlen(word);
}

/* What print shows for a value that is no bytes; its length, at most TEXT_MAX. */
static u32 plain_text(const struct kp_value *v, char *to)
{
	switch (v->type) {
	case KTAP_T_FALSE:
		return put_word(to, "false");
	case KTAP_T_TRUE:
		return put_word(to, "true");
	case KTAP_T_INT:
		return kp_value_decimal(to, v->i);
	case KTAP_T_FUNC:
		return put_name(to, "function ", v->i);
	case KTAP_T_CLOSURE:
		return put_name(to, "function ", v->t->serial << 16 | v->func);
	case KTAP_T_TABLE:
		return put_name(to, "table ", v->t->serial);
	default:
		return put_word(to, "nil");
	}
}

int kp_builtin_hex(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_hex, args, n);
	char text[TEXT_MAX];

	return err ? err : kp_builtin_string(ctx, &args[0], text, put_hex(text, args[0].i));
}

int kp_builtin_tostring(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	char text[TEXT_MAX];

	(void)n;
	/* of other bytes than strings only user space knows the text, and shows it for the value itself */
	if (kp_value_is_bytes(&args[0]))
		return 0;
	return kp_builtin_string(ctx, &args[0], text, plain_text(&args[0], text));
}

int kp_builtin_join(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_join, args, n);
	char text[TEXT_MAX];
	struct kp_str *s;
	u64 total = 0;
	u32 at = 0, len, i;

	for (i = 1; i < n && !err; i++) {
		if (kp_value_is_bytes(&args[i]) && args[i].type != KTAP_T_STR)
			return kp_builtin_bad_arg(ctx, i + 1);
		total += kp_value_is_bytes(&args[i]) ? args[i].s->len : plain_text(&args[i], text);
		total += i > 1 ? args[0].s->len : 0;
	}
	if (err)
		return err;
	s = total > KP_PROCESS_SCRATCH_MAX ? NULL : kp_scratch_new(ctx, total);
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	for (i = 1; i < n; i++) {
		if (i > 1) {
			memcpy(s->data + at, args[0].s->data, args[0].s->len);
			at += args[0].s->len;
		}
		if (kp_value_is_bytes(&args[i])) {
			memcpy(s->data + at, args[i].s->data, args[i].s->len);
			at += args[i].s->len;
		} else {
			len = plain_text(&args[i], text);
			memcpy(s->data + at, text, len);
			at += len;
		}
	}
	args[0].s = s;
	return kp_ctx_charge(ctx, kp_ctx_steps(total));
}
