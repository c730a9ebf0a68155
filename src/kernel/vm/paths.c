// SPDX-License-Identifier: GPL-2.0-only
/*
 * No register is read on any path before it was written on that path, and control does not
 * run off the end of a function.
 *
 * For each instruction a set of registers is computed: those written on every path to it.
 * The sets start full and shrink where paths meet; an instruction is looked at again when its
 * set shrank.  The function is gone through from its beginning to its end as often as that takes:
 * so all jumps back have been seen before what they lead to is looked at again.  What a compiler makes is
 * looked at once, loops twice or so.  Code that jumps back from each jump back can delay what it
 * tells; but whatever the code is, no instruction is looked at more often than there are registers.
 */
#include "verify.h"

#define SET_WORDS	((KTAP_MAX_REGS + 64) / 64)	/* one bit more than there are registers, see reach() */
#define WORD_BITS	(8 * (u32)sizeof(long))
#define TODO_WORDS	(65536 / WORD_BITS)		/* more than KTAP_MAX_FUNC_CODE bits */
#define LOOK		4096				/* instructions between two looks at the world around */

struct regset {
	u64 bits[SET_WORDS];
};

struct kp_paths {
	const struct kp_func *func;
	u32 pc;				/* of the instruction being looked at */
	int error;
	/* empty between two functions, unless there was an error */
	unsigned long todo[TODO_WORDS];	/* by instruction: its set shrank */
	unsigned long some[TODO_WORDS / WORD_BITS];	/* by word of todo: it is not 0 */
	struct regset in[];		/* by instruction */
};

struct kp_paths *kp_paths_new(u32 ncode)
{
	struct kp_paths *p;

	return kp_port_alloc(sizeof(*p) + ncode * sizeof(p->in[0]));
}

void kp_paths_free(struct kp_paths *p)
{
	kp_port_free(p);
}

static void fail(struct kp_paths *p, int error)
{
	if (!p->error)
		p->error = error;
}

/* ---- sets ---- */

/* The bits from first to before end, as far as they are in word number n of a set. */
static u64 range(u32 n, u32 first, u32 end)
{
	u64 mask = ~0ULL;

	if (end <= 64 * n || first >= 64 * (n + 1))
		return 0;
	if (first > 64 * n)
		mask &= ~0ULL << (first - 64 * n);
	if (end < 64 * (n + 1))
		mask &= ~0ULL >> (64 * (n + 1) - end);
	return mask;
}

static void need(struct kp_paths *p, const struct regset *set, u32 first, u32 count)
{
	u32 n;

	for (n = 0; n < SET_WORDS; n++)
		if (range(n, first, first + count) & ~set->bits[n])
			fail(p, KTAP_ERR_VER_UNINIT);
}

static void define(struct regset *set, u32 first, u32 count)
{
	u32 n;

	for (n = 0; n < SET_WORDS; n++)
		set->bits[n] |= range(n, first, first + count);
}

static void keep_up_to(struct regset *set, u32 reg)
{
	u32 n;

	for (n = 0; n < SET_WORDS; n++)
		set->bits[n] &= range(n, 0, reg + 1);
}

/* ---- what is to be looked at ---- */

static void todo_add(struct kp_paths *p, u32 pc)
{
	u32 word = pc / WORD_BITS;

	p->todo[word] |= 1UL << (pc % WORD_BITS);
	p->some[word / WORD_BITS] |= 1UL << (word % WORD_BITS);
}

/* The first bit of a map that is set, from one on and before end, which is the first bit of a word; or end. */
static u32 next_bit(const unsigned long *map, u32 from, u32 end)
{
	unsigned long bits;
	u32 word = from / WORD_BITS;

	if (from >= end)
		return end;
	bits = map[word] & ~0UL << (from % WORD_BITS);
	while (!bits) {
		if (++word == end / WORD_BITS)
			return end;
		bits = map[word];
	}
	return word * WORD_BITS + __builtin_ctzl(bits);
}

/* Takes the next one off, from p->pc on and then from the beginning; false when there is none. */
static bool todo_take(struct kp_paths *p)
{
	u32 word = p->pc / WORD_BITS, end = (word + 1) * WORD_BITS;
	u32 pc = next_bit(p->todo, p->pc, end);

	if (pc == end) {
		word = next_bit(p->some, word + 1, TODO_WORDS);
		if (word == TODO_WORDS)
			word = next_bit(p->some, 0, TODO_WORDS);
		if (word == TODO_WORDS)
			return false;
		pc = next_bit(p->todo, word * WORD_BITS, (word + 1) * WORD_BITS);
	}
	p->todo[word] &= ~(1UL << (pc % WORD_BITS));
	if (!p->todo[word])
		p->some[word / WORD_BITS] &= ~(1UL << (word % WORD_BITS));
	p->pc = pc;
	return true;
}

