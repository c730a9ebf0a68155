// SPDX-License-Identifier: GPL-2.0-only
/* Bar charts: layout, order, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "run/hist.h"
#include "sym/kallsyms.h"

static const struct kp_format plain = { .event = NULL };

static struct kp_val integer(int64_t i)
{
	static int64_t cell[4];
	static unsigned int next;
	int64_t *p = &cell[next++ % 4];

	*p = i;
	return (struct kp_val){ KTAP_T_INT, sizeof(*p), (const uint8_t *)p, i };
}

static struct kp_val string(const char *s)
{
	return (struct kp_val){ KTAP_T_STR, (uint32_t)strlen(s), (const uint8_t *)s, 0 };
}

static void add(struct kp_hist *h, struct kp_val key, struct kp_val value)
{
	assert_int_equal(kp_hist_add(h, &key, &value), 0);
}

static void shows(struct kp_hist *h, unsigned int style, int64_t limit, const char *want)
{
	struct kp_buf out = KP_BUF_INIT;

	kp_hist_put(h, &plain, style, limit, &out);
	assert_string_equal(kp_buf_str(&out), want);
	kp_buf_free(&out);
	kp_hist_free(h);
}

#define HEAD31 "                         value ------------- Distribution ------------- count\n"
#define HEAD32 "                          value ------------- Distribution ------------- count\n"

/* Wide characters: 14 and 16 of them. */
#define WIDE7  "\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"
#define WIDE14 WIDE7 WIDE7
#define WIDE16 WIDE14 "\xe6\x97\xa5\xe6\x97\xa5"

static void print_hist_layout(void **state)
{
	struct kp_hist h = KP_HIST_INIT;

	(void)state;
	add(&h, string("sys_enter_read"), integer(25));
	add(&h, string("sys_enter_write"), integer(75));
	add(&h, integer(-7), integer(0));
	shows(&h, KTAP_HIST_PRINT_HIST, 0,
	      HEAD31
	      "                sys_enter_write |@@@@@@@@@@@@@@@@@@@@@@@@@@@@          75     \n"
	      "                 sys_enter_read |@@@@@@@@@                             25     \n"
	      "                             -7 |                                      0      \n");
}

static void histogram_layout(void **state)
{
	struct kp_hist h = KP_HIST_INIT;

	(void)state;
	add(&h, string("b"), integer(1));
	add(&h, string("12345678901234567890123456789012"), integer(1));
	add(&h, string("123456789012345678901234567890123"), integer(2));
	shows(&h, KTAP_HIST_HISTOGRAM, 0,
	      HEAD32
	      " 1234567890123456789012345678... |@@@@@@@@@@@@@@@@@@@                    2      \n"
	      "                               b |@@@@@@@@@                              1      \n"
	      "12345678901234567890123456789012 |@@@@@@@@@                              1      \n");
}

/* Numbers are addresses when the first is one; print_hist() shows them as they are. */
static void histogram_symbols(void **state)
{
	struct kp_kallsyms *k = kp_kallsyms_new("tests/unit/data/kallsyms");
	const struct kp_format f = { .symbols = k };
	const int64_t schedule = (int64_t)0xffffffff81000010;
	struct kp_buf out = KP_BUF_INIT;
	struct kp_hist h = KP_HIST_INIT;
	int round;

	(void)state;
	for (round = 0; round < 3; round++) {
		add(&h, integer(schedule + 4), integer(round == 1 ? 1 : 3));
		add(&h, integer(7), integer(2));
		kp_hist_put(&h, &f, round < 2 ? KTAP_HIST_HISTOGRAM : KTAP_HIST_PRINT_HIST, 0,
			    &out);
		kp_hist_free(&h);
	}
	assert_string_equal(
		kp_buf_str(&out),
		HEAD32
		"               schedule+0x4/0x30 |@@@@@@@@@@@@@@@@@@@@@@@                3      \n"
		"                             0x7 |@@@@@@@@@@@@@@@                        2      \n"
		HEAD32
		"                               7 |@@@@@@@@@@@@@@@@@@@@@@@@@@             2      \n"
		"                     -2130706412 |@@@@@@@@@@@@@                          1      \n"
		HEAD31
		"                    -2130706412 |@@@@@@@@@@@@@@@@@@@@@@                3      \n"
		"                              7 |@@@@@@@@@@@@@@@                       2      \n");
	kp_buf_free(&out);
	kp_kallsyms_free(k);
}

