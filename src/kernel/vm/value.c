// SPDX-License-Identifier: GPL-2.0-only
#include "value.h"

static const char *const type_names[KTAP_T_COUNT] = {
	[KTAP_T_NIL] = "nil",
	[KTAP_T_FALSE] = "boolean",
	[KTAP_T_TRUE] = "boolean",
	[KTAP_T_INT] = "number",
	[KTAP_T_FUNC] = "function",
	[KTAP_T_TABLE] = "table",
	[KTAP_T_CLOSURE] = "function",
	[KTAP_T_STR] = "string",
	[KTAP_T_TUPLE] = "tuple",
	[KTAP_T_EVENT] = "event",
	[KTAP_T_AGG] = "aggregate",
	[KTAP_T_STACK] = "stack",
	[KTAP_T_SYM] = "symbol",
	[KTAP_T_TIME] = "time",
};

const char *kp_value_typename(u32 type)
{
	return type < KTAP_T_COUNT ? type_names[type] : "value";
}

int kp_str_compare(const struct kp_str *a, const struct kp_str *b)
{
	u32 n = a->len < b->len ? a->len : b->len;
	int r = memcmp(a->data, b->data, n);

	if (r)
		return r;
	return a->len < b->len ? -1 : a->len > b->len;
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
