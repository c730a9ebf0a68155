// SPDX-License-Identifier: GPL-2.0-only
/* The built-in functions, called as the interpreter calls them. */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "session.h"

static struct session s;
static struct kp_value *R;	/* registers of the process context */

static int setup(void **state)
{
	(void)state;
	session_init(&s, 0, 0);
	R = s.main->regs;
	s.main->top = 8;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	session_destroy(&s);
	return 0;
}

#define CALL(id, n)	kp_builtin_table[KTAP_BUILTIN_##id](s.main, R, n)

static void fails(int err, u32 error, const char *detail)
{
	session_failed(&s, err, error, detail);
}

static void test_infos(void **state)
{
	const struct kp_builtin_info *i = kp_builtin_infos;

	(void)state;
	assert_string_equal(i[KTAP_BUILTIN_print].name, "print");
	assert_string_equal(i[KTAP_BUILTIN_strglob].name, "glob");
	assert_string_equal(i[KTAP_BUILTIN_printf].args, "sv");
	assert_int_equal(i[KTAP_BUILTIN_print].max, 255);
	assert_int_equal(i[KTAP_BUILTIN_print].where, KP_CTX_MAIN | KP_CTX_TICK | KP_CTX_PROBE);
	assert_int_equal(i[KTAP_BUILTIN_print].needs_event, 0);
	assert_int_equal(i[KTAP_BUILTIN_print_hist].where, KP_CTX_MAIN | KP_CTX_TICK);
	assert_int_equal(i[KTAP_BUILTIN_argstr].where, KP_CTX_PROBE);
	assert_int_equal(i[KTAP_BUILTIN_argstr].needs_event, 1);
}

static void test_print(void **state)
{
	(void)state;
	assert_int_equal(CALL(print, 0), 0);
	assert_string_equal(session_output(&s), "print\n");
	R[0] = session_int(-1);
	R[1] = session_str(s.main, "text");
	R[2] = session_str(s.main, "12345678");
	R[3] = session_str(s.main, "");
	kp_value_nil(&R[4]);
	kp_value_bool(&R[5], true);
	R[6].i = 3;
	R[6].type = KTAP_T_FUNC;
	R[7].t = kp_table_new(&s.vm, 0, 0);
	R[7].type = KTAP_T_TABLE;
	assert_int_equal(CALL(print, 8), 0);
	assert_string_equal(session_output(&s), "print -1 'text' '12345678' '' nil true function:3 table:1\n");
	assert_int_equal(R[0].type, KTAP_T_NIL);
}

static void test_printf(void **state)
{
	(void)state;
	R[0] = session_str(s.main, "%d %s\n");
	R[1] = session_int(1);
	kp_value_nil(&R[2]);
	assert_int_equal(CALL(printf, 3), 0);
	assert_string_equal(session_output(&s), "printf '%d %s\n' 1 nil\n");
	R[0] = session_int(1);
	fails(CALL(printf, 1), KTAP_ERR_ARG_TYPE, "1");
}

static void test_no_room(void **state)
{
	struct kp_value *args = s.handler->regs;

	(void)state;
	s.room = 16;
	/* a handler goes on */
	args[0] = session_int(1);
	assert_int_equal(kp_builtin_table[KTAP_BUILTIN_print](s.handler, args, 1), 0);
	assert_int_equal(s.lost, 1);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	/* process context has waited: it can only be too long, or a signal */
	R[0] = session_int(1);
	fails(CALL(print, 1), KTAP_ERR_OUTPUT_LONG, "");
	s.interrupt = -EINTR;
	R[0] = session_int(1);
	assert_int_equal(CALL(print, 1), -EINTR);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
}

static void fill(struct kp_table *t, s64 n)
{
	struct kp_value k, v;
	s64 i;

	for (i = 1; i <= n; i++) {
		k = session_int(i);
		v = session_int(10 * i);
		assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
	}
}

