// SPDX-License-Identifier: GPL-2.0-only
/* Code for statements. */
#include "gen.h"
#include "infer.h"

static void gen_stmt(struct kp_gen *cg, const struct kp_stmt *s);

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

static void gen_assign(struct kp_gen *cg, const struct kp_stmt *s)
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
static void define_var(struct kp_gen *cg, const struct kp_name *name, int reg)
{
	if (name->var->storage == KP_STORE_REGISTER)
		name->var->reg = reg;
	else
		kp_gen_store(cg, name->var, reg, name->at);
}

static void gen_local(struct kp_gen *cg, const struct kp_stmt *s)
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
			define_var(cg, name, reg);
	}
	if (!registers)
		cg->top = start;
}

static void gen_option(struct kp_gen *cg, const struct kp_stmt *s)
{
	int reg = kp_emit_take(cg, 1, s->at);

	kp_gen_number(cg, reg, s->option.number, s->at);
	kp_emit_abc(cg, KTAP_OP_ARG, reg, reg, 0, s->at);
	define_var(cg, s->option.name, reg);
	if (s->option.name->var->storage == KP_STORE_CELL)
		cg->top = reg;
}

/* ---- control ---- */

static void gen_if(struct kp_gen *cg, const struct kp_stmt *s)
{
	const struct kp_arm *arm;
	struct kp_pending *end = NULL;

	for (arm = s->arms; arm; arm = arm->next) {
		struct kp_pending *no = NULL;

		if (arm->test)
			kp_gen_test(cg, arm->test, false, &no);
		kp_gen_block(cg, &arm->body, s->at);
		if (arm->next && !arm->body.left)
			kp_emit_jump(cg, &end, s->at);
		kp_emit_arrive(cg, no);
	}
	kp_emit_arrive(cg, end);
}

static void open_loop(struct kp_gen *cg, struct kp_loop *loop)
{
	*loop = (struct kp_loop){ .up = cg->loop };
	cg->loop = loop;
}

static void close_loop(struct kp_gen *cg, struct kp_loop *loop)
{
	kp_emit_arrive(cg, loop->breaks);
	cg->loop = loop->up;
}

/* Jump back to @body while @test (NULL: always) holds. */
static void gen_back(struct kp_gen *cg, const struct kp_expr *test, bool when, uint32_t body,
		     struct kp_span at)
{
	struct kp_pending *back = NULL;

	if (!test) {
		kp_emit_jump_to(cg, body, at);
		return;
	}
	kp_gen_test(cg, test, when, &back);
	for (; back; back = back->next)
		kp_emit_target(cg, back->at, body);
}

/* while (test) body; for (init; test; next) body. The test stands behind the body. */
static void gen_while(struct kp_gen *cg, const struct kp_stmt *s)
{
	int mark = cg->top;
	struct kp_pending *enter = NULL;
	struct kp_loop loop;
	uint32_t body;

	kp_gen_scope(cg, s->loop.env, s->at);
	if (s->loop.init)
		gen_stmt(cg, s->loop.init);
	open_loop(cg, &loop);
	if (s->loop.limit && s->loop.limit->kind != KP_EX_TRUE)
		kp_emit_jump(cg, &enter, s->at);
	body = kp_emit_here(cg);
	kp_gen_block(cg, &s->loop.body, s->at);
	kp_emit_arrive(cg, loop.continues);
	kp_gen_scope_again(cg, s->loop.env, s->at);
	if (s->loop.next)
		gen_stmt(cg, s->loop.next);
	kp_emit_arrive(cg, enter);
	gen_back(cg, s->loop.limit, true, body, s->at);
	close_loop(cg, &loop);
	cg->top = mark;
}

