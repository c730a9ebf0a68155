// SPDX-License-Identifier: GPL-2.0-only
/* Tables and cells: against a model, under fire from eight CPUs, and out of memory. */
#include <signal.h>
#include <stdatomic.h>
#include "session.h"

#define ADDS	20000
#define KEYS	37

/* Who has which CPU when all are busy. */
#define FIRES	(KP_HOST_CPUS - 2)
#define READER	(KP_HOST_CPUS - 2)
#define KEEPER	(KP_HOST_CPUS - 1)

/* ---- one CPU ---- */

/* In the quick way, too: when it finds something it is the same. */
static void check_get(struct kp_ctx *ctx, struct kp_table *t, s64 key, s64 want)
{
	struct kp_value k = session_int(key), v;

	if (kp_table_get_quick(ctx, t, &k, &v))
		assert_int(&v, want);
	assert_int_equal(kp_table_get(ctx, t, &k, &v), 0);
	if (want)
		assert_int(&v, want);
	else
		assert_int_equal(v.type, KTAP_T_NIL);
}

static void test_keys(void **state)
{
	struct session s;
	struct kp_value keys[8], v, *regs;
	struct kp_table *t;
	u32 i, j;

	(void)state;
	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, 0, 0);
	keys[0] = session_int(0);
	keys[1] = session_int(-1);
	kp_value_bool(&keys[2], true);
	kp_value_bool(&keys[3], false);
	keys[4] = session_str(s.main, "");
	keys[5] = session_str(s.main, "0");
	keys[6] = session_str(s.main, "a longer key than the others are");
	keys[7].t = t;
	keys[7].type = KTAP_T_TABLE;
	regs = s.main->regs;
	for (i = 0; i < 8; i++) {
		regs[i] = keys[i];
		v = session_int(i + 1);
		assert_int_equal(kp_table_set(s.main, t, &keys[i], &v), 0);
		assert_int_equal(kp_table_len(t), i + 1);
		for (j = 0; j < 8; j++) {
			assert_int_equal(kp_table_get(s.main, t, &keys[j], &v), 0);
			if (j <= i)
				assert_int(&v, j + 1);
			else
				assert_int_equal(v.type, KTAP_T_NIL);
		}
	}
	kp_value_nil(&v);
	assert_int_equal(kp_table_set(s.main, t, &keys[5], &v), 0);
	assert_int_equal(kp_table_len(t), 7);
	assert_int_equal(kp_table_get(s.main, t, &keys[5], &v), 0);
	assert_int_equal(v.type, KTAP_T_NIL);
	session_destroy(&s);
}

#define MODEL	200

/* Random operations beside an array; the percentage of deletions keeps the table breathing. */
static void model(u32 flags, u64 seed)
{
	s64 want[MODEL] = { 0 };
	struct session s;
	struct kp_table *t;
	u64 x = seed;
	s64 cursor;
	u32 i, live = 0, met;

	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, flags, 0);
	for (i = 0; i < 30000; i++) {
		u32 k, what;
		struct kp_value key, val, out;

		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		k = (x >> 33) % MODEL;
		what = (x >> 20) % 100;
		kp_host_cpu = (x >> 50) % KP_HOST_CPUS;
		key = session_int((s64)k * 7919);
		val = session_int((x >> 40) % 1000 + 1);
		if (what < 40) {
			assert_int_equal(kp_table_set(s.main, t, &key, &val), 0);
			want[k] = val.i;
		} else if (what < 70) {
			assert_int_equal(kp_table_add(s.main, t, &key, val.i), 0);
			want[k] += val.i;
		} else if (what < 90) {
			kp_value_nil(&val);
			assert_int_equal(kp_table_set(s.main, t, &key, &val), 0);
			want[k] = 0;
		} else if (what < 99 || (x >> 8) % 50) {
			assert_int_equal(kp_table_get(s.main, t, &key, &out), 0);
			if (want[k])
				assert_int(&out, want[k]);
			else
				assert_int_equal(out.type, KTAP_T_NIL);
		} else {
			assert_int_equal(kp_table_clear(s.main, t), 0);
			memset(want, 0, sizeof(want));
		}
	}
	assert_int_equal(kp_table_merge(s.main, t), 0);
	for (i = 0; i < MODEL; i++) {
		live += want[i] != 0;
		check_get(s.main, t, (s64)i * 7919, want[i]);
	}
	assert_int_equal(kp_table_len(t), live);
	cursor = 0;
	for (met = 0; kp_table_next(s.main, t, &cursor, &s.main->regs[0], &s.main->regs[1]) == 1; met++)
		assert_int(&s.main->regs[1], want[s.main->regs[0].i / 7919]);
	assert_int_equal(met, live);
	kp_host_cpu = 0;
	session_destroy(&s);
}

static void test_model_plain(void **state)
{
	(void)state;
	model(0, 1);
	model(0, 2);
}

static void test_model_percpu(void **state)
{
	(void)state;
	model(KTAP_TABLE_PERCPU, 3);
	model(KTAP_TABLE_PERCPU, 4);
}

