// SPDX-License-Identifier: GPL-2.0-only
/* The counter of 32-bit machines: read by one thread while another carries all the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#define KP_COUNT_WORD64	0
#include "port/count.h"

#define STEP	0xc0000001U	/* three of four additions carry */
#define TIMES	3000000U

static struct kp_count count;
static atomic_bool done;

static void *writer(void *arg)
{
	u32 i;

	(void)arg;
	for (i = 0; i < TIMES; i++)
		kp_count_add(&count, STEP);
	done = true;
	return NULL;
}

/* Every count that is seen is one that was: a multiple of the step, and none goes back. */
static void test_torn(void **state)
{
	u64 last = 0, now, seen = 0;
	pthread_t thread;
	bool end;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, writer, NULL), 0);
	do {
		end = done;
		now = kp_count_read(&count);
		assert_int_equal(now % STEP, 0);
		assert_true(now >= last);
		seen += now != last;
		last = now;
	} while (!end);
	pthread_join(thread, NULL);
	assert_true(seen > 0);
	assert_int_equal(kp_count_read(&count), (u64)STEP * TIMES);
}

static void test_small(void **state)
{
	struct kp_count c = { 0 };
	u32 i;

	(void)state;
	for (i = 1; i <= 1000; i++) {
		kp_count_add(&c, 1);
		assert_int_equal(kp_count_read(&c), i);
	}
	kp_count_add(&c, 0);
	assert_int_equal(kp_count_read(&c), 1000);
	kp_count_add(&c, ~0U);
	assert_int_equal(kp_count_read(&c), 1000 + 0xffffffffULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_torn),
	};

	return cmocka_run_group_tests_name("count", tests, NULL, NULL);
}