/* repeat body until test: the test sees the variables of the body. */
static void gen_repeat(struct kp_gen *cg, const struct kp_stmt *s)
{
	int mark = cg->top;
	struct kp_loop loop;
	uint32_t body = kp_emit_here(cg);

	open_loop(cg, &loop);
	kp_gen_scope(cg, s->loop.body.env, s->at);
	kp_gen_statements(cg, &s->loop.body);
	kp_emit_arrive(cg, loop.continues);
	gen_back(cg, s->loop.limit, false, body, s->at);
	close_loop(cg, &loop);
	cg->top = mark;
}

static void gen_for_num(struct kp_gen *cg, const struct kp_stmt *s)
{
	int mark = cg->top, base = kp_emit_take(cg, 4, s->at);
	struct kp_loop loop;
	uint32_t prepare, body, again;

	kp_gen_to(cg, s->loop.from, base, true);
	kp_gen_to(cg, s->loop.limit, base + 1, true);
	if (s->loop.step)
		kp_gen_to(cg, s->loop.step, base + 2, true);
	else
		kp_gen_number(cg, base + 2, 1, s->at);
	open_loop(cg, &loop);
	prepare = kp_emit_abx(cg, KTAP_OP_FORPREP, base, 0, s->at);
	body = kp_emit_here(cg);
	kp_gen_scope(cg, s->loop.body.env, s->at);
	define_var(cg, s->loop.names, base + 3);
	kp_gen_statements(cg, &s->loop.body);
	kp_emit_arrive(cg, loop.continues);
	again = kp_emit_abx(cg, KTAP_OP_FORLOOP, base, 0, s->at);
	kp_emit_target(cg, again, body);
	kp_emit_target(cg, prepare, kp_emit_here(cg));
	close_loop(cg, &loop);
	cg->top = mark;
}

/* The loop in which the function @compare of the script sorts the copy in register @base. */
static void gen_sort(struct kp_gen *cg, int base, const struct kp_expr *compare, struct kp_span at)
{
	int mark = cg->top, function = kp_gen_any(cg, compare), call = kp_emit_take(cg, 3, at);
	uint32_t next = kp_emit_abx(cg, KTAP_OP_SORTNEXT, base, 0, at);

	kp_emit_abc(cg, KTAP_OP_MOVE, call, function, 0, at);
	kp_emit_abc(cg, KTAP_OP_MOVE, call + 1, base + 1, 0, at);
	kp_emit_abc(cg, KTAP_OP_MOVE, call + 2, base + 2, 0, at);
	kp_emit_abc(cg, KTAP_OP_CALL, call, 2, 0, at);
	kp_emit_abc(cg, KTAP_OP_SORTTELL, base, call, 0, at);
	kp_emit_jump_to(cg, next, at);
	kp_emit_target(cg, next, kp_emit_here(cg));
	cg->top = mark;
}

/* What is walked: the table of pairs(t), or a sorted copy for sort_pairs(t, compare). */
static int gen_walked(struct kp_gen *cg, const struct kp_expr *call, int base)
{
	const struct kp_expr *compare = call->call.args->next;
	int table = kp_gen_any(cg, call->call.args);

	if (!kp_check_sorts(call))
		return table;
	kp_emit_abc(cg, KTAP_OP_SORT, base, table, compare != NULL, call->at);
	if (compare)
		gen_sort(cg, base, compare, call->at);
	return base;
}

static void gen_for_in(struct kp_gen *cg, const struct kp_stmt *s)
{
	int mark = cg->top, base = kp_emit_take(cg, 4, s->at), table;
	const struct kp_name *name;
	struct kp_loop loop;
	uint32_t next;

	table = gen_walked(cg, s->loop.from, base);
	kp_emit_abc(cg, KTAP_OP_PAIRS, base, table, 0, s->at);
	cg->top = base + 4;
	open_loop(cg, &loop);
	next = kp_emit_abx(cg, KTAP_OP_NEXT, base, 0, s->at);
	kp_gen_scope(cg, s->loop.body.env, s->at);
	if (s->loop.names->next) {
		int parts, n = 0;

		for (name = s->loop.names; name; name = name->next)
			n++;
		parts = kp_emit_take(cg, n, s->at);
		kp_emit_abc(cg, KTAP_OP_UNTUPLE, parts, base + 2, n, s->at);
		for (name = s->loop.names; name; name = name->next)
			define_var(cg, name, parts++);
	} else {
		define_var(cg, s->loop.names, base + 2);
	}
	if (s->loop.value)
		define_var(cg, s->loop.value, base + 3);
	kp_gen_statements(cg, &s->loop.body);
	kp_emit_arrive(cg, loop.continues);
	kp_emit_jump_to(cg, next, s->at);
	kp_emit_target(cg, next, kp_emit_here(cg));
	close_loop(cg, &loop);
	cg->top = mark;
}