static void test_growth(void **state)
{
	struct session s;
	struct kp_table *t;
	s64 i, n = 20000, cursor = 0, sum = 0;
	struct kp_value k, v;

	(void)state;
	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, 0, 0);
	for (i = 1; i <= n; i++) {
		k = session_int(i * 4096);
		v = session_int(i);
		assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
	}
	assert_int_equal(kp_table_len(t), n);
	for (i = 1; i <= n; i++)
		check_get(s.main, t, i * 4096, i);
	while (kp_table_next(s.main, t, &cursor, &k, &v) == 1) {
		assert_int_equal(k.i, v.i * 4096);
		sum += v.i;
	}
	assert_int_equal(sum, n * (n + 1) / 2);
	session_destroy(&s);
}

static void test_types(void **state)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k = session_int(1), v;

	(void)state;
	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, 0, 0);
	kp_value_bool(&v, true);
	assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
	assert_int_equal(kp_table_add(s.main, t, &k, 1), -EINVAL);
	assert_int_equal(kp_table_sample(s.main, t, &k, 1), -EINVAL);
	v = session_str(s.main, "text");
	s.main->regs[0] = v;
	s.main->top = 1;
	assert_int_equal(kp_table_set(s.main, t, &k, &s.main->regs[0]), 0);
	assert_int_equal(kp_table_add(s.main, t, &k, 1), -EINVAL);
	assert_int_equal(kp_table_get(s.main, t, &k, &v), 0);
	assert_str(&v, "text");
	/* what is read is a copy */
	memset(v.s->data, 'x', 4);
	assert_int_equal(kp_table_get(s.main, t, &k, &v), 0);
	assert_str(&v, "text");
	session_destroy(&s);
}

static void test_samples(void **state)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k = session_int(1), v;
	struct ktap_agg *agg;
	u64 *buckets;
	s64 i;

	(void)state;
	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, KTAP_TABLE_PERCPU | KTAP_TABLE_QUANTIZE, 0);
	for (i = -1000; i <= 1000; i++) {
		kp_host_cpu = i & 3;
		assert_int_equal(kp_table_sample(s.main, t, &k, i), 0);
	}
	kp_host_cpu = 0;
	assert_int_equal(kp_table_sample(s.main, t, &k, INT64_MIN), 0);
	assert_int_equal(kp_table_sample(s.main, t, &k, INT64_MAX), 0);
	assert_int_equal(kp_table_get(s.main, t, &k, &v), 0);
	assert_int_equal(v.type, KTAP_T_AGG);
	assert_int_equal(v.s->len, sizeof(*agg) + KTAP_AGG_BUCKETS * 8);
	agg = (struct ktap_agg *)v.s->data;
	buckets = (u64 *)(agg + 1);
	assert_int_equal(agg->count, 2003);
	assert_int_equal(agg->sum, -1);
	assert_int_equal(agg->min, INT64_MIN);
	assert_int_equal(agg->max, INT64_MAX);
	assert_int_equal(buckets[64], 1);
	assert_int_equal(buckets[0], 1);
	assert_int_equal(buckets[65], 1);
	assert_int_equal(buckets[9], 489);	/* 512 ... 1000 */
	assert_int_equal(buckets[65 + 9], 489);
	assert_int_equal(buckets[62], 1);
	assert_int_equal(buckets[65 + 62], 1);

	t = kp_table_new(&s.vm, 0, 0);
	assert_int_equal(kp_table_sample(s.main, t, &k, 5), 0);
	assert_int_equal(kp_table_get(s.main, t, &k, &v), 0);
	assert_int_equal(v.s->len, sizeof(*agg));
	session_destroy(&s);
}

static void check_linear_counts(void)
{
	static const struct {
		s64 low, high, step;
		u32 n;
	} rows[] = {
		{ 0, 10, 1, 10 }, { 0, 10, 3, 4 }, { -5, 5, 10, 1 }, { -5, 5, 100, 1 }, { 0, 1000, 1, 1000 },
		{ 0, 1001, 1, 0 }, { 0, 0, 1, 0 }, { 1, 0, 1, 0 }, { 0, 10, 0, 0 }, { 0, 10, -1, 0 },
		{ INT64_MIN, INT64_MAX, INT64_MAX, 0 }, { 0, INT64_MAX, INT64_MAX, 1 },
		{ INT64_MIN, -1, INT64_MAX, 1 }, { INT64_MIN, 0, INT64_MAX, 0 },
	};
	u32 i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(kp_agg_linear(rows[i].low, rows[i].high, rows[i].step), rows[i].n);
}

