// SPDX-License-Identifier: GPL-2.0-only
#include "value.h"

static const char *const type_names[KTAP_T_COUNT] = {
	[KTAP_T_NIL] = "nil",
	[KTAP_T_FALSE] = "boolean",
	[KTAP_T_TRUE] = "boolean",
	[KTAP_T_INT] = "number",
	[KTAP_T_FUNC] = "function",
	[KTAP_T_TABLE] = "table",
	[KTAP_T_STR] = "string",
	[KTAP_T_TUPLE] = "tuple",
	[KTAP_T_EVENT] = "event",
	[KTAP_T_AGG] = "aggregate",
};

const char *kp_value_typename(u32 type)
{
	return type < KTAP_T_COUNT ? type_names[type] : "value";
}

bool kp_value_equal(struct kp_value *a, struct kp_value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case KTAP_T_NIL:
	case KTAP_T_FALSE:
	case KTAP_T_TRUE:
		return true;
	case KTAP_T_INT:
	case KTAP_T_FUNC:
		return a->i == b->i;
	case KTAP_T_TABLE:
		return a->t == b->t;
	default:
		return a->s == b->s ||
		       (a->s->len == b->s->len &&
			!memcmp(a->s->data, b->s->data, a->s->len));
	}
}

int kp_str_compare(const struct kp_str *a, const struct kp_str *b)
{
	u32 n = a->len < b->len ? a->len : b->len;
	int r = memcmp(a->data, b->data, n);

	if (r)
		return r;
	return a->len < b->len ? -1 : a->len > b->len;
}

u32 kp_str_hash(struct kp_str *s, u64 seed)
{
	const u64 *word = (const u64 *)s->data;
	const u64 *end = word + (s->len + 7) / 8;
	u64 h = seed ^ s->len;

	if (s->hash)
		return s->hash;
	while (word < end)
		h = kp_hash_mix(h, *word++);
	s->hash = (u32)h ? (u32)h : 1;
	return s->hash;
}

u32 kp_value_decimal(char *buf, s64 v)
{
	u64 u = v < 0 ? 0 - (u64)v : (u64)v;
	char tmp[20];
	u32 n = 0, len = 0;

	do {
		/* kp_port_div() is signed: halve first what does not fit */
		u64 q = u >> 63 ? (u64)kp_port_div(u >> 1, 5) : (u64)kp_port_div(u, 10);

		tmp[n++] = '0' + (u32)(u - q * 10);
		u = q;
	} while (u);
	if (v < 0)
		buf[len++] = '-';
	while (n)
		buf[len++] = tmp[--n];
	return len;
}