static void columns_line_up(void **state)
{
	struct kp_hist h = KP_HIST_INIT;
	struct kp_buf out = KP_BUF_INIT;
	const char *head, *row;

	(void)state;
	add(&h, string("x"), integer(1));
	kp_hist_put(&h, &plain, KTAP_HIST_PRINT_HIST, 0, &out);
	head = kp_buf_str(&out);
	row = strchr(head, '\n') + 1;
	/* 31 columns of key, 2 of the bar's left edge, 38 of bar */
	assert_int_equal(strchr(head, '-') - head, 31);
	assert_int_equal(strchr(row, '|') - row, 32);
	assert_int_equal(strchr(row, '1') - row, 31 + 2 + 38);
	assert_int_equal(strspn(strchr(row, '@'), "@"), 38);
	kp_hist_free(&h);
	out.len = 0;
	add(&h, string("x"), integer(1));
	kp_hist_put(&h, &plain, KTAP_HIST_HISTOGRAM, 0, &out);
	head = kp_buf_str(&out);
	row = strchr(head, '\n') + 1;
	assert_int_equal(strchr(head, '-') - head, 32);
	assert_int_equal(strchr(row, '1') - row, 32 + 2 + 39);
	kp_hist_free(&h);
	kp_buf_free(&out);
}

static void long_keys(void **state)
{
	struct kp_hist h = KP_HIST_INIT;

	(void)state;
	add(&h, string("a key of more than thirty-one columns"), integer(1));
	add(&h, string("1234567890123456789012345678901"), integer(1));
	shows(&h, KTAP_HIST_PRINT_HIST, 0,
	      HEAD31
	      "a key of more than thirty-one columns\n"
	      "                                |@@@@@@@@@@@@@@@@@@@                   \n"
	      "1      \n"
	      "\n"
	      "1234567890123456789012345678901 |@@@@@@@@@@@@@@@@@@@                   1      \n");
}

/* Columns count, not bytes; what is no UTF-8 has one for each byte. */
static void keys_of_other_scripts(void **state)
{
	struct kp_hist h = KP_HIST_INIT;

	(void)state;
	add(&h, string("h\xc3\xa4user"), integer(4));
	add(&h, string("\xe6\x97\xa5\xe6\x9c\xac"), integer(3));
	add(&h, string("a\xcc\x88"), integer(2));
	add(&h, string("\xff\xfe"), integer(1));
	shows(&h, KTAP_HIST_PRINT_HIST, 0,
	      HEAD31
	      "                         h\xc3\xa4user |@@@@@@@@@@@@@@@                       4      \n"
	      "                           \xe6\x97\xa5\xe6\x9c\xac |@@@@@@@@@@@                "
	      "           3      \n"
	      "                              a\xcc\x88 |@@@@@@@                               "
	      "2      \n"
	      "                             \xff\xfe |@@@                                   "
	      "1      \n");
	/* 16 wide characters fill 32 columns, 17 are cut to 14 */
	add(&h, string(WIDE16), integer(2));
	add(&h, string(WIDE16 "\xe6\x97\xa5"), integer(1));
	shows(&h, KTAP_HIST_HISTOGRAM, 0,
	      HEAD32 WIDE16 " |@@@@@@@@@@@@@@@@@@@@@@@@@@             2      \n"
			    " " WIDE14 "... |@@@@@@@@@@@@@                          1      \n");
}

