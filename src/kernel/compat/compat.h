/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included before everything else in every file of the module: gives old kernels
 * the names of new ones, and a name of our own (kp_compat_) to what every kernel does
 * differently.  The rest of the module is written as if there was one kernel.
 *
 * KP_HAVE_* come from Kbuild.include.
 */
#ifndef KP_COMPAT_H
#define KP_COMPAT_H

#include <linux/capability.h>
#include <linux/compiler.h>
#include <linux/ftrace.h>
#include <linux/hardirq.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/perf_event.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/tracepoint.h>
#include <linux/types.h>
#include <linux/vmalloc.h>
#include <asm/syscall.h>
#ifdef KP_HAVE_NOSPEC
#include <linux/nospec.h>
#endif
#ifdef KP_HAVE_SCHED_SIGNAL
#include <linux/sched/signal.h>
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

/* ---- memory ---- */

/* Zeroed memory of any size; process context; NULL when there is none. */
static inline void *kp_compat_kvzalloc(size_t n)
{
#ifdef KP_HAVE_KVZALLOC
	return kvzalloc(n, GFP_KERNEL);
#else
	void *p = NULL;

	if (n <= 8 * PAGE_SIZE)
		p = kzalloc(n, GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
	return p ? p : vzalloc(n);
#endif
}

#ifndef KP_HAVE_KVFREE
static inline void kvfree(const void *p)
{
	if (is_vmalloc_addr(p))
		vfree(p);
	else
		kfree(p);
}
#endif

/* Makes a mapping one that can never be written to, executed, grown or dumped. */
static inline void kp_compat_vma_readonly(struct vm_area_struct *vma)
{
#ifdef KP_HAVE_VM_FLAGS_SET
	vm_flags_clear(vma, VM_MAYWRITE | VM_MAYEXEC);
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
#else
	vma->vm_flags &= ~(VM_MAYWRITE | VM_MAYEXEC);
	vma->vm_flags |= VM_DONTEXPAND;
#ifdef VM_DONTDUMP
	vma->vm_flags |= VM_DONTDUMP;
#endif
#endif
}

/*
 * Copy n bytes from an address that need not be one: 0 or -EFAULT.  Never sleep,
 * never fault; any context.  Of user memory what current has mapped and present.
 */
int kp_compat_copy_user(void *dst, unsigned long addr, size_t n);
int kp_compat_copy_kernel(void *dst, unsigned long addr, size_t n);

/* ---- clocks and timers ---- */

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

/* ---- tracepoints and perf ---- */

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

/* The function that calls the probes of a counter's tracepoint; 0 when they are called directly. */
unsigned long kp_compat_perf_iterator(const struct perf_event *counter);

/* Whether current is in a system call of another ABI, whose numbers mean other calls. */
static inline bool kp_compat_foreign_syscall(struct pt_regs *regs)
{
#ifdef ARCH_TRACE_IGNORE_COMPAT_SYSCALLS
	return arch_trace_is_compat_syscall(regs);
#else
	return false;
#endif
}

/* The six arguments of the system call that current is entering.  Any context. */
static inline void kp_compat_syscall_args(void *regs, u64 args[6])
{
	unsigned long words[6];
	int i;

#ifdef KP_HAVE_SYSCALL_ARGS_RANGE
	syscall_get_arguments(current, regs, 0, 6, words);
#else
	syscall_get_arguments(current, regs, words);
#endif
	for (i = 0; i < 6; i++)
		args[i] = words[i];
}

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

/* The function that calls the probes of a tracepoint that the module hooks; 0 as above. */
unsigned long kp_compat_tracepoint_iterator(enum kp_compat_tracepoint which);

/* ---- CPUs ---- */

/*
 * Calls online(cpu) for each CPU that comes online from now on, before user tasks run
 * on it, in process context with CPU hotplug locked.  One caller.  0 or -errno.
 */
int kp_compat_cpu_online_register(int (*online)(unsigned int cpu));
void kp_compat_cpu_online_unregister(void);

/* ---- device ---- */

#ifndef KP_HAVE_POLL_T
#define __poll_t	unsigned int
#define EPOLLIN		POLLIN
#define EPOLLRDNORM	POLLRDNORM
#define EPOLLHUP	POLLHUP
#endif

static inline bool kp_compat_may_trace(void)
{
#ifdef CAP_PERFMON
	return capable(CAP_PERFMON) || capable(CAP_SYS_ADMIN);
#else
	return capable(CAP_SYS_ADMIN);
#endif
}

/* -EPERM when the kernel is locked down to keep its memory confidential. */
static inline int kp_compat_locked_down(void)
{
#ifdef KP_HAVE_LOCKDOWN
	return security_locked_down(LOCKDOWN_TRACEFS);
#else
	return 0;
#endif
}

/* ---- grace periods ---- */

/*
 * kp_compat_expedite(), kp_compat_unexpedite(): in between, waiting for handlers takes
 * microseconds instead of milliseconds, at the price of interrupting the other CPUs.
 * Pairs nest, also over sessions.  Process context.  Without effect where the kernel
 * prefers quiet CPUs (PREEMPT_RT).  Exported since 4.1, declared in no public header.
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
