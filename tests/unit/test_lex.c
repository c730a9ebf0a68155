// SPDX-License-Identifier: GPL-2.0-only
/* Characters to tokens: every class, the raw text of events and patterns, places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "compile/lex.h"

struct fixture {
	struct kp_cc cc;
	struct kp_source src;
	struct kp_compile_opts opts;
	struct kp_diag diag;
	struct kp_buf messages;
	struct kp_lex lex;
};

static void open_text(struct fixture *f, const char *text, size_t len)
{
	*f = (struct fixture){ .src = { "test", text, len } };
	f->cc.src = &f->src;
	f->cc.opts = &f->opts;
	f->cc.diag = &f->diag;
	f->diag.out = &f->messages;
	f->diag.src = &f->src;
	kp_hash_init(&f->cc.strings, &f->cc.arena);
	kp_cc_lines(&f->cc);
	kp_lex_init(&f->lex, &f->cc);
}

static void close_text(struct fixture *f)
{
	kp_arena_free(&f->cc.arena);
	kp_buf_free(&f->messages);
}

/* All tokens of @text, separated by blanks: their kind, and the value of those that have one. */
static void check_tokens(const char *text, size_t len, const char *want)
{
	struct kp_buf got = KP_BUF_INIT;
	struct kp_token tok;
	struct fixture f;

	open_text(&f, text, len);
	do {
		tok = kp_lex_next(&f.lex);
		if (got.len)
			kp_buf_puts(&got, " ");
		if (tok.kind == KP_TOK_ERROR)
			kp_buf_printf(&got, "!%s", kp_tag_name(f.diag.tags[f.diag.count - 1]));
		else if (tok.kind == KP_TOK_NUMBER)
			kp_buf_printf(&got, "%lld", (long long)tok.number);
		else if (tok.str && !kp_tok_is_keyword(tok.kind))
			kp_buf_printf(&got, "%s:%s", kp_tok_text(tok.kind), tok.str->data);
		else
			kp_buf_puts(&got, kp_tok_text(tok.kind));
	} while (tok.kind != KP_TOK_EOF);
	assert_string_equal(kp_buf_str(&got), want);
	kp_buf_free(&got);
	close_text(&f);
}

