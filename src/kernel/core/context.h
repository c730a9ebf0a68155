/* SPDX-License-Identifier: GPL-2.0-only */
/* Where handlers run: contexts per CPU and level, and what the VM asks of us (struct kp_vm_ops). */
#ifndef KP_CONTEXT_H
#define KP_CONTEXT_H

#include "session.h"

extern const struct kp_vm_ops kp_context_ops;

/* Bytes that contexts and ring of one CPU take, but for the data of the ring. */
size_t kp_context_size(void);

/* Contexts and ring of one CPU.  Process context.  NULL for lack of memory, that of the session too. */
struct kp_cpu *kp_context_new(struct kp_session *s);
void kp_context_free(struct kp_session *s, struct kp_cpu *cpu);

/* Sum over all contexts.  Process context; what is counted meanwhile may be missing. */
u64 kp_context_count(const struct kp_session *s, enum ktap_counter counter);

/*
 * Runs a function of the script in process context; where is KP_CTX_MAIN or
 * KP_CTX_TICK, event may be NULL.  One call at a time for a session.  As
 * kp_interp_run(): 0, -EINVAL, -EINTR.
 */
int kp_context_process(struct kp_session *s, u32 where, const struct kp_event *event,
		       const struct kp_func *func, struct kp_value *result);

/* The session of a context.  Any context. */
static inline struct kp_session *kp_context_session(const struct kp_ctx *ctx)
{
	return ctx->vm->owner;
}

/*
 * Whether a function in process context should end: with the state it belongs to, or with a script
 * error elsewhere.  0 or -EINTR.
 */
int kp_context_interrupted(struct kp_ctx *ctx);

/* emit.c: `reserve` and `commit` of struct kp_vm_ops. */
struct ktap_record *kp_emit_reserve(struct kp_ctx *ctx, u32 size, u16 type, u16 aux);
void kp_emit_commit(struct kp_ctx *ctx, struct ktap_record *rec);

#endif
