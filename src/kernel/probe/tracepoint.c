// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints, through perf counters of the kernel's own: one for each tracepoint and
 * CPU, with an overflow handler that is called for each event and gets its record.
 * Any number of events of the script share a counter.
 *
 * Releasing takes long: with the last counter of a tracepoint perf waits for a grace
 * period, under a lock, so that for all tracepoints of a kernel it takes many seconds where grace
 * periods cannot be expedited.  But it is only about memory: a session that ends takes its
 * counters out of service, which is one grace period for all of them, and leaves
 * them to a work item.
 */
#include "probe.h"
#include "../compat/grace.h"
#include "../compat/perf.h"
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct point {
	struct kp_probes *probes;	/* NULL: out of service */
	const struct kp_event *const *events;
	u64 id;
	unsigned long iterator;	/* the function that calls its probes, or 0 */
	u32 nevents;
	bool refused;	/* the kernel lets nobody sample it: sampling would cause the event */
};

struct tracepoints {
	u32 npoints;
	u32 ncpus;
	struct point *points;
	struct perf_event **counters;	/* by CPU, then by point */
	struct work_struct release;
};

#define PENDING_MAX	8	/* sessions that have ended and still hold counters: others wait then */

static struct workqueue_struct *releases;
static atomic_t pending = ATOMIC_INIT(0);	/* releases that are queued or under way */
static DECLARE_WAIT_QUEUE_HEAD(released);

/* Any context, preemption off, inside of the tracepoint. */
static void overflow(struct perf_event *counter, struct perf_sample_data *data, struct pt_regs *regs)
{
	const struct point *point = counter->overflow_handler_context;
	struct kp_probes *probes = READ_ONCE(point->probes);
	const void *raw;
	u32 len;

	if (unlikely(!probes) || READ_ONCE(probes->gate) == KP_GATE_CLOSED)
		return;
	raw = kp_compat_perf_raw(data, &len);
	if (likely(raw))
		kp_probe_record_at(probes, point->events, raw, len, instruction_pointer(regs), point->iterator);
	else if (kp_probes_open(probes))
		kp_probe_missed(probes, point->events, KTAP_CNT_NO_RECORD, 1);
}

static struct perf_event *make_counter(struct point *point, u32 cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = point->id,
		.sample_period = 1,		/* with 0 the handler is never called */
		/* without PERIOD an event that weighs n, in ns say, would call the handler n times */
		.sample_type = PERF_SAMPLE_RAW | PERF_SAMPLE_PERIOD,
	};

	return perf_event_create_kernel_counter(&attr, cpu, NULL, overflow, point);
}

/*
 * Counters for one CPU.  -ENODEV is what perf says of a CPU that comes or goes, for longer
 * than it counts as offline, and is no error: the CPU gets new counters when it is there.  Neither
 * is a tracepoint that cannot be sampled, such as irq_vectors:irq_work_exit.
 */