static void test_hist(void **state)
{
	struct kp_value k, v;
	struct kp_table *t = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);

	(void)state;
	fill(t, 2);
	/* what only a CPU has is part of it */
	k = session_int(2);
	kp_host_cpu = 5;
	assert_int_equal(kp_table_add(s.handler, t, &k, 1), 0);
	kp_host_cpu = 0;
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	assert_int_equal(CALL(print_hist, 1), 0);
	assert_string_equal(session_output(&s), "begin 20\npair 2 1 10\npair 2 2 21\nend 2 0 20\n");
	assert_int_equal(R[0].type, KTAP_T_NIL);

	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	R[1] = session_int(5);
	assert_int_equal(CALL(print_hist, 2), 0);
	assert_string_equal(session_output(&s), "begin 5\npair 3 1 10\npair 3 2 21\nend 3 0 5\n");

	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	assert_int_equal(CALL(histogram, 1), 0);
	assert_string_equal(session_output(&s), "begin 20\npair 4 1 10\npair 4 2 21\nend 4 1 20\n");

	/* an empty one */
	R[0].t = kp_table_new(&s.vm, 0, 0);
	R[0].type = KTAP_T_TABLE;
	assert_int_equal(CALL(print_hist, 1), 0);
	assert_string_equal(session_output(&s), "begin 20\nend 6 0 20\n");

	/* values that are no numbers */
	v = session_str(s.main, "x");
	k = session_int(1);
	assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	fails(CALL(print_hist, 1), KTAP_ERR_HIST_TYPE, "print_hist");
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	fails(CALL(histogram, 1), KTAP_ERR_HIST_TYPE, "histogram");

	R[0] = session_int(1);
	fails(CALL(print_hist, 1), KTAP_ERR_ARG_TYPE, "1");
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	R[1] = session_str(s.main, "5");
	fails(CALL(print_hist, 2), KTAP_ERR_ARG_TYPE, "2");
}

static void test_hist_interrupted(void **state)
{
	struct kp_table *t = kp_table_new(&s.vm, 0, 0);

	(void)state;
	fill(t, 10);
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	s.interrupt = -EINTR;
	s.interrupt_after = 3;
	assert_int_equal(CALL(print_hist, 1), -EINTR);
	assert_string_equal(session_output(&s), "begin 20\npair 2 1 10\npair 2 2 20\npair 2 3 30\npair 2 4 40\n");
}

static void test_quantize(void **state)
{
	struct kp_table *t = kp_table_new(&s.vm, KTAP_TABLE_QUANTIZE | KTAP_TABLE_PERCPU, 0);
	struct kp_value k = session_int(7);

	(void)state;
	assert_int_equal(kp_table_sample(s.main, t, &k, 100), 0);
	assert_int_equal(kp_table_sample(s.main, t, &k, 200), 0);
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	assert_int_equal(CALL(print_quantize, 1), 0);
	assert_string_equal(session_output(&s), "begin 20\npair 2 7 agg:2+\nend 2 2 20\n");

	fill(t, 1);
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	fails(CALL(print_quantize, 1), KTAP_ERR_QUANTIZE_TYPE, "print_quantize");
}

