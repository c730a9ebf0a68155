// SPDX-License-Identifier: GPL-2.0-only
/* Times as text: in a time zone, before 1970, damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include <ktap/record.h>

#include "run/clock.h"

static void shows(int64_t ns, const char *format, const char *expected)
{
	uint8_t data[256];
	struct ktap_time when = { ns };
	struct kp_buf out = KP_BUF_INIT;

	memcpy(data, &when, sizeof(when));
	memcpy(data + sizeof(when), format, strlen(format));
	kp_clock_put(data, sizeof(when) + strlen(format), &out);
	assert_string_equal(kp_buf_str(&out), expected);
	kp_buf_free(&out);
}

static void zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

static void formats(void **state)
{
	const int64_t t = INT64_C(1700000000123456789);

	(void)state;
	zone("UTC0");
	shows(t, "%Y-%m-%d %H:%M:%S.%f %Z", "2023-11-14 22:13:20.123456 UTC");
	shows(t, "%T %5Y %_d %Ex %^a %-m", "22:13:20 02023 14 11/14/23 TUE 11");
	shows(t, "100%% %", "100% %");
	shows(t, "%f%f", "123456123456");
	shows(t, "%300Y", "");
	shows(t, "", "");
	shows(0, "%F %T", "1970-01-01 00:00:00");
	shows(-1, "%F %T.%f", "1969-12-31 23:59:59.999999");
	shows(INT64_MIN, "%F %T.%f", "1677-09-21 00:12:43.145224");
	shows(INT64_MAX, "%F %T", "2262-04-11 23:47:16");
	zone("ABC-5:30");
	shows(0, "%T %z %Z", "05:30:00 +0530 ABC");
}

static void damaged(void **state)
{
	static const uint8_t data[7];
	struct kp_buf out = KP_BUF_INIT;

	(void)state;
	kp_clock_put(data, sizeof(data), &out);
	assert_int_equal(out.len, 0);
	kp_buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
