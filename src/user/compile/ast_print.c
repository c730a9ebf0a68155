// SPDX-License-Identifier: GPL-2.0-only
/* The tree as text, for --dump=ast: one node a line, two blanks for each level. */
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

struct printer {
	struct kp_visitor visitor;
	const struct kp_cc *cc;
	struct kp_buf *out;
	unsigned int level;
};

static void print_expr(struct printer *pr, struct kp_expr *e);
static void print_stmt(struct printer *pr, struct kp_stmt *s);

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

static void print_names(struct printer *pr, const struct kp_name *n)
{
	for (; n; n = n->next)
		kp_buf_printf(pr->out, " %s", n->str->data);
}

static void print_stmts(struct printer *pr, struct kp_block *block)
{
	struct kp_stmt *s;

	for (s = block->first; s; s = s->next)
		print_stmt(pr, s);
}

static void print_block(struct printer *pr, const char *what, struct kp_block *block)
{
	print_heading(pr, what);
	pr->level++;
	print_stmts(pr, block);
	pr->level--;
}

static void print_func(struct printer *pr, struct kp_func *f)
{
	kp_buf_fill(pr->out, ' ', 2 * pr->level);
	kp_buf_printf(pr->out, "function %s (", f->name ? f->name->data : "-");
	print_names(pr, f->params);
	kp_buf_printf(pr->out, "%s )\n", f->vararg ? " ..." : "");
	pr->level++;
	print_stmts(pr, &f->body);
	pr->level--;
}

static void visit_func(struct kp_visitor *v, struct kp_func *f)
{
	print_func((struct printer *)v, f);
}

static void print_table(struct printer *pr, const struct kp_expr *e)
{
	const struct kp_item *item;

	for (item = e->table.items; item; item = item->next) {
		print_heading(pr, item->key ? "pair" : "item");
		pr->level++;
		if (item->key)
			print_expr(pr, item->key);
		print_expr(pr, item->value);
		pr->level--;
	}
}

static void print_expr(struct printer *pr, struct kp_expr *e)
{
	print_node(pr, expr_name[e->kind], e->at);
	if (e->kind == KP_EX_NUMBER)
		kp_buf_printf(pr->out, " %" PRId64, e->number);
	else if (e->kind == KP_EX_STRING)
		print_string(pr, e->str);
	else if (e->kind == KP_EX_NAME)
		kp_buf_printf(pr->out, " %s", e->name.str->data);
	else if (e->kind == KP_EX_UNARY || e->kind == KP_EX_BINARY)
		kp_buf_printf(pr->out, " %s", kp_operator_text(e->op.op));
	else if (e->kind == KP_EX_METHOD)
		kp_buf_printf(pr->out, " %s", e->call.method->data);
	print_end(pr);

	pr->level++;
	if (e->kind == KP_EX_TABLE)
		print_table(pr, e);
	else
		kp_expr_visit(&pr->visitor, e);
	pr->level--;
}

static void visit_expr(struct kp_visitor *v, struct kp_expr *e)
{
	print_expr((struct printer *)v, e);
}

static void print_exprs(struct printer *pr, struct kp_expr *e)
{
	for (; e; e = e->next)
		print_expr(pr, e);
}

static void print_loop(struct printer *pr, struct kp_stmt *s)
{
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
}

static void print_arms(struct printer *pr, const struct kp_stmt *s)
{
	struct kp_arm *arm;

	for (arm = s->arms; arm; arm = arm->next) {
		if (arm->test)
			print_expr(pr, arm->test);
		print_block(pr, arm->test ? "then" : "else", &arm->body);
	}
}

static void print_probe(struct printer *pr, const struct kp_stmt *s)
{
	const struct kp_eventdef *def;

	for (def = s->probe.events; def; def = def->next) {
		print_node(pr, "event", def->at);
		print_string(pr, def->spec);
		print_end(pr);
		pr->level++;
		if (def->filter)
			print_func(pr, def->filter);
		pr->level--;
	}
	print_expr(pr, s->probe.handler);
}

/* What stands behind the kind of a statement, on the same line. */
static void print_words(struct printer *pr, const struct kp_stmt *s)
{
	switch (s->kind) {
	case KP_ST_ASSIGN:
		kp_buf_printf(pr->out, " %s", kp_operator_text(s->assign.op));
		if (s->assign.op != KP_OPERATOR_NONE && s->assign.op != KP_OPERATOR_AGG)
			kp_buf_u8(pr->out, '=');
		break;
	case KP_ST_LOCAL:
		print_names(pr, s->local.names);
		break;
	case KP_ST_FOR_NUM:
	case KP_ST_FOR_C:
	case KP_ST_FOR_IN:
		print_names(pr, s->loop.names);
		print_names(pr, s->loop.value);
		break;
	case KP_ST_GOTO:
	case KP_ST_LABEL:
		kp_buf_printf(pr->out, " %s", s->jump.name->data);
		break;
	case KP_ST_TIMER:
		print_string(pr, s->probe.timer);
		break;
	case KP_ST_OPTION:
		print_names(pr, s->option.name);
		break;
	default:
		break;
	}
}

/* What a statement consists of, a level deeper than itself. */
static void print_parts(struct printer *pr, struct kp_stmt *s)
{
	switch (s->kind) {
	case KP_ST_ASSIGN:
		print_exprs(pr, s->assign.targets);
		print_exprs(pr, s->assign.values);
		break;
	case KP_ST_LOCAL:
		print_exprs(pr, s->local.values);
		break;
	case KP_ST_CALL:
	case KP_ST_DELETE:
	case KP_ST_RETURN:
		print_exprs(pr, s->expr);
		break;
	case KP_ST_IF:
		print_arms(pr, s);
		break;
	case KP_ST_WHILE:
	case KP_ST_REPEAT:
	case KP_ST_FOR_NUM:
	case KP_ST_FOR_C:
	case KP_ST_FOR_IN:
		print_loop(pr, s);
		break;
	case KP_ST_BLOCK:
		print_stmts(pr, &s->block);
		break;
	case KP_ST_TRACE:
	case KP_ST_TRACE_END:
	case KP_ST_TIMER:
		print_probe(pr, s);
		break;
	case KP_ST_OPTION:
		print_expr(pr, s->option.value);
		break;
	case KP_ST_BREAK:
	case KP_ST_CONTINUE:
	case KP_ST_GOTO:
	case KP_ST_LABEL:
	case KP_ST_CDEF:
		break;
	}
}

static void print_stmt(struct printer *pr, struct kp_stmt *s)
{
	print_node(pr, stmt_name[s->kind], s->at);
	print_words(pr, s);
	print_end(pr);
	pr->level++;
	print_parts(pr, s);
	pr->level--;
}

void kp_ast_print(const struct kp_cc *cc, struct kp_func *main, struct kp_buf *out)
{
	struct printer pr = {
		.visitor = { .expr = visit_expr, .func = visit_func },
		.cc = cc,
		.out = out,
	};

	print_block(&pr, "chunk", &main->body);
}
