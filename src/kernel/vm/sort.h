/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sorted walks.  A table is copied, as it is while others may change it, and the copy is
 * brought in order by a merge sort that stops whenever two values are to be compared: so
 * who compares may be a function of the script.  It ends after as many steps as ever,
 * whatever the answers are, and equal values stay in the order in which they were added.
 *
 * All functions: process context, the copy is used by nobody else.  Errors as in table.h,
 * already turned into what a built-in returns (kp_ctx_result()).
 */
#ifndef KP_SORT_H
#define KP_SORT_H

#include "table.h"

struct kp_sort_entry {
	s64 weight;
	u32 node;
	u32 unknown;		/* the value is no number: it comes last */
};

struct kp_sort {
	struct kp_sort_entry *entries;	/* two times n: runs are merged from one half to the other */
	u32 n;
	u32 from;		/* where the half with the runs begins */
	u32 width;		/* of a run; sorted when not below n */
	u32 left, left_end;	/* two runs that are being merged, as offsets in the half, */
	u32 right, right_end;
	u32 out;		/* and where the next one goes in the other half */
};

/* The node that comes at place n of a walk. */
static inline u32 kp_sort_node(const struct kp_sort *sort, u32 n)
{
	return n < sort->n && sort->width >= sort->n ? sort->entries[sort->from + n].node : n;
}

/*
 * Makes *out a copy of the table from, which is not sorted yet.  *out is a register, and
 * says nil after an error.
 */
int kp_sort_copy(struct kp_ctx *ctx, struct kp_table *from, struct kp_value *out);

/* Sorts the copy t by descending numbers, aggregates by the number of samples. */
int kp_sort_numbers(struct kp_ctx *ctx, struct kp_table *t);

/*
 * 1: values[0] and values[1], registers, are to be compared; kp_sort_tell() then says whether the
 * first one goes first.  0: the copy is sorted.  -EINVAL when t is no copy.
 */
int kp_sort_next(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *values);
int kp_sort_tell(struct kp_ctx *ctx, struct kp_table *t, bool first);

/* Frees the order of a copy. */
void kp_sort_free(struct kp_vm *vm, struct kp_sort *sort);

#endif
