// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the verifier proves, so that the interpreter need not ask:
 *
 *   - every opcode is known, unused operands are 0, every register is below nregs, every index of
 *     a constant, cell, function, table site, field or built-in exists;
 *   - every jump lands on an instruction of the same function and control cannot run off its end;
 *   - a comparison that jumps is followed by its JMP;
 *   - no register is read on any path before it was written on that path;
 *   - built-ins get a number of arguments they take, and what a handler, a tick or the main chunk
 *     itself calls is allowed there (for functions called by value the interpreter asks again);
 *   - a frozen cell is written by the main chunk alone;
 *   - a function that uses variables of another is called through closures only.
 *
 * How: one pass checks each instruction by the operand modes of opcodes.def.  Then paths.c looks at
 * the ways through each function.
 *
 * What depends on data (types, table sizes, stack depth, budget) is checked while running.
 */
#include "verify.h"

const struct kp_op_info kp_op_infos[KTAP_OP_COUNT] = {
#define KP_OP(name, form, a, b, c, doc) { KP_FORM_##form, KP_MODE_##a, KP_MODE_##b, KP_MODE_##c },
#include "../uapi/ktap/opcodes.def"
#undef KP_OP
};

struct state {
	struct kp_prog *prog;
	const struct kp_func *func;
	u32 where;		/* contexts the function is an entry of; 0: only called */
	u32 pc;			/* of the instruction being looked at */
	u32 error;
};

static void fail(struct state *st, u32 error)
{
	if (!st->error)
		st->error = error;
}

static void check_run(struct state *st, u32 first, u32 n)
{
	if (first + n > st->func->nregs)
		fail(st, KTAP_ERR_VER_REG);
}

static void check_jump(struct state *st, s64 offset)
{
	s64 target = (s64)st->pc + 1 + offset;

	if (target < 0 || target >= st->func->ncode)
		fail(st, KTAP_ERR_VER_JUMP);
}

static void check_truth(struct state *st, u32 v)
{
	if (v > 1)
		fail(st, KTAP_ERR_VER_OPERAND);
}

static void check_jmp_follows(struct state *st)
{
	if (st->pc + 1 >= st->func->ncode || KTAP_INSN_OP(st->func->code[st->pc + 1]) != KTAP_OP_JMP)
		fail(st, KTAP_ERR_VER_TEST);
}

static void check_operand(struct state *st, u32 mode, u32 v, bool is_signed)
{
	const struct kp_prog *prog = st->prog;

	switch (mode) {
	case KP_MODE__:
		if (v)
			fail(st, KTAP_ERR_VER_UNUSED);
		break;
	case KP_MODE_RW:
	case KP_MODE_RR:
	case KP_MODE_RX:
	case KP_MODE_RB:
		check_run(st, v, 1);
		break;
	case KP_MODE_UT:
		check_truth(st, v);
		break;
	case KP_MODE_UJ:
		check_truth(st, v);
		check_jmp_follows(st);
		break;
	case KP_MODE_KI:
		if (v >= prog->nconsts)
			fail(st, KTAP_ERR_VER_CONST);
		break;
	case KP_MODE_CI:
		if (v >= prog->ncells)
			fail(st, KTAP_ERR_VER_CELL);
		break;
	case KP_MODE_FI:
		/* the main chunk is no value: nobody can call it again */
		if (!v || v >= prog->nfuncs)
			fail(st, KTAP_ERR_VER_FUNC);
		break;
	case KP_MODE_TI:
		if (v >= prog->ntables)
			fail(st, KTAP_ERR_VER_TABLE);
		break;
	case KP_MODE_EI:
		if (v >= prog->nfields)
			fail(st, KTAP_ERR_VER_FIELD);
		break;
	case KP_MODE_BI:
		if (v >= KTAP_BUILTIN_COUNT)
			fail(st, KTAP_ERR_VER_BUILTIN);
		break;
	case KP_MODE_JO:
		check_jump(st, is_signed ? (s64)(s32)v : (s64)v);
		break;
	}
}

