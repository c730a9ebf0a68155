// SPDX-License-Identifier: GPL-2.0-only
/* The interpreter: operators, with all kinds of operands. */
#include "chunk.h"

/* R[3] = R[0] op R[1]. */
static const struct {
	u32 op;
	struct operand b, c, want;
} binary[] = {
	{ KTAP_OP_ADD, I(2), I(3), I(5) },
	{ KTAP_OP_ADD, I(INT64_MAX), I(1), I(INT64_MIN) },
	{ KTAP_OP_ADD, NIL, I(1), NIL },
	{ KTAP_OP_ADD, I(1), NIL, NIL },
	{ KTAP_OP_ADD, NIL, NIL, NIL },
	{ KTAP_OP_ADD, S("1"), I(1), ERR(ARITH_TYPE) },
	{ KTAP_OP_ADD, I(1), T, ERR(ARITH_TYPE) },
	{ KTAP_OP_ADD, NIL, S("x"), ERR(ARITH_TYPE) },
	{ KTAP_OP_ADD, S("x"), NIL, ERR(ARITH_TYPE) },
	{ KTAP_OP_SUB, I(2), I(3), I(-1) },
	{ KTAP_OP_SUB, I(INT64_MIN), I(1), I(INT64_MAX) },
	{ KTAP_OP_SUB, T, I(1), ERR(ARITH_TYPE) },
	{ KTAP_OP_MUL, I(-4), I(3), I(-12) },
	{ KTAP_OP_MUL, I(INT64_MIN), I(-1), I(INT64_MIN) },
	{ KTAP_OP_MUL, S("x"), S("y"), ERR(ARITH_TYPE) },
	{ KTAP_OP_DIV, I(7), I(2), I(3) },
	{ KTAP_OP_DIV, I(-7), I(2), I(-3) },
	{ KTAP_OP_DIV, I(INT64_MIN), I(-1), I(INT64_MIN) },
	{ KTAP_OP_DIV, I(1), I(0), ERR(DIV_ZERO) },
	{ KTAP_OP_DIV, NIL, I(0), NIL },
	{ KTAP_OP_MOD, I(7), I(4), I(3) },
	{ KTAP_OP_MOD, I(-7), I(4), I(-3) },
	{ KTAP_OP_MOD, I(7), I(-4), I(3) },
	{ KTAP_OP_MOD, I(INT64_MIN), I(-1), I(0) },
	{ KTAP_OP_MOD, I(1), I(0), ERR(MOD_ZERO) },
	{ KTAP_OP_MOD, F, I(1), ERR(ARITH_TYPE) },
	{ KTAP_OP_BAND, I(12), I(10), I(8) },
	{ KTAP_OP_BAND, T, I(1), ERR(ARITH_TYPE) },
	{ KTAP_OP_BOR, I(12), I(10), I(14) },
	{ KTAP_OP_BOR, I(1), S("x"), ERR(ARITH_TYPE) },
	{ KTAP_OP_BXOR, I(12), I(10), I(6) },
	{ KTAP_OP_BXOR, NIL, I(10), NIL },
	{ KTAP_OP_SHL, I(1), I(63), I(INT64_MIN) },
	{ KTAP_OP_SHL, I(1), I(64), I(0) },
	{ KTAP_OP_SHL, I(1), I(-1), I(0) },
	{ KTAP_OP_SHL, S("x"), I(1), ERR(ARITH_TYPE) },
	{ KTAP_OP_SHR, I(-8), I(1), I(-4) },
	{ KTAP_OP_SHR, I(-8), I(64), I(-1) },
	{ KTAP_OP_SHR, I(8), I(64), I(0) },
	{ KTAP_OP_SHR, I(8), I(-1), I(0) },
	{ KTAP_OP_EQ, I(1), I(1), T },
	{ KTAP_OP_EQ, I(1), S("1"), F },
	{ KTAP_OP_EQ, S("ab"), S("ab"), T },
	{ KTAP_OP_EQ, S("ab"), S("ac"), F },
	{ KTAP_OP_EQ, NIL, NIL, T },
	{ KTAP_OP_EQ, NIL, F, F },
	{ KTAP_OP_EQ, T, T, T },
	{ KTAP_OP_NE, I(1), I(2), T },
	{ KTAP_OP_NE, S("x"), S("x"), F },
	{ KTAP_OP_LT, I(1), I(2), T },
	{ KTAP_OP_LT, I(2), I(2), F },
	{ KTAP_OP_LT, S("a"), S("b"), T },
	{ KTAP_OP_LT, S("a"), I(1), ERR(CMP_TYPE) },
	{ KTAP_OP_LT, NIL, I(1), ERR(CMP_TYPE) },
	{ KTAP_OP_LE, I(2), I(2), T },
	{ KTAP_OP_LE, I(3), I(2), F },
	{ KTAP_OP_LE, S("b"), S("a"), F },
	{ KTAP_OP_LE, S("a"), S("a"), T },
	{ KTAP_OP_LE, T, T, ERR(CMP_TYPE) },
};

