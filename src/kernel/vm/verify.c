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
 * How: one pass checks each instruction by the operand modes of opcodes.def.  Then, per
 * function, a set of registers is computed for each instruction: those written on every path to
 * it.  The sets start full, shrink where paths meet, and an instruction is looked at again when
 * its set shrank: at most KTAP_MAX_REGS times, so time is bounded.
 *
 * What depends on data (types, table sizes, stack depth, budget) is checked while running.
 */
#include "vm.h"

enum {
	MODE__, MODE_RW, MODE_RR, MODE_RX, MODE_RB, MODE_UI, MODE_SI, MODE_KI, MODE_CI, MODE_FI,
	MODE_TI, MODE_EI, MODE_BI, MODE_JO
};

enum { FORM_ABC, FORM_ABX, FORM_ASBX, FORM_SAX };

static const struct {
	u8 form, a, b, c;
} ops[KTAP_OP_COUNT] = {
#define KP_OP(name, form, a, b, c, doc) { FORM_##form, MODE_##a, MODE_##b, MODE_##c },
#include "../uapi/ktap/opcodes.def"
#undef KP_OP
};

#define WORDS	((KTAP_MAX_REGS + 63) / 64)

struct regset {
	u64 bits[WORDS];
};

struct state {
	struct kp_prog *prog;
	const struct kp_func *func;
	u32 where;		/* contexts the function is an entry of; 0: only called */
	u32 pc;			/* of the instruction being looked at */
	u32 error;
	struct regset *in;	/* by instruction */
	u8 *queued;
	u32 *queue;
	u32 nqueue;
};

static void fail(struct state *st, u32 error)
{
	if (!st->error)
		st->error = error;
}

static bool has(const struct regset *set, u32 reg)
{
	return set->bits[reg / 64] >> (reg % 64) & 1;
}

static void add(struct regset *set, u32 reg)
{
	set->bits[reg / 64] |= 1ULL << (reg % 64);
}

static void keep_up_to(struct regset *set, u32 reg)
{
	u32 i;

	for (i = reg + 1; i < KTAP_MAX_REGS; i++)
		set->bits[i / 64] &= ~(1ULL << (i % 64));
}

/* ---- the instruction by itself ---- */

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

