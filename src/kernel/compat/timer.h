/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers of high resolution. */
#ifndef KP_COMPAT_TIMER_H
#define KP_COMPAT_TIMER_H

#include <linux/hrtimer.h>

/* Timers that fire in hardirq context, whatever the preemption model. */
#ifdef KP_HAVE_HRTIMER_HARD
#define KP_HRTIMER_REL		HRTIMER_MODE_REL_HARD
#define KP_HRTIMER_REL_PINNED	HRTIMER_MODE_REL_PINNED_HARD
#else
#define KP_HRTIMER_REL		HRTIMER_MODE_REL
#define KP_HRTIMER_REL_PINNED	HRTIMER_MODE_REL_PINNED
#endif

/* Sets up a timer on CLOCK_MONOTONIC. */
static inline void kp_compat_hrtimer_setup(struct hrtimer *timer,
					   enum hrtimer_restart (*fn)(struct hrtimer *),
					   enum hrtimer_mode mode)
{
#ifdef KP_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, fn, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, mode);
	timer->function = fn;
#endif
}

#endif
