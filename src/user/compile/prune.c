// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drops what cannot run: arms of conditions that are constant, loops that are never entered,
 * and what follows a statement that control does not leave.
 */
#include "sema.h"

#include "ktap/bytecode.h"

/* How control leaves a statement or a block. */
enum end {
	END_FALLS, /* it may go on behind it */
	END_EXITS, /* exit() */
	END_JUMPS, /* somewhere else */
};

static enum end prune_block(const struct kp_cc *cc, struct kp_block *block);

/* Say in the plan that @s is dropped. */
static void dropped(const struct kp_cc *cc, const struct kp_stmt *s)
{
	uint32_t column;

	if (cc->opts->plan && s)
		kp_buf_printf(cc->opts->plan, "line %u: never runs\n",
			      kp_cc_line(cc, s->at.pos, &column));
}

static bool is_constant(const struct kp_expr *e, bool truth)
{
	if (!kp_expr_is_constant(e))
		return false;
	return (e->kind != KP_EX_NIL && e->kind != KP_EX_FALSE) == truth;
}

/* Does some break in the block leave the loop around it? */
static bool has_break(const struct kp_block *block)
{
	const struct kp_stmt *s;
	const struct kp_arm *arm;

	for (s = block->first; s; s = s->next) {
		if (s->kind == KP_ST_BREAK || (s->kind == KP_ST_BLOCK && has_break(&s->block)))
			return true;
		if (s->kind != KP_ST_IF)
			continue;
		for (arm = s->arms; arm; arm = arm->next)
			if (has_break(&arm->body))
				return true;
	}
	return false;
}

static enum end prune_if(const struct kp_cc *cc, struct kp_stmt *s)
{
	struct kp_arm *arm, **link = &s->arms;
	enum end ends = END_JUMPS, end;
	bool complete = false;

	while ((arm = *link) != NULL) {
		if (arm->test && is_constant(arm->test, false)) {
			dropped(cc, arm->body.first);
			*link = arm->next;
			continue;
		}
		if (!arm->test || is_constant(arm->test, true)) {
			if (arm->next)
				dropped(cc, arm->next->body.first);
			arm->test = NULL;
			arm->next = NULL;
			complete = true;
		}
		end = prune_block(cc, &arm->body);
		if (end < ends)
			ends = end;
		link = &arm->next;
	}
	return complete ? ends : END_FALLS;
}

static enum end prune_loop(const struct kp_cc *cc, struct kp_stmt *s)
{
	bool forever = s->kind == KP_ST_FOR_C;

	prune_block(cc, &s->loop.body);
	if (s->loop.limit && (s->kind == KP_ST_WHILE || s->kind == KP_ST_FOR_C))
		forever = is_constant(s->loop.limit, true);
	else if (s->kind == KP_ST_REPEAT)
		forever = is_constant(s->loop.limit, false);
	return forever && !has_break(&s->loop.body) ? END_JUMPS : END_FALLS;
}

static enum end prune_stmt(const struct kp_cc *cc, struct kp_stmt *s)
{
	switch (s->kind) {
	case KP_ST_IF:
		return prune_if(cc, s);
	case KP_ST_WHILE:
	case KP_ST_REPEAT:
	case KP_ST_FOR_NUM:
	case KP_ST_FOR_C:
	case KP_ST_FOR_IN:
		return prune_loop(cc, s);
	case KP_ST_BLOCK:
		return prune_block(cc, &s->block);
	case KP_ST_RETURN:
	case KP_ST_BREAK:
	case KP_ST_CONTINUE:
	case KP_ST_GOTO:
		return END_JUMPS;
	case KP_ST_CALL:
		if (s->expr->kind == KP_EX_BUILTIN && s->expr->builtin.id == KTAP_BUILTIN_exit)
			return END_EXITS;
		return END_FALLS;
	default:
		return END_FALLS;
	}
}

/* Has the statement nothing to do any more? */
static bool is_empty(const struct kp_stmt *s)
{
	if (s->kind == KP_ST_WHILE)
		return is_constant(s->loop.limit, false);
	return s->kind == KP_ST_IF && !s->arms;
}

/* Must the statement stay, even where control never comes? Behind a label there may be uses of a variable. */
static bool is_declaration(const struct kp_stmt *s, bool labels)
{
	return s->kind == KP_ST_OPTION || s->kind == KP_ST_TRACE || s->kind == KP_ST_TRACE_END ||
	       s->kind == KP_ST_TIMER || (s->kind == KP_ST_LOCAL && labels);
}

static enum end prune_block(const struct kp_cc *cc, struct kp_block *block)
{
	struct kp_stmt *s, **link = &block->first;
	enum end end = END_FALLS;
	bool labels = false;

	for (s = block->first; s; s = s->next)
		labels |= s->kind == KP_ST_LABEL;
	while ((s = *link) != NULL) {
		if (s->kind == KP_ST_LABEL)
			end = END_FALLS;
		if (end != END_FALLS && !is_declaration(s, labels)) {
			dropped(cc, s);
			*link = s->next;
			continue;
		}
		if (end == END_FALLS)
			end = prune_stmt(cc, s);
		if (s->kind == KP_ST_WHILE && is_empty(s))
			dropped(cc, s);
		if (is_empty(s))
			*link = s->next;
		else
			link = &s->next;
	}
	block->left = end == END_JUMPS;
	return end;
}

void kp_prune(struct kp_sema *sema)
{
	struct kp_func *f;

	if (sema->cc->opts->no_infer || sema->cc->opts->no_fold)
		return;
	for (f = sema->main; f; f = f->next)
		prune_block(sema->cc, &f->body);
}
