// SPDX-License-Identifier: GPL-2.0-only
/* --format json: every kind of object as it is written, and that it is JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "run/output.h"
#include "util/json.h"
#include "values.h"

#define TIME 12345678901234u

static int event(void *ctx, const uint8_t *data, uint32_t len, struct kp_buf *out)
{
	(void)ctx;
	(void)data;
	(void)len;
	kp_buf_puts(out, "sys_close(fd: 3)");
	return 0;
}

static const struct kp_format plain = { .event = event };
static const struct kp_format timed = { .event = event, .timestamps = true };

/* What was written is JSON, and exactly @want. */
static void is(struct kp_buf *out, const char *want)
{
	assert_string_equal(kp_buf_str(out), want);
	assert_true(json_lines(out->data, out->len));
	kp_buf_free(out);
}

static void checker_checks(void **state)
{
	static const char *const wrong[] = {
		"[]\n", "{}", "{\"a\"}\n", "{\"a\":}\n", "{\"a\":01}\n", "{\"a\":1,}\n",
		"{\"a\":[1 2]}\n", "{\"a\":\"\n\"}\n", "{\"a\":\"\\x\"}\n", "{\"a\":\"\xff\"}\n",
		"{\"a\":\"\\u12\"}\n", "{\"a\":nul}\n", "{\"a\":1}{}\n",
	};
	static const char right[] =
		"{}\n{\"a\":[1,-2,{\"b\":\"\\u00ff\\n\xc3\xa4\"},null,true]}\n";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(json_lines(wrong[i], strlen(wrong[i])));
	assert_true(json_lines(right, strlen(right)));
}

static void strings(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} cases[] = {
		{ "", 0, "\"\"" },
		{ "a\"b\\c/", 6, "\"a\\\"b\\\\c/\"" },
		{ "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"" },
		{ "\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\"" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9,
		  "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		/* cut off, alone, longer than need be, a half of UTF-16, beyond Unicode */
		{ "\xc3", 1, "\"\\u00c3\"" },
		{ "\xa4z", 2, "\"\\u00a4z\"" },
		{ "\xc0\x80", 2, "\"\\u00c0\\u0080\"" },
		{ "\xed\xa0\x80", 3, "\"\\u00ed\\u00a0\\u0080\"" },
		{ "\xf4\x90\x80\x80", 4, "\"\\u00f4\\u0090\\u0080\\u0080\"" },
		{ "\xff\xfe", 2, "\"\\u00ff\\u00fe\"" },
	};
	struct kp_buf out = KP_BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		kp_json_string(&out, cases[i].text, cases[i].len);
		assert_string_equal(kp_buf_str(&out), cases[i].want);
		out.len = 0;
	}
	kp_buf_free(&out);
}

static void prints(const struct kp_format *f, struct kp_buf *values, const char *want)
{
	struct kp_buf out = KP_BUF_INIT;

	assert_int_equal(kp_output_json.print(f, TIME, values->data, values->len, &out), 0);
	is(&out, want);
	kp_buf_free(values);
}

