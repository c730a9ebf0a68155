// SPDX-License-Identifier: GPL-2.0-only
/* Portable images as the command reads them, whole ones and damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "run/dump.h"
#include "run/view.h"

static const char script[] = "var t = {}\n"
			     "var limit = 10\r\n"
			     "trace sched:sched_switch /args.prev_pid > 0/ {\n"
			     "\tt[args.next_comm, arg0] += 1\n"
			     "}\n"
			     "tick-1s { print(\"text\\n\", limit) }\n"
			     "trace_end { print_hist(t) }";

static void compile(struct kp_buf *image)
{
	struct kp_source src = { "some.kp", script, strlen(script) };
	struct kp_compile_opts opts = { 0 };
	struct kp_buf said = KP_BUF_INIT;
	struct kp_diag diag = { .out = &said };

	assert_int_equal(kp_compile(&src, &opts, image, &diag), 0);
	kp_buf_free(&said);
}

static void reads_everything(void **state)
{
	struct kp_buf image = KP_BUF_INIT;
	struct kp_view_string text;
	struct ktap_image_probe p;
	struct kp_view_place at;
	struct kp_view v;
	const char *why;

	(void)state;
	compile(&image);
	assert_true(kp_view_is_image(image.data, image.len));
	assert_int_equal(kp_view_open(&v, image.data, image.len, &why), 0);
	assert_int_equal(v.nprobes, 3);
	p = kp_view_probe(&v, 0);
	assert_int_equal(p.kind, KTAP_PROBE_EVENT);
	text = kp_view_string(&v, p.spec);
	assert_int_equal(text.len, strlen("sched:sched_switch"));
	assert_memory_equal(text.data, "sched:sched_switch", text.len);
	at = kp_view_place(&v, p.line);
	assert_int_equal(at.line, 3);
	assert_int_equal(at.column, 7);
	assert_memory_equal(at.source.data, "some.kp", at.source.len);
	assert_int_equal(kp_view_string(&v, v.nstrings).len, 0);
	assert_int_equal(kp_view_pc_place(&v, v.ncode).line, 0);

	assert_true(kp_view_source_line(&v, 1, &text));
	assert_int_equal(text.len, strlen("var t = {}"));
	assert_true(kp_view_source_line(&v, 2, &text));
	assert_int_equal(text.len, strlen("var limit = 10"));
	assert_true(kp_view_source_line(&v, 7, &text));
	assert_int_equal(text.len, strlen("trace_end { print_hist(t) }"));
	assert_false(kp_view_source_line(&v, 8, &text));
	assert_false(kp_view_source_line(&v, 0, &text));
	kp_view_close(&v);
	kp_buf_free(&image);
}

static void says_what_is_wrong(void **state)
{
	const struct {
		size_t at;
		uint8_t byte;
		const char *why;
	} cases[] = {
		{ 0, 0, "it is not a ktap image" },
		{ 4, 9, "its format is of a version that this ktap cannot read" },
		{ 8, 1, "it is truncated" },
		{ 17, 1, "its section table is malformed" },	/* number of sections */
		{ 38, 0xff, "its section table is malformed" }, /* offset of the first */
		{ 43, 0x7f, "its section table is malformed" }, /* size of the first */
	};
	struct kp_buf image = KP_BUF_INIT;
	struct kp_view v;
	const char *why;
	size_t i;

	(void)state;
	compile(&image);
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char was = image.data[cases[i].at];

		image.data[cases[i].at] = (char)cases[i].byte;
		assert_int_not_equal(kp_view_open(&v, image.data, image.len, &why), 0);
		assert_string_equal(why, cases[i].why);
		image.data[cases[i].at] = was;
	}
	for (i = 0; i < image.len; i++) {
		/* exactly as many bytes as there are, so that one more is found out */
		char *part = malloc(i + 1);

		assert_non_null(part);
		memcpy(part, image.data, i);
		assert_int_not_equal(kp_view_open(&v, part, i, &why), 0);
		free(part);
	}
	kp_buf_free(&image);
}

/* Whatever bytes there are, nothing outside of them is read. */
static void survives_damage(void **state)
{
	struct kp_buf image = KP_BUF_INIT;
	unsigned int round, opened = 0, seed = 1;
	FILE *out = fopen("/dev/null", "w");
	struct kp_view v;
	const char *why;

	(void)state;
	assert_non_null(out);
	compile(&image);
	for (round = 0; round < 20000; round++) {
		char *copy = malloc(image.len);
		unsigned int n;

		assert_non_null(copy);
		memcpy(copy, image.data, image.len);
		for (n = 0; n <= round % 4; n++) {
			seed = seed * 1103515245 + 12345;
			copy[(seed >> 8) % image.len] = (char)(round % 3 ? seed >> 3 : 0xff);
		}
		if (!kp_view_open(&v, copy, image.len, &why)) {
			opened++;
			kp_dump_bytecode(&v, out);
			kp_dump_plan(&v, out);
			kp_view_close(&v);
		}
		free(copy);
	}
	assert_in_range(opened, 1, round - 1);
	fclose(out);
	kp_buf_free(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_everything),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
