// SPDX-License-Identifier: GPL-2.0-only
/* Stacks and symbols as text, and as keys of charts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "run/addr.h"
#include "run/hist.h"
#include "sym/kallsyms.h"

/* A kernel stack with frames on bytes that are not aligned. */
static struct kp_val stack(uint8_t *room, unsigned int n, const uint64_t *frames)
{
	struct ktap_stack head = { 0 };

	memcpy(room + 1, &head, sizeof(head));
	memcpy(room + 1 + sizeof(head), frames, n * sizeof(*frames));
	return (struct kp_val){ KTAP_T_STACK, (uint32_t)(sizeof(head) + n * sizeof(*frames)),
				room + 1, 0 };
}

static void shows(struct kp_kallsyms *k, const struct kp_val *v, const char *want)
{
	const struct kp_format f = { .symbols = k };
	struct kp_buf out = KP_BUF_INIT;

	kp_format_value(&f, v, &out);
	assert_string_equal(kp_buf_str(&out), want);
	kp_buf_free(&out);
}

/* The last frame returns to the first byte behind its function: it still belongs to that. */
static void stacks(void **state)
{
	const uint64_t frames[] = { 0xffffffff81000014, 0xffffffff81000040, 0x1234 };
	struct kp_kallsyms *k = kp_kallsyms_new("tests/unit/data/kallsyms");
	uint8_t room[64];
	struct kp_val v = stack(room, 3, frames);

	(void)state;
	shows(k, &v,
	      "<stack trace>\n"
	      " => schedule+0x4/0x30\n"
	      " => schedule+0x30/0x30\n"
	      " => 0x1234");
	shows(NULL, &v,
	      "<stack trace>\n"
	      " => 0xffffffff81000014\n"
	      " => 0xffffffff81000040\n"
	      " => 0x1234");
	v.len -= 9; /* cut off within a frame */
	shows(k, &v, "<stack trace>\n => schedule+0x4/0x30");
	v.len = 3;
	shows(k, &v, "<stack trace>");
	kp_kallsyms_free(k);
}

static void symbols(void **state)
{
	struct kp_kallsyms *k = kp_kallsyms_new("tests/unit/data/kallsyms");
	struct ktap_sym sym = { .addr = 0xffffffff81000012 };
	struct kp_val v = { KTAP_T_SYM, sizeof(sym), (const uint8_t *)&sym, 0 };

	(void)state;
	shows(k, &v, "schedule");
	sym.flags = KTAP_SYM_OFFSET;
	shows(k, &v, "schedule+0x2/0x30");
	shows(NULL, &v, "0xffffffff81000012");
	sym.addr = 5;
	shows(k, &v, "0x5");
	v.len = 8;
	shows(k, &v, "");
	kp_kallsyms_free(k);
}

/* A stack has lines of its own in both layouts, however short it is. */
static void stacks_in_charts(void **state)
{
	const uint64_t frames[] = { 1 };
	const struct kp_format f = { .symbols = NULL };
	int64_t one = 1;
	struct kp_val value = { KTAP_T_INT, 8, (const uint8_t *)&one, 1 };
	uint8_t room[64];
	struct kp_val v = stack(room, 1, frames);
	struct kp_hist h = KP_HIST_INIT;
	unsigned int style;

	(void)state;
	for (style = KTAP_HIST_PRINT_HIST; style <= KTAP_HIST_HISTOGRAM; style++) {
		struct kp_buf out = KP_BUF_INIT;

		assert_int_equal(kp_hist_add(&h, &v, &value), 0);
		kp_hist_put(&h, &f, style, 0, &out);
		assert_non_null(strstr(kp_buf_str(&out), "\n<stack trace>\n => 0x1\n     "));
		assert_non_null(strstr(kp_buf_str(&out), "|@@@@"));
		assert_non_null(strstr(kp_buf_str(&out), "@\n1      \n\n"));
		kp_buf_free(&out);
		kp_hist_free(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks),
		cmocka_unit_test(symbols),
		cmocka_unit_test(stacks_in_charts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
