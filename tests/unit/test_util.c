// SPDX-License-Identifier: GPL-2.0-only
/* The small utilities: patterns, closest names, maps, buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/glob.h"
#include "util/hash.h"
#include "util/message.h"
#include "util/near.h"
#include "util/width.h"

static void test_glob(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool match;
	} cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "a", "a", true },
		{ "a", "b", false },
		{ "*", "", true },
		{ "*", "a/b.c", true },
		{ "a*", "a", true },
		{ "a*c", "abbc", true },
		{ "a*c", "abbd", false },
		{ "*a*b*", "xxaxxbxx", true },
		{ "*a*b*", "xxbxxaxx", false },
		{ "sys_enter_*", "sys_enter_open", true },
		{ "sys_enter_*", "sys_exit_open", false },
		{ "?", "", false },
		{ "?", "a", true },
		{ "a?c", "abc", true },
		{ "[abc]", "b", true },
		{ "[abc]", "d", false },
		{ "[a-c]x", "bx", true },
		{ "[a-c]x", "dx", false },
		{ "[!a-c]", "d", true },
		{ "[!a-c]", "b", false },
		{ "[]]", "]", true },
		{ "[]a]", "a", true },
		{ "[!]]", "]", false },
		{ "[a-]", "-", true },
		{ "[\\]]", "]", true },
		{ "[a", "[a", true },
		{ "[a", "a", false },
		{ "\\*", "*", true },
		{ "\\*", "a", false },
		{ "\\", "\\", true },
		{ "a\\?b", "a?b", true },
		{ "a\\?b", "axb", false },
		{ "***a", "bbba", true },
	};
	char text[4001], pattern[201];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (kp_glob_match(cases[i].pattern, cases[i].text) != cases[i].match)
			fail_msg("%s %s", cases[i].pattern, cases[i].text);
	assert_true(kp_glob_is("a*"));
	assert_true(kp_glob_is("a\\b"));
	assert_false(kp_glob_is("sys_enter_open"));

	/* what takes an exponential time when every '*' is tried in every place */
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i + 1 < sizeof(pattern); i += 2)
		memcpy(&pattern[i], "*a", 2);
	pattern[sizeof(pattern) - 1] = '\0';
	pattern[sizeof(pattern) - 2] = 'b';
	assert_false(kp_glob_match(pattern, text));
}

static void check_near(const char *want, const char *const *names, const char *expected)
{
	struct kp_near near;

	kp_near_init(&near, want, strlen(want));
	for (; *names; names++)
		kp_near_try(&near, *names, strlen(*names));
	if (expected)
		assert_string_equal(near.best, expected);
	else
		assert_null(near.best);
}

static void test_near(void **state)
{
	static const char *const names[] = { "print", "printf", "print_hist", "pid", "tid", "len",
					     "sys_enter_open", "sys_enter_openat", NULL };

	(void)state;
	check_near("prnit", names, "print");
	check_near("pritnf", names, "printf");
	check_near("print_hits", names, "print_hist");
	check_near("sys_enter_opne", names, "sys_enter_open");
	check_near("sys_enter_opemat", names, "sys_enter_openat");
	check_near("lne", names, "len");
	check_near("counter", names, NULL);
	check_near("x", names, NULL);
	check_near("", names, NULL);
	check_near("print", (const char *const[]){ "print", NULL }, NULL);
}

static void test_hash(void **state)
{
	struct kp_arena arena = KP_ARENA_INIT;
	struct kp_hash h;
	char *keys[1000];
	int i;

	(void)state;
	kp_hash_init(&h, &arena);
	assert_null(kp_hash_get(&h, "a", 1));
	for (i = 0; i < 1000; i++) {
		keys[i] = kp_arena_alloc(&arena, 16);
		snprintf(keys[i], 16, "key %d", i);
		*kp_hash_at(&h, keys[i], strlen(keys[i])) = keys[i];
	}
	assert_int_equal(h.len, 1000);
	for (i = 0; i < 1000; i++) {
		char key[16];

		snprintf(key, sizeof(key), "key %d", i);
		assert_ptr_equal(kp_hash_get(&h, key, strlen(key)), keys[i]);
		assert_ptr_equal(kp_hash_entry(&h, (size_t)i)->value, keys[i]);
	}
	assert_null(kp_hash_get(&h, "key 1", 4));
	assert_null(kp_hash_get(&h, "key 1000", 8));
	*kp_hash_at(&h, "a\0b", 3) = keys;
	assert_null(kp_hash_get(&h, "a\0c", 3));
	assert_ptr_equal(kp_hash_get(&h, "a\0b", 3), keys);
	kp_arena_free(&arena);
}

static void test_arena(void **state)
{
	struct kp_arena arena = KP_ARENA_INIT;
	size_t i, j;

	(void)state;
	for (i = 0; i < 200; i++) {
		unsigned char *p = kp_arena_alloc(&arena, i * 100);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (j = 0; j < i * 100; j++)
			assert_int_equal(p[j], 0);
		memset(p, 0xff, i * 100);
	}
	assert_null(kp_arena_alloc(&arena, SIZE_MAX));
	kp_arena_free(&arena);
	assert_non_null(kp_arena_alloc(&arena, 1));
	kp_arena_free(&arena);
}

