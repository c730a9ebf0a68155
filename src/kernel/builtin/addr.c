// SPDX-License-Identifier: GPL-2.0-only
/* Addresses by name, and values as text. */
#include "builtin.h"
#include "../port/stack.h"
#include "../port/task.h"

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

int kp_builtin_usym(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_usym, args, n);

	return err ? err : make_symbol(ctx, args, kp_port_tgid(), 0);
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
	return kp_ctx_charge(ctx, SYMBOL_COST);
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

int kp_builtin_stringof(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	struct ktap_sym sym;
	int err;

	if (args[0].type != KTAP_T_SYM)
		return kp_builtin_tostring(ctx, args, n);
	memcpy(&sym, args[0].s->data, sizeof(sym));
	if (sym.tgid)
		return 0;	/* only user space knows the name */
	err = kernel_name(ctx, args, sym.addr, sym.flags & KTAP_SYM_OFFSET);
	if (err || args[0].type == KTAP_T_STR)
		return err;
	kp_value_int(&args[0], sym.addr);
	return kp_builtin_hex(ctx, args, 1);
}
