// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code for a register machine, in one walk over each function.
 *
 * Registers are a stack: parameters, then the variables of the open blocks, then
 * temporaries of the expression that is being evaluated. cg->top is the first
 * free one; whoever takes temporaries puts it back.
 *
 * The instruction set is described in uapi/ktap/opcodes.def. Two of its rules
 * shape this file: a call leaves nothing defined above its result, so calls are
 * made at the top; and no register may be read that is not written on every path.
 */
#include "codegen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ktap/bytecode.h"

#define NO_REG (-1)

struct loop {
	struct loop *up;
	struct kp_pending *breaks, *continues;
};

struct codegen {
	struct kp_program *prog;
	struct kp_cc *cc;
	const struct kp_func *func;
	uint32_t start; /* first instruction of the function */
	int top;	/* first free register */
	int nregs;	/* most ever used */
	struct loop *loop;
	bool failed; /* a limit was reported for this function */
};

static void gen_block(struct codegen *cg, const struct kp_block *block);
static void gen_stmt(struct codegen *cg, const struct kp_stmt *s);
static void expr_to(struct codegen *cg, const struct kp_expr *e, int dst, bool fresh);

/* ---- tables of the program ---- */

/* Room for one more element of @size bytes in an array of *@cap of which @n are used. */
static void *room(struct kp_cc *cc, void *array, uint32_t n, uint32_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 256;
	return kp_cc_grow(cc, array, n * size, *cap * size);
}

static void limit(struct kp_program *prog, uint32_t n, uint32_t max, const char *what)
{
	struct kp_span end = { (uint32_t)prog->cc->src->len, 0 };

	if (n == max + 1)
		kp_diag_report(prog->cc->diag, KP_TAG_TOO_MANY, end, what, max);
}

uint32_t kp_program_string(struct kp_program *prog, const struct kp_str *str)
{
	void **place = kp_cc_at(prog->cc, &prog->string_index, str->data, str->len);

	if (!*place) {
		prog->strings = room(prog->cc, prog->strings, prog->nstrings, &prog->strings_cap,
				     sizeof(*prog->strings));
		prog->strings[prog->nstrings++] = str;
		*place = (void *)(uintptr_t)prog->nstrings;
	}
	return (uint32_t)(uintptr_t)*place - 1;
}

static uint32_t constant(struct kp_program *prog, bool is_string, uint64_t payload)
{
	char *key = kp_cc_alloc(prog->cc, 1 + sizeof(payload));
	void **place;

	key[0] = is_string;
	memcpy(key + 1, &payload, sizeof(payload));
	place = kp_cc_at(prog->cc, &prog->const_index, key, 1 + sizeof(payload));
	if (!*place) {
		prog->consts = room(prog->cc, prog->consts, prog->nconsts, &prog->consts_cap,
				    sizeof(*prog->consts));
		prog->consts[prog->nconsts++] = (struct kp_const){ is_string, payload };
		limit(prog, prog->nconsts, KTAP_MAX_CONSTS, "constants");
		*place = (void *)(uintptr_t)prog->nconsts;
	}
	return (uint32_t)(uintptr_t)*place - 1;
}

uint32_t kp_program_line(const struct kp_program *prog, uint32_t pos)
{
	uint32_t column, line = kp_cc_line(prog->cc, pos, &column);

	return line << 8 | (column > 255 ? 255 : column);
}

/* ---- instructions ---- */

static uint32_t here(const struct codegen *cg)
{
	return cg->prog->ninsns;
}

static uint32_t emit(struct codegen *cg, uint32_t insn, struct kp_span at)
{
	struct kp_program *prog = cg->prog;
	uint32_t cap = prog->insns_cap;

	prog->insns = room(cg->cc, prog->insns, prog->ninsns, &cap, sizeof(*prog->insns));
	prog->lines =
		room(cg->cc, prog->lines, prog->ninsns, &prog->insns_cap, sizeof(*prog->lines));
	prog->insns[prog->ninsns] = insn;
	prog->lines[prog->ninsns] = kp_program_line(prog, at.pos);
	return prog->ninsns++;
}

static uint32_t emit_abc(struct codegen *cg, enum ktap_opcode op, int a, int b, int c,
			 struct kp_span at)
{
	return emit(cg, KTAP_ABC(op, (uint8_t)a, (uint8_t)b, (uint8_t)c), at);
}

static uint32_t emit_abx(struct codegen *cg, enum ktap_opcode op, int a, uint32_t bx,
			 struct kp_span at)
{
	return emit(cg, KTAP_ABX(op, (uint8_t)a, (uint16_t)bx), at);
}

static void fail(struct codegen *cg, enum kp_tag tag, struct kp_span at)
{
	if (!cg->failed)
		kp_diag_report(cg->cc->diag, tag, at);
	cg->failed = true;
}

/* Take @n registers; returns the first. */
static int take(struct codegen *cg, int n, struct kp_span at)
{
	int first = cg->top;

	if (first + n > KTAP_MAX_REGS) {
		fail(cg, KP_TAG_TOO_COMPLEX, at);
		return 0;
	}
	cg->top += n;
	if (cg->nregs < cg->top)
		cg->nregs = cg->top;
	return first;
}

