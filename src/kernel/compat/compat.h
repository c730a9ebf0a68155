/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before everything else in every file of the module: gives old kernels
 * the names of new ones, and a name of our own (kp_compat_) to what every kernel does
 * differently.  The rest of the module is written as if there was one kernel.
 *
 * Few headers of the kernel, as each file pays for them: what needs others is in a
 * header of its own, beside this one, and included by those who use it.
 *
 * KP_HAVE_* come from Kbuild.include.
 */
#ifndef KP_COMPAT_H
#define KP_COMPAT_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/types.h>
#ifndef in_nmi	/* it was there */
#include <linux/hardirq.h>
#endif
#ifdef KP_HAVE_NOSPEC
#include <linux/nospec.h>
#endif

/* ---- language and atomics ---- */

#ifndef READ_ONCE
#define READ_ONCE(x)		ACCESS_ONCE(x)
#define WRITE_ONCE(x, v)	(ACCESS_ONCE(x) = (v))
#endif

#ifndef smp_store_release
/* as Documentation/memory-barriers.txt allows: stronger than needed */
#define smp_store_release(p, v)	do { smp_mb(); WRITE_ONCE(*(p), v); } while (0)
/* the same for the reading side */
#define smp_load_acquire(p)	({ typeof(*(p)) v_ = READ_ONCE(*(p)); smp_mb(); v_; })
#endif

#ifndef fallthrough
#define fallthrough		do { } while (0)
#endif

#ifndef array_index_nospec	/* these kernels do not mitigate speculation at all */
#define array_index_nospec(index, size)	(index)
#endif

#ifndef in_hardirq
#define in_hardirq()		in_irq()
#endif

#ifndef KP_HAVE_POLL_T
#define __poll_t	unsigned int
#endif

/* ---- memory ---- */

/*
 * Copy n bytes from an address that need not be one: 0 or -EFAULT.  Never sleep,
 * never fault; any context.  Of user memory what current has mapped and present.
 */
int kp_compat_copy_user(void *dst, unsigned long addr, size_t n);
int kp_compat_copy_kernel(void *dst, unsigned long addr, size_t n);

/* ---- tracepoints ---- */

struct task_struct;

/* The tracepoints that the module hooks itself. */
enum kp_compat_tracepoint {
	KP_TP_SYS_ENTER,	/* (struct pt_regs *, long nr) */
	KP_TP_SYS_EXIT,		/* (struct pt_regs *, long ret) */
	KP_TP_FORK,		/* (struct task_struct *parent, struct task_struct *child) */
	KP_TP_EXIT,		/* (KP_TP_EXIT_ARGS) */
	KP_TP_COUNT
};

#ifdef KP_HAVE_GROUP_DEAD
#define KP_TP_EXIT_ARGS	struct task_struct *task, bool group_dead
#else
#define KP_TP_EXIT_ARGS	struct task_struct *task
#endif

/* Looks them up; once, process context. */
void kp_compat_tracepoints_find(void);

/* Whether this kernel has it. */
bool kp_compat_tracepoint_exists(enum kp_compat_tracepoint which);

/*
 * Calls probe(data, arguments...) at the tracepoint, until unregistered with the same
 * probe and data.  Process context.  0 or -errno.
 */
int kp_compat_tracepoint_register(enum kp_compat_tracepoint which, void *probe, void *data);
void kp_compat_tracepoint_unregister(enum kp_compat_tracepoint which, void *probe, void *data);

/* The function that calls the probes of the tracepoint; 0 when they are called directly. */
unsigned long kp_compat_tracepoint_iterator(enum kp_compat_tracepoint which);

struct perf_event;

/* The same for that of a counter. */
unsigned long kp_compat_perf_iterator(const struct perf_event *counter);

/* ---- stacks, symbols and other facts ---- */

/*
 * Return addresses on the kernel stack of current, from the caller on; the number of
 * them, at most max.  Any context, preemption off.  0 where the kernel cannot tell.
 */
u32 kp_compat_stack(unsigned long *pcs, u32 max);

/*
 * Where the current process is in user space, and the addresses that this returns to; the number
 * of them, at most max.  Any context.  Callers are found by frame pointers, on x86 and arm64.
 */
u32 kp_compat_ustack(u64 *pcs, u32 max);

/* Whether an address is in the module's own code. */
bool kp_compat_stack_ours(unsigned long pc);

/*
 * The name of the kernel function or object at an address, with or without "+0xOFFSET/0xSIZE
 * [MODULE]" behind it: its length, 0 when there is none.  text has room for
 * kp_compat_symbol_room() bytes.  Any context.
 */
u32 kp_compat_symbol(char *text, unsigned long addr, bool offset);
u32 kp_compat_symbol_room(void);

/* The id of the current task's cgroup (of version 2): 0 or -EOPNOTSUPP.  Any context. */
int kp_compat_cgroup(u64 *id);

/*
 * Local or remote address of an IPv4 socket at a kernel address, network byte order: 0, or -EFAULT when
 * there is no such socket.  Any context.
 */
int kp_compat_sock_ipv4(unsigned long sk, bool remote, u32 *addr);

/* ---- CPUs ---- */

/*
 * Calls online(cpu) for each CPU that comes online from now on, before user tasks run
 * on it, in process context with CPU hotplug locked.  One caller.  0 or -errno.
 */
int kp_compat_cpu_online_register(int (*online)(unsigned int cpu));
void kp_compat_cpu_online_unregister(void);

#endif
