// SPDX-License-Identifier: GPL-2.0-only
/* Clocks. */
#include "builtin.h"
#include "../port/task.h"

int kp_builtin_nsecs(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	(void)ctx;
	(void)n;
	kp_value_int(&args[0], kp_port_now());
	return 0;
}

int kp_builtin_elapsed(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	(void)n;
	kp_value_int(&args[0], kp_port_now() - ctx->vm->start);
	return 0;
}

int kp_builtin_gettimeofday_ns(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	(void)ctx;
	(void)n;
	kp_value_int(&args[0], kp_port_real_now());
	return 0;
}

int kp_builtin_gettimeofday_us(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	(void)ctx;
	(void)n;
	kp_value_int(&args[0], kp_port_div(kp_port_real_now(), 1000));
	return 0;
}

int kp_builtin_gettimeofday_ms(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	(void)ctx;
	(void)n;
	kp_value_int(&args[0], kp_port_div(kp_port_real_now(), 1000000));
	return 0;
}

int kp_builtin_gettimeofday_s(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	(void)ctx;
	(void)n;
	kp_value_int(&args[0], kp_port_div(kp_port_real_now(), 1000000000));
	return 0;
}
