// SPDX-License-Identifier: GPL-2.0-only
#include "ast.h"

static const char *const operator_text[] = {
#define KP_OPERATOR(name, text) text,
	KP_OPERATORS(KP_OPERATOR)
#undef KP_OPERATOR
};

const char *kp_operator_text(enum kp_operator op)
{
	return operator_text[op];
}

bool kp_expr_is_constant(const struct kp_expr *e)
{
	return e->kind == KP_EX_NIL || e->kind == KP_EX_FALSE || e->kind == KP_EX_TRUE ||
	       e->kind == KP_EX_NUMBER || e->kind == KP_EX_STRING;
}

static void visit_list(struct kp_visitor *v, struct kp_expr *e)
{
	for (; e; e = e->next)
		v->expr(v, e);
}

void kp_expr_visit(struct kp_visitor *v, struct kp_expr *e)
{
	struct kp_item *item;

	switch (e->kind) {
	case KP_EX_INDEX:
		v->expr(v, e->index.object);
		v->expr(v, e->index.key);
		break;
	case KP_EX_CALL:
	case KP_EX_METHOD:
		v->expr(v, e->call.callee);
		visit_list(v, e->call.args);
		break;
	case KP_EX_FUNCTION:
		v->func(v, e->func);
		break;
	case KP_EX_TABLE:
		for (item = e->table.items; item; item = item->next) {
			if (item->key)
				v->expr(v, item->key);
			v->expr(v, item->value);
		}
		break;
	case KP_EX_UNARY:
		v->expr(v, e->op.left);
		break;
	case KP_EX_BINARY:
	case KP_EX_AND:
	case KP_EX_OR:
		v->expr(v, e->op.left);
		v->expr(v, e->op.right);
		break;
	case KP_EX_COND:
		v->expr(v, e->cond.test);
		v->expr(v, e->cond.yes);
		v->expr(v, e->cond.no);
		break;
	case KP_EX_CONCAT:
	case KP_EX_TUPLE:
		visit_list(v, e->list);
		break;
	case KP_EX_BUILTIN:
		visit_list(v, e->builtin.args);
		break;
	case KP_EX_NIL:
	case KP_EX_FALSE:
	case KP_EX_TRUE:
	case KP_EX_NUMBER:
	case KP_EX_STRING:
	case KP_EX_VARARG:
	case KP_EX_NAME:
	case KP_EX_FIELD:
		break;
	}
}

static void visit_loop(struct kp_visitor *v, struct kp_stmt *s)
{
	if (s->loop.init)
		v->stmt(v, s->loop.init);
	else if (s->loop.from)
		v->expr(v, s->loop.from);
	if (s->loop.limit && s->kind != KP_ST_REPEAT)
		v->expr(v, s->loop.limit);
	if (s->loop.step)
		v->expr(v, s->loop.step);
	v->block(v, &s->loop.body);
	if (s->loop.next)
		v->stmt(v, s->loop.next);
	if (s->kind == KP_ST_REPEAT)
		v->expr(v, s->loop.limit);
}

void kp_stmt_visit(struct kp_visitor *v, struct kp_stmt *s)
{
	struct kp_eventdef *def;
	struct kp_arm *arm;

	switch (s->kind) {
	case KP_ST_ASSIGN:
		visit_list(v, s->assign.values);
		visit_list(v, s->assign.targets);
		break;
	case KP_ST_LOCAL:
		visit_list(v, s->local.values);
		break;
	case KP_ST_CALL:
	case KP_ST_DELETE:
	case KP_ST_RETURN:
		visit_list(v, s->expr);
		break;
	case KP_ST_IF:
		for (arm = s->arms; arm; arm = arm->next) {
			if (arm->test)
				v->expr(v, arm->test);
			v->block(v, &arm->body);
		}
		break;
	case KP_ST_WHILE:
	case KP_ST_REPEAT:
	case KP_ST_FOR_NUM:
	case KP_ST_FOR_C:
	case KP_ST_FOR_IN:
		visit_loop(v, s);
		break;
	case KP_ST_BLOCK:
		v->block(v, &s->block);
		break;
	case KP_ST_TRACE:
	case KP_ST_TRACE_END:
	case KP_ST_TIMER:
		for (def = s->probe.events; def; def = def->next)
			if (def->filter)
				v->func(v, def->filter);
		v->expr(v, s->probe.handler);
		break;
	case KP_ST_OPTION:
	case KP_ST_BREAK:
	case KP_ST_CONTINUE:
	case KP_ST_GOTO:
	case KP_ST_LABEL:
	case KP_ST_CDEF:
		break;
	}
}

void kp_block_visit(struct kp_visitor *v, struct kp_block *block)
{
	struct kp_stmt *s;

	for (s = block->first; s; s = s->next)
		v->stmt(v, s);
}