/* A table keeps one distribution: another one cannot be printed. */
static void test_lquantize(void **state)
{
	struct kp_table *plain = kp_table_new(&s.vm, KTAP_TABLE_QUANTIZE, 0);
	struct kp_table *linear = kp_table_new(&s.vm, KTAP_TABLE_LQUANTIZE, 0);
	struct kp_value k = session_int(1);
	u32 i;

	(void)state;
	kp_table_set_linear(linear, 0, 10, 5);
	assert_int_equal(kp_table_sample(s.main, linear, &k, 7), 0);
	for (i = 0; i < 4; i++) {
		R[0].t = i ? linear : plain;
		R[0].type = KTAP_T_TABLE;
		R[1] = session_int(i == 2 ? -5 : 0);
		R[2] = session_int(10);
		R[3] = session_int(i == 3 ? 1 : 5);
		if (i == 1) {
			assert_int_equal(CALL(print_lquantize, 4), 0);
			assert_string_equal(session_output(&s), "begin 20\npair 3 1 agg:1+\nend 3 3 20\n");
		} else {
			fails(CALL(print_lquantize, 4), KTAP_ERR_QUANTIZE_KIND, "");
		}
	}
	R[0].t = linear;
	R[0].type = KTAP_T_TABLE;
	fails(CALL(print_quantize, 1), KTAP_ERR_QUANTIZE_KIND, "");
	R[0].t = linear;
	R[0].type = KTAP_T_TABLE;
	R[1] = session_str(s.main, "0");
	fails(CALL(print_lquantize, 4), KTAP_ERR_ARG_TYPE, "2");
}

static void test_exit(void **state)
{
	(void)state;
	s.maintain = false;
	assert_int_equal(CALL(exit, 0), 0);
	assert_int_equal(s.main->exiting, 1);
	assert_int_equal(s.vm.exited, 1);
	assert_int_equal(s.kicks, 1);
}

static void test_len(void **state)
{
	struct kp_table *t = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);
	struct kp_value k = session_int(1);

	(void)state;
	R[0] = session_str(s.main, "four");
	assert_int_equal(CALL(len, 1), 0);
	assert_int(&R[0], 4);
	kp_host_cpu = 3;
	assert_int_equal(kp_table_add(s.handler, t, &k, 1), 0);
	kp_host_cpu = 0;
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	assert_int_equal(CALL(len, 1), 0);
	assert_int(&R[0], 1);
	R[0] = session_int(5);
	fails(CALL(len, 1), KTAP_ERR_LEN_TYPE, "number");
	kp_value_nil(&R[0]);
	fails(CALL(len, 1), KTAP_ERR_LEN_TYPE, "nil");
}

static void test_delete(void **state)
{
	struct kp_table *t = kp_table_new(&s.vm, 0, 0);

	(void)state;
	fill(t, 5);
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	assert_int_equal(CALL(delete, 1), 0);
	assert_int_equal(kp_table_len(t), 0);
	kp_value_nil(&R[0]);
	fails(CALL(delete, 1), KTAP_ERR_ARG_TYPE, "1");
	/* a handler pays for the pairs */
	fill(t, 50);
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	s.handler->budget = 49;
	fails(kp_builtin_table[KTAP_BUILTIN_delete](s.handler, R, 1), KTAP_ERR_BUDGET, "");
	assert_int_equal(kp_table_len(t), 50);
	R[0].t = t;
	R[0].type = KTAP_T_TABLE;
	s.handler->budget = 50;
	assert_int_equal(kp_builtin_table[KTAP_BUILTIN_delete](s.handler, R, 1), 0);
	assert_int_equal(kp_table_len(t), 0);
}

static void test_type(void **state)
{
	(void)state;
	kp_value_nil(&R[0]);
	assert_int_equal(CALL(type, 1), 0);
	assert_str(&R[0], "nil");
	assert_int_equal(CALL(type, 1), 0);
	assert_str(&R[0], "string");
}

static void test_aggregate(void **state)
{
	struct kp_table *t = kp_table_new(&s.vm, 0, 0);
	struct kp_value k = session_int(1);
	static const s64 want[] = { 3, -20, -6, -30, 8 };
	u32 i;

	(void)state;
	kp_table_sample(s.main, t, &k, 2);
	kp_table_sample(s.main, t, &k, 8);
	kp_table_sample(s.main, t, &k, -30);
	for (i = 0; i < 5; i++) {
		assert_int_equal(kp_table_get(s.main, t, &k, &R[0]), 0);
		assert_int_equal(kp_builtin_table[KTAP_BUILTIN_count + i](s.main, R, 1), 0);
		assert_int(&R[0], want[i]);
		kp_value_nil(&R[0]);
		assert_int_equal(kp_builtin_table[KTAP_BUILTIN_count + i](s.main, R, 1), 0);
		assert_int(&R[0], 0);
		R[0] = session_int(5);
		fails(kp_builtin_table[KTAP_BUILTIN_count + i](s.main, R, 1), KTAP_ERR_ARG_TYPE, "1");
	}
}

