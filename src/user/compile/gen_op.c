// SPDX-License-Identifier: GPL-2.0-only
/* Code for operators, and for what jumps as they come out. */
#include "gen.h"

enum ktap_opcode kp_gen_opcode(enum kp_operator op)
{
	switch (op) {
	case KP_OPERATOR_ADD:
		return KTAP_OP_ADD;
	case KP_OPERATOR_SUB:
		return KTAP_OP_SUB;
	case KP_OPERATOR_MUL:
		return KTAP_OP_MUL;
	case KP_OPERATOR_DIV:
		return KTAP_OP_DIV;
	case KP_OPERATOR_MOD:
		return KTAP_OP_MOD;
	case KP_OPERATOR_BAND:
		return KTAP_OP_BAND;
	case KP_OPERATOR_BOR:
		return KTAP_OP_BOR;
	case KP_OPERATOR_BXOR:
		return KTAP_OP_BXOR;
	case KP_OPERATOR_SHL:
		return KTAP_OP_SHL;
	case KP_OPERATOR_SHR:
		return KTAP_OP_SHR;
	case KP_OPERATOR_EQ:
		return KTAP_OP_EQ;
	case KP_OPERATOR_NE:
		return KTAP_OP_NE;
	case KP_OPERATOR_LT:
	case KP_OPERATOR_GT: /* with its operands swapped */
		return KTAP_OP_LT;
	case KP_OPERATOR_LE:
	case KP_OPERATOR_GE: /* the same */
		return KTAP_OP_LE;
	case KP_OPERATOR_IN: /* the same */
		return KTAP_OP_HASKEY;
	case KP_OPERATOR_NEG:
		return KTAP_OP_NEG;
	case KP_OPERATOR_NOT:
		return KTAP_OP_NOT;
	default:
		return KTAP_OP_BNOT;
	}
}

/* The operator of b OP a that is the same as a OP b; NONE when there is none. */
static enum kp_operator mirrored(enum kp_operator op)
{
	switch (op) {
	case KP_OPERATOR_ADD:
	case KP_OPERATOR_EQ:
	case KP_OPERATOR_NE:
		return op;
	case KP_OPERATOR_LT:
		return KP_OPERATOR_GT;
	case KP_OPERATOR_LE:
		return KP_OPERATOR_GE;
	case KP_OPERATOR_GT:
		return KP_OPERATOR_LT;
	case KP_OPERATOR_GE:
		return KP_OPERATOR_LE;
	default:
		return KP_OPERATOR_NONE;
	}
}

/* The form of the operator with a small constant on the right, or JMP for none. */
static enum ktap_opcode immediate(enum kp_operator op)
{
	switch (op) {
	case KP_OPERATOR_ADD:
		return KTAP_OP_ADDI;
	case KP_OPERATOR_EQ:
		return KTAP_OP_EQI;
	case KP_OPERATOR_NE:
		return KTAP_OP_NEI;
	case KP_OPERATOR_LT:
		return KTAP_OP_LTI;
	case KP_OPERATOR_LE:
		return KTAP_OP_LEI;
	case KP_OPERATOR_GT:
		return KTAP_OP_GTI;
	case KP_OPERATOR_GE:
		return KTAP_OP_GEI;
	default:
		return KTAP_OP_JMP;
	}
}

bool kp_gen_is_small(const struct kp_expr *e)
{
	return e->kind == KP_EX_NUMBER && e->number >= INT8_MIN && e->number <= INT8_MAX;
}

/* The operands of @e with a small constant on the right if there is one; returns the operator. */
static enum kp_operator operands(const struct kp_expr *e, const struct kp_expr **left,
				 const struct kp_expr **right)
{
	enum kp_operator mirror = mirrored(e->op.op);
	bool swap = mirror != KP_OPERATOR_NONE && kp_gen_is_small(e->op.left) &&
		    !kp_gen_is_small(e->op.right);

	*left = swap ? e->op.right : e->op.left;
	*right = swap ? e->op.left : e->op.right;
	return swap ? mirror : e->op.op;
}

