// SPDX-License-Identifier: GPL-2.0-only
/* Clocks. */
#include "builtin.h"
#include "../port/task.h"

KP_BUILTIN_NUMBER(nsecs, kp_port_now())
KP_BUILTIN_NUMBER(elapsed, kp_port_now() - ctx->vm->start)
KP_BUILTIN_NUMBER(gettimeofday_ns, kp_port_real_now())
KP_BUILTIN_NUMBER(gettimeofday_us, kp_port_div(kp_port_real_now(), 1000))
KP_BUILTIN_NUMBER(gettimeofday_ms, kp_port_div(kp_port_real_now(), 1000000))
KP_BUILTIN_NUMBER(gettimeofday_s, kp_port_div(kp_port_real_now(), 1000000000))

/* User space knows the time zone: the value holds both arguments, and is shown there. */
int kp_builtin_strftime(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_strftime, args, n);
	struct ktap_time time;
	struct kp_str *s;
	u32 len;

	if (err)
		return err;
	time.ns = args[1].i;
	len = args[0].s->len;
	s = len > KTAP_MAX_STRING ? NULL : kp_scratch_new(ctx, sizeof(time) + len);
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	memcpy(s->data, &time, sizeof(time));
	memcpy(s->data + sizeof(time), args[0].s->data, len);
	args[0].s = s;
	args[0].type = KTAP_T_TIME;
	return kp_ctx_charge(ctx, kp_ctx_steps(len));
}
