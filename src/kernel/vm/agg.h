/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Aggregates: count, sum, least and largest of samples, with or without a distribution; struct
 * ktap_agg says how they lie in memory.  Every function may be called in any context: the caller
 * owns what it passes, or has locked it.
 */
#ifndef KP_AGG_H
#define KP_AGG_H

#include "value.h"

/* The number of linear buckets of step from low to where high lies; 0 when these make no sense. */
u32 kp_agg_linear(s64 low, s64 high, s64 step);

/* Bytes of an aggregate with its distribution. */
static inline u32 kp_agg_size(const struct ktap_agg *agg)
{
	return sizeof(*agg) + (agg->kind == KTAP_AGG_LINEAR ? sizeof(struct ktap_linear) : 0) +
	       agg->ncounters * sizeof(u64);
}

/* Adds one sample to an aggregate and its distribution. */
void kp_agg_sample(struct ktap_agg *agg, s64 v);

/* Adds all samples of one aggregate to another; distributions of two kinds are not added. */
void kp_agg_merge(struct ktap_agg *to, const struct ktap_agg *from);

#endif
