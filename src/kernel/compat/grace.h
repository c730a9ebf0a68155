/* SPDX-License-Identifier: GPL-2.0-only */
/* Grace periods: waiting for handlers that run.  Process context. */
#ifndef KP_COMPAT_GRACE_H
#define KP_COMPAT_GRACE_H

#include <linux/rcupdate.h>
#include <linux/tracepoint.h>

/*
 * Waits until every handler that runs now has ended: those inside of tracepoints, by what protects
 * tracepoints on this kernel, and those that kprobes and timers call with preemption off.  Since
 * 7.0 the former wait says nothing of the latter.
 */
static inline void kp_compat_synchronize(void)
{
	tracepoint_synchronize_unregister();
#ifndef KP_HAVE_TP_WAITS_FOR_RCU
	synchronize_rcu();
#endif
}

/*
 * kp_compat_expedite(), kp_compat_unexpedite(): in between, waiting for handlers takes
 * microseconds instead of milliseconds, at the price of interrupting the other CPUs.
 * Pairs nest, also over sessions.  Without effect where the kernel prefers quiet CPUs
 * (PREEMPT_RT).  Exported since 4.1, declared in no public header.
 */
#ifdef KP_HAVE_RCU_EXPEDITE
void rcu_expedite_gp(void);
void rcu_unexpedite_gp(void);

static inline void kp_compat_expedite(void)
{
	rcu_expedite_gp();
}

static inline void kp_compat_unexpedite(void)
{
	rcu_unexpedite_gp();
}
#else
static inline void kp_compat_expedite(void)
{
}

static inline void kp_compat_unexpedite(void)
{
}
#endif

#endif
