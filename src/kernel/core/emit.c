// SPDX-License-Identifier: GPL-2.0-only
/* Records on their way into the rings: process context waits for room, handlers lose what finds none. */
#include "context.h"
#include "../compat/wait.h"

/*
 * Sleeps until a record of that size fits into the ring, which may have room for it by now, or
 * for as long as the function may run.  Poll tells readers about starving writers, however
 * little the rings hold.
 */
static void wait_for_room(struct kp_ctx *ctx, const struct kp_ring *ring, u32 size)
{
	struct kp_session *s = kp_context_session(ctx);

	atomic_inc(&s->starving);
	wake_up_interruptible(&s->readers);
	kp_compat_wait_killable(s->room, kp_ring_fits(ring, size) || kp_context_interrupted(ctx));
	atomic_dec(&s->starving);
}

/* Waits until the ring of the CPU it happens to be on has room: the reader makes it. */
static struct ktap_record *reserve_waiting(struct kp_ctx *ctx, u32 size, u16 type, u16 aux)
{
	struct kp_session *s = kp_context_session(ctx);
	struct ktap_record *rec;
	struct kp_ring *ring;
	struct kp_cpu *cpu;

	for (;;) {
		preempt_disable_notrace();
		cpu = READ_ONCE(s->cpu[raw_smp_processor_id()]);
		if (unlikely(!cpu || size > kp_ring_max_record(&cpu->ring))) {
			/* can never fit */
			if (cpu)
				kp_ring_reserve(&cpu->ring, size, type, aux);
			preempt_enable_notrace();
			return NULL;
		}
		ring = &cpu->ring;
		rec = kp_ring_try(ring, size, type, aux);
		if (rec)
			return rec;
		preempt_enable_notrace();

		wait_for_room(ctx, ring, size);
		if (kp_context_interrupted(ctx))
			return NULL;
	}
}

struct ktap_record *kp_emit_reserve(struct kp_ctx *ctx, u32 size, u16 type, u16 aux)
{
	struct kp_session *s = kp_context_session(ctx);
	struct ktap_record *rec;

	if (ctx->where & KP_CTX_PROCESS)
		return reserve_waiting(ctx, size, type, aux);
	preempt_disable_notrace();
	rec = kp_ring_reserve(&s->cpu[raw_smp_processor_id()]->ring, size, type, aux);
	if (!rec)
		preempt_enable_notrace();
	return rec;
}

void kp_emit_commit(struct kp_ctx *ctx, struct ktap_record *rec)
{
	struct kp_session *s = kp_context_session(ctx);
	struct kp_ring *ring = &s->cpu[raw_smp_processor_id()]->ring;

	kp_ring_commit(ring);
	if (kp_ring_used(ring) >= ring->size / 2)
		kp_session_tell(s);
	preempt_enable_notrace();
}

void kp_probe_refused(struct kp_probes *probes, const struct kp_event *event)
{
	struct kp_session *s = container_of(probes, struct kp_session, probes);
	struct ktap_place place = {
		.error = KTAP_ERR_NOT_TRACEABLE, .func = KTAP_NONE, .event = event->index,
	};
	struct ktap_record *rec;

	rec = reserve_waiting(s->process, sizeof(*rec) + sizeof(place), KTAP_REC_WARN, 0);
	if (!rec)
		return;
	memcpy(rec + 1, &place, sizeof(place));
	kp_emit_commit(s->process, rec);
}
