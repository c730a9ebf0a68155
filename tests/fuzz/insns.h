/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions for the images of fuzzers: well-formed ones, whose operands mostly are what
 * they want.
 */
#ifndef KP_FUZZ_INSNS_H
#define KP_FUZZ_INSNS_H

#include <stdio.h>
#include "../unit/mkimage.h"

/* Random bytes: those given, and when they are used up a generator's. */
struct fuzz {
	const uint8_t *bytes;
	size_t left;
	uint64_t seed;
};

static inline uint32_t fuzz_number(struct fuzz *f, uint32_t below)
{
	uint32_t v;

	if (f->left >= 2) {
		v = f->bytes[0] | f->bytes[1] << 8;
		f->bytes += 2;
		f->left -= 2;
	} else {
		f->seed = f->seed * 6364136223846793005ULL + 1442695040888963407ULL;
		v = (uint32_t)(f->seed >> 33);
	}
	return v % below;
}

#define FUZZ_REGS	24
#define FUZZ_LENGTH	24
#define FUZZ_FUNCS	7
#define FUZZ_TABLES	5
#define FUZZ_CLOSURE	6	/* the one that is called with an environment */

enum { FUZZ__, FUZZ_RW, FUZZ_RR, FUZZ_RX, FUZZ_RB, FUZZ_UI, FUZZ_SI, FUZZ_UT, FUZZ_UJ, FUZZ_KI,
       FUZZ_CI, FUZZ_FI, FUZZ_TI, FUZZ_EI, FUZZ_BI, FUZZ_JO };
enum { FUZZ_ABC, FUZZ_ABX, FUZZ_ASBX, FUZZ_SAX };

static const struct {
	uint8_t form, a, b, c;
} fuzz_ops[KTAP_OP_COUNT] = {
#define KP_OP(name, form, a, b, c, doc) { FUZZ_##form, FUZZ_##a, FUZZ_##b, FUZZ_##c },
#include "ktap/opcodes.def"
#undef KP_OP
};

static const struct {
	uint8_t min, max;
	const char *args, *contexts;
} fuzz_builtins[KTAP_BUILTIN_COUNT] = {
#define KP_BUILTIN(id, name, min, max, args, result, contexts, doc) { min, max, args, contexts },
#include "ktap/builtins.def"
#undef KP_BUILTIN
};

/* Where each function runs, as builtins.def says it. */
static const char fuzz_contexts[FUZZ_FUNCS] = { 'M', 'P', 'P', 'T', 'M', 'P', 'P' };

/*
 * Values of every type, so that instructions find what they want: tables in 0 ... 3, integers in 4 ... 6
 * and 11, strings in 7 ... 10, a function, a boolean and a tuple in 12 ... 14.
 */
static inline void fuzz_prologue(struct mkimage *im, struct fuzz *f, uint32_t index)
{
	uint32_t i;

	mk_code(im, I_LOADNIL(0, FUZZ_REGS - 1));
	for (i = 0; i < 4; i++) {
		if (index) {
			mk_code(im, I_ABX(GETCELL, i, i));
			continue;
		}
		mk_code(im, I_ABX(NEWTABLE, i, i ? i : fuzz_number(f, FUZZ_TABLES)));
		mk_code(im, I_ABX(SETCELL, i, i));
	}
	mk_code(im, I_LOADI(4, fuzz_number(f, 65536)));
	mk_code(im, I_LOADI(5, fuzz_number(f, 4)));
	mk_code(im, I_LOADI(6, 1));
	for (i = 7; i < 11; i++)
		mk_code(im, I_LOADK(i, fuzz_number(f, 6)));
	mk_code(im, I_LOADK(11, 6 + fuzz_number(f, 2)));
	mk_code(im, I_LOADF(12, 1 + fuzz_number(f, FUZZ_CLOSURE - 1)));
	mk_code(im, I_BOOL(13, index & 1));
	mk_code(im, I_ABC(TUPLE, 14, 4 + fuzz_number(f, 4), 2));
}

