// SPDX-License-Identifier: GPL-2.0-only
/* The interpreter, instruction by instruction; operators are in test_operator.c. */
#include "chunk.h"

static void test_args(void **state)
{
	static const s64 index[] = { 0, 1, 2, -1, 1LL << 32 };
	struct kp_value got;
	struct chunk c;
	u32 i;

	(void)state;
	for (i = 0; i < 5; i++) {
		chunk_begin(&c, 2);
		mk_code(&c.im, I_LOADK(0, mk_kint(&c.im, index[i])));
		mk_code(&c.im, I_ABC(ARG, 1, 0, 0));
		mk_code(&c.im, I_RET(1));
		mk_arg(&c.im, KTAP_CONST_STR, mk_string(&c.im, MK_ESTR, "word", 4));
		mk_arg(&c.im, KTAP_CONST_INT, 7);
		assert_int_equal(chunk_run(&c, &got), 0);
		if (i == 0)
			assert_str(&got, "word");
		else if (i == 1)
			assert_int(&got, 7);
		else
			assert_int_equal(got.type, KTAP_T_NIL);
		session_destroy(&c.s);
	}
	/* what is no number is the number of no argument, and an image may have none */
	chunk_begin(&c, 2);
	mk_code(&c.im, I_BOOL(0, 1));
	mk_code(&c.im, I_ABC(ARG, 1, 0, 0));
	mk_code(&c.im, I_RET(1));
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_int_equal(got.type, KTAP_T_NIL);
	session_destroy(&c.s);
}

static void test_loads(void **state)
{
	struct kp_value got;
	struct chunk c;
	u32 f;

	(void)state;
	chunk_begin(&c, 4);
	mk_code(&c.im, I_LOADI(0, -32768));
	mk_code(&c.im, I_RET(0));
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_int(&got, -32768);
	session_destroy(&c.s);

	chunk_begin(&c, 4);
	mk_code(&c.im, I_LOADNIL(0, 3));
	mk_code(&c.im, I_RET(3));
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_int_equal(got.type, KTAP_T_NIL);
	session_destroy(&c.s);

	chunk_begin(&c, 4);
	mk_code(&c.im, I_LOADF(0, 1));
	mk_code(&c.im, I_RET(0));
	f = mk_func(&c.im, 1, 0);
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_int_equal(got.type, KTAP_T_FUNC);
	assert_int_equal(got.i, f);
	session_destroy(&c.s);

	chunk_begin(&c, 1);
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_int_equal(got.type, KTAP_T_NIL);
	session_destroy(&c.s);
}

