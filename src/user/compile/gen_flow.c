// SPDX-License-Identifier: GPL-2.0-only
/* Code for conditions and loops. */
#include "gen.h"

void kp_gen_if(struct kp_gen *cg, const struct kp_stmt *s)
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
void kp_gen_while(struct kp_gen *cg, const struct kp_stmt *s)
{
	int mark = cg->top;
	struct kp_pending *enter = NULL;
	struct kp_loop loop;
	uint32_t body;

	kp_gen_scope(cg, s->loop.env, s->at);
	if (s->loop.init)
		kp_gen_stmt(cg, s->loop.init);
	open_loop(cg, &loop);
	if (s->loop.limit && s->loop.limit->kind != KP_EX_TRUE)
		kp_emit_jump(cg, &enter, s->at);
	body = kp_emit_here(cg);
	kp_gen_block(cg, &s->loop.body, s->at);
	kp_emit_arrive(cg, loop.continues);
	kp_gen_scope_again(cg, s->loop.env, s->at);
	if (s->loop.next)
		kp_gen_stmt(cg, s->loop.next);
	kp_emit_arrive(cg, enter);
	gen_back(cg, s->loop.limit, true, body, s->at);
	close_loop(cg, &loop);
	cg->top = mark;
}

/* repeat body until test: the test sees the variables of the body. */
void kp_gen_repeat(struct kp_gen *cg, const struct kp_stmt *s)
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

void kp_gen_for_num(struct kp_gen *cg, const struct kp_stmt *s)
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
	kp_gen_define(cg, s->loop.names, base + 3);
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

void kp_gen_for_in(struct kp_gen *cg, const struct kp_stmt *s)
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
			kp_gen_define(cg, name, parts++);
	} else {
		kp_gen_define(cg, s->loop.names, base + 2);
	}
	if (s->loop.value)
		kp_gen_define(cg, s->loop.value, base + 3);
	kp_gen_statements(cg, &s->loop.body);
	kp_emit_arrive(cg, loop.continues);
	kp_emit_jump_to(cg, next, s->at);
	kp_emit_target(cg, next, kp_emit_here(cg));
	close_loop(cg, &loop);
	cg->top = mark;
}