/* ---- jumps ---- */

/* Make the jump @at, which is emitted, go to instruction @target. */
static void set_target(struct codegen *cg, uint32_t at, uint32_t target)
{
	uint32_t *insn = &cg->prog->insns[at];
	int64_t offset = (int64_t)target - at - 1;

	if (KTAP_INSN_OP(*insn) == KTAP_OP_JMP) {
		*insn = KTAP_SAX(KTAP_OP_JMP, (uint32_t)offset & 0xffffff);
		return;
	}
	if (offset < INT16_MIN || offset > INT16_MAX)
		fail(cg, KP_TAG_TOO_LARGE, cg->func->at);
	*insn = (*insn & 0xffff) | (uint32_t)(uint16_t)offset << 16;
}

static void wait_target(struct codegen *cg, struct kp_pending **list, uint32_t at)
{
	struct kp_pending *p = kp_cc_alloc(cg->cc, sizeof(*p));

	*p = (struct kp_pending){ *list, at };
	*list = p;
}

static void arrive(struct codegen *cg, const struct kp_pending *list)
{
	for (; list; list = list->next)
		set_target(cg, list->at, here(cg));
}

static void jump_to(struct codegen *cg, uint32_t target, struct kp_span at)
{
	set_target(cg, emit(cg, KTAP_OP_JMP, at), target);
}

static void jump(struct codegen *cg, struct kp_pending **list, struct kp_span at)
{
	wait_target(cg, list, emit(cg, KTAP_OP_JMP, at));
}

/* ---- values ---- */

static void load_number(struct codegen *cg, int dst, int64_t number, struct kp_span at)
{
	if (number >= INT16_MIN && number <= INT16_MAX)
		emit_abx(cg, KTAP_OP_LOADI, dst, (uint16_t)number, at);
	else
		emit_abx(cg, KTAP_OP_LOADK, dst, constant(cg->prog, false, (uint64_t)number), at);
}

static void load_string(struct codegen *cg, int dst, const struct kp_str *str, struct kp_span at)
{
	uint32_t number = kp_program_string(cg->prog, str);

	emit_abx(cg, KTAP_OP_LOADK, dst, constant(cg->prog, true, number), at);
}

static bool is_frozen(const struct kp_var *var)
{
	return !var->written_outside;
}

static void load_var(struct codegen *cg, const struct kp_var *var, int dst, struct kp_span at)
{
	if (var->storage == KP_STORE_FUNCTION)
		emit_abx(cg, KTAP_OP_LOADF, dst, var->value->func->index, at);
	else if (var->storage == KP_STORE_CELL)
		emit_abx(cg, is_frozen(var) ? KTAP_OP_GETFROZEN : KTAP_OP_GETCELL, dst, var->cell,
			 at);
	else if (var->reg != dst)
		emit_abc(cg, KTAP_OP_MOVE, dst, var->reg, 0, at);
}

static void store_var(struct codegen *cg, const struct kp_var *var, int src, struct kp_span at)
{
	if (var->storage == KP_STORE_CELL)
		emit_abx(cg, KTAP_OP_SETCELL, src, var->cell, at);
	else if (var->storage == KP_STORE_REGISTER && var->reg != src)
		emit_abc(cg, KTAP_OP_MOVE, var->reg, src, 0, at);
}

/* The register of a variable that lives in one, else NO_REG. */
static int own_register(const struct kp_expr *e)
{
	if (e->kind != KP_EX_NAME || e->name.var->storage != KP_STORE_REGISTER)
		return NO_REG;
	return e->name.var->reg;
}

/* A new temporary that holds @e. */
static int expr_temp(struct codegen *cg, const struct kp_expr *e)
{
	int dst = take(cg, 1, e->at);

	expr_to(cg, e, dst, true);
	return dst;
}

/* Some register that holds @e: only to be read. */
static int expr_any(struct codegen *cg, const struct kp_expr *e)
{
	int reg = own_register(e);

	return reg != NO_REG ? reg : expr_temp(cg, e);
}

/* The same; @dst is used as the temporary when it is fresh. */
static int expr_any_in(struct codegen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	int reg = own_register(e);

	if (reg != NO_REG)
		return reg;
	if (!fresh)
		return expr_temp(cg, e);
	expr_to(cg, e, dst, true);
	return dst;
}

/* Evaluate a list into new registers in a row; returns how many. */
static int expr_row(struct codegen *cg, const struct kp_expr *e)
{
	int n = 0;

	for (; e; e = e->next, n++)
		expr_temp(cg, e);
	return n;
}

/* Where a call puts callee and arguments: the top, which may be @dst itself. */
static int call_base(struct codegen *cg, int dst, bool fresh, struct kp_span at)
{
	return fresh && dst == cg->top - 1 ? dst : take(cg, 1, at);
}

static void move_result(struct codegen *cg, int dst, int from, struct kp_span at)
{
	if (dst != from)
		emit_abc(cg, KTAP_OP_MOVE, dst, from, 0, at);
}

