// SPDX-License-Identifier: GPL-2.0-only
/* Pairs whose keys are event texts: equal texts are one row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "run/merge.h"

/* The text of a record is its first byte. */
static int event(void *ctx, const uint8_t *data, uint32_t len, struct kp_buf *out)
{
	(void)ctx;
	kp_buf_printf(out, "event %.*s", len > 0, (const char *)data);
	return 0;
}

static const struct kp_format plain = { .event = event };

static struct kp_val key(uint32_t type, const char *bytes)
{
	return (struct kp_val){ type, (uint32_t)strlen(bytes), (const uint8_t *)bytes, 0 };
}

static void add(struct kp_merge *m, const char *record, const struct kp_val *value)
{
	struct kp_val k = key(KTAP_T_EVENT, record);

	assert_true(kp_merge_wants(&k));
	assert_int_equal(kp_merge_add(m, &plain, &k, value), 0);
}

static void row_is(const struct kp_merge *m, size_t i, const char *text, int64_t number)
{
	struct kp_val k, v;

	kp_merge_get(m, i, &k, &v);
	assert_int_equal(k.type, KTAP_T_STR);
	assert_int_equal(k.len, strlen(text));
	assert_memory_equal(k.data, text, k.len);
	assert_int_equal(v.type, KTAP_T_INT);
	assert_int_equal(v.i, number);
	assert_memory_equal(v.data, &number, 8);
}

static void numbers_add_up(void **state)
{
	int64_t three = 3, least = INT64_MIN;
	struct kp_val v = { KTAP_T_INT, 8, (const uint8_t *)&three, three };
	struct kp_val w = { KTAP_T_INT, 8, (const uint8_t *)&least, least };
	struct kp_merge m;

	(void)state;
	kp_merge_init(&m);
	add(&m, "a one", &v);
	add(&m, "b", &v);
	add(&m, "a two", &v);
	add(&m, "", &w);
	add(&m, "", &w); /* wraps, as += does */
	assert_int_equal(m.rows.len, 3);
	row_is(&m, 0, "event a", 6);
	row_is(&m, 1, "event b", 3);
	row_is(&m, 2, "event ", 0);
	kp_merge_free(&m);
	assert_int_equal(m.rows.len, 0);
}

static void aggregates_add_up(void **state)
{
	struct {
		struct ktap_agg agg;
		uint64_t buckets[KTAP_AGG_BUCKETS];
	} a = { { 2, 10, -3, 13, KTAP_AGG_LOG2, KTAP_AGG_BUCKETS }, { [1] = 2 } }, b = { { 1, 20, 20, 20, KTAP_AGG_LOG2, KTAP_AGG_BUCKETS }, { [1] = 1, [5] = 1 } };
	struct kp_val va = { KTAP_T_AGG, sizeof(a), (const uint8_t *)&a, 0 };
	struct kp_val vb = { KTAP_T_AGG, sizeof(b), (const uint8_t *)&b, 0 };
	int64_t one = 1;
	struct kp_val other = { KTAP_T_INT, 8, (const uint8_t *)&one, 1 };
	struct kp_val k, v;
	struct kp_merge m;

	(void)state;
	kp_merge_init(&m);
	add(&m, "x1", &va);
	add(&m, "x2", &vb);
	add(&m, "x3", &other); /* of another kind: is left out */
	assert_int_equal(m.rows.len, 1);
	kp_merge_get(&m, 0, &k, &v);
	assert_int_equal(v.type, KTAP_T_AGG);
	assert_int_equal(v.len, sizeof(a));
	memcpy(&a, v.data, sizeof(a));
	assert_int_equal(a.agg.count, 3);
	assert_int_equal(a.agg.sum, 30);
	assert_int_equal(a.agg.min, -3);
	assert_int_equal(a.agg.max, 20);
	assert_int_equal(a.buckets[1], 3);
	assert_int_equal(a.buckets[5], 1);
	kp_merge_free(&m);
}

static void which_keys(void **state)
{
	struct {
		struct ktap_value head;
		char bytes[8];
	} parts[2] = { { { KTAP_T_STR, 2 }, "sh" }, { { KTAP_T_EVENT, 1 }, "e" } };
	struct kp_val tuple = { KTAP_T_TUPLE, sizeof(parts), (const uint8_t *)parts, 0 };
	struct kp_val text = key(KTAP_T_STR, "e"), k, v;
	struct kp_buf out = KP_BUF_INIT;
	int64_t one = 1;
	struct kp_val value = { KTAP_T_INT, 8, (const uint8_t *)&one, 1 };
	struct kp_merge m;

	(void)state;
	assert_true(kp_merge_wants(&tuple));
	assert_false(kp_merge_wants(&text));
	kp_merge_init(&m);
	assert_int_equal(kp_merge_add(&m, &plain, &tuple, &value), 0);
	kp_merge_get(&m, 0, &k, &v);
	assert_int_equal(k.type, KTAP_T_TUPLE);
	kp_format_value(&plain, &k, &out);
	assert_string_equal(kp_buf_str(&out), "sh, event e");
	assert_false(kp_merge_wants(&k));
	kp_buf_free(&out);
	kp_merge_free(&m);
	tuple.len = sizeof(parts[0]);
	assert_false(kp_merge_wants(&tuple));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_add_up),
		cmocka_unit_test(aggregates_add_up),
		cmocka_unit_test(which_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
