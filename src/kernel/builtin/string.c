// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parts of strings, and what is found in them.  Places count from 1; from the end, the last
 * byte being -1, when negative.  Letters are those of ASCII, all other bytes stay.
 */
#include "builtin.h"

/* A place that counts from the end as one that counts from 1, which may be below that. */
static s64 from_start(s64 place, u32 len)
{
	return place < 0 ? place + len + 1 : place;
}

int kp_builtin_strsub(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_strsub, args, n);
	s64 first, last;
	struct kp_str *s;
	u32 len;

	if (err)
		return err;
	len = args[0].s->len;
	first = from_start(args[1].i, len);
	last = n > 2 ? from_start(args[2].i, len) : len;
	if (first < 1)
		first = 1;
	if (last > len)
		last = len;
	if (first > last)
		return kp_builtin_string(ctx, &args[0], "", 0);
	len = last - first + 1;
	s = kp_scratch_new(ctx, len);
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	memcpy(s->data, args[0].s->data + first - 1, len);
	args[0].s = s;
	return kp_ctx_charge(ctx, kp_ctx_steps(len));
}

static u32 same_bytes(const u8 *a, const u8 *b, u32 n)
{
	u32 i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

/* Looks for what in text from offset at on: 1 and the offset in *at, 0, or an error. */
static int find(struct kp_ctx *ctx, const struct kp_str *text, const struct kp_str *what, u32 *at)
{
	u32 left, same;
	const u8 *p;
	int err;

	if (!what->len)
		return 1;
	for (; *at + (u64)what->len <= text->len; ++*at) {
		left = text->len - *at - what->len + 1;
		p = memchr(text->data + *at, what->data[0], left);
		if (!p)
			return kp_ctx_charge(ctx, kp_ctx_steps(left));
		same = same_bytes(p, what->data, what->len);
		err = kp_ctx_charge(ctx, kp_ctx_steps(p - text->data - *at + same) + 1);
		if (err)
			return err;
		*at = p - text->data;
		if (same == what->len)
			return 1;
	}
	return 0;
}

int kp_builtin_strfind(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_strfind, args, n);
	s64 from;
	u32 at;

	if (err)
		return err;
	from = n > 2 ? from_start(args[2].i, args[0].s->len) : 1;
	if (from < 1)
		from = 1;
	at = from - 1;
	err = from > (s64)args[0].s->len + 1 ? 0 : find(ctx, args[0].s, args[1].s, &at);
	if (err == 1)
		kp_value_int(&args[0], (s64)at + 1);
	else
		kp_value_nil(&args[0]);
	return err < 0 ? err : 0;
}

int kp_builtin_contains(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_contains, args, n);
	u32 at = 0;

	if (err)
		return err;
	err = find(ctx, args[0].s, args[1].s, &at);
	kp_value_bool(&args[0], err == 1);
	return err < 0 ? err : 0;
}

/* Whether args[1] lies in args[0] so many bytes from its end (from_end) or its start. */
static int lies_at(struct kp_ctx *ctx, struct kp_value *args, bool from_end)
{
	const struct kp_str *text = args[0].s, *what = args[1].s;
	u32 at = from_end ? text->len - what->len : 0;

	kp_value_bool(&args[0], what->len <= text->len && !memcmp(text->data + at, what->data, what->len));
	return kp_ctx_charge(ctx, kp_ctx_steps(what->len));
}

int kp_builtin_startswith(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_startswith, args, n);

	return err ? err : lies_at(ctx, args, false);
}

int kp_builtin_endswith(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_endswith, args, n);

	return err ? err : lies_at(ctx, args, true);
}

/* Copies args[0] with the letters from first to first + 25 in the other case. */
static int change_case(struct kp_ctx *ctx, struct kp_value *args, u8 first)
{
	u32 len = args[0].s->len, i;
	struct kp_str *s = kp_scratch_new(ctx, len);

	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	for (i = 0; i < len; i++) {
		u8 c = args[0].s->data[i];

		/* the cases differ in this bit */
		s->data[i] = (u8)(c - first) < 26 ? c ^ 0x20 : c;
	}
	args[0].s = s;
	return kp_ctx_charge(ctx, len);
}

int kp_builtin_lower(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_lower, args, n);

	return err ? err : change_case(ctx, args, 'A');
}

int kp_builtin_upper(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_upper, args, n);

	return err ? err : change_case(ctx, args, 'a');
}

int kp_builtin_rep(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_rep, args, n);
	u32 len, total, at;
	struct kp_str *s;
	s64 times;

	if (err)
		return err;
	times = args[1].i;
	len = args[0].s->len;
	if (times <= 0 || !len)
		return kp_builtin_string(ctx, &args[0], "", 0);
	if (times > KP_PROCESS_SCRATCH_MAX / len)
		return kp_ctx_result(ctx, -ENOSPC);
	total = len * (u32)times;
	s = kp_scratch_new(ctx, total);
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	for (at = 0; at < total; at += len)
		memcpy(s->data + at, args[0].s->data, len);
	args[0].s = s;
	return kp_ctx_charge(ctx, kp_ctx_steps(total) + (u32)times);
}
