// SPDX-License-Identifier: GPL-2.0-only
/* The functions on strings in a handler: its scratch space, its budget; what scripts cannot compare. */
#include <arpa/inet.h>
#include <unistd.h>
#include "session.h"

static struct session s;
static struct kp_value *R; /* registers of the handler */

static int setup(void **state)
{
	(void)state;
	session_init(&s, 0, 0);
	R = s.handler->regs;
	s.handler->top = 8;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	session_destroy(&s);
	return 0;
}

#define CALL(id, n)	kp_builtin_table[KTAP_BUILTIN_##id](s.handler, R, n)

static void fails(int err, u32 error, const char *detail)
{
	session_failed(&s, err, error, detail);
	s.handler->budget = INT64_MAX;
}

/* R[n] = c, len times */
static void fill(u32 n, char c, u32 len)
{
	R[n].s = kp_scratch_new(s.handler, len);
	assert_non_null(R[n].s);
	memset(R[n].s->data, c, len);
	R[n].type = KTAP_T_STR;
}

static void clear(void)
{
	u32 i;

	for (i = 0; i < 8; i++)
		kp_value_nil(&R[i]);
	s.handler->scratch_used = 0;
}

/* The padding is zero, so whole words can be compared. */
static void check_padding(const struct kp_value *v)
{
	u32 i;

	for (i = v->s->len; i < kp_str_padded(v->s->len); i++)
		assert_int_equal(v->s->data[i], 0);
}

/* What is as long as the scratch space: refused, but nothing breaks. */
static void test_scratch(void **state)
{
	const u32 most = KP_HANDLER_SCRATCH - 2 * kp_str_size(0) - 64;
	u32 len;

	(void)state;
	for (len = 0; len <= most; len = len ? len * 3 : 1) {
		clear();
		fill(0, 'a', len);
		assert_int_equal(CALL(upper, 1), len > most / 2 ? -EINVAL : 0);
		if (len <= most / 2) {
			assert_int_equal(R[0].s->len, len);
			check_padding(&R[0]);
		}
		s.vm.failed = s.vm.claimed = 0;
	}
	clear();
	fill(0, 'a', 100);
	R[1] = session_int(KP_HANDLER_SCRATCH / 100);
	fails(CALL(rep, 2), KTAP_ERR_STRING_LONG, "");
	R[1] = session_int(INT64_MAX);
	fails(CALL(rep, 2), KTAP_ERR_STRING_LONG, "");
	R[1] = session_int(7);
	assert_int_equal(CALL(rep, 2), 0);
	assert_int_equal(R[0].s->len, 700);
	check_padding(&R[0]);
	clear();
	fill(0, ',', 4000);
	R[1] = R[2] = R[3] = R[0];
	fails(CALL(join, 4), KTAP_ERR_STRING_LONG, "");
}

/* Arguments move when the space is collected: they are read afterwards. */
static void test_moving(void **state)
{
	u32 i;

	(void)state;
	clear();
	for (i = 0; i < 20; i++) {
		fill(2, 'g', 1000);	/* soon garbage */
		fill(0, 'x', 1000);
		R[1] = session_int(2);
		kp_value_nil(&R[2]);
		assert_int_equal(CALL(strsub, 2), 0);
		assert_int_equal(R[0].s->len, 999);
		assert_int_equal(R[0].s->data[998], 'x');
		fill(0, 'y', 1000);
		fill(1, 'z', 1000);
		R[2] = session_int(1);
		assert_int_equal(CALL(join, 3), 0);
		assert_int_equal(R[0].s->len, 2001);
		assert_int_equal(R[0].s->data[0], 'z');
		assert_int_equal(R[0].s->data[1000], 'y');
	}
}