static void check_builtin(struct state *st, u32 id, u32 n)
{
	const struct kp_builtin_info *info = &kp_builtin_infos[id];

	if (n < info->min || (info->max != 255 && n > info->max))
		fail(st, KTAP_ERR_VER_ARITY);
	if (st->where & ~KP_CTX_EVENT & ~(u32)info->where)
		fail(st, KTAP_ERR_VER_CONTEXT);
	if (st->where && info->needs_event && !(st->where & KP_CTX_EVENT))
		fail(st, KTAP_ERR_VER_CONTEXT);
}

static bool frozen(const struct state *st, u32 cell)
{
	return cell < st->prog->ncells && st->prog->cells[cell].flags & KTAP_CELL_FROZEN;
}

static void check_process(struct state *st)
{
	if (st->where & KP_CTX_PROBE)
		fail(st, KTAP_ERR_VER_CONTEXT);
}

/* What the operand modes do not say. */
static void check_special(struct state *st, u32 insn)
{
	u32 a = KTAP_INSN_A(insn), b = KTAP_INSN_B(insn), c = KTAP_INSN_C(insn);

	switch (KTAP_INSN_OP(insn)) {
	case KTAP_OP_LOADNIL:
		check_run(st, a, b + 1);
		break;
	case KTAP_OP_GETFROZEN:
		if (!frozen(st, KTAP_INSN_BX(insn)))
			fail(st, KTAP_ERR_VER_FROZEN);
		break;
	case KTAP_OP_SETCELL:
		if (frozen(st, KTAP_INSN_BX(insn)) && st->func->index)
			fail(st, KTAP_ERR_VER_FROZEN);
		break;
	case KTAP_OP_ADDCELL:
	case KTAP_OP_ADDCELLI:
		if (frozen(st, KTAP_INSN_BX(insn)))
			fail(st, KTAP_ERR_VER_FROZEN);
		break;
	case KTAP_OP_CONCAT:
		check_run(st, b, c);
		if (c < 2)
			fail(st, KTAP_ERR_VER_OPERAND);
		break;
	case KTAP_OP_TUPLE:
		check_run(st, b, c);
		if (c < 2 || c > KTAP_MAX_TUPLE)
			fail(st, KTAP_ERR_VER_OPERAND);
		break;
	case KTAP_OP_UNTUPLE:
		check_run(st, a, c);
		if (c < 1 || c > KTAP_MAX_TUPLE)
			fail(st, KTAP_ERR_VER_OPERAND);
		break;
	case KTAP_OP_FORLOOP:
		if (KTAP_INSN_SBX(insn) >= 0)
			fail(st, KTAP_ERR_VER_JUMP);
		check_run(st, a, 4);
		break;
	case KTAP_OP_FORPREP:
	case KTAP_OP_NEXT:
		check_run(st, a, 4);
		break;
	case KTAP_OP_PAIRS:
		check_run(st, a, 2);
		break;
	case KTAP_OP_CALL:
	case KTAP_OP_TAILCALL:
		check_run(st, a, b + 1);
		break;
	case KTAP_OP_LOADF:
	case KTAP_OP_CLOSURE:
		if (KTAP_INSN_BX(insn) < st->prog->nfuncs &&
		    st->prog->funcs[KTAP_INSN_BX(insn)].env != (KTAP_INSN_OP(insn) == KTAP_OP_CLOSURE))
			fail(st, KTAP_ERR_VER_FUNC);
		break;
	case KTAP_OP_SORTNEXT:
		check_run(st, a, 3);
		check_process(st);
		break;
	case KTAP_OP_NEWTABLE:
	case KTAP_OP_SORT:
	case KTAP_OP_SORTTELL:
		check_process(st);
		break;
	case KTAP_OP_BUILTIN:
		check_run(st, a, c ? c : 1);
		if (b < KTAP_BUILTIN_COUNT)
			check_builtin(st, b, c);
		break;
	}
}