static void test_task(void **state)
{
	(void)state;
	assert_int_equal(CALL(pid, 0), 0);
	assert_int(&R[0], getpid());
	assert_int_equal(CALL(tid, 0), 0);
	assert_int(&R[0], syscall(SYS_gettid));
	assert_int_equal(CALL(ppid, 0), 0);
	assert_int(&R[0], getppid());
	assert_int_equal(CALL(uid, 0), 0);
	assert_int(&R[0], getuid());
	assert_int_equal(CALL(gid, 0), 0);
	assert_int(&R[0], getgid());
	kp_host_cpu = 6;
	assert_int_equal(CALL(cpu, 0), 0);
	assert_int(&R[0], 6);
	kp_host_cpu = 0;
	assert_int_equal(CALL(num_cpus, 0), 0);
	assert_true(R[0].i > 0);
	assert_int_equal(CALL(in_interrupt, 0), 0);
	assert_int(&R[0], 0);
	s.handler->level = KP_LEVEL_HARDIRQ;
	assert_int_equal(kp_builtin_table[KTAP_BUILTIN_in_interrupt](s.handler, R, 0), 0);
	assert_int(&R[0], 2);
	s.handler->level = KP_LEVEL_TASK;
}

/* Names of every length, with rubbish behind the zero; as keys they are equal to other strings. */
static void test_execname(void **state)
{
	static const char letters[] = "\xff-name of a task";
	char old[16], name[16];
	u32 len;

	(void)state;
	prctl(PR_GET_NAME, old);
	for (len = 0; len <= 15; len++) {
		memcpy(name, letters, len);
		name[len] = 0;
		prctl(PR_SET_NAME, name);
		assert_int_equal(CALL(execname, 0), 0);
		assert_str(&R[0], name);
		R[1] = session_str(s.main, name);
		assert_true(kp_value_equal(&R[0], &R[1]));
		assert_int_equal(kp_str_hash(R[0].s, 1), kp_str_hash(R[1].s, 1));
		assert_memory_equal(R[0].s->data, R[1].s->data, kp_str_padded(len));
	}
	prctl(PR_SET_NAME, old);
}

static void test_clocks(void **state)
{
	u64 before = kp_port_now();
	struct timespec now;

	(void)state;
	assert_int_equal(CALL(nsecs, 0), 0);
	assert_true((u64)R[0].i >= before && (u64)R[0].i <= kp_port_now());
	assert_int_equal(CALL(elapsed, 0), 0);
	assert_true(R[0].i >= 0 && (u64)R[0].i <= kp_port_now());
	assert_int_equal(CALL(gettimeofday_ns, 0), 0);
	R[1] = R[0];
	assert_int_equal(CALL(gettimeofday_us, 0), 0);
	assert_true(R[0].i >= R[1].i / 1000);
	assert_int_equal(CALL(gettimeofday_ms, 0), 0);
	assert_true(R[0].i >= R[1].i / 1000000);
	assert_int_equal(CALL(gettimeofday_s, 0), 0);
	/* not time(): its clock lags by up to a tick */
	clock_gettime(CLOCK_REALTIME, &now);
	assert_true(R[0].i >= R[1].i / 1000000000 && R[0].i <= now.tv_sec);
}

