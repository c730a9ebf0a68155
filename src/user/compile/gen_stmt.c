// SPDX-License-Identifier: GPL-2.0-only
/* Code for statements. */
#include "gen.h"

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

void kp_gen_stmt(struct kp_gen *cg, const struct kp_stmt *s)
{
	int mark = cg->top;

	switch (s->kind) {
	case KP_ST_LOCAL:
		kp_gen_local(cg, s);
		return; /* its registers stay until the block ends */
	case KP_ST_OPTION:
		kp_gen_option(cg, s);
		return;
	case KP_ST_ASSIGN:
		kp_gen_assign(cg, s);
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
		kp_gen_if(cg, s);
		break;
	case KP_ST_WHILE:
	case KP_ST_FOR_C:
		kp_gen_while(cg, s);
		break;
	case KP_ST_REPEAT:
		kp_gen_repeat(cg, s);
		break;
	case KP_ST_FOR_NUM:
		kp_gen_for_num(cg, s);
		break;
	case KP_ST_FOR_IN:
		kp_gen_for_in(cg, s);
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
	struct kp_span outer = cg->at;
	const struct kp_stmt *s;

	for (s = block->first; s; s = s->next) {
		cg->at = s->at;
		kp_gen_stmt(cg, s);
	}
	cg->at = outer;
}

void kp_gen_block(struct kp_gen *cg, const struct kp_block *block, struct kp_span at)
{
	int mark = cg->top;

	kp_gen_scope(cg, block->env, at);
	kp_gen_statements(cg, block);
	cg->top = mark;
}
