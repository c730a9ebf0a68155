// SPDX-License-Identifier: GPL-2.0-only
/* Code for assignments and declarations. */
#include "gen.h"
#include "infer.h"

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
static int addend(struct kp_gen *cg, const struct kp_expr *value, enum kp_operator op)
{
	int reg, dst;

	if (op != KP_OPERATOR_SUB)
		return kp_gen_any(cg, value);
	dst = kp_emit_take(cg, 1, value->at);
	if (value->kind == KP_EX_NUMBER) {
		kp_gen_number(cg, dst, (int64_t)(0 - (uint64_t)value->number), value->at);
		return dst;
	}
	reg = kp_gen_any_in(cg, value, dst, true);
	kp_emit_abc(cg, KTAP_OP_NEG, dst, reg, 0, value->at);
	return dst;
}

/* nil counts as 0 for += and -= */
static void nil_to_zero(struct kp_gen *cg, int reg, struct kp_span at)
{
	uint32_t skip = kp_emit_abx(cg, KTAP_OP_JT, reg, 0, at);

	kp_gen_number(cg, reg, 0, at);
	kp_emit_target(cg, skip, kp_emit_here(cg));
}

static bool adds(enum kp_operator op)
{
	return op == KP_OPERATOR_ADD || op == KP_OPERATOR_SUB;
}

/* What is to be added as a small constant: it needs no register. */
static bool small_addend(const struct kp_expr *value, enum kp_operator op, int *n)
{
	if (!kp_gen_is_small(value) || (op == KP_OPERATOR_SUB && value->number == INT8_MIN))
		return false;
	*n = op == KP_OPERATOR_SUB ? -(int)value->number : (int)value->number;
	return true;
}

/* @object and @key are registers, of an element. */
static void add_to_element(struct kp_gen *cg, int object, int key, const struct kp_expr *value,
			   enum kp_operator op, struct kp_span at)
{
	int n;

	if (small_addend(value, op, &n))
		kp_emit_abc(cg, KTAP_OP_ADDTABLEI, object, key, n, at);
	else
		kp_emit_abc(cg, KTAP_OP_ADDTABLE, object, key, addend(cg, value, op), at);
}

/* One step for variables that others may change meanwhile. */
static void add_to_shared(struct kp_gen *cg, const struct kp_var *var, const struct kp_expr *value,
			  enum kp_operator op, struct kp_span at)
{
	int n, env, key;

	if (var->storage == KP_STORE_ENV) {
		kp_gen_slot(cg, var, &env, &key, at);
		add_to_element(cg, env, key, value, op, at);
		return;
	}
	if (small_addend(value, op, &n) && n >= 0)
		kp_emit_abx(cg, KTAP_OP_ADDCELLI, n, var->cell, at);
	else
		kp_emit_abx(cg, KTAP_OP_ADDCELL, addend(cg, value, op), var->cell, at);
}

/* @dst = @left OP @value, for a compound assignment. */
static void gen_compound(struct kp_gen *cg, const struct kp_stmt *s, int dst, int left)
{
	const struct kp_expr *value = s->assign.values;
	enum kp_operator op = s->assign.op;
	int n;

	if (adds(op) && small_addend(value, op, &n))
		kp_emit_abc(cg, KTAP_OP_ADDI, dst, left, n, s->at);
	else
		kp_emit_abc(cg, kp_gen_opcode(op), dst, left, kp_gen_any(cg, value), s->at);
}

/* Can others change the variable between a read and a write of it? */
static bool is_shared(const struct kp_var *var)
{
	return var->storage == KP_STORE_ENV ||
	       (var->storage == KP_STORE_CELL && !kp_gen_is_frozen(var));
}

static void assign_compound_name(struct kp_gen *cg, const struct kp_stmt *s,
				 const struct kp_var *var)
{
	enum kp_operator op = s->assign.op;
	int reg;

	if (var->storage == KP_STORE_REGISTER) {
		if (adds(op) && var->types & KP_TYPE_NIL)
			nil_to_zero(cg, var->reg, s->at);
		gen_compound(cg, s, var->reg, var->reg);
		return;
	}
	if (adds(op) && is_shared(var)) {
		add_to_shared(cg, var, s->assign.values, op, s->at);
		return;
	}
	reg = kp_emit_take(cg, 1, s->at);
	kp_gen_load(cg, var, reg, s->at);
	if (adds(op))
		nil_to_zero(cg, reg, s->at);
	gen_compound(cg, s, reg, reg);
	kp_gen_store(cg, var, reg, s->at);
}

