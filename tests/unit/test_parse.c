// SPDX-License-Identifier: GPL-2.0-only
/* Tokens to syntax tree: what every dialect accepts, precedence, recovery, bounds. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "compile/compile.h"

/* Parse @text; returns what kp_ast_dump() does. @tree and @messages are appended to. */
static int parse(const char *text, struct kp_buf *tree, struct kp_buf *messages,
		 struct kp_diag *diag)
{
	static const struct kp_compile_opts opts;
	struct kp_source src = { "test", text, strlen(text) };

	*diag = (struct kp_diag){ .out = messages };
	return kp_ast_dump(&src, &opts, tree, diag);
}

static void test_accepted(void **state)
{
	static const char *const texts[] = {
		"", ";", ";;;", "#!/usr/bin/ktap\n",
		"local a = 1", "var a = 1", "var a, b = 1, 2", "local a",
		"a = 1", "a += 1", "t['x'] += 1", "t['x'] <<< 1", "a, b = b, a",
		"a -= 1 a *= 2 a /= 2 a %= 2 a |= 2 a &= 2 a ^= 2",
		"a++ b-- t.x++ t[1]-- a = 1", "a--", "a-- -- comment", "f(a)--comment",
		"x = 1 && 2 || !1", "x = 1 and 2 or not 1", "x = 1 <= 2",
		"if (1) { }", "if (1) a = 1", "if (1) { } elseif (2) { } else { }",
		"if (1) { } else if (2) { } else { }", "if (1) a = 1 else a = 2",
		"if (1) a = 1; else a = 2",
		"do a = 1 end", "do { a = 1 } end", "{ a = 1 }", "{ }",
		"repeat a = 1 until a", "repeat a = 1 until (a)", "repeat { } until x",
		"while (1) { }", "while (1) a = 1", "while (1) { break continue }",
		"for (i = 1, 9) { }", "for (i = 1, 9, 2) { }", "for (var i = 1, 9) { }",
		"for (k, v in pairs(t)) { }", "for (k in pairs(t)) { }",
		"for ((a, b), v in pairs(t)) { }", "for ((a, b) in pairs(t)) { }",
		"for (i = 1; i < 2; i += 1) { }", "for (;;) { }", "for (var i = 0; ; ) f()",
		"for (t.x = 1; t.x < 5; t.x++) { }", "for (f(); 1; i--) f()",
		"function f() { }", "function f(a, b, ...) { }", "function a.b:c(x) { }",
		"local function f() { }", "var function f() { }", "x = function () { return }",
		"f\"str\"", "f{1}", "t.x = 1", "t:m()", "t:m{1}:n'x'", "(f)()", "f(1)(2)[3].x()",
		"f\n(1)", "goto x ::x::", "::x::", "t = {1, 2; x = 3, [4] = 5,}", "t = {}",
		"t = { [1, 2] = 3 }", "t[1, 2] = 3", "delete t[1]", "delete t.x", "delete(t)",
		"x = (1, 2) in t", "x = k in t", "x = a ? b : c", "x = a ? b ? 1 : 2 : c",
		"x = a ? t.m : c", "x = a ? f(o:m()) : c", "return", "return 1", "return 1, 2",
		"if (1) return\nf()", "option x = 1", "option x = -1 \"help\"", "option x = 'a' 'b'",
		"option = 1", "delete = 1", "cdef = 1", "cdef [[ int f(); ]]",
		"trace \"x:y\" function (e) { }", "trace 'x:y' f", "trace [[x:y]] f",
		"trace \"x:y /a == 1/; z:*\" function (e) { }", "trace \"x:y;\" f",
		"trace x:y function (e) { }", "trace x:y, z:w /a == 1/ function (e) { }",
		"trace x:y { }", "trace x:y, z:w { }", "trace x:y, z:w /a == 1/ { }",
		"trace x:y/a==1/{ }", "trace x:y\n{ }", "trace x:y,\n z:w { }", "trace *:* { }",
		"trace probe:/lib/x.so:f%return a=%ax /a > 1/ { }",
		"trace x:y /a == 1 && b ~ *foo* || !(c != \"d\") && f & 4/ { }",
		"trace x:y /(a / 2) == 1/ { }", "trace x:y /a ~ \"x/y\"/ { }",
		"trace ftrace:function /ip==mutex*/ { }",
		"trace_end { }", "trace_end function () { }", "trace_end f",
		"tick-1s { }", "tick-1s function () { }", "profile-99hz { }", "tick-10ms f",
		"trace x:y /end == 1 && do > args.in/ { print(args.end, args.for) }",
		"x = a\n{ y = 1 }", "x = 'a' .. 1 .. b", "x = -a ^ ~b", "x = - - -a",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct kp_buf tree = KP_BUF_INIT, messages = KP_BUF_INIT;
		struct kp_diag diag;

		if (parse(texts[i], &tree, &messages, &diag))
			fail_msg("refused: %s\n%s", texts[i], kp_buf_str(&messages));
		kp_buf_free(&tree);
		kp_buf_free(&messages);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "a =", "syntax error: test:1: unexpected symbol near '<eof>'\n" },
		{ "a = )", "syntax error: test:1: unexpected symbol near ')'\n" },
		{ "if 1 { }", "syntax error: test:1: '(' expected near '1'\n" },
		{ "if (1 { }", "syntax error: test:1: ')' expected near '{'\n" },
		{ "if (1", "syntax error: test:1: ')' expected near '<eof>'\n" },
		{ "if (1) {\n", "syntax error: test:2: '}' expected (to close '{' at line 1) near '<eof>'\n" },
		{ "do\na = 1\n", "syntax error: test:3: 'end' expected (to close 'do' at line 1) near '<eof>'\n" },
		{ "repeat\na = 1\n", "syntax error: test:3: 'until' expected (to close 'repeat' at line 1) near '<eof>'\n" },
		{ "var 1", "syntax error: test:1: <name> expected near '1'\n" },
		{ "t.1 = 2", "syntax error: test:1: <name> expected near '1'\n" },
		{ "t. = 2", "syntax error: test:1: <name> expected near '='\n" },
		{ "var if = 1", "syntax error: test:1: <name> expected near 'if'\n" },
		{ "function f(1) { }", "syntax error: test:1: <name> or '...' expected near '1'\n" },
		{ "function f { }", "syntax error: test:1: '(' expected near '{'\n" },
		{ "for (i) { }", "syntax error: test:1: '=' or 'in' expected near ')'\n" },
		{ "for (i, j = 1) { }", "syntax error: test:1: '=' or 'in' expected near '='\n" },
		{ "for (i = 1) { }", "syntax error: test:1: ';' expected near ')'\n" },
		{ "t:m = 1", "syntax error: test:1: function arguments expected near '='\n" },
		{ "a", "syntax error: test:1: syntax error near '<eof>'\n" },
		{ "a b", "syntax error: test:1: syntax error near 'b'\n" },
		{ "1 + 2", "syntax error: test:1: syntax error near '+'\n" },
		{ "f() = 1", "syntax error: test:1: cannot assign to this expression near 'f'\n" },
		{ "a, b += 1", "syntax error: test:1: don't allow multi-assign for += near '+='\n" },
		{ "a += 1, 2", "syntax error: test:1: don't allow multi-assign for += near '+='\n" },
		{ "a, b <<< 1", "syntax error: test:1: don't allow multi-assign for <<< near '<<<'\n" },
		{ "return 1 f()", "syntax error: test:1: '<eof>' expected near 'f'\n" },
		{ "function f() { return 1 f() }", "syntax error: test:1: '}' expected near 'f'\n" },
		{ "x = (1, 2)", "syntax error: test:1: ',' is only allowed between the parts of a table key near '('\n" },
		{ "x = a ~= b", "syntax error: test:1: unexpected symbol near '~'\n" },
		{ "}", "syntax error: test:1: unexpected symbol near '}'\n" },
		{ "end", "syntax error: test:1: unexpected symbol near 'end'\n" },
		{ "trace x { }", "syntax error: test:1: cannot parse eventdef 'x' near 'x'\n" },
		{ "trace : { }", "syntax error: test:1: cannot parse eventdef ':' near ':'\n" },
		{ "trace x:y", "syntax error: test:1: '{' expected near '<eof>'\n" },
		{ "trace x:y /a/, z:w { }", "syntax error: test:1: eventdef only can append one filter near '/'\n" },
		{ "trace x:y // { }", "syntax error: test:1: unexpected symbol near '/'\n" },
		{ "trace x:y /a/ f", "syntax error: test:1: '{' expected near 'f'\n" },
		{ "trace x:y function (e)", "syntax error: test:1: '{' expected near '<eof>'\n" },
		{ "trace x:y /a { }", "syntax error: test:1: '/' expected near '{'\n" },
		{ "trace \"x:y\" { }", "syntax error: test:1: function expected near '{'\n" },
		{ "trace \"x:y /a/ b\" f", "syntax error: test:1: unexpected symbol near 'b'\n" },
		{ "option x = y", "syntax error: test:1: default value expected near 'y'\n" },
		{ "t = 2\n[[1] = 1", "syntax error: test:2: unfinished long string near '[['\n" },
		{ "trace { }", "syntax error: test:1: cannot parse eventdef '' near '{'\n" },
		{ "delete t", "syntax error: test:1: '[' expected near '<eof>'\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kp_buf tree = KP_BUF_INIT, messages = KP_BUF_INIT;
		const char *text;
		struct kp_diag diag;

		if (parse(cases[i].text, &tree, &messages, &diag) != -EINVAL)
			fail_msg("accepted: %s", cases[i].text);
		text = kp_buf_str(&messages);
		if (strncmp(text, cases[i].message, strlen(cases[i].message)))
			fail_msg("%s\nis refused as\n%s", cases[i].text, text);
		assert_int_equal(diag.errors, 1);
		kp_buf_free(&tree);
		kp_buf_free(&messages);
	}
}

