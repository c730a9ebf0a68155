// SPDX-License-Identifier: GPL-2.0-only
/* Addresses by name, and values as text. */
#include "builtin.h"
#include "../port/stack.h"

#define SYMBOL_COST	200	/* instructions that looking a name up is charged as */

static int make_symbol(struct kp_ctx *ctx, struct kp_value *arg, s32 tgid, u32 flags)
{
	struct ktap_sym sym = { .addr = arg->i, .tgid = tgid, .flags = flags };
	int err = kp_builtin_string(ctx, arg, (const char *)&sym, sizeof(sym));

	if (!err)
		arg->type = KTAP_T_SYM;
	return err;
}

int kp_builtin_sym(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_sym, args, n);

	return err ? err : make_symbol(ctx, args, 0, 0);
}

int kp_builtin_ipof(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_ipof, args, n);

	return err ? err : make_symbol(ctx, args, 0, KTAP_SYM_OFFSET);
}

/* Makes *out the name of a kernel address as a string, or nil when it has none. */
static int kernel_name(struct kp_ctx *ctx, struct kp_value *out, u64 addr, bool offset)
{
	struct kp_str *s;
	u32 len;

	kp_value_nil(out);
	s = kp_scratch_new(ctx, kp_port_symbol_room());
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	len = kp_port_symbol((char *)s->data, addr, offset);
	kp_scratch_trim(ctx, s, len);
	if (len) {
		out->s = s;
		out->type = KTAP_T_STR;
	}
	return kp_builtin_charge(ctx, SYMBOL_COST);
}

int kp_builtin_func(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	struct kp_value depth;
	struct ktap_stack head;
	u64 addr;
	int err;

	(void)n;
	kp_value_int(&depth, 1);
	args[0] = depth;
	err = kp_builtin_kstack(ctx, args, 1);
	if (err)
		return err;
	if (args[0].s->len < sizeof(head) + sizeof(addr)) {
		kp_value_nil(&args[0]);
		return 0;
	}
	memcpy(&addr, args[0].s->data + sizeof(head), sizeof(addr));
	return kernel_name(ctx, args, addr, false);
}

/* A kernel symbol as string: its name, or its number. */
static int symbol_string(struct kp_ctx *ctx, struct kp_value *arg, const struct ktap_sym *sym)
{
	static const char digit[] = "0123456789abcdef";
	char hex[18] = "0x";
	u32 len = 2, shift = 64;
	int err = kernel_name(ctx, arg, sym->addr, sym->flags & KTAP_SYM_OFFSET);

	if (err || arg->type == KTAP_T_STR)
		return err;
	while (shift > 4 && !(sym->addr >> (shift - 4)))
		shift -= 4;
	while (shift) {
		shift -= 4;
		hex[len++] = digit[sym->addr >> shift & 15];
	}
	return kp_builtin_string(ctx, arg, hex, len);
}

int kp_builtin_stringof(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	const char *word = NULL;
	struct ktap_sym sym;
	char digits[21];

	(void)n;
	switch (args[0].type) {
	case KTAP_T_NIL:
		word = "nil";
		break;
	case KTAP_T_FALSE:
		word = "false";
		break;
	case KTAP_T_TRUE:
		word = "true";
		break;
	case KTAP_T_INT:
		return kp_builtin_string(ctx, args, digits, kp_value_decimal(digits, args[0].i));
	case KTAP_T_SYM:
		memcpy(&sym, args[0].s->data, sizeof(sym));
		return sym.tgid ? 0 : symbol_string(ctx, args, &sym);
	case KTAP_T_STR:
	case KTAP_T_EVENT:
	case KTAP_T_STACK:
		return 0;	/* the text of what is no string is made where it is shown */
	default:
		return kp_builtin_bad_arg(ctx, 1);
	}
	return kp_builtin_string(ctx, args, word, strlen(word));
}