/* Linear buckets, merged from CPUs; aggregates of another table are not mistaken for its own. */
static void test_linear(void **state)
{
	static const u32 flags[] = { 0, KTAP_TABLE_PERCPU };
	struct session s;
	struct kp_table *t, *other;
	struct kp_value k = session_int(7), v;
	struct ktap_linear linear;
	u64 *counters;
	s64 i;
	u32 f;

	(void)state;
	check_linear_counts();
	for (f = 0; f < 2; f++) {
		session_init(&s, 0, 0);
		t = kp_table_new(&s.vm, flags[f] | KTAP_TABLE_LQUANTIZE, 0);
		kp_table_set_linear(t, -10, 15, 10);
		for (i = -100; i < 100; i++) {
			kp_host_cpu = i & 3;
			assert_int_equal(kp_table_sample(s.main, t, &k, i), 0);
		}
		kp_host_cpu = 0;
		assert_int_equal(kp_table_sample(s.main, t, &k, INT64_MIN), 0);
		assert_int_equal(kp_table_sample(s.main, t, &k, INT64_MAX), 0);
		assert_int_equal(kp_table_get(s.main, t, &k, &v), 0);
		assert_int_equal(v.s->len, sizeof(struct ktap_agg) + sizeof(linear) + 5 * 8);
		memcpy(&linear, v.s->data + sizeof(struct ktap_agg), sizeof(linear));
		assert_int_equal(linear.low, -10);
		assert_int_equal(linear.step, 10);
		counters = (u64 *)(v.s->data + sizeof(struct ktap_agg) + sizeof(linear));
		assert_int_equal(counters[0], 91);
		assert_int_equal(counters[1], 10);
		assert_int_equal(counters[2], 10);
		assert_int_equal(counters[3], 10);
		assert_int_equal(counters[4], 81);
		/* such an aggregate in other tables, and theirs in this one */
		other = kp_table_new(&s.vm, flags[f] | KTAP_TABLE_QUANTIZE, 0);
		assert_int_equal(kp_table_set(s.main, other, &k, &v), 0);
		for (i = -5; i < 5; i++)
			assert_int_equal(kp_table_sample(s.main, other, &k, i * 1000000000), 0);
		k = session_int(8);
		assert_int_equal(kp_table_sample(s.main, other, &k, 1), 0);
		assert_int_equal(kp_table_get(s.main, other, &k, &v), 0);
		assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
		assert_int_equal(kp_table_sample(s.main, t, &k, 1), 0);
		assert_int_equal(kp_table_get(s.main, t, &k, &v), 0);
		assert_int_equal(((struct ktap_agg *)v.s->data)->count, 2);
		k = session_int(7);
		session_destroy(&s);
	}
}

/* Strings that are overwritten and keys that come and go take no new memory. */
static void test_churn(void **state)
{
	struct session s;
	struct kp_table *t;
	struct kp_ctx *ctx;
	struct kp_cell cell = { 0 };
	char text[64];
	u64 used = 0;
	u32 i;

	(void)state;
	session_init(&s, 0, 0);
	for (i = 32; i <= 128; i *= 2)
		assert_int_equal(kp_pool_prepare(&s.vm.pool, i), 0);
	ctx = s.handler;
	ctx->top = 2;
	t = kp_table_new(&s.vm, 0, 0);
	for (i = 0; i < 200000; i++) {
		struct kp_value fixed = session_int(i % 8), old;

		if (i == 1000)
			used = s.vm.pool.used;
		ctx->scratch_used = 0;
		snprintf(text, sizeof(text), "%.*s%u", i % 32, "................................", i);
		ctx->regs[0] = session_str(ctx, text);
		kp_value_nil(&ctx->regs[1]);
		assert_int_equal(kp_table_set(ctx, t, &fixed, &ctx->regs[0]), 0);
		assert_int_equal(kp_cell_set(ctx, &cell, &ctx->regs[0]), 0);
		/* a fresh key, and away with the one before the last few */
		assert_int_equal(kp_table_add(ctx, t, &ctx->regs[0], 1), 0);
		assert_int_equal(kp_table_set(ctx, t, &ctx->regs[0], &ctx->regs[1]), 0);
		assert_int_equal(kp_table_get(ctx, t, &fixed, &old), 0);
		assert_str(&old, text);
	}
	assert_int_equal(s.vm.pool.used, used);
	assert_int_equal(kp_table_len(t), 8);
	session_destroy(&s);
}

/* A table that is filled with new keys and emptied, again and again, takes no new memory. */
static void clear_churn(u32 flags)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k;
	u64 used = 0;
	s64 i, j;

	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, flags, 0);
	for (i = 0; i < 300; i++) {
		if (i == 50)
			used = s.vm.pool.used;
		for (j = 0; j < 200; j++) {
			kp_host_cpu = j % KP_HOST_CPUS;
			k = session_int(i * 1000 + j);
			assert_int_equal(kp_table_add(s.handler, t, &k, 1), 0);
		}
		kp_host_cpu = 0;
		if (i & 1)
			assert_int_equal(kp_table_merge(s.main, t), 0);
		assert_int_equal(kp_table_clear(s.main, t), 0);
		assert_int_equal(kp_table_len(t), 0);
	}
	assert_int_equal(s.vm.pool.used, used);
	assert_int_equal(kp_count_read(&s.handler->counters[KTAP_CNT_KEY_REFUSED]), 0);
	session_destroy(&s);
}

static void test_clear_plain(void **state)
{
	(void)state;
	clear_churn(0);
}

static void test_clear_percpu(void **state)
{
	(void)state;
	clear_churn(KTAP_TABLE_PERCPU);
}

/* The same with keys deleted one by one. */
static void test_delete_percpu(void **state)
{
	struct kp_value k, nil = { .type = KTAP_T_NIL };
	struct session s;
	struct kp_table *t;
	u64 used = 0;
	s64 i;

	(void)state;
	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);
	for (i = 0; i < 20000; i++) {
		if (i == 1000)
			used = s.vm.pool.used;
		k = session_int(i);
		assert_int_equal(kp_table_add(s.handler, t, &k, 1), 0);
		assert_int_equal(kp_table_set(s.main, t, &k, &nil), 0);
	}
	assert_int_equal(s.vm.pool.used, used);
	session_destroy(&s);
}