static void check_tree(const char *text, const char *want)
{
	struct kp_buf tree = KP_BUF_INIT, messages = KP_BUF_INIT;
	struct kp_diag diag;

	assert_int_equal(parse(text, &tree, &messages, &diag), 0);
	assert_string_equal(kp_buf_str(&tree), want);
	kp_buf_free(&tree);
	kp_buf_free(&messages);
}

static void test_precedence(void **state)
{
	(void)state;
	check_tree("x = 1 + 2 * 3 - 4",
		   "chunk\n"
		   "  ASSIGN @1:3 =\n"
		   "    NAME @1:1 x\n"
		   "    BINARY @1:15 -\n"
		   "      BINARY @1:7 +\n"
		   "        NUMBER @1:5 1\n"
		   "        BINARY @1:11 *\n"
		   "          NUMBER @1:9 2\n"
		   "          NUMBER @1:13 3\n"
		   "      NUMBER @1:17 4\n");
	check_tree("x = a | b ^ c & d == e < f << g .. h + !i",
		   "chunk\n"
		   "  ASSIGN @1:3 =\n"
		   "    NAME @1:1 x\n"
		   "    BINARY @1:7 |\n"
		   "      NAME @1:5 a\n"
		   "      BINARY @1:11 ^\n"
		   "        NAME @1:9 b\n"
		   "        BINARY @1:15 &\n"
		   "          NAME @1:13 c\n"
		   "          BINARY @1:19 ==\n"
		   "            NAME @1:17 d\n"
		   "            BINARY @1:24 <\n"
		   "              NAME @1:22 e\n"
		   "              BINARY @1:28 <<\n"
		   "                NAME @1:26 f\n"
		   "                CONCAT @1:33\n"
		   "                  NAME @1:31 g\n"
		   "                  BINARY @1:38 +\n"
		   "                    NAME @1:36 h\n"
		   "                    UNARY @1:40 !\n"
		   "                      NAME @1:41 i\n");
	check_tree("x = a || b && c ? 1 : d ? 2 : 3",
		   "chunk\n"
		   "  ASSIGN @1:3 =\n"
		   "    NAME @1:1 x\n"
		   "    COND @1:17\n"
		   "      OR @1:7\n"
		   "        NAME @1:5 a\n"
		   "        AND @1:12\n"
		   "          NAME @1:10 b\n"
		   "          NAME @1:15 c\n"
		   "      NUMBER @1:19 1\n"
		   "      COND @1:25\n"
		   "        NAME @1:23 d\n"
		   "        NUMBER @1:27 2\n"
		   "        NUMBER @1:31 3\n");
	check_tree("x = -a.b[1](2)",
		   "chunk\n"
		   "  ASSIGN @1:3 =\n"
		   "    NAME @1:1 x\n"
		   "    UNARY @1:5 -\n"
		   "      CALL @1:9\n"
		   "        INDEX @1:9\n"
		   "          INDEX @1:8\n"
		   "            NAME @1:6 a\n"
		   "            STRING @1:8 \"b\"\n"
		   "          NUMBER @1:10 1\n"
		   "        NUMBER @1:13 2\n");
}

