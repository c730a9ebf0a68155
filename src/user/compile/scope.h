/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scope - what bind.c knows while it goes through the script: the open scopes, and what is
 * declared in them.
 */
#ifndef KP_COMPILE_SCOPE_H
#define KP_COMPILE_SCOPE_H

#include "sema.h"

struct kp_scope {
	struct kp_scope *up;
	struct kp_func *func;
	struct kp_env *env;
	struct kp_var *vars; /* newest first */
	struct kp_label *labels;
	bool loop;		      /* break and continue stop here */
	bool repeat;		      /* the condition of the loop sees what the block declares */
	struct kp_span continue_at;   /* the first continue, if there is one */
	struct kp_var *continue_vars; /* what was declared there */
	bool conditional;	      /* may run never, or more than once */
};

/* A declaration whose values are being bound. */
struct kp_declaring {
	struct kp_declaring *up;
	const struct kp_stmt *local;
};

struct kp_binder {
	struct kp_visitor visitor; /* of expressions: blocks and statements open scopes */
	struct kp_sema *sema;
	struct kp_cc *cc;
	struct kp_scope *scope;
	struct kp_func *func;
	struct kp_func **last_func;
	struct kp_declaring *declaring;
	unsigned int nlocals; /* visible in the function */
};

/** kp_scope_open - open @scope inside the current one; @repeated: what it declares may be new each time. */
void kp_scope_open(struct kp_binder *b, struct kp_scope *scope, bool repeated);

/** kp_scope_find - the innermost variable of that name, or NULL. */
struct kp_var *kp_scope_find(const struct kp_binder *b, const struct kp_str *name);

/** kp_scope_declare - a new variable of the current scope. */
struct kp_var *kp_scope_declare(struct kp_binder *b, struct kp_name *name);

/** kp_scope_mention - bind the name @e to its variable, which it may make: a global one. */
struct kp_var *kp_scope_mention(struct kp_binder *b, struct kp_expr *e);

/** kp_scope_write - @var is assigned @value (NULL: several, or what is not known). */
void kp_scope_write(struct kp_binder *b, struct kp_var *var, struct kp_span at,
		    struct kp_expr *value);

/** kp_scope_unconditional - does what the current block does happen, and only once? */
bool kp_scope_unconditional(const struct kp_binder *b);

/** kp_scope_labels - declare the labels of @block, whose scope is @scope. */
void kp_scope_labels(struct kp_binder *b, const struct kp_block *block, struct kp_scope *scope);

/* A goto, which finds its label, and a label, at its place. */
void kp_scope_goto(struct kp_binder *b, struct kp_stmt *s);
void kp_scope_label(struct kp_binder *b, struct kp_stmt *s);

#endif
