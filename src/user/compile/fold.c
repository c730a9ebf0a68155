// SPDX-License-Identifier: GPL-2.0-only
/*
 * Constant folding of one node. Arithmetic is what the VM does: 64-bit two's
 * complement that wraps, division that truncates.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sema.h"

#define FOLD_STRING_MAX 4096 /* longer results are left to the run */

/* Become @by, keeping the place in a list. */
static void replace(struct kp_expr *e, const struct kp_expr *by)
{
	struct kp_expr *next = e->next;

	*e = *by;
	e->next = next;
}

static void become_number(struct kp_expr *e, uint64_t number)
{
	e->kind = KP_EX_NUMBER;
	e->depth = 0;
	e->number = (int64_t)number;
}

static void become_bool(struct kp_expr *e, bool value)
{
	e->kind = value ? KP_EX_TRUE : KP_EX_FALSE;
	e->depth = 0;
}

static bool is_true(const struct kp_expr *e)
{
	return e->kind != KP_EX_NIL && e->kind != KP_EX_FALSE;
}

static void fold_unary(struct kp_expr *e)
{
	const struct kp_expr *x = e->op.left;

	if (e->op.op == KP_OPERATOR_NOT)
		become_bool(e, !is_true(x));
	else if (x->kind == KP_EX_NUMBER && e->op.op == KP_OPERATOR_NEG)
		become_number(e, -(uint64_t)x->number);
	else if (x->kind == KP_EX_NUMBER)
		become_number(e, ~(uint64_t)x->number);
}

static int64_t shift_right(int64_t a, int64_t count)
{
	if (count < 0 || count > 63)
		return a < 0 ? -1 : 0;
	return a < 0 ? (int64_t) ~(~(uint64_t)a >> count) : (int64_t)((uint64_t)a >> count);
}

static void fold_numbers(struct kp_expr *e, int64_t a, int64_t b)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch (e->op.op) {
	case KP_OPERATOR_ADD:
		become_number(e, ua + ub);
		break;
	case KP_OPERATOR_SUB:
		become_number(e, ua - ub);
		break;
	case KP_OPERATOR_MUL:
		become_number(e, ua * ub);
		break;
	case KP_OPERATOR_DIV:
		if (b == -1)
			become_number(e, -ua);
		else if (b)
			become_number(e, (uint64_t)(a / b));
		break;
	case KP_OPERATOR_MOD:
		if (b == -1)
			become_number(e, 0);
		else if (b)
			become_number(e, (uint64_t)(a % b));
		break;
	case KP_OPERATOR_BAND:
		become_number(e, ua & ub);
		break;
	case KP_OPERATOR_BOR:
		become_number(e, ua | ub);
		break;
	case KP_OPERATOR_BXOR:
		become_number(e, ua ^ ub);
		break;
	case KP_OPERATOR_SHL:
		become_number(e, b < 0 || b > 63 ? 0 : ua << b);
		break;
	case KP_OPERATOR_SHR:
		become_number(e, (uint64_t)shift_right(a, b));
		break;
	default:
		break;
	}
}

static bool ordered(enum kp_operator op, int order)
{
	switch (op) {
	case KP_OPERATOR_LT:
		return order < 0;
	case KP_OPERATOR_LE:
		return order <= 0;
	case KP_OPERATOR_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

static bool is_bool(const struct kp_expr *e)
{
	return e->kind == KP_EX_TRUE || e->kind == KP_EX_FALSE;
}

/* Constants of different types: that these are compared is for kp_warn() to see. */
static bool differ(const struct kp_expr *a, const struct kp_expr *b)
{
	return a->kind != b->kind && a->kind != KP_EX_NIL && b->kind != KP_EX_NIL &&
	       !(is_bool(a) && is_bool(b));
}

static bool equal(const struct kp_expr *a, const struct kp_expr *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == KP_EX_NUMBER)
		return a->number == b->number;
	return a->kind != KP_EX_STRING || a->str == b->str;
}

static void fold_binary(struct kp_expr *e)
{
	const struct kp_expr *a = e->op.left, *b = e->op.right;
	int order;

	switch (e->op.op) {
	case KP_OPERATOR_EQ:
	case KP_OPERATOR_NE:
		if (!differ(a, b))
			become_bool(e, equal(a, b) == (e->op.op == KP_OPERATOR_EQ));
		return;
	case KP_OPERATOR_LT:
	case KP_OPERATOR_LE:
	case KP_OPERATOR_GT:
	case KP_OPERATOR_GE:
		if (a->kind != KP_EX_NUMBER || b->kind != KP_EX_NUMBER)
			return;
		order = (a->number > b->number) - (a->number < b->number);
		become_bool(e, ordered(e->op.op, order));
		return;
	default:
		if (a->kind == KP_EX_NUMBER && b->kind == KP_EX_NUMBER)
			fold_numbers(e, a->number, b->number);
		return;
	}
}

/* The text of a constant in a concatenation; NULL when it has none. */
static const char *concat_text(const struct kp_expr *e, char *digits, size_t size, size_t *len)
{
	if (e->kind == KP_EX_STRING) {
		*len = e->str->len;
		return e->str->data;
	}
	if (e->kind != KP_EX_NUMBER)
		return NULL;
	*len = (size_t)snprintf(digits, size, "%" PRId64, e->number);
	return digits;
}

/* Join @x with the constants that follow it, as far as they fit @text. */
static void join_constants(struct kp_cc *cc, struct kp_expr *x, char *text, size_t size)
{
	struct kp_expr *last = x, *e;
	char digits[24];
	size_t len = 0, n = 0;

	for (e = x; e; e = e->next) {
		const char *part = concat_text(e, digits, sizeof(digits), &n);

		if (!part || n > size - len)
			break;
		memcpy(text + len, part, n);
		len += n;
		last = e;
	}
	if (last == x)
		return;
	x->kind = KP_EX_STRING;
	x->str = kp_cc_string(cc, text, len);
	x->next = last->next;
}

static void fold_concat(struct kp_cc *cc, struct kp_expr *e)
{
	char text[FOLD_STRING_MAX];
	struct kp_expr *x;

	for (x = e->list; x; x = x->next)
		join_constants(cc, x, text, sizeof(text));
	if (!e->list->next)
		replace(e, e->list);
}

void kp_fold(struct kp_cc *cc, struct kp_expr *e)
{
	switch (e->kind) {
	case KP_EX_UNARY:
		if (kp_expr_is_constant(e->op.left))
			fold_unary(e);
		break;
	case KP_EX_BINARY:
		if (kp_expr_is_constant(e->op.left) && kp_expr_is_constant(e->op.right))
			fold_binary(e);
		break;
	case KP_EX_AND:
		if (kp_expr_is_constant(e->op.left))
			replace(e, is_true(e->op.left) ? e->op.right : e->op.left);
		break;
	case KP_EX_OR:
		if (kp_expr_is_constant(e->op.left))
			replace(e, is_true(e->op.left) ? e->op.left : e->op.right);
		break;
	case KP_EX_COND:
		if (kp_expr_is_constant(e->cond.test))
			replace(e, is_true(e->cond.test) ? e->cond.yes : e->cond.no);
		break;
	case KP_EX_CONCAT:
		fold_concat(cc, e);
		break;
	default:
		break;
	}
}