/* Each costs at least a step for eight bytes. */
static void test_budget(void **state)
{
	static const u32 one[] = { KTAP_BUILTIN_upper, KTAP_BUILTIN_lower, KTAP_BUILTIN_tonumber };
	static const u32 two[] = { KTAP_BUILTIN_contains, KTAP_BUILTIN_strfind, KTAP_BUILTIN_startswith,
				   KTAP_BUILTIN_endswith, KTAP_BUILTIN_join, KTAP_BUILTIN_strglob };
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(one) / sizeof(*one); i++) {
		clear();
		fill(0, '1', 3000);
		s.handler->budget = 374;
		fails(kp_builtin_table[one[i]](s.handler, R, 1), KTAP_ERR_BUDGET, "");
	}
	for (i = 0; i < sizeof(two) / sizeof(*two); i++) {
		clear();
		fill(0, '1', 3000);
		fill(1, '1', 3000);
		s.handler->budget = 374;
		fails(kp_builtin_table[two[i]](s.handler, R, 2), KTAP_ERR_BUDGET, "");
	}
	clear();
	fill(0, '1', 3000);
	R[1] = session_int(1);
	s.handler->budget = 374;
	fails(CALL(strsub, 2), KTAP_ERR_BUDGET, "");
	/* a search that compares much for each place */
	clear();
	fill(0, 'a', 4000);
	fill(1, 'a', 2000);
	R[1].s->data[1999] = 'b';
	s.handler->budget = 100000;
	fails(CALL(strfind, 2), KTAP_ERR_BUDGET, "");
}

/* Reading memory costs what may have to be copied, also in vain. */
static void test_memory_budget(void **state)
{
	(void)state;
	clear();
	R[0] = session_int(0);
	R[1] = session_int(8000);
	s.handler->budget = 999;
	fails(CALL(user_string, 2), KTAP_ERR_BUDGET, "");
	R[0] = session_int(0);
	R[1] = session_int(8000);
	s.handler->budget = 1000;
	assert_int_equal(CALL(user_string, 2), 0);
	s.handler->budget = INT64_MAX;
}

static void test_arguments(void **state)
{
	(void)state;
	clear();
	fill(0, 'a', 3);
	R[1] = session_int(1);
	R[2] = R[0];
	fails(CALL(strsub, 3), KTAP_ERR_ARG_TYPE, "3");
	fails(CALL(strfind, 2), KTAP_ERR_ARG_TYPE, "2");
	R[1] = session_int(37);
	fails(CALL(tonumber, 2), KTAP_ERR_ARG_RANGE, "2");
	R[1] = session_int(1);
	fails(CALL(tonumber, 2), KTAP_ERR_ARG_RANGE, "2");
	kp_value_nil(&R[0]);
	fails(CALL(upper, 1), KTAP_ERR_ARG_TYPE, "1");
	fails(CALL(hex, 1), KTAP_ERR_ARG_TYPE, "1");
	fails(CALL(join, 1), KTAP_ERR_ARG_TYPE, "1");
	fails(CALL(ansi_set_color, 1), KTAP_ERR_ARG_TYPE, "1");
	fails(CALL(format_ip_addr, 1), KTAP_ERR_ARG_TYPE, "1");
	/* of a tuple only user space knows the text */
	fill(0, ',', 1);
	fill(1, 0, 16);
	R[1].type = KTAP_T_TUPLE;
	fails(CALL(join, 2), KTAP_ERR_ARG_TYPE, "2");
	R[0] = R[1];
	assert_int_equal(CALL(tostring, 1), 0);
	assert_int_equal(R[0].type, KTAP_T_TUPLE);
}

static void test_ip(void **state)
{
	static const char *const texts[] = { "127.0.0.1", "255.255.255.255", "0.0.0.0", "10.20.30.40" };
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		clear();
		R[0] = session_int(inet_addr(texts[i]));
		assert_int_equal(CALL(format_ip_addr, 1), 0);
		assert_int_equal(R[0].s->len, strlen(texts[i]));
		assert_memory_equal(R[0].s->data, texts[i], R[0].s->len);
		/* a field of four bytes is read with its sign */
		R[0] = session_int((s32)inet_addr(texts[i]));
		assert_int_equal(CALL(format_ip_addr, 1), 0);
		assert_memory_equal(R[0].s->data, texts[i], R[0].s->len);
	}
}

static void test_trace_clock(void **state)
{
	unsigned long long sec, us;
	u64 before = kp_port_now(), then;

	(void)state;
	clear();
	assert_int_equal(CALL(print_trace_clock, 0), 0);
	assert_int_equal(sscanf(session_output(&s), "printf '%%5d.%%06d\n' %llu %llu\n", &sec, &us), 2);
	then = sec * 1000000000 + us * 1000;
	assert_true(then + 1000 > before && then <= kp_port_now());
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_scratch), T(test_moving), T(test_budget), T(test_memory_budget), T(test_arguments), T(test_ip), T(test_trace_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
