// SPDX-License-Identifier: GPL-2.0-only
/*
 * What types the values of variables can have, whatever happens: the types of everything
 * that is assigned to a variable, joined. The whole script is looked at again until nothing
 * is added; a type that was added stays, so that ends soon.
 *
 * A function that is only ever called by its name has the arguments of these calls, and its
 * calls have the values that it returns. Elements of tables can be anything.
 */
#include "infer.h"

#include "builtin.h"
#include "ktap/bytecode.h"

struct infer {
	struct kp_visitor visitor;
	struct kp_sema *sema;
	struct kp_func *func;
	bool changed;
};

static unsigned int expr_types(struct infer *in, struct kp_expr *e);

static void add(struct infer *in, unsigned int *types, unsigned int more)
{
	in->changed |= (*types | more) != *types;
	*types |= more;
}

/* ---- expressions ---- */

/* nil makes nil, two integers an integer, and the rest is a script error. */
static unsigned int arith(unsigned int a, unsigned int b)
{
	unsigned int types = 0;

	if (a & KP_TYPE_INT && b & KP_TYPE_INT)
		types |= KP_TYPE_INT;
	if ((a | b) & KP_TYPE_NIL)
		types |= KP_TYPE_NIL;
	return types;
}

static unsigned int either(unsigned int left, unsigned int decides, unsigned int right)
{
	return (left & decides) | (left & ~decides ? right : 0);
}

static unsigned int builtin_types(const struct kp_expr *e)
{
	const struct kp_builtin *b = kp_builtin_get(e->builtin.id);
	unsigned int maybe = b->max ? KP_TYPE_NIL : 0; /* of arguments that it cannot use */

	switch (b->result) {
	case 'i':
		return KP_TYPE_INT | maybe;
	case 's':
		return KP_TYPE_STRING | maybe;
	case 'b':
		return KP_TYPE_FALSE | KP_TYPE_TRUE | maybe;
	case 'n':
		return KP_TYPE_NIL;
	default:
		return KP_TYPE_ANY;
	}
}

unsigned int kp_expr_types(const struct kp_expr *e)
{
	switch (e->kind) {
	case KP_EX_NIL:
	case KP_EX_VARARG:
		return KP_TYPE_NIL;
	case KP_EX_FALSE:
		return KP_TYPE_FALSE;
	case KP_EX_TRUE:
		return KP_TYPE_TRUE;
	case KP_EX_NUMBER:
		return KP_TYPE_INT;
	case KP_EX_STRING:
	case KP_EX_CONCAT:
		return KP_TYPE_STRING;
	case KP_EX_NAME:
		return e->name.var->function ? KP_TYPE_FUNCTION : e->name.var->types;
	case KP_EX_CALL:
		if (e->call.callee->kind == KP_EX_NAME && e->call.callee->name.var->function)
			return e->call.callee->name.var->function->result;
		return KP_TYPE_ANY;
	case KP_EX_FUNCTION:
		return KP_TYPE_FUNCTION;
	case KP_EX_TABLE:
		return KP_TYPE_TABLE;
	case KP_EX_UNARY:
		if (e->op.op == KP_OPERATOR_NOT)
			return KP_TYPE_FALSE | KP_TYPE_TRUE;
		return arith(kp_expr_types(e->op.left), KP_TYPE_INT);
	case KP_EX_BINARY:
		if (e->op.op >= KP_OPERATOR_EQ && e->op.op <= KP_OPERATOR_GLOB)
			return KP_TYPE_FALSE | KP_TYPE_TRUE;
		return arith(kp_expr_types(e->op.left), kp_expr_types(e->op.right));
	case KP_EX_AND:
		return either(kp_expr_types(e->op.left), KP_TYPE_FALSY, kp_expr_types(e->op.right));
	case KP_EX_OR:
		return either(kp_expr_types(e->op.left), KP_TYPE_TRUTHY,
			      kp_expr_types(e->op.right));
	case KP_EX_COND:
		return kp_expr_types(e->cond.yes) | kp_expr_types(e->cond.no);
	case KP_EX_TUPLE:
		return KP_TYPE_OTHER;
	case KP_EX_BUILTIN:
		return builtin_types(e);
	case KP_EX_INDEX:
	case KP_EX_METHOD:
	case KP_EX_FIELD:
		return KP_TYPE_ANY;
	}
	return KP_TYPE_ANY;
}