static void test_cells(void **state)
{
	struct kp_value got;
	struct chunk c;
	u32 plain, frozen;
	char want[64];

	(void)state;
	chunk_begin(&c, 3);
	plain = mk_cell(&c.im, 0);
	frozen = mk_cell(&c.im, KTAP_CELL_FROZEN);
	mk_code(&c.im, I_LOADI(0, 40));
	mk_code(&c.im, I_ABX(SETCELL, 0, frozen));
	mk_code(&c.im, I_LOADI(1, 2));
	mk_code(&c.im, I_ABX(ADDCELL, 1, plain));
	mk_code(&c.im, I_ABX(GETCELL, 1, plain));
	mk_code(&c.im, I_ABX(GETFROZEN, 2, frozen));
	mk_code(&c.im, I_ABC(ADD, 0, 1, 2));
	mk_code(&c.im, I_RET(0));
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_int(&got, 42);
	session_destroy(&c.s);

	/* constants: to nil, to a number, to something else */
	chunk_begin(&c, 1);
	plain = mk_cell(&c.im, 0);
	mk_code(&c.im, I_ABX(ADDCELLI, 255, plain));
	mk_code(&c.im, I_ABX(ADDCELLI, 1, plain));
	mk_code(&c.im, I_ABX(GETCELL, 0, plain));
	mk_code(&c.im, I_BUILTIN(0, print, 1));
	mk_code(&c.im, I_BOOL(0, 1));
	mk_code(&c.im, I_ABX(SETCELL, 0, plain));
	mk_code(&c.im, I_ABX(ADDCELLI, 1, plain));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_string_equal(session_output(&c.s), "print 256\n");
	assert_int_equal(session_error(&c.s), KTAP_ERR_ADD_TYPE);
	assert_int_equal(c.s.vm.error.pc, 6);
	session_destroy(&c.s);

	chunk_begin(&c, 1);
	plain = mk_cell(&c.im, 0);
	mk_code(&c.im, I_BOOL(0, 1));
	mk_code(&c.im, I_ABX(ADDCELL, 0, plain));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_int_equal(session_error(&c.s), KTAP_ERR_ADD_TYPE);
	assert_int_equal(c.s.vm.error.pc, 1);
	assert_int_equal(c.s.vm.error.func, 0);
	session_destroy(&c.s);

	chunk_begin(&c, 2);
	plain = mk_cell(&c.im, 0);
	mk_code(&c.im, I_BOOL(0, 1));
	mk_code(&c.im, I_ABX(SETCELL, 0, plain));
	mk_code(&c.im, I_LOADI(0, 1));
	mk_code(&c.im, I_ABX(ADDCELL, 0, plain));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_int_equal(session_error(&c.s), KTAP_ERR_ADD_TYPE);
	session_destroy(&c.s);

	/* adding nil to nil and to a number gives nil, to something else it is an error */
	chunk_begin(&c, 3);
	plain = mk_cell(&c.im, 0);
	mk_code(&c.im, I_LOADNIL(0, 0));
	mk_code(&c.im, I_ABX(ADDCELL, 0, plain));
	mk_code(&c.im, I_ABX(GETCELL, 1, plain));
	mk_code(&c.im, I_BUILTIN(1, print, 1));
	mk_code(&c.im, I_ABX(ADDCELLI, 7, plain));
	mk_code(&c.im, I_ABX(ADDCELL, 0, plain));
	mk_code(&c.im, I_ABX(GETCELL, 1, plain));
	mk_code(&c.im, I_BUILTIN(1, print, 1));
	mk_code(&c.im, I_BOOL(1, 1));
	mk_code(&c.im, I_ABX(SETCELL, 1, plain));
	mk_code(&c.im, I_ABX(ADDCELL, 0, plain));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	snprintf(want, sizeof(want), "warn %u nil\nprint nil\nwarn %u nil\nprint nil\n",
		 KTAP_ERR_ARITH_TYPE, KTAP_ERR_ARITH_TYPE);
	assert_string_equal(session_output(&c.s), want);
	assert_int_equal(session_error(&c.s), KTAP_ERR_ADD_TYPE);
	assert_int_equal(c.s.vm.error.pc, 10);
	session_destroy(&c.s);
}

static void test_concat(void **state)
{
	static const struct operand nil = NIL;
	struct kp_value got;
	struct chunk c;

	(void)state;
	chunk_begin(&c, 4);
	mk_code(&c.im, I_LOADK(0, mk_kstr(&c.im, "n=")));
	mk_code(&c.im, I_LOADK(1, mk_kint(&c.im, INT64_MIN)));
	mk_code(&c.im, I_LOADK(2, mk_kstr(&c.im, "")));
	mk_code(&c.im, I_LOADK(3, mk_kstr(&c.im, "!")));
	mk_code(&c.im, I_ABC(CONCAT, 1, 0, 4));
	mk_code(&c.im, I_RET(1));
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_str(&got, "n=-9223372036854775808!");
	session_destroy(&c.s);

	chunk_begin(&c, 2);
	mk_code(&c.im, I_LOADI(0, 1));
	chunk_load(&c.im, 1, &nil);
	mk_code(&c.im, I_ABC(CONCAT, 0, 0, 2));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_int_equal(session_error(&c.s), KTAP_ERR_CONCAT_TYPE);
	session_destroy(&c.s);

	/* doubled until it is too long: an error, no crash */
	chunk_begin(&c, 2);
	mk_code(&c.im, I_LOADK(0, mk_kstr(&c.im, "0123456789abcdef")));
	mk_code(&c.im, I_MOVE(1, 0));
	mk_code(&c.im, I_ABC(CONCAT, 0, 0, 2));
	mk_code(&c.im, I_JMP(-3));
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_int_equal(session_error(&c.s), KTAP_ERR_CONCAT_LONG);
	session_destroy(&c.s);
}