/* A register that has, or had at the beginning, a value of that type. */
static inline uint32_t fuzz_register(struct fuzz *f, char type)
{
	switch (type) {
	case 't':
		return fuzz_number(f, 4);
	case 'i':
		return 4 + fuzz_number(f, 3);
	case 's':
		return 7 + fuzz_number(f, 4);
	case 'u':
		return 14;
	case 'w':
		return 15 + fuzz_number(f, 4);	/* what is written is not one of these, mostly */
	case 'p':
		return 16;			/* four of a walk */
	default:
		return fuzz_number(f, 15);
	}
}

/* What the operands of an instruction should be; a dot is anything. */
static inline const char *fuzz_wish(uint32_t op)
{
	switch (op) {
	case KTAP_OP_ADD:
	case KTAP_OP_SUB:
	case KTAP_OP_MUL:
	case KTAP_OP_DIV:
	case KTAP_OP_MOD:
	case KTAP_OP_BAND:
	case KTAP_OP_BOR:
	case KTAP_OP_BXOR:
	case KTAP_OP_SHL:
	case KTAP_OP_SHR:
	case KTAP_OP_LT:
	case KTAP_OP_LE:
		return "wii";
	case KTAP_OP_ADDI:
	case KTAP_OP_NEG:
	case KTAP_OP_BNOT:
	case KTAP_OP_LTI:
	case KTAP_OP_LEI:
	case KTAP_OP_GTI:
	case KTAP_OP_GEI:
	case KTAP_OP_ARG:
		return "wi.";
	case KTAP_OP_CONCAT:
		return "ws.";
	case KTAP_OP_JLT:
	case KTAP_OP_JLE:
		return "i.i";
	case KTAP_OP_JLTI:
	case KTAP_OP_JLEI:
		return "i..";
	case KTAP_OP_ADDCELL:
		return "i..";
	case KTAP_OP_PAIRS:
	case KTAP_OP_SORT:
		return "pt.";
	case KTAP_OP_NEXT:
	case KTAP_OP_SORTNEXT:
	case KTAP_OP_SORTTELL:
		return "p..";
	case KTAP_OP_UNTUPLE:
		return ".u.";
	case KTAP_OP_GETTABLE:
	case KTAP_OP_HASKEY:
		return "wtv";
	case KTAP_OP_SETTABLE:
		return "tvv";
	case KTAP_OP_ADDTABLE:
	case KTAP_OP_AGGTABLE:
		return "tvi";
	case KTAP_OP_ADDTABLEI:
	case KTAP_OP_DELKEY:
		return "tv.";
	default:
		return fuzz_ops[op].a == FUZZ_RW ? "w.." : "...";
	}
}

/* An operand of that mode that is in range; jump is one that lands in the function. */
static inline uint32_t fuzz_operand(struct fuzz *f, uint8_t mode, int32_t jump)
{
	switch (mode) {
	case FUZZ__:
		return 0;
	case FUZZ_RW:
	case FUZZ_RR:
	case FUZZ_RX:
		return fuzz_number(f, FUZZ_REGS);
	case FUZZ_RB:
		return fuzz_number(f, FUZZ_REGS - 8);	/* runs have at most 8 registers */
	case FUZZ_UI:
		return 2 + fuzz_number(f, 4);
	case FUZZ_UT:
	case FUZZ_UJ:
		return fuzz_number(f, 2);
	case FUZZ_KI:
		return fuzz_number(f, 8);
	case FUZZ_CI:
		return fuzz_number(f, 4);
	case FUZZ_FI:
		return 1 + fuzz_number(f, FUZZ_CLOSURE - 1);
	case FUZZ_TI:
		return fuzz_number(f, FUZZ_TABLES);
	case FUZZ_EI:
		return fuzz_number(f, 8);
	case FUZZ_JO:
		return jump;
	default:
		return fuzz_number(f, 256);
	}
}