static void test_user_string(void **state)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u32 i;

	(void)state;
	assert_ptr_not_equal(page, MAP_FAILED);
	assert_int_equal(munmap(page + 4096, 4096), 0);
	strcpy(page + 4090, "12345");
	/* up to the end of the page, and nothing of the next one */
	R[0] = session_int((intptr_t)page + 4090);
	assert_int_equal(CALL(user_string, 1), 0);
	assert_str(&R[0], "12345");
	page[4095] = 'x';
	R[0] = session_int((intptr_t)page + 4090);
	assert_int_equal(CALL(user_string, 1), 0);
	assert_str(&R[0], "");
	R[0] = session_int((intptr_t)page + 4090);
	R[1] = session_int(6);
	assert_int_equal(CALL(user_string, 2), 0);
	assert_str(&R[0], "12345x");

	memset(page, 'y', 4096);
	R[0] = session_int((intptr_t)page);
	assert_int_equal(CALL(user_string, 1), 0);
	assert_int_equal(R[0].s->len, 255);
	for (i = 0; i <= 3000; i += 1000) {
		u32 used = s.main->scratch_used;

		R[0] = session_int((intptr_t)page);
		R[1] = session_int(i);
		assert_int_equal(CALL(user_string, 2), 0);
		assert_int_equal(R[0].s->len, i);
		assert_int_equal(s.main->scratch_used, used + kp_str_size(i));
	}
	/* what is not needed is given back */
	strcpy(page, "short");
	i = s.main->scratch_used;
	R[0] = session_int((intptr_t)page);
	assert_int_equal(CALL(user_string, 1), 0);
	assert_str(&R[0], "short");
	assert_int_equal(s.main->scratch_used, i + kp_str_size(5));
	R[1] = session_str(s.main, "short");
	assert_true(kp_value_equal(&R[0], &R[1]));
	assert_int_equal(kp_str_hash(R[0].s, 1), kp_str_hash(R[1].s, 1));

	R[0] = session_int(0);
	assert_int_equal(CALL(user_string, 1), 0);
	assert_str(&R[0], "");
	R[0] = session_int((intptr_t)page);
	R[1] = session_int(-5);
	assert_int_equal(CALL(user_string, 2), 0);
	assert_str(&R[0], "");
	R[0] = session_int(-1);
	assert_int_equal(CALL(kernel_string, 1), 0);
	assert_str(&R[0], "");
	R[0] = session_int((intptr_t)page);
	R[1] = session_int(INT64_MAX);
	fails(CALL(user_string, 2), KTAP_ERR_STRING_LONG, "");
	R[0] = session_str(s.main, "address");
	fails(CALL(user_string, 1), KTAP_ERR_ARG_TYPE, "1");
	munmap(page, 4096);
}

static const struct {
	const char *text, *pattern;
	bool match;
} globs[] = {
	{ "", "", true }, { "", "*", true }, { "", "?", false }, { "a", "", false },
	{ "abc", "abc", true }, { "abc", "ab", false }, { "ab", "abc", false },
	{ "abc", "a?c", true }, { "abc", "?bc", true }, { "abc", "abc?", false },
	{ "abc", "*", true }, { "abc", "a*", true }, { "abc", "*c", true }, { "abc", "a*c", true },
	{ "abc", "*b*", true }, { "abc", "*d*", false }, { "abc", "***", true },
	{ "aab", "*ab", true }, { "aaaab", "a*ab", true }, { "abcabd", "*abd", true },
	{ "mississippi", "m*issip*", true }, { "mississippi", "m*issix*", false },
	{ "b", "[abc]", true }, { "d", "[abc]", false }, { "d", "[!abc]", true }, { "b", "[!abc]", false },
	{ "b", "[^a]", true }, { "m", "[a-z]", true }, { "M", "[a-z]", false }, { "-", "[a-]", true },
	{ "-", "[-a]", true }, { "]", "[]]", true }, { "a", "[]a]", true }, { "b", "[!]a]", true },
	{ "[a", "[a", true }, { "[", "[", true }, { "x[", "x[", true }, { "a", "[a", false },
	{ "*", "\\*", true }, { "x", "\\*", false }, { "\\", "\\\\", true }, { "\\", "\\", true },
	{ "]", "[\\]]", true }, { "b", "[\\a-c]", true }, { "sys_open", "sys_*", true },
	{ "a/b", "a*b", true }, { ".x", "*x", true },
};