static void print(void **state)
{
	const struct ktap_event_text ev = { .cpu = 3, .tid = -1 };
	const struct ktap_agg agg = { 3, 10, -2, 7, KTAP_AGG_PLAIN, 0 };
	const uint64_t frames[] = { 0, 0x1000, 0x2000 };
	const struct ktap_sym sym = { .addr = 0x10 };
	struct kp_buf v = KP_BUF_INIT, t = KP_BUF_INIT;

	(void)state;
	prints(&plain, &v, "{\"type\":\"print\",\"values\":[]}\n");
	put(&v, KTAP_T_NIL, NULL, 0);
	put(&v, KTAP_T_TRUE, NULL, 0);
	put(&v, KTAP_T_FALSE, NULL, 0);
	put_int(&v, INT64_MIN);
	put_str(&v, "a\tb");
	prints(&plain, &v,
	       "{\"type\":\"print\",\"values\":[null,true,false,-9223372036854775808,"
	       "\"a\\tb\"]}\n");
	put_number(&v, KTAP_T_FUNC, 4);
	put_number(&v, KTAP_T_TABLE, 5);
	put_int(&t, 7);
	put_str(&t, "sh");
	put(&v, KTAP_T_TUPLE, t.data, t.len);
	kp_buf_free(&t);
	prints(&plain, &v,
	       "{\"type\":\"print\",\"values\":[{\"function\":4},{\"table\":5},[7,\"sh\"]]}\n");
	put(&v, KTAP_T_STACK, frames, sizeof(frames));
	put(&v, KTAP_T_STACK, frames, sizeof(struct ktap_stack));
	put(&v, KTAP_T_SYM, &sym, sizeof(sym));
	prints(&plain, &v,
	       "{\"type\":\"print\",\"values\":[{\"stack\":[\"0x1000\",\"0x2000\"]},"
	       "{\"stack\":[]},{\"symbol\":\"0x10\",\"address\":16}]}\n");
	put(&v, KTAP_T_EVENT, &ev, sizeof(ev));
	put(&v, KTAP_T_AGG, &agg, sizeof(agg));
	prints(&timed, &v,
	       "{\"type\":\"print\",\"time\":12345678901234,\"values\":[{\"event\":"
	       "\"sys_close(fd: 3)\",\"cpu\":3,\"tid\":-1},{\"count\":3,\"sum\":10,\"min\":-2,"
	       "\"max\":7}]}\n");
}

static void printf_text(void **state)
{
	struct kp_buf v = KP_BUF_INIT, out = KP_BUF_INIT;
	char err[KP_FORMAT_ERROR];

	(void)state;
	put_str(&v, "%3d:%s\n");
	put_int(&v, 5);
	put_str(&v, "x\xff");
	assert_int_equal(kp_output_json.printf(&plain, TIME, v.data, v.len, &out, err), 0);
	is(&out, "{\"type\":\"printf\",\"text\":\"  5:x\\u00ff\\n\",\"format\":\"%3d:%s\\n\","
		 "\"values\":[5,\"x\\u00ff\"]}\n");
	assert_int_equal(kp_output_json.printf(&timed, 5, v.data, v.len, &out, err), 0);
	is(&out, "{\"type\":\"printf\",\"time\":5,\"text\":\"  5:x\\u00ff\\n\",\"format\":"
		 "\"%3d:%s\\n\",\"values\":[5,\"x\\u00ff\"]}\n");
	/* what does not fit appends nothing */
	kp_buf_free(&v);
	put_str(&v, "%d");
	assert_int_equal(kp_output_json.printf(&plain, TIME, v.data, v.len, &out, err), -EINVAL);
	assert_string_equal(err, "bad argument #2: (no value)");
	assert_int_equal(out.len, 0);
	kp_buf_free(&v);
	kp_buf_free(&out);
}

/* A chart of one string key and one tuple. */
static void collect(struct kp_hist *h, struct kp_buf *values)
{
	const uint8_t *p;
	size_t len;
	struct kp_val key, value;
	struct kp_buf t = KP_BUF_INIT;

	put_str(values, "x");
	put_int(values, 2);
	put_int(&t, 1);
	put_str(&t, "y");
	put(values, KTAP_T_TUPLE, t.data, t.len);
	put_int(values, 5);
	kp_buf_free(&t);
	p = (const uint8_t *)values->data;
	len = values->len;
	while (kp_val_next(&p, &len, &key) > 0) {
		assert_int_equal(kp_val_next(&p, &len, &value), 1);
		assert_int_equal(kp_hist_add(h, &key, &value), 0);
	}
}

