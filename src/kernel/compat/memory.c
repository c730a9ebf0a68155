// SPDX-License-Identifier: GPL-2.0-only
/* Reading memory that may not be there, in any context. */
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#ifndef TASK_SIZE_MAX	/* for current, on these architectures for everybody */
#define TASK_SIZE_MAX	TASK_SIZE
#endif

#ifdef VERIFY_READ
#define user_range_ok(addr, n)	access_ok(VERIFY_READ, (const void __user *)(addr), n)
#else
#define user_range_ok(addr, n)	access_ok((const void __user *)(addr), n)
#endif

int kp_compat_copy_user(void *dst, unsigned long addr, size_t n)
{
	const void __user *src = (const void __user *)addr;
	size_t left = n;

	/* a kernel thread runs on the address space of whoever was there before */
	if (!current->mm)
		return -EFAULT;
#if !defined(CONFIG_X86) && defined(KP_HAVE_COPY_USER_NOFAULT)
	left = copy_from_user_nofault(dst, src, n);
#else
	pagefault_disable();
	if (user_range_ok(addr, n)) {
#ifdef CONFIG_X86
		/* the only one that is safe in an NMI on every version */
		left = copy_from_user_nmi(dst, src, n);
#if KERNEL_VERSION(3, 13, 0) > LINUX_VERSION_CODE
		left = n - left;	/* it returned what it had copied */
#endif
#else
		left = __copy_from_user_inatomic(dst, src, n);
#endif
	}
	pagefault_enable();
#endif
	return left ? -EFAULT : 0;
}

/*
 * Kernels before 5.8 read user addresses here, too, and some up to 6.x complain about addresses
 * that no page table can map, as they look at how many bits the processor could have.
 */
static bool kernel_range_ok(unsigned long addr, size_t n)
{
#ifdef CONFIG_X86_64
	if ((long)(addr << (63 - __VIRTUAL_MASK_SHIFT)) >> (63 - __VIRTUAL_MASK_SHIFT) != (long)addr)
		return false;
#endif
#ifndef KP_HAVE_COPY_KERNEL_NOFAULT
	if (addr < TASK_SIZE_MAX)
		return false;
#endif
	return addr + n >= addr;
}

int kp_compat_copy_kernel(void *dst, unsigned long addr, size_t n)
{
	if (!kernel_range_ok(addr, n))
		return -EFAULT;
#ifdef KP_HAVE_COPY_KERNEL_NOFAULT
	return copy_from_kernel_nofault(dst, (const void *)addr, n) ? -EFAULT : 0;
#else
	return probe_kernel_read(dst, (const void *)addr, n) ? -EFAULT : 0;
#endif
}