/* ---- no memory ---- */

static void test_cap(void **state)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k, v;
	s64 n, refused = 0, i;
	int err;

	(void)state;
	session_init(&s, KTAP_MIN_MEMORY, 0);
	t = kp_table_new(&s.vm, 0, 0);
	for (n = 0; n < 100000; n++) {
		k = session_int(n);
		err = kp_table_add(s.handler, t, &k, 1);
		assert_true(err == 0 || err == -ENOMEM);
		if (err) {
			/* a handler goes on, and the loss is counted */
			assert_int_equal(kp_ctx_result(s.handler, err), 0);
			refused++;
		}
	}
	assert_true(refused > 0 && refused < n);
	assert_int_equal(kp_count_read(&s.handler->counters[KTAP_CNT_KEY_REFUSED]), refused);
	assert_int_equal(kp_table_len(t), n - refused);
	assert_true(s.vm.pool.used <= KTAP_MIN_MEMORY);
	/* keys that are there go on working */
	for (i = 0; i < 10; i++) {
		k = session_int(i);
		assert_int_equal(kp_table_add(s.handler, t, &k, 1), 0);
		check_get(s.main, t, i, 2);
	}
	/* in process context it is a script error */
	k = session_int(n);
	v = session_int(1);
	err = kp_table_set(s.main, t, &k, &v);
	assert_int_equal(err, -ENOMEM);
	assert_int_equal(kp_ctx_result(s.main, err), -EINVAL);
	assert_int_equal(session_error(&s), KTAP_ERR_NO_MEMORY);
	/* there is room again once keys have gone */
	assert_int_equal(kp_table_clear(s.main, t), 0);
	assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
	session_destroy(&s);
}

static void test_cap_strings(void **state)
{
	char text[1001];
	struct session s;
	struct kp_table *t;
	struct kp_value k;
	s64 n, refused = 0;
	int err;

	(void)state;
	memset(text, 'x', 1000);
	text[1000] = 0;
	session_init(&s, KTAP_MIN_MEMORY + (64 << 10), 0);
	s.handler->top = 1;
	t = kp_table_new(&s.vm, 0, 0);
	for (n = 0; n < 2000; n++) {
		k = session_int(n % 500);
		s.handler->scratch_used = 0;
		s.handler->regs[0] = session_str(s.handler, text);
		err = kp_table_set(s.handler, t, &k, &s.handler->regs[0]);
		if (err) {
			assert_true(err == -EDQUOT || err == -ENOMEM);
			assert_int_equal(kp_ctx_result(s.handler, err), 0);
			refused++;
		}
	}
	assert_true(refused > 0 && refused < n);
	assert_int_equal(kp_count_read(&s.handler->counters[KTAP_CNT_STR_REFUSED]) + kp_count_read(&s.handler->counters[KTAP_CNT_KEY_REFUSED]),
			 refused);
	assert_true(s.vm.pool.peak <= KTAP_MIN_MEMORY + (64 << 10));
	session_destroy(&s);
}

/* Each allocation fails in turn while a table is made and grows: nothing leaks, nothing breaks. */
static void test_failing(void **state)
{
	static const u32 flags[] = { 0, KTAP_TABLE_PERCPU };
	unsigned long at;
	u32 f;

	(void)state;
	for (f = 0; f < 2; f++) {
		bool failed = true;

		for (at = 1; failed; at++) {
			struct session s;
			struct kp_table *t;
			s64 i, sum = 0;

			session_init(&s, 0, 0);
			kp_host_fail_at = at;
			t = kp_table_new(&s.vm, flags[f], 0);
			for (i = 0; t && i < 400; i++) {
				struct kp_value k = session_int(i);

				sum += kp_table_add(i & 1 ? s.main : s.handler, t, &k, 1) == 0;
			}
			failed = kp_host_fail_at == 0;
			kp_host_fail_at = 0;
			if (t) {
				assert_int_equal(kp_table_merge(s.main, t), 0);
				assert_int_equal(kp_table_len(t), sum);
			}
			if (!failed)
				assert_int_equal(sum, 400);
			session_destroy(&s);
		}
		assert_true(at > 4);
	}
}

/* Growth that has failed is asked for again, but not by every key. */
static void test_growth_again(void **state)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k;
	s64 i;

	(void)state;
	session_init(&s, 0, 0);
	s.maintain = false;
	t = kp_table_new(&s.vm, 0, 16);
	for (i = 0; i < 16; i++) {
		k = session_int(i);
		assert_int_equal(kp_table_add(s.handler, t, &k, 1), 0);
	}
	assert_int_equal(s.kicks, 1);
	kp_host_fail_at = 1;
	kp_vm_maintain(&s.vm);
	assert_int_equal(t->common.capacity, 16);
	for (i = 100; i < 200; i++) {
		k = session_int(i);
		assert_int_equal(kp_table_add(s.handler, t, &k, 1), -ENOMEM);
	}
	assert_int_equal(s.kicks, 2);
	kp_vm_maintain(&s.vm);
	assert_int_equal(kp_table_add(s.handler, t, &k, 1), 0);
	session_destroy(&s);
}

