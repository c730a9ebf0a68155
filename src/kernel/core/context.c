// SPDX-License-Identifier: GPL-2.0-only
#include "context.h"
#include "../compat/alloc.h"
#include "../compat/grace.h"
#include "../compat/syscall.h"
#include <linux/hardirq.h>
#include <linux/vmalloc.h>

/* ---- per CPU and level ---- */

static size_t level_size(void)
{
	return ALIGN(kp_ctx_size(), 64);
}

size_t kp_context_size(void)
{
	return sizeof(struct kp_cpu) + KP_LEVELS * level_size() + PAGE_ALIGN(kp_ring_bytes(0));
}

struct kp_cpu *kp_context_new(struct kp_session *s)
{
	size_t size = level_size();
	struct kp_cpu *cpu;
	u32 level;

	if (!kp_pool_charge(&s->vm.pool, kp_context_size() + s->ring_size))
		return NULL;
	cpu = kp_port_alloc(sizeof(*cpu));
	if (!cpu) {
		kp_pool_uncharge(&s->vm.pool, kp_context_size() + s->ring_size);
		return NULL;
	}
	cpu->ctx_mem = kp_port_alloc(KP_LEVELS * size);
	cpu->ring_mem = kp_compat_vzalloc(kp_session_stride(s));
	if (!cpu->ctx_mem || !cpu->ring_mem) {
		kp_context_free(s, cpu);
		return NULL;
	}
	for (level = 0; level < KP_LEVELS; level++)
		cpu->ctx[level] = kp_ctx_place(&s->vm, (u8 *)cpu->ctx_mem + level * size, level);
	kp_ring_init(&cpu->ring, cpu->ring_mem, s->ring_size);
	return cpu;
}

void kp_context_free(struct kp_session *s, struct kp_cpu *cpu)
{
	if (!cpu)
		return;
	kp_pool_uncharge(&s->vm.pool, kp_context_size() + s->ring_size);
	kp_port_free(cpu->ctx_mem);
	vfree(cpu->ring_mem);
	kp_port_free(cpu);
}

u64 kp_context_count(const struct kp_session *s, enum ktap_counter counter)
{
	u64 sum = kp_count_read(&s->process->counters[counter]);
	u32 cpu, level;

	for (cpu = 0; cpu < kp_port_cpus(); cpu++) {
		const struct kp_cpu *c = kp_session_cpu(s, cpu);

		for (level = 0; c && level < KP_LEVELS; level++)
			sum += kp_count_read(&c->ctx[level]->counters[counter]);
	}
	return sum;
}

/* Counts each event of a group.  On the context's CPU at its level. */
static void count_events(struct kp_ctx *ctx, enum ktap_counter counter, const struct kp_event *const *events, u32 times)
{
	while (*events++)
		kp_count_add(&ctx->counters[counter], times);
}

static u32 current_level(void)
{
	if (in_nmi())
		return KP_LEVEL_NMI;
	if (in_hardirq())
		return KP_LEVEL_HARDIRQ;
	return in_serving_softirq() ? KP_LEVEL_SOFTIRQ : KP_LEVEL_TASK;
}

/*
 * Takes this CPU's context of a level; preemption is off.  False: the events are
 * skipped and counted.
 *
 * Only what interrupts this CPU at the same level can meet the context busy
 * (a tracepoint or a page fault inside of a handler), and it has come and gone
 * before the interrupted code goes on.  So neither busy nor the counter needs to be
 * atomic, and the handler itself does not write that counter.
 */
static __always_inline bool enter(struct kp_session *s, u32 level, const struct kp_event *const *events,
				  struct kp_ctx **out)
{
	struct kp_cpu *cpu = READ_ONCE(s->cpu[raw_smp_processor_id()]);
	struct kp_ctx *ctx;

	if (unlikely(!cpu))
		return false;	/* no memory when it came online: counted there */
	ctx = cpu->ctx[level];
	if (unlikely(ctx->busy)) {
		count_events(ctx, KTAP_CNT_SKIPPED, events, 1);
		return false;
	}
	ctx->busy = 1;
	barrier();
	*out = ctx;
	return true;
}

/* Whether the script has ended itself. */
static __always_inline bool ended(const struct kp_session *s)
{
	return unlikely(READ_ONCE(s->vm.failed) | READ_ONCE(s->vm.exited));
}

/* The handlers of a group; exit() or an error in one is the end for those after it. */
static noinline void run_all(struct kp_session *s, struct kp_ctx *ctx, const struct kp_event *const *events)
{
	do {
		kp_interp_event(ctx, *events);
	} while (*++events && !ended(s));
}

/* Most groups have one. */
static __always_inline void run(struct kp_session *s, struct kp_ctx *ctx, const struct kp_event *const *events)
{
	if (likely(!events[1]))
		kp_interp_event(ctx, events[0]);
	else
		run_all(s, ctx, events);
}

static __always_inline void leave(struct kp_session *s, struct kp_ctx *ctx)
{
	barrier();
	ctx->busy = 0;
	if (ended(s))
		kp_session_over(s);
}