/* ---- functions ---- */

/* Anybody may call it with anything. */
static void escape(struct infer *in, struct kp_func *f)
{
	struct kp_name *name;

	for (name = f->params; name; name = name->next)
		add(in, &name->var->types, KP_TYPE_ANY);
}

static void call_function(struct infer *in, struct kp_func *f, struct kp_expr *args)
{
	struct kp_name *name;

	for (name = f->params; name; name = name->next) {
		add(in, &name->var->types, args ? expr_types(in, args) : KP_TYPE_NIL);
		args = args ? args->next : NULL;
	}
	for (; args; args = args->next)
		expr_types(in, args);
}

static void visit_func(struct kp_visitor *v, struct kp_func *f)
{
	struct infer *in = (struct infer *)v;
	struct kp_func *outer = in->func;

	in->func = f;
	v->block(v, &f->body);
	add(in, &f->result, KP_TYPE_NIL); /* its end may be reached */
	in->func = outer;
}

static void visit_expr(struct kp_visitor *v, struct kp_expr *e)
{
	struct infer *in = (struct infer *)v;

	if (e->kind == KP_EX_CALL && e->call.callee->kind == KP_EX_NAME &&
	    e->call.callee->name.var->function) {
		call_function(in, e->call.callee->name.var->function, e->call.args);
		return;
	}
	if (e->kind == KP_EX_NAME && e->name.var->function)
		escape(in, e->name.var->function);
	if (e->kind == KP_EX_FUNCTION)
		escape(in, e->func);
	kp_expr_visit(v, e);
}

static unsigned int expr_types(struct infer *in, struct kp_expr *e)
{
	in->visitor.expr(&in->visitor, e);
	return kp_expr_types(e);
}

/* ---- statements ---- */

/* A function that a variable stands for is not made a value by that. */
static unsigned int value_types(struct infer *in, const struct kp_var *var, struct kp_expr *value)
{
	if (var->function && value->kind == KP_EX_FUNCTION) {
		in->visitor.func(&in->visitor, value->func);
		return KP_TYPE_FUNCTION;
	}
	return expr_types(in, value);
}

static void infer_assign(struct infer *in, struct kp_stmt *s)
{
	struct kp_expr *target, *value = s->assign.values;
	enum kp_operator op = s->assign.op;

	for (target = s->assign.targets; target; target = target->next) {
		unsigned int types = KP_TYPE_NIL;

		if (target->kind != KP_EX_NAME) {
			in->visitor.expr(&in->visitor, target);
			if (value)
				expr_types(in, value);
		} else {
			struct kp_var *var = target->name.var;
			unsigned int old = var->types;

			if (value)
				types = value_types(in, var, value);
			if (op == KP_OPERATOR_ADD || op == KP_OPERATOR_SUB)
				old |= KP_TYPE_INT; /* nil counts as 0 */
			if (op != KP_OPERATOR_NONE)
				types = arith(old, types);
			add(in, &var->types, types);
		}
		value = value ? value->next : NULL;
	}
	for (; value; value = value->next)
		expr_types(in, value);
}

static void infer_local(struct infer *in, struct kp_stmt *s)
{
	struct kp_expr *value = s->local.values;
	struct kp_name *name;

	for (name = s->local.names; name; name = name->next) {
		add(in, &name->var->types, value ? value_types(in, name->var, value) : KP_TYPE_NIL);
		value = value ? value->next : NULL;
	}
	for (; value; value = value->next)
		expr_types(in, value);
}

