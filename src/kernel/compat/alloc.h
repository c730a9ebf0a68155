/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of any size. */
#ifndef KP_COMPAT_ALLOC_H
#define KP_COMPAT_ALLOC_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/* Memory of any size; process context; NULL when there is none.  zero: __GFP_ZERO or 0. */
static inline void *kp_compat_kvmalloc(size_t n, gfp_t zero)
{
#ifdef KP_HAVE_KVMALLOC
	return kvmalloc(n, GFP_KERNEL | zero);
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