static void test_jumps(void **state)
{
	static const struct operand values[] = { NIL, F, T, I(0), S("") };
	struct kp_value got;
	struct chunk c;
	u32 i;

	(void)state;
	for (i = 0; i < 5; i++) {
		chunk_begin(&c, 2);
		chunk_load(&c.im, 0, &values[i]);
		mk_code(&c.im, I_LOADI(1, 1));
		mk_code(&c.im, I_ABX(JT, 0, 1));
		mk_code(&c.im, I_LOADI(1, 0));
		mk_code(&c.im, I_ABX(JF, 0, 1));
		mk_code(&c.im, I_ABC(ADDI, 1, 1, 10));
		mk_code(&c.im, I_RET(1));
		assert_int_equal(chunk_run(&c, &got), 0);
		assert_int(&got, i < 2 ? 0 : 11);
		session_destroy(&c.s);
	}
}

static void loop(s64 from, s64 to, s64 step, s64 times, s64 last)
{
	struct kp_value got;
	struct chunk c;
	char want[64];

	chunk_begin(&c, 6);
	mk_code(&c.im, I_LOADK(0, mk_kint(&c.im, from)));
	mk_code(&c.im, I_LOADK(1, mk_kint(&c.im, to)));
	mk_code(&c.im, I_LOADK(2, mk_kint(&c.im, step)));
	mk_code(&c.im, I_LOADI(4, 0));
	mk_code(&c.im, I_LOADI(5, 0));
	mk_code(&c.im, I_ABX(FORPREP, 0, 3));
	mk_code(&c.im, I_ABC(ADDI, 4, 4, 1));
	mk_code(&c.im, I_MOVE(5, 3));
	mk_code(&c.im, I_ABX(FORLOOP, 0, -3));
	mk_code(&c.im, I_BUILTIN(4, print, 2));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), 0);
	snprintf(want, sizeof(want), "print %lld %lld\n", (long long)times, (long long)last);
	assert_string_equal(session_output(&c.s), want);
	session_destroy(&c.s);
}

static void test_for(void **state)
{
	struct kp_value got;
	struct chunk c;

	(void)state;
	loop(1, 10, 1, 10, 10);
	loop(1, 10, 3, 4, 10);
	loop(10, 1, -4, 3, 2);
	loop(2, 1, 1, 0, 0);
	loop(1, 2, -1, 0, 0);
	/* up to the very ends, without wrapping around */
	loop(INT64_MAX - 1, INT64_MAX, 1, 2, INT64_MAX);
	loop(INT64_MIN + 1, INT64_MIN, -1, 2, INT64_MIN);
	loop(1, INT64_MAX, INT64_MAX - 5, 2, INT64_MAX - 4);
	/* spans and steps that are no signed number */
	loop(INT64_MIN, INT64_MAX, INT64_MAX, 3, INT64_MAX - 1);
	loop(INT64_MIN, INT64_MAX - 2, INT64_MAX, 2, -1);
	loop(INT64_MAX, INT64_MIN, INT64_MIN, 2, -1);
	loop(-1, INT64_MIN, INT64_MIN, 1, -1);
	loop(INT64_MIN, INT64_MAX, INT64_MAX / 2 + 1, 4, INT64_MAX / 2 + 1);

	chunk_begin(&c, 4);
	mk_code(&c.im, I_LOADI(0, 1));
	mk_code(&c.im, I_LOADNIL(1, 0));
	mk_code(&c.im, I_LOADI(2, 1));
	mk_code(&c.im, I_ABX(FORPREP, 0, 1));
	mk_code(&c.im, I_ABX(FORLOOP, 0, -1));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_int_equal(session_error(&c.s), KTAP_ERR_FOR_TYPE);
	session_destroy(&c.s);
}