static void test_binary(void **state)
{
	struct kp_value got;
	struct chunk c;
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(binary) / sizeof(*binary); i++) {
		int err;

		chunk_begin(&c, 3);
		chunk_load(&c.im, 0, &binary[i].b);
		chunk_load(&c.im, 1, &binary[i].c);
		mk_code(&c.im, KTAP_ABC(binary[i].op, 2, 0, 1));
		mk_code(&c.im, I_RET(2));
		err = chunk_run(&c, &got);
		if (err != (binary[i].want.type == KTAP_T_COUNT ? -EINVAL : 0))
			print_message("row %u\n", i);
		chunk_check(&binary[i].want, err, &c.s, &got);
		session_destroy(&c.s);
	}
}

/* The same comparisons as jumps: each is made when it came out as B says. */
static void check_jump(u32 insn, const struct operand *b, const struct operand *c, const struct operand *want, u32 when)
{
	bool made = (want->type == KTAP_T_TRUE) == when;
	struct operand result = *want;
	struct kp_value got;
	struct chunk chunk;
	int err;

	if (want->type != KTAP_T_COUNT)
		result = (struct operand)I(made);
	chunk_begin(&chunk, 3);
	chunk_load(&chunk.im, 0, b);
	if (c)
		chunk_load(&chunk.im, 1, c);
	mk_code(&chunk.im, insn | when << 16);
	mk_code(&chunk.im, I_JMP(2));
	mk_code(&chunk.im, I_LOADI(2, 0));
	mk_code(&chunk.im, I_RET(2));
	mk_code(&chunk.im, I_LOADI(2, 1));
	mk_code(&chunk.im, I_RET(2));
	err = chunk_run(&chunk, &got);
	chunk_check(&result, err, &chunk.s, &got);
	session_destroy(&chunk.s);
}

static void test_binary_jumps(void **state)
{
	static const u32 jumps[KTAP_OP_COUNT] = {
		[KTAP_OP_EQ] = KTAP_OP_JEQ, [KTAP_OP_LT] = KTAP_OP_JLT, [KTAP_OP_LE] = KTAP_OP_JLE,
	};
	u32 i, when;

	(void)state;
	for (i = 0; i < sizeof(binary) / sizeof(*binary); i++)
		for (when = 0; when < 2 && jumps[binary[i].op]; when++)
			check_jump(KTAP_ABC(jumps[binary[i].op], 0, 0, 1), &binary[i].b, &binary[i].c,
				   &binary[i].want, when);
}