/* A scratch space too small for what a slot holds. */
static void test_scratch(void **state)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k = session_int(1), v;
	struct kp_cell cell = { 0 };
	char text[KP_HANDLER_SCRATCH + 1];

	(void)state;
	memset(text, 'x', KP_HANDLER_SCRATCH);
	text[KP_HANDLER_SCRATCH] = 0;
	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, 0, 0);
	s.main->top = 1;
	s.main->regs[0] = session_str(s.main, text);
	assert_int_equal(kp_table_set(s.main, t, &k, &s.main->regs[0]), 0);
	assert_int_equal(kp_cell_set(s.main, &cell, &s.main->regs[0]), 0);
	assert_int_equal(kp_table_get(s.main, t, &k, &v), 0);
	assert_str(&v, text);
	assert_int_equal(kp_table_get(s.handler, t, &k, &v), -ENOSPC);
	assert_int_equal(kp_cell_get(s.handler, &cell, &v), -ENOSPC);
	assert_int_equal(kp_ctx_result(s.handler, -ENOSPC), -EINVAL);
	assert_int_equal(session_error(&s), KTAP_ERR_STRING_LONG);
	session_destroy(&s);
}

/* ---- interrupted on the same CPU ---- */

static void test_busy(void **state)
{
	struct kp_cell cell = { 0 };
	struct kp_value k = session_int(1), v = session_int(2);
	struct session s;
	struct kp_table *t;
	s64 cursor = 0;

	(void)state;
	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, 0, 0);
	kp_host_cpu = 5;
	t->common.lock.owner = 6;
	cell.lock.owner = 6;
	assert_int_equal(kp_table_add(s.handler, t, &k, 1), -EBUSY);
	assert_int_equal(kp_table_set(s.handler, t, &k, &v), -EBUSY);
	assert_int_equal(kp_table_get(s.handler, t, &k, &v), -EBUSY);
	assert_int_equal(kp_table_sample(s.handler, t, &k, 1), -EBUSY);
	assert_int_equal(kp_table_next(s.handler, t, &cursor, &k, &v), -EBUSY);
	assert_int_equal(kp_table_clear(s.handler, t), -EBUSY);
	assert_int_equal(kp_cell_add(s.handler, &cell, 1), -EBUSY);
	assert_int_equal(kp_cell_get(s.handler, &cell, &v), -EBUSY);
	v = session_int(2);
	assert_int_equal(kp_cell_set(s.handler, &cell, &v), -EBUSY);
	assert_int_equal(kp_ctx_result(s.handler, -EBUSY), -EBUSY);
	assert_int_equal(kp_count_read(&s.handler->counters[KTAP_CNT_NMI_BUSY]), 1);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	t->common.lock.owner = 0;
	assert_int_equal(kp_table_len(t), 0);
	kp_host_cpu = 0;
	session_destroy(&s);
}

static void test_cell(void **state)
{
	struct kp_cell cell = { 0 };
	struct session s;
	struct kp_value v;

	(void)state;
	session_init(&s, 0, 0);
	s.main->top = 1;
	assert_int_equal(kp_cell_get(s.main, &cell, &v), 0);
	assert_int_equal(v.type, KTAP_T_NIL);
	assert_int_equal(kp_cell_add(s.main, &cell, 5), 0);
	assert_int_equal(kp_cell_add(s.main, &cell, -7), 0);
	assert_int_equal(kp_cell_get(s.main, &cell, &v), 0);
	assert_int(&v, -2);
	s.main->regs[0] = session_str(s.main, "now a string");
	assert_int_equal(kp_cell_set(s.main, &cell, &s.main->regs[0]), 0);
	assert_int_equal(kp_cell_add(s.main, &cell, 1), -EINVAL);
	assert_int_equal(kp_cell_get(s.main, &cell, &v), 0);
	assert_str(&v, "now a string");
	/* wrapping */
	v = session_int(INT64_MAX);
	assert_int_equal(kp_cell_set(s.main, &cell, &v), 0);
	assert_int_equal(kp_cell_add(s.main, &cell, 1), 0);
	assert_int_equal(kp_cell_get(s.main, &cell, &v), 0);
	assert_int(&v, INT64_MIN);
	session_destroy(&s);
}

/* ---- eight CPUs ---- */

struct fire {
	struct session *s;
	struct kp_table *t, *samples;
	struct kp_cell *cell;
	u32 cpu;
	pthread_t thread;
	u64 int_refused, sample_refused, refused;	/* no room yet, as the handler is told */
	int bad;
};

static atomic_int stop;

/* A context of its own for each thread, as each CPU has. */
static struct kp_ctx *cpu_ctx(struct fire *f)
{
	kp_host_cpu = f->cpu;
	return kp_ctx_place(&f->s->vm, calloc(1, kp_ctx_size()), KP_LEVEL_TASK);
}