static int arm_cpu(struct tracepoints *tps, u32 cpu)
{
	struct perf_event **counters = tps->counters + (size_t)cpu * tps->npoints;
	struct perf_event *counter;
	u32 i;

	for (i = 0; i < tps->npoints; i++) {
		if (tps->points[i].refused)
			continue;
		counter = make_counter(&tps->points[i], cpu);
		if (PTR_ERR_OR_ZERO(counter) == -EPERM) {
			tps->points[i].refused = true;
			continue;
		}
		if (IS_ERR(counter))
			return PTR_ERR(counter) == -ENODEV ? 0 : PTR_ERR(counter);
		counters[i] = counter;
		tps->points[i].iterator = kp_compat_perf_iterator(counter);
		if (kp_probe_interrupted(tps->points[i].probes))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static void release_cpu(struct tracepoints *tps, u32 cpu)
{
	struct perf_event **counters = tps->counters + (size_t)cpu * tps->npoints;
	u32 i;

	for (i = 0; i < tps->npoints; i++) {
		if (!counters[i])
			continue;
		perf_event_release_kernel(counters[i]);
		counters[i] = NULL;
		cond_resched();
	}
}

static void release_work(struct work_struct *work)
{
	struct tracepoints *tps = container_of(work, struct tracepoints, release);
	u32 cpu;

	kp_compat_expedite();
	for (cpu = 0; tps->points && tps->counters && cpu < tps->ncpus; cpu++)
		release_cpu(tps, cpu);
	/* the module may go once nobody is inside of overflow() */
	kp_compat_synchronize();
	kp_compat_unexpedite();
	kp_port_free(tps->counters);
	kp_port_free(tps->points);
	kp_port_free(tps);
	atomic_dec(&pending);
	wake_up(&released);
}

/* Waits until fewer than n releases are pending, not for ever at once: true when it is so. */
static bool wait_for_releases(int n)
{
	return wait_event_timeout(released, atomic_read(&pending) < n, HZ / 5);
}

static int tracepoint_setup(void)
{
	releases = alloc_workqueue("ktap-release", WQ_UNBOUND, 0);
	return releases ? 0 : -ENOMEM;
}

/* Waits until all counters are released. */
static void tracepoint_teardown(void)
{
	/* in short sleeps: all tracepoints of an RT kernel take longer than tasks may hang */
	while (!wait_for_releases(1))
		;
	destroy_workqueue(releases);
}

static bool tracepoint_available(void)
{
	return IS_ENABLED(CONFIG_EVENT_TRACING);
}

static int tracepoint_check(u32 kind, u64 id)
{
	return id > U32_MAX ? -EINVAL : 0;
}

static int tracepoint_arm(struct kp_probes *probes, const struct kp_probe_group *groups, u32 n, void **state)
{
	struct tracepoints *tps = kp_port_alloc(sizeof(*tps));
	u32 i, cpu, armed = 0;
	int err = 0;

	*state = tps;
	if (!tps)
		return -ENOMEM;
	INIT_WORK(&tps->release, release_work);
	tps->npoints = n;
	tps->ncpus = kp_port_cpus();
	tps->points = kp_port_alloc(n * sizeof(*tps->points));
	tps->counters = kp_port_alloc((size_t)n * tps->ncpus * sizeof(*tps->counters));
	if (!tps->points || !tps->counters)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		tps->points[i].probes = probes;
		tps->points[i].events = groups[i].events;
		tps->points[i].id = groups[i].id;
		tps->points[i].nevents = groups[i].nevents;
	}
	while (!wait_for_releases(PENDING_MAX))
		if (kp_probe_interrupted(probes))
			return -EINTR;
	/*
	 * Hotplug cannot be locked out here, as the first counter of a tracepoint
	 * patches code and so takes that lock itself.  A CPU that comes meanwhile is
	 * reported to tracepoint_online() once this is done.
	 */
	for (cpu = 0; cpu < tps->ncpus && !err; cpu++)
		if (cpu_online(cpu) && kp_target_cpu(&probes->target, cpu))
			err = arm_cpu(tps, cpu);
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		if (tps->points[i].refused)
			kp_probe_refused(probes, tps->points[i].events[0]);
		else
			armed += tps->points[i].nevents;
	}
	return armed ? armed : -EPERM;
}

/*
 * perf takes the counters of a CPU that goes away out of service for good.  They are
 * kept until here and replaced: releasing them takes locks that must not be
 * taken while hotplug is locked.
 */
static int tracepoint_online(void *state, u32 cpu)
{
	release_cpu(state, cpu);
	return arm_cpu(state, cpu);
}

static void tracepoint_disarm(void *state)
{
	struct tracepoints *tps = state;
	u32 i;

	for (i = 0; tps->points && i < tps->npoints; i++)
		WRITE_ONCE(tps->points[i].probes, NULL);
}

/* From here on it has nothing to do with the session. */
static void tracepoint_free(void *state)
{
	struct tracepoints *tps = state;

	atomic_inc(&pending);
	queue_work(releases, &tps->release);
}

const struct kp_probe_ops kp_tracepoint_ops = {
	.name = "tracepoint",
	.kinds = 1U << KTAP_EVENT_TRACEPOINT,
	.feature = KTAP_FEAT_TRACEPOINTS,
	.setup = tracepoint_setup,
	.teardown = tracepoint_teardown,
	.available = tracepoint_available,
	.check = tracepoint_check,
	.arm = tracepoint_arm,
	.online = tracepoint_online,
	.disarm = tracepoint_disarm,
	.free = tracepoint_free,
};
