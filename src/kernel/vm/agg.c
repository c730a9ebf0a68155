// SPDX-License-Identifier: GPL-2.0-only
#include "agg.h"

/* Which bucket a sample belongs to, see struct ktap_agg. */
static u32 bucket_number(s64 v)
{
	if (v > 0)
		return 63 - __builtin_clzll(v);
	if (v == 0)
		return 64;
	if (v == (s64)(1ULL << 63))
		return 65 + 62;
	return 65 + 63 - __builtin_clzll(-v);
}

u32 kp_agg_linear(s64 low, s64 high, s64 step)
{
	u64 span = (u64)high - (u64)low;
	s64 n;

	if (low >= high || step <= 0 || (s64)span < 0)
		return 0;
	n = kp_port_div(span - 1, step) + 1;
	return n > KTAP_MAX_LINEAR ? 0 : n;
}

/* The counter of a linear distribution of n buckets that a sample belongs to. */
static u32 linear_number(const struct ktap_linear *linear, u32 n, s64 v)
{
	s64 distance;

	if (v < linear->low)
		return 0;
	/* what a signed difference cannot tell is above all buckets */
	distance = (u64)v - (u64)linear->low;
	if (distance >= 0)
		distance = kp_port_div(distance, linear->step);
	return distance >= 0 && distance < n ? distance + 1 : n + 1;
}

void kp_agg_sample(struct ktap_agg *agg, s64 v)
{
	struct ktap_linear *linear = (struct ktap_linear *)(agg + 1);

	if (!agg->count || v < agg->min)
		agg->min = v;
	if (!agg->count || v > agg->max)
		agg->max = v;
	agg->count++;
	agg->sum = (u64)agg->sum + (u64)v;
	if (agg->kind == KTAP_AGG_LOG2)
		((u64 *)(agg + 1))[bucket_number(v)]++;
	else if (agg->kind == KTAP_AGG_LINEAR)
		((u64 *)(linear + 1))[linear_number(linear, agg->ncounters - 2, v)]++;
}

void kp_agg_merge(struct ktap_agg *to, const struct ktap_agg *from)
{
	const u64 *more;
	u64 *counters;
	u32 i, skip;

	if (!from->count)
		return;
	if (!to->count || from->min < to->min)
		to->min = from->min;
	if (!to->count || from->max > to->max)
		to->max = from->max;
	to->count += from->count;
	to->sum = (u64)to->sum + (u64)from->sum;
	if (to->kind != from->kind || to->ncounters != from->ncounters)
		return;
	skip = to->kind == KTAP_AGG_LINEAR ? sizeof(struct ktap_linear) : 0;
	if (memcmp(to + 1, from + 1, skip))
		return;
	counters = (u64 *)((u8 *)(to + 1) + skip);
	more = (const u64 *)((const u8 *)(from + 1) + skip);
	for (i = 0; i < to->ncounters; i++)
		counters[i] += more[i];
}
