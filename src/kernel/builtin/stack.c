// SPDX-License-Identifier: GPL-2.0-only
/* Stacks as values. */
#include "builtin.h"
#include "../port/stack.h"
#include "../port/task.h"

#define STACK_DEPTH	10	/* frames unless the script says another number */
#define KSTACK_DEPTH	KTAP_STACK_DEPTH
#define OWN_FRAMES	40	/* at most so many lie between us and the traced place */
#define FRAME_COST	16	/* instructions that finding one frame is charged as */
#define ITERATOR_SIZE	512	/* no function that calls probes is larger */
#define NEAR		16	/* bytes from a probed instruction to what a probe returns to */

/* The index behind the frames of the module, and behind what the unwinder put before them. */
static u32 behind_ours(const unsigned long *pcs, u32 n)
{
	u32 i = 0;

	while (i < n && i < 4 && !kp_port_stack_ours(pcs[i]))
		i++;
	if (i == n || i == 4)
		return 0;
	while (i < n && kp_port_stack_ours(pcs[i]))
		i++;
	return i;
}

/* Moves *i on to the frame that is at ip or just behind it; false when there is none. */
static bool find_frame(const unsigned long *pcs, u32 n, unsigned long ip, u32 *i)
{
	u32 at;

	for (at = *i; at < n && at < OWN_FRAMES; at++) {
		if (pcs[at] - ip < NEAR) {
			*i = at;
			return true;
		}
	}
	return false;
}

static bool starts_with(const char *text, const char *prefix)
{
	return !memcmp(text, prefix, strlen(prefix));
}

/*
 * Whether an address is in what leads from a tracepoint to a counter, by its name.  Asked where
 * perf does not say which place it comes from: records of system calls.
 */
static bool leads_to_counter(unsigned long pc, char *text)
{
	memset(text, 0, 16);
	return kp_port_symbol(text, pc, false) &&
	       (starts_with(text, "perf_") || starts_with(text, "__perf_") || starts_with(text, "__traceiter_"));
}

/* The index of the frame where the event happened; n when that is not in the kernel.  text has room for a name. */
static u32 traced_place(const struct kp_ctx *ctx, unsigned long *pcs, u32 n, char *text)
{
	const struct kp_event_data *ev = &ctx->ev;
	u32 kind = ev->event ? ev->event->kind : 0, i = behind_ours(pcs, n);
	unsigned long iterator = 0, ip;

	switch (kind) {
	case KTAP_EVENT_TRACEPOINT:
		iterator = ev->iterator;
		if (!find_frame(pcs, n, ev->ip, &i))
			while (i < n && i < OWN_FRAMES && leads_to_counter(pcs[i], text))
				i++;
		break;
	case KTAP_EVENT_SYS_ENTER:
	case KTAP_EVENT_SYS_EXIT:
		iterator = kp_port_syscall_iterator(kind == KTAP_EVENT_SYS_EXIT);
		break;
	case KTAP_EVENT_PROFILE:
		if (!n || !kp_port_interrupted(&ip))
			return n;
		if (!find_frame(pcs, n, ip, &i)) {
			/* the walk of PowerPC passes over it, and nothing tells its caller from the timer's frames */
			i = n - 1;
			pcs[i] = ip;
		}
		break;
	}
	if (iterator && i < n && pcs[i] - iterator < ITERATOR_SIZE)
		i++;
	return i;
}

/* A number of frames: everything below 0 or above the limit is the limit. */
static u32 frames(s64 n)
{
	return n < 0 || n > KTAP_STACK_DEPTH ? KTAP_STACK_DEPTH : (u32)n;
}

/* Makes *out the stack of depth frames from the traced place on, without the first skip of them. */
static int get_stack(struct kp_ctx *ctx, struct kp_value *out, u32 depth, u32 skip)
{
	u32 max = OWN_FRAMES + skip + depth, n, i, first;
	struct ktap_stack head = { 0 };
	unsigned long *pcs;
	struct kp_str *s;
	u64 *to;

	s = kp_scratch_new(ctx, sizeof(head) + max * sizeof(*to) + kp_port_symbol_room());
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	to = (u64 *)(s->data + sizeof(head));
	/* words may be smaller: then they are read ahead of where they are written */
	pcs = (unsigned long *)(to + max) - max;
	n = kp_port_stack(pcs, max);
	first = traced_place(ctx, pcs, n, (char *)(to + max)) + skip;
	if (first > n)
		first = n;
	if (depth > n - first)
		depth = n - first;
	for (i = 0; i < depth; i++)
		to[i] = pcs[first + i];
	memcpy(s->data, &head, sizeof(head));
	kp_scratch_trim(ctx, s, sizeof(head) + depth * sizeof(*to));
	out->s = s;
	out->type = KTAP_T_STACK;
	return kp_ctx_charge(ctx, (n + 1) * FRAME_COST);
}

static int get_ustack(struct kp_ctx *ctx, struct kp_value *out, u32 depth, u32 skip)
{
	struct ktap_stack head = { .tgid = kp_port_tgid() };
	u32 n, left;
	struct kp_str *s;
	u64 *to;

	s = kp_scratch_new(ctx, sizeof(head) + (skip + depth) * sizeof(*to));
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	to = (u64 *)(s->data + sizeof(head));
	n = kp_port_ustack(to, skip + depth);
	left = n > skip ? n - skip : 0;
	memmove(to, to + skip, left * sizeof(*to));
	memcpy(s->data, &head, sizeof(head));
	kp_scratch_trim(ctx, s, sizeof(head) + left * sizeof(*to));
	out->s = s;
	out->type = KTAP_T_STACK;
	return kp_ctx_charge(ctx, (n + 1) * FRAME_COST);
}

int kp_builtin_ustack(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_ustack, args, n);

	return err ? err : get_ustack(ctx, args, n > 0 ? frames(args[0].i) : KSTACK_DEPTH,
				      n > 1 ? frames(args[1].i) : 0);
}

int kp_builtin_stack(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_stack, args, n);

	return err ? err : get_stack(ctx, args, n > 0 ? frames(args[0].i) : STACK_DEPTH,
				     n > 1 ? frames(args[1].i) : 0);
}

int kp_builtin_kstack(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_kstack, args, n);

	return err ? err : get_stack(ctx, args, n > 0 ? frames(args[0].i) : KSTACK_DEPTH,
				     n > 1 ? frames(args[1].i) : 0);
}

int kp_builtin_backtrace(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_backtrace, args, n);

	return err ? err : get_stack(ctx, args, n > 1 ? frames(args[1].i) : STACK_DEPTH,
				     n > 0 ? frames(args[0].i) : 0);
}

int kp_builtin_print_backtrace(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_backtrace(ctx, args, n);

	if (!err)
		err = kp_output_values(ctx, KTAP_REC_PRINT, args, 1);
	kp_value_nil(&args[0]);
	return err;
}
