// SPDX-License-Identifier: GPL-2.0-only
#include "sort.h"
#include "vm.h"

void kp_sort_free(struct kp_vm *vm, struct kp_sort *sort)
{
	if (!sort)
		return;
	kp_pool_free(&vm->pool, sort->entries, 2 * (size_t)sort->n * sizeof(*sort->entries));
	kp_pool_free(&vm->pool, sort, sizeof(*sort));
}

static struct kp_sort *sort_new(struct kp_vm *vm, u32 n)
{
	struct kp_sort *sort = kp_pool_alloc(&vm->pool, sizeof(*sort));

	if (!sort)
		return NULL;
	sort->n = n;
	sort->width = 1;
	sort->entries = kp_pool_alloc(&vm->pool, 2 * (size_t)n * sizeof(*sort->entries));
	if (!sort->entries) {
		kp_pool_free(&vm->pool, sort, sizeof(*sort));
		return NULL;
	}
	return sort;
}

/* ---- copying ---- */

static int copy_pairs(struct kp_ctx *ctx, struct kp_table *from, struct kp_table *to)
{
	struct kp_value key, val;
	s64 cursor = 0;
	int err;

	/* nothing is made in scratch space before they are stored, so locals may hold them */
	while ((err = kp_table_next(ctx, from, &cursor, &key, &val)) > 0) {
		err = kp_ctx_result(ctx, kp_table_set(ctx, to, &key, &val));
		if (!err)
			err = kp_ctx_charge(ctx, 1);
		if (err)
			return err;
	}
	return kp_ctx_result(ctx, err);
}

static void weigh(struct kp_sort_entry *entry, const struct kp_value *val)
{
	struct ktap_agg agg;

	switch (val->type) {
	case KTAP_T_INT:
		entry->weight = val->i;
		break;
	case KTAP_T_AGG:
		memcpy(&agg, val->s->data, sizeof(agg));
		entry->weight = agg.count;
		break;
	default:
		entry->unknown = 1;
	}
}

static int weigh_pairs(struct kp_ctx *ctx, struct kp_table *t)
{
	struct kp_sort *sort = t->sort;
	struct kp_value key, val;
	s64 cursor = 0;
	u32 i;
	int err;

	for (i = 0; i < sort->n; i++) {
		err = kp_table_next(ctx, t, &cursor, &key, &val);
		if (err < 0)
			return kp_ctx_result(ctx, err);
		sort->entries[i].node = i;
		weigh(&sort->entries[i], &val);
		err = kp_ctx_charge(ctx, 1);
		if (err)
			return err;
	}
	return 0;
}

/* A large copy is worth a look for what can be freed. */
static void count_copy(struct kp_vm *vm, u32 n)
{
	vm->tables_made += n / 64;
}

int kp_sort_copy(struct kp_ctx *ctx, struct kp_table *from, struct kp_value *out)
{
	struct kp_vm *vm = ctx->vm;
	struct kp_table *t;
	int err;

	kp_value_nil(out);
	err = kp_ctx_result(ctx, kp_table_merge(ctx, from));
	if (err)
		return err;
	t = kp_table_new(vm, 0, kp_table_len(from));
	if (!t)
		return kp_ctx_result(ctx, -ENOMEM);
	err = copy_pairs(ctx, from, t);
	if (err)
		return err;
	t->sort = sort_new(vm, kp_table_len(t));
	if (!t->sort)
		return kp_ctx_result(ctx, -ENOMEM);
	count_copy(vm, t->sort->n);
	err = weigh_pairs(ctx, t);
	if (err)
		return err;
	out->t = t;
	out->type = KTAP_T_TABLE;
	return 0;
}

/* ---- merging ---- */

static void put_left(struct kp_sort *sort)
{
	u32 to = sort->n - sort->from;

	sort->entries[to + sort->out++] = sort->entries[sort->from + sort->left++];
}

static void put_right(struct kp_sort *sort)
{
	u32 to = sort->n - sort->from;

	sort->entries[to + sort->out++] = sort->entries[sort->from + sort->right++];
}

static u32 at_most(u64 a, u32 n)
{
	return a < n ? a : n;
}

/* The two runs at out; after the last ones, runs are twice as wide and in the other half. */
static void next_runs(struct kp_sort *sort)
{
	if (sort->out == sort->n) {
		sort->from = sort->n - sort->from;
		sort->width = at_most(2 * (u64)sort->width, sort->n);
		sort->out = 0;
	}
	sort->left = sort->out;
	sort->left_end = at_most((u64)sort->left + sort->width, sort->n);
	sort->right = sort->left_end;
	sort->right_end = at_most((u64)sort->right + sort->width, sort->n);
}

/* Goes on to where two entries are to be compared: 1; 0 when all is sorted; or an error. */
static int advance(struct kp_ctx *ctx, struct kp_sort *sort)
{
	int err;

	while (sort->width < sort->n) {
		if (sort->left < sort->left_end && sort->right < sort->right_end)
			return 1;
		if (sort->left < sort->left_end)
			put_left(sort);
		else if (sort->right < sort->right_end)
			put_right(sort);
		else
			next_runs(sort);
		err = kp_ctx_charge(ctx, 1);
		if (err)
			return err;
	}
	return 0;
}

/* Whether a goes before b, which was added earlier. */
static bool goes_before(const struct kp_sort_entry *a, const struct kp_sort_entry *b)
{
	if (a->unknown || b->unknown)
		return a->unknown < b->unknown;
	return a->weight > b->weight;
}

int kp_sort_numbers(struct kp_ctx *ctx, struct kp_table *t)
{
	struct kp_sort *sort = t->sort;
	int ret;

	while ((ret = advance(ctx, sort)) > 0) {
		const struct kp_sort_entry *half = sort->entries + sort->from;

		if (goes_before(&half[sort->right], &half[sort->left]))
			put_right(sort);
		else
			put_left(sort);
		ret = kp_ctx_charge(ctx, 1);
		if (ret)
			return ret;
	}
	return ret;
}

/* The value of a node of the copy, which is not sorted yet: places and nodes are the same. */
static int value_of(struct kp_ctx *ctx, struct kp_table *t, u32 node, struct kp_value *val)
{
	struct kp_value key;
	s64 cursor = node;
	int ret;

	kp_value_nil(val);
	ret = kp_table_next(ctx, t, &cursor, &key, val);
	return ret < 0 ? kp_ctx_result(ctx, ret) : 0;
}

int kp_sort_next(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *values)
{
	struct kp_sort *sort = t->sort;
	int ret;

	if (!sort)
		return kp_ctx_error(ctx, KTAP_ERR_PAIRS_TYPE, NULL);
	ret = advance(ctx, sort);
	if (ret <= 0)
		return ret;
	/* the one added later is asked for: only if it must go first the order changes */
	ret = value_of(ctx, t, sort->entries[sort->from + sort->right].node, &values[0]);
	if (!ret)
		ret = value_of(ctx, t, sort->entries[sort->from + sort->left].node, &values[1]);
	return ret ? ret : 1;
}

int kp_sort_tell(struct kp_ctx *ctx, struct kp_table *t, bool first)
{
	struct kp_sort *sort = t->sort;

	if (!sort || sort->left >= sort->left_end || sort->right >= sort->right_end)
		return kp_ctx_error(ctx, KTAP_ERR_PAIRS_TYPE, NULL);
	if (first)
		put_right(sort);
	else
		put_left(sort);
	return 0;
}
