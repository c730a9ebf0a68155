/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of any size. */
#ifndef KP_COMPAT_ALLOC_H
#define KP_COMPAT_ALLOC_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

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

#endif