static bool too_many_arguments(struct codegen *cg, int n, struct kp_span at)
{
	if (n > KTAP_MAX_REGS)
		fail(cg, KP_TAG_TOO_COMPLEX, at);
	return n > KTAP_MAX_REGS;
}

/* Callee and arguments of a call in a row from @base; returns the number of arguments. */
static int call_row(struct codegen *cg, const struct kp_expr *e, int base)
{
	int object, key, mark;

	if (e->kind == KP_EX_CALL) {
		expr_to(cg, e->call.callee, base, true);
		return expr_row(cg, e->call.args);
	}
	/* o:name(…) calls o["name"](o, …) */
	object = take(cg, 1, e->at);
	expr_to(cg, e->call.callee, object, true);
	mark = cg->top;
	key = take(cg, 1, e->at);
	load_string(cg, key, e->call.method, e->at);
	emit_abc(cg, KTAP_OP_GETTABLE, base, object, key, e->at);
	cg->top = mark;
	return 1 + expr_row(cg, e->call.args);
}

static void gen_call(struct codegen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	int base = call_base(cg, dst, fresh, e->at);
	int n = call_row(cg, e, base);

	if (!too_many_arguments(cg, n, e->at))
		emit_abc(cg, KTAP_OP_CALL, base, n, 0, e->at);
	move_result(cg, dst, base, e->at);
}

static void gen_builtin(struct codegen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	const struct kp_expr *args = e->builtin.args;
	int base = call_base(cg, dst, fresh, e->at), n = 0;

	if (args) {
		expr_to(cg, args, base, true);
		n = 1 + expr_row(cg, args->next);
	}
	if (!too_many_arguments(cg, n, e->at))
		emit_abc(cg, KTAP_OP_BUILTIN, base, (int)e->builtin.id, n, e->at);
	move_result(cg, dst, base, e->at);
}

static void gen_table(struct codegen *cg, const struct kp_expr *e, int dst)
{
	const struct kp_item *item;
	int64_t number = 1;
	int mark = cg->top;

	emit_abx(cg, KTAP_OP_NEWTABLE, dst, e->table.site->index, e->at);
	for (item = e->table.items; item; item = item->next) {
		int key, value;

		if (item->key) {
			key = expr_any(cg, item->key);
		} else {
			key = take(cg, 1, e->at);
			load_number(cg, key, number++, item->value->at);
		}
		value = expr_any(cg, item->value);
		emit_abc(cg, KTAP_OP_SETTABLE, dst, key, value, item->value->at);
		cg->top = mark;
	}
}

/* ---- operators ---- */

static enum ktap_opcode opcode(enum kp_operator op)
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

static bool is_small(const struct kp_expr *e)
{
	return e->kind == KP_EX_NUMBER && e->number >= INT8_MIN && e->number <= INT8_MAX;
}

static void gen_binary(struct codegen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	const struct kp_expr *left = e->op.left, *right = e->op.right;
	enum kp_operator op = e->op.op;
	int a, b;

	if (is_small(left) && !is_small(right) && mirrored(op) != KP_OPERATOR_NONE) {
		left = e->op.right;
		right = e->op.left;
		op = mirrored(op);
	}
	if (is_small(right) && immediate(op) != KTAP_OP_JMP) {
		a = expr_any_in(cg, left, dst, fresh);
		emit_abc(cg, immediate(op), dst, a, (int)right->number, e->at);
		return;
	}
	if (is_small(right) && op == KP_OPERATOR_SUB && right->number != INT8_MIN) {
		a = expr_any_in(cg, left, dst, fresh);
		emit_abc(cg, KTAP_OP_ADDI, dst, a, (int)-right->number, e->at);
		return;
	}
	a = expr_any_in(cg, left, dst, fresh);
	b = expr_any(cg, right);
	if (op == KP_OPERATOR_GT || op == KP_OPERATOR_GE || op == KP_OPERATOR_IN)
		emit_abc(cg, opcode(op), dst, b, a, e->at);
	else
		emit_abc(cg, opcode(op), dst, a, b, e->at);
}

/*
 * Jump when the truth of @e is @when; the jumps are added to @list. No value is
 * made for && || !, only jumps.
 */
static void gen_test(struct codegen *cg, const struct kp_expr *e, bool when,
		     struct kp_pending **list)
{
	struct kp_pending *other = NULL;
	int mark = cg->top, reg;

	if (e->kind == KP_EX_UNARY && e->op.op == KP_OPERATOR_NOT) {
		gen_test(cg, e->op.left, !when, list);
		return;
	}
	if (e->kind == KP_EX_AND || e->kind == KP_EX_OR) {
		bool left_decides = e->kind == KP_EX_OR;

		if (left_decides == when) {
			gen_test(cg, e->op.left, when, list);
			gen_test(cg, e->op.right, when, list);
		} else {
			gen_test(cg, e->op.left, !when, &other);
			gen_test(cg, e->op.right, when, list);
			arrive(cg, other);
		}
		return;
	}
	if (kp_expr_is_constant(e)) {
		if ((e->kind != KP_EX_NIL && e->kind != KP_EX_FALSE) == when)
			jump(cg, list, e->at);
		return;
	}
	reg = expr_any(cg, e);
	wait_target(cg, list, emit_abx(cg, when ? KTAP_OP_JT : KTAP_OP_JF, reg, 0, e->at));
	cg->top = mark;
}

