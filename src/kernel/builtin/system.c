// SPDX-License-Identifier: GPL-2.0-only
/* The machine this runs on, and chance. */
#include "builtin.h"
#include "../port/task.h"

int kp_builtin_arch(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	const char *name = kp_port_machine();

	(void)n;
	return kp_builtin_string(ctx, &args[0], name, strlen(name));
}

int kp_builtin_kernel_v(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	const char *name = kp_port_release();

	(void)n;
	return kp_builtin_string(ctx, &args[0], name, strlen(name));
}

/* Each context has a sequence of its own, so nothing is shared: a counter, well mixed. */
int kp_builtin_rand(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	(void)n;
	if (!ctx->random)
		ctx->random = kp_hash_mix(ctx->vm->seed, kp_port_now() ^ (unsigned long)ctx);
	ctx->random += 0x9e3779b97f4a7c15ULL;
	kp_value_int(&args[0], kp_hash_end(kp_hash_mix(ctx->vm->seed, ctx->random)));
	return 0;
}
