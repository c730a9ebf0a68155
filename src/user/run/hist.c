// SPDX-License-Identifier: GPL-2.0-only
#include "hist.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sym/kallsyms.h"
#include "util/width.h"

#define CUT_KEY 28 /* columns of a cut key; three dots follow */

struct kp_hist_row {
	size_t key, value; /* offsets of the values as they came */
	int64_t number;	   /* what the row counts: the value, or its number of samples */
	size_t order;	   /* of kp_hist_add() */
};

void kp_hist_free(struct kp_hist *h)
{
	free(h->rows);
	kp_buf_free(&h->values);
	*h = (struct kp_hist)KP_HIST_INIT;
}

/* Append a value as records hold it. Returns where it is. */
static size_t put_value(struct kp_buf *b, const struct kp_val *v)
{
	const struct ktap_value head = { v->type, v->len };
	size_t at = b->len;

	kp_buf_put(b, &head, sizeof(head));
	kp_buf_put(b, v->data, v->len);
	kp_buf_fill(b, 0, -b->len % 8);
	return at;
}

static void get_value(const struct kp_buf *b, size_t at, struct kp_val *v)
{
	const uint8_t *p = (const uint8_t *)b->data + at;
	size_t len = b->len - at;

	if (kp_val_next(&p, &len, v) <= 0)
		*v = (struct kp_val){ .type = KTAP_T_NIL };
}

int kp_hist_add(struct kp_hist *h, const struct kp_val *key, const struct kp_val *value)
{
	struct kp_hist_row row = { .order = h->nrows, .number = value->i };
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
	if (value->type == KTAP_T_AGG) {
		memcpy(&agg, value->data, sizeof(agg));
		row.number = agg.count > INT64_MAX ? INT64_MAX : (int64_t)agg.count;
	}
	row.key = put_value(&h->values, key);
	row.value = put_value(&h->values, value);
	if (kp_buf_error(&h->values))
		return kp_buf_error(&h->values);
	h->rows[h->nrows++] = row;
	return 0;
}

