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

/* nil counts as 0 for += and -=; @types are those of the value in @reg. */
static void nil_to_zero(struct kp_gen *cg, int reg, unsigned int types, struct kp_span at)
{
	uint32_t skip;
	int nil;

	if (types & KP_TYPE_FALSE) {
		nil = kp_emit_take(cg, 1, at);
		kp_emit_abc(cg, KTAP_OP_LOADNIL, nil, 0, 0, at);
		kp_emit_abc(cg, KTAP_OP_JEQ, reg, 0, nil, at);
		skip = kp_emit(cg, KTAP_OP_JMP, at);
	} else {
		skip = kp_emit_abx(cg, KTAP_OP_JT, reg, 0, at);
	}
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

/* What is added: a small constant, or what is in a register (-1: none). */
struct addend {
	int reg;
	int n;
};

/* What += (ADD) or -= (SUB) @value adds. */
static struct addend gen_addend(struct kp_gen *cg, const struct kp_expr *value, enum kp_operator op)
{
	struct addend add = { -1, 0 };
	uint32_t skip;
	int reg;

	if (small_addend(value, op, &add.n))
		return add;
	if (op == KP_OPERATOR_ADD) {
		add.reg = kp_gen_any(cg, value);
		return add;
	}
	add.reg = kp_emit_take(cg, 1, value->at);
	if (value->kind == KP_EX_NUMBER) {
		kp_gen_number(cg, add.reg, (int64_t)(0 - (uint64_t)value->number), value->at);
		return add;
	}
	reg = kp_gen_any_in(cg, value, add.reg, true);
	if (!(kp_expr_types(value) & KP_TYPE_FALSY)) {
		kp_emit_abc(cg, KTAP_OP_NEG, add.reg, reg, 0, value->at);
		return add;
	}
	/* what cannot be added is said where it is added, once */
	if (reg != add.reg)
		kp_emit_abc(cg, KTAP_OP_MOVE, add.reg, reg, 0, value->at);
	skip = kp_emit_abx(cg, KTAP_OP_JF, add.reg, 0, value->at);
	kp_emit_abc(cg, KTAP_OP_NEG, add.reg, add.reg, 0, value->at);
	kp_emit_target(cg, skip, kp_emit_here(cg));
	return add;
}

/* @object and @key are registers, of an element. */
static void add_to_element(struct kp_gen *cg, int object, int key, struct addend add,
			   struct kp_span at)
{
	if (add.reg < 0)
		kp_emit_abc(cg, KTAP_OP_ADDTABLEI, object, key, add.n, at);
	else
		kp_emit_abc(cg, KTAP_OP_ADDTABLE, object, key, add.reg, at);
}

/* One step for variables that others may change meanwhile. */
static void add_to_shared(struct kp_gen *cg, const struct kp_var *var, struct addend add,
			  struct kp_span at)
{
	int env, key;

	if (var->storage == KP_STORE_ENV) {
		kp_gen_slot(cg, var, &env, &key, at);
		add_to_element(cg, env, key, add, at);
		return;
	}
	if (add.reg < 0 && add.n >= 0) {
		kp_emit_abx(cg, KTAP_OP_ADDCELLI, add.n, var->cell, at);
		return;
	}
	if (add.reg < 0) {
		add.reg = kp_emit_take(cg, 1, at);
		kp_gen_number(cg, add.reg, add.n, at);
	}
	kp_emit_abx(cg, KTAP_OP_ADDCELL, add.reg, var->cell, at);
}

/*
 * @reg = @reg OP the value of the statement; @types are those of what is in @reg. What is
 * added may ask for the variable, so it comes before nil becomes 0.
 */
static void gen_compound(struct kp_gen *cg, const struct kp_stmt *s, int reg, unsigned int types)
{
	const struct kp_expr *value = s->assign.values;
	enum kp_operator op = s->assign.op;
	bool zero = adds(op) && types & KP_TYPE_NIL;
	int n, right;

	if (adds(op) && small_addend(value, op, &n)) {
		if (zero)
			nil_to_zero(cg, reg, types, s->at);
		kp_emit_abc(cg, KTAP_OP_ADDI, reg, reg, n, s->at);
		return;
	}
	right = zero ? kp_gen_temp(cg, value) : kp_gen_any(cg, value);
	if (zero)
		nil_to_zero(cg, reg, types, s->at);
	kp_emit_abc(cg, kp_gen_opcode(op), reg, reg, right, s->at);
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
		gen_compound(cg, s, var->reg, var->types);
		return;
	}
	if (adds(op) && is_shared(var)) {
		add_to_shared(cg, var, gen_addend(cg, s->assign.values, op), s->at);
		return;
	}
	reg = kp_emit_take(cg, 1, s->at);
	kp_gen_load(cg, var, reg, s->at);
	gen_compound(cg, s, reg, var->types);
	kp_gen_store(cg, var, reg, s->at);
}

/*
 * v = v + @x or v - @x (@op): one step, but nil does not count as 0 here. It stays nil then, and
 * what others store meanwhile stays, too.
 */
static void accumulate(struct kp_gen *cg, const struct kp_var *var, const struct kp_expr *x,
		       enum kp_operator op, struct kp_span at)
{
	struct addend add = gen_addend(cg, x, op);
	uint32_t nil, end;
	int reg;

	if (!(var->types & KP_TYPE_FALSY)) {
		add_to_shared(cg, var, add, at);
		return;
	}
	reg = kp_emit_take(cg, 1, at);
	kp_gen_load(cg, var, reg, at);
	nil = kp_emit_abx(cg, KTAP_OP_JF, reg, 0, at);
	add_to_shared(cg, var, add, at);
	end = kp_emit(cg, KTAP_OP_JMP, at);
	kp_emit_target(cg, nil, kp_emit_here(cg));
	if (add.reg < 0)
		kp_emit_abc(cg, KTAP_OP_ADDI, reg, reg, add.n, at);
	else
		kp_emit_abc(cg, KTAP_OP_ADD, reg, reg, add.reg, at);
	kp_emit_target(cg, end, kp_emit_here(cg));
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
		accumulate(cg, var, x, op, s->at);
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
		add_to_element(cg, object, key, gen_addend(cg, s->assign.values, s->assign.op),
			       s->at);
		break;
	default:
		value = kp_emit_take(cg, 1, s->at);
		kp_emit_abc(cg, KTAP_OP_GETTABLE, value, object, key, s->at);
		gen_compound(cg, s, value, KP_TYPE_ANY);
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
