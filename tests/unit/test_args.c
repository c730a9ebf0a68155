// SPDX-License-Identifier: GPL-2.0-only
/* Options and arguments of scripts, and how they get into a load image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compile/compile.h"
#include "run/args.h"
#include "run/load.h"

#define MAX_WORDS 8

/* A script, words behind it, and what came of them. */
struct parsed {
	struct kp_buf image;
	struct kp_view view;
	struct kp_args args;
	char *words; /* cut into pieces */
	int ret;
	char said[4096]; /* on standard output and standard error */
};

static void parse_saying(struct parsed *p, char *const *words, int nwords)
{
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), fd;
	char path[] = "/tmp/test_args.XXXXXX";
	ssize_t n;

	fd = mkstemp(path);
	assert_true(fd >= 0 && out >= 0 && err >= 0);
	unlink(path);
	fflush(NULL);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	p->ret = kp_args_parse(&p->args, &p->view, "x.kp", words, nwords);
	fflush(NULL);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	n = pread(fd, p->said, sizeof(p->said) - 1, 0);
	assert_true(n >= 0);
	p->said[n] = '\0';
	close(fd);
}

/* @words: separated by blanks */
static struct parsed *parse(const char *script, const char *words)
{
	struct parsed *p = calloc(1, sizeof(*p));
	struct kp_source src = { "x.kp", script, strlen(script) };
	struct kp_compile_opts opts = { 0 };
	struct kp_buf said = KP_BUF_INIT;
	struct kp_diag diag = { .out = &said };
	char *word[MAX_WORDS], *next;
	const char *why;
	int n = 0;

	assert_non_null(p);
	if (kp_compile(&src, &opts, &p->image, &diag))
		fail_msg("%s", kp_buf_str(&said));
	kp_buf_free(&said);
	assert_int_equal(kp_view_open(&p->view, p->image.data, p->image.len, &why), 0);
	p->words = strdup(words);
	for (next = strtok(p->words, " "); next; next = strtok(NULL, " "))
		word[n++] = next;
	parse_saying(p, word, n);
	return p;
}

static void release(struct parsed *p)
{
	kp_args_free(&p->args);
	kp_view_close(&p->view);
	kp_buf_free(&p->image);
	free(p->words);
	free(p);
}

/* @want: the values, strings in quotes; or what is said instead. */
static void check(const char *script, const char *words, int ret, const char *want)
{
	struct parsed *p = parse(script, words);
	struct kp_buf got = KP_BUF_INIT;
	uint32_t i;

	for (i = 0; !p->ret && i < p->args.n; i++) {
		const struct kp_arg *arg = &p->args.v[i];

		if (arg->text)
			kp_buf_printf(&got, "\"%.*s\" ", (int)arg->len, arg->text);
		else
			kp_buf_printf(&got, "%lld ", (long long)arg->number);
	}
	kp_buf_puts(&got, p->said);
	assert_string_equal(kp_buf_str(&got), want);
	assert_int_equal(p->ret, ret);
	kp_buf_free(&got);
	release(p);
}

#define OPTIONS "option max = 20 \"rows\"\noption who_is = \"me\"\n"

static void test_values(void **state)
{
	(void)state;
	check("print(1)", "", 0, "");
	check("print(arg[0])", "", 0, "\"x.kp\" ");
	check("print(arg[0])", "1 -2 a 2b 010 99999999999999999999", 0,
	      "\"x.kp\" 1 -2 \"a\" \"2b\" 10 \"99999999999999999999\" ");
	check("print(arg[0])", "--help -h --x=1", 0, "\"x.kp\" \"--help\" \"-h\" \"--x=1\" ");
	check(OPTIONS, "", 0, "20 \"me\" ");
	check(OPTIONS, "--max 5 --who_is=you", 0, "5 \"you\" ");
	check(OPTIONS, "--who-is=you", 0, "20 \"you\" ");
	check(OPTIONS, "--max=-0x10 --who_is --max", 0, "-16 \"--max\" ");
	check(OPTIONS, "--max 1 --max 2 --who_is=", 0, "2 \"\" ");
	check(OPTIONS "print(max, arg[1])", "7 --max 3 -8 b", 0, "3 \"me\" \"x.kp\" 7 -8 \"b\" ");
}

