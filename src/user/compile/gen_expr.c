// SPDX-License-Identifier: GPL-2.0-only
/* Code for expressions. */
#include "gen.h"

#define NO_REG (-1)

/* ---- values ---- */

void kp_gen_number(struct kp_gen *cg, int dst, int64_t number, struct kp_span at)
{
	if (number >= INT16_MIN && number <= INT16_MAX)
		kp_emit_abx(cg, KTAP_OP_LOADI, dst, (uint16_t)number, at);
	else
		kp_emit_abx(cg, KTAP_OP_LOADK, dst,
			    kp_program_constant(cg->prog, false, (uint64_t)number), at);
}

void kp_gen_string(struct kp_gen *cg, int dst, const struct kp_str *str, struct kp_span at)
{
	uint32_t number = kp_program_string(cg->prog, str);

	kp_emit_abx(cg, KTAP_OP_LOADK, dst, kp_program_constant(cg->prog, true, number), at);
}

bool kp_gen_is_frozen(const struct kp_var *var)
{
	return !var->written_outside;
}

static void load_slot(struct kp_gen *cg, const struct kp_var *var, int dst, struct kp_span at)
{
	int mark = cg->top, env, key;

	kp_gen_slot(cg, var, &env, &key, at);
	kp_emit_abc(cg, KTAP_OP_GETTABLE, dst, env, key, at);
	cg->top = mark;
}

static void store_slot(struct kp_gen *cg, const struct kp_var *var, int src, struct kp_span at)
{
	int mark = cg->top, env, key;

	kp_gen_slot(cg, var, &env, &key, at);
	kp_emit_abc(cg, KTAP_OP_SETTABLE, env, key, src, at);
	cg->top = mark;
}

void kp_gen_load(struct kp_gen *cg, const struct kp_var *var, int dst, struct kp_span at)
{
	if (var->storage == KP_STORE_NONE)
		kp_gen_closure(cg, var->function, dst, at);
	else if (var->storage == KP_STORE_ENV)
		load_slot(cg, var, dst, at);
	else if (var->storage == KP_STORE_CELL)
		kp_emit_abx(cg, kp_gen_is_frozen(var) ? KTAP_OP_GETFROZEN : KTAP_OP_GETCELL, dst,
			    var->cell, at);
	else if (var->reg != dst)
		kp_emit_abc(cg, KTAP_OP_MOVE, dst, var->reg, 0, at);
}

void kp_gen_store(struct kp_gen *cg, const struct kp_var *var, int src, struct kp_span at)
{
	if (var->storage == KP_STORE_CELL)
		kp_emit_abx(cg, KTAP_OP_SETCELL, src, var->cell, at);
	else if (var->storage == KP_STORE_ENV)
		store_slot(cg, var, src, at);
	else if (var->storage == KP_STORE_REGISTER && var->reg != src)
		kp_emit_abc(cg, KTAP_OP_MOVE, var->reg, src, 0, at);
}

/* The register of a variable that lives in one, else NO_REG. */
static int own_register(const struct kp_expr *e)
{
	if (e->kind != KP_EX_NAME || e->name.var->storage != KP_STORE_REGISTER)
		return NO_REG;
	return e->name.var->reg;
}

int kp_gen_temp(struct kp_gen *cg, const struct kp_expr *e)
{
	int dst = kp_emit_take(cg, 1, e->at);

	kp_gen_to(cg, e, dst, true);
	return dst;
}

int kp_gen_any(struct kp_gen *cg, const struct kp_expr *e)
{
	int reg = own_register(e);

	return reg != NO_REG ? reg : kp_gen_temp(cg, e);
}

int kp_gen_any_in(struct kp_gen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	int reg = own_register(e);

	if (reg != NO_REG)
		return reg;
	if (!fresh)
		return kp_gen_temp(cg, e);
	kp_gen_to(cg, e, dst, true);
	return dst;
}

int kp_gen_row(struct kp_gen *cg, const struct kp_expr *e)
{
	int n = 0;

	for (; e; e = e->next, n++)
		kp_gen_temp(cg, e);
	return n;
}

/* Where a call puts callee and arguments: the top, which may be @dst itself. */
static int call_base(struct kp_gen *cg, int dst, bool fresh, struct kp_span at)
{
	return fresh && dst == cg->top - 1 ? dst : kp_emit_take(cg, 1, at);
}

static void move_result(struct kp_gen *cg, int dst, int from, struct kp_span at)
{
	if (dst != from)
		kp_emit_abc(cg, KTAP_OP_MOVE, dst, from, 0, at);
}

static bool too_many_arguments(struct kp_gen *cg, int n, struct kp_span at)
{
	if (n > KTAP_MAX_REGS)
		kp_emit_fail(cg, KP_TAG_TOO_COMPLEX, at);
	return n > KTAP_MAX_REGS;
}

/* Callee and arguments of a call in a row from @base; returns the number of arguments. */
static int call_row(struct kp_gen *cg, const struct kp_expr *e, int base)
{
	int object, key, mark;

	if (e->kind == KP_EX_CALL) {
		kp_gen_to(cg, e->call.callee, base, true);
		return kp_gen_row(cg, e->call.args);
	}
	/* o:name(…) calls o["name"](o, …) */
	object = kp_emit_take(cg, 1, e->at);
	kp_gen_to(cg, e->call.callee, object, true);
	mark = cg->top;
	key = kp_emit_take(cg, 1, e->at);
	kp_gen_string(cg, key, e->call.method, e->at);
	kp_emit_abc(cg, KTAP_OP_GETTABLE, base, object, key, e->at);
	cg->top = mark;
	return 1 + kp_gen_row(cg, e->call.args);
}

