/* SPDX-License-Identifier: GPL-2.0-only */
/* What a device asks of the kernel: who may use it, waiting for it, mapping it. */
#ifndef KP_COMPAT_DEVICE_H
#define KP_COMPAT_DEVICE_H

#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/security.h>

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

#ifndef KP_HAVE_POLL_T
#define EPOLLIN		POLLIN
#define EPOLLRDNORM	POLLRDNORM
#define EPOLLHUP	POLLHUP
#endif

/* Whether the caller may see what the kernel does.  Process context. */
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

#endif