static void test_refused(void **state)
{
	(void)state;
	check("print(1)", "5", -EINVAL, "ktap: x.kp: the script takes no arguments: '5'\n");
	check("print(1)", "--max 5", -EINVAL,
	      "ktap: x.kp: there is no option '--max'\nhint: `ktap x.kp -h` lists the options\n");
	check(OPTIONS, "--mx=3", -EINVAL,
	      "ktap: x.kp: there is no option '--mx'\nhint: did you mean `--max`?\n");
	check(OPTIONS, "--max", -EINVAL, "ktap: x.kp: --max needs a value\n");
	check(OPTIONS, "--max five", -EINVAL,
	      "ktap: x.kp: --max takes a whole number, not 'five'\n");
	check(OPTIONS, "--max=9223372036854775808", -EINVAL,
	      "ktap: x.kp: --max takes a whole number, not '9223372036854775808'\n");
	check(OPTIONS, "--max=", -EINVAL, "ktap: x.kp: --max takes a whole number, not ''\n");
	check(OPTIONS, "-m", -EINVAL, "ktap: x.kp: the script takes no arguments: '-m'\n");
}

static void test_help(void **state)
{
	(void)state;
	check("#!/usr/bin/ktap -q\n# SPDX-License-Identifier: X\n#\n# x - shows x\n# well\n#\n# y\n" OPTIONS
	      "print(arg[1])",
	      "--max 3 -h --nosuch", 1,
	      "x - shows x\nwell\n\n"
	      "usage: ktap x.kp [options] [ARG...] [-- COMMAND [ARG...]]\n"
	      "  --max N                 rows (20)\n"
	      "  --who_is TEXT           (\"me\")\n"
	      "  -h, --help              print this\n");
	check("print(1)", "--help", 1,
	      "usage: ktap x.kp [-- COMMAND [ARG...]]\n"
	      "  -h, --help              print this\n");
}

static void test_too_long(void **state)
{
	char *script = "print(arg[1])", *word = malloc(KTAP_MAX_STRING + 2);
	struct parsed *p = parse(script, "");

	(void)state;
	kp_args_free(&p->args);
	memset(word, 'x', KTAP_MAX_STRING + 1);
	word[KTAP_MAX_STRING + 1] = '\0';
	parse_saying(p, &word, 1);
	assert_int_equal(p->ret, -EINVAL);
	assert_string_equal(p->said, "ktap: x.kp: an argument is longer than 65536 bytes\n");
	kp_args_free(&p->args);
	word[KTAP_MAX_STRING] = '\0';
	parse_saying(p, &word, 1);
	assert_int_equal(p->ret, 0);
	kp_args_free(&p->args);
	parse_saying(p, &word, KTAP_MAX_ARGS);
	assert_int_equal(p->ret, -EINVAL);
	assert_string_equal(p->said, "ktap: x.kp: there are more than 65534 arguments\n");
	free(word);
	release(p);
}

/* The values are in the load image, behind the names of its events. */
static void test_image(void **state)
{
	struct parsed *p = parse(OPTIONS "trace_end { print(max, arg[1]) }", "--max 9 word");
	const struct ktap_image_section *s;
	const uint8_t *args;
	struct kp_load load;
	struct kp_view v;
	const char *why;

	(void)state;
	assert_int_equal(kp_load_host(&load, &p->view, &p->args), 0);
	assert_int_equal(kp_view_open(&v, load.image.data, load.image.len, &why), 0);
	s = kp_view_section(&v, KTAP_SEC_ESTR);
	assert_non_null(s);
	assert_int_equal(s->count, 4); /* trace_end, me, x.kp, word */
	s = kp_view_section(&v, KTAP_SEC_ARGS);
	assert_non_null(s);
	assert_int_equal(s->count, 4);
	args = v.data + s->offset;
	assert_int_equal(args[0], KTAP_CONST_INT);
	assert_int_equal(args[8], 9);
	assert_int_equal(args[48], KTAP_CONST_STR);
	assert_int_equal(args[48 + 8], 3);
	kp_view_close(&v);
	kp_load_free(&load);
	release(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_help),   cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
