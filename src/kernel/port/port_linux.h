/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's side of port.h.  What needs headers that take long is in port_linux.c. */
#ifndef KP_PORT_LINUX_H
#define KP_PORT_LINUX_H

#include "../compat/clock.h"
#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/types.h>

#define KP_PORT_JUMP_TABLES	0
#define kp_port_unreachable()	do { } while (0)
#define KP_PORT_MAX_ALLOC	(1UL << 30)

void *kp_port_alloc(size_t n);
void *kp_port_alloc_raw(size_t n);
void kp_port_free(void *p);
void kp_port_yield(void);
bool kp_port_killed(void);
u64 kp_port_random(void);

/* The raw forms: the traced ones would emit preemptirq events inside our critical sections. */
static inline unsigned long kp_port_irq_save(void)
{
	unsigned long flags;

	raw_local_irq_save(flags);
	return flags;
}

static inline void kp_port_irq_restore(unsigned long flags)
{
	raw_local_irq_restore(flags);
}

static inline u32 kp_port_cpu(void)
{
	return raw_smp_processor_id();
}

static inline u32 kp_port_cpus(void)
{
	return nr_cpu_ids;
}

static inline bool kp_port_cpu_possible(u32 cpu)
{
	return cpu < nr_cpu_ids && cpu_possible(cpu);
}

#define kp_port_in_nmi()		in_nmi()
#define kp_port_cpu_relax()		cpu_relax()
#define kp_port_cmpxchg(p, old, new)	cmpxchg(p, old, new)
/* the callers say what these pair with */
#define kp_port_store_release(p, v)	smp_store_release(p, v)
/* as above */
#define kp_port_load_acquire(p)		smp_load_acquire(p)
/* as above */
#define kp_port_mb()			smp_mb()

static inline s64 kp_port_div(s64 a, s64 b)
{
	return div64_s64(a, b);
}

static inline s64 kp_port_mod(s64 a, s64 b)
{
	return a - div64_s64(a, b) * b;
}

static inline u64 kp_port_now(void)
{
	return ktime_get_mono_fast_ns();
}

struct kp_port_mutex {
	struct mutex m;
};

#define kp_port_mutex_init(x)	mutex_init(&(x)->m)
#define kp_port_mutex_lock(x)	mutex_lock(&(x)->m)
#define kp_port_mutex_unlock(x)	mutex_unlock(&(x)->m)

#endif
