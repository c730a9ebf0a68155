// SPDX-License-Identifier: GPL-2.0-only
/* Tables and cells on one CPU: against a model, and when it interrupts itself. */
#include "table.h"
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

/* However large tables are: others run while they are walked, merged, grown and dropped. */
static void test_yields(void **state)
{
	const s64 pairs = 3 * KP_PROCESS_SLICE;
	struct kp_value k, nil = { .type = KTAP_T_NIL };
	struct kp_table *t, *split;
	unsigned long before;
	struct session s;
	s64 i, cursor = 0;

	(void)state;
	session_init(&s, 0, 0);
	t = kp_table_new(&s.vm, 0, 0);
	split = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);
	for (i = 0; i < pairs; i++) {
		k = session_int(i);
		assert_int_equal(kp_table_set(s.main, t, &k, &k), 0);
		assert_int_equal(kp_table_add(s.main, split, &k, 1), 0);
	}
	before = kp_host_yields;
	assert_int_equal(kp_table_merge(s.main, split), 0);
	assert_true(kp_host_yields - before >= 2 * pairs / 64);
	before = kp_host_yields;
	kp_vm_maintain(&s.vm);
	t->common.want = 1;
	kp_vm_maintain(&s.vm);
	assert_true(kp_host_yields - before >= pairs / 64);

	for (i = 0; i < pairs; i++) {
		k = session_int(i);
		assert_int_equal(kp_table_set(s.main, t, &k, &nil), 0);
	}
	s.main->budget = 0;
	before = kp_host_yields;
	assert_int_equal(kp_table_next(s.main, t, &cursor, &s.main->regs[0], &s.main->regs[1]), 0);
	assert_true(kp_host_yields - before >= pairs / KP_PROCESS_SLICE - 1);
	/* it may be ended, too */
	s.interrupt = -EINTR;
	s.main->budget = 0;
	cursor = 0;
	assert_int_equal(kp_table_next(s.main, t, &cursor, &s.main->regs[0], &s.main->regs[1]), -EINTR);

	assert_ptr_equal(s.vm.tables, split);
	s.vm.tables = split->next;
	before = kp_host_yields;
	kp_table_drop(split);
	assert_true(kp_host_yields - before >= pairs / 64 + pairs / 64 / 64);
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
	assert_false(kp_quick_get(s.main, t, &k, got));
	assert_false(kp_quick_add(s.main, t, &k, 1));
	assert_true(kp_quick_set(s.main, t, &k, &v));
	assert_true(kp_quick_add(s.main, t, &k, 5));
	assert_true(kp_quick_get(s.main, t, &k, got));
	assert_int(got, 15);
	v = session_int(-1);
	assert_true(kp_quick_set(s.main, t, &k, &v));
	assert_int_equal(kp_table_len(t), 1);
	check_get(s.main, t, 1, -1);

	/* what has bytes is read, not written */
	*got = session_str(s.main, "some text");
	assert_false(kp_quick_set(s.main, t, &k, got));
	assert_int_equal(kp_table_set(s.main, t, &k, got), 0);
	assert_false(kp_quick_set(s.main, t, &k, &v));
	assert_false(kp_quick_add(s.main, t, &k, 1));
	assert_true(kp_quick_get(s.main, t, &k, got));
	assert_str(got, "some text");

	/* keys with bytes: those that are there, and short */
	*key = session_str(s.main, "key");
	assert_false(kp_quick_set(s.main, t, key, &v));
	assert_int_equal(kp_table_set(s.main, t, key, &v), 0);
	assert_true(kp_quick_add(s.main, t, key, 8));
	assert_true(kp_quick_get(s.main, t, key, got));
	assert_int(got, 7);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	*key = session_str(s.main, text);
	assert_int_equal(kp_table_set(s.main, t, key, &v), 0);
	assert_false(kp_quick_get(s.main, t, key, got));

	/* other keys, deletion, a table for each CPU, a lock that is taken */
	kp_value_nil(key);
	assert_false(kp_quick_get(s.main, t, key, got));
	assert_false(kp_quick_set(s.main, t, key, &v));
	assert_false(kp_quick_add(s.main, t, key, 1));
	assert_false(kp_quick_set(s.main, t, &k, key));
	assert_false(kp_quick_set(s.main, split, &k, &v));
	assert_int_equal(kp_table_add(s.main, split, &k, 1), 0);
	assert_true(kp_quick_add(s.main, split, &k, 2));
	assert_false(kp_quick_get(s.main, split, &k, got));
	check_get(s.main, split, 1, 3);
	k = session_int(2);
	assert_true(kp_quick_set(s.main, t, &k, &v));
	assert_true(kp_trylock(&t->common.lock));
	assert_false(kp_quick_get(s.main, t, &k, got));
	assert_false(kp_quick_set(s.main, t, &k, &v));
	assert_false(kp_quick_add(s.main, t, &k, 1));
	kp_unlock(&t->common.lock);

	/* buckets that are being split */
	t->common.detour++;
	assert_false(kp_quick_get(s.main, t, &k, got));
	assert_false(kp_quick_set(s.main, t, &k, &v));
	assert_false(kp_quick_add(s.main, t, &k, 1));
	t->common.detour--;
	assert_true(kp_quick_get(s.main, t, &k, got));

	/* two keys of one hash: the second one, or both, are found in the other way */
	for (i = 0; i < 2; i++) {
		*key = session_str(s.main, i ? "one" : "two");
		key->s->hash = 12345;
		assert_int_equal(kp_table_set(s.main, t, key, &v), 0);
	}
	assert_true(kp_quick_get(s.main, t, key, got));
	*key = session_str(s.main, "two");
	key->s->hash = 12345;
	assert_false(kp_quick_get(s.main, t, key, got));
	assert_int_equal(kp_table_get(s.main, t, key, got), 0);
	assert_int(got, -1);

	/* no room without growing */
	t = kp_table_new(&s.vm, 0, 64);
	for (i = 10; i < 1000; i++) {
		k = session_int(i);
		if (!kp_quick_set(s.main, t, &k, &k))
			break;
	}
	assert_true(i < 1000);
	check_get(s.main, t, i - 1, i - 1);
	check_get(s.main, t, i, 0);
	session_destroy(&s);
}

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
	assert_int_equal(kp_cell_add(&cell, 1), -EBUSY);
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
	assert_int_equal(kp_cell_add(&cell, 5), 0);
	assert_int_equal(kp_cell_add(&cell, -7), 0);
	assert_int_equal(kp_cell_get(s.main, &cell, &v), 0);
	assert_int(&v, -2);
	s.main->regs[0] = session_str(s.main, "now a string");
	assert_int_equal(kp_cell_set(s.main, &cell, &s.main->regs[0]), 0);
	assert_int_equal(kp_cell_add(&cell, 1), -EINVAL);
	assert_int_equal(kp_cell_get(s.main, &cell, &v), 0);
	assert_str(&v, "now a string");
	/* wrapping */
	v = session_int(INT64_MAX);
	assert_int_equal(kp_cell_set(s.main, &cell, &v), 0);
	assert_int_equal(kp_cell_add(&cell, 1), 0);
	assert_int_equal(kp_cell_get(s.main, &cell, &v), 0);
	assert_int(&v, INT64_MIN);
	session_destroy(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
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
		cmocka_unit_test(test_yields),
		cmocka_unit_test(test_quick),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_cell),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