static void *fire_adds(void *arg)
{
	struct fire *f = arg;
	struct kp_ctx *ctx = cpu_ctx(f);
	char text[16];
	s64 i;
	int err;

	ctx->top = 1;
	for (i = 0; i < ADDS; i++) {
		struct kp_value k = session_int(i % KEYS);

		f->bad |= kp_cell_add(ctx, f->cell, 1);
		err = kp_table_add(ctx, f->t, &k, 1);
		f->int_refused += err == -ENOMEM;
		f->bad |= err && err != -ENOMEM;
		err = kp_table_sample(ctx, f->samples, &k, i);
		f->sample_refused += err == -ENOMEM || err == -EDQUOT;
		f->bad |= err && err != -ENOMEM && err != -EDQUOT;
		/* string keys, many of them: the table grows under the others */
		snprintf(text, sizeof(text), "key%lld", (long long)(i % 500));
		ctx->scratch_used = 0;
		ctx->regs[0] = session_str(ctx, text);
		err = kp_table_add(ctx, f->t, &ctx->regs[0], 1);
		f->refused += err == -ENOMEM;
		f->bad |= err && err != -ENOMEM;
	}
	free(ctx);
	return NULL;
}

static void *maintain(void *arg)
{
	struct kp_vm *vm = arg;

	kp_host_cpu = KEEPER;
	while (!stop) {
		kp_vm_maintain(vm);
		sched_yield();
	}
	return NULL;
}

/* Reads and merges all the time: nothing may be counted twice or lost. */
static void *merge_all(void *arg)
{
	struct fire *f = arg;
	s64 cursor, last = 0, sum;
	struct kp_value k, v;

	kp_host_cpu = f->cpu;
	while (!stop) {
		f->bad |= kp_table_merge(f->s->main, f->t);
		f->s->main->scratch_used = 0;
		cursor = sum = 0;
		while (kp_table_next(f->s->main, f->t, &cursor, &k, &v) == 1)
			sum += k.type == KTAP_T_INT ? v.i : 0;
		/* sums only grow */
		f->bad |= sum < last ? -1 : 0;
		last = sum;
		sched_yield();
	}
	return NULL;
}

