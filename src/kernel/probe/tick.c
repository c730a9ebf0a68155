// SPDX-License-Identifier: GPL-2.0-only
/*
 * tick-N: hrtimers that wake the one thread of the session that runs tick handlers.
 * A tick that comes while the one before still waits to run is the same tick, and
 * counted as missed.
 */
#include "probe.h"
#include "../compat/timer.h"
#include <linux/err.h>
#include <linux/kthread.h>

struct tick {
	struct hrtimer timer;
	ktime_t period;
	struct kp_probes *probes;
	const struct kp_event *const *events;
	struct task_struct *thread;
	u32 due;	/* set by the timer, cleared by the thread before it runs the handlers */
};

struct ticks {
	struct kp_probes *probes;
	struct task_struct *thread;
	u32 n;
	struct tick ticks[];
};

/* Hardirq context.  Waking a thread is fine there, on PREEMPT_RT too. */
static enum hrtimer_restart expired(struct hrtimer *timer)
{
	struct tick *tick = container_of(timer, struct tick, timer);
	bool late = READ_ONCE(tick->due);
	u64 periods;

	WRITE_ONCE(tick->due, 1);
	wake_up_process(tick->thread);
	periods = hrtimer_forward_now(timer, tick->period);
	if (unlikely(late || periods > 1) && READ_ONCE(tick->probes->gate) != KP_GATE_CLOSED)
		kp_probe_missed(tick->probes, tick->events, KTAP_CNT_OVERRUN, periods - !late);
	return HRTIMER_RESTART;
}

/* Runs the handlers of the ticks that are due; whether there were any. */
static bool run_due(struct ticks *ticks)
{
	bool any = false;
	u32 i;

	for (i = 0; i < ticks->n; i++) {
		struct tick *tick = &ticks->ticks[i];

		if (!READ_ONCE(tick->due))
			continue;
		__set_current_state(TASK_RUNNING);
		any = true;
		WRITE_ONCE(tick->due, 0);
		/* cleared first: a tick that comes from here on is the next one */
		smp_mb();
		if (READ_ONCE(ticks->probes->gate) != KP_GATE_CLOSED)
			kp_probe_tick(ticks->probes, tick->events);
	}
	return any;
}

static int tick_thread(void *data)
{
	struct ticks *ticks = data;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		if (!run_due(ticks))
			schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int tick_arm(struct kp_probes *probes, const struct kp_probe_group *groups, u32 n, void **state)
{
	struct ticks *ticks = kp_port_alloc(sizeof(*ticks) + n * sizeof(ticks->ticks[0]));
	struct task_struct *thread;
	u32 i;

	*state = ticks;
	if (!ticks)
		return -ENOMEM;
	ticks->probes = probes;
	thread = kthread_create(tick_thread, ticks, "ktap-tick");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	ticks->thread = thread;
	for (i = 0; i < n; i++) {
		struct tick *tick = &ticks->ticks[i];

		tick->period = ns_to_ktime(groups[i].id);
		tick->probes = probes;
		tick->events = groups[i].events;
		tick->thread = thread;
		kp_compat_hrtimer_setup(&tick->timer, expired, KP_HRTIMER_REL);
	}
	ticks->n = n;
	wake_up_process(thread);
	for (i = 0; i < n; i++)
		hrtimer_start(&ticks->ticks[i].timer, ticks->ticks[i].period, KP_HRTIMER_REL);
	return kp_probe_count(groups, n);
}

static void tick_disarm(void *state)
{
	struct ticks *ticks = state;
	u32 i;

	for (i = 0; i < ticks->n; i++)
		hrtimer_cancel(&ticks->ticks[i].timer);
	/* waits for a handler that runs; the session has told it to end */
	if (ticks->thread)
		kthread_stop(ticks->thread);
}

static void tick_free(void *state)
{
	kp_port_free(state);
}

const struct kp_probe_ops kp_tick_ops = {
	.name = "tick",
	.kinds = 1U << KTAP_EVENT_TICK,
	.feature = KTAP_FEAT_TICK,
	.check = kp_probe_check_period,
	.arm = tick_arm,
	.disarm = tick_disarm,
	.free = tick_free,
};