static void charts(void **state)
{
	struct kp_buf v = KP_BUF_INIT, out = KP_BUF_INIT;
	struct kp_hist h = KP_HIST_INIT;

	(void)state;
	collect(&h, &v);
	kp_output_json.chart(&plain, TIME, &h, KTAP_HIST_PRINT_HIST, 0, &out);
	is(&out, "{\"type\":\"print_hist\",\"rows\":[{\"key\":[1,\"y\"],\"value\":5},"
		 "{\"key\":\"x\",\"value\":2}],\"omitted\":0}\n");
	kp_output_json.chart(&timed, 7, &h, KTAP_HIST_HISTOGRAM, 1, &out);
	is(&out, "{\"type\":\"histogram\",\"time\":7,\"rows\":[{\"key\":[1,\"y\"],\"value\":5}],"
		 "\"omitted\":1}\n");
	kp_hist_free(&h);
	kp_output_json.chart(&plain, TIME, &h, KTAP_HIST_PRINT_HIST, 0, &out);
	is(&out, "{\"type\":\"print_hist\",\"rows\":[],\"omitted\":0}\n");
	kp_buf_free(&v);
}

/* The chart of one pair, "k" and an aggregate of so many bytes. */
static void is_chart(const void *agg, size_t size, enum ktap_hist_style style, const char *want)
{
	struct kp_buf v = KP_BUF_INIT, out = KP_BUF_INIT;
	struct kp_hist h = KP_HIST_INIT;
	struct kp_val key, value;
	const uint8_t *p;
	size_t len;

	put_str(&v, "k");
	put(&v, KTAP_T_AGG, agg, size);
	p = (const uint8_t *)v.data;
	len = v.len;
	assert_int_equal(kp_val_next(&p, &len, &key), 1);
	assert_int_equal(kp_val_next(&p, &len, &value), 1);
	assert_int_equal(kp_hist_add(&h, &key, &value), 0);
	kp_output_json.chart(&plain, TIME, &h, style, 0, &out);
	is(&out, want);
	kp_hist_free(&h);
	kp_buf_free(&v);
}

static void linear_distributions(void **state)
{
	struct {
		struct ktap_agg agg;
		struct ktap_linear linear;
		uint64_t counters[4];
	} a = { { 6, 8, -9, 99, KTAP_AGG_LINEAR, 4 }, { -5, 10 }, { 1, 0, 3, 2 } };

	(void)state;
	is_chart(&a, sizeof(a), KTAP_HIST_LQUANTIZE,
		 "{\"type\":\"print_lquantize\",\"rows\":[{\"key\":\"k\",\"value\":{\"count\":6,"
		 "\"sum\":8,\"min\":-9,\"max\":99},\"buckets\":["
		 "{\"from\":-9223372036854775808,\"to\":-6,\"count\":1},"
		 "{\"from\":5,\"to\":14,\"count\":3},"
		 "{\"from\":15,\"to\":9223372036854775807,\"count\":2}]}],\"omitted\":0}\n");
}

static void distributions(void **state)
{
	struct {
		struct ktap_agg agg;
		uint64_t buckets[KTAP_AGG_BUCKETS];
	} a = { { 6, 8, INT64_MIN, INT64_MAX, KTAP_AGG_LOG2, KTAP_AGG_BUCKETS }, { 0 } };

	(void)state;
	a.buckets[0] = 1;	/* 1 */
	a.buckets[2] = 1;	/* 4 ... 7 */
	a.buckets[62] = 1;	/* up to the greatest */
	a.buckets[64] = 1;	/* 0 */
	a.buckets[65] = 1;	/* -1 */
	a.buckets[65 + 62] = 1; /* down to the least */
	is_chart(&a, sizeof(a), KTAP_HIST_QUANTIZE,
		 "{\"type\":\"print_quantize\",\"rows\":[{\"key\":\"k\",\"value\":{\"count\":6,"
		 "\"sum\":8,\"min\":-9223372036854775808,\"max\":9223372036854775807},\"buckets\":["
		 "{\"from\":-9223372036854775808,\"to\":-4611686018427387904,\"count\":1},"
		 "{\"from\":-1,\"to\":-1,\"count\":1},"
		 "{\"from\":0,\"to\":0,\"count\":1},"
		 "{\"from\":1,\"to\":1,\"count\":1},"
		 "{\"from\":4,\"to\":7,\"count\":1},"
		 "{\"from\":4611686018427387904,\"to\":9223372036854775807,\"count\":1}]}],"
		 "\"omitted\":0}\n");
}

