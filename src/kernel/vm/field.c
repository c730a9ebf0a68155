// SPDX-License-Identifier: GPL-2.0-only
/* Fields of the event being handled, read from its raw record or from the registers of a system call. */
#include "vm.h"

const u64 *kp_field_args(struct kp_ctx *ctx)
{
	if (!ctx->ev.have_args) {
		memset(ctx->ev.args, 0, sizeof(ctx->ev.args));
		if (ctx->vm->ops->syscall_args)
			ctx->vm->ops->syscall_args(ctx);
		ctx->ev.have_args = 1;
	}
	return ctx->ev.args;
}

static u64 load(const u8 *p, u32 size, bool is_signed)
{
	u8 v8;
	u16 v16;
	u32 v32;
	u64 v64;

	switch (size) {
	case 1:
		memcpy(&v8, p, 1);
		return is_signed ? (u64)(s64)(s8)v8 : v8;
	case 2:
		memcpy(&v16, p, 2);
		return is_signed ? (u64)(s64)(s16)v16 : v16;
	case 4:
		memcpy(&v32, p, 4);
		return is_signed ? (u64)(s64)(s32)v32 : v32;
	default:
		memcpy(&v64, p, 8);
		return v64;
	}
}

/* The bytes of the record from offset on, up to the first zero or size. */
static int get_chars(struct kp_ctx *ctx, u32 offset, u32 size, struct kp_value *out)
{
	const u8 *p = (const u8 *)ctx->ev.raw + offset;
	struct kp_str *s;
	u32 len;

	for (len = 0; len < size && p[len]; len++)
		;
	s = kp_scratch_new(ctx, len);
	if (!s)
		return -ENOSPC;
	memcpy(s->data, p, len);
	out->s = s;
	out->type = KTAP_T_STR;
	ctx->budget -= kp_ctx_steps(len);
	return unlikely(ctx->budget < 0) ? -ETIME : 0;
}

int kp_field_get(struct kp_ctx *ctx, u32 n, struct kp_value *out)
{
	const struct kp_event_data *ev = &ctx->ev;
	const struct ktap_image_fdesc *f;
	u32 where, end;

	kp_value_nil(out);
	if (!ev->event)
		return 0;
	f = &ev->event->fields[n];
	switch (f->kind) {
	case KTAP_FIELD_SYSNR:
		kp_value_int(out, ev->nr);
		return 0;
	case KTAP_FIELD_SYSARG:
		kp_value_int(out, kp_field_args(ctx)[f->offset]);
		return 0;
	case KTAP_FIELD_SYSRET:
		kp_value_int(out, ev->ret);
		return 0;
	case KTAP_FIELD_COUNT:
		kp_value_int(out, f->offset);
		return 0;
	case KTAP_FIELD_NONE:
		return 0;
	}

	/* what the record is too short for is as good as absent */
	end = (u32)f->offset + (f->kind == KTAP_FIELD_DATALOC || f->kind == KTAP_FIELD_RELLOC ? 4 : f->size);
	if (!ev->raw || end > ev->raw_len)
		return 0;
	switch (f->kind) {
	case KTAP_FIELD_INT:
	case KTAP_FIELD_SINT:
		kp_value_int(out, load((const u8 *)ev->raw + f->offset, f->size, f->kind == KTAP_FIELD_SINT));
		return 0;
	case KTAP_FIELD_CHARS:
		return get_chars(ctx, f->offset, f->size, out);
	default:
		/* the word is length << 16 | offset */
		where = load((const u8 *)ev->raw + f->offset, 4, false);
		n = where >> 16;
		where &= 0xffff;
		if (f->kind == KTAP_FIELD_RELLOC)
			where += end;
		if (where > ev->raw_len || n > ev->raw_len - where)
			return 0;
		return get_chars(ctx, where, n, out);
	}
}
