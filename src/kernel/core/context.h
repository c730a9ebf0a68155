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

#endif