/*
 * Control can go to pc with these registers written.  The set of an instruction that nobody has
 * come to says even of what is no register that it was written, so it shrinks the first time.
 */
static void reach(struct kp_paths *p, u32 pc, const struct regset *set)
{
	struct regset *in;
	u64 gone = 0;
	u32 n;

	if (pc >= p->func->ncode) {
		fail(p, KTAP_ERR_VER_FALLOFF);
		return;
	}
	in = &p->in[pc];
	for (n = 0; n < SET_WORDS; n++) {
		gone |= in->bits[n] & ~set->bits[n];
		in->bits[n] &= set->bits[n];
	}
	if (gone)
		todo_add(p, pc);
}

/* Registers that an instruction reads, and those it writes before it goes on to the next one. */
static void step(struct kp_paths *p, u32 insn)
{
	u32 op = KTAP_INSN_OP(insn), pc = p->pc;
	u32 a = KTAP_INSN_A(insn), b = KTAP_INSN_B(insn), c = KTAP_INSN_C(insn);
	const struct kp_op_info *info = &kp_op_infos[op];
	struct regset set = p->in[pc], jump;

	if (info->a == KP_MODE_RR || info->a == KP_MODE_RX)
		need(p, &set, a, 1);
	if (info->form == KP_FORM_ABC && info->b == KP_MODE_RR)
		need(p, &set, b, 1);
	if (info->form == KP_FORM_ABC && info->c == KP_MODE_RR)
		need(p, &set, c, 1);
	/* over the jump that follows; behind the switch: to it */
	if (info->b == KP_MODE_UJ)
		reach(p, pc + 2, &set);

	switch (op) {
	case KTAP_OP_JMP:
		reach(p, pc + 1 + KTAP_INSN_SAX(insn), &set);
		return;
	case KTAP_OP_JT:
	case KTAP_OP_JF:
		reach(p, pc + 1 + KTAP_INSN_SBX(insn), &set);
		break;
	case KTAP_OP_FORPREP:
		need(p, &set, a, 3);
		reach(p, pc + 1 + KTAP_INSN_SBX(insn), &set);
		define(&set, a + 3, 1);
		break;
	case KTAP_OP_FORLOOP:
		need(p, &set, a, 3);
		jump = set;
		define(&jump, a + 3, 1);
		reach(p, pc + 1 + KTAP_INSN_SBX(insn), &jump);
		break;
	case KTAP_OP_NEXT:
		need(p, &set, a, 2);
		reach(p, pc + 1 + KTAP_INSN_SBX(insn), &set);
		define(&set, a + 2, 2);
		break;
	case KTAP_OP_SORTNEXT:
		need(p, &set, a, 1);
		reach(p, pc + 1 + KTAP_INSN_SBX(insn), &set);
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
		need(p, &set, b, c);
		define(&set, a, 1);
		break;
	case KTAP_OP_CALL:
		need(p, &set, a, b + 1);
		define(&set, a, 1);
		keep_up_to(&set, a);
		break;
	case KTAP_OP_BUILTIN:
		need(p, &set, a, c);
		define(&set, a, 1);
		keep_up_to(&set, a);
		break;
	case KTAP_OP_TAILCALL:
		need(p, &set, a, b + 1);
		return;
	case KTAP_OP_RET:
	case KTAP_OP_RET0:
		return;
	default:
		if (info->a == KP_MODE_RW)
			define(&set, a, 1);
	}
	reach(p, pc + 1, &set);
}

int kp_paths_check(struct kp_paths *p, const struct kp_func *func, u32 *pc)
{
	struct regset first = { { 0 } };
	u32 steps = 0;

	p->func = func;
	p->pc = 0;
	p->error = 0;
	memset(p->in, 0xff, func->ncode * sizeof(p->in[0]));
	define(&first, 0, func->nparams + func->env);
	reach(p, 0, &first);
	while (!p->error && todo_take(p)) {
		step(p, func->code[p->pc]);
		if (++steps % LOOK)
			continue;
		kp_port_yield();
		if (kp_port_killed())
			fail(p, -EINTR);
	}
	*pc = p->pc;
	return p->error;
}
