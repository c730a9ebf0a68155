// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"
#include "context.h"
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/tracepoint.h>

static struct workqueue_struct *workqueue;

/* ---- making and ending ---- */

struct kp_session *kp_session_new(void)
{
	struct kp_session *s = kp_port_alloc(sizeof(*s) + kp_port_cpus() * sizeof(s->cpu[0]));

	if (!s)
		return NULL;
	if (kp_cpus_init(s)) {
		kp_port_free(s);
		return NULL;
	}
	mutex_init(&s->lock);
	mutex_init(&s->probe_lock);
	mutex_init(&s->consume_lock);
	kp_session_wake_init(s, workqueue);
	return s;
}

/* From here on no handler runs and none will; on the way the threads of ticks end. */
static void disarm(struct kp_session *s)
{
	WRITE_ONCE(s->probes.gate, KP_GATE_CLOSED);
	mutex_lock(&s->probe_lock);
	kp_probes_disarm(&s->probes);
	mutex_unlock(&s->probe_lock);
	s->armed = 0;
}

/* Undoes LOAD, or as much of it as was done. */
static void unload(struct kp_session *s)
{
	u32 cpu;

	kp_cpus_leave(s);
	if (s->probes.target.followed) {
		kp_target_stop(&s->probes.target);
		tracepoint_synchronize_unregister();
		kp_target_free(&s->probes.target);
	}
	kp_session_wake_end(s);

	kp_probes_free(&s->probes);
	for (cpu = 0; cpu < kp_port_cpus(); cpu++) {
		kp_context_free(s, s->cpu[cpu]);
		s->cpu[cpu] = NULL;
	}
	kp_ctx_free(s->process);
	s->process = NULL;
	kp_vm_destroy(&s->vm);
}

void kp_session_release(struct kp_session *s)
{
	/* ends a tick that runs; nothing else can */
	WRITE_ONCE(s->state, KTAP_STATE_DONE);
	disarm(s);
	unload(s);
	kp_cpus_free(s);
	kp_port_free(s);
}

/* ---- LOAD ---- */

/* Hands the events to the providers; what belongs to trace_end is ours. */
static int prepare_events(struct kp_session *s)
{
	const struct kp_prog *prog = s->vm.verified->prog;
	struct kp_probe_event *events;
	u32 i, n = 0;
	int err;

	events = kp_port_alloc((prog->nevents + 1) * sizeof(*events));
	if (!events)
		return -ENOMEM;
	for (i = 0; i < prog->nevents; i++) {
		if (prog->events[i].kind == KTAP_EVENT_END)
			continue;
		events[n].event = &prog->events[i];
		events[n].kind = prog->events[i].kind;
		events[n].id = prog->events[i].id;
		n++;
	}
	err = kp_probes_prepare(&s->probes, events, n);
	kp_port_free(events);
	return err;
}

/* Bytes of data of each ring that LOAD asks for, in that they count against its memory. */
static u32 ring_size(const struct ktap_load *load)
{
	u64 share = load->memory ? load->memory : KTAP_DEFAULT_MEMORY;
	u32 size = KTAP_DEFAULT_RING;

	if (load->ring_size)
		return load->ring_size;
	share = div_u64(share, 8 * num_online_cpus());
	while (size > share && size > KTAP_MIN_RING)
		size /= 2;
	return size;
}

/* The cap that LOAD asks for: who asks for none gets the same for his tables however many CPUs there are. */
static u64 memory_cap(const struct ktap_load *load)
{
	return load->memory ? load->memory : KTAP_DEFAULT_MEMORY + (u64)num_possible_cpus() * kp_context_size();
}

/* What of it is gone before the first table is made. */
static u64 memory_need(const struct kp_session *s)
{
	return kp_ctx_process_size() + (u64)num_online_cpus() * (kp_context_size() + s->ring_size);
}

static int load_image(struct kp_session *s, struct ktap_load *load, const void *image)
{
	u32 ring = ring_size(load);
	int err;

	if (load->flags & ~(KTAP_LOAD_FOLLOW | KTAP_LOAD_DRY))
		return -EINVAL;
	if (ring < KTAP_MIN_RING || ring > KTAP_MAX_RING)
		return -EINVAL;
	s->ring_size = roundup_pow_of_two(ring);
	s->flags = load->flags;
	load->need = memory_need(s);
	err = kp_vm_init(&s->vm, &kp_context_ops, s, memory_cap(load), load->max_exec);
	if (err)
		return err;
	err = kp_vm_load(&s->vm, image, load->image_len, &load->place);
	if (err)
		return err;
	s->process = kp_ctx_new(&s->vm);
	if (!s->process)
		return -ENOMEM;
	err = kp_target_init(&s->probes.target, load->pid, load->cpu, load->flags & KTAP_LOAD_FOLLOW);
	if (err)
		return err;
	err = prepare_events(s);
	if (err)
		return err;
	return kp_cpus_join(s);
}

int kp_session_load(struct kp_session *s, struct ktap_load *load, const void *image)
{
	int err;

	if (mutex_lock_killable(&s->lock))
		return -EINTR;
	err = -EBUSY;
	if (s->state == KTAP_STATE_NEW) {
		err = load_image(s, load, image);
		if (err)
			unload(s);
		else
			/* pairs with kp_session_loaded() */
			smp_store_release(&s->state, KTAP_STATE_LOADED);
	}
	mutex_unlock(&s->lock);
	return err;
}

/* ---- RUN and STOP ---- */

/* How far the gate opens for a target: the fewest tests that decide. */
static u32 gate_for(const struct kp_target *t)
{
	if (!kp_target_any(t))
		return KP_GATE_OPEN;
	return t->followed && t->cpu < 0 ? KP_GATE_FOLLOW : KP_GATE_TARGET;
}