/* The jumps of a && b && … (or all ||) that leave with the value in @dst go to @end. */
static void gen_logic(struct codegen *cg, const struct kp_expr *e, int dst, struct kp_pending **end)
{
	const struct kp_expr *left = e->op.left;
	enum ktap_opcode op = e->kind == KP_EX_AND ? KTAP_OP_JF : KTAP_OP_JT;

	if (left->kind == e->kind)
		gen_logic(cg, left, dst, end);
	else
		expr_to(cg, left, dst, true);
	wait_target(cg, end, emit_abx(cg, op, dst, 0, e->at));
	expr_to(cg, e->op.right, dst, true);
}

static void gen_cond(struct codegen *cg, const struct kp_expr *e, int dst)
{
	struct kp_pending *no = NULL, *end = NULL;

	gen_test(cg, e->cond.test, false, &no);
	expr_to(cg, e->cond.yes, dst, true);
	jump(cg, &end, e->at);
	arrive(cg, no);
	expr_to(cg, e->cond.no, dst, true);
	arrive(cg, end);
}

/*
 * Does the code for @e write its destination with its last instruction only,
 * so that a variable which @e reads can be the destination?
 */
static bool writes_last(const struct kp_expr *e)
{
	switch (e->kind) {
	case KP_EX_AND:
	case KP_EX_OR:
	case KP_EX_COND:
	case KP_EX_TABLE:
		return false;
	default:
		return true;
	}
}

/*
 * Evaluate @e into @dst. @fresh: nothing reads @dst during that, so it may hold
 * intermediate values; otherwise @e must be writes_last().
 */
static void expr_to(struct codegen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	struct kp_pending *end = NULL;
	int mark = cg->top, a, b, n;

	switch (e->kind) {
	case KP_EX_NIL:
	case KP_EX_VARARG:
		emit_abc(cg, KTAP_OP_LOADNIL, dst, 0, 0, e->at);
		break;
	case KP_EX_TRUE:
	case KP_EX_FALSE:
		emit_abc(cg, KTAP_OP_LOADBOOL, dst, e->kind == KP_EX_TRUE, 0, e->at);
		break;
	case KP_EX_NUMBER:
		load_number(cg, dst, e->number, e->at);
		break;
	case KP_EX_STRING:
		load_string(cg, dst, e->str, e->at);
		break;
	case KP_EX_NAME:
		load_var(cg, e->name.var, dst, e->at);
		break;
	case KP_EX_FUNCTION:
		emit_abx(cg, KTAP_OP_LOADF, dst, e->func->index, e->at);
		break;
	case KP_EX_FIELD:
		emit_abx(cg, KTAP_OP_FIELD, dst, e->field, e->at);
		break;
	case KP_EX_INDEX:
		a = expr_any_in(cg, e->index.object, dst, fresh);
		b = expr_any(cg, e->index.key);
		emit_abc(cg, KTAP_OP_GETTABLE, dst, a, b, e->at);
		break;
	case KP_EX_CALL:
	case KP_EX_METHOD:
		gen_call(cg, e, dst, fresh);
		break;
	case KP_EX_BUILTIN:
		gen_builtin(cg, e, dst, fresh);
		break;
	case KP_EX_TABLE:
		gen_table(cg, e, dst);
		break;
	case KP_EX_UNARY:
		a = expr_any_in(cg, e->op.left, dst, fresh);
		emit_abc(cg, opcode(e->op.op), dst, a, 0, e->at);
		break;
	case KP_EX_BINARY:
		gen_binary(cg, e, dst, fresh);
		break;
	case KP_EX_CONCAT:
		n = expr_row(cg, e->list);
		if (!too_many_arguments(cg, n, e->at))
			emit_abc(cg, KTAP_OP_CONCAT, dst, mark, n, e->at);
		break;
	case KP_EX_TUPLE:
		n = expr_row(cg, e->list);
		emit_abc(cg, KTAP_OP_TUPLE, dst, mark, n, e->at);
		break;
	case KP_EX_AND:
	case KP_EX_OR:
		gen_logic(cg, e, dst, &end);
		arrive(cg, end);
		break;
	case KP_EX_COND:
		gen_cond(cg, e, dst);
		break;
	}
	cg->top = mark;
}

/* ---- assignments ---- */

/* The value @x of `v = v + x` and `v = v - x`; *@op is ADD or SUB. NULL for others. */
static const struct kp_expr *accumulated(const struct kp_var *var, const struct kp_expr *value,
					 enum kp_operator *op)
{
	const struct kp_expr *left, *right;

	if (value->kind != KP_EX_BINARY ||
	    (value->op.op != KP_OPERATOR_ADD && value->op.op != KP_OPERATOR_SUB))
		return NULL;
	*op = value->op.op;
	left = value->op.left;
	right = value->op.right;
	if (left->kind == KP_EX_NAME && left->name.var == var)
		return right;
	if (*op == KP_OPERATOR_ADD && right->kind == KP_EX_NAME && right->name.var == var)
		return left;
	return NULL;
}

