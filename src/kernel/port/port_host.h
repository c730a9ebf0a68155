/* SPDX-License-Identifier: GPL-2.0-only */
/* A host's side of port.h: threads stand for CPUs, nothing interrupts. */
#ifndef KP_PORT_HOST_H
#define KP_PORT_HOST_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define noinline		__attribute__((noinline))
#ifndef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#endif
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)

/* The addresses of labels are an extension of C. */
#ifdef __GNUC__
#define KP_PORT_JUMP_TABLES	1
#else
#define KP_PORT_JUMP_TABLES	0
#endif
#define kp_port_unreachable()	__builtin_unreachable()
#define KP_PORT_MAX_ALLOC	(1UL << 30)

/* The number of CPUs that host programs pretend to have, and which one a thread is. */
#define KP_HOST_CPUS		8
extern __thread u32 kp_host_cpu __attribute__((tls_model("local-exec")));

/*
 * Failing allocations: when kp_host_fail_at is n > 0, the n-th call from then on
 * returns NULL.  Tests let n grow until nothing fails any more.
 */
extern unsigned long kp_host_fail_at;

void *kp_port_alloc(size_t n);
void *kp_port_alloc_raw(size_t n);
void kp_port_free(void *p);

static inline unsigned long kp_port_irq_save(void)
{
	return 0;
}

static inline void kp_port_irq_restore(unsigned long flags)
{
	(void)flags;
}

static inline u32 kp_port_cpu(void)
{
	return kp_host_cpu;
}

static inline u32 kp_port_cpus(void)
{
	return KP_HOST_CPUS;
}

static inline bool kp_port_cpu_possible(u32 cpu)
{
	return cpu < KP_HOST_CPUS;
}

#define kp_port_in_nmi()	false
#define kp_port_cpu_relax()	sched_yield()

static inline u32 kp_port_cmpxchg(u32 *p, u32 old, u32 new)
{
	__atomic_compare_exchange_n(p, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return old;
}

#define kp_port_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define kp_port_load_acquire(p)		__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define kp_port_mb()			__atomic_thread_fence(__ATOMIC_SEQ_CST)

static inline s64 kp_port_div(s64 a, s64 b)
{
	return a / b;
}

static inline s64 kp_port_mod(s64 a, s64 b)
{
	return a % b;
}

u64 kp_port_now(void);
u64 kp_port_random(void);

/* A host's threads need no scheduling points: they are counted, so that tests see where they are. */
extern __thread unsigned long kp_host_yields;

static inline void kp_port_yield(void)
{
	kp_host_yields++;
}

static inline bool kp_port_killed(void)
{
	return false;
}

struct kp_port_mutex {
	pthread_mutex_t m;
};

#define kp_port_mutex_init(x)	pthread_mutex_init(&(x)->m, NULL)
#define kp_port_mutex_lock(x)	pthread_mutex_lock(&(x)->m)
#define kp_port_mutex_unlock(x)	pthread_mutex_unlock(&(x)->m)

#endif
