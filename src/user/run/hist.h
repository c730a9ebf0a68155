/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hist - bar charts of tables: print_hist, histogram, print_quantize.
 */
#ifndef KP_RUN_HIST_H
#define KP_RUN_HIST_H

#include <stddef.h>
#include <stdint.h>

#include "format.h"

#define KP_HIST_ROWS 20 /* unless the script says another number */

struct kp_hist_row;

/* A chart that is being collected. */
struct kp_hist {
	struct kp_hist_row *rows; /* in the order of kp_hist_add() */
	size_t nrows;
	size_t cap;
	struct kp_buf text; /* keys and distributions */
};

#define KP_HIST_INIT                    \
	{                               \
		NULL, 0, 0, KP_BUF_INIT \
	}

/**
 * kp_hist_add - add one pair of the table. @key and @value are copied.
 *
 * Returns 0; -ENOMEM; -EINVAL when @value is no number and no aggregate.
 */
int kp_hist_add(struct kp_hist *h, const struct kp_format *f, const struct kp_val *key,
		const struct kp_val *value);

/**
 * kp_hist_put - append the chart to @out.
 * @style: enum ktap_hist_style
 * @limit: how many rows; below 1 means KP_HIST_ROWS
 *
 * Largest value first, equal ones in the order they were added. An aggregate
 * counts by its number of samples. print_quantize shows a distribution for each
 * key and all of them.
 */
void kp_hist_put(struct kp_hist *h, unsigned int style, int64_t limit, struct kp_buf *out);

/** kp_hist_free - release everything and make @h empty. */
void kp_hist_free(struct kp_hist *h);

#endif
