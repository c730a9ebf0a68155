// SPDX-License-Identifier: GPL-2.0-only
/* Tables that are short of memory, or give it back. */
#include "table.h"

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
	/* process context has a part of its own; then it is a script error */
	v = session_int(1);
	do {
		k = session_int(n++);
		err = kp_table_set(s.main, t, &k, &v);
	} while (!err);
	assert_int_equal(err, -ENOMEM);
	assert_true(s.vm.pool.used <= KTAP_MIN_MEMORY);
	assert_int_equal(kp_ctx_result(s.main, err), -EINVAL);
	assert_int_equal(session_error(&s), KTAP_ERR_NO_MEMORY);
	/* there is room again once keys have gone */
	assert_int_equal(kp_table_clear(s.main, t), 0);
	assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
	session_destroy(&s);
}

/* What handlers have filled memory with can be merged and read, whichever CPUs had it. */
static void cap_percpu(u32 cpus)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k;
	s64 n, refused = 0, sum = 0, cursor = 0;
	int err;

	session_init(&s, 2 * KTAP_MIN_MEMORY, 0);
	t = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);
	for (n = 0; n < 50000; n++) {
		kp_host_cpu = n % cpus;
		k = session_int(n);
		err = kp_table_add(s.handler, t, &k, 1);
		assert_true(err == 0 || err == -ENOMEM);
		refused += err != 0;
	}
	kp_host_cpu = 0;
	assert_true(refused > 0 && refused < n);
	assert_int_equal(kp_table_merge(s.main, t), 0);
	assert_int_equal(kp_table_len(t), n - refused);
	s.main->top = 2;
	while (kp_table_next(s.main, t, &cursor, &s.main->regs[0], &s.main->regs[1]) == 1)
		sum += s.main->regs[1].i;
	assert_int_equal(sum, n - refused);
	session_destroy(&s);
}

static void test_cap_percpu(void **state)
{
	(void)state;
	cap_percpu(1);
	cap_percpu(KP_HOST_CPUS);
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

static int add_one(struct session *s, struct kp_table *t, s64 key)
{
	struct kp_value k = session_int(key);

	return kp_table_add(s->handler, t, &k, 1);
}

/* Growth that has failed is asked for again, but not by every key. */
static void test_growth_again(void **state)
{
	struct session s;
	struct kp_table *t;
	u32 down;
	s64 i;

	(void)state;
	session_init(&s, 0, 0);
	s.maintain = false;
	t = kp_table_new(&s.vm, 0, 16);
	down = t->common.down;
	for (i = 0; i <= 16; i++)
		assert_int_equal(add_one(&s, t, i), 0);
	assert_int_equal(s.kicks, 1);
	kp_host_fail_at = 1;
	kp_vm_maintain(&s.vm);
	assert_int_equal(t->common.down, down);
	for (; i < 100; i++)
		assert_int_equal(add_one(&s, t, i), 0);
	assert_int_equal(s.kicks, 2);
	kp_vm_maintain(&s.vm);
	assert_true(t->common.down < down);
	for (i = 0; i < 100; i++)
		check_get(s.main, t, i, 1);
	session_destroy(&s);
}

/* Handlers take what there is in reserve; then they are refused until process context has made more. */
static void test_reserve(void **state)
{
	struct session s;
	struct kp_table *a, *b;
	s64 i, n;

	(void)state;
	session_init(&s, 0, 0);
	s.maintain = false;
	a = kp_table_new(&s.vm, 0, 0);
	b = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);
	assert_int_equal(kp_pool_reserve(&s.vm.pool, KP_POOL_SEGMENT, 60 * KP_POOL_SEGMENT), 0);
	n = 60 * KP_SEGMENT;
	for (i = 0; i < n; i++) {
		kp_host_cpu = i / KP_SEGMENT % KP_HOST_CPUS;
		assert_int_equal(add_one(&s, i / KP_SEGMENT % 3 ? a : b, i), 0);
	}
	kp_host_cpu = 0;
	assert_true(s.kicks > 0);
	while (!add_one(&s, a, i))
		i++;
	/* chunks have room for a few more */
	assert_true(i < n + 500);
	kp_vm_maintain(&s.vm);
	for (n += 60 * KP_SEGMENT; i < n; i++)
		assert_int_equal(add_one(&s, a, i), 0);
	assert_int_equal(kp_table_merge(s.main, b), 0);
	for (i = 0; i < n; i++)
		check_get(s.main, i >= 60 * KP_SEGMENT || i / KP_SEGMENT % 3 ? a : b, i, 1);
	session_destroy(&s);
}

