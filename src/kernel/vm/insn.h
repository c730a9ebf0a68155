/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What instructions do that is too much for the dispatch loop of interp.c.
 *
 * Operands are registers of the running function: a, b, c as opcodes.def says for the
 * instruction, out is where its result goes.  ctx->pc is set.  Every context, unless
 * said otherwise.  All return 0, or what a function ends with: -EINVAL (a script error
 * is recorded), -EBUSY, -EINTR.
 */
#ifndef KP_INSN_H
#define KP_INSN_H

#include "vm.h"

/* Makes registers nil, from the one to before the other. */
static inline void kp_insn_nil(struct kp_value *from, const struct kp_value *to)
{
	for (; from < to; from++)
		kp_value_nil(from);
}

/* Arithmetic on what is not all integers: nil gives nil and a warning, the rest is an error. */
int kp_insn_arith(struct kp_ctx *ctx, u32 insn, struct kp_value *regs);

/*
 * Why a value was not stored, as of kp_table_set() and kp_cell_set(): what is too long for every
 * block of the pool (-ENOSPC) will not fit with more memory, either.
 */
static inline int kp_insn_refused(int err, const struct kp_value *v)
{
	bool memory = err == -ENOMEM || err == -EDQUOT;

	return memory && kp_value_is_bytes(v) && !kp_pool_room(kp_str_size(v->s->len)) ? -ENOSPC : err;
}

/* Joins n values to a string. */
int kp_insn_concat(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *parts, u32 n);

/* 1: b < c, or b <= c; 0: not; or an error.  At least one is no integer. */
int kp_insn_compare(struct kp_ctx *ctx, const struct kp_value *b, const struct kp_value *c, bool or_equal);

/* 1: equal, 0: not; or an error.  b is bytes. */
int kp_insn_equal_bytes(struct kp_ctx *ctx, const struct kp_value *b, const struct kp_value *c);

/* *out = b[c], *out = whether there is b[c]. */
int kp_insn_table_get(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *b, struct kp_value *c);
int kp_insn_table_has(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *b, struct kp_value *c);

/* a[b] = c, delete a[b], a[b] += c, a[b] += n, a[b] <<< c; every type is checked. */
int kp_insn_table_set(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, struct kp_value *c);
int kp_insn_table_delete(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b);
int kp_insn_table_add(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, const struct kp_value *c);
int kp_insn_table_addi(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, s64 n);
int kp_insn_table_sample(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, const struct kp_value *c);

/* cell += n, where n is no integer: 0 when the cell is nil now, with a warning, else a negative error number. */
int kp_insn_cell_add_other(struct kp_ctx *ctx, struct kp_cell *cell, const struct kp_value *n);

/* *out = a new table of a site. */
int kp_insn_table_new(struct kp_ctx *ctx, struct kp_value *out, const struct ktap_image_table *site);

/* Starts a numeric loop. 1: it runs; 0: not at all; or an error. */
int kp_insn_for_prepare(struct kp_ctx *ctx, struct kp_value *a);

/* Starts a walk over the table b. */
int kp_insn_pairs(struct kp_ctx *ctx, struct kp_value *a, const struct kp_value *b);

/* 1: there is another pair; 0: not; or an error. */
int kp_insn_next(struct kp_ctx *ctx, struct kp_value *a);

/* *a = a sorted copy of the table *b, or by_script one that the two below will sort.  Process context. */
int kp_insn_sort(struct kp_ctx *ctx, struct kp_value *a, const struct kp_value *b, bool by_script);

/* 1: two values are to be compared, a[1] and a[2]; 0: the copy is sorted; or an error. */
int kp_insn_sort_next(struct kp_ctx *ctx, struct kp_value *a);

/* Says whether the first of the two comes first. */
int kp_insn_sort_tell(struct kp_ctx *ctx, const struct kp_value *a, const struct kp_value *b);

/* Makes a tuple of n values, and takes one apart: *from is a register of the same frame as out. */
int kp_insn_tuple(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *parts, u32 n);
int kp_insn_untuple(struct kp_ctx *ctx, struct kp_value *out, struct kp_value *from, u32 n);

/* Calling what is no function: always an error. */
int kp_insn_not_callable(struct kp_ctx *ctx, const struct kp_value *a);

#endif
