// SPDX-License-Identifier: GPL-2.0-only
#include "ast.h"

#include <inttypes.h>

static const char *const expr_name[] = {
#define KP_EX(name) #name,
	KP_EXPR_KINDS(KP_EX)
#undef KP_EX
};

static const char *const stmt_name[] = {
#define KP_ST(name) #name,
	KP_STMT_KINDS(KP_ST)
#undef KP_ST
};

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

/* ---- visiting ---- */

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

/* ---- printing: one node a line, two blanks for each level ---- */

struct printer {
	const struct kp_cc *cc;
	struct kp_buf *out;
	unsigned int level;
};

static void print_expr(struct printer *pr, const struct kp_expr *e);
static void print_block(struct printer *pr, const char *what, const struct kp_block *block);

/* Start a line for a node at @at. */
static void print_node(struct printer *pr, const char *name, struct kp_span at)
{
	uint32_t column, line = kp_cc_line(pr->cc, at.pos, &column);

	kp_buf_fill(pr->out, ' ', 2 * pr->level);
	kp_buf_printf(pr->out, "%s @%" PRIu32 ":%" PRIu32, name, line, column);
}

static void print_end(struct printer *pr)
{
	kp_buf_u8(pr->out, '\n');
}

/* A string in quotes with everything but printable ASCII as \ddd. */
static void print_string(struct printer *pr, const struct kp_str *str)
{
	size_t i;

	kp_buf_puts(pr->out, " \"");
	for (i = 0; i < str->len; i++) {
		unsigned char c = (unsigned char)str->data[i];

		if (c == '"' || c == '\\')
			kp_buf_printf(pr->out, "\\%c", c);
		else if (c < ' ' || c > '~')
			kp_buf_printf(pr->out, "\\%03d", c);
		else
			kp_buf_u8(pr->out, c);
	}
	kp_buf_u8(pr->out, '"');
}

static void print_heading(struct printer *pr, const char *text)
{
	kp_buf_fill(pr->out, ' ', 2 * pr->level);
	kp_buf_printf(pr->out, "%s\n", text);
}

static void print_exprs(struct printer *pr, const struct kp_expr *e)
{
	for (; e; e = e->next)
		print_expr(pr, e);
}

static void print_names(struct printer *pr, const struct kp_name *n)
{
	for (; n; n = n->next)
		kp_buf_printf(pr->out, " %s", n->str->data);
}

static void print_func(struct printer *pr, const struct kp_func *f)
{
	pr->level++;
	kp_buf_fill(pr->out, ' ', 2 * pr->level);
	kp_buf_printf(pr->out, "function %s (", f->name ? f->name->data : "-");
	print_names(pr, f->params);
	kp_buf_printf(pr->out, "%s )\n", f->vararg ? " ..." : "");
	print_block(pr, NULL, &f->body);
	pr->level--;
}

static void print_expr(struct printer *pr, const struct kp_expr *e)
{
	const struct kp_item *item;

	print_node(pr, expr_name[e->kind], e->at);
	if (e->kind == KP_EX_NUMBER)
		kp_buf_printf(pr->out, " %" PRId64, e->number);
	else if (e->kind == KP_EX_STRING)
		print_string(pr, e->str);
	else if (e->kind == KP_EX_NAME)
		kp_buf_printf(pr->out, " %s", e->name.str->data);
	else if (e->kind == KP_EX_UNARY || e->kind == KP_EX_BINARY)
		kp_buf_printf(pr->out, " %s", operator_text[e->op.op]);
	else if (e->kind == KP_EX_METHOD)
		kp_buf_printf(pr->out, " %s", e->call.method->data);
	print_end(pr);

	pr->level++;
	switch (e->kind) {
	case KP_EX_INDEX:
		print_expr(pr, e->index.object);
		print_expr(pr, e->index.key);
		break;
	case KP_EX_CALL:
	case KP_EX_METHOD:
		print_expr(pr, e->call.callee);
		print_exprs(pr, e->call.args);
		break;
	case KP_EX_FUNCTION:
		pr->level--;
		print_func(pr, e->func);
		pr->level++;
		break;
	case KP_EX_TABLE:
		for (item = e->table.items; item; item = item->next) {
			print_heading(pr, item->key ? "pair" : "item");
			pr->level++;
			if (item->key)
				print_expr(pr, item->key);
			print_expr(pr, item->value);
			pr->level--;
		}
		break;
	case KP_EX_UNARY:
		print_expr(pr, e->op.left);
		break;
	case KP_EX_BINARY:
	case KP_EX_AND:
	case KP_EX_OR:
		print_expr(pr, e->op.left);
		print_expr(pr, e->op.right);
		break;
	case KP_EX_COND:
		print_expr(pr, e->cond.test);
		print_expr(pr, e->cond.yes);
		print_expr(pr, e->cond.no);
		break;
	case KP_EX_CONCAT:
	case KP_EX_TUPLE:
		print_exprs(pr, e->list);
		break;
	case KP_EX_NIL:
	case KP_EX_FALSE:
	case KP_EX_TRUE:
	case KP_EX_NUMBER:
	case KP_EX_STRING:
	case KP_EX_VARARG:
	case KP_EX_NAME:
	case KP_EX_BUILTIN:
	case KP_EX_FIELD:
		break;
	}
	pr->level--;
}