static void test_tables(void **state)
{
	struct kp_value got;
	struct chunk c;
	u32 t;

	(void)state;
	/* t["a"] = 1; t["a"] += 2; t[5] <<< 7; t["a"], "a" in t, "b" in t; delete t["a"] */
	chunk_begin(&c, 8);
	t = mk_table(&c.im, 0, 0);
	mk_code(&c.im, I_ABX(NEWTABLE, 0, t));
	mk_code(&c.im, I_LOADK(1, mk_kstr(&c.im, "a")));
	mk_code(&c.im, I_LOADI(2, 1));
	mk_code(&c.im, I_ABC(SETTABLE, 0, 1, 2));
	mk_code(&c.im, I_LOADI(2, 2));
	mk_code(&c.im, I_ABC(ADDTABLE, 0, 1, 2));
	mk_code(&c.im, I_ABC(ADDTABLEI, 0, 1, 10));
	mk_code(&c.im, I_ABC(ADDTABLEI, 0, 1, (u8)-3));
	mk_code(&c.im, I_ABC(ADDTABLEI, 0, 2, (u8)-128));
	mk_code(&c.im, I_LOADI(3, 5));
	mk_code(&c.im, I_LOADI(2, 7));
	mk_code(&c.im, I_ABC(AGGTABLE, 0, 3, 2));
	mk_code(&c.im, I_LOADK(4, mk_kstr(&c.im, "b")));
	mk_code(&c.im, I_ABC(HASKEY, 5, 0, 4));
	mk_code(&c.im, I_ABC(HASKEY, 4, 0, 1));
	mk_code(&c.im, I_ABC(GETTABLE, 6, 0, 3));
	mk_code(&c.im, I_ABC(GETTABLE, 3, 0, 1));
	mk_code(&c.im, I_ABC(DELKEY, 0, 1, 0));
	mk_code(&c.im, I_ABC(GETTABLE, 7, 0, 1));
	mk_code(&c.im, I_BUILTIN(3, print, 5));
	mk_code(&c.im, I_BUILTIN(0, len, 1));
	mk_code(&c.im, I_RET(0));
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_string_equal(session_output(&c.s), "print 10 true false agg:1 nil\n");
	assert_int(&got, 2);
	session_destroy(&c.s);
}

/* One instruction on R[0] (table or not), R[1] (key), R[2] (value) that fails. */
static void table_fails(u32 insn, bool table, const struct operand *key, const struct operand *val, u32 error)
{
	struct kp_value got;
	struct chunk c;
	u32 t;

	chunk_begin(&c, 4);
	t = mk_table(&c.im, 0, 0);
	if (table)
		mk_code(&c.im, I_ABX(NEWTABLE, 0, t));
	else
		mk_code(&c.im, I_LOADI(0, 1));
	chunk_load(&c.im, 1, key);
	chunk_load(&c.im, 2, val);
	mk_code(&c.im, insn);
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_int_equal(session_error(&c.s), error);
	assert_int_equal(c.s.vm.error.pc, 3);
	session_destroy(&c.s);
}