static void test_statements(void **state)
{
	(void)state;
	check_tree("trace a:b, c:d /x ~ *y* && z & 4/ { f(arg1) }\ntick-1s { }",
		   "chunk\n"
		   "  TRACE @1:1\n"
		   "    event @1:7 \"a:b\"\n"
		   "    event @1:12 \"c:d\"\n"
		   "      function - ( )\n"
		   "        RETURN @1:16\n"
		   "          AND @1:25\n"
		   "            BINARY @1:19 ~\n"
		   "              NAME @1:17 x\n"
		   "              STRING @1:21 \"*y*\"\n"
		   "            BINARY @1:30 &\n"
		   "              NAME @1:28 z\n"
		   "              NUMBER @1:32 4\n"
		   "    FUNCTION @1:1\n"
		   "      function - ( )\n"
		   "        CALL @1:37\n"
		   "          CALL @1:37\n"
		   "            NAME @1:37 f\n"
		   "            NAME @1:39 arg1\n"
		   "  TIMER @2:1 \"tick-1s\"\n"
		   "    FUNCTION @2:1\n"
		   "      function - ( )\n");
	check_tree("if (a) b() else if (c) d() else e()",
		   "chunk\n"
		   "  IF @1:1\n"
		   "    NAME @1:5 a\n"
		   "    then\n"
		   "      CALL @1:8\n"
		   "        CALL @1:8\n"
		   "          NAME @1:8 b\n"
		   "    NAME @1:21 c\n"
		   "    then\n"
		   "      CALL @1:24\n"
		   "        CALL @1:24\n"
		   "          NAME @1:24 d\n"
		   "    else\n"
		   "      CALL @1:33\n"
		   "        CALL @1:33\n"
		   "          NAME @1:33 e\n");
	check_tree("for ((a, b), n in pairs(t)) { t[a, b]-- }",
		   "chunk\n"
		   "  FOR_IN @1:1 a b n\n"
		   "    CALL @1:19\n"
		   "      NAME @1:19 pairs\n"
		   "      NAME @1:25 t\n"
		   "    body\n"
		   "      ASSIGN @1:38 -=\n"
		   "        INDEX @1:32\n"
		   "          NAME @1:31 t\n"
		   "          TUPLE @1:32\n"
		   "            NAME @1:33 a\n"
		   "            NAME @1:36 b\n"
		   "        NUMBER @1:38 1\n");
}

