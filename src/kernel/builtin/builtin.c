// SPDX-License-Identifier: GPL-2.0-only
/* builtins.def as tables: by number, ORDER BUILTIN. */
#include "builtin.h"

const kp_builtin_fn kp_builtin_table[KTAP_BUILTIN_COUNT] = {
#define KP_BUILTIN(id, ...)	kp_builtin_##id,
#include "../uapi/ktap/builtins.def"
#undef KP_BUILTIN
};

#define ALLOWED(contexts, letter, bits)	(__builtin_strchr(contexts, letter) ? (bits) : 0)

const struct kp_builtin_info kp_builtin_infos[KTAP_BUILTIN_COUNT] = {
#define KP_BUILTIN(id, title, least, most, kinds, result, contexts, doc) { \
	.name = title,								\
	.args = kinds,								\
	.min = least,								\
	.max = most,								\
	.where = ALLOWED(contexts, 'M', KP_CTX_MAIN) |				\
		 ALLOWED(contexts, 'T', KP_CTX_TICK) |				\
		 ALLOWED(contexts, 'P', KP_CTX_PROBE),				\
	.needs_event = ALLOWED(contexts, 'E', 1),				\
},
#include "../uapi/ktap/builtins.def"
#undef KP_BUILTIN
};

int kp_builtin_bad_arg(struct kp_ctx *ctx, u32 number)
{
	char detail[24];

	detail[kp_value_decimal(detail, number)] = '\0';
	return kp_ctx_error(ctx, KTAP_ERR_ARG_TYPE, detail);
}

static bool kind_is(const struct kp_value *v, char kind)
{
	switch (kind) {
	case 'i':
		return v->type == KTAP_T_INT;
	case 's':
		return v->type == KTAP_T_STR;
	case 't':
		return v->type == KTAP_T_TABLE;
	default:
		return true;
	}
}

int kp_builtin_check(struct kp_ctx *ctx, enum ktap_builtin id, const struct kp_value *args, u32 n)
{
	const char *kind = kp_builtin_infos[id].args;
	u32 i;

	for (i = 0; i < n; i++) {
		if (!kind_is(&args[i], *kind))
			return kp_builtin_bad_arg(ctx, i + 1);
		/* the last one repeats */
		if (kind[1])
			kind++;
	}
	return 0;
}

int kp_builtin_string(struct kp_ctx *ctx, struct kp_value *out, const char *bytes, u32 len)
{
	struct kp_str *s = kp_scratch_new(ctx, len);

	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	memcpy(s->data, bytes, len);
	out->s = s;
	out->type = KTAP_T_STR;
	return 0;
}