static void test_table_errors(void **state)
{
	static const struct operand one = I(1), nil = NIL, text = S("x");
	struct kp_value got;
	struct chunk c;
	u32 t;

	(void)state;
	table_fails(I_ABC(SETTABLE, 0, 1, 2), false, &one, &one, KTAP_ERR_SET_TYPE);
	table_fails(I_ABC(SETTABLE, 0, 1, 2), true, &nil, &one, KTAP_ERR_NIL_KEY);
	table_fails(I_ABC(ADDTABLE, 0, 1, 2), false, &one, &one, KTAP_ERR_SET_TYPE);
	table_fails(I_ABC(ADDTABLE, 0, 1, 2), true, &nil, &one, KTAP_ERR_NIL_KEY);
	table_fails(I_ABC(ADDTABLE, 0, 1, 2), true, &one, &text, KTAP_ERR_ADD_TYPE);
	table_fails(I_ABC(ADDTABLEI, 0, 1, 2), false, &one, &one, KTAP_ERR_SET_TYPE);
	table_fails(I_ABC(ADDTABLEI, 0, 1, 2), true, &nil, &one, KTAP_ERR_NIL_KEY);
	table_fails(I_ABC(AGGTABLE, 0, 1, 2), false, &one, &one, KTAP_ERR_SET_TYPE);
	table_fails(I_ABC(AGGTABLE, 0, 1, 2), true, &one, &text, KTAP_ERR_AGG_TYPE);
	table_fails(I_ABC(GETTABLE, 3, 0, 1), false, &one, &one, KTAP_ERR_GET_TYPE);
	table_fails(I_ABC(HASKEY, 3, 0, 1), false, &one, &one, KTAP_ERR_GET_TYPE);
	table_fails(I_ABC(DELKEY, 0, 1, 0), false, &one, &one, KTAP_ERR_SET_TYPE);
	table_fails(I_ABC(PAIRS, 0, 2, 0), true, &one, &nil, KTAP_ERR_PAIRS_NIL);
	table_fails(I_ABC(PAIRS, 0, 2, 0), true, &one, &text, KTAP_ERR_PAIRS_TYPE);

	/* adding to an element that is no number */
	chunk_begin(&c, 2);
	t = mk_table(&c.im, 0, 0);
	mk_code(&c.im, I_ABX(NEWTABLE, 0, t));
	mk_code(&c.im, I_BOOL(1, 1));
	mk_code(&c.im, I_ABC(SETTABLE, 0, 1, 1));
	mk_code(&c.im, I_ABC(ADDTABLEI, 0, 1, 1));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_int_equal(session_error(&c.s), KTAP_ERR_ADD_TYPE);
	session_destroy(&c.s);

	/* an aggregate is no key */
	chunk_begin(&c, 4);
	t = mk_table(&c.im, 0, 0);
	mk_code(&c.im, I_ABX(NEWTABLE, 0, t));
	mk_code(&c.im, I_LOADI(1, 1));
	mk_code(&c.im, I_ABC(AGGTABLE, 0, 1, 1));
	mk_code(&c.im, I_ABC(GETTABLE, 2, 0, 1));
	mk_code(&c.im, I_ABC(SETTABLE, 0, 2, 1));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_int_equal(session_error(&c.s), KTAP_ERR_KEY_TYPE);
	assert_string_equal(c.s.vm.error.detail, "aggregate");
	session_destroy(&c.s);
}

static void test_pairs(void **state)
{
	struct kp_value got;
	struct chunk c;
	u32 t;

	(void)state;
	chunk_begin(&c, 8);
	t = mk_table(&c.im, KTAP_TABLE_PERCPU, 0);
	mk_code(&c.im, I_ABX(NEWTABLE, 0, t));
	mk_code(&c.im, I_LOADI(1, 10));
	mk_code(&c.im, I_LOADI(2, 1));
	mk_code(&c.im, I_ABC(ADDTABLE, 0, 1, 2));
	mk_code(&c.im, I_LOADI(1, 20));
	mk_code(&c.im, I_ABC(ADDTABLE, 0, 1, 2));
	mk_code(&c.im, I_ABC(PAIRS, 1, 0, 0));
	mk_code(&c.im, I_ABX(NEXT, 1, 4));
	mk_code(&c.im, I_MOVE(5, 3));
	mk_code(&c.im, I_MOVE(6, 4));
	mk_code(&c.im, I_BUILTIN(5, print, 2));
	mk_code(&c.im, I_JMP(-5));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_string_equal(session_output(&c.s), "print 10 1\nprint 20 1\n");
	session_destroy(&c.s);
}