/* One error per broken statement, and none that follows from another. */
static void test_recovery(void **state)
{
	static const char text[] = "var a = \n"
				   "trace a:b {\n"
				   "	f(\n"
				   "}\n"
				   "var b = 1\n"
				   "function g( { }\n"
				   "tick-1s {\n"
				   "	x = = 1\n"
				   "	y = = 2\n"
				   "}\n";
	struct kp_buf tree = KP_BUF_INIT, messages = KP_BUF_INIT;
	struct kp_diag diag;

	(void)state;
	assert_int_equal(parse(text, &tree, &messages, &diag), -EINVAL);
	assert_int_equal(diag.errors, 5);
	assert_int_equal(diag.tags[0], KP_TAG_UNEXPECTED);
	assert_int_equal(diag.tags[1], KP_TAG_UNEXPECTED);
	assert_int_equal(diag.tags[2], KP_TAG_EXPECTED_PARAMETER);
	assert_int_equal(diag.tags[3], KP_TAG_UNEXPECTED);
	assert_int_equal(diag.tags[4], KP_TAG_UNEXPECTED);
	kp_buf_free(&tree);
	kp_buf_free(&messages);
}

static void check_tag(const struct kp_buf *text, enum kp_tag tag)
{
	struct kp_buf tree = KP_BUF_INIT, messages = KP_BUF_INIT;
	struct kp_diag diag;

	assert_int_equal(parse(text->data, &tree, &messages, &diag), tag ? -EINVAL : 0);
	if (tag)
		assert_int_equal(diag.tags[0], tag);
	kp_buf_free(&tree);
	kp_buf_free(&messages);
}

