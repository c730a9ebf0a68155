/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The built-in functions, and what they share.  They are called as vm.h says: arguments
 * in args[0 ... n-1], n between the minimum and maximum of builtins.def, result
 * to args[0].  The verifier has checked number and context; types are checked here.
 */
#ifndef KP_BUILTIN_H
#define KP_BUILTIN_H

#include "../vm/vm.h"

typedef int kp_builtin_body(struct kp_ctx *ctx, struct kp_value *args, u32 n);

/* One declaration of them all. */
kp_builtin_body
#define KP_BUILTIN(id, ...)	kp_builtin_##id,
#include "../uapi/ktap/builtins.def"
#undef KP_BUILTIN
	kp_builtin_none;

/* Defines a built-in without arguments whose result is a number, which may depend on ctx. */
#define KP_BUILTIN_NUMBER(id, number)						\
	int kp_builtin_##id(struct kp_ctx *ctx, struct kp_value *args, u32 n)	\
	{									\
		(void)ctx;							\
		(void)n;							\
		kp_value_int(&args[0], number);					\
		return 0;							\
	}

/* Compares the arguments with the kinds that builtins.def names; 0, or -EINVAL and the script error. */
int kp_builtin_check(struct kp_ctx *ctx, enum ktap_builtin id, const struct kp_value *args, u32 n);

/* The script error for an argument of the wrong type; number counts from 1.  Returns -EINVAL. */
int kp_builtin_bad_arg(struct kp_ctx *ctx, u32 number);

/*
 * Writes a record that consists of n values, behind what a record of the type begins
 * with.  Any context; in process context it may wait for room.  0 also when the record was
 * lost (and counted); -EINVAL, with the script error, or -EINTR in process context.
 */
int kp_output_values(struct kp_ctx *ctx, u16 type, const struct kp_value *values, u32 n);

/* Makes *out a string of scratch space with these bytes; 0, or what the built-in should return. */
int kp_builtin_string(struct kp_ctx *ctx, struct kp_value *out, const char *bytes, u32 len);

#endif
