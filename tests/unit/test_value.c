// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include "session.h"

static void test_typename(void **state)
{
	(void)state;
	assert_string_equal(kp_value_typename(KTAP_T_NIL), "nil");
	assert_string_equal(kp_value_typename(KTAP_T_TRUE), "boolean");
	assert_string_equal(kp_value_typename(KTAP_T_FALSE), "boolean");
	assert_string_equal(kp_value_typename(KTAP_T_INT), "number");
	assert_string_equal(kp_value_typename(KTAP_T_AGG), "aggregate");
	assert_string_equal(kp_value_typename(KTAP_T_COUNT), "value");
	assert_string_equal(kp_value_typename(~0U), "value");
}

static void test_truth(void **state)
{
	struct kp_value v;

	(void)state;
	kp_value_nil(&v);
	assert_false(kp_value_true(&v));
	kp_value_bool(&v, false);
	assert_false(kp_value_true(&v));
	kp_value_bool(&v, true);
	assert_true(kp_value_true(&v));
	kp_value_int(&v, 0);
	assert_true(kp_value_true(&v));
}

static void test_sizes(void **state)
{
	u32 len;

	(void)state;
	for (len = 0; len < 100; len++) {
		assert_int_equal(kp_str_padded(len) % 8, 0);
		assert_true(kp_str_padded(len) > len);
		assert_true(kp_str_padded(len) <= len + 8);
	}
}

static void test_equal(void **state)
{
	struct session s;
	struct kp_value a, b, c;

	(void)state;
	session_init(&s, 0, 0);
	a = session_str(s.main, "abc");
	b = session_str(s.main, "abc");
	c = session_str(s.main, "abcd");
	assert_true(kp_value_equal(&a, &b));
	assert_false(kp_value_equal(&a, &c));
	/* the same bytes of another type */
	b.type = KTAP_T_TUPLE;
	assert_false(kp_value_equal(&a, &b));
	a = session_int(1);
	b = session_int(1);
	assert_true(kp_value_equal(&a, &b));
	b.i = 2;
	assert_false(kp_value_equal(&a, &b));
	kp_value_bool(&b, true);
	assert_false(kp_value_equal(&a, &b));
	kp_value_nil(&a);
	kp_value_nil(&b);
	assert_true(kp_value_equal(&a, &b));
	session_destroy(&s);
}

static int order(struct session *s, const char *a, const char *b)
{
	struct kp_value va = session_str(s->main, a), vb = session_str(s->main, b);
	int r = kp_str_compare(va.s, vb.s);

	return r < 0 ? -1 : r > 0;
}

static void test_compare(void **state)
{
	struct session s;

	(void)state;
	session_init(&s, 0, 0);
	assert_int_equal(order(&s, "", ""), 0);
	assert_int_equal(order(&s, "", "a"), -1);
	assert_int_equal(order(&s, "b", "a"), 1);
	assert_int_equal(order(&s, "a", "aa"), -1);
	assert_int_equal(order(&s, "ab", "aa"), 1);
	/* bytes are unsigned */
	assert_int_equal(order(&s, "\xff", "a"), 1);
	session_destroy(&s);
}

static void test_hash(void **state)
{
	char text[64] = "";
	struct session s;
	struct kp_value a, b;
	u32 i, same = 0;

	(void)state;
	session_init(&s, 0, 0);
	for (i = 0; i < 60; i++) {
		text[i] = 'a' + i % 26;
		a = session_str(s.main, text);
		b = session_str(s.main, text);
		assert_int_not_equal(kp_str_hash(a.s, 7), 0);
		assert_int_equal(kp_str_hash(a.s, 7), kp_str_hash(b.s, 7));
		/* it is remembered */
		assert_int_equal(a.s->hash, kp_str_hash(a.s, 8));
		a.s->hash = 0;
		same += kp_str_hash(a.s, 8) == b.s->hash;
		/* the last byte counts */
		b.s->hash = 0;
		b.s->data[i]++;
		same += kp_str_hash(b.s, 8) == a.s->hash;
	}
	assert_int_equal(same, 0);
	session_destroy(&s);
}

static void check_decimal(s64 v)
{
	char want[32], got[21];
	u32 n = kp_value_decimal(got, v);

	snprintf(want, sizeof(want), "%" PRId64, v);
	assert_int_equal(n, strlen(want));
	assert_memory_equal(got, want, n);
}

static void test_decimal(void **state)
{
	u64 x = 1;
	u32 i;

	(void)state;
	for (i = 0; i < 64; i++) {
		check_decimal(1ULL << i);
		check_decimal((1ULL << i) - 1);
		check_decimal(-(s64)((1ULL << i) - 1));
	}
	check_decimal(INT64_MIN);
	check_decimal(INT64_MAX);
	for (i = 0; i < 10000; i++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		check_decimal((s64)(x >> (x & 63)));
		check_decimal(-(s64)(x >> 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typename),
		cmocka_unit_test(test_truth),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_decimal),
	};

	return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
