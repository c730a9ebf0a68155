/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ast - the syntax tree.
 *
 * The parser makes it and knows no name. The comments say which later pass fills
 * in the rest: bind.c finds the variables, fold.c replaces constant expressions,
 * check.c rewrites names of built-ins and of event data to EX_BUILTIN and
 * EX_FIELD. codegen.c only reads, but for the places of labels and registers.
 */
#ifndef KP_COMPILE_AST_H
#define KP_COMPILE_AST_H

#include "cc.h"

struct kp_expr;
struct kp_stmt;
struct kp_func;
struct kp_var;
struct kp_table;
struct kp_env;

/* A name that is declared: a variable, parameter or loop variable. */
struct kp_name {
	struct kp_name *next;
	const struct kp_str *str;
	struct kp_span at;
	struct kp_var *var; /* bind */
};

struct kp_block {
	struct kp_stmt *first;
	struct kp_env *env; /* bind: of what it declares */
	bool left;	    /* prune: control never reaches its end */
};

#define KP_EXPR_KINDS(KP_EX) \
	KP_EX(NIL)           \
	KP_EX(FALSE)         \
	KP_EX(TRUE)          \
	KP_EX(NUMBER)        \
	KP_EX(STRING)        \
	KP_EX(VARARG)        \
	KP_EX(NAME)          \
	KP_EX(INDEX)         \
	KP_EX(CALL)          \
	KP_EX(METHOD)        \
	KP_EX(FUNCTION)      \
	KP_EX(TABLE)         \
	KP_EX(UNARY)         \
	KP_EX(BINARY)        \
	KP_EX(CONCAT)        \
	KP_EX(AND)           \
	KP_EX(OR)            \
	KP_EX(COND)          \
	KP_EX(TUPLE)         \
	KP_EX(BUILTIN)       \
	KP_EX(FIELD)

enum kp_expr_kind {
#define KP_EX(name) KP_EX_##name,
	KP_EXPR_KINDS(KP_EX)
#undef KP_EX
};

/* KP_OPERATOR(name, text) */
#define KP_OPERATORS(KP_OPERATOR) \
	KP_OPERATOR(NONE, "=")    \
	KP_OPERATOR(ADD, "+")     \
	KP_OPERATOR(SUB, "-")     \
	KP_OPERATOR(MUL, "*")     \
	KP_OPERATOR(DIV, "/")     \
	KP_OPERATOR(MOD, "%")     \
	KP_OPERATOR(BAND, "&")    \
	KP_OPERATOR(BOR, "|")     \
	KP_OPERATOR(BXOR, "^")    \
	KP_OPERATOR(SHL, "<<")    \
	KP_OPERATOR(SHR, ">>")    \
	KP_OPERATOR(EQ, "==")     \
	KP_OPERATOR(NE, "!=")     \
	KP_OPERATOR(LT, "<")      \
	KP_OPERATOR(LE, "<=")     \
	KP_OPERATOR(GT, ">")      \
	KP_OPERATOR(GE, ">=")     \
	KP_OPERATOR(IN, "in")     \
	KP_OPERATOR(GLOB, "~")    \
	KP_OPERATOR(NEG, "-")     \
	KP_OPERATOR(NOT, "!")     \
	KP_OPERATOR(BNOT, "~")    \
	KP_OPERATOR(AGG, "<<<")

enum kp_operator {
#define KP_OPERATOR(name, text) KP_OPERATOR_##name,
	KP_OPERATORS(KP_OPERATOR)
#undef KP_OPERATOR
};

/* One entry of a table constructor; without a key it is numbered from 1. */
struct kp_item {
	struct kp_item *next;
	struct kp_expr *key; /* NULL for a list item */
	struct kp_expr *value;
};

struct kp_expr {
	enum kp_expr_kind kind;
	uint16_t depth;	      /* of the tree below, bounded by the parser */
	struct kp_span at;    /* the token that stands for it in messages */
	struct kp_expr *next; /* in a list of values, arguments or operands */
	union {
		int64_t number;		  /* NUMBER */
		const struct kp_str *str; /* STRING */
		struct {
			const struct kp_str *str;
			struct kp_var *var; /* bind */
		} name;
		struct {
			struct kp_expr *object, *key; /* t.x has the key "x" */
		} index;
		struct {
			struct kp_expr *callee; /* METHOD: the object */
			const struct kp_str *method;
			struct kp_expr *args;
			struct kp_span close; /* the bracket that ends the arguments */
		} call;
		struct kp_func *func; /* FUNCTION */
		struct {
			struct kp_item *items;
			struct kp_table *site; /* check */
		} table;
		struct {
			enum kp_operator op; /* UNARY (only left), BINARY, AND, OR */
			struct kp_expr *left, *right;
		} op;
		struct {
			struct kp_expr *test, *yes, *no;
		} cond;
		struct kp_expr *list;	 /* CONCAT, TUPLE: at least two */
		struct {		 /* check */
			unsigned int id; /* enum ktap_builtin */
			struct kp_expr *args;
		} builtin;
		uint32_t field; /* check: number of the field */
	};
};

#define KP_STMT_KINDS(KP_ST) \
	KP_ST(ASSIGN)        \
	KP_ST(LOCAL)         \
	KP_ST(CALL)          \
	KP_ST(DELETE)        \
	KP_ST(IF)            \
	KP_ST(WHILE)         \
	KP_ST(REPEAT)        \
	KP_ST(FOR_NUM)       \
	KP_ST(FOR_C)         \
	KP_ST(FOR_IN)        \
	KP_ST(BREAK)         \
	KP_ST(CONTINUE)      \
	KP_ST(GOTO)          \
	KP_ST(LABEL)         \
	KP_ST(RETURN)        \
	KP_ST(BLOCK)         \
	KP_ST(TRACE)         \
	KP_ST(TRACE_END)     \
	KP_ST(TIMER)         \
	KP_ST(OPTION)        \
	KP_ST(CDEF)

