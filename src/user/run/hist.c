// SPDX-License-Identifier: GPL-2.0-only
#include "hist.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct kp_hist_row {
	size_t key; /* offset of its text */
	size_t key_len;
	int64_t value;	/* number, or number of samples */
	size_t order;	/* of kp_hist_add() */
	size_t buckets; /* offset of the distribution; with_buckets tells whether there is one */
	int with_buckets;
};

void kp_hist_free(struct kp_hist *h)
{
	free(h->rows);
	kp_buf_free(&h->text);
	*h = (struct kp_hist)KP_HIST_INIT;
}

int kp_hist_add(struct kp_hist *h, const struct kp_format *f, const struct kp_val *key,
		const struct kp_val *value)
{
	const size_t buckets = KTAP_AGG_BUCKETS * sizeof(uint64_t);
	struct kp_hist_row row = { .order = h->nrows, .key = h->text.len };
	struct kp_hist_row *rows;
	struct ktap_agg agg;

	if (value->type != KTAP_T_INT && (value->type != KTAP_T_AGG || value->len < sizeof(agg)))
		return -EINVAL;
	if (h->nrows == h->cap) {
		size_t cap = h->cap ? h->cap * 2 : 64;

		rows = realloc(h->rows, cap * sizeof(*rows));
		if (!rows)
			return -ENOMEM;
		h->rows = rows;
		h->cap = cap;
	}
	kp_format_value(f, key, &h->text);
	row.key_len = h->text.len - row.key;
	row.value = value->i;
	if (value->type == KTAP_T_AGG) {
		memcpy(&agg, value->data, sizeof(agg));
		row.value = agg.count > INT64_MAX ? INT64_MAX : (int64_t)agg.count;
		row.with_buckets = value->len >= sizeof(agg) + buckets;
	}
	row.buckets = h->text.len;
	if (row.with_buckets)
		kp_buf_put(&h->text, value->data + sizeof(agg), buckets);
	if (kp_buf_error(&h->text))
		return kp_buf_error(&h->text);
	h->rows[h->nrows++] = row;
	return 0;
}

static int row_cmp(const void *a, const void *b)
{
	const struct kp_hist_row *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Cells of @width that @part of @total fills. Numbers whose product overflows lose low bits. */
static size_t bar_cells(uint64_t part, uint64_t total, size_t width)
{
	while (part > UINT64_MAX / width) {
		part >>= 1;
		total >>= 1;
	}
	return total ? (size_t)(part * width / total) : 0;
}

static void put_bar(uint64_t part, uint64_t total, size_t width, struct kp_buf *out)
{
	size_t cells = bar_cells(part, total, width);

	kp_buf_fill(out, '@', cells);
	kp_buf_fill(out, ' ', width - cells);
}

/* Does a key need lines of its own: is it too long for its column, or a stack of several lines? */
static bool is_long(const char *key, size_t len, int columns)
{
	return len > (size_t)columns || memchr(key, '\n', len);
}

/* The two layouts of charts of numbers. */
struct layout {
	int key;    /* columns of the key */
	size_t bar; /* columns of the bar */
	/* keys too long for their column get lines of their own; else they are cut, but for stacks */
	int long_keys;
};

static const struct layout layouts[] = {
	[KTAP_HIST_PRINT_HIST] = { 31, 38, 1 },
	[KTAP_HIST_HISTOGRAM] = { 32, 39, 0 },
};

static void put_row(const struct layout *l, const char *key, size_t len, int64_t value,
		    uint64_t total, struct kp_buf *out)
{
	uint64_t part = value > 0 ? (uint64_t)value : 0;

	if (!is_long(key, len, l->key)) {
		kp_buf_printf(out, "%*s%.*s |", l->key - (int)len, "", (int)len, key);
		put_bar(part, total, l->bar, out);
		kp_buf_printf(out, "%-7" PRId64 "\n", value);
	} else if (l->long_keys || memchr(key, '\n', len)) {
		kp_buf_put(out, key, len);
		kp_buf_printf(out, "\n%*s |", l->key, "");
		put_bar(part, total, l->bar, out);
		kp_buf_printf(out, "\n%-7" PRId64 "\n\n", value);
	} else {
		kp_buf_printf(out, "%*s%.28s... |", l->key - 31, "", key);
		put_bar(part, total, l->bar, out);
		kp_buf_printf(out, "%-7" PRId64 "\n", value);
	}
}

static void put_chart(struct kp_hist *h, const struct layout *l, size_t limit, struct kp_buf *out)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < h->nrows; i++)
		if (h->rows[i].value > 0 &&
		    __builtin_add_overflow(total, (uint64_t)h->rows[i].value, &total))
			total = UINT64_MAX;
	kp_buf_printf(out, "%*s------------- Distribution ------------- count\n", l->key, "value ");
	for (i = 0; i < h->nrows && i < limit; i++)
		put_row(l, h->text.data + h->rows[i].key, h->rows[i].key_len, h->rows[i].value,
			total, out);
	if (h->nrows > limit)
		kp_buf_printf(out, "%*s |\n", l->key, "...");
}

/*
 * A distribution has rows -63 ... 63: row 0 counts zeros, row n > 0 samples from
 * 2^(n-1) on, row -n samples down from -2^(n-1).
 */
#define LAST_ROW 63

static int64_t row_label(int row)
{
	if (!row)
		return 0;
	return row > 0 ? INT64_C(1) << (row - 1) : -(INT64_C(1) << (-row - 1));
}

static uint64_t bucket(const char *data, int row)
{
	size_t i = (size_t)(row > 0 ? row - 1 : row ? 64 - row : 64);
	uint64_t n;

	memcpy(&n, data + i * sizeof(n), sizeof(n));
	return n;
}

static void put_distribution(const char *data, struct kp_buf *out)
{
	int first = LAST_ROW, last = -LAST_ROW, row;
	uint64_t total = 0, n;

	for (row = -LAST_ROW; row <= LAST_ROW; row++) {
		n = bucket(data, row);
		if (!n)
			continue;
		first = row < first ? row : first;
		last = row;
		total += n;
	}
	kp_buf_printf(out, "%16s ------------- Distribution ------------- count\n", "value");
	/* An empty row at either end shows that nothing is cut off. */
	first -= first > -LAST_ROW;
	last += last < LAST_ROW;
	for (row = first; row <= last; row++) {
		n = bucket(data, row);
		kp_buf_printf(out, "%16" PRId64 " |", row_label(row));
		put_bar(n, total, 40, out);
		kp_buf_printf(out, " %" PRIu64 "\n", n);
	}
}

static void put_quantize(struct kp_hist *h, struct kp_buf *out)
{
	size_t i;

	for (i = 0; i < h->nrows; i++) {
		kp_buf_put(out, h->text.data + h->rows[i].key, h->rows[i].key_len);
		kp_buf_puts(out, "\n");
		if (h->rows[i].with_buckets)
			put_distribution(h->text.data + h->rows[i].buckets, out);
		kp_buf_puts(out, "\n");
	}
}

void kp_hist_put(struct kp_hist *h, unsigned int style, int64_t limit, struct kp_buf *out)
{
	size_t rows = limit < 1 ? KP_HIST_ROWS : (size_t)limit;

	if (h->nrows)
		qsort(h->rows, h->nrows, sizeof(*h->rows), row_cmp);
	if (style == KTAP_HIST_QUANTIZE)
		put_quantize(h, out);
	else
		put_chart(h, &layouts[style == KTAP_HIST_HISTOGRAM], rows, out);
}