static void test_tokens(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "<eof>" },
		{ "\xef\xbb\xbf" "a", "<name>:a <eof>" },
		{ "#!/usr/bin/ktap -q\na", "<name>:a <eof>" },
		{ "a # b\nc", "<name>:a <name>:c <eof>" },
		{ "a -- b\nc", "<name>:a <name>:c <eof>" },
		{ "a--b\nc", "<name>:a <name>:c <eof>" },
		{ "a --[[ b\n ]] c", "<name>:a <name>:c <eof>" },
		{ "a --[=[ b ]] c ]=] d", "<name>:a <name>:d <eof>" },
		{ "a --[ b\nc", "<name>:a <name>:c <eof>" },
		{ "a --[[ b", "<name>:a !UNFINISHED_COMMENT <eof>" },
		{ "a\r\nb\n\rc\vd\fe", "<name>:a <name>:b <name>:c <name>:d <name>:e <eof>" },
		{ "and or not && || !", "and or not && || ! <eof>" },
		{ "trace trace_end tracer", "trace trace_end <name>:tracer <eof>" },
		{ "tick-10ms profile-99hz", "<timer>:tick-10ms <timer>:profile-99hz <eof>" },
		{ "tick - 1 ticks-1", "<name>:tick - 1 <name>:ticks - 1 <eof>" },
		{ "0 10 010 0x1F 0XfF", "0 10 8 31 255 <eof>" },
		{ "9223372036854775807 9223372036854775808",
		  "9223372036854775807 -9223372036854775808 <eof>" },
		{ "0xffffffffffffffff 99999999999999999999999", "-1 -1 <eof>" },
		{ "08", "!MALFORMED_NUMBER <eof>" },
		{ "0x", "!MALFORMED_NUMBER <eof>" },
		{ "3x 1.5 1e3", "!MALFORMED_NUMBER !MALFORMED_NUMBER !MALFORMED_NUMBER <eof>" },
		{ "1..2", "1 .. 2 <eof>" },
		{ "'a' \"b\" \"\"", "<string>:a <string>:b <string>: <eof>" },
		{ "'\\65\\x42\\n\\\\\\'\\\"'", "<string>:AB\n\\'\" <eof>" },
		{ "'a\\z  \n\t b'", "<string>:ab <eof>" },
		{ "'a\\\r\nb'", "<string>:a\nb <eof>" },
		{ "'a", "!UNFINISHED_STRING <eof>" },
		{ "'a\nb", "!UNFINISHED_STRING <name>:b <eof>" },
		{ "'a\\", "!INVALID_ESCAPE <eof>" },
		{ "'\\256'", "!DECIMAL_ESCAPE !UNFINISHED_STRING <eof>" },
		{ "'\\x4'", "!HEX_DIGIT !UNFINISHED_STRING <eof>" },
		{ "[[a\\n]] [==[b]]c]=]d]==]", "<string>:a\\n <string>:b]]c]=]d <eof>" },
		{ "[[\r\na\r\nb]]", "<string>:a\nb <eof>" },
		{ "[[a", "!UNFINISHED_LONG_STRING <name>:a <eof>" },
		{ "[=a", "!INVALID_LONG_DELIMITER <name>:a <eof>" },
		{ "<<< << < <= ... .. . :: :", "<<< << < <= ... .. . :: : <eof>" },
		{ "+= -= *= /= %= |= &= ^= ++", "+= -= *= /= %= |= &= ^= ++ <eof>" },
		{ "@ \xc3\xa9 x", "!UNEXPECTED_CHARACTER !UNEXPECTED_CHARACTER <name>:x <eof>" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_tokens(cases[i].text, strlen(cases[i].text), cases[i].want);
	check_tokens("a\0b", 3, "<name>:a !UNEXPECTED_CHARACTER <name>:b <eof>");
}

static void test_long_string(void **state)
{
	size_t len = 70000;
	char *text = test_malloc(len);

	(void)state;
	memset(text, 'x', len);
	text[0] = text[len - 1] = '"';
	check_tokens(text, len, "!SOURCE_TOO_LONG <eof>");
	test_free(text);
}

static void check_eventdef(const char *text, char separator, const char *want, const char *next)
{
	struct kp_token tok;
	struct fixture f;

	open_text(&f, text, strlen(text));
	tok = kp_lex_eventdef(&f.lex, separator);
	assert_int_equal(tok.kind, KP_TOK_EVENTDEF);
	assert_string_equal(tok.str->data, want);
	assert_memory_equal(text + tok.at.pos, want, tok.at.len);
	assert_string_equal(kp_tok_text(kp_lex_next(&f.lex).kind), next);
	close_text(&f);
}

static void test_eventdef(void **state)
{
	(void)state;
	check_eventdef("  syscalls:sys_enter_* {", ',', "syscalls:sys_enter_*", "{");
	check_eventdef("a:b/x == 1/ {", ',', "a:b", "/");
	check_eventdef("a:b , c:d {", ',', "a:b", ",");
	check_eventdef("a:b; c:d", ';', "a:b", ";");
	check_eventdef("a:b, c:d", ';', "a:b, c:d", "<eof>");
	check_eventdef("a:b\n{", ',', "a:b", "{");
	check_eventdef("a:b # why\n{", ',', "a:b", "{");
	check_eventdef("probe:do_sys_open fd=%di name=+0(%si):string {", ',',
		       "probe:do_sys_open fd=%di name=+0(%si):string", "{");
	check_eventdef("probe:/lib/a,b/libc.so.6:malloc%return /x == 1/ {", ',',
		       "probe:/lib/a,b/libc.so.6:malloc%return", "/");
	check_eventdef("sdt:/usr/bin/x:mark/a > 1/ {", ',', "sdt:/usr/bin/x:mark", "/");
	check_eventdef("probe:[a-c]*?\\* {", ',', "probe:[a-c]*?\\*", "{");
	check_eventdef("a:b function (e) {", ',', "a:b", "function");
	check_eventdef("probe:f x=%di function(e) {", ',', "probe:f x=%di", "function");
	check_eventdef("ftrace:function {", ',', "ftrace:function", "{");
	check_eventdef("ftrace: function {", ',', "ftrace: function", "{");
	check_eventdef("{", ',', "", "{");
}

