// SPDX-License-Identifier: GPL-2.0-only
/* exit, len, delete, type and what reads aggregates. */
#include "builtin.h"

int kp_builtin_exit(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	struct kp_vm *vm = ctx->vm;

	(void)n;
	kp_value_nil(&args[0]);
	ctx->exiting = 1;
	WRITE_ONCE(vm->exited, 1);
	vm->ops->kick(vm);
	return 0;
}

int kp_builtin_len(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	struct kp_table *t = args[0].t;
	int err;

	(void)n;
	switch (args[0].type) {
	case KTAP_T_STR:
		kp_value_int(&args[0], args[0].s->len);
		return 0;
	case KTAP_T_TABLE:
		if (ctx->where & KP_CTX_PROCESS) {
			err = kp_ctx_result(ctx, kp_table_merge(ctx, t));
			if (err)
				return err;
		}
		kp_value_int(&args[0], kp_table_len(t));
		return 0;
	default:
		return kp_ctx_error(ctx, KTAP_ERR_LEN_TYPE, kp_value_typename(args[0].type));
	}
}

int kp_builtin_delete(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_delete, args, n);

	if (!err)
		err = kp_ctx_result(ctx, kp_table_clear(ctx, args[0].t));
	kp_value_nil(&args[0]);
	return err;
}

int kp_builtin_type(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	const char *name = kp_value_typename(args[0].type);

	(void)n;
	return kp_builtin_string(ctx, &args[0], name, strlen(name));
}

/* The aggregate that is the only argument; nil counts as one without samples. */
static int get_agg(struct kp_ctx *ctx, const struct kp_value *arg, struct ktap_agg *agg)
{
	memset(agg, 0, sizeof(*agg));
	if (arg->type == KTAP_T_NIL)
		return 0;
	if (arg->type != KTAP_T_AGG)
		return kp_builtin_bad_arg(ctx, 1);
	memcpy(agg, arg->s->data, sizeof(*agg));
	return 0;
}

/* A number that is in an aggregate or follows from it. */
#define AGG_NUMBER(id, number)							\
	int kp_builtin_##id(struct kp_ctx *ctx, struct kp_value *args, u32 n)	\
	{									\
		struct ktap_agg agg;						\
		int err = get_agg(ctx, args, &agg);				\
										\
		(void)n;							\
		kp_value_int(&args[0], number);					\
		return err;							\
	}

AGG_NUMBER(count, agg.count)
AGG_NUMBER(sum, agg.sum)
AGG_NUMBER(avg, agg.count ? kp_port_div(agg.sum, agg.count) : 0)
AGG_NUMBER(min, agg.min)
AGG_NUMBER(max, agg.max)