/* What to add for += (ADD) or -= (SUB) @value. */
static int addend(struct codegen *cg, const struct kp_expr *value, enum kp_operator op)
{
	int reg, dst;

	if (op != KP_OPERATOR_SUB)
		return expr_any(cg, value);
	dst = take(cg, 1, value->at);
	if (value->kind == KP_EX_NUMBER) {
		load_number(cg, dst, (int64_t)(0 - (uint64_t)value->number), value->at);
		return dst;
	}
	reg = expr_any_in(cg, value, dst, true);
	emit_abc(cg, KTAP_OP_NEG, dst, reg, 0, value->at);
	return dst;
}

/* nil counts as 0 for += and -= */
static void nil_to_zero(struct codegen *cg, int reg, struct kp_span at)
{
	uint32_t skip = emit_abx(cg, KTAP_OP_JT, reg, 0, at);

	load_number(cg, reg, 0, at);
	set_target(cg, skip, here(cg));
}

/* @dst = @left OP @value, for a compound assignment. */
static void gen_compound(struct codegen *cg, const struct kp_stmt *s, int dst, int left)
{
	const struct kp_expr *value = s->assign.values;
	enum kp_operator op = s->assign.op;
	int right;

	if (is_small(value) && op == KP_OPERATOR_ADD) {
		emit_abc(cg, KTAP_OP_ADDI, dst, left, (int)value->number, s->at);
	} else if (is_small(value) && op == KP_OPERATOR_SUB && value->number != INT8_MIN) {
		emit_abc(cg, KTAP_OP_ADDI, dst, left, (int)-value->number, s->at);
	} else {
		right = expr_any(cg, value);
		emit_abc(cg, opcode(op), dst, left, right, s->at);
	}
}

static bool adds(enum kp_operator op)
{
	return op == KP_OPERATOR_ADD || op == KP_OPERATOR_SUB;
}

static void assign_compound_name(struct codegen *cg, const struct kp_stmt *s,
				 const struct kp_var *var)
{
	enum kp_operator op = s->assign.op;
	int reg;

	if (var->storage == KP_STORE_REGISTER) {
		if (adds(op) && var->maybe_nil)
			nil_to_zero(cg, var->reg, s->at);
		gen_compound(cg, s, var->reg, var->reg);
		return;
	}
	if (adds(op) && !is_frozen(var)) {
		reg = addend(cg, s->assign.values, op);
		emit_abx(cg, KTAP_OP_ADDCELL, reg, var->cell, s->at);
		return;
	}
	reg = take(cg, 1, s->at);
	load_var(cg, var, reg, s->at);
	if (adds(op))
		nil_to_zero(cg, reg, s->at);
	gen_compound(cg, s, reg, reg);
	store_var(cg, var, reg, s->at);
}

static void assign_name(struct codegen *cg, const struct kp_stmt *s, const struct kp_expr *target)
{
	const struct kp_var *var = target->name.var;
	const struct kp_expr *value = s->assign.values, *x;
	enum kp_operator op;

	if (var->storage == KP_STORE_FUNCTION)
		return;
	if (s->assign.op != KP_OPERATOR_NONE) {
		assign_compound_name(cg, s, var);
		return;
	}
	if (var->storage == KP_STORE_REGISTER && writes_last(value)) {
		expr_to(cg, value, var->reg, false);
		return;
	}
	x = accumulated(var, value, &op);
	if (x && var->storage == KP_STORE_CELL && !is_frozen(var))
		emit_abx(cg, KTAP_OP_ADDCELL, addend(cg, x, op), var->cell, s->at);
	else
		store_var(cg, var, expr_any(cg, value), s->at);
}

static void assign_index(struct codegen *cg, const struct kp_stmt *s, const struct kp_expr *target)
{
	int object = expr_any(cg, target->index.object);
	int key = expr_any(cg, target->index.key);
	int value;

	switch (s->assign.op) {
	case KP_OPERATOR_NONE:
		value = expr_any(cg, s->assign.values);
		emit_abc(cg, KTAP_OP_SETTABLE, object, key, value, s->at);
		break;
	case KP_OPERATOR_AGG:
		value = expr_any(cg, s->assign.values);
		emit_abc(cg, KTAP_OP_AGGTABLE, object, key, value, s->at);
		break;
	case KP_OPERATOR_ADD:
	case KP_OPERATOR_SUB:
		value = addend(cg, s->assign.values, s->assign.op);
		emit_abc(cg, KTAP_OP_ADDTABLE, object, key, value, s->at);
		break;
	default:
		value = take(cg, 1, s->at);
		emit_abc(cg, KTAP_OP_GETTABLE, value, object, key, s->at);
		gen_compound(cg, s, value, value);
		emit_abc(cg, KTAP_OP_SETTABLE, object, key, value, s->at);
		break;
	}
}

