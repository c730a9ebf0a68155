// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's side of port.h: what is no inline. */
#include "port.h"
#include "../compat/alloc.h"
#include "../compat/task.h"
#include <linux/random.h>

void *kp_port_alloc(size_t n)
{
	return n > KP_PORT_MAX_ALLOC ? NULL : kp_compat_kvmalloc(n, __GFP_ZERO);
}

void *kp_port_alloc_raw(size_t n)
{
	return n > KP_PORT_MAX_ALLOC ? NULL : kp_compat_kvmalloc(n, 0);
}

void kp_port_free(void *p)
{
	kvfree(p);
}

void kp_port_yield(void)
{
	cond_resched();
}

bool kp_port_killed(void)
{
	return fatal_signal_pending(current);
}

u64 kp_port_random(void)
{
	u64 r;

	get_random_bytes(&r, sizeof(r));
	return r;
}
