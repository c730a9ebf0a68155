/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The current task, its memory and the wall clock, for built-ins: the same names in
 * the kernel and on a host.  All of it may be called in any context; what it says of a
 * task is, in an interrupt, about the task that was interrupted.
 *
 *   kp_port_tgid(), kp_port_tid(), kp_port_ppid()
 *                        ids of process, thread and parent process, initial namespace
 *   kp_port_uid(), kp_port_gid()
 *                        real ids, initial namespace
 *   kp_port_comm(words)  the name as 16 bytes in two words; what follows its zero is
 *                        anything, and when it is being changed there may be no zero
 *   kp_port_context()    0 task, 1 softirq, 2 hardirq, 3 NMI
 *   kp_port_online_cpus()
 *   kp_port_iowait()     whether the task waits for a device
 *   kp_port_cgroup(&id)  0, or -errno where the kernel cannot tell
 *   kp_port_task()       address of its task_struct; 0 on a host
 *   kp_port_sock_ipv4(sk, remote, &addr)
 *                        address of an IPv4 socket at a kernel address, in network byte order:
 *                        0 or -errno
 *   kp_port_real_now()   CLOCK_REALTIME in ns
 *   kp_port_machine(), kp_port_release()
 *                        the strings of uname
 *   kp_port_copy_user(to, addr, n), kp_port_copy_kernel(to, addr, n)
 *                        0 or -errno; never fault, never sleep.  n bytes within one page
 */
#ifndef KP_PORT_TASK_H
#define KP_PORT_TASK_H

#include "port.h"

#ifdef __KERNEL__

#include <linux/cred.h>
#include <linux/hardirq.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/user_namespace.h>
#include <linux/utsname.h>

static inline s64 kp_port_tgid(void)
{
	return current->tgid;
}

static inline s64 kp_port_tid(void)
{
	return current->pid;
}

static inline s64 kp_port_ppid(void)
{
	s64 ppid = 0;

	rcu_read_lock();
	/* a task that has been released already no longer knows when its parent goes */
	if (pid_alive(current))
		ppid = rcu_dereference(current->real_parent)->tgid;
	rcu_read_unlock();
	return ppid;
}

static inline s64 kp_port_uid(void)
{
	return from_kuid(&init_user_ns, current_uid());
}

static inline s64 kp_port_gid(void)
{
	return from_kgid(&init_user_ns, current_gid());
}

static inline void kp_port_comm(u64 words[2])
{
	memcpy(words, current->comm, 16);
}

static inline u32 kp_port_context(void)
{
	if (in_nmi())
		return 3;
	if (hardirq_count())
		return 2;
	return in_serving_softirq() ? 1 : 0;
}

static inline u32 kp_port_online_cpus(void)
{
	return num_online_cpus();
}

static inline bool kp_port_iowait(void)
{
	return current->in_iowait;
}

static inline int kp_port_cgroup(u64 *id)
{
	return kp_compat_cgroup(id);
}

static inline u64 kp_port_task(void)
{
	return (unsigned long)current;
}

static inline int kp_port_sock_ipv4(u64 sk, bool remote, u32 *addr)
{
	if (sk != (unsigned long)sk)
		return -EFAULT;
	return kp_compat_sock_ipv4((unsigned long)sk, remote, addr);
}

static inline u64 kp_port_real_now(void)
{
	return kp_compat_real_ns();
}

static inline const char *kp_port_machine(void)
{
	return init_uts_ns.name.machine;
}

static inline const char *kp_port_release(void)
{
	return init_uts_ns.name.release;
}

static inline int kp_port_copy_user(void *to, u64 addr, u32 n)
{
	if (addr != (unsigned long)addr)
		return -EFAULT;
	return kp_compat_copy_user(to, (unsigned long)addr, n);
}

static inline int kp_port_copy_kernel(void *to, u64 addr, u32 n)
{
	if (addr != (unsigned long)addr)
		return -EFAULT;
	return kp_compat_copy_kernel(to, (unsigned long)addr, n);
}

#else

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <unistd.h>

static inline s64 kp_port_tgid(void)
{
	return getpid();
}

static inline s64 kp_port_tid(void)
{
	return syscall(SYS_gettid);
}

static inline s64 kp_port_ppid(void)
{
	return getppid();
}

static inline s64 kp_port_uid(void)
{
	return getuid();
}

static inline s64 kp_port_gid(void)
{
	return getgid();
}

static inline void kp_port_comm(u64 words[2])
{
	prctl(PR_GET_NAME, words);
}

static inline u32 kp_port_context(void)
{
	return 0;
}

static inline u32 kp_port_online_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

static inline bool kp_port_iowait(void)
{
	return false;
}

static inline int kp_port_cgroup(u64 *id)
{
	(void)id;
	return -EOPNOTSUPP;
}

static inline u64 kp_port_task(void)
{
	return 0;
}

static inline int kp_port_sock_ipv4(u64 sk, bool remote, u32 *addr)
{
	(void)sk;
	(void)remote;
	(void)addr;
	return -EFAULT;
}

static inline u64 kp_port_real_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (u64)ts.tv_sec * 1000000000u + ts.tv_nsec;
}

static inline const struct utsname *kp_port_uname(void)
{
	static struct utsname name;

	uname(&name);
	return &name;
}

static inline const char *kp_port_machine(void)
{
	return kp_port_uname()->machine;
}

static inline const char *kp_port_release(void)
{
	return kp_port_uname()->release;
}

static inline int kp_port_copy_user(void *to, u64 addr, u32 n)
{
	struct iovec local = { to, n }, remote = { (void *)(uintptr_t)addr, n };

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)n ? 0 : -EFAULT;
}

/* A host has no kernel memory to show. */
static inline int kp_port_copy_kernel(void *to, u64 addr, u32 n)
{
	(void)to;
	(void)addr;
	(void)n;
	return -EFAULT;
}

#endif
#endif
