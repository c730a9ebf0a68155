/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hist - bar charts of tables: print_hist, histogram, print_quantize, print_lquantize.
 */
#ifndef KP_RUN_HIST_H
#define KP_RUN_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format.h"

#define KP_HIST_ROWS	    20 /* unless the script says another number */

/*
 * A distribution in powers of two has buckets -63 ... 63: 0 counts zeros, n > 0 samples from 2^(n-1) on,
 * -n samples down from -2^(n-1).
 */
#define KP_HIST_LAST_BUCKET 63

struct kp_hist_row;

/* A chart that is being collected. */
struct kp_hist {
	struct kp_hist_row *rows; /* in the order of kp_hist_add() */
	size_t nrows;
	size_t cap;
	struct kp_buf values; /* as they came */
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
int kp_hist_add(struct kp_hist *h, const struct kp_val *key, const struct kp_val *value);

/**
 * kp_hist_sort - put the rows in order: largest value first, equal ones in the order they
 * were added. An aggregate counts by its number of samples.
 */
void kp_hist_sort(struct kp_hist *h);

/** kp_hist_rows - how many rows a chart has when the script asked for @limit; 0: did not ask. */
size_t kp_hist_rows(int64_t limit);

/** kp_hist_get - row @i, below @h->nrows. @key and @value are valid until the next kp_hist_add(). */
void kp_hist_get(const struct kp_hist *h, size_t i, struct kp_val *key, struct kp_val *value);

/** kp_hist_has_buckets - is @v an aggregate with a distribution in powers of two? */
bool kp_hist_has_buckets(const struct kp_val *v);

/** kp_hist_bucket - how many samples of @agg, which has a distribution, are in bucket @n. */
uint64_t kp_hist_bucket(const struct kp_val *agg, int n);

/** kp_hist_bucket_range - the least and the greatest sample that bucket @n counts. */
void kp_hist_bucket_range(int n, int64_t *least, int64_t *greatest);

/**
 * kp_hist_linear - how many counters the linear distribution of @v has, and where its
 * buckets are; 0 when it has none.
 */
uint32_t kp_hist_linear(const struct kp_val *v, struct ktap_linear *linear);

/** kp_hist_linear_count - counter @i of such a distribution. */
uint64_t kp_hist_linear_count(const struct kp_val *agg, uint32_t i);

/** kp_hist_linear_from - where the bucket that counter @i, above 0, is about begins. */
int64_t kp_hist_linear_from(const struct ktap_linear *linear, uint32_t i);

/** kp_hist_linear_range - the least and the greatest number that counter @i of @n counts. */
void kp_hist_linear_range(const struct ktap_linear *linear, uint32_t n, uint32_t i, int64_t *least,
			  int64_t *greatest);

/**
 * kp_hist_put - append the chart to @out, as text.
 * @f: for the keys
 * @style: enum ktap_hist_style
 * @limit: how many rows; below 1 means KP_HIST_ROWS
 *
 * Rows are sorted. print_quantize shows a distribution for each key and all of them.
 */
void kp_hist_put(struct kp_hist *h, const struct kp_format *f, unsigned int style, int64_t limit,
		 struct kp_buf *out);

/** kp_hist_free - release everything and make @h empty. */
void kp_hist_free(struct kp_hist *h);

#endif