static void check_insn(struct state *st, u32 insn)
{
	u32 op = KTAP_INSN_OP(insn);

	if (op >= KTAP_OP_COUNT) {
		fail(st, KTAP_ERR_VER_OPCODE);
		return;
	}
	switch (kp_op_infos[op].form) {
	case KP_FORM_ABC:
		check_operand(st, kp_op_infos[op].a, KTAP_INSN_A(insn), false);
		check_operand(st, kp_op_infos[op].b, KTAP_INSN_B(insn), false);
		check_operand(st, kp_op_infos[op].c, KTAP_INSN_C(insn), false);
		break;
	case KP_FORM_ABX:
		check_operand(st, kp_op_infos[op].a, KTAP_INSN_A(insn), false);
		check_operand(st, kp_op_infos[op].b, KTAP_INSN_BX(insn), false);
		break;
	case KP_FORM_ASBX:
		check_operand(st, kp_op_infos[op].a, KTAP_INSN_A(insn), false);
		check_operand(st, kp_op_infos[op].b, (s32)KTAP_INSN_SBX(insn), true);
		break;
	case KP_FORM_SAX:
		check_operand(st, kp_op_infos[op].a, KTAP_INSN_SAX(insn), true);
		break;
	}
	check_special(st, insn);
}

/* The contexts in which functions are started by themselves, and not called: by index. */
static void entry_contexts(const struct kp_prog *prog, u8 *where)
{
	static const u8 kinds[] = {
		[KTAP_PROBE_EVENT] = KP_CTX_PROBE | KP_CTX_EVENT,
		[KTAP_PROBE_PROFILE] = KP_CTX_PROBE,
		[KTAP_PROBE_TICK] = KP_CTX_TICK,
		[KTAP_PROBE_END] = KP_CTX_MAIN,
	};
	u32 i;

	where[0] = KP_CTX_MAIN;
	for (i = 0; i < prog->nprobes; i++) {
		const struct kp_probe *p = &prog->probes[i];

		where[p->handler->index] |= kinds[p->kind];
		if (p->filter)
			where[p->filter->index] |= kinds[p->kind];
	}
}

/* Checks a function: 0, or as kp_paths_check(). */
static int check_func(struct state *st, struct kp_paths *paths)
{
	/* who starts a function by itself has no variables for it */
	if (st->where && st->func->env)
		fail(st, KTAP_ERR_VER_CONTEXT);
	for (st->pc = 0; st->pc < st->func->ncode && !st->error; st->pc++) {
		check_insn(st, st->func->code[st->pc]);
		if (st->error)
			break;
	}
	return st->error ? (int)st->error : kp_paths_check(paths, st->func, &st->pc);
}

static u32 longest(const struct kp_prog *prog)
{
	u32 n = 0, i;

	for (i = 0; i < prog->nfuncs; i++)
		if (prog->funcs[i].ncode > n)
			n = prog->funcs[i].ncode;
	return n;
}

int kp_verify(struct kp_prog *prog, struct ktap_place *place)
{
	struct kp_paths *paths = kp_paths_new(longest(prog));
	u8 *where = kp_port_alloc(prog->nfuncs);
	struct state st = { .prog = prog };
	int err = -ENOMEM;
	u32 i;

	memset(place, 0, sizeof(*place));
	if (!paths || !where)
		goto out;
	entry_contexts(prog, where);
	err = 0;
	for (i = 0; i < prog->nfuncs && !err; i++) {
		st.func = &prog->funcs[i];
		st.where = where[i];
		err = check_func(&st, paths);
		kp_port_yield();
	}
	if (err > 0) {
		place->error = err;
		place->func = st.func->index;
		place->pc = st.func->first + st.pc;
		place->event = KTAP_NONE;
		err = -EINVAL;
	} else if (!err) {
		prog->verified.prog = prog;
	}
out:
	kp_paths_free(paths);
	kp_port_free(where);
	return err;
}
