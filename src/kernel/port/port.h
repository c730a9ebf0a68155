/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the VM needs from the world around it: the same names in the kernel and
 * on a host, where it runs tests, fuzzers and scripts without probes.
 *
 * Both ports give
 *   fixed-width types u8 ... s64, bool, likely(), unlikely(), memcpy(), memcmp(), memset(), READ_ONCE(), WRITE_ONCE()
 *   KP_PORT_JUMP_TABLES  whether the compiler may make a table of jumps of a large switch
 *   kp_port_unreachable()  behind what cannot happen; the kernel goes on
 *   kp_port_alloc(n)     zeroed memory, may sleep, NULL when there is none; n up to KP_PORT_MAX_ALLOC
 *   kp_port_alloc_raw(n) the same, not zeroed
 *   kp_port_free(p)      p may be NULL; may sleep
 *   kp_port_irq_save()   no interrupt and no preemption on this CPU until kp_port_irq_restore(flags); any context
 *   kp_port_cpu()        number of this CPU, below kp_port_cpus(); stable while preemption is off
 *   kp_port_cpus()       number of possible CPU numbers
 *   kp_port_cpu_possible(n)
 *   kp_port_in_nmi()     whether this is an NMI
 *   kp_port_cpu_relax()
 *   kp_port_cmpxchg(p, old, new)   u32, full barrier; returns what was there
 *   kp_port_store_release(p, v), kp_port_load_acquire(p)
 *   kp_port_mb()         full memory barrier
 *   kp_port_div(a, b), kp_port_mod(a, b)   s64, b neither 0 nor -1
 *   kp_port_now()        CLOCK_MONOTONIC in ns, any context
 *   kp_port_yield()      a scheduling point of process context: in every loop there that can be long
 *   kp_port_killed()     whether the process is being killed; process context
 *   kp_port_random()     64 random bits, process context
 *   struct kp_port_mutex with kp_port_mutex_init/lock/unlock, process context
 */
#ifndef KP_PORT_H
#define KP_PORT_H

#ifdef __KERNEL__
#include "port_linux.h"
#else
#include "port_host.h"
#endif

#ifndef fallthrough
#if __GNUC__ >= 7
#define fallthrough	__attribute__((__fallthrough__))
#else
#define fallthrough	do { } while (0)
#endif
#endif

/*
 * A lock for a handful of instructions, taken with interrupts off in every
 * context, NMI included.  Not a spinlock_t: the slow path of the kernel's
 * emits the tracepoint lock:contention_end while the lock is held, and a handler
 * of that event may want the same lock.  This one calls nothing.
 *
 * The owner is a CPU number plus one.  As the holder cannot be interrupted but
 * by an NMI (or by a probe on something it calls), finding oneself as the owner
 * means having interrupted oneself: waiting would never end, so it is refused.
 * Locks nest (a table's around the pool's), so an NMI may also want one whose owner
 * waits for what the NMI interrupted: it gives up after a while.
 */
#define KP_LOCK_NMI_TRIES	10000

struct kp_lock {
	u32 owner;
};

/* The slow path of kp_lock(). */
static noinline bool kp_lock_wait(struct kp_lock *lock, u32 me)
{
	u32 tries = kp_port_in_nmi() ? KP_LOCK_NMI_TRIES : 0, owner;

	while ((owner = kp_port_cmpxchg(&lock->owner, 0, me)) != 0) {
		if (owner == me)
			return false;
		do {
			if (tries && !--tries)
				return false;
			kp_port_cpu_relax();
		} while (READ_ONCE(lock->owner) != 0);
	}
	return true;
}

/* Takes the lock if it is free.  Interrupts are off. */
static inline bool kp_trylock(struct kp_lock *lock)
{
	return likely(kp_port_cmpxchg(&lock->owner, 0, kp_port_cpu() + 1) == 0);
}

/* Interrupts are off.  False when this CPU holds the lock already, or an NMI cannot get it. */
static inline bool kp_lock(struct kp_lock *lock)
{
	return kp_trylock(lock) || kp_lock_wait(lock, kp_port_cpu() + 1);
}

static inline void kp_unlock(struct kp_lock *lock)
{
	kp_port_store_release(&lock->owner, 0);
}

/* Turns interrupts off and takes the lock, for kp_unlock_irq().  False: as kp_lock(), and nothing has happened. */
static __always_inline bool kp_lock_irq(struct kp_lock *lock, unsigned long *flags)
{
	*flags = kp_port_irq_save();
	if (likely(kp_lock(lock)))
		return true;
	kp_port_irq_restore(*flags);
	return false;
}

/*
 * The same for process context, which finds a lock of its own CPU taken only if it was taken
 * by what it interrupts: never.
 */
static inline unsigned long kp_lock_process(struct kp_lock *lock)
{
	unsigned long flags = kp_port_irq_save();

	while (!kp_lock(lock))
		kp_port_cpu_relax();
	return flags;
}

static inline void kp_unlock_irq(struct kp_lock *lock, unsigned long flags)
{
	kp_unlock(lock);
	kp_port_irq_restore(flags);
}

#endif