static void test_tuples(void **state)
{
	struct kp_value got;
	struct chunk c;
	u32 t;

	(void)state;
	/* t[(1, "two", nil, true)] += 5, read back and taken apart */
	chunk_begin(&c, 16);
	t = mk_table(&c.im, 0, 0);
	mk_code(&c.im, I_ABX(NEWTABLE, 0, t));
	mk_code(&c.im, I_LOADI(1, 1));
	mk_code(&c.im, I_LOADK(2, mk_kstr(&c.im, "two")));
	mk_code(&c.im, I_LOADNIL(3, 0));
	mk_code(&c.im, I_BOOL(4, 1));
	mk_code(&c.im, I_ABC(TUPLE, 5, 1, 4));
	mk_code(&c.im, I_LOADI(6, 5));
	mk_code(&c.im, I_ABC(ADDTABLE, 0, 5, 6));
	mk_code(&c.im, I_ABC(TUPLE, 7, 1, 4));
	mk_code(&c.im, I_ABC(ADDTABLE, 0, 7, 6));
	mk_code(&c.im, I_ABC(PAIRS, 1, 0, 0));
	mk_code(&c.im, I_ABX(NEXT, 1, 4));
	mk_code(&c.im, I_ABC(UNTUPLE, 8, 3, 6));
	mk_code(&c.im, I_MOVE(14, 4));
	mk_code(&c.im, I_BUILTIN(8, print, 7));
	mk_code(&c.im, I_JMP(-5));
	mk_code(&c.im, I_LOADI(0, 7));
	mk_code(&c.im, I_ABC(UNTUPLE, 1, 0, 2));
	mk_code(&c.im, I_BUILTIN(1, print, 2));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_string_equal(session_output(&c.s), "print 1 'two' nil true nil nil 10\nprint 7 nil\n");
	session_destroy(&c.s);

	/* a table is no part of a tuple */
	chunk_begin(&c, 3);
	t = mk_table(&c.im, 0, 0);
	mk_code(&c.im, I_ABX(NEWTABLE, 0, t));
	mk_code(&c.im, I_LOADI(1, 1));
	mk_code(&c.im, I_ABC(TUPLE, 2, 0, 2));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), -EINVAL);
	assert_int_equal(session_error(&c.s), KTAP_ERR_KEY_TYPE);
	session_destroy(&c.s);
}

static void test_calls(void **state)
{
	struct kp_value got;
	struct chunk c;

	(void)state;
	/* f(a, b) = a - b; missing arguments are nil, more are dropped */
	chunk_begin(&c, 8);
	mk_code(&c.im, I_LOADF(0, 1));
	mk_code(&c.im, I_LOADI(1, 7));
	mk_code(&c.im, I_LOADI(2, 3));
	mk_code(&c.im, I_LOADI(3, 100));
	mk_code(&c.im, I_CALL(0, 3));
	mk_code(&c.im, I_LOADF(1, 2));
	mk_code(&c.im, I_LOADI(2, 9));
	mk_code(&c.im, I_CALL(1, 1));
	mk_code(&c.im, I_BUILTIN(0, print, 2));
	mk_code(&c.im, I_RET0);
	mk_func(&c.im, 3, 2);
	mk_code(&c.im, I_ABC(SUB, 2, 0, 1));
	mk_code(&c.im, I_RET(2));
	mk_func(&c.im, 2, 2);
	mk_code(&c.im, I_RET(1));
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_string_equal(session_output(&c.s), "print 4 nil\n");
	session_destroy(&c.s);
}

/* sum(n, acc): n == 0 ? acc : sum(n - 1, acc + n), by call or tail call. */
static void recursion(u32 op, s64 n, u32 error)
{
	struct kp_value got;
	struct chunk c;

	chunk_begin(&c, 3);
	mk_code(&c.im, I_LOADF(0, 1));
	mk_code(&c.im, I_LOADK(1, mk_kint(&c.im, n)));
	mk_code(&c.im, I_LOADI(2, 0));
	mk_code(&c.im, I_CALL(0, 2));
	mk_code(&c.im, I_RET(0));
	mk_func(&c.im, 5, 2);
	mk_code(&c.im, I_ABC(EQI, 2, 0, 0));
	mk_code(&c.im, I_ABX(JF, 2, 1));
	mk_code(&c.im, I_RET(1));
	mk_code(&c.im, I_LOADF(2, 1));
	mk_code(&c.im, I_ABC(ADDI, 3, 0, 0xff));
	mk_code(&c.im, I_ABC(ADD, 4, 1, 0));
	mk_code(&c.im, KTAP_ABC(op, 2, 2, 0));
	if (op == KTAP_OP_CALL)
		mk_code(&c.im, I_RET(2));
	if (error) {
		assert_int_equal(chunk_run(&c, &got), -EINVAL);
		assert_int_equal(session_error(&c.s), error);
		assert_int_equal(c.s.vm.error.func, 1);
	} else {
		assert_int_equal(chunk_run(&c, &got), 0);
		assert_int(&got, n * (n + 1) / 2);
	}
	session_destroy(&c.s);
}

