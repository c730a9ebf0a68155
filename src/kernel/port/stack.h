/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel stacks, for built-ins: the same names in the kernel and on a host, which
 * has none.  Any context, preemption off.
 *
 *   kp_port_stack(pcs, max)   return addresses from here on, innermost first; their number
 *   kp_port_stack_ours(pc)    whether an address is in the code of the module
 *   kp_port_interrupted(&ip)  of the code that the current interrupt interrupted: false when
 *                             that is no kernel code
 *   kp_port_syscall_iterator(leaves)
 *                             the function that calls the probes of sys_enter or, when leaves
 *                             is true, sys_exit; 0 when they are called directly
 */
#ifndef KP_PORT_STACK_H
#define KP_PORT_STACK_H

#include "port.h"

#ifdef __KERNEL__

#include <asm/irq_regs.h>
#include <linux/ptrace.h>

static inline u32 kp_port_stack(unsigned long *pcs, u32 max)
{
	return kp_compat_stack(pcs, max);
}

static inline bool kp_port_stack_ours(unsigned long pc)
{
	return kp_compat_stack_ours(pc);
}

static inline bool kp_port_interrupted(unsigned long *ip)
{
	struct pt_regs *regs = get_irq_regs();

	if (!regs || user_mode(regs))
		return false;
	*ip = instruction_pointer(regs);
	return true;
}

static inline unsigned long kp_port_syscall_iterator(bool leaves)
{
	return kp_compat_tracepoint_iterator(leaves ? KP_TP_SYS_EXIT : KP_TP_SYS_ENTER);
}

#else

static inline u32 kp_port_stack(unsigned long *pcs, u32 max)
{
	(void)pcs;
	(void)max;
	return 0;
}

static inline bool kp_port_stack_ours(unsigned long pc)
{
	(void)pc;
	return false;
}

static inline bool kp_port_interrupted(unsigned long *ip)
{
	(void)ip;
	return false;
}

static inline unsigned long kp_port_syscall_iterator(bool leaves)
{
	(void)leaves;
	return 0;
}

#endif
#endif