static void assign_name(struct kp_gen *cg, const struct kp_stmt *s, const struct kp_expr *target)
{
	const struct kp_var *var = target->name.var;
	const struct kp_expr *value = s->assign.values, *x;
	enum kp_operator op;

	if (var->storage == KP_STORE_NONE)
		return;
	if (s->assign.op != KP_OPERATOR_NONE) {
		assign_compound_name(cg, s, var);
		return;
	}
	if (var->storage == KP_STORE_REGISTER && kp_gen_writes_last(value)) {
		kp_gen_to(cg, value, var->reg, false);
		return;
	}
	x = accumulated(var, value, &op);
	if (x && is_shared(var))
		add_to_shared(cg, var, x, op, s->at);
	else
		kp_gen_store(cg, var, kp_gen_any(cg, value), s->at);
}

static void assign_index(struct kp_gen *cg, const struct kp_stmt *s, const struct kp_expr *target)
{
	int object = kp_gen_any(cg, target->index.object);
	int key = kp_gen_any(cg, target->index.key);
	int value;

	switch (s->assign.op) {
	case KP_OPERATOR_NONE:
		value = kp_gen_any(cg, s->assign.values);
		kp_emit_abc(cg, KTAP_OP_SETTABLE, object, key, value, s->at);
		break;
	case KP_OPERATOR_AGG:
		value = kp_gen_any(cg, s->assign.values);
		kp_emit_abc(cg, KTAP_OP_AGGTABLE, object, key, value, s->at);
		break;
	case KP_OPERATOR_ADD:
	case KP_OPERATOR_SUB:
		add_to_element(cg, object, key, s->assign.values, s->assign.op, s->at);
		break;
	default:
		value = kp_emit_take(cg, 1, s->at);
		kp_emit_abc(cg, KTAP_OP_GETTABLE, value, object, key, s->at);
		gen_compound(cg, s, value, value);
		kp_emit_abc(cg, KTAP_OP_SETTABLE, object, key, value, s->at);
		break;
	}
}

/* a, t[k] = x, y: objects and keys first, then all values, then the stores. */
static void assign_many(struct kp_gen *cg, const struct kp_stmt *s)
{
	const struct kp_expr *target, *value = s->assign.values;
	int place = cg->top, values;

	for (target = s->assign.targets; target; target = target->next) {
		if (target->kind != KP_EX_INDEX)
			continue;
		kp_gen_temp(cg, target->index.object);
		kp_gen_temp(cg, target->index.key);
	}
	values = cg->top;
	kp_gen_row(cg, value);
	for (target = s->assign.targets; target; target = target->next) {
		int reg = values++;

		if (!value) {
			reg = kp_emit_take(cg, 1, s->at);
			kp_emit_abc(cg, KTAP_OP_LOADNIL, reg, 0, 0, s->at);
		}
		if (target->kind == KP_EX_NAME) {
			kp_gen_store(cg, target->name.var, reg, s->at);
		} else {
			kp_emit_abc(cg, KTAP_OP_SETTABLE, place, place + 1, reg, s->at);
			place += 2;
		}
		value = value ? value->next : NULL;
	}
}

void kp_gen_assign(struct kp_gen *cg, const struct kp_stmt *s)
{
	if (s->assign.targets->next || s->assign.values->next)
		assign_many(cg, s);
	else if (s->assign.targets->kind == KP_EX_NAME)
		assign_name(cg, s, s->assign.targets);
	else
		assign_index(cg, s, s->assign.targets);
}

/* ---- declarations ---- */

void kp_gen_define(struct kp_gen *cg, const struct kp_name *name, int reg)
{
	if (name->var->storage == KP_STORE_REGISTER)
		name->var->reg = reg;
	else
		kp_gen_store(cg, name->var, reg, name->at);
}

void kp_gen_local(struct kp_gen *cg, const struct kp_stmt *s)
{
	const struct kp_expr *value = s->local.values;
	const struct kp_name *name;
	int start = cg->top, reg = start, mark;
	bool registers = false;

	for (name = s->local.names; name; name = name->next) {
		int dst = kp_emit_take(cg, 1, name->at);

		if (name->var->storage != KP_STORE_NONE) {
			if (value)
				kp_gen_to(cg, value, dst, true);
			else
				kp_emit_abc(cg, KTAP_OP_LOADNIL, dst, 0, 0, name->at);
		}
		value = value ? value->next : NULL;
	}
	mark = cg->top;
	for (; value; value = value->next) {
		kp_gen_temp(cg, value);
		cg->top = mark;
	}
	for (name = s->local.names; name; name = name->next, reg++) {
		registers |= name->var->storage == KP_STORE_REGISTER;
		if (name->var->storage != KP_STORE_NONE)
			kp_gen_define(cg, name, reg);
	}
	if (!registers)
		cg->top = start;
}

void kp_gen_option(struct kp_gen *cg, const struct kp_stmt *s)
{
	int reg = kp_emit_take(cg, 1, s->at);

	kp_gen_number(cg, reg, s->option.number, s->at);
	kp_emit_abc(cg, KTAP_OP_ARG, reg, reg, 0, s->at);
	kp_gen_define(cg, s->option.name, reg);
	if (s->option.name->var->storage == KP_STORE_CELL)
		cg->top = reg;
}
