// SPDX-License-Identifier: GPL-2.0-only
#include "ringfile.h"
#include "../compat/device.h"
#include <linux/vmalloc.h>

int kp_ringfile_mmap(struct vm_area_struct *vma, void *mem, unsigned long size)
{
	unsigned long n = vma->vm_end - vma->vm_start, at;
	int err = 0;

	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	if (n > size)
		return -EINVAL;
	/* the reader cannot make it writable later, either */
	kp_compat_vma_readonly(vma);
	for (at = 0; at < n && !err; at += PAGE_SIZE)
		err = vm_insert_page(vma, vma->vm_start + at, vmalloc_to_page((u8 *)mem + at));
	return err;
}