static const struct {
	u32 op;
	struct operand b;
	s8 c;
	struct operand want;
} unary[] = {
	{ KTAP_OP_MOVE, S("x"), 0, S("x") },
	{ KTAP_OP_ADDI, I(1), -128, I(-127) },
	{ KTAP_OP_ADDI, I(INT64_MAX), 127, I(INT64_MIN + 126) },
	{ KTAP_OP_ADDI, NIL, 1, NIL },
	{ KTAP_OP_ADDI, S("x"), 1, ERR(ARITH_TYPE) },
	{ KTAP_OP_NEG, I(5), 0, I(-5) },
	{ KTAP_OP_NEG, I(INT64_MIN), 0, I(INT64_MIN) },
	{ KTAP_OP_NEG, S("x"), 0, ERR(NEG_TYPE) },
	{ KTAP_OP_NEG, NIL, 0, NIL },
	{ KTAP_OP_BNOT, I(0), 0, I(-1) },
	{ KTAP_OP_BNOT, T, 0, ERR(ARITH_TYPE) },
	{ KTAP_OP_NOT, NIL, 0, T },
	{ KTAP_OP_NOT, F, 0, T },
	{ KTAP_OP_NOT, I(0), 0, F },
	{ KTAP_OP_EQI, I(-3), -3, T },
	{ KTAP_OP_EQI, I(3), -3, F },
	{ KTAP_OP_EQI, S("3"), 3, F },
	{ KTAP_OP_NEI, I(3), 4, T },
	{ KTAP_OP_NEI, NIL, 4, T },
	{ KTAP_OP_LTI, I(3), 4, T },
	{ KTAP_OP_LTI, I(4), 4, F },
	{ KTAP_OP_LTI, S("a"), 4, ERR(CMP_TYPE) },
	{ KTAP_OP_LEI, I(4), 4, T },
	{ KTAP_OP_LEI, NIL, 4, ERR(CMP_TYPE) },
	{ KTAP_OP_GTI, I(4), 4, F },
	{ KTAP_OP_GTI, I(5), 4, T },
	{ KTAP_OP_GTI, T, 4, ERR(CMP_TYPE) },
	{ KTAP_OP_GEI, I(4), 4, T },
	{ KTAP_OP_GEI, I(-5), -4, F },
	{ KTAP_OP_GEI, F, -4, ERR(CMP_TYPE) },
};

static void test_unary(void **state)
{
	struct kp_value got;
	struct chunk c;
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(unary) / sizeof(*unary); i++) {
		int err;

		chunk_begin(&c, 3);
		chunk_load(&c.im, 0, &unary[i].b);
		mk_code(&c.im, KTAP_ABC(unary[i].op, 2, 0, (u8)unary[i].c));
		mk_code(&c.im, I_RET(2));
		err = chunk_run(&c, &got);
		chunk_check(&unary[i].want, err, &c.s, &got);
		session_destroy(&c.s);
	}
}

static void test_unary_jumps(void **state)
{
	static const u32 jumps[KTAP_OP_COUNT] = {
		[KTAP_OP_EQI] = KTAP_OP_JEQI, [KTAP_OP_LTI] = KTAP_OP_JLTI, [KTAP_OP_LEI] = KTAP_OP_JLEI,
	};
	u32 i, when;

	(void)state;
	for (i = 0; i < sizeof(unary) / sizeof(*unary); i++)
		for (when = 0; when < 2 && jumps[unary[i].op]; when++)
			check_jump(KTAP_ABC(jumps[unary[i].op], 0, 0, (u8)unary[i].c), &unary[i].b, NULL,
				   &unary[i].want, when);
}

static void test_warning(void **state)
{
	struct kp_value got;
	struct chunk c;
	char want[32];

	(void)state;
	/* ten times arithmetic on nil: one warning */
	chunk_begin(&c, 6);
	mk_code(&c.im, I_LOADI(0, 1));
	mk_code(&c.im, I_LOADI(1, 10));
	mk_code(&c.im, I_LOADI(2, 1));
	mk_code(&c.im, I_ABX(FORPREP, 0, 3));
	mk_code(&c.im, I_LOADNIL(4, 0));
	mk_code(&c.im, I_ABC(ADDI, 5, 4, 1));
	mk_code(&c.im, I_ABX(FORLOOP, 0, -3));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), 0);
	snprintf(want, sizeof(want), "warn %u nil\n", KTAP_ERR_ARITH_TYPE);
	assert_string_equal(session_output(&c.s), want);
	session_destroy(&c.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_binary_jumps),
		cmocka_unit_test(test_unary),
		cmocka_unit_test(test_unary_jumps),
		cmocka_unit_test(test_warning),
	};

	return cmocka_run_group_tests_name("operator", tests, NULL, NULL);
}
