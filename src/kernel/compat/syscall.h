/* SPDX-License-Identifier: GPL-2.0-only */
/* What a system call was called with. */
#ifndef KP_COMPAT_SYSCALL_H
#define KP_COMPAT_SYSCALL_H

#include <linux/ftrace.h>
#include <linux/sched.h>
#include <asm/syscall.h>

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

#endif
