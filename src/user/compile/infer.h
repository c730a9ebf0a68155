/* SPDX-License-Identifier: GPL-2.0-only */
/* infer - types of values, as far as the script tells before it runs. */
#ifndef KP_COMPILE_INFER_H
#define KP_COMPILE_INFER_H

#include "sema.h"

/* What a value can be: any of these. */
enum {
	KP_TYPE_NIL = 1,
	KP_TYPE_FALSE = 2,
	KP_TYPE_TRUE = 4,
	KP_TYPE_INT = 8,
	KP_TYPE_STRING = 16,
	KP_TYPE_TABLE = 32,
	KP_TYPE_FUNCTION = 64,
	KP_TYPE_OTHER = 128,
	KP_TYPE_ANY = 255,
	KP_TYPE_FALSY = KP_TYPE_NIL | KP_TYPE_FALSE,
	KP_TYPE_TRUTHY = KP_TYPE_ANY & ~KP_TYPE_FALSY,
};

/** kp_infer - find the types of all variables and results of functions. */
void kp_infer(struct kp_sema *sema);

/** kp_expr_types - the types that @e can have; 0 when it never has a value. */
unsigned int kp_expr_types(const struct kp_expr *e);

/**
 * kp_infer_accumulator - does every use of @var in a handler only accumulate into the table
 * that it holds, and does nothing else get hold of that table?
 */
bool kp_infer_accumulator(const struct kp_sema *sema, const struct kp_var *var);

/** kp_infer_print - append what is known of the variables to @out, one a line. */
void kp_infer_print(const struct kp_sema *sema, struct kp_buf *out);

#endif
