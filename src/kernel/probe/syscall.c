// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls, on the raw tracepoints sys_enter and sys_exit: one registration of
 * each per session, and a table by number that says which events the script wants.
 * What it does not want is turned away after two loads.
 */
#include "probe.h"

#define NR_MAX	65535	/* more than any ABI has: bounds the table */

struct syscalls {
	struct kp_syscall_side *enter, *exit;
	bool enter_registered, exit_registered;
};

/* A table of the groups of one kind; NULL in *out when there are none. */
static int make_side(struct kp_probes *probes, const struct kp_probe_group *groups, u32 n,
		     u32 kind, struct kp_syscall_side **out)
{
	unsigned long count = 0;
	struct kp_syscall_side *side;
	u32 i;

	for (i = 0; i < n; i++)
		if (groups[i].kind == kind)
			count = groups[i].id + 1;	/* sorted: the last is the highest */
	if (!count)
		return 0;
	count = roundup_pow_of_two(count);
	side = kp_port_alloc(sizeof(*side) + count * sizeof(side->by_number[0]));
	if (!side)
		return -ENOMEM;
	side->probes = probes;
	side->mask = count - 1;
	for (i = 0; i < n; i++)
		if (groups[i].kind == kind)
			side->by_number[groups[i].id] = groups[i].events;
	*out = side;
	return 0;
}

static bool syscall_available(void)
{
	return kp_compat_tracepoint_exists(KP_TP_SYS_ENTER) && kp_compat_tracepoint_exists(KP_TP_SYS_EXIT);
}

static int syscall_check(u32 kind, u64 id)
{
	return id > NR_MAX ? -EINVAL : 0;
}

static int syscall_arm(struct kp_probes *probes, const struct kp_probe_group *groups, u32 n, void **state)
{
	struct syscalls *sys = kp_port_alloc(sizeof(*sys));
	int err;

	*state = sys;
	if (!sys)
		return -ENOMEM;
	err = make_side(probes, groups, n, KTAP_EVENT_SYS_ENTER, &sys->enter);
	if (!err)
		err = make_side(probes, groups, n, KTAP_EVENT_SYS_EXIT, &sys->exit);
	if (!err && sys->enter) {
		err = kp_compat_tracepoint_register(KP_TP_SYS_ENTER, kp_probe_sys_enter, sys->enter);
		sys->enter_registered = !err;
	}
	if (!err && sys->exit) {
		err = kp_compat_tracepoint_register(KP_TP_SYS_EXIT, kp_probe_sys_exit, sys->exit);
		sys->exit_registered = !err;
	}
	return err ? err : kp_probe_count(groups, n);
}

static void syscall_disarm(void *state)
{
	struct syscalls *sys = state;

	if (sys->exit_registered)
		kp_compat_tracepoint_unregister(KP_TP_SYS_EXIT, kp_probe_sys_exit, sys->exit);
	if (sys->enter_registered)
		kp_compat_tracepoint_unregister(KP_TP_SYS_ENTER, kp_probe_sys_enter, sys->enter);
}

static void syscall_free(void *state)
{
	struct syscalls *sys = state;

	kp_port_free(sys->enter);
	kp_port_free(sys->exit);
	kp_port_free(sys);
}

const struct kp_probe_ops kp_syscall_ops = {
	.name = "syscall",
	.kinds = 1U << KTAP_EVENT_SYS_ENTER | 1U << KTAP_EVENT_SYS_EXIT,
	.feature = KTAP_FEAT_SYSCALLS,
	.available = syscall_available,
	.check = syscall_check,
	.arm = syscall_arm,
	.disarm = syscall_disarm,
	.free = syscall_free,
};
