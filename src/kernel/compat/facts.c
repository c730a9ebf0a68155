// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel knows of tasks, sockets and its own functions. */
#include <linux/cgroup.h>
#include <linux/kallsyms.h>
#include <net/inet_sock.h>

int kp_compat_cgroup(u64 *id)
{
#ifdef KP_HAVE_CGROUP_ID
#ifdef CONFIG_CGROUPS
	rcu_read_lock();
	/* a kernel of 32 bits keeps a generation above the number of the inode */
	*id = (unsigned long) cgroup_id(rcu_dereference(current->cgroups)->dfl_cgrp);
	rcu_read_unlock();
	return 0;
#endif
#endif
	return -EOPNOTSUPP;
}

int kp_compat_sock_ipv4(unsigned long sk, bool remote, u32 *addr)
{
	size_t offset = remote ? offsetof(struct inet_sock, sk.__sk_common.skc_daddr) :
				 offsetof(struct inet_sock, inet_saddr);
	unsigned short family;

	if (kp_compat_copy_kernel(&family, sk + offsetof(struct sock_common, skc_family), sizeof(family)) ||
	    family != AF_INET)
		return -EFAULT;
	return kp_compat_copy_kernel(addr, sk + offset, sizeof(*addr));
}

u32 kp_compat_symbol(char *text, unsigned long addr, bool offset)
{
	char *end;

	sprint_symbol(text, addr);
	if (text[0] == '0')
		return 0;	/* no name but the number */
	end = strchr(text, offset ? '\0' : '+');
	*end = '\0';
	return end - text;
}

u32 kp_compat_symbol_room(void)
{
	return KSYM_SYMBOL_LEN;
}
