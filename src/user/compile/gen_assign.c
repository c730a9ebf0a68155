// SPDX-License-Identifier: GPL-2.0-only
/* Code for assignments and declarations. */
#include "gen.h"
#include "infer.h"

/* ---- assignments ---- */

struct search {
	struct kp_visitor visitor;
	bool found;
};

static void find_call(struct kp_visitor *v, struct kp_expr *e)
{
	if (e->kind == KP_EX_CALL)
		((struct search *)v)->found = true;
	kp_expr_visit(v, e);
}

static void skip_function(struct kp_visitor *v, struct kp_func *f)
{
	(void)v;
	(void)f;
}

/* Does @e call a function of the script, which can assign variables? */
static bool has_call(const struct kp_expr *e)
{
	struct search search = { { .expr = find_call, .func = skip_function }, false };

	find_call(&search.visitor, (struct kp_expr *)e);
	return search.found;
}

/*
 * The value @x of `v = v + x` and `v = v - x`; *@op is ADD or SUB. NULL for others, and where
 * what is on the right could change v after it was read.
 */
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
		return has_call(right) ? NULL : right;
	if (*op == KP_OPERATOR_ADD && right->kind == KP_EX_NAME && right->name.var == var)
		return has_call(left) ? NULL : left;
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
		add_to_shared(cg, var, s->assign.values, op, s->at);
		return;
	}
	reg = kp_emit_take(cg, 1, s->at);
	kp_gen_load(cg, var, reg, s->at);
	gen_compound(cg, s, reg, var->types);
	kp_gen_store(cg, var, reg, s->at);
}

/* v = @value, which is v + @x or v - @x (@op): one step, but nil does not count as 0 here. */
static void accumulate(struct kp_gen *cg, const struct kp_var *var, const struct kp_expr *value,
		       const struct kp_expr *x, enum kp_operator op, struct kp_span at)
{
	uint32_t nil, end;
	int mark = cg->top, reg;

	if (!(var->types & KP_TYPE_FALSY)) {
		add_to_shared(cg, var, x, op, at);
		return;
	}
	reg = kp_emit_take(cg, 1, at);
	kp_gen_load(cg, var, reg, at);
	nil = kp_emit_abx(cg, KTAP_OP_JF, reg, 0, at);
	add_to_shared(cg, var, x, op, at);
	end = kp_emit(cg, KTAP_OP_JMP, at);
	kp_emit_target(cg, nil, kp_emit_here(cg));
	cg->top = mark;
	kp_gen_store(cg, var, kp_gen_any(cg, value), at);
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
		accumulate(cg, var, value, x, op, s->at);
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