void kp_gen_call(struct kp_gen *cg, const struct kp_expr *e, int base, enum ktap_opcode op)
{
	int n = call_row(cg, e, base);

	if (!too_many_arguments(cg, n, e->at))
		kp_emit_abc(cg, op, base, n, 0, e->at);
}

static void gen_call(struct kp_gen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	int base = call_base(cg, dst, fresh, e->at);

	kp_gen_call(cg, e, base, KTAP_OP_CALL);
	move_result(cg, dst, base, e->at);
}

static void gen_builtin(struct kp_gen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	const struct kp_expr *args = e->builtin.args;
	int base = call_base(cg, dst, fresh, e->at), n = 0;

	if (args) {
		kp_gen_to(cg, args, base, true);
		n = 1 + kp_gen_row(cg, args->next);
	}
	if (!too_many_arguments(cg, n, e->at))
		kp_emit_abc(cg, KTAP_OP_BUILTIN, base, (int)e->builtin.id, n, e->at);
	move_result(cg, dst, base, e->at);
}

static void gen_table(struct kp_gen *cg, const struct kp_expr *e, int dst)
{
	const struct kp_item *item;
	int64_t number = 1;
	int mark = cg->top;

	kp_emit_abx(cg, KTAP_OP_NEWTABLE, dst, e->table.site->index, e->at);
	for (item = e->table.items; item; item = item->next) {
		int key, value;

		if (item->key) {
			key = kp_gen_any(cg, item->key);
		} else {
			key = kp_emit_take(cg, 1, e->at);
			kp_gen_number(cg, key, number++, item->value->at);
		}
		value = kp_gen_any(cg, item->value);
		kp_emit_abc(cg, KTAP_OP_SETTABLE, dst, key, value, item->value->at);
		cg->top = mark;
	}
}

/* ---- all expressions ---- */

/* The jumps of a && b && … (or all ||) that leave with the value in @dst go to @end. */
static void gen_logic(struct kp_gen *cg, const struct kp_expr *e, int dst, struct kp_pending **end)
{
	const struct kp_expr *left = e->op.left;
	enum ktap_opcode op = e->kind == KP_EX_AND ? KTAP_OP_JF : KTAP_OP_JT;

	if (left->kind == e->kind)
		gen_logic(cg, left, dst, end);
	else
		kp_gen_to(cg, left, dst, true);
	kp_emit_wait(cg, end, kp_emit_abx(cg, op, dst, 0, e->at));
	kp_gen_to(cg, e->op.right, dst, true);
}

static void gen_cond(struct kp_gen *cg, const struct kp_expr *e, int dst)
{
	struct kp_pending *no = NULL, *end = NULL;

	kp_gen_test(cg, e->cond.test, false, &no);
	kp_gen_to(cg, e->cond.yes, dst, true);
	kp_emit_jump(cg, &end, e->at);
	kp_emit_arrive(cg, no);
	kp_gen_to(cg, e->cond.no, dst, true);
	kp_emit_arrive(cg, end);
}

bool kp_gen_writes_last(const struct kp_expr *e)
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

void kp_gen_to(struct kp_gen *cg, const struct kp_expr *e, int dst, bool fresh)
{
	struct kp_pending *end = NULL;
	int mark = cg->top, a, b, n;

	switch (e->kind) {
	case KP_EX_NIL:
	case KP_EX_VARARG:
		kp_emit_abc(cg, KTAP_OP_LOADNIL, dst, 0, 0, e->at);
		break;
	case KP_EX_TRUE:
	case KP_EX_FALSE:
		kp_emit_abc(cg, KTAP_OP_LOADBOOL, dst, e->kind == KP_EX_TRUE, 0, e->at);
		break;
	case KP_EX_NUMBER:
		kp_gen_number(cg, dst, e->number, e->at);
		break;
	case KP_EX_STRING:
		kp_gen_string(cg, dst, e->str, e->at);
		break;
	case KP_EX_NAME:
		kp_gen_load(cg, e->name.var, dst, e->at);
		break;
	case KP_EX_FUNCTION:
		kp_gen_closure(cg, e->func, dst, e->at);
		break;
	case KP_EX_FIELD:
		kp_emit_abx(cg, KTAP_OP_FIELD, dst, e->field, e->at);
		break;
	case KP_EX_INDEX:
		a = kp_gen_any_in(cg, e->index.object, dst, fresh);
		b = kp_gen_any(cg, e->index.key);
		kp_emit_abc(cg, KTAP_OP_GETTABLE, dst, a, b, e->at);
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
		a = kp_gen_any_in(cg, e->op.left, dst, fresh);
		kp_emit_abc(cg, kp_gen_opcode(e->op.op), dst, a, 0, e->at);
		break;
	case KP_EX_BINARY:
		kp_gen_binary(cg, e, dst, fresh);
		break;
	case KP_EX_CONCAT:
		n = kp_gen_row(cg, e->list);
		if (!too_many_arguments(cg, n, e->at))
			kp_emit_abc(cg, KTAP_OP_CONCAT, dst, mark, n, e->at);
		break;
	case KP_EX_TUPLE:
		n = kp_gen_row(cg, e->list);
		kp_emit_abc(cg, KTAP_OP_TUPLE, dst, mark, n, e->at);
		break;
	case KP_EX_AND:
	case KP_EX_OR:
		gen_logic(cg, e, dst, &end);
		kp_emit_arrive(cg, end);
		break;
	case KP_EX_COND:
		gen_cond(cg, e, dst);
		break;
	}
	cg->top = mark;
}