/* a, t[k] = x, y: objects and keys first, then all values, then the stores. */
static void assign_many(struct codegen *cg, const struct kp_stmt *s)
{
	const struct kp_expr *target, *value = s->assign.values;
	int place = cg->top, values;

	for (target = s->assign.targets; target; target = target->next) {
		if (target->kind != KP_EX_INDEX)
			continue;
		expr_temp(cg, target->index.object);
		expr_temp(cg, target->index.key);
	}
	values = cg->top;
	expr_row(cg, value);
	for (target = s->assign.targets; target; target = target->next) {
		int reg = values++;

		if (!value) {
			reg = take(cg, 1, s->at);
			emit_abc(cg, KTAP_OP_LOADNIL, reg, 0, 0, s->at);
		}
		if (target->kind == KP_EX_NAME) {
			store_var(cg, target->name.var, reg, s->at);
		} else {
			emit_abc(cg, KTAP_OP_SETTABLE, place, place + 1, reg, s->at);
			place += 2;
		}
		value = value ? value->next : NULL;
	}
}

static void gen_assign(struct codegen *cg, const struct kp_stmt *s)
{
	if (s->assign.targets->next || s->assign.values->next)
		assign_many(cg, s);
	else if (s->assign.targets->kind == KP_EX_NAME)
		assign_name(cg, s, s->assign.targets);
	else
		assign_index(cg, s, s->assign.targets);
}

/* ---- declarations ---- */

/* Give the variable of @name the value of register @reg, which becomes its own. */
static void define_var(struct codegen *cg, const struct kp_name *name, int reg)
{
	if (name->var->storage == KP_STORE_CELL)
		emit_abx(cg, KTAP_OP_SETCELL, reg, name->var->cell, name->at);
	else
		name->var->reg = reg;
}

static void gen_local(struct codegen *cg, const struct kp_stmt *s)
{
	const struct kp_expr *value = s->local.values;
	const struct kp_name *name;
	int start = cg->top, reg = start, mark;
	bool registers = false;

	for (name = s->local.names; name; name = name->next) {
		int dst = take(cg, 1, name->at);

		if (name->var->storage == KP_STORE_FUNCTION || !value)
			emit_abc(cg, KTAP_OP_LOADNIL, dst, 0, 0, name->at);
		else
			expr_to(cg, value, dst, true);
		value = value ? value->next : NULL;
	}
	mark = cg->top;
	for (; value; value = value->next) {
		expr_temp(cg, value);
		cg->top = mark;
	}
	for (name = s->local.names; name; name = name->next, reg++) {
		registers |= name->var->storage == KP_STORE_REGISTER;
		if (name->var->storage != KP_STORE_FUNCTION)
			define_var(cg, name, reg);
	}
	if (!registers)
		cg->top = start;
}

static void gen_option(struct codegen *cg, const struct kp_stmt *s)
{
	int reg = expr_temp(cg, s->option.value);

	define_var(cg, s->option.name, reg);
	if (s->option.name->var->storage == KP_STORE_CELL)
		cg->top = reg;
}

/* ---- control ---- */

static void gen_if(struct codegen *cg, const struct kp_stmt *s)
{
	const struct kp_arm *arm;
	struct kp_pending *end = NULL;

	for (arm = s->arms; arm; arm = arm->next) {
		struct kp_pending *no = NULL;

		if (arm->test)
			gen_test(cg, arm->test, false, &no);
		gen_block(cg, &arm->body);
		if (arm->next)
			jump(cg, &end, s->at);
		arrive(cg, no);
	}
	arrive(cg, end);
}

static void open_loop(struct codegen *cg, struct loop *loop)
{
	*loop = (struct loop){ .up = cg->loop };
	cg->loop = loop;
}

static void close_loop(struct codegen *cg, struct loop *loop)
{
	arrive(cg, loop->breaks);
	cg->loop = loop->up;
}

/* Jump back to @body while @test (NULL: always) holds. */
static void gen_back(struct codegen *cg, const struct kp_expr *test, bool when, uint32_t body,
		     struct kp_span at)
{
	struct kp_pending *back = NULL;

	if (!test) {
		jump_to(cg, body, at);
		return;
	}
	gen_test(cg, test, when, &back);
	for (; back; back = back->next)
		set_target(cg, back->at, body);
}

/* while (test) body; for (init; test; next) body. The test stands behind the body. */
static void gen_while(struct codegen *cg, const struct kp_stmt *s)
{
	int mark = cg->top;
	struct kp_pending *enter = NULL;
	struct loop loop;
	uint32_t body;

	if (s->loop.init)
		gen_stmt(cg, s->loop.init);
	open_loop(cg, &loop);
	if (s->loop.limit)
		jump(cg, &enter, s->at);
	body = here(cg);
	gen_block(cg, &s->loop.body);
	arrive(cg, loop.continues);
	if (s->loop.next)
		gen_stmt(cg, s->loop.next);
	arrive(cg, enter);
	gen_back(cg, s->loop.limit, true, body, s->at);
	close_loop(cg, &loop);
	cg->top = mark;
}

/* repeat body until test: the test sees the variables of the body. */
static void gen_repeat(struct codegen *cg, const struct kp_stmt *s)
{
	const struct kp_stmt *in;
	int mark = cg->top;
	struct loop loop;
	uint32_t body = here(cg);

	open_loop(cg, &loop);
	for (in = s->loop.body.first; in; in = in->next)
		gen_stmt(cg, in);
	arrive(cg, loop.continues);
	gen_back(cg, s->loop.limit, false, body, s->at);
	close_loop(cg, &loop);
	cg->top = mark;
}

