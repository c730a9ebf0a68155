// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scratch space: where the strings live that a function makes while it runs.
 *
 * Two halves.  A string takes the next bytes of the current half; when they run
 * out, the strings that registers still point to are copied to the other half,
 * which becomes the current one.  Nothing else points to scratch strings, so this
 * is exact and its cost is bounded by the size of a half.
 */
#include "vm.h"

/* Copies what registers point to from old memory to new memory; returns the bytes used there. */
static u32 scratch_collect(struct kp_ctx *ctx, u8 *from, u8 *to)
{
	u32 used = 0, i, size;

	for (i = 0; i < ctx->top; i++) {
		struct kp_value *v = &ctx->regs[i];
		struct kp_str *s;

		if (!kp_value_is_bytes(v) || v->s->home != KP_HOME_SCRATCH)
			continue;
		s = v->s;
		if ((u8 *)s < from || (u8 *)s >= from + ctx->scratch_half)
			continue;
		if (!s->forward) {
			size = kp_str_size(s->len);
			memcpy(to + used, s, size);
			s->forward = used + 1;
			used += size;
		}
		v->s = (struct kp_str *)(to + s->forward - 1);
	}
	return used;
}

/* Process context: two larger halves, at least bytes free in each after the move. */
static bool scratch_enlarge(struct kp_ctx *ctx, u32 bytes)
{
	u64 size = ctx->scratch_half;
	struct kp_pool *pool = &ctx->vm->pool;
	u8 *mem;

	while (size < KP_PROCESS_SCRATCH_MAX && size < (u64)ctx->scratch_used + bytes)
		size *= 2;
	if (size < (u64)ctx->scratch_used + bytes)
		return false;
	mem = kp_pool_alloc(pool, 2 * size);
	if (!mem)
		return false;
	ctx->scratch_used = scratch_collect(ctx, ctx->scratch_at, mem);
	kp_pool_free(pool, ctx->scratch, 2 * ctx->scratch_half);
	ctx->scratch = mem;
	ctx->scratch_half = size;
	ctx->scratch_at = mem;
	return true;
}

static noinline bool scratch_make_room(struct kp_ctx *ctx, u32 bytes)
{
	u8 *from = ctx->scratch_at;

	ctx->scratch_at = from == ctx->scratch ? from + ctx->scratch_half : ctx->scratch;
	ctx->scratch_used = scratch_collect(ctx, from, ctx->scratch_at);
	ctx->budget -= kp_ctx_steps(ctx->scratch_used);
	if (ctx->where & KP_CTX_PROCESS) {
		/* leave room to work in, or the next strings would each be followed by a collection */
		if (bytes > kp_scratch_left(ctx) || ctx->scratch_used > ctx->scratch_half / 2)
			scratch_enlarge(ctx, bytes + ctx->scratch_half / 2);
		if (bytes > kp_scratch_left(ctx))
			scratch_enlarge(ctx, bytes);
	}
	return bytes <= kp_scratch_left(ctx);
}

bool kp_scratch_reserve(struct kp_ctx *ctx, u32 bytes)
{
	return likely(bytes <= kp_scratch_left(ctx)) || scratch_make_room(ctx, bytes);
}

struct kp_str *kp_scratch_new(struct kp_ctx *ctx, u32 len)
{
	if (len > KP_PROCESS_SCRATCH_MAX / 2 || !kp_scratch_reserve(ctx, kp_str_size(len)))
		return NULL;
	return kp_scratch_take(ctx, len);
}

void kp_scratch_trim(struct kp_ctx *ctx, struct kp_str *s, u32 len)
{
	ctx->scratch_used -= kp_str_size(s->len) - kp_str_size(len);
	s->len = len;
	memset(s->data + len, 0, kp_str_padded(len) - len);
}