void kp_gen_binary(struct kp_gen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	const struct kp_expr *left, *right;
	enum kp_operator op = operands(e, &left, &right);
	int a, b;

	if (kp_gen_is_small(right) && immediate(op) != KTAP_OP_JMP) {
		a = kp_gen_any_in(cg, left, dst, fresh);
		kp_emit_abc(cg, immediate(op), dst, a, (int)right->number, e->at);
		return;
	}
	if (kp_gen_is_small(right) && op == KP_OPERATOR_SUB && right->number != INT8_MIN) {
		a = kp_gen_any_in(cg, left, dst, fresh);
		kp_emit_abc(cg, KTAP_OP_ADDI, dst, a, (int)-right->number, e->at);
		return;
	}
	a = kp_gen_any_in(cg, left, dst, fresh);
	b = kp_gen_any(cg, right);
	if (op == KP_OPERATOR_GT || op == KP_OPERATOR_GE || op == KP_OPERATOR_IN)
		kp_emit_abc(cg, kp_gen_opcode(op), dst, b, a, e->at);
	else
		kp_emit_abc(cg, kp_gen_opcode(op), dst, a, b, e->at);
}

static bool is_comparison(const struct kp_expr *e)
{
	return e->kind == KP_EX_BINARY && e->op.op >= KP_OPERATOR_EQ && e->op.op <= KP_OPERATOR_GE;
}

/* Jump when the comparison @e comes out as @when. */
static void gen_comparison(struct kp_gen *cg, const struct kp_expr *e, bool when,
			   struct kp_pending **list)
{
	const struct kp_expr *left, *right;
	enum kp_operator op = operands(e, &left, &right);
	enum ktap_opcode with_reg = KTAP_OP_JEQ, with_small = KTAP_OP_JEQI;
	bool swap = op == KP_OPERATOR_GT || op == KP_OPERATOR_GE;
	int a = kp_gen_any(cg, left), b;

	if (op == KP_OPERATOR_LT || op == KP_OPERATOR_GT)
		with_reg = KTAP_OP_JLT;
	else if (op == KP_OPERATOR_LE || op == KP_OPERATOR_GE)
		with_reg = KTAP_OP_JLE;
	/* a > n is what a <= n is not */
	if (op == KP_OPERATOR_LT || op == KP_OPERATOR_GE)
		with_small = KTAP_OP_JLTI;
	else if (op == KP_OPERATOR_LE || op == KP_OPERATOR_GT)
		with_small = KTAP_OP_JLEI;
	if (op == KP_OPERATOR_NE)
		when = !when;
	if (kp_gen_is_small(right)) {
		kp_emit_abc(cg, with_small, a, when != swap, (int)right->number, e->at);
	} else {
		b = kp_gen_any(cg, right);
		kp_emit_abc(cg, with_reg, swap ? b : a, when, swap ? a : b, e->at);
	}
	kp_emit_jump(cg, list, e->at);
}

void kp_gen_test(struct kp_gen *cg, const struct kp_expr *e, bool when, struct kp_pending **list)
{
	struct kp_pending *other = NULL;
	int mark = cg->top, reg;

	if (e->kind == KP_EX_UNARY && e->op.op == KP_OPERATOR_NOT) {
		kp_gen_test(cg, e->op.left, !when, list);
		return;
	}
	if (e->kind == KP_EX_AND || e->kind == KP_EX_OR) {
		bool left_decides = e->kind == KP_EX_OR;

		if (left_decides == when) {
			kp_gen_test(cg, e->op.left, when, list);
			kp_gen_test(cg, e->op.right, when, list);
		} else {
			kp_gen_test(cg, e->op.left, !when, &other);
			kp_gen_test(cg, e->op.right, when, list);
			kp_emit_arrive(cg, other);
		}
		return;
	}
	if (kp_expr_is_constant(e)) {
		if ((e->kind != KP_EX_NIL && e->kind != KP_EX_FALSE) == when)
			kp_emit_jump(cg, list, e->at);
		return;
	}
	if (is_comparison(e)) {
		gen_comparison(cg, e, when, list);
	} else {
		reg = kp_gen_any(cg, e);
		kp_emit_wait(cg, list,
			     kp_emit_abx(cg, when ? KTAP_OP_JT : KTAP_OP_JF, reg, 0, e->at));
	}
	cg->top = mark;
}