static void exact(u32 flags)
{
	struct fire fires[FIRES], reader;
	struct kp_cell cell = { 0 };
	pthread_t keeper;
	struct session s;
	struct kp_value k, v;
	u64 int_refused = 0, sample_refused = 0, refused = 0;
	s64 i, cursor = 0, ints = 0, samples = 0, strings = 0, total;
	int bad = 0;
	u32 c;

	session_init(&s, 0, 0);
	s.maintain = false;
	stop = 0;
	reader = (struct fire){ .s = &s, .t = kp_table_new(&s.vm, flags, 0), .cpu = READER };
	reader.samples = kp_table_new(&s.vm, flags, 0);
	reader.cell = &cell;
	assert_int_equal(kp_pool_prepare(&s.vm.pool, 32), 0);
	assert_int_equal(kp_pool_prepare(&s.vm.pool, 64), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(kp_pool_prepare(&s.vm.pool, 64), 0);
	assert_int_equal(pthread_create(&keeper, NULL, maintain, &s.vm), 0);
	for (c = 0; c < FIRES; c++) {
		fires[c] = reader;
		fires[c].cpu = c;
		assert_int_equal(pthread_create(&fires[c].thread, NULL, fire_adds, &fires[c]), 0);
	}
	assert_int_equal(pthread_create(&reader.thread, NULL, merge_all, &reader), 0);
	for (c = 0; c < FIRES; c++) {
		pthread_join(fires[c].thread, NULL);
		bad |= fires[c].bad;
		int_refused += fires[c].int_refused;
		sample_refused += fires[c].sample_refused;
		refused += fires[c].refused;
	}
	stop = 1;
	pthread_join(reader.thread, NULL);
	pthread_join(keeper, NULL);
	assert_int_equal(reader.bad, 0);
	assert_int_equal(bad, 0);

	total = (s64)FIRES * ADDS;
	assert_int_equal(kp_cell_get(s.main, &cell, &v), 0);
	assert_int(&v, total);
	for (i = 0; i < KEYS; i++) {
		k = session_int(i);
		assert_int_equal(kp_table_get(s.main, reader.samples, &k, &v), 0);
		assert_int_equal(v.type, KTAP_T_AGG);
		samples += ((struct ktap_agg *)v.s->data)->count;
	}
	assert_int_equal(samples + sample_refused, total);
	assert_int_equal(kp_table_merge(s.main, reader.t), 0);
	while (kp_table_next(s.main, reader.t, &cursor, &k, &v) == 1) {
		if (k.type == KTAP_T_INT)
			ints += v.i;
		else
			strings += v.i;
	}
	assert_int_equal(ints + int_refused, total);
	assert_int_equal(strings + refused, total);
	session_destroy(&s);
}

static void test_exact_plain(void **state)
{
	(void)state;
	exact(0);
}

static void test_exact_percpu(void **state)
{
	(void)state;
	exact(KTAP_TABLE_PERCPU);
}

#define STABLE	300

/* Inserts and deletes keys that are not stable ones. */
static void *fire_changes(void *arg)
{
	struct fire *f = arg;
	struct kp_ctx *ctx = cpu_ctx(f);
	struct kp_value k, v = session_int(1), nil = { .type = KTAP_T_NIL };
	s64 i;

	for (i = 0; !stop; i++) {
		k = session_int(1000000 + (i * 7 + f->cpu * 100) % 2000);
		kp_table_set(ctx, f->t, &k, i % 3 ? &v : &nil);
	}
	free(ctx);
	return NULL;
}

static void test_walk(void **state)
{
	struct fire fires[3];
	struct session s;
	struct kp_table *t;
	struct kp_value k, v;
	pthread_t keeper;
	u8 met[STABLE];
	s64 i, cursor;
	u32 round, c;

	(void)state;
	session_init(&s, 0, 0);
	s.maintain = false;
	t = kp_table_new(&s.vm, 0, 0);
	stop = 0;
	assert_int_equal(pthread_create(&keeper, NULL, maintain, &s.vm), 0);
	for (c = 0; c < 3; c++) {
		fires[c] = (struct fire){ .s = &s, .t = t, .cpu = c + 1 };
		assert_int_equal(pthread_create(&fires[c].thread, NULL, fire_changes, &fires[c]), 0);
	}
	/* the stable ones lie among the others */
	for (i = 0; i < STABLE; i++) {
		k = session_int(i);
		v = session_int(i + 1);
		assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
		if (i % 50 == 0)
			sched_yield();
	}
	for (round = 0; round < 200; round++) {
		memset(met, 0, sizeof(met));
		cursor = 0;
		while (kp_table_next(s.main, t, &cursor, &k, &v) == 1) {
			if (k.i >= STABLE)
				continue;
			assert_int(&v, k.i + 1);
			met[k.i]++;
		}
		for (i = 0; i < STABLE; i++)
			assert_int_equal(met[i], 1);
	}
	stop = 1;
	for (c = 0; c < 3; c++)
		pthread_join(fires[c].thread, NULL);
	pthread_join(keeper, NULL);
	session_destroy(&s);
}

/*
 * Interrupts that no lock keeps out, as NMIs: a signal adds on the CPU of the thread that it
 * interrupts, wherever that is.  What is refused is refused whole, the rest is exact.
 */
static struct {
	struct kp_ctx *ctx;		/* of the signal */
	struct kp_table *t;
	struct kp_cell cell;
	volatile s64 done[2], refused;	/* by the signal */
	bool on;
} nmi;

static void nmi_handler(int sig)
{
	struct kp_value k = session_int(1), text;
	int saved = errno;

	(void)sig;
	if (!nmi.on)
		return;
	if (kp_cell_add(nmi.ctx, &nmi.cell, 1) == 0)
		nmi.done[0]++;
	if (kp_table_add(nmi.ctx, nmi.t, &k, 1) == 0)
		nmi.done[1]++;
	else
		nmi.refused++;
	k = session_int(2);
	nmi.ctx->scratch_used = 0;
	text = session_str(nmi.ctx, "from the interrupt");
	kp_table_set(nmi.ctx, nmi.t, &k, &text);
	errno = saved;
}

static void *nmi_source(void *arg)
{
	pthread_t *victim = arg;

	while (!stop)
		pthread_kill(*victim, SIGUSR1);
	return NULL;
}

static void nmis(u32 flags)
{
	struct sigaction action = { .sa_handler = nmi_handler, .sa_flags = SA_RESTART };
	pthread_t self = pthread_self(), source;
	struct kp_value k, v, text;
	struct session s;
	s64 i;

	session_init(&s, 0, 0);
	s.maintain = false;
	memset(&nmi, 0, sizeof(nmi));
	nmi.ctx = kp_ctx_place(&s.vm, calloc(1, kp_ctx_size()), KP_LEVEL_NMI);
	nmi.ctx->budget = INT64_MAX;
	nmi.t = kp_table_new(&s.vm, flags, 0);
	for (i = 32; i <= 64; i *= 2)
		assert_int_equal(kp_pool_prepare(&s.vm.pool, i), 0);
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	nmi.on = true;
	stop = 0;
	assert_int_equal(pthread_create(&source, NULL, nmi_source, &self), 0);
	for (i = 0; i < 20000 || nmi.done[1] < 500; i++) {
		k = session_int(1);
		/* the thread itself is never refused: the interrupt has ended when it goes on */
		assert_int_equal(kp_cell_add(s.handler, &nmi.cell, 1), 0);
		assert_int_equal(kp_table_add(s.handler, nmi.t, &k, 1), 0);
		k = session_int(2);
		s.handler->scratch_used = 0;
		text = session_str(s.handler, "from the thread");
		assert_int_equal(kp_table_set(s.handler, nmi.t, &k, &text), 0);
		assert_int_equal(kp_table_get(s.handler, nmi.t, &k, &v), 0);
		assert_int_equal(v.type, KTAP_T_STR);
		assert_memory_equal(v.s->data, "from the ", 9);
	}
	stop = 1;
	pthread_join(source, NULL);
	nmi.on = false;
	assert_int_equal(kp_cell_get(s.main, &nmi.cell, &v), 0);
	assert_int(&v, i + nmi.done[0]);
	check_get(s.main, nmi.t, 1, i + nmi.done[1]);
	print_message("# %lld interrupts, %lld refused\n", (long long)nmi.done[1], (long long)nmi.refused);
	free(nmi.ctx);
	session_destroy(&s);
}

static void test_nmi_plain(void **state)
{
	(void)state;
	nmis(0);
}

static void test_nmi_percpu(void **state)
{
	(void)state;
	nmis(KTAP_TABLE_PERCPU);
}

/* Process context fills a table while somebody else grows it, too: it is never told that memory is used up. */
static void test_growth_race(void **state)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k, v = session_int(1);
	pthread_t keeper;
	s64 i, round;

	(void)state;
	session_init(&s, 0, 0);
	s.maintain = false;
	stop = 0;
	assert_int_equal(pthread_create(&keeper, NULL, maintain, &s.vm), 0);
	for (round = 0; round < 20; round++) {
		t = kp_table_new(&s.vm, 0, 0);
		for (i = 0; i < 5000; i++) {
			k = session_int(i);
			assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
		}
	}
	stop = 1;
	pthread_join(keeper, NULL);
	session_destroy(&s);
}