enum kp_stmt_kind {
#define KP_ST(name) KP_ST_##name,
	KP_STMT_KINDS(KP_ST)
#undef KP_ST
};

/* One arm of an if; the last may have no condition. */
struct kp_arm {
	struct kp_arm *next;
	struct kp_expr *test; /* NULL: else */
	struct kp_block body;
};

/* One event of a trace statement. */
struct kp_eventdef {
	struct kp_eventdef *next;
	const struct kp_str *spec; /* without the filter */
	struct kp_span at;
	struct kp_func *filter; /* NULL, or a function that returns whether to go on */
};

struct kp_stmt {
	enum kp_stmt_kind kind;
	struct kp_span at; /* its first token; ASSIGN: the operator */
	struct kp_stmt *next;
	union {
		struct {
			struct kp_expr *targets, *values;
			enum kp_operator op; /* NONE, AGG, or that of += and the like */
		} assign;
		struct {
			struct kp_name *names;
			struct kp_expr *values;
			bool recursive; /* `var function f`: f is visible in its body */
		} local;
		struct kp_expr *expr; /* CALL; DELETE: INDEX; CDEF: STRING; RETURN: list or NULL */
		struct kp_arm *arms;  /* IF */
		struct {
			struct kp_name *names; /* FOR_IN: for the key */
			struct kp_name *value; /* FOR_IN: or NULL */
			struct kp_expr *from;  /* FOR_IN: what is iterated */
			struct kp_expr *limit; /* the condition of FOR_C, WHILE, REPEAT; or NULL */
			struct kp_expr *step;  /* or NULL */
			struct kp_stmt *init, *next; /* FOR_C, or NULL */
			struct kp_env *env;	     /* bind: of what init declares */
			struct kp_block body;
		} loop;
		struct {
			const struct kp_str *name;
			struct kp_label *label; /* bind */
		} jump;				/* GOTO, LABEL */
		struct kp_block block;
		struct {
			struct kp_eventdef *events; /* TRACE */
			const struct kp_str *timer; /* TIMER: as written, "tick-10ms" */
			struct kp_expr *handler;    /* FUNCTION or NAME */
			bool quoted;		    /* TRACE "…": each event has its own filter */
		} probe;
		struct {
			struct kp_name *name;
			struct kp_expr *value;	   /* NUMBER (or its negative) or STRING */
			const struct kp_str *help; /* or NULL */
			uint32_t number;	   /* check */
			struct kp_stmt *next;	   /* check: the option after it */
		} option;
	};
};

/* A goto's target. */
struct kp_label {
	struct kp_label *next; /* of the same block */
	const struct kp_str *name;
	struct kp_jump *waiting;    /* bind: jumps forward to it */
	bool seen;		    /* bind */
	bool placed;		    /* codegen: pc is known */
	uint32_t pc;		    /* codegen */
	struct kp_pending *pending; /* codegen: jumps that wait for pc */
};

/* What a function is for decides what it may do. */
enum kp_func_role { KP_ROLE_MAIN, KP_ROLE_PLAIN, KP_ROLE_FILTER };

struct kp_func {
	struct kp_func *next; /* bind: all functions, main first */
	struct kp_func *parent;
	enum kp_func_role role;
	const struct kp_str *name; /* for messages, or NULL */
	struct kp_span at;
	struct kp_span end; /* its closing brace */
	struct kp_name *params;
	bool vararg;
	struct kp_block body;
	uint32_t index;		   /* bind: its number, main is 0 */
	struct kp_env *outer;	   /* bind: of the scope around it, or NULL */
	unsigned int result;	   /* infer: types of what it returns, KP_TYPE_* */
	bool needs_env;		   /* capture: it or a function in it uses variables around it */
	unsigned int entry;	   /* check: KP_IN_*, where it is started by an event or timer */
	unsigned int contexts;	   /* check: KP_IN_*, where it may run, by calls too */
	struct kp_callee *callees; /* check: functions it mentions */
	struct kp_func *todo;	   /* plan: the next one whose callees are to be looked at */
	bool queued;		   /* plan */
	bool takes_event; /* check: its first parameter is the event: trace "…" function (e) */
	bool idle;	  /* warn: a handler that does nothing, which was reported */
};

/** kp_operator_text - how a script writes the operator. */
const char *kp_operator_text(enum kp_operator op);

/** kp_expr_is_constant - nil, boolean, number or string. */
bool kp_expr_is_constant(const struct kp_expr *e);

/* What to do with the parts of a node. */
struct kp_visitor {
	void (*expr)(struct kp_visitor *v, struct kp_expr *e);
	void (*func)(struct kp_visitor *v, struct kp_func *f);
	void (*block)(struct kp_visitor *v, struct kp_block *block);
	void (*stmt)(struct kp_visitor *v, struct kp_stmt *s);
};

/** kp_expr_visit - visit what @e consists of, in the order of its evaluation. */
void kp_expr_visit(struct kp_visitor *v, struct kp_expr *e);

/** kp_stmt_visit - the same for a statement: expressions, statements of a loop header, and blocks. */
void kp_stmt_visit(struct kp_visitor *v, struct kp_stmt *s);

/** kp_block_visit - the same for the statements of a block: a visitor's block, if it does nothing else. */
void kp_block_visit(struct kp_visitor *v, struct kp_block *block);

/** kp_ast_print - append the tree of the main chunk to @out, one node a line. */
void kp_ast_print(const struct kp_cc *cc, struct kp_func *main, struct kp_buf *out);

#endif
