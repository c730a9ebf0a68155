/* SPDX-License-Identifier: GPL-2.0-only */
/* Which processes and CPUs a session wants events of. */
#ifndef KP_TARGET_H
#define KP_TARGET_H

#include "../port/port.h"
#include <linux/bitops.h>
#include <linux/sched.h>

struct kp_target {
	pid_t tgid;		/* process id in the initial namespace; 0: all */
	s32 cpu;		/* -1: all */
	unsigned long *followed;	/* bit per process id: the process and its descendants; or NULL */
};

/*
 * Sets the target from struct ktap_load: pid as the caller's namespace sees it.
 * Process context.  -ESRCH when there is no such process, -EINVAL, -ENOMEM,
 * -EOPNOTSUPP when this kernel cannot follow.
 */
int kp_target_init(struct kp_target *t, s32 pid, s32 cpu, bool follow);

/*
 * Stops following.  Process context.  Probes of the kernel may still look at the
 * target until tracepoint_synchronize_unregister() has returned; then free it.
 */
void kp_target_stop(struct kp_target *t);
void kp_target_free(struct kp_target *t);

/* Whether there is anything to check. */
static inline bool kp_target_any(const struct kp_target *t)
{
	return t->tgid || t->cpu >= 0;
}

/* Whether current is followed.  Any context, preemption off; something is followed. */
static inline bool kp_target_follows(const struct kp_target *t)
{
	return test_bit(current->tgid, t->followed);
}

/* Whether this CPU and current are wanted.  Any context, preemption off. */
static inline bool kp_target_admits(const struct kp_target *t)
{
	if (t->cpu >= 0 && t->cpu != raw_smp_processor_id())
		return false;
	if (t->followed)
		return kp_target_follows(t);
	return !t->tgid || t->tgid == current->tgid;
}

/* Whether a CPU is wanted. */
static inline bool kp_target_cpu(const struct kp_target *t, u32 cpu)
{
	return t->cpu < 0 || t->cpu == cpu;
}

/* Whether this kernel can follow descendants. */
bool kp_target_can_follow(void);

#endif
