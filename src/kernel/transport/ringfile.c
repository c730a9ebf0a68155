// SPDX-License-Identifier: GPL-2.0-only
#include "ringfile.h"
#include "../compat/device.h"
#include <linux/vmalloc.h>

int kp_ringfile_mmap(struct vm_area_struct *vma, void *mem, unsigned long size)
{
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	if (vma->vm_end - vma->vm_start > size)
		return -EINVAL;
	/* the reader cannot make it writable later, either */
	kp_compat_vma_readonly(vma);
	return remap_vmalloc_range(vma, mem, 0);
}
