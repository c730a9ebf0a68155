/* SPDX-License-Identifier: GPL-2.0-only */
/* Clocks that any context may read. */
#ifndef KP_COMPAT_CLOCK_H
#define KP_COMPAT_CLOCK_H

#include <linux/ktime.h>
#if !defined(KP_HAVE_MONO_FAST) || !defined(KP_HAVE_REAL_FAST)
#include <linux/hardirq.h>
#include <linux/hrtimer.h>
#include <linux/sched.h>
#endif

#ifndef KP_HAVE_MONO_FAST
/* No clock of these kernels but sched_clock() may be read in an NMI. */
static inline u64 ktime_get_mono_fast_ns(void)
{
	return in_nmi() ? sched_clock() : ktime_to_ns(ktime_get());
}
#endif

/* CLOCK_REALTIME in ns.  Any context. */
static inline u64 kp_compat_real_ns(void)
{
#ifdef KP_HAVE_REAL_FAST
	return ktime_get_real_fast_ns();
#else
	return in_nmi() ? 0 : ktime_to_ns(ktime_get_real());
#endif
}

#endif