static void visit_stmt(struct kp_visitor *v, struct kp_stmt *s)
{
	struct infer *in = (struct infer *)v;
	struct kp_name *name;

	switch (s->kind) {
	case KP_ST_ASSIGN:
		infer_assign(in, s);
		return;
	case KP_ST_LOCAL:
		infer_local(in, s);
		return;
	case KP_ST_RETURN:
		add(in, &in->func->result, s->expr ? kp_expr_types(s->expr) : KP_TYPE_NIL);
		break;
	case KP_ST_OPTION:
		add(in, &s->option.name->var->types, kp_expr_types(s->option.value));
		break;
	case KP_ST_FOR_NUM:
		add(in, &s->loop.names->var->types, KP_TYPE_INT);
		break;
	case KP_ST_FOR_IN:
		for (name = s->loop.names; name; name = name->next)
			add(in, &name->var->types, KP_TYPE_ANY);
		if (s->loop.value)
			add(in, &s->loop.value->var->types, KP_TYPE_ANY);
		break;
	default:
		break;
	}
	kp_stmt_visit(v, s);
}

/* What a variable may be before anything is assigned to it. */
static void begin(const struct kp_sema *sema, struct kp_var *var)
{
	if (sema->cc->opts->no_infer)
		var->types = KP_TYPE_ANY;
	else if (var->implicit)
		var->types = KP_TYPE_TABLE;
	else if (var->global || var->early)
		var->types = KP_TYPE_NIL;
}

void kp_infer(struct kp_sema *sema)
{
	struct infer in = {
		{ visit_expr, visit_func, kp_block_visit, visit_stmt }, sema, NULL, true
	};
	size_t i;

	for (i = 0; i < sema->ndeclared; i++)
		begin(sema, sema->declared[i]);
	for (i = 0; i < sema->globals.len; i++)
		begin(sema, kp_hash_entry(&sema->globals, i)->value);
	if (sema->cc->opts->no_infer)
		return;
	while (in.changed) {
		in.changed = false;
		in.visitor.func(&in.visitor, sema->main);
	}
}

bool kp_infer_accumulator(const struct kp_sema *sema, const struct kp_var *var)
{
	const struct kp_use *use;
	bool any = false;

	if (sema->cc->opts->no_infer || var->storage != KP_STORE_CELL || var->written_outside)
		return false;
	for (use = var->uses; use; use = use->next) {
		bool handler = !use->func->contexts || use->func->contexts & KP_IN_HANDLER;

		if (use->kind == KP_USE_OTHER)
			return false;
		if (handler && use->kind != KP_USE_ACCUMULATE)
			return false;
		any |= handler;
	}
	return any;
}

/* ---- what was found, for people ---- */

static const char *types_name(unsigned int types)
{
	switch (types) {
	case KP_TYPE_INT:
		return "always an integer";
	case KP_TYPE_INT | KP_TYPE_NIL:
		return "an integer or nil";
	case KP_TYPE_STRING:
		return "always a string";
	case KP_TYPE_STRING | KP_TYPE_NIL:
		return "a string or nil";
	case KP_TYPE_TABLE:
		return "always a table";
	case KP_TYPE_FALSE | KP_TYPE_TRUE:
	case KP_TYPE_FALSE:
	case KP_TYPE_TRUE:
		return "always a boolean";
	default:
		return NULL;
	}
}

static void print_var(const struct kp_sema *sema, const struct kp_var *var, struct kp_buf *out)
{
	const struct kp_expr *value = kp_var_constant(sema->cc, var);
	uint32_t column, line = kp_cc_line(sema->cc, var->at.pos, &column);
	const char *types = types_name(var->types);

	if (value)
		types = "constant";
	else if (var->function || !types)
		return;
	kp_buf_printf(out, "line %u: %s: %s\n", line, var->name->data, types);
}

void kp_infer_print(const struct kp_sema *sema, struct kp_buf *out)
{
	size_t i;

	for (i = 0; i < sema->ndeclared; i++)
		print_var(sema, sema->declared[i], out);
	for (i = 0; i < sema->globals.len; i++) {
		const struct kp_var *var = kp_hash_entry(&sema->globals, i)->value;

		if (var->writes || var->implicit)
			print_var(sema, var, out);
	}
}