static void test_buf(void **state)
{
	struct kp_buf b = KP_BUF_INIT;
	int i;

	(void)state;
	assert_string_equal(kp_buf_str(&b), "");
	kp_buf_u8(&b, 0x12);
	kp_buf_u16(&b, 0x3456);
	kp_buf_u32(&b, 0x789abcde);
	kp_buf_u64(&b, 0x0123456789abcdef);
	kp_buf_patch_u32(&b, 3, 0x01020304);
	assert_int_equal(b.len, 15);
	assert_memory_equal(b.data, "\x12\x56\x34\x04\x03\x02\x01\xef\xcd\xab\x89\x67\x45\x23\x01",
			    15);
	kp_buf_free(&b);
	for (i = 0; i < 1000; i++) {
		kp_buf_printf(&b, "%d,", i);
		kp_buf_puts(&b, "x");
		kp_buf_fill(&b, 'y', 2);
	}
	assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4 + 3 * 1000);
	assert_int_equal(strlen(kp_buf_str(&b)), b.len);
	assert_int_equal(kp_buf_error(&b), 0);
	kp_buf_free(&b);
}

static void test_width(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "h\xc3\xa4user", 6 },	     /* two bytes, one column */
		{ "ha\xcc\x88user", 6 },	     /* a mark on the letter before */
		{ "\xe6\x97\xa5\xe6\x9c\xac", 4 }, /* two wide characters */
		{ "\xf0\x9f\x98\x80", 2 },
		{ "\xe2\x80\x8b", 0 }, /* a space without width */
		{ "\xef\xbc\xa1", 2 }, /* fullwidth letter */
		{ "\xed\x95\x9c", 2 },
		{ "\xff", 1 },
		{ "\xe6\x97", 2 }, /* cut off: bytes */
		{ "\xc0\x80\xf8", 3 },
		{ "\xe2\x82\xac", 1 },
	};
	static const struct {
		const char *text;
		size_t columns, len;
	} cuts[] = {
		{ "abc", 2, 2 },
		{ "abc", 9, 3 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 3, 3 }, /* half a character does not fit */
		{ "a\xcc\x88z", 1, 3 },		  /* the mark stays */
		{ "\xff\xff", 1, 1 },
		{ "abc", 0, 0 },
	};
	int32_t code;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(kp_width(cases[i].text, strlen(cases[i].text)), cases[i].width);
	for (i = 0; i < sizeof(cuts) / sizeof(*cuts); i++)
		assert_int_equal(kp_width_cut(cuts[i].text, strlen(cuts[i].text), cuts[i].columns),
				 cuts[i].len);
	assert_int_equal(kp_width_char("\xf0\x9f\x98\x80", 4, &code), 4);
	assert_int_equal(code, 0x1f600);
	assert_int_equal(kp_width_char("\xf0\x9f\x98\x80", 3, &code), 1);
	assert_int_equal(code, -1);
}

/* The line and the mark below it; nothing is read beyond the line, which ASan watches. */
static void check_source(const char *line, uint32_t at, uint32_t width, const char *want)
{
	struct kp_message_place p = { .source = { NULL, strlen(line) }, .at = at, .width = width };
	struct kp_buf out = KP_BUF_INIT;
	char *copy = malloc(p.source.len + 1);

	assert_non_null(copy);
	memcpy(copy + 1, line, p.source.len);
	p.source.data = copy + 1;
	kp_message_put_source(&p, &out);
	assert_string_equal(kp_buf_str(&out), want);
	kp_buf_free(&out);
	free(copy);
}

static void test_message_source(void **state)
{
	struct kp_buf line = KP_BUF_INIT, want = KP_BUF_INIT;

	(void)state;
	check_source("print(x)", 6, 1, "    print(x)\n          ^\n");
	check_source("print(long)", 6, 4, "    print(long)\n          ^~~~\n");
	check_source("print(", 6, 1, "    print(\n          ^\n");
	check_source("abc", 1, 99, "    abc\n     ^~\n");
	check_source("abc", KP_MESSAGE_NOWHERE, 1, "    abc\n");
	check_source("", 0, 1, "    \n    ^\n");
	check_source("\ta\tb", 3, 1, "    \ta\tb\n    \t \t^\n");
	/* by columns: a wide character takes two */
	check_source("\xe6\x97\xa5\xe6\x9c\xac x", 7, 1,
		     "    \xe6\x97\xa5\xe6\x9c\xac x\n         ^\n");
	check_source("x = \"\xe6\x97\xa5\"", 5, 3, "    x = \"\xe6\x97\xa5\"\n         ^~\n");

	/* of a long line, what is around the place */
	kp_buf_fill(&line, 'x', 1000);
	kp_buf_puts(&want, "... ");
	kp_buf_fill(&want, 'x', 160);
	kp_buf_puts(&want, " ...\n    ");
	kp_buf_fill(&want, ' ', 80);
	kp_buf_puts(&want, "^\n");
	check_source(kp_buf_str(&line), 500, 1, kp_buf_str(&want));
	kp_buf_free(&line);
	kp_buf_free(&want);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_glob),  cmocka_unit_test(test_near),
		cmocka_unit_test(test_hash),  cmocka_unit_test(test_arena),
		cmocka_unit_test(test_width), cmocka_unit_test(test_message_source),
		cmocka_unit_test(test_buf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
