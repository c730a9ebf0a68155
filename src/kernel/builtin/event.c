// SPDX-License-Identifier: GPL-2.0-only
/* The event being handled as a whole: its name, its text. */
#include "builtin.h"
#include "../port/regs.h"
#include "../port/task.h"

int kp_builtin_probename(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	(void)n;
	if (!ctx->ev.event)
		return kp_ctx_error(ctx, KTAP_ERR_NO_EVENT, NULL);
	args[0].s = ctx->ev.event->name;
	args[0].type = KTAP_T_STR;
	return 0;
}

/* Number and arguments, or number and result, of a system call, as record.h says. */
struct sys_raw {
	s64 nr;
	u64 args[6];
};

/* The raw record, or one made in *sys; its length in *len.  NULL when the event has no data. */
static const void *raw_record(struct kp_ctx *ctx, struct sys_raw *sys, u32 *len)
{
	const struct kp_event_data *ev = &ctx->ev;

	switch (ev->event->kind) {
	case KTAP_EVENT_SYS_ENTER:
		sys->nr = ev->nr;
		memcpy(sys->args, kp_field_args(ctx), sizeof(sys->args));
		*len = sizeof(*sys);
		return sys;
	case KTAP_EVENT_SYS_EXIT:
		sys->nr = ev->nr;
		sys->args[0] = ev->ret;
		*len = 2 * sizeof(u64);
		return sys;
	case KTAP_EVENT_TRACEPOINT:
		*len = ev->raw_len;
		return ev->raw;
	default:
		return NULL;
	}
}

int kp_builtin_argstr(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	struct ktap_event_text text = { 0 };
	const void *raw = NULL;
	struct sys_raw sys;
	struct kp_str *s;

	(void)n;
	if (ctx->ev.event)
		raw = raw_record(ctx, &sys, &text.raw_len);
	if (!raw)
		return kp_ctx_error(ctx, KTAP_ERR_NO_EVENT, NULL);
	text.event = ctx->ev.event->index;
	text.cpu = kp_port_cpu();
	text.tid = kp_port_tid();
	s = kp_scratch_new(ctx, sizeof(text) + text.raw_len);
	if (!s) {
		/* no fault of the script: some record has long strings */
		kp_ctx_warn(ctx, KTAP_ERR_STRING_LONG, NULL);
		kp_value_nil(&args[0]);
		return 0;
	}
	memcpy(s->data, &text, sizeof(text));
	memcpy(s->data + sizeof(text), raw, text.raw_len);
	args[0].s = s;
	args[0].type = KTAP_T_EVENT;
	return kp_ctx_charge(ctx, kp_ctx_steps(text.raw_len));
}

int kp_builtin_regstr(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	struct kp_str *s;

	(void)n;
	if (!ctx->ev.event)
		return kp_ctx_error(ctx, KTAP_ERR_NO_EVENT, NULL);
	if (!ctx->ev.regs)
		return kp_builtin_string(ctx, &args[0], "", 0);
	s = kp_scratch_new(ctx, KP_PORT_REGS_TEXT);
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	kp_scratch_trim(ctx, s, kp_port_regs_text(ctx->ev.regs, (char *)s->data, KP_PORT_REGS_TEXT));
	args[0].s = s;
	args[0].type = KTAP_T_STR;
	return kp_ctx_charge(ctx, kp_ctx_steps(s->len));
}

int kp_builtin_field(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	const u32 *args_of = ctx->vm->verified->prog->args_of;
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_field, args, n);
	u64 number;

	if (err)
		return err;
	if (!ctx->ev.event)
		return kp_ctx_error(ctx, KTAP_ERR_NO_EVENT, NULL);
	number = (u64)args[0].i - 1;
	kp_value_nil(&args[0]);
	if (number >= KTAP_MAX_ARG || args_of[number] == KTAP_NONE)
		return 0;
	err = kp_field_get(ctx, args_of[number], &args[0]);
	return err ? kp_ctx_result(ctx, err) : 0;
}