static int arm(struct kp_session *s)
{
	int err;

	mutex_lock(&s->probe_lock);
	err = kp_probes_arm(&s->probes);
	s->armed = s->probes.armed;
	mutex_unlock(&s->probe_lock);
	return err;
}

/* From one state to another, unless STOP was faster: whether it was there. */
static bool move(struct kp_session *s, enum ktap_state from, enum ktap_state to)
{
	return cmpxchg(&s->state, from, to) == from;
}

/* What was cut short has failed, wherever it was: after a script error this says nothing. */
static int cut_short(struct kp_session *s)
{
	kp_ctx_error(s->process, KTAP_ERR_INTERRUPTED, NULL);
	return -EINTR;
}

static int run(struct kp_session *s)
{
	const struct kp_prog *prog = s->vm.verified->prog;
	int err;

	err = kp_context_process(s, KP_CTX_MAIN, NULL, &prog->funcs[0], NULL);
	if (err != -EINTR) {
		if (s->vm.failed || s->vm.exited)
			return 0;
		err = arm(s);
	}
	return err == -EINTR ? cut_short(s) : err;
}

int kp_session_run(struct kp_session *s)
{
	int err;

	if (mutex_lock_killable(&s->lock))
		return -EINTR;
	err = -EBUSY;
	if (move(s, KTAP_STATE_LOADED, KTAP_STATE_RUNNING)) {
		err = run(s);
		/* ticks wait for the gate: they find the state ARMED, or STOPPING and end */
		if (move(s, KTAP_STATE_RUNNING, KTAP_STATE_ARMED) && s->armed && !(s->flags & KTAP_LOAD_DRY))
			WRITE_ONCE(s->probes.gate, gate_for(&s->probes.target));
		if (!s->armed)
			kp_session_over(s);
	}
	mutex_unlock(&s->lock);
	return err;
}

static int run_end(struct kp_session *s)
{
	const struct kp_prog *prog = s->vm.verified->prog;
	struct kp_value pass;
	int err = 0;
	u32 i;

	for (i = 0; i < prog->nevents && err != -EINTR && !s->vm.failed; i++) {
		const struct kp_event *event = &prog->events[i];

		if (event->kind != KTAP_EVENT_END)
			continue;
		if (event->probe->filter) {
			err = kp_context_process(s, KP_CTX_MAIN, event, event->probe->filter, &pass);
			if (err || !kp_value_true(&pass))
				continue;
		}
		err = kp_context_process(s, KP_CTX_MAIN, event, event->probe->handler, NULL);
		if (s->process->exiting)
			break;
	}
	return err == -EINTR ? cut_short(s) : 0;
}

int kp_session_stop(struct kp_session *s)
{
	int err;

	if (!move(s, KTAP_STATE_RUNNING, KTAP_STATE_STOPPING) && !move(s, KTAP_STATE_ARMED, KTAP_STATE_STOPPING))
		return -EBUSY;
	/* a main chunk that runs, in another thread that holds the lock, has seen its state go */
	wake_up(&s->room);
	mutex_lock(&s->lock);
	disarm(s);
	err = run_end(s);
	WRITE_ONCE(s->state, KTAP_STATE_DONE);
	kp_session_over(s);
	mutex_unlock(&s->lock);
	return err;
}

int kp_session_cancel(struct kp_session *s)
{
	u32 state = READ_ONCE(s->state);

	if (state != KTAP_STATE_RUNNING && state != KTAP_STATE_STOPPING)
		return -EBUSY;
	WRITE_ONCE(s->cancel, state);
	wake_up(&s->room);
	return 0;
}

/* ---- STATUS and CONSUME ---- */

int kp_session_status(struct kp_session *s, struct ktap_status *status)
{
	u32 i;

	if (!kp_session_loaded(s))
		return -EBUSY;
	status->state = READ_ONCE(s->state);
	status->exited = READ_ONCE(s->vm.exited);
	status->armed = READ_ONCE(s->armed);
	status->ring_size = s->ring_size;
	status->ring_stride = kp_session_stride(s);
	/* pairs with kp_ctx_error(): the place is complete */
	if (smp_load_acquire(&s->vm.failed))
		status->place = s->vm.error;
	for (i = 0; i < KTAP_CNT_COUNT; i++)
		status->counters[i] = kp_context_count(s, i);
	status->counters[KTAP_CNT_CPU_MISSED] += atomic_read(&s->missed);
	for (i = 0; i < kp_port_cpus(); i++) {
		const struct kp_cpu *cpu = kp_session_cpu(s, i);

		if (cpu)
			status->counters[KTAP_CNT_LOST] += kp_ring_lost(&cpu->ring);
	}
	kp_pool_usage(&s->vm.pool, &status->memory, &status->memory_peak);
	return 0;
}

int kp_session_consume(struct kp_session *s, const struct ktap_consume *consume)
{
	struct kp_cpu *cpu;
	int err;

	if (!kp_session_loaded(s))
		return -EBUSY;
	cpu = kp_session_cpu(s, consume->cpu);
	if (!cpu)
		return -EINVAL;
	mutex_lock(&s->consume_lock);
	err = kp_ring_consume(&cpu->ring, consume->tail);
	mutex_unlock(&s->consume_lock);
	if (!err)
		wake_up(&s->room);
	return err;
}

/* ---- module ---- */

int kp_session_setup(void)
{
	int err;

	/* unbound: growing a large table is no matter of one CPU; of high priority: handlers use up what there is */
	workqueue = alloc_workqueue("ktap", WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!workqueue)
		return -ENOMEM;
	err = kp_cpus_setup();
	if (err)
		destroy_workqueue(workqueue);
	return err;
}

void kp_session_teardown(void)
{
	kp_cpus_teardown();
	destroy_workqueue(workqueue);
}