static void test_recursion(void **state)
{
	(void)state;
	recursion(KTAP_OP_CALL, 1000, 0);
	recursion(KTAP_OP_CALL, 1000000, KTAP_ERR_STACK_OVERFLOW);
	recursion(KTAP_OP_TAILCALL, 100000, 0);
}

static void test_call_errors(void **state)
{
	static const struct operand values[] = { NIL, I(1), S("x") };
	static const u32 errors[] = { KTAP_ERR_CALL_NIL, KTAP_ERR_CALL_TYPE, KTAP_ERR_CALL_TYPE };
	static const char *const details[] = { "", "number", "string" };
	struct kp_value got;
	struct chunk c;
	u32 i, op;

	(void)state;
	for (i = 0; i < 3; i++) {
		for (op = KTAP_OP_CALL; op <= KTAP_OP_TAILCALL; op++) {
			chunk_begin(&c, 1);
			chunk_load(&c.im, 0, &values[i]);
			mk_code(&c.im, KTAP_ABC(op, 0, 0, 0));
			mk_code(&c.im, I_RET0);
			assert_int_equal(chunk_run(&c, &got), -EINVAL);
			assert_int_equal(session_error(&c.s), errors[i]);
			assert_string_equal(c.s.vm.error.detail, details[i]);
			session_destroy(&c.s);
		}
	}
}

/* R[reg] = 16 << times bytes, in a loop whose registers are R[reg+1] ... R[reg+4]. */
static void doubling(struct mkimage *im, u32 reg, u32 times)
{
	mk_code(im, I_LOADK(reg, mk_kstr(im, "0123456789abcdef")));
	mk_code(im, I_LOADI(reg + 2, 1));
	mk_code(im, I_LOADI(reg + 3, times));
	mk_code(im, I_LOADI(reg + 4, 1));
	mk_code(im, I_ABX(FORPREP, reg + 2, 3));
	mk_code(im, I_MOVE(reg + 1, reg));
	mk_code(im, I_ABC(CONCAT, reg, reg, 2));
	mk_code(im, I_ABX(FORLOOP, reg + 2, -3));
}

/*
 * A caller has a string in a high register while a function with few registers makes
 * scratch space move and grow.  The register is undefined afterwards, but the collector
 * still looks at it.
 */
static void test_roots(void **state)
{
	struct kp_value got;
	struct chunk c;

	(void)state;
	chunk_begin(&c, 200);
	mk_code(&c.im, I_LOADK(0, mk_kstr(&c.im, "0123456789")));
	mk_code(&c.im, I_LOADI(1, 1));
	mk_code(&c.im, I_ABC(CONCAT, 150, 0, 2));
	mk_code(&c.im, I_ABC(CONCAT, 2, 0, 2));
	mk_code(&c.im, I_LOADF(5, 1));
	mk_code(&c.im, I_CALL(5, 0));
	doubling(&c.im, 5, 14);
	mk_code(&c.im, I_RET(2));
	mk_func(&c.im, 8, 0);
	doubling(&c.im, 0, 13);
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_str(&got, "01234567891");
	session_destroy(&c.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_args),
		cmocka_unit_test(test_loads),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_concat),
		cmocka_unit_test(test_jumps),
		cmocka_unit_test(test_for),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_table_errors),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_tuples),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_recursion),
		cmocka_unit_test(test_call_errors),
		cmocka_unit_test(test_roots),
	};

	return cmocka_run_group_tests_name("interp", tests, NULL, NULL);
}