/* One instruction that is well-formed and has something to work on, mostly. */
static inline uint32_t fuzz_insn(struct fuzz *f, char context, uint32_t pos, uint32_t n)
{
	uint32_t op = fuzz_number(f, KTAP_OP_COUNT);
	const char *wish = fuzz_wish(op);
	int32_t jump = (int32_t)fuzz_number(f, n) - (int32_t)pos - 1;
	uint32_t a = fuzz_operand(f, fuzz_ops[op].a, jump);
	uint32_t b = fuzz_operand(f, fuzz_ops[op].b, jump);
	uint32_t c = fuzz_operand(f, fuzz_ops[op].c, jump);

	if (fuzz_number(f, 8)) {
		if (wish[0] != '.')
			a = fuzz_register(f, wish[0]);
		if (wish[1] != '.')
			b = fuzz_register(f, wish[1]);
		if (wish[2] != '.')
			c = fuzz_register(f, wish[2]);
	}
	switch (op) {
	case KTAP_OP_GETFROZEN:
		b = 4;
		break;
	case KTAP_OP_CLOSURE:
		a = 15;
		b = FUZZ_CLOSURE;
		break;
	case KTAP_OP_FORLOOP:
		a = 4;
		b = jump < 0 ? jump : -1;
		break;
	case KTAP_OP_FORPREP:
		a = 4;
		break;
	case KTAP_OP_SORT:
	case KTAP_OP_SORTNEXT:
	case KTAP_OP_SORTTELL:
	case KTAP_OP_NEWTABLE:
		if (context == 'P')
			return I_MOVE(a, 0);
		break;
	case KTAP_OP_CALL:
		a = FUZZ_REGS - 6;	/* the registers below stay defined */
		break;
	case KTAP_OP_TAILCALL:
		a = 12;
		break;
	case KTAP_OP_BUILTIN:
		a = FUZZ_REGS - 5;
		b = fuzz_number(f, KTAP_BUILTIN_COUNT);
		if (!strchr(fuzz_builtins[b].contexts, context))
			return I_MOVE(a, 7);
		c = c - 2 + fuzz_builtins[b].min;
		if (c > fuzz_builtins[b].max)
			c = fuzz_builtins[b].min;
		break;
	}
	switch (fuzz_ops[op].form) {
	case FUZZ_ABC:
		return KTAP_ABC(op, a, b, c);
	case FUZZ_SAX:
		return KTAP_SAX(op, a);
	default:
		return KTAP_ABX(op, a, (uint16_t)b);
	}
}

/* What calls find: a function or a closure, and arguments as builtins.def has them. */
static inline void fuzz_prepare(struct mkimage *im, struct fuzz *f, uint32_t insn)
{
	uint32_t a = KTAP_INSN_A(insn), i;
	const char *kind;

	switch (KTAP_INSN_OP(insn)) {
	case KTAP_OP_CLOSURE:
		mk_code(im, I_MOVE(a, fuzz_register(f, 't')));
		break;
	case KTAP_OP_CALL:
		mk_code(im, I_MOVE(a, fuzz_number(f, 2) ? 12 : 15));
		break;
	case KTAP_OP_BUILTIN:
		kind = fuzz_builtins[KTAP_INSN_B(insn)].args;
		for (i = 0; i < KTAP_INSN_C(insn); i++) {
			mk_code(im, I_MOVE(a + i, fuzz_register(f, *kind)));
			kind += kind[0] && kind[1];
		}
		break;
	}
}

/* What must follow an instruction: the jump of a comparison, values for what a call leaves undefined. */
static inline void fuzz_follow(struct mkimage *im, struct fuzz *f, uint32_t insn, uint32_t pos, uint32_t n)
{
	if (fuzz_ops[KTAP_INSN_OP(insn)].b == FUZZ_UJ)
		mk_code(im, I_JMP((int32_t)fuzz_number(f, n) - (int32_t)pos - 1));
	switch (KTAP_INSN_OP(insn)) {
	case KTAP_OP_CALL:
	case KTAP_OP_BUILTIN:
		mk_code(im, I_LOADNIL(KTAP_INSN_A(insn), FUZZ_REGS - 1 - KTAP_INSN_A(insn)));
		break;
	}
}

#endif