/* Inline in both tracepoints: what a script does not want is turned away after two loads. */
static __always_inline void syscall(const struct kp_syscall_side *side, struct pt_regs *regs, long nr, long ret)
{
	struct kp_probes *probes = side->probes;
	struct kp_session *s = container_of(probes, struct kp_session, probes);
	const struct kp_event *const *events;
	struct kp_ctx *ctx;

	if ((unsigned long)nr > side->mask)
		return;
	/* the mask holds for the processor's guesses, too */
	events = side->by_number[nr & side->mask];
	if (!events || kp_compat_foreign_syscall(regs))
		return;
	/* from 6.13 on these tracepoints are called preemptible; the notrace forms emit no events */
	preempt_disable_notrace();
	if (likely(kp_probes_open(probes) && enter(s, KP_LEVEL_TASK, events, &ctx))) {
		ctx->ev.have_args = 0;
		ctx->ev.nr = nr;
		ctx->ev.ret = ret;
		ctx->ev.regs = regs;
		run(s, ctx, events);
		leave(s, ctx);
	}
	preempt_enable_notrace();
}

void kp_probe_sys_enter(void *side, struct pt_regs *regs, long nr)
{
	syscall(side, regs, nr, 0);
}

void kp_probe_sys_exit(void *side, struct pt_regs *regs, long ret)
{
	syscall(side, regs, syscall_get_nr(current, regs), ret);
}

void kp_probe_record_at(struct kp_probes *probes, const struct kp_event *const *events,
			const void *raw, u32 len, unsigned long ip, unsigned long iterator)
{
	struct kp_session *s = container_of(probes, struct kp_session, probes);
	struct kp_ctx *ctx;

	preempt_disable_notrace();
	if (likely(kp_probes_open(probes) && enter(s, current_level(), events, &ctx))) {
		ctx->ev.raw = raw;
		ctx->ev.raw_len = len;
		ctx->ev.ip = ip;
		ctx->ev.iterator = iterator;
		ctx->ev.have_args = 0;
		ctx->ev.regs = NULL;
		run(s, ctx, events);
		/* a system call has no record: an image that asks for one gets nil */
		ctx->ev.raw = NULL;
		leave(s, ctx);
	}
	preempt_enable_notrace();
}

void kp_probe_missed(struct kp_probes *probes, const struct kp_event *const *events,
		     enum ktap_counter counter, u32 times)
{
	struct kp_session *s = container_of(probes, struct kp_session, probes);
	struct kp_cpu *cpu = READ_ONCE(s->cpu[raw_smp_processor_id()]);

	if (cpu)
		count_events(cpu->ctx[current_level()], counter, events, times);
}

/* ---- process context ---- */

int kp_context_process(struct kp_session *s, u32 where, const struct kp_event *event,
		       const struct kp_func *func, struct kp_value *result)
{
	struct kp_ctx *ctx = s->process;
	int err;

	ctx->where = where;
	ctx->ev.event = event;
	err = kp_interp_run(ctx, s->vm.verified, func, result);
	ctx->ev.event = NULL;
	if (READ_ONCE(s->vm.failed) || READ_ONCE(s->vm.exited))
		kp_session_over(s);
	return err;
}

void kp_probe_tick(struct kp_probes *probes, const struct kp_event *const *events)
{
	struct kp_session *s = container_of(probes, struct kp_session, probes);
	struct kp_value pass;

	for (; *events && READ_ONCE(probes->gate) != KP_GATE_CLOSED; events++) {
		const struct kp_probe *probe = (*events)->probe;

		kp_count_add(&s->process->counters[KTAP_CNT_EVENTS], 1);
		if (probe->filter &&
		    (kp_context_process(s, KP_CTX_TICK, *events, probe->filter, &pass) ||
		     !kp_value_true(&pass)))
			continue;
		kp_context_process(s, KP_CTX_TICK, *events, probe->handler, NULL);
	}
}

/* Whether what belongs to a state shall end: it is over, cancelled, or somebody kills the process. */
static bool state_over(const struct kp_session *s, enum ktap_state state)
{
	return READ_ONCE(s->state) != state || READ_ONCE(s->cancel) == state || fatal_signal_pending(current);
}

bool kp_probe_interrupted(struct kp_probes *probes)
{
	struct kp_session *s = container_of(probes, struct kp_session, probes);

	/* arming: by RUN, or later for a CPU that has come online */
	return state_over(s, KTAP_STATE_RUNNING) && state_over(s, KTAP_STATE_ARMED);
}

/* For a tick this is the usual end, but main chunk and trace_end have failed. */
int kp_context_interrupted(struct kp_ctx *ctx)
{
	struct kp_session *s = kp_context_session(ctx);
	bool tick = ctx->where == KP_CTX_TICK;
	enum ktap_state mine = tick ? KTAP_STATE_ARMED : ctx->ev.event ? KTAP_STATE_STOPPING : KTAP_STATE_RUNNING;

	if (!state_over(s, mine) && !READ_ONCE(s->vm.failed))
		return 0;
	if (!tick)
		kp_ctx_error(ctx, KTAP_ERR_INTERRUPTED, NULL);
	return -EINTR;
}

/* ---- what the VM asks of us ---- */

static void kick(struct kp_vm *vm)
{
	kp_session_kick(vm->owner);
}

static void synchronize(struct kp_vm *vm)
{
	struct kp_session *s = vm->owner;

	/* main chunk and trace_end: there are none */
	if (s->armed)
		kp_compat_synchronize();
}

/* An image may ask for arguments of what is no system call: they stay 0. */
static void syscall_args(struct kp_ctx *ctx)
{
	if (ctx->ev.regs)
		kp_compat_syscall_args(ctx->ev.regs, ctx->ev.args);
}

const struct kp_vm_ops kp_context_ops = {
	.kick = kick,
	.reserve = kp_emit_reserve,
	.commit = kp_emit_commit,
	.interrupted = kp_context_interrupted,
	.synchronize = synchronize,
	.syscall_args = syscall_args,
};