static void print_stmt(struct printer *pr, const struct kp_stmt *s)
{
	const struct kp_eventdef *def;
	const struct kp_arm *arm;

	print_node(pr, stmt_name[s->kind], s->at);
	switch (s->kind) {
	case KP_ST_ASSIGN:
		if (s->assign.op != KP_OPERATOR_NONE && s->assign.op != KP_OPERATOR_AGG)
			kp_buf_printf(pr->out, " %s=", operator_text[s->assign.op]);
		else
			kp_buf_printf(pr->out, " %s", operator_text[s->assign.op]);
		print_end(pr);
		pr->level++;
		print_exprs(pr, s->assign.targets);
		print_exprs(pr, s->assign.values);
		pr->level--;
		break;
	case KP_ST_LOCAL:
		print_names(pr, s->local.names);
		print_end(pr);
		pr->level++;
		print_exprs(pr, s->local.values);
		pr->level--;
		break;
	case KP_ST_CALL:
	case KP_ST_DELETE:
	case KP_ST_RETURN:
		print_end(pr);
		pr->level++;
		print_exprs(pr, s->expr);
		pr->level--;
		break;
	case KP_ST_IF:
		print_end(pr);
		pr->level++;
		for (arm = s->arms; arm; arm = arm->next) {
			if (arm->test)
				print_expr(pr, arm->test);
			print_block(pr, arm->test ? "then" : "else", &arm->body);
		}
		pr->level--;
		break;
	case KP_ST_WHILE:
	case KP_ST_REPEAT:
	case KP_ST_FOR_NUM:
	case KP_ST_FOR_C:
	case KP_ST_FOR_IN:
		print_names(pr, s->loop.names);
		print_names(pr, s->loop.value);
		print_end(pr);
		pr->level++;
		if (s->loop.init)
			print_stmt(pr, s->loop.init);
		else if (s->loop.from)
			print_expr(pr, s->loop.from);
		if (s->loop.limit)
			print_expr(pr, s->loop.limit);
		if (s->loop.step)
			print_expr(pr, s->loop.step);
		if (s->loop.next)
			print_stmt(pr, s->loop.next);
		print_block(pr, "body", &s->loop.body);
		pr->level--;
		break;
	case KP_ST_GOTO:
	case KP_ST_LABEL:
		kp_buf_printf(pr->out, " %s\n", s->jump.name->data);
		break;
	case KP_ST_BLOCK:
		print_end(pr);
		print_block(pr, NULL, &s->block);
		break;
	case KP_ST_TRACE:
	case KP_ST_TRACE_END:
	case KP_ST_TIMER:
		if (s->probe.timer)
			print_string(pr, s->probe.timer);
		print_end(pr);
		pr->level++;
		for (def = s->probe.events; def; def = def->next) {
			print_node(pr, "event", def->at);
			print_string(pr, def->spec);
			print_end(pr);
			if (def->filter)
				print_func(pr, def->filter);
		}
		print_expr(pr, s->probe.handler);
		pr->level--;
		break;
	case KP_ST_OPTION:
		print_names(pr, s->option.name);
		print_end(pr);
		pr->level++;
		print_expr(pr, s->option.value);
		pr->level--;
		break;
	case KP_ST_BREAK:
	case KP_ST_CONTINUE:
	case KP_ST_CDEF:
		print_end(pr);
		break;
	}
}

static void print_block(struct printer *pr, const char *what, const struct kp_block *block)
{
	const struct kp_stmt *s;

	if (what)
		print_heading(pr, what);
	pr->level++;
	for (s = block->first; s; s = s->next)
		print_stmt(pr, s);
	pr->level--;
}

void kp_ast_print(const struct kp_cc *cc, const struct kp_func *main, struct kp_buf *out)
{
	struct printer pr = { .cc = cc, .out = out };

	print_heading(&pr, "chunk");
	print_block(&pr, NULL, &main->body);
}