/* @n times @open, @middle, @n times @close is the first that is too deep, or fine. */
static void check_depth(const char *before, const char *open, const char *middle,
			const char *close, unsigned int n, enum kp_tag tag)
{
	struct kp_buf text = KP_BUF_INIT;
	unsigned int i;

	kp_buf_puts(&text, before);
	for (i = 0; i < n; i++)
		kp_buf_puts(&text, open);
	kp_buf_puts(&text, middle);
	for (i = 0; i < n; i++)
		kp_buf_puts(&text, close);
	assert_non_null(kp_buf_str(&text));
	check_tag(&text, tag);
	kp_buf_free(&text);
}

static void test_depth(void **state)
{
	(void)state;
	check_depth("x = ", "(", "1", ")", 199, KP_TAG_NONE);
	check_depth("x = ", "(", "1", ")", 100000, KP_TAG_TOO_DEEP);
	check_depth("x = ", "{", "", "}", 199, KP_TAG_NONE);
	check_depth("x = ", "{", "", "}", 100000, KP_TAG_TOO_DEEP);
	check_depth("x = ", "t[", "1", "]", 100000, KP_TAG_TOO_DEEP);
	check_depth("x = ", "- ", "1", "", 100000, KP_TAG_TOO_DEEP);
	check_depth("x = ", "a ? b : ", "1", "", 100000, KP_TAG_TOO_DEEP);
	check_depth("", "{", "", "}", 199, KP_TAG_NONE);
	check_depth("", "{", "", "}", 100000, KP_TAG_TOO_DEEP);
	check_depth("", "if (1) ", "f()", "", 100000, KP_TAG_TOO_DEEP);
	check_depth("", "x = function () { ", "", "}", 100000, KP_TAG_TOO_DEEP);
	check_depth("x = 1", " + 1", "", "", 900, KP_TAG_NONE);
	check_depth("x = 1", " + 1", "", "", 100000, KP_TAG_TOO_COMPLEX);
	check_depth("x = t", ".a", "", "", 100000, KP_TAG_TOO_COMPLEX);
	check_depth("x = f", "()", "", "", 100000, KP_TAG_TOO_COMPLEX);
	check_depth("x = 1", " .. 1", "", "", 100000, KP_TAG_NONE);
	check_depth("if (1) f()", " else if (1) f()", "", "", 100000, KP_TAG_NONE);
	check_depth("x = 1", "\ny = 1", "", "", 100000, KP_TAG_NONE);
}

static void test_size(void **state)
{
	struct kp_buf text = KP_BUF_INIT, tree = KP_BUF_INIT, messages = KP_BUF_INIT;
	static const struct kp_compile_opts opts;
	struct kp_diag diag = { .out = &messages };
	struct kp_source src = { .name = "test" };

	(void)state;
	kp_buf_fill(&text, ' ', KP_SOURCE_MAX + 1);
	src.text = text.data;
	src.len = text.len;
	assert_int_equal(kp_ast_dump(&src, &opts, &tree, &diag), -EINVAL);
	assert_int_equal(diag.tags[0], KP_TAG_SOURCE_TOO_LONG);
	kp_buf_free(&text);
	kp_buf_free(&tree);
	kp_buf_free(&messages);
}

/* Every tag is spelled as errors.def has it, and a flood of messages is cut off. */
static void test_flood(void **state)
{
	struct kp_buf text = KP_BUF_INIT, tree = KP_BUF_INIT, messages = KP_BUF_INIT;
	struct kp_diag diag;
	int i;

	(void)state;
	assert_string_equal(kp_tag_name(KP_TAG_UNEXPECTED), "UNEXPECTED");
	for (i = 0; i < 1000; i++)
		kp_buf_puts(&text, "var x = \n");
	assert_int_equal(parse(kp_buf_str(&text), &tree, &messages, &diag), -EINVAL);
	assert_int_equal(diag.count, KP_DIAG_MAX);
	assert_int_equal(diag.errors, 1000);
	assert_non_null(strstr(kp_buf_str(&messages), "\nsyntax error: test: 980 more messages are not shown\n"));
	kp_buf_free(&text);
	kp_buf_free(&tree);
	kp_buf_free(&messages);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),   cmocka_unit_test(test_refused),
		cmocka_unit_test(test_precedence), cmocka_unit_test(test_statements),
		cmocka_unit_test(test_recovery),   cmocka_unit_test(test_depth),
		cmocka_unit_test(test_size),	   cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