static void says(struct kp_message *m, const char *want)
{
	struct kp_buf out = KP_BUF_INIT;

	kp_message_write(m, kp_output_json.messages, &out);
	kp_message_free(m);
	is(&out, want);
}

static void messages(void **state)
{
	struct kp_message m = { .kind = KP_MESSAGE_INFO };

	(void)state;
	kp_message_put(&m, "all is \"well\"");
	says(&m, "{\"type\":\"info\",\"message\":\"all is \\\"well\\\"\",\"hints\":[]}\n");

	m = (struct kp_message){ .kind = KP_MESSAGE_ERROR };
	kp_message_put(&m, "wrong");
	kp_message_hint(&m, "do %d", 1);
	kp_message_hint(&m, "or %d", 2);
	m.place = (struct kp_message_place){
		.file = { "x.kp", 4 }, .line = 2, .column = 3, .source = { "a\tb", 3 }
	};
	says(&m, "{\"type\":\"error\",\"message\":\"wrong\",\"file\":\"x.kp\",\"line\":2,"
		 "\"column\":3,\"source\":\"a\\tb\",\"hints\":[\"do 1\",\"or 2\"]}\n");

	m = (struct kp_message){ .kind = KP_MESSAGE_WARNING, .tag = "TAG", .cause = "so" };
	kp_message_put(&m, "odd");
	kp_buf_puts(&m.near, "here");
	says(&m, "{\"type\":\"warning\",\"message\":\"odd\",\"tag\":\"TAG\",\"near\":\"here\","
		 "\"cause\":\"so\",\"hints\":[]}\n");
	m = (struct kp_message){ .kind = KP_MESSAGE_USAGE };
	says(&m, "{\"type\":\"usage\",\"message\":\"\",\"hints\":[]}\n");
	m = (struct kp_message){ .kind = KP_MESSAGE_VERBOSE };
	says(&m, "{\"type\":\"verbose\",\"message\":\"\",\"hints\":[]}\n");
}

static void counters(void **state)
{
	struct ktap_status status = { .memory = 10, .memory_peak = 20 };
	struct kp_buf out = KP_BUF_INIT;

	(void)state;
	status.counters[KTAP_CNT_EVENTS] = 5;
	kp_output_json.counters(&status, false, &out);
	assert_int_equal(out.len, 0);
	status.counters[KTAP_CNT_LOST] = 7;
	kp_output_json.counters(&status, false, &out);
	is(&out, "{\"type\":\"loss\",\"counter\":\"LOST\",\"count\":7,\"message\":\"output records "
		 "lost: the ring buffer was full\"}\n");
	kp_output_json.counters(&status, true, &out);
	assert_true(json_lines(out.data, out.len));
	assert_non_null(strstr(kp_buf_str(&out), "\n{\"type\":\"stats\",\"counters\":{\"EVENTS\":5,"));
	assert_non_null(strstr(out.data, ",\"LOST\":7,"));
	assert_non_null(strstr(out.data, "},\"memory\":10,\"memory_peak\":20}\n"));
	kp_buf_free(&out);
}

static void names(void **state)
{
	(void)state;
	assert_ptr_equal(kp_output_find("text"), &kp_output_text);
	assert_ptr_equal(kp_output_find("json"), &kp_output_json);
	assert_null(kp_output_find("xml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checker_checks), cmocka_unit_test(strings),
		cmocka_unit_test(print),	  cmocka_unit_test(printf_text),
		cmocka_unit_test(charts),	  cmocka_unit_test(distributions),
		cmocka_unit_test(linear_distributions),
		cmocka_unit_test(messages),	  cmocka_unit_test(counters),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
