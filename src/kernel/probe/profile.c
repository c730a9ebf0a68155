// SPDX-License-Identifier: GPL-2.0-only
/* profile-N: a pinned hrtimer on each CPU, whose handlers run where it interrupts. */
#include "probe.h"
#include "../compat/timer.h"
#include <linux/cpu.h>
#include <linux/smp.h>

struct sampler {
	struct hrtimer timer;
	ktime_t period;
	struct kp_probes *probes;
	const struct kp_event *const *events;
	u32 cpu;
};

struct profile {
	u32 n;			/* groups */
	u32 ncpus;
	struct sampler *samplers;	/* by CPU, then by group */
};

static enum hrtimer_restart expired(struct hrtimer *timer)
{
	struct sampler *sampler = container_of(timer, struct sampler, timer);
	u64 periods;

	/* the CPU went away and left its timers to another one */
	if (sampler->cpu != raw_smp_processor_id())
		return HRTIMER_NORESTART;
	if (READ_ONCE(sampler->probes->gate) != KP_GATE_CLOSED)
		kp_probe_record(sampler->probes, sampler->events, NULL, 0);
	periods = hrtimer_forward_now(timer, sampler->period);
	if (unlikely(periods > 1) && kp_probes_open(sampler->probes))
		kp_probe_missed(sampler->probes, sampler->events, KTAP_CNT_OVERRUN, periods - 1);
	return HRTIMER_RESTART;
}

/* On the sampler's CPU, interrupts off. */
static void start(void *data)
{
	struct sampler *sampler = data;

	hrtimer_start(&sampler->timer, sampler->period, KP_HRTIMER_REL_PINNED);
}

/* For a CPU that is not online nothing happens: it is armed when it comes. */
static void arm_cpu(struct profile *profile, u32 cpu)
{
	u32 i;

	for (i = 0; i < profile->n; i++) {
		struct sampler *sampler = &profile->samplers[(size_t)cpu * profile->n + i];

		hrtimer_cancel(&sampler->timer);
		smp_call_function_single(cpu, start, sampler, 1);
	}
}

static int profile_arm(struct kp_probes *probes, const struct kp_probe_group *groups, u32 n, void **state)
{
	struct profile *profile = kp_port_alloc(sizeof(*profile));
	u32 cpu, i;

	*state = profile;
	if (!profile)
		return -ENOMEM;
	profile->n = n;
	profile->ncpus = kp_port_cpus();
	profile->samplers = kp_port_alloc((size_t)n * profile->ncpus * sizeof(*profile->samplers));
	if (!profile->samplers)
		return -ENOMEM;
	for (cpu = 0; cpu < profile->ncpus; cpu++)
		for (i = 0; i < n; i++) {
			struct sampler *sampler = &profile->samplers[(size_t)cpu * n + i];

			sampler->period = ns_to_ktime(groups[i].id);
			sampler->probes = probes;
			sampler->events = groups[i].events;
			sampler->cpu = cpu;
			kp_compat_hrtimer_setup(&sampler->timer, expired, KP_HRTIMER_REL_PINNED);
		}
	for (cpu = 0; cpu < profile->ncpus; cpu++)
		if (kp_target_cpu(&probes->target, cpu))
			arm_cpu(profile, cpu);
	return kp_probe_count(groups, n);
}

static int profile_online(void *state, u32 cpu)
{
	arm_cpu(state, cpu);
	return 0;
}

static void profile_disarm(void *state)
{
	struct profile *profile = state;
	size_t i;

	if (!profile->samplers)
		return;
	for (i = 0; i < (size_t)profile->ncpus * profile->n; i++)
		hrtimer_cancel(&profile->samplers[i].timer);
}

static void profile_free(void *state)
{
	struct profile *profile = state;

	kp_port_free(profile->samplers);
	kp_port_free(profile);
}

const struct kp_probe_ops kp_profile_ops = {
	.name = "profile",
	.kinds = 1U << KTAP_EVENT_PROFILE,
	.feature = KTAP_FEAT_PROFILE,
	.check = kp_probe_check_period,
	.arm = profile_arm,
	.online = profile_online,
	.disarm = profile_disarm,
	.free = profile_free,
};
