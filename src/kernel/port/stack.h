/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks and symbols, for built-ins: the same names in the kernel and on a host, which
 * has none.  Any context, preemption off.
 *
 *   kp_port_stack(pcs, max)   return addresses from here on, innermost first; their number
 *   kp_port_ustack(pcs, max)  the same for the current process in user space, as u64
 *   kp_port_stack_ours(pc)    whether an address is in the code of the module
 *   kp_port_interrupted(&ip)  of the code that the current interrupt interrupted: false when
 *                             that is no kernel code
 *   kp_port_syscall_iterator(leaves)
 *                             the function that calls the probes of sys_enter or, when leaves
 *                             is true, sys_exit; 0 when they are called directly
 *   kp_port_symbol(text, addr, offset)
 *                             the name of what is at a kernel address, with or without
 *                             "+0xOFFSET/0xSIZE [MODULE]": its length, 0 when there is none;
 *                             text has room for kp_port_symbol_room() bytes, at least 16
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

static inline u32 kp_port_ustack(u64 *pcs, u32 max)
{
	return kp_compat_ustack(pcs, max);
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

static inline u32 kp_port_symbol(char *text, u64 addr, bool offset)
{
	return addr == (unsigned long)addr ? kp_compat_symbol(text, addr, offset) : 0;
}

static inline u32 kp_port_symbol_room(void)
{
	return kp_compat_symbol_room();
}

#else

static inline u32 kp_port_stack(unsigned long *pcs, u32 max)
{
	(void)pcs;
	(void)max;
	return 0;
}

static inline u32 kp_port_ustack(u64 *pcs, u32 max)
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

static inline u32 kp_port_symbol(char *text, u64 addr, bool offset)
{
	(void)text;
	(void)addr;
	(void)offset;
	return 0;
}

static inline u32 kp_port_symbol_room(void)
{
	return 16;
}

#endif
#endif