static int row_cmp(const void *a, const void *b)
{
	const struct kp_hist_row *x = a, *y = b;

	if (x->number != y->number)
		return x->number > y->number ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void kp_hist_sort(struct kp_hist *h)
{
	if (h->nrows)
		qsort(h->rows, h->nrows, sizeof(*h->rows), row_cmp);
}

size_t kp_hist_rows(int64_t limit)
{
	return limit < 1 ? KP_HIST_ROWS : (size_t)limit;
}

void kp_hist_get(const struct kp_hist *h, size_t i, struct kp_val *key, struct kp_val *value)
{
	get_value(&h->values, h->rows[i].key, key);
	get_value(&h->values, h->rows[i].value, value);
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

/* The two layouts of charts of numbers. */
struct layout {
	int key;    /* columns of the key */
	size_t bar; /* columns of the bar */
	/* keys too long for their column get lines of their own; else they are cut, but for stacks */
	bool long_keys;
	bool symbols; /* numbers are shown as kernel symbols when the first is the address of one */
};

static const struct layout layouts[] = {
	[KTAP_HIST_PRINT_HIST] = { 31, 38, true, false },
	[KTAP_HIST_HISTOGRAM] = { 32, 39, false, true },
};

static void put_row(const struct layout *l, const char *key, size_t len, int64_t value,
		    uint64_t total, struct kp_buf *out)
{
	uint64_t part = value > 0 ? (uint64_t)value : 0;
	size_t columns = kp_width(key, len), room = (size_t)l->key;
	bool stack = len && memchr(key, '\n', len); /* of several lines */

	if (stack || (columns > room && l->long_keys)) {
		kp_buf_put(out, key, len);
		kp_buf_printf(out, "\n%*s |", l->key, "");
		put_bar(part, total, l->bar, out);
		kp_buf_printf(out, "\n%-7" PRId64 "\n\n", value);
		return;
	}
	if (columns > room) {
		len = kp_width_cut(key, len, CUT_KEY);
		kp_buf_fill(out, ' ', room - kp_width(key, len) - strlen("..."));
		kp_buf_put(out, key, len);
		kp_buf_puts(out, "... |");
	} else {
		kp_buf_fill(out, ' ', room - columns);
		kp_buf_put(out, key, len);
		kp_buf_puts(out, " |");
	}
	put_bar(part, total, l->bar, out);
	kp_buf_printf(out, "%-7" PRId64 "\n", value);
}

static bool is_address(const struct kp_format *f, const struct kp_val *v)
{
	struct kp_symbol sym;

	return v->type == KTAP_T_INT && f->symbols &&
	       !kp_kallsyms_find(f->symbols, (uint64_t)v->i, &sym);
}

static void put_address(const struct kp_format *f, int64_t addr, struct kp_buf *out)
{
	char text[256];

	kp_buf_put(out, text, kp_kallsyms_text(f->symbols, (uint64_t)addr, text, sizeof(text)));
}

static void put_chart(const struct kp_hist *h, const struct kp_format *f, const struct layout *l,
		      size_t limit, struct kp_buf *out)
{
	struct kp_buf text = KP_BUF_INIT;
	struct kp_val key, value;
	bool symbols = false;
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < h->nrows; i++)
		if (h->rows[i].number > 0 &&
		    __builtin_add_overflow(total, (uint64_t)h->rows[i].number, &total))
			total = UINT64_MAX;
	kp_buf_printf(out, "%*s------------- Distribution ------------- count\n", l->key, "value ");
	for (i = 0; i < h->nrows && i < limit; i++) {
		text.len = 0;
		kp_hist_get(h, i, &key, &value);
		if (!i)
			symbols = l->symbols && is_address(f, &key);
		if (symbols && key.type == KTAP_T_INT)
			put_address(f, key.i, &text);
		else
			kp_format_value(f, &key, &text);
		put_row(l, text.data, text.len, h->rows[i].number, total, out);
	}
	if (h->nrows > limit)
		kp_buf_printf(out, "%*s |\n", l->key, "...");
	if (kp_buf_error(&text))
		out->error = kp_buf_error(&text);
	kp_buf_free(&text);
}

/* Is @v an aggregate of this kind, with all its counters? Its head goes to @agg. */
static bool get_agg(const struct kp_val *v, uint32_t kind, size_t between, struct ktap_agg *agg)
{
	if (v->type != KTAP_T_AGG || v->len < sizeof(*agg))
		return false;
	memcpy(agg, v->data, sizeof(*agg));
	return agg->kind == kind &&
	       v->len == sizeof(*agg) + between + (uint64_t)agg->ncounters * sizeof(uint64_t);
}

bool kp_hist_has_buckets(const struct kp_val *v)
{
	struct ktap_agg agg;

	return get_agg(v, KTAP_AGG_LOG2, 0, &agg) && agg.ncounters == KTAP_AGG_BUCKETS;
}

uint32_t kp_hist_linear(const struct kp_val *v, struct ktap_linear *linear)
{
	struct ktap_agg agg;

	if (!get_agg(v, KTAP_AGG_LINEAR, sizeof(*linear), &agg) || agg.ncounters < 3)
		return 0;
	memcpy(linear, v->data + sizeof(agg), sizeof(*linear));
	return agg.ncounters;
}

uint64_t kp_hist_linear_count(const struct kp_val *agg, uint32_t i)
{
	size_t head = sizeof(struct ktap_agg) + sizeof(struct ktap_linear);
	uint64_t n;

	memcpy(&n, agg->data + head + i * sizeof(n), sizeof(n));
	return n;
}

/* The number so far above the lowest of all buckets; the last of them may end beyond all numbers. */
static int64_t linear_at(const struct ktap_linear *linear, uint64_t above)
{
	uint64_t low = (uint64_t)linear->low;

	return above > (uint64_t)INT64_MAX - low ? INT64_MAX : (int64_t)(low + above);
}

int64_t kp_hist_linear_from(const struct ktap_linear *linear, uint32_t i)
{
	return linear_at(linear, (i - UINT64_C(1)) * (uint64_t)linear->step);
}

void kp_hist_linear_range(const struct ktap_linear *linear, uint32_t n, uint32_t i, int64_t *least,
			  int64_t *greatest)
{
	*least = i ? kp_hist_linear_from(linear, i) : INT64_MIN;
	if (!i)
		*greatest = (int64_t)((uint64_t)linear->low - 1);
	else
		*greatest =
			i + 1 < n ? linear_at(linear, i * (uint64_t)linear->step - 1) : INT64_MAX;
}

void kp_hist_bucket_range(int n, int64_t *least, int64_t *greatest)
{
	uint64_t low = n ? UINT64_C(1) << ((n > 0 ? n : -n) - 1) : 0, high = n ? low * 2 - 1 : 0;

	*least = n >= 0 ? (int64_t)low : -(int64_t)high;
	*greatest = n >= 0 ? (int64_t)high : -(int64_t)low;
	/* its magnitude is one more than what a bucket ends with */
	if (n == -KP_HIST_LAST_BUCKET)
		*least = INT64_MIN;
}

/* What a row is called: the sample next to 0 that it counts. */
static int64_t row_label(int row)
{
	int64_t least, greatest;

	kp_hist_bucket_range(row, &least, &greatest);
	return row < 0 ? greatest : least;
}

uint64_t kp_hist_bucket(const struct kp_val *agg, int row)
{
	size_t i = (size_t)(row > 0 ? row - 1 : row ? 64 - row : 64);
	uint64_t n;

	memcpy(&n, agg->data + sizeof(struct ktap_agg) + i * sizeof(n), sizeof(n));
	return n;
}

#define LABEL 32 /* bytes that hold any label */

/* What the rows of a distribution are, from 0 on. */
struct rows {
	uint32_t n;
	uint64_t (*count)(const struct rows *r, uint32_t i);
	void (*label)(const struct rows *r, uint32_t i, char *text);
	const struct kp_val *agg;
	struct ktap_linear linear; /* of a linear one */
};

static uint64_t log2_count(const struct rows *r, uint32_t i)
{
	return kp_hist_bucket(r->agg, (int)i - KP_HIST_LAST_BUCKET);
}

static void log2_label(const struct rows *r, uint32_t i, char *text)
{
	(void)r;
	snprintf(text, LABEL, "%" PRId64, row_label((int)i - KP_HIST_LAST_BUCKET));
}

static uint64_t linear_count(const struct rows *r, uint32_t i)
{
	return kp_hist_linear_count(r->agg, i);
}

static void linear_label(const struct rows *r, uint32_t i, char *text)
{
	const char *side = i == 0 ? "< " : i == r->n - 1 ? ">= " : "";

	snprintf(text, LABEL, "%s%" PRId64, side, kp_hist_linear_from(&r->linear, i ? i : 1));
}

static void put_distribution(const struct rows *r, struct kp_buf *out)
{
	uint32_t first = r->n - 1, last = 0, i;
	uint64_t total = 0, n;
	int columns = 16;
	char label[LABEL];

	for (i = 0; i < r->n; i++) {
		n = r->count(r, i);
		if (!n)
			continue;
		first = i < first ? i : first;
		last = i;
		total += n;
	}
	/* An empty row at either end shows that nothing is cut off. */
	first -= first > 0;
	last += last < r->n - 1;
	for (i = first; i <= last; i++) {
		r->label(r, i, label);
		columns = (int)strlen(label) > columns ? (int)strlen(label) : columns;
	}
	kp_buf_printf(out, "%*s ------------- Distribution ------------- count\n", columns,
		      "value");
	for (i = first; i <= last; i++) {
		r->label(r, i, label);
		n = r->count(r, i);
		kp_buf_printf(out, "%*s |", columns, label);
		put_bar(n, total, 40, out);
		kp_buf_printf(out, " %" PRIu64 "\n", n);
	}
}

/* The distribution of an aggregate, if it has one. */
static void put_agg(const struct kp_val *agg, struct kp_buf *out)
{
	struct rows log2 = { 2 * KP_HIST_LAST_BUCKET + 1, log2_count, log2_label, agg, { 0 } };
	struct rows linear = { 0, linear_count, linear_label, agg, { 0 } };

	linear.n = kp_hist_linear(agg, &linear.linear);
	if (linear.n)
		put_distribution(&linear, out);
	else if (kp_hist_has_buckets(agg))
		put_distribution(&log2, out);
}

static void put_quantize(const struct kp_hist *h, const struct kp_format *f, struct kp_buf *out)
{
	struct kp_val key, value;
	size_t i;

	for (i = 0; i < h->nrows; i++) {
		kp_hist_get(h, i, &key, &value);
		kp_format_value(f, &key, out);
		kp_buf_puts(out, "\n");
		put_agg(&value, out);
		kp_buf_puts(out, "\n");
	}
}

void kp_hist_put(struct kp_hist *h, const struct kp_format *f, unsigned int style, int64_t limit,
		 struct kp_buf *out)
{
	kp_hist_sort(h);
	if (style == KTAP_HIST_QUANTIZE || style == KTAP_HIST_LQUANTIZE)
		put_quantize(h, f, out);
	else
		put_chart(h, f, &layouts[style == KTAP_HIST_HISTOGRAM], kp_hist_rows(limit), out);
}