static void test_glob(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(globs) / sizeof(*globs); i++) {
		R[0] = session_str(s.main, globs[i].text);
		R[1] = session_str(s.main, globs[i].pattern);
		assert_int_equal(CALL(strglob, 2), 0);
		if (R[0].type != (globs[i].match ? KTAP_T_TRUE : KTAP_T_FALSE))
			fail_msg("glob(\"%s\", \"%s\")", globs[i].text, globs[i].pattern);
	}
	R[0] = session_str(s.main, "x");
	R[1] = session_int(1);
	fails(CALL(strglob, 2), KTAP_ERR_ARG_TYPE, "2");
	R[1] = R[0];
	R[0] = session_int(1);
	fails(CALL(strglob, 2), KTAP_ERR_ARG_TYPE, "1");
}

/* A pattern that makes much work is paid for. */
static void test_glob_budget(void **state)
{
	struct kp_value *args = s.handler->regs;
	char text[1001], pattern[1001];

	(void)state;
	memset(text, 'a', 1000);
	text[1000] = 0;
	memset(pattern, 'a', 900);
	pattern[0] = '*';
	pattern[899] = 'b';
	pattern[900] = 0;
	s.handler->budget = 1000;
	s.handler->top = 2;
	args[0] = session_str(s.handler, text);
	args[1] = session_str(s.handler, pattern);
	fails(kp_builtin_table[KTAP_BUILTIN_strglob](s.handler, args, 2), KTAP_ERR_BUDGET, "");
	R[0] = session_str(s.main, text);
	R[1] = session_str(s.main, pattern);
	assert_int_equal(CALL(strglob, 2), 0);
	assert_int_equal(R[0].type, KTAP_T_FALSE);
	s.interrupt = -EINTR;
	s.main->budget = 1000;
	R[0] = session_str(s.main, text);
	R[1] = session_str(s.main, pattern);
	assert_int_equal(CALL(strglob, 2), -EINTR);
}

/* So is looking into a long set, also when no ']' ends it. */
static void test_glob_set_budget(void **state)
{
	static const struct {
		char text, first, filler, last;
	} cases[] = { { 'a', '*', 'b', ']' }, { '[', '[', '[', '[' } };
	struct kp_value *args = s.handler->regs;
	char text[1001] = "", pattern[1001] = "";
	u32 i;

	(void)state;
	s.handler->top = 2;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memset(text, cases[i].text, 1000);
		memset(pattern, cases[i].filler, 1000);
		pattern[0] = cases[i].first;
		pattern[1] = '[';
		pattern[999] = cases[i].last;
		s.handler->budget = 2000;
		args[0] = session_str(s.handler, text);
		args[1] = session_str(s.handler, pattern);
		fails(kp_builtin_table[KTAP_BUILTIN_strglob](s.handler, args, 2), KTAP_ERR_BUDGET, "");
	}
}

