/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of any size. */
#ifndef KP_COMPAT_ALLOC_H
#define KP_COMPAT_ALLOC_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#ifndef __GFP_RETRY_MAYFAIL	/* these kernels free memory by all means before an allocation fails */
#define __GFP_RETRY_MAYFAIL	0
#endif

/*
 * Zeroed pages, for vfree(); process context.  NULL when there are not so many: then nobody is
 * killed for them and the kernel's log does not mention it, as whoever asked is told.
 */
static inline void *kp_compat_vzalloc(size_t n)
{
	gfp_t gfp = GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;

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
