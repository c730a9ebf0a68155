/* SPDX-License-Identifier: GPL-2.0-only */
/* Mapping a ring into a reader. */
#ifndef KP_RINGFILE_H
#define KP_RINGFILE_H

#include <linux/mm.h>

/*
 * Maps ring memory (from kp_compat_vzalloc(), size bytes, whole pages) read-only from its
 * beginning.  Process context.  -EPERM for a writable or executable mapping, -EINVAL
 * when it is longer than the ring.
 */
int kp_ringfile_mmap(struct vm_area_struct *vma, void *mem, unsigned long size);

#endif