static void test_event(void **state)
{
	struct kp_str *name = kp_scratch_new(s.main, 4);
	struct kp_event event = { .index = 9, .name = name };
	struct kp_value *args = s.handler->regs;
	struct ktap_event_text text;
	kp_builtin_fn argstr = kp_builtin_table[KTAP_BUILTIN_argstr];
	kp_builtin_fn probename = kp_builtin_table[KTAP_BUILTIN_probename];
	char raw[13] = "a raw record";
	char *large;
	s64 words[7];
	u32 i;

	(void)state;
	s.handler->top = 1;
	fails(argstr(s.handler, args, 0), KTAP_ERR_NO_EVENT, "");
	fails(probename(s.handler, args, 0), KTAP_ERR_NO_EVENT, "");
	fails(kp_builtin_table[KTAP_BUILTIN_regstr](s.handler, args, 0), KTAP_ERR_NO_EVENT, "");

	s.handler->ev.event = &event;
	memcpy(name->data, "name", 4);
	assert_int_equal(probename(s.handler, args, 0), 0);
	assert_str(&args[0], "name");

	event.kind = KTAP_EVENT_TRACEPOINT;
	s.handler->ev.raw = raw;
	s.handler->ev.raw_len = sizeof(raw);
	kp_host_cpu = 4;
	assert_int_equal(argstr(s.handler, args, 0), 0);
	kp_host_cpu = 0;
	assert_int_equal(args[0].type, KTAP_T_EVENT);
	assert_int_equal(args[0].s->len, sizeof(text) + sizeof(raw));
	memcpy(&text, args[0].s->data, sizeof(text));
	assert_int_equal(text.event, 9);
	assert_int_equal(text.cpu, 4);
	assert_int_equal(text.tid, syscall(SYS_gettid));
	assert_int_equal(text.raw_len, sizeof(raw));
	assert_memory_equal(args[0].s->data + sizeof(text), raw, sizeof(raw));
	assert_int_equal(kp_builtin_table[KTAP_BUILTIN_print](s.handler, args, 1), 0);
	assert_string_equal(session_output(&s), "print event:29\n");

	event.kind = KTAP_EVENT_SYS_ENTER;
	s.handler->ev.nr = 39;
	assert_int_equal(argstr(s.handler, args, 0), 0);
	assert_int_equal(args[0].s->len, sizeof(text) + 56);
	memcpy(words, args[0].s->data + sizeof(text), 56);
	assert_int_equal(words[0], 39);
	for (i = 0; i < 6; i++)
		assert_int_equal(words[1 + i], 100 + i);

	/* registers have a text on x86 in the kernel alone */
	assert_int_equal(kp_builtin_table[KTAP_BUILTIN_regstr](s.handler, args, 0), 0);
	assert_str(&args[0], "");
	s.handler->ev.regs = words;
	assert_int_equal(kp_builtin_table[KTAP_BUILTIN_regstr](s.handler, args, 0), 0);
	assert_str(&args[0], "");
	s.handler->ev.regs = NULL;

	event.kind = KTAP_EVENT_SYS_EXIT;
	s.handler->ev.ret = -2;
	assert_int_equal(argstr(s.handler, args, 0), 0);
	assert_int_equal(args[0].s->len, sizeof(text) + 16);
	memcpy(words, args[0].s->data + sizeof(text), 16);
	assert_int_equal(words[0], 39);
	assert_int_equal(words[1], -2);

	event.kind = KTAP_EVENT_PROFILE;
	fails(argstr(s.handler, args, 0), KTAP_ERR_NO_EVENT, "");

	/* larger than the scratch space of a handler: nil, and a warning where there is a place for it */
	event.kind = KTAP_EVENT_TRACEPOINT;
	large = calloc(1, KP_HANDLER_SCRATCH);
	s.handler->ev.raw = large;
	s.handler->ev.raw_len = KP_HANDLER_SCRATCH;
	assert_int_equal(argstr(s.handler, args, 0), 0);
	assert_int_equal(args[0].type, KTAP_T_NIL);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	free(large);
	s.handler->ev.event = NULL;
}

int main(void)
{
#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_infos),
		T(test_print),
		T(test_printf),
		T(test_no_room),
		T(test_hist),
		T(test_hist_interrupted),
		T(test_quantize),
		T(test_lquantize),
		T(test_exit),
		T(test_len),
		T(test_delete),
		T(test_type),
		T(test_aggregate),
		T(test_task),
		T(test_execname),
		T(test_clocks),
		T(test_user_string),
		T(test_glob),
		T(test_glob_budget),
		T(test_glob_set_budget),
		T(test_event),
	};

	return cmocka_run_group_tests_name("builtin", tests, NULL, NULL);
}
