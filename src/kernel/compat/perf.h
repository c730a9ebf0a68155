/* SPDX-License-Identifier: GPL-2.0-only */
/* What counters of perf say. */
#ifndef KP_COMPAT_PERF_H
#define KP_COMPAT_PERF_H

#include <linux/perf_event.h>

/* The raw record of a tracepoint counter's sample, or NULL. */
static inline const void *kp_compat_perf_raw(const struct perf_sample_data *data, u32 *len)
{
#ifdef KP_HAVE_PERF_SAMPLE_FLAGS
	/* without the flag the pointer was never written */
	if (unlikely(!(data->sample_flags & PERF_SAMPLE_RAW)))
		return NULL;
#endif
	if (unlikely(!data->raw))
		return NULL;
#ifdef KP_HAVE_PERF_RAW_FRAG
	*len = data->raw->frag.size;
	return data->raw->frag.data;
#else
	*len = data->raw->size;
	return data->raw->data;
#endif
}

#endif