/* What the quick ways do, and what they leave to the others. */
static void test_quick(void **state)
{
	char text[100];
	struct kp_value k = session_int(1), v = session_int(10), *key, *got;
	struct kp_table *t, *split;
	struct session s;
	u32 i;

	(void)state;
	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, 0, 0);
	split = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);
	key = &s.main->regs[0];
	got = &s.main->regs[1];
	s.main->top = 2;

	/* numbers: new, replaced, read, added to */
	assert_false(kp_table_get_quick(s.main, t, &k, got));
	assert_false(kp_table_add_quick(s.main, t, &k, 1));
	assert_true(kp_table_set_quick(s.main, t, &k, &v));
	assert_true(kp_table_add_quick(s.main, t, &k, 5));
	assert_true(kp_table_get_quick(s.main, t, &k, got));
	assert_int(got, 15);
	v = session_int(-1);
	assert_true(kp_table_set_quick(s.main, t, &k, &v));
	assert_int_equal(kp_table_len(t), 1);
	check_get(s.main, t, 1, -1);

	/* what has bytes is read, not written */
	*got = session_str(s.main, "some text");
	assert_false(kp_table_set_quick(s.main, t, &k, got));
	assert_int_equal(kp_table_set(s.main, t, &k, got), 0);
	assert_false(kp_table_set_quick(s.main, t, &k, &v));
	assert_false(kp_table_add_quick(s.main, t, &k, 1));
	assert_true(kp_table_get_quick(s.main, t, &k, got));
	assert_str(got, "some text");

	/* keys with bytes: those that are there, and short */
	*key = session_str(s.main, "key");
	assert_false(kp_table_set_quick(s.main, t, key, &v));
	assert_int_equal(kp_table_set(s.main, t, key, &v), 0);
	assert_true(kp_table_add_quick(s.main, t, key, 8));
	assert_true(kp_table_get_quick(s.main, t, key, got));
	assert_int(got, 7);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	*key = session_str(s.main, text);
	assert_int_equal(kp_table_set(s.main, t, key, &v), 0);
	assert_false(kp_table_get_quick(s.main, t, key, got));

	/* other keys, deletion, a table for each CPU, a lock that is taken */
	kp_value_nil(key);
	assert_false(kp_table_get_quick(s.main, t, key, got));
	assert_false(kp_table_set_quick(s.main, t, key, &v));
	assert_false(kp_table_add_quick(s.main, t, key, 1));
	assert_false(kp_table_set_quick(s.main, t, &k, key));
	assert_false(kp_table_set_quick(s.main, split, &k, &v));
	assert_int_equal(kp_table_add(s.main, split, &k, 1), 0);
	assert_true(kp_table_add_quick(s.main, split, &k, 2));
	assert_false(kp_table_get_quick(s.main, split, &k, got));
	check_get(s.main, split, 1, 3);
	k = session_int(2);
	assert_true(kp_table_set_quick(s.main, t, &k, &v));
	assert_true(kp_trylock(&t->common.lock));
	assert_false(kp_table_get_quick(s.main, t, &k, got));
	assert_false(kp_table_set_quick(s.main, t, &k, &v));
	assert_false(kp_table_add_quick(s.main, t, &k, 1));
	kp_unlock(&t->common.lock);

	/* no room without growing */
	t = kp_table_new(&s.vm, 0, 64);
	for (i = 10; i < 1000; i++) {
		k = session_int(i);
		if (!kp_table_set_quick(s.main, t, &k, &k))
			break;
	}
	assert_true(i < 1000);
	check_get(s.main, t, i - 1, i - 1);
	check_get(s.main, t, i, 0);
	session_destroy(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_quick),
		cmocka_unit_test(test_model_plain),
		cmocka_unit_test(test_model_percpu),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_clear_plain),
		cmocka_unit_test(test_clear_percpu),
		cmocka_unit_test(test_delete_percpu),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_cap_strings),
		cmocka_unit_test(test_failing),
		cmocka_unit_test(test_growth_again),
		cmocka_unit_test(test_scratch),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_cell),
		cmocka_unit_test(test_exact_plain),
		cmocka_unit_test(test_exact_percpu),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_nmi_plain),
		cmocka_unit_test(test_nmi_percpu),
		cmocka_unit_test(test_growth_race),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