static void check_operand(struct state *st, u32 mode, u32 v, bool is_signed)
{
	const struct kp_prog *prog = st->prog;

	switch (mode) {
	case MODE__:
		if (v)
			fail(st, KTAP_ERR_VER_UNUSED);
		break;
	case MODE_RW:
	case MODE_RR:
	case MODE_RX:
	case MODE_RB:
		check_run(st, v, 1);
		break;
	case MODE_KI:
		if (v >= prog->nconsts)
			fail(st, KTAP_ERR_VER_CONST);
		break;
	case MODE_CI:
		if (v >= prog->ncells)
			fail(st, KTAP_ERR_VER_CELL);
		break;
	case MODE_FI:
		/* the main chunk is no value: nobody can call it again */
		if (!v || v >= prog->nfuncs)
			fail(st, KTAP_ERR_VER_FUNC);
		break;
	case MODE_TI:
		if (v >= prog->ntables)
			fail(st, KTAP_ERR_VER_TABLE);
		break;
	case MODE_EI:
		if (v >= prog->nfields)
			fail(st, KTAP_ERR_VER_FIELD);
		break;
	case MODE_BI:
		if (v >= KTAP_BUILTIN_COUNT)
			fail(st, KTAP_ERR_VER_BUILTIN);
		break;
	case MODE_JO:
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
	case KTAP_OP_LOADBOOL:
		if (b > 1)
			fail(st, KTAP_ERR_VER_OPERAND);
		break;
	case KTAP_OP_JEQ:
	case KTAP_OP_JLT:
	case KTAP_OP_JLE:
	case KTAP_OP_JEQI:
	case KTAP_OP_JLTI:
	case KTAP_OP_JLEI:
		if (b > 1)
			fail(st, KTAP_ERR_VER_OPERAND);
		if (st->pc + 1 >= st->func->ncode || KTAP_INSN_OP(st->func->code[st->pc + 1]) != KTAP_OP_JMP)
			fail(st, KTAP_ERR_VER_TEST);
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
	case KTAP_OP_FORPREP:
	case KTAP_OP_FORLOOP:
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
	case KTAP_OP_SORT:
		if (c > 1)
			fail(st, KTAP_ERR_VER_OPERAND);
		check_process(st);
		break;
	case KTAP_OP_SORTNEXT:
		check_run(st, a, 3);
		check_process(st);
		break;
	case KTAP_OP_NEWTABLE:
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
	switch (ops[op].form) {
	case FORM_ABC:
		check_operand(st, ops[op].a, KTAP_INSN_A(insn), false);
		check_operand(st, ops[op].b, KTAP_INSN_B(insn), false);
		check_operand(st, ops[op].c, KTAP_INSN_C(insn), false);
		break;
	case FORM_ABX:
		check_operand(st, ops[op].a, KTAP_INSN_A(insn), false);
		check_operand(st, ops[op].b, KTAP_INSN_BX(insn), false);
		break;
	case FORM_ASBX:
		check_operand(st, ops[op].a, KTAP_INSN_A(insn), false);
		check_operand(st, ops[op].b, (s32)KTAP_INSN_SBX(insn), true);
		break;
	case FORM_SAX:
		check_operand(st, ops[op].a, KTAP_INSN_SAX(insn), true);
		break;
	}
	check_special(st, insn);
}

/* ---- paths ---- */

static void need(struct state *st, const struct regset *set, u32 first, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (!has(set, first + i))
			fail(st, KTAP_ERR_VER_UNINIT);
}

static void define(struct regset *set, u32 first, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		add(set, first + i);
}

/* Control can go to pc with these registers written. */
static void reach(struct state *st, u32 pc, const struct regset *set)
{
	struct regset *in;
	bool shrank = false;
	u32 i;

	if (pc >= st->func->ncode) {
		fail(st, KTAP_ERR_VER_FALLOFF);
		return;
	}
	in = &st->in[pc];
	for (i = 0; i < WORDS; i++) {
		u64 bits = in->bits[i] & set->bits[i];

		shrank |= bits != in->bits[i];
		in->bits[i] = bits;
	}
	/* 2: not reached before */
	if ((shrank || st->queued[pc] == 2) && st->queued[pc] != 1) {
		st->queued[pc] = 1;
		st->queue[st->nqueue++] = pc;
	}
}

/* Registers that an instruction reads, and those it writes before it goes on to the next one. */
static void step(struct state *st, u32 insn)
{
	u32 op = KTAP_INSN_OP(insn), pc = st->pc;
	u32 a = KTAP_INSN_A(insn), b = KTAP_INSN_B(insn), c = KTAP_INSN_C(insn);
	struct regset set = st->in[pc], jump;

	if (ops[op].a == MODE_RR || ops[op].a == MODE_RX)
		need(st, &set, a, 1);
	if (ops[op].form == FORM_ABC && ops[op].b == MODE_RR)
		need(st, &set, b, 1);
	if (ops[op].form == FORM_ABC && ops[op].c == MODE_RR)
		need(st, &set, c, 1);

	switch (op) {
	case KTAP_OP_JMP:
		reach(st, pc + 1 + KTAP_INSN_SAX(insn), &set);
		return;
	case KTAP_OP_JT:
	case KTAP_OP_JF:
		reach(st, pc + 1 + KTAP_INSN_SBX(insn), &set);
		break;
	case KTAP_OP_JEQ:
	case KTAP_OP_JLT:
	case KTAP_OP_JLE:
	case KTAP_OP_JEQI:
	case KTAP_OP_JLTI:
	case KTAP_OP_JLEI:
		/* over the jump; behind the switch: to it */
		reach(st, pc + 2, &set);
		break;
	case KTAP_OP_FORPREP:
		need(st, &set, a, 3);
		reach(st, pc + 1 + KTAP_INSN_SBX(insn), &set);
		define(&set, a + 3, 1);
		break;
	case KTAP_OP_FORLOOP:
		need(st, &set, a, 3);
		jump = set;
		define(&jump, a + 3, 1);
		reach(st, pc + 1 + KTAP_INSN_SBX(insn), &jump);
		break;
	case KTAP_OP_NEXT:
		need(st, &set, a, 2);
		reach(st, pc + 1 + KTAP_INSN_SBX(insn), &set);
		define(&set, a + 2, 2);
		break;
	case KTAP_OP_SORTNEXT:
		need(st, &set, a, 1);
		reach(st, pc + 1 + KTAP_INSN_SBX(insn), &set);
		define(&set, a + 1, 2);
		break;
	case KTAP_OP_PAIRS:
		define(&set, a, 2);
		break;
	case KTAP_OP_LOADNIL:
		define(&set, a, b + 1);
		break;
	case KTAP_OP_UNTUPLE:
		define(&set, a, c);
		break;
	case KTAP_OP_CONCAT:
	case KTAP_OP_TUPLE:
		need(st, &set, b, c);
		define(&set, a, 1);
		break;
	case KTAP_OP_CALL:
		need(st, &set, a, b + 1);
		define(&set, a, 1);
		keep_up_to(&set, a);
		break;
	case KTAP_OP_BUILTIN:
		need(st, &set, a, c);
		define(&set, a, 1);
		keep_up_to(&set, a);
		break;
	case KTAP_OP_TAILCALL:
		need(st, &set, a, b + 1);
		return;
	case KTAP_OP_RET:
	case KTAP_OP_RET0:
		return;
	default:
		if (ops[op].a == MODE_RW)
			define(&set, a, 1);
	}
	reach(st, pc + 1, &set);
}

static void check_paths(struct state *st)
{
	struct regset first = { { 0 } };
	u32 steps = 0, i;

	for (i = 0; i < st->func->ncode; i++) {
		memset(&st->in[i], 0xff, sizeof(st->in[i]));
		st->queued[i] = 2;
	}
	define(&first, 0, st->func->nparams + st->func->env);
	st->nqueue = 0;
	reach(st, 0, &first);
	while (st->nqueue && !st->error) {
		st->pc = st->queue[--st->nqueue];
		st->queued[st->pc] = 0;
		step(st, st->func->code[st->pc]);
		if (!(++steps & 4095))
			kp_port_yield();
	}
}

/* The contexts in which a function is started by itself, and not called. */
static u32 entry_contexts(const struct kp_prog *prog, const struct kp_func *func)
{
	u32 where = func->index ? 0 : KP_CTX_MAIN, i;

	for (i = 0; i < prog->nprobes; i++) {
		const struct kp_probe *p = &prog->probes[i];

		if (p->handler != func && p->filter != func)
			continue;
		switch (p->kind) {
		case KTAP_PROBE_EVENT:
			where |= KP_CTX_PROBE | KP_CTX_EVENT;
			break;
		case KTAP_PROBE_PROFILE:
			where |= KP_CTX_PROBE;
			break;
		case KTAP_PROBE_TICK:
			where |= KP_CTX_TICK;
			break;
		case KTAP_PROBE_END:
			where |= KP_CTX_MAIN;
			break;
		}
	}
	return where;
}

const struct kp_verified *kp_verify(struct kp_prog *prog, struct ktap_place *place)
{
	struct state st = { .prog = prog };
	u32 longest = 0, i;

	memset(place, 0, sizeof(*place));
	for (i = 0; i < prog->nfuncs; i++)
		if (prog->funcs[i].ncode > longest)
			longest = prog->funcs[i].ncode;
	st.in = kp_port_alloc(longest * sizeof(*st.in));
	st.queued = kp_port_alloc(longest);
	st.queue = kp_port_alloc(longest * sizeof(*st.queue));
	if (!st.in || !st.queued || !st.queue)
		goto out;

	for (i = 0; i < prog->nfuncs && !st.error; i++) {
		st.func = &prog->funcs[i];
		st.where = entry_contexts(prog, st.func);
		/* who starts a function by itself has no variables for it */
		if (st.where && st.func->env)
			fail(&st, KTAP_ERR_VER_CONTEXT);
		for (st.pc = 0; st.pc < st.func->ncode && !st.error; st.pc++) {
			check_insn(&st, st.func->code[st.pc]);
			if (st.error)
				break;
		}
		if (!st.error)
			check_paths(&st);
		kp_port_yield();
	}
	if (st.error) {
		place->error = st.error;
		place->func = st.func->index;
		place->pc = st.func->first + st.pc;
		place->event = KTAP_NONE;
	} else {
		prog->verified.prog = prog;
	}
out:
	kp_port_free(st.in);
	kp_port_free(st.queued);
	kp_port_free(st.queue);
	return prog->verified.prog ? &prog->verified : NULL;
}
