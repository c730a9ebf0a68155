// SPDX-License-Identifier: GPL-2.0-only
/* Numbers in the memory of the kernel.  What cannot be read is nil. */
#include "builtin.h"
#include "../port/task.h"

static void peek(struct kp_value *out, u64 addr, u32 size)
{
	union {
		u8 b;
		u16 h;
		u32 w;
		u64 d;
	} v;

	kp_value_nil(out);
	if (kp_port_copy_kernel(&v, addr, size))
		return;
	switch (size) {
	case 1:
		kp_value_int(out, v.b);
		break;
	case 2:
		kp_value_int(out, v.h);
		break;
	case 4:
		kp_value_int(out, v.w);
		break;
	default:
		kp_value_int(out, v.d);
	}
}

static int mem(struct kp_ctx *ctx, enum ktap_builtin id, struct kp_value *args, u32 n, u32 size)
{
	int err = kp_builtin_check(ctx, id, args, n);

	if (!err)
		peek(&args[0], args[0].i, size);
	return err;
}

int kp_builtin_mem_u8(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	return mem(ctx, KTAP_BUILTIN_mem_u8, args, n, 1);
}

int kp_builtin_mem_u16(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	return mem(ctx, KTAP_BUILTIN_mem_u16, args, n, 2);
}

int kp_builtin_mem_u32(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	return mem(ctx, KTAP_BUILTIN_mem_u32, args, n, 4);
}

int kp_builtin_mem_u64(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	return mem(ctx, KTAP_BUILTIN_mem_u64, args, n, 8);
}

int kp_builtin_curr_taskinfo(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_curr_taskinfo, args, n);
	s64 size = n > 1 ? args[1].i : 4;

	if (err)
		return err;
	if (size != 4 && size != 8)
		return kp_ctx_error(ctx, KTAP_ERR_ARG_RANGE, "2");
	if (!kp_port_task()) {
		kp_value_nil(&args[0]);
		return 0;
	}
	peek(&args[0], kp_port_task() + (u64)args[0].i, size);
	/* the older releases read an int */
	if (size == 4 && args[0].type == KTAP_T_INT)
		args[0].i = (s32)args[0].i;
	return 0;
}

static void sock_addr(struct kp_value *arg, bool remote)
{
	u64 sk = arg->i;
	u32 addr;

	kp_value_nil(arg);
	if (!kp_port_sock_ipv4(sk, remote, &addr))
		kp_value_int(arg, addr);
}

int kp_builtin_ip_sock_saddr(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_ip_sock_saddr, args, n);

	if (!err)
		sock_addr(&args[0], false);
	return err;
}

int kp_builtin_ip_sock_daddr(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_ip_sock_daddr, args, n);

	if (!err)
		sock_addr(&args[0], true);
	return err;
}
