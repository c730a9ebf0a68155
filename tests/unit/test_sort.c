// SPDX-License-Identifier: GPL-2.0-only
/* Sorted copies of tables: sizes, stability, failing allocations, interruption, hostile instructions. */
#include "session.h"
#include "vm/sort.h"

static struct kp_table *filled(struct session *s, s64 n, u32 flags)
{
	struct kp_table *t = kp_table_new(&s->vm, flags, 0);
	struct kp_value k, v;
	s64 i;

	for (i = 0; i < n; i++) {
		k = session_int(i);
		v = session_int(i * 7919 % 101);
		assert_int_equal(kp_table_set(s->main, t, &k, &v), 0);
	}
	return t;
}

/* Copies, sorts by numbers or by a script that would say the same, and looks at the walk. */
static void check_sorted(struct session *s, struct kp_table *t, s64 n, bool by_script)
{
	struct kp_value *R = s->main->regs, k, v;
	s64 cursor = 0, last = INT64_MAX, last_key = -1, seen = 0;
	int ret;

	s->main->top = 3;
	assert_int_equal(kp_sort_copy(s->main, t, &R[0]), 0);
	if (by_script) {
		while ((ret = kp_sort_next(s->main, R[0].t, &R[1])) == 1)
			assert_int_equal(kp_sort_tell(s->main, R[0].t, R[1].i > R[2].i), 0);
		assert_int_equal(ret, 0);
	} else {
		assert_int_equal(kp_sort_numbers(s->main, R[0].t), 0);
	}
	assert_int_equal(kp_sort_next(s->main, R[0].t, &R[1]), 0);
	while (kp_table_next(s->main, R[0].t, &cursor, &k, &v) == 1) {
		assert_true(v.i < last || (v.i == last && k.i > last_key));
		assert_int_equal(v.i, k.i * 7919 % 101);
		last = v.i;
		last_key = k.i;
		seen++;
	}
	assert_int_equal(seen, n);
}

static void test_sizes(void **state)
{
	static const u32 flags[] = { 0, KTAP_TABLE_PERCPU };
	struct session s;
	s64 n;
	u32 f;

	(void)state;
	for (f = 0; f < 2; f++)
		for (n = 0; n < 70; n++) {
			struct kp_table *t;

			session_init(&s, 0, 0);
			t = filled(&s, n, flags[f]);
			check_sorted(&s, t, n, false);
			check_sorted(&s, t, n, true);
			session_destroy(&s);
		}
	session_init(&s, 0, 0);
	check_sorted(&s, filled(&s, 20000, 0), 20000, false);
	session_destroy(&s);
}

/* Each allocation fails in turn. */
static void test_failing(void **state)
{
	unsigned long at, left = 0;

	(void)state;
	for (at = 1; !left; at++) {
		int err;
		struct session s;
		struct kp_table *t;

		session_init(&s, 0, 0);
		t = filled(&s, 300, 0);
		s.main->top = 3;
		kp_host_fail_at = at;
		err = kp_sort_copy(s.main, t, &s.main->regs[0]);
		left = kp_host_fail_at;
		kp_host_fail_at = 0;
		if (err) {
			assert_int_equal(err, -EINVAL);
			assert_int_equal(session_error(&s), KTAP_ERR_NO_MEMORY);
			assert_int_equal(s.main->regs[0].type, KTAP_T_NIL);
		}
		session_destroy(&s);
	}
	assert_true(at > 4);
}

static void test_interrupted(void **state)
{
	struct session s;
	struct kp_table *t;

	(void)state;
	session_init(&s, 0, 0);
	t = filled(&s, 300, 0);
	s.main->top = 3;
	s.interrupt = -EINTR;
	s.main->budget = 100;
	assert_int_equal(kp_sort_copy(s.main, t, &s.main->regs[0]), -EINTR);
	s.main->budget = 1000;
	assert_int_equal(kp_sort_copy(s.main, t, &s.main->regs[0]), 0);
	assert_int_equal(kp_sort_numbers(s.main, s.main->regs[0].t), -EINTR);
	session_destroy(&s);
}

/* What no compiler makes: other tables, answers nobody asked for, a copy that is changed. */
static void test_hostile(void **state)
{
	struct kp_value *R, k, v, nil = { .type = KTAP_T_NIL };
	struct session s;
	struct kp_table *t;
	s64 cursor = 0, i, seen = 0;

	(void)state;
	session_init(&s, 0, 0);
	R = s.main->regs;
	s.main->top = 3;
	t = filled(&s, 10, 0);
	assert_int_equal(kp_sort_next(s.main, t, &R[1]), -EINVAL);
	assert_int_equal(kp_sort_tell(s.main, t, true), -EINVAL);
	assert_int_equal(session_error(&s), KTAP_ERR_PAIRS_TYPE);
	assert_int_equal(kp_sort_copy(s.main, t, &R[0]), 0);
	assert_int_equal(kp_sort_tell(s.main, R[0].t, true), -EINVAL);
	assert_int_equal(kp_sort_numbers(s.main, R[0].t), 0);
	assert_int_equal(kp_sort_tell(s.main, R[0].t, true), -EINVAL);
	for (i = 5; i < 100; i++) {
		k = session_int(i);
		v = session_int(i);
		assert_int_equal(kp_table_set(s.main, R[0].t, &k, i < 10 ? &nil : &v), 0);
	}
	while (kp_table_next(s.main, R[0].t, &cursor, &k, &v) == 1)
		seen++;
	assert_int_equal(seen, 95);
	session_destroy(&s);
}

/* A copy that is emptied while it is walked over gives its nodes back. */
static void test_emptied(void **state)
{
	struct kp_value *R, k, v;
	struct session s;
	s64 cursor = 0;
	bool low;
	void *p;
	int i;

	(void)state;
	session_init(&s, 0, 0);
	R = s.main->regs;
	s.main->top = 3;
	assert_int_equal(kp_sort_copy(s.main, filled(&s, 5000, 0), &R[0]), 0);
	assert_int_equal(kp_sort_numbers(s.main, R[0].t), 0);
	assert_int_equal(kp_table_clear(s.main, R[0].t), 0);
	k = session_int(1);
	assert_int_equal(kp_table_set(s.main, R[0].t, &k, &k), 0);
	for (i = 0; i < 100; i++) {
		p = kp_pool_take(&s.vm.pool, KP_POOL_SEGMENT, &low);
		if (p)
			memset(p, 0x41, KP_POOL_SEGMENT);
	}
	assert_in_range(kp_table_next(s.main, R[0].t, &cursor, &k, &v), 0, 1);
	session_destroy(&s);
}

/* What a copy takes from the reserve is made up for, or there would be none for handlers. */
static void test_reserve(void **state)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k;
	s64 i;

	(void)state;
	session_init(&s, 0, 0);
	s.maintain = true;
	s.main->top = 3;
	t = kp_table_new(&s.vm, 0, 0);
	for (i = 0; i < 60000; i++) {
		if (i == 20000)
			assert_int_equal(kp_sort_copy(s.main, t, &s.main->regs[0]), 0);
		k = session_int(i);
		s.handler->budget = 1000;
		assert_int_equal(kp_table_set(s.handler, t, &k, &k), 0);
	}
	session_destroy(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_failing),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_emptied),
		cmocka_unit_test(test_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