static void equal_values_keep_order(void **state)
{
	struct kp_hist h = KP_HIST_INIT;

	(void)state;
	add(&h, string("z"), integer(1));
	add(&h, string("a"), integer(1));
	add(&h, string("m"), integer(1));
	shows(&h, KTAP_HIST_PRINT_HIST, 0,
	      HEAD31
	      "                              z |@@@@@@@@@@@@                          1      \n"
	      "                              a |@@@@@@@@@@@@                          1      \n"
	      "                              m |@@@@@@@@@@@@                          1      \n");
}

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void rows_are_limited(void **state)
{
	static const struct {
		int rows;
		int64_t limit;
		size_t shown;
		int more;
	} cases[] = {
		{ 20, 0, 20, 0 }, { 21, 0, 20, 1 }, { 21, 21, 21, 0 },	  { 5, 3, 3, 1 },
		{ 5, -1, 5, 0 },  { 3, 3, 3, 0 },   { 500, 499, 499, 1 }, { 0, 0, 0, 0 },
	};
	struct kp_hist h = KP_HIST_INIT;
	struct kp_buf out = KP_BUF_INIT;
	size_t i;
	int row;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (row = 0; row < cases[i].rows; row++)
			add(&h, integer(row), integer(row));
		out.len = 0;
		kp_hist_put(&h, &plain, KTAP_HIST_PRINT_HIST, cases[i].limit, &out);
		assert_int_equal(lines(kp_buf_str(&out)),
				 1 + cases[i].shown + (size_t)cases[i].more);
		assert_int_equal(strstr(kp_buf_str(&out),
					"\n                            ... |\n") != NULL,
				 cases[i].more);
		kp_hist_free(&h);
	}
	kp_buf_free(&out);
}

static void odd_totals(void **state)
{
	struct kp_hist h = KP_HIST_INIT;

	(void)state;
	add(&h, string("zero"), integer(0));
	shows(&h, KTAP_HIST_PRINT_HIST, 0,
	      HEAD31
	      "                           zero |                                      0      \n");
	add(&h, string("minus"), integer(-5));
	add(&h, string("plus"), integer(5));
	shows(&h, KTAP_HIST_PRINT_HIST, 0,
	      HEAD31
	      "                           plus |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@5      \n"
	      "                          minus |                                      -5     \n");
	add(&h, string("a"), integer(INT64_MAX));
	add(&h, string("b"), integer(INT64_MAX));
	add(&h, string("c"), integer(INT64_MAX));
	shows(&h, KTAP_HIST_PRINT_HIST, 1,
	      HEAD31
	      "                              a |@@@@@@@@@@@@@@@@@@                    9223372036854775807\n"
	      "                            ... |\n");
}

static void values_are_checked(void **state)
{
	struct kp_hist h = KP_HIST_INIT;
	struct kp_val key = integer(1), text = string("text");
	struct kp_val nil = { KTAP_T_NIL, 0, NULL, 0 };
	struct kp_val agg = { KTAP_T_AGG, 4, (const uint8_t *)"1234", 0 };

	(void)state;
	assert_int_equal(kp_hist_add(&h, &key, &text), -EINVAL);
	assert_int_equal(kp_hist_add(&h, &key, &nil), -EINVAL);
	assert_int_equal(kp_hist_add(&h, &key, &agg), -EINVAL);
	shows(&h, KTAP_HIST_PRINT_HIST, 0, HEAD31);
}

/* An aggregate with a distribution, as a record holds it. */
struct sample {
	struct ktap_agg agg;
	uint64_t buckets[KTAP_AGG_BUCKETS];
};

static struct kp_val aggregate(const struct sample *s, int with_buckets)
{
	return (struct kp_val){ KTAP_T_AGG, (uint32_t)(with_buckets ? sizeof(*s) : sizeof(s->agg)),
				(const uint8_t *)s, 0 };
}