static void gen_for_num(struct codegen *cg, const struct kp_stmt *s)
{
	int mark = cg->top, base = take(cg, 4, s->at);
	struct loop loop;
	uint32_t prepare, body, again;

	expr_to(cg, s->loop.from, base, true);
	expr_to(cg, s->loop.limit, base + 1, true);
	if (s->loop.step)
		expr_to(cg, s->loop.step, base + 2, true);
	else
		load_number(cg, base + 2, 1, s->at);
	open_loop(cg, &loop);
	prepare = emit_abx(cg, KTAP_OP_FORPREP, base, 0, s->at);
	body = here(cg);
	define_var(cg, s->loop.names, base + 3);
	gen_block(cg, &s->loop.body);
	arrive(cg, loop.continues);
	again = emit_abx(cg, KTAP_OP_FORLOOP, base, 0, s->at);
	set_target(cg, again, body);
	set_target(cg, prepare, here(cg));
	close_loop(cg, &loop);
	cg->top = mark;
}

static void gen_for_in(struct codegen *cg, const struct kp_stmt *s)
{
	int mark = cg->top, base = take(cg, 4, s->at), table;
	const struct kp_name *name;
	struct loop loop;
	uint32_t next;

	table = expr_any(cg, s->loop.from->call.args);
	emit_abc(cg, KTAP_OP_PAIRS, base, table, 0, s->at);
	cg->top = base + 4;
	open_loop(cg, &loop);
	next = emit_abx(cg, KTAP_OP_NEXT, base, 0, s->at);
	if (s->loop.names->next) {
		int parts, n = 0;

		for (name = s->loop.names; name; name = name->next)
			n++;
		parts = take(cg, n, s->at);
		emit_abc(cg, KTAP_OP_UNTUPLE, parts, base + 2, n, s->at);
		for (name = s->loop.names; name; name = name->next)
			define_var(cg, name, parts++);
	} else {
		define_var(cg, s->loop.names, base + 2);
	}
	if (s->loop.value)
		define_var(cg, s->loop.value, base + 3);
	gen_block(cg, &s->loop.body);
	arrive(cg, loop.continues);
	jump_to(cg, next, s->at);
	set_target(cg, next, here(cg));
	close_loop(cg, &loop);
	cg->top = mark;
}

/* A filter's value is only tested, so && || ! need not make one. */
static void gen_filter_value(struct codegen *cg, const struct kp_expr *e)
{
	struct kp_pending *no = NULL;
	int reg = take(cg, 1, e->at);

	gen_test(cg, e, false, &no);
	emit_abc(cg, KTAP_OP_LOADBOOL, reg, 1, 0, e->at);
	emit_abc(cg, KTAP_OP_RET, reg, 0, 0, e->at);
	arrive(cg, no);
	emit_abc(cg, KTAP_OP_RET0, 0, 0, 0, e->at);
}

static void gen_return(struct codegen *cg, const struct kp_stmt *s)
{
	const struct kp_expr *e = s->expr;
	int base, n;

	if (!e) {
		emit_abc(cg, KTAP_OP_RET0, 0, 0, 0, s->at);
	} else if (cg->func->role == KP_ROLE_FILTER) {
		gen_filter_value(cg, e);
	} else if (e->kind == KP_EX_CALL || e->kind == KP_EX_METHOD) {
		base = take(cg, 1, e->at);
		n = call_row(cg, e, base);
		if (!too_many_arguments(cg, n, e->at))
			emit_abc(cg, KTAP_OP_TAILCALL, base, n, 0, e->at);
	} else {
		emit_abc(cg, KTAP_OP_RET, expr_any(cg, e), 0, 0, s->at);
	}
}

static void gen_goto(struct codegen *cg, const struct kp_stmt *s)
{
	struct kp_label *label = s->jump.label;
	uint32_t at = emit(cg, KTAP_OP_JMP, s->at);

	if (label->placed)
		set_target(cg, at, label->pc);
	else
		wait_target(cg, &label->pending, at);
}

static void gen_label(struct codegen *cg, const struct kp_stmt *s)
{
	struct kp_label *label = s->jump.label;

	arrive(cg, label->pending);
	label->placed = true;
	label->pc = here(cg);
}