/* A filter's value is only tested, so && || ! need not make one. */
static void gen_filter_value(struct kp_gen *cg, const struct kp_expr *e)
{
	struct kp_pending *no = NULL;
	int reg = kp_emit_take(cg, 1, e->at);

	kp_gen_test(cg, e, false, &no);
	kp_emit_abc(cg, KTAP_OP_LOADBOOL, reg, 1, 0, e->at);
	kp_emit_abc(cg, KTAP_OP_RET, reg, 0, 0, e->at);
	kp_emit_arrive(cg, no);
	kp_emit_abc(cg, KTAP_OP_RET0, 0, 0, 0, e->at);
}

static void gen_return(struct kp_gen *cg, const struct kp_stmt *s)
{
	const struct kp_expr *e = s->expr;
	int base;

	if (!e) {
		kp_emit_abc(cg, KTAP_OP_RET0, 0, 0, 0, s->at);
	} else if (cg->func->role == KP_ROLE_FILTER) {
		gen_filter_value(cg, e);
	} else if (e->kind == KP_EX_CALL || e->kind == KP_EX_METHOD) {
		base = kp_emit_take(cg, 1, e->at);
		kp_gen_call(cg, e, base, KTAP_OP_TAILCALL);
	} else {
		kp_emit_abc(cg, KTAP_OP_RET, kp_gen_any(cg, e), 0, 0, s->at);
	}
}

static void gen_goto(struct kp_gen *cg, const struct kp_stmt *s)
{
	struct kp_label *label = s->jump.label;
	uint32_t at = kp_emit(cg, KTAP_OP_JMP, s->at);

	if (label->placed)
		kp_emit_target(cg, at, label->pc);
	else
		kp_emit_wait(cg, &label->pending, at);
}

static void gen_label(struct kp_gen *cg, const struct kp_stmt *s)
{
	struct kp_label *label = s->jump.label;

	kp_emit_arrive(cg, label->pending);
	label->placed = true;
	label->pc = kp_emit_here(cg);
}

static void gen_stmt(struct kp_gen *cg, const struct kp_stmt *s)
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
		kp_gen_temp(cg, s->expr);
		break;
	case KP_ST_DELETE: {
		int object = kp_gen_any(cg, s->expr->index.object);

		kp_emit_abc(cg, KTAP_OP_DELKEY, object, kp_gen_any(cg, s->expr->index.key), 0,
			    s->at);
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
		kp_emit_jump(cg, &cg->loop->breaks, s->at);
		break;
	case KP_ST_CONTINUE:
		kp_emit_jump(cg, &cg->loop->continues, s->at);
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
		kp_gen_block(cg, &s->block, s->at);
		break;
	case KP_ST_TRACE:
	case KP_ST_TRACE_END:
	case KP_ST_TIMER:
	case KP_ST_CDEF:
		break;
	}
	cg->top = mark;
}

void kp_gen_statements(struct kp_gen *cg, const struct kp_block *block)
{
	const struct kp_stmt *s;

	for (s = block->first; s; s = s->next)
		gen_stmt(cg, s);
}

void kp_gen_block(struct kp_gen *cg, const struct kp_block *block, struct kp_span at)
{
	int mark = cg->top;

	kp_gen_scope(cg, block->env, at);
	kp_gen_statements(cg, block);
	cg->top = mark;
}