static void aggregates_count(void **state)
{
	static const struct sample a = { .agg = { 3, 100, 1, 50, 0, 0 } }, b = { .agg = { 9, 9, 1, 1, 0, 0 } };
	struct kp_hist h = KP_HIST_INIT;

	(void)state;
	add(&h, string("a"), aggregate(&a, 0));
	add(&h, string("b"), aggregate(&b, 1));
	shows(&h, KTAP_HIST_PRINT_HIST, 0,
	      HEAD31
	      "                              b |@@@@@@@@@@@@@@@@@@@@@@@@@@@@          9      \n"
	      "                              a |@@@@@@@@@                             3      \n");
}

static void quantize_layout(void **state)
{
	static struct sample s = { .agg = { 8, 0, 0, 0, KTAP_AGG_LOG2, KTAP_AGG_BUCKETS } },
			     edge = { .agg = { 2, 0, 0, 0, KTAP_AGG_LOG2, KTAP_AGG_BUCKETS } };
	struct kp_hist h = KP_HIST_INIT;
	struct kp_buf out = KP_BUF_INIT;

	(void)state;
	s.buckets[64] = 4; /* zeros */
	s.buckets[65] = 1; /* -1 */
	s.buckets[0] = 2;  /* 1 */
	s.buckets[2] = 1;  /* 4 to 7 */
	add(&h, string("read"), aggregate(&s, 1));
	shows(&h, KTAP_HIST_QUANTIZE, 0,
	      "read\n"
	      "           value ------------- Distribution ------------- count\n"
	      "              -2 |                                         0\n"
	      "              -1 |@@@@@                                    1\n"
	      "               0 |@@@@@@@@@@@@@@@@@@@@                     4\n"
	      "               1 |@@@@@@@@@@                               2\n"
	      "               2 |                                         0\n"
	      "               4 |@@@@@                                    1\n"
	      "               8 |                                         0\n"
	      "\n");

	edge.buckets[62] = 1;
	edge.buckets[127] = 1;
	add(&h, integer(5), aggregate(&edge, 1));
	kp_hist_put(&h, &plain, KTAP_HIST_QUANTIZE, 0, &out);
	assert_int_equal(lines(kp_buf_str(&out)), 1 + 1 + 127 + 1);
	assert_non_null(strstr(kp_buf_str(&out), "\n-4611686018427387904 |@@@@"));
	assert_non_null(strstr(kp_buf_str(&out), "\n 4611686018427387904 |@@@@"));
	kp_buf_free(&out);
	kp_hist_free(&h);
}

/* Aggregates whose bytes do not fit what they say are shown without a distribution. */
static void damaged_distributions(void **state)
{
	static struct sample s = { .agg = { 1, 0, 0, 0, KTAP_AGG_LOG2, KTAP_AGG_BUCKETS } };
	struct kp_val v = aggregate(&s, 1);
	struct ktap_linear linear;

	(void)state;
	assert_true(kp_hist_has_buckets(&v));
	v.len -= 8;
	assert_false(kp_hist_has_buckets(&v));
	v.len += 8;
	s.agg.ncounters = 0x80000000;
	assert_false(kp_hist_has_buckets(&v));
	s.agg.kind = KTAP_AGG_LINEAR;
	assert_int_equal(kp_hist_linear(&v, &linear), 0);
	s.agg.ncounters = KTAP_AGG_BUCKETS - 2;
	assert_int_equal(kp_hist_linear(&v, &linear), KTAP_AGG_BUCKETS - 2);
	v.len = 4;
	assert_int_equal(kp_hist_linear(&v, &linear), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_hist_layout),
		cmocka_unit_test(histogram_layout),
		cmocka_unit_test(histogram_symbols),
		cmocka_unit_test(columns_line_up),
		cmocka_unit_test(long_keys),
		cmocka_unit_test(keys_of_other_scripts),
		cmocka_unit_test(equal_values_keep_order),
		cmocka_unit_test(rows_are_limited),
		cmocka_unit_test(odd_totals),
		cmocka_unit_test(values_are_checked),
		cmocka_unit_test(aggregates_count),
		cmocka_unit_test(quantize_layout),
		cmocka_unit_test(damaged_distributions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
