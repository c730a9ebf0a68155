// SPDX-License-Identifier: GPL-2.0-only
/* A host's side of port.h: what is no inline. */
#include "port.h"

__thread u32 kp_host_cpu;
__thread unsigned long kp_host_yields;
unsigned long kp_host_fail_at;

/* Is there so much memory, as far as tests are concerned? */
static bool may_alloc(size_t n)
{
	return !(kp_host_fail_at && --kp_host_fail_at == 0) && n <= KP_PORT_MAX_ALLOC;
}

void *kp_port_alloc(size_t n)
{
	return may_alloc(n) ? calloc(1, n ? n : 1) : NULL;
}

void *kp_port_alloc_raw(size_t n)
{
	return may_alloc(n) ? malloc(n ? n : 1) : NULL;
}

void kp_port_free(void *p)
{
	free(p);
}

u64 kp_port_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000u + ts.tv_nsec;
}

u64 kp_port_random(void)
{
	/* the host VM runs trusted scripts and tests: runs must be repeatable */
	return 0x9e3779b97f4a7c15u;
}