static void gen_stmt(struct codegen *cg, const struct kp_stmt *s)
{
	int mark = cg->top;

	switch (s->kind) {
	case KP_ST_LOCAL:
		gen_local(cg, s);
		return; /* its registers stay until the block ends */
	case KP_ST_OPTION:
		gen_option(cg, s);
		return;
	case KP_ST_ASSIGN:
		gen_assign(cg, s);
		break;
	case KP_ST_CALL:
		expr_temp(cg, s->expr);
		break;
	case KP_ST_DELETE: {
		int object = expr_any(cg, s->expr->index.object);

		emit_abc(cg, KTAP_OP_DELKEY, object, expr_any(cg, s->expr->index.key), 0, s->at);
		break;
	}
	case KP_ST_IF:
		gen_if(cg, s);
		break;
	case KP_ST_WHILE:
	case KP_ST_FOR_C:
		gen_while(cg, s);
		break;
	case KP_ST_REPEAT:
		gen_repeat(cg, s);
		break;
	case KP_ST_FOR_NUM:
		gen_for_num(cg, s);
		break;
	case KP_ST_FOR_IN:
		gen_for_in(cg, s);
		break;
	case KP_ST_BREAK:
		jump(cg, &cg->loop->breaks, s->at);
		break;
	case KP_ST_CONTINUE:
		jump(cg, &cg->loop->continues, s->at);
		break;
	case KP_ST_GOTO:
		gen_goto(cg, s);
		break;
	case KP_ST_LABEL:
		gen_label(cg, s);
		break;
	case KP_ST_RETURN:
		gen_return(cg, s);
		break;
	case KP_ST_BLOCK:
		gen_block(cg, &s->block);
		break;
	case KP_ST_TRACE:
	case KP_ST_TRACE_END:
	case KP_ST_TIMER:
	case KP_ST_CDEF:
		break;
	}
	cg->top = mark;
}

static void gen_block(struct codegen *cg, const struct kp_block *block)
{
	const struct kp_stmt *s;
	int mark = cg->top;

	for (s = block->first; s; s = s->next)
		gen_stmt(cg, s);
	cg->top = mark;
}

/* ---- functions ---- */

/* arg[0] = "script", arg[1] = 5, …: decimal arguments become numbers. */
static void gen_arg(struct codegen *cg, const struct kp_var *var, int table, struct kp_span at)
{
	const struct kp_compile_opts *opts = cg->cc->opts;
	int key = take(cg, 2, at), value = key + 1;
	size_t i;

	for (i = 0; i < opts->nargs; i++) {
		const char *text = opts->args[i];
		char *end;
		long long number;

		errno = 0;
		number = strtoll(text, &end, 10);
		load_number(cg, key, (int64_t)i, at);
		if (i && end != text && !*end && !errno && *text > ' ')
			load_number(cg, value, number, at);
		else
			load_string(cg, value, kp_cc_string(cg->cc, text, strlen(text)), at);
		emit_abc(cg, KTAP_OP_SETTABLE, table, key, value, at);
	}
	cg->top = key;
	store_var(cg, var, table, at);
}

/*
 * What the main chunk starts with: globals in registers are nil, tables that are
 * never made by the script are made, and arg is filled.
 */
static void gen_globals(struct codegen *cg, const struct kp_sema *sema)
{
	struct kp_span at = { 0, 0 };
	int table, mark;
	size_t i;

	for (i = 0; i < sema->globals.len; i++) {
		struct kp_var *var = kp_hash_entry(&sema->globals, i)->value;

		if (var->storage != KP_STORE_REGISTER || (!var->uses && !var->writes))
			continue;
		var->reg = take(cg, 1, at);
		emit_abc(cg, KTAP_OP_LOADNIL, var->reg, 0, 0, at);
	}
	mark = cg->top;
	for (i = 0; i < sema->globals.len; i++) {
		struct kp_var *var = kp_hash_entry(&sema->globals, i)->value;

		if (!var->site || var->value)
			continue;
		table = take(cg, 1, at);
		emit_abx(cg, KTAP_OP_NEWTABLE, table, var->site->index, at);
		if (var == sema->arg)
			gen_arg(cg, var, table, at);
		else
			store_var(cg, var, table, at);
		cg->top = mark;
	}
}

static void gen_func(struct kp_program *prog, const struct kp_sema *sema, const struct kp_func *f)
{
	struct codegen cg = { .prog = prog, .cc = prog->cc, .func = f, .nregs = 1 };
	struct kp_code *code = &prog->funcs[f->index];
	const struct kp_name *name;

	cg.start = here(&cg);
	for (name = f->params; name; name = name->next)
		name->var->reg = take(&cg, 1, name->at);
	code->nparams = (uint32_t)cg.top;
	if (f->role == KP_ROLE_MAIN)
		gen_globals(&cg, sema);
	gen_block(&cg, &f->body);
	emit_abc(&cg, KTAP_OP_RET0, 0, 0, 0, f->end);
	code->func = f;
	code->first = cg.start;
	code->len = here(&cg) - cg.start;
	code->nregs = (uint32_t)cg.nregs;
	if (code->len > KTAP_MAX_FUNC_CODE)
		fail(&cg, KP_TAG_TOO_LARGE, f->at);
}

void kp_codegen(struct kp_program *prog, const struct kp_sema *sema)
{
	const struct kp_func *f;

	prog->cc = sema->cc;
	prog->sema = sema;
	kp_hash_init(&prog->const_index, &prog->cc->arena);
	kp_hash_init(&prog->string_index, &prog->cc->arena);
	prog->funcs = kp_cc_alloc(prog->cc, sema->nfuncs * sizeof(*prog->funcs));
	for (f = sema->main; f; f = f->next)
		gen_func(prog, sema, f);
	limit(prog, prog->ninsns > KTAP_MAX_CODE ? KTAP_MAX_CODE + 1 : 0, KTAP_MAX_CODE,
	      "instructions");
}