static void check_pattern(const char *text, bool any, enum kp_tok kind, const char *want)
{
	struct kp_token tok;
	struct fixture f;

	open_text(&f, text, strlen(text));
	tok = kp_lex_pattern(&f.lex, any);
	assert_int_equal(tok.kind, kind);
	if (want)
		assert_string_equal(tok.str->data, want);
	close_text(&f);
}

static void test_pattern(void **state)
{
	(void)state;
	check_pattern(" *.so/", true, KP_TOK_PATTERN, "*.so");
	check_pattern("bash /", true, KP_TOK_PATTERN, "bash");
	check_pattern("mutex_*/", false, KP_TOK_PATTERN, "mutex_*");
	check_pattern("bash/", false, KP_TOK_NAME, "bash");
	check_pattern("\"a*\"/", true, KP_TOK_STRING, "a*");
	check_pattern("(a)", true, KP_TOK_LPAREN, NULL);
	check_pattern("a*&&b", false, KP_TOK_PATTERN, "a*");
	check_pattern("12/", false, KP_TOK_NUMBER, NULL);
}

/* A `--` is a decrement only where the parser says that something is assigned. */
static void test_decrement(void **state)
{
	struct fixture f;

	(void)state;
	open_text(&f, "a--", 3);
	kp_lex_next(&f.lex);
	f.lex.target = true;
	assert_int_equal(kp_lex_next(&f.lex).kind, KP_TOK_DEC);
	close_text(&f);

	open_text(&f, "a --", 4);
	kp_lex_next(&f.lex);
	f.lex.target = true;
	assert_int_equal(kp_lex_next(&f.lex).kind, KP_TOK_EOF);
	close_text(&f);
}

/* The content of a string with escapes is reported where the string is. */
static void test_inside(void **state)
{
	struct kp_token str, tok;
	struct kp_lex in;
	struct fixture f;

	(void)state;
	open_text(&f, " \"a:b\"", 6);
	str = kp_lex_next(&f.lex);
	kp_lex_inside(&in, &f.lex, &str);
	tok = kp_lex_eventdef(&in, ';');
	assert_string_equal(tok.str->data, "a:b");
	assert_int_equal(tok.at.pos, 2);
	assert_int_equal(tok.at.len, 3);
	close_text(&f);

	open_text(&f, " \"a:b/c==\\\"d\\\"/\"", 16);
	str = kp_lex_next(&f.lex);
	kp_lex_inside(&in, &f.lex, &str);
	tok = kp_lex_eventdef(&in, ';');
	assert_string_equal(tok.str->data, "a:b");
	assert_int_equal(tok.at.pos, 1);
	kp_lex_next(&in);
	assert_int_equal(kp_lex_next(&in).kind, KP_TOK_NAME);
	assert_int_equal(kp_lex_next(&in).kind, KP_TOK_EQ);
	assert_string_equal(kp_lex_next(&in).str->data, "d");
	close_text(&f);
}

static void test_places(void **state)
{
	static const char text[] = "a\r\nb\rc\n\n\xc3\xa9x\n";
	struct kp_source src = { "test", text, sizeof(text) - 1 };
	static const struct {
		uint32_t pos, line, column;
	} cases[] = { { 0, 1, 1 }, { 3, 2, 1 }, { 5, 3, 1 }, { 7, 4, 1 }, { 10, 5, 2 }, { 12, 6, 1 } };
	struct kp_place place;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		place = kp_source_place(&src, cases[i].pos);
		assert_int_equal(place.line, cases[i].line);
		assert_int_equal(place.column, cases[i].column);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),	  cmocka_unit_test(test_long_string),
		cmocka_unit_test(test_eventdef),  cmocka_unit_test(test_pattern),
		cmocka_unit_test(test_decrement), cmocka_unit_test(test_inside),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
