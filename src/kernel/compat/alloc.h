/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of any size. */
#ifndef KP_COMPAT_ALLOC_H
#define KP_COMPAT_ALLOC_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/vmalloc.h>

#ifndef __GFP_RETRY_MAYFAIL	/* these kernels free memory by all means before an allocation fails */
#define KP_GFP_MAY_FAIL	0
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(7, 2, 0)
#define KP_GFP_MAY_FAIL	__GFP_NORETRY	/* of 6.19 and 7.0 __vmalloc() warns about the other one and ignores it */
#else
#define KP_GFP_MAY_FAIL	__GFP_RETRY_MAYFAIL
#endif

/*
 * Zeroed pages, for vfree(); process context.  NULL when there are not so many: then nobody is
 * killed for them and the kernel's log does not mention it, as whoever asked is told.
 */
static inline void *kp_compat_vzalloc(size_t n)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN | KP_GFP_MAY_FAIL;

#ifdef KP_HAVE_MEM_AVAILABLE
	/* nor shall others meet the end of memory while these take what they can get */
	if ((long)(n >> PAGE_SHIFT) > si_mem_available())
		return NULL;
#endif
#ifdef KP_HAVE_VMALLOC_PROT
	return __vmalloc(n, gfp | __GFP_HIGHMEM, PAGE_KERNEL);
#else
	return __vmalloc(n, gfp);
#endif
}

/* Memory of any size; process context; NULL when there is none.  zero: __GFP_ZERO or 0. */
static inline void *kp_compat_kvmalloc(size_t n, gfp_t zero)
{
#ifdef KP_HAVE_KVMALLOC
	return kvmalloc(n, GFP_KERNEL | __GFP_NOWARN | zero);
#else
	void *p = NULL;

	if (n <= 8 * PAGE_SIZE)
		p = kmalloc(n, GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY | zero);
	if (p)
		return p;
	return zero ? vzalloc(n) : vmalloc(n);
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

#endif
