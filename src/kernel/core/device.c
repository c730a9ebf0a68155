// SPDX-License-Identifier: GPL-2.0-only
#include "device.h"
#include "session.h"
#include "../transport/ringfile.h"
#include "../compat/device.h"
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

/*
 * Copies in a structure that begins with its size: what the caller's is shorter by
 * reads as zero, what it is longer by has to be zero.
 */
static int copy_in(void *to, u32 known, const void __user *from)
{
	u32 size, at;
	u8 byte;

	if (get_user(size, (const u32 __user *)from))
		return -EFAULT;
	if (size < sizeof(size))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	for (at = known; at < size; at++) {
		if (get_user(byte, (const u8 __user *)from + at))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	memset(to, 0, known);
	if (copy_from_user(to, from, min(size, known)))
		return -EFAULT;
	*(u32 *)to = size;
	return 0;
}

/* Copies it back, as much of it as the caller knows; its size stays as it was. */
static int copy_out(void __user *to, const void *from, u32 known)
{
	return copy_to_user(to, from, min(*(const u32 *)from, known)) ? -EFAULT : 0;
}

static int ioctl_info(struct kp_session *s, void __user *arg)
{
	struct ktap_info info;
	u32 size;
	int err = copy_in(&info, sizeof(info), arg);

	if (err)
		return err;
	size = info.size;
	memset(&info, 0, sizeof(info));
	info.size = size;
	info.abi_major = KTAP_ABI_MAJOR;
	info.abi_minor = KTAP_ABI_MINOR;
	info.features = kp_probes_features();
	info.cpus = kp_port_cpus();
	info.opcodes = KTAP_OP_COUNT;
	info.builtins = KTAP_BUILTIN_COUNT;
	snprintf(info.version, sizeof(info.version), "%s", KP_VERSION);
	return copy_out(arg, &info, sizeof(info));
}

static int ioctl_load(struct kp_session *s, void __user *arg)
{
	struct ktap_load load;
	void *image;
	int err = copy_in(&load, sizeof(load), arg);

	if (err)
		return err;
	memset(&load.place, 0, sizeof(load.place));
	load.need = 0;
	if (!load.image_len)
		return -EINVAL;
	if (load.image_len > KTAP_MAX_IMAGE)
		return -E2BIG;
	if (load.image != (uintptr_t)load.image)
		return -EFAULT;
	image = kp_port_alloc(load.image_len);
	if (!image)
		return -ENOMEM;
	if (copy_from_user(image, (const void __user *)(uintptr_t)load.image, load.image_len)) {
		err = -EFAULT;
	} else {
		err = kp_session_load(s, &load, image);
		if ((err == -EINVAL || err == -ENOMEM) && copy_out(arg, &load, sizeof(load)))
			err = -EFAULT;
	}
	kp_port_free(image);
	return err;
}

static int ioctl_run(struct kp_session *s, void __user *arg)
{
	return kp_session_run(s);
}

static int ioctl_stop(struct kp_session *s, void __user *arg)
{
	return kp_session_stop(s);
}

static int ioctl_cancel(struct kp_session *s, void __user *arg)
{
	return kp_session_cancel(s);
}

static int ioctl_status(struct kp_session *s, void __user *arg)
{
	struct ktap_status status;
	u32 size;
	int err = copy_in(&status, sizeof(status), arg);

	if (err)
		return err;
	size = status.size;
	memset(&status, 0, sizeof(status));
	status.size = size;
	err = kp_session_status(s, &status);
	return err ? err : copy_out(arg, &status, sizeof(status));
}

static int ioctl_consume(struct kp_session *s, void __user *arg)
{
	struct ktap_consume consume;
	int err = copy_in(&consume, sizeof(consume), arg);

	return err ? err : kp_session_consume(s, &consume);
}

/* By number alone: the structures say their size themselves. */
static int (*const ioctls[])(struct kp_session *s, void __user *arg) = {
	[_IOC_NR(KTAP_IOC_INFO)] = ioctl_info,
	[_IOC_NR(KTAP_IOC_LOAD)] = ioctl_load,
	[_IOC_NR(KTAP_IOC_RUN)] = ioctl_run,
	[_IOC_NR(KTAP_IOC_STOP)] = ioctl_stop,
	[_IOC_NR(KTAP_IOC_STATUS)] = ioctl_status,
	[_IOC_NR(KTAP_IOC_CONSUME)] = ioctl_consume,
	[_IOC_NR(KTAP_IOC_CANCEL)] = ioctl_cancel,
};

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	u32 nr = _IOC_NR(cmd);

	if (_IOC_TYPE(cmd) != _IOC_TYPE(KTAP_IOC_INFO) || nr >= ARRAY_SIZE(ioctls))
		return -ENOTTY;
	nr = array_index_nospec(nr, ARRAY_SIZE(ioctls));
	if (!ioctls[nr])
		return -ENOTTY;
	return ioctls[nr](file->private_data, (void __user *)arg);
}

#ifdef CONFIG_COMPAT
/* The structures are the same for every ABI; an address has 31 bits on s390. */
static long device_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return device_ioctl(file, cmd, (unsigned long)compat_ptr(arg));
}
#endif

static int device_open(struct inode *inode, struct file *file)
{
	struct kp_session *s;
	int err;

	if (!kp_compat_may_trace())
		return -EPERM;
	err = kp_compat_locked_down();
	if (err)
		return err;
	s = kp_session_new();
	if (!s)
		return -ENOMEM;
	file->private_data = s;
	return nonseekable_open(inode, file);
}

/* The last reference to the file is gone, and with it every mapping and every ioctl. */
static int device_release(struct inode *inode, struct file *file)
{
	kp_session_release(file->private_data);
	return 0;
}

static __poll_t device_poll(struct file *file, poll_table *wait)
{
	return kp_session_poll(file->private_data, file, wait);
}

/*
 * The ring of CPU n at offset n * stride.  -EINVAL before LOAD and for an offset
 * that is no ring's, -ENXIO for a CPU that was never online.
 */
static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct kp_session *s = file->private_data;
	unsigned long pages, number;
	struct kp_cpu *cpu;

	if (!kp_session_loaded(s))
		return -EINVAL;
	pages = kp_session_stride(s) >> PAGE_SHIFT;
	number = vma->vm_pgoff / pages;
	if (vma->vm_pgoff % pages || number >= kp_port_cpus())
		return -EINVAL;
	cpu = kp_session_cpu(s, number);
	if (!cpu)
		return -ENXIO;
	return kp_ringfile_mmap(vma, cpu->ring_mem, pages << PAGE_SHIFT);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = device_compat_ioctl,
#endif
	.poll = device_poll,
	.mmap = device_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ktap",
	.fops = &device_fops,
	.mode = 0600,
};

int kp_device_setup(void)
{
	return misc_register(&device);
}

void kp_device_teardown(void)
{
	misc_deregister(&device);
}
