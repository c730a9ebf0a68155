// SPDX-License-Identifier: GPL-2.0-only
#include "probe.h"
#include "../compat/grace.h"
#include <linux/sort.h>

/* Adding a provider: its file, its line here, KP_PROBE_PROVIDERS. */
static const struct kp_probe_ops *const providers[KP_PROBE_PROVIDERS] = {
	&kp_syscall_ops,
	&kp_tracepoint_ops,
	&kp_tick_ops,
	&kp_profile_ops,
};

int kp_probes_setup(void)
{
	int err = 0;
	u32 i;

	for (i = 0; i < KP_PROBE_PROVIDERS && !err; i++)
		if (providers[i]->setup)
			err = providers[i]->setup();
	if (!err)
		return 0;
	/* the last of them has failed */
	for (i--; i--;)
		if (providers[i]->teardown)
			providers[i]->teardown();
	return err;
}

void kp_probes_teardown(void)
{
	u32 i;

	for (i = 0; i < KP_PROBE_PROVIDERS; i++)
		if (providers[i]->teardown)
			providers[i]->teardown();
}

static bool available(const struct kp_probe_ops *ops)
{
	return !ops->available || ops->available();
}

u32 kp_probes_features(void)
{
	u32 features = 0, i;

	for (i = 0; i < KP_PROBE_PROVIDERS; i++)
		if (available(providers[i]))
			features |= providers[i]->feature;
	if (kp_target_can_follow())
		features |= KTAP_FEAT_FOLLOW;
	return features;
}

static int check(const struct kp_probe_event *event)
{
	u32 i;

	for (i = 0; i < KP_PROBE_PROVIDERS; i++) {
		const struct kp_probe_ops *ops = providers[i];

		if (!(ops->kinds & 1U << event->kind))
			continue;
		if (!available(ops))
			return -EOPNOTSUPP;
		return ops->check ? ops->check(event->kind, event->id) : 0;
	}
	return -EOPNOTSUPP;
}

/* By kind, id and, as they lie in one array, the order of the script. */
static int compare(const void *a, const void *b)
{
	const struct kp_probe_event *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->event < y->event ? -1 : x->event > y->event;
}

static bool same_group(const struct kp_probe_event *a, const struct kp_probe_event *b)
{
	return a->kind == b->kind && a->id == b->id;
}

int kp_probes_prepare(struct kp_probes *probes, const struct kp_probe_event *events, u32 n)
{
	struct kp_probe_event *sorted;
	struct kp_probe_group *group = NULL;
	const struct kp_event **next;
	int err = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		err = check(&events[i]);
		if (err)
			return err;
	}
	if (!n)
		return 0;
	sorted = kp_port_alloc(n * sizeof(*sorted));
	probes->groups = kp_port_alloc(n * sizeof(*probes->groups));
	/* each group ends with NULL */
	probes->events = kp_port_alloc(2 * n * sizeof(*probes->events));
	if (!sorted || !probes->groups || !probes->events) {
		err = -ENOMEM;
		goto out;
	}
	memcpy(sorted, events, n * sizeof(*sorted));
	sort(sorted, n, sizeof(*sorted), compare, NULL);

	next = probes->events;
	for (i = 0; i < n; i++) {
		if (!i || !same_group(&sorted[i - 1], &sorted[i])) {
			if (group)
				next++;
			group = &probes->groups[probes->ngroups++];
			group->kind = sorted[i].kind;
			group->id = sorted[i].id;
			group->events = next;
		}
		*next++ = sorted[i].event;
		group->nevents++;
	}
out:
	kp_port_free(sorted);
	return err;
}

u32 kp_probe_count(const struct kp_probe_group *groups, u32 n)
{
	u32 sum = 0;

	while (n--)
		sum += groups++->nevents;
	return sum;
}

#define PERIOD_MIN	10000	/* ns: shorter ones leave no time for anything else */

int kp_probe_check_period(u32 kind, u64 id)
{
	return id < PERIOD_MIN || id > S64_MAX ? -ERANGE : 0;
}

void kp_probes_free(struct kp_probes *probes)
{
	kp_port_free(probes->groups);
	kp_port_free(probes->events);
	probes->groups = NULL;
	probes->events = NULL;
	probes->ngroups = 0;
}

/* The groups of a provider follow one another, as its kinds do. */
static int arm_provider(struct kp_probes *probes, u32 i)
{
	const struct kp_probe_ops *ops = providers[i];
	u32 first, n;
	int armed;

	for (first = 0; first < probes->ngroups; first++)
		if (ops->kinds & 1U << probes->groups[first].kind)
			break;
	for (n = first; n < probes->ngroups; n++)
		if (!(ops->kinds & 1U << probes->groups[n].kind))
			break;
	n -= first;
	if (!n)
		return 0;
	armed = ops->arm(probes, probes->groups + first, n, &probes->state[i]);
	if (armed < 0)
		return armed;
	probes->armed += armed;
	return 0;
}

int kp_probes_arm(struct kp_probes *probes)
{
	int err;
	u32 i;

	for (i = 0; i < KP_PROBE_PROVIDERS; i++) {
		err = arm_provider(probes, i);
		if (err) {
			kp_probes_disarm(probes);
			return err;
		}
	}
	return 0;
}

void kp_probes_disarm(struct kp_probes *probes)
{
	bool any = false;
	u32 i;

	kp_compat_expedite();
	for (i = 0; i < KP_PROBE_PROVIDERS; i++) {
		if (!probes->state[i])
			continue;
		providers[i]->disarm(probes->state[i]);
		any = true;
	}
	/* a handler that had begun on another CPU may still run */
	if (any)
		kp_compat_synchronize();
	kp_compat_unexpedite();
	for (i = 0; i < KP_PROBE_PROVIDERS; i++) {
		if (probes->state[i])
			providers[i]->free(probes->state[i]);
		probes->state[i] = NULL;
	}
	probes->armed = 0;
}

int kp_probes_cpu_online(struct kp_probes *probes, u32 cpu)
{
	int err = 0, ret;
	u32 i;

	if (!kp_target_cpu(&probes->target, cpu))
		return 0;
	for (i = 0; i < KP_PROBE_PROVIDERS; i++) {
		if (!probes->state[i] || !providers[i]->online)
			continue;
		ret = providers[i]->online(probes->state[i], cpu);
		if (ret)
			err = ret;
	}
	return err;
}
