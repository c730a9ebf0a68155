/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A counter with one writer at a time, which anybody may read at any time and never
 * sees torn, also where 64 bits take two instructions.
 *
 * There a writer that carries counts the carry twice, once before the low half changes
 * and once after; a reader that sees both counts the same has seen no half of a carry.
 * It tries again only while a carry is under way: once in 4294967296.
 */
#ifndef KP_COUNT_H
#define KP_COUNT_H

#include "port.h"

#ifndef KP_COUNT_WORD64		/* tests try both */
#define KP_COUNT_WORD64	(__SIZEOF_LONG__ == 8)
#endif

struct kp_count {
#if KP_COUNT_WORD64
	u64 n;
#else
	u32 low, begun, done;	/* carries that have begun, and that are done: the high half */
#endif
};

/* Adds n.  Any context; who interrupts a writer does not write the same counter. */
static __always_inline void kp_count_add(struct kp_count *count, u32 n)
{
#if KP_COUNT_WORD64
	count->n += n;
#else
	u32 low = count->low + n;

	if (likely(low >= n)) {
		WRITE_ONCE(count->low, low);
		return;
	}
	WRITE_ONCE(count->begun, count->begun + 1);
	kp_port_store_release(&count->low, low);
	kp_port_store_release(&count->done, count->begun);
#endif
}

/* The count.  Any context. */
static inline u64 kp_count_read(const struct kp_count *count)
{
#if KP_COUNT_WORD64
	return READ_ONCE(count->n);
#else
	u32 done, low;

	while (true) {
		done = kp_port_load_acquire(&count->done);
		low = kp_port_load_acquire(&count->low);
		if (likely(READ_ONCE(count->begun) == done))
			return (u64)done << 32 | low;
		kp_port_cpu_relax();
	}
#endif
}

#endif