/* A table is asked to be larger than tables can be: that is known before it takes any memory. */
static void test_hint(void **state)
{
	const u32 most = 1U << 28;
	struct session s;
	unsigned long before;
	u64 used;

	(void)state;
	session_init(&s, 0, 0);
	used = s.vm.pool.used;
	assert_null(kp_table_new(&s.vm, 0, ~0U));
	assert_null(kp_table_new(&s.vm, 0, most + 1));
	assert_int_equal(s.vm.pool.used, used);
	assert_true(s.vm.pool.peak < used + 65536);
	/* one that is too large for the session takes what there is, and lets others run meanwhile */
	before = kp_host_yields;
	assert_null(kp_table_new(&s.vm, 0, most));
	assert_true(s.vm.pool.peak > used + 65536);
	before = kp_host_yields;
	assert_non_null(kp_table_new(&s.vm, 0, 100000));
	assert_true(kp_host_yields - before >= 100000 / 64 / 64);
	session_destroy(&s);
}

/* A table that has grown large and was merged or emptied leaves its memory to others. */
static void test_memory_follows(void **state)
{
	struct kp_pool_class *segments, *words;
	struct session s;
	struct kp_table *t;
	u32 c, nodes = 0, round, used[3][2];
	s64 i, cursor = 0, sum = 0;
	struct kp_value k, v;
	char text[32];

	(void)state;
	session_init(&s, 0, 0);
	s.handler->top = 1;
	segments = &s.vm.pool.classes[KP_POOL_CLASSES - 1];
	words = &s.vm.pool.classes[1];
	t = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 16000; i++) {
			kp_host_cpu = i % KP_HOST_CPUS;
			snprintf(text, sizeof(text), "one of many keys: %lld", (long long)(i % 2000));
			s.handler->scratch_used = 0;
			s.handler->regs[0] = session_str(s.handler, text);
			assert_int_equal(kp_table_add(s.handler, t, &s.handler->regs[0], 1), 0);
		}
		kp_host_cpu = 0;
		used[round][0] = segments->total;
		used[round][1] = words->total;
		assert_int_equal(kp_table_merge(s.main, t), 0);
		/* each pair is there once */
		assert_int_equal(kp_table_len(t), 2000);
		/* and a directory of the common shard */
		assert_int_equal(words->total - words->nfree, 2000 + 1);
		assert_true(segments->total - segments->nfree <= 2000 / KP_SEGMENT + 1 + KP_HOST_CPUS);
		for (c = 0; c < KP_HOST_CPUS; c++) {
			assert_int_equal(t->cpu[c]->live, 0);
			nodes += t->cpu[c]->top;
		}
		assert_int_equal(nodes, 0);
	}
	/* from the second round on nothing more is taken */
	assert_int_equal(used[2][0], used[1][0]);
	assert_int_equal(used[2][1], used[1][1]);
	s.main->top = 2;
	while (kp_table_next(s.main, t, &cursor, &s.main->regs[0], &s.main->regs[1]) == 1)
		sum += s.main->regs[1].i;
	assert_int_equal(sum, 3 * 16000);
	assert_int_equal(kp_table_clear(s.main, t), 0);
	assert_int_equal(words->total - words->nfree, 1);
	assert_true(segments->total - segments->nfree <= 1 + KP_HOST_CPUS);
	k = session_int(1);
	assert_int_equal(kp_table_set(s.main, t, &k, &k), 0);
	assert_int_equal(kp_table_get(s.main, t, &k, &v), 0);
	assert_int(&v, 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_cap_percpu),
		cmocka_unit_test(test_cap_strings),
		cmocka_unit_test(test_failing),
		cmocka_unit_test(test_growth_again),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_hint),
		cmocka_unit_test(test_memory_follows),
		cmocka_unit_test(test_scratch),
	};

	return cmocka_run_group_tests_name("table memory", tests, NULL, NULL);
}
