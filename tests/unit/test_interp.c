// SPDX-License-Identifier: GPL-2.0-only
/* The interpreter, instruction by instruction, and what ends a function early. */
#include "session.h"

#define INT(v)	KTAP_T_INT, v

/* A main chunk of these instructions with its constants; what it returns, or what it fails with. */
struct chunk {
	struct mkimage im;
	struct session s;
};

static void chunk_begin(struct chunk *c, u32 nregs)
{
	memset(c, 0, sizeof(*c));
	mk_func(&c->im, nregs, 0);
}

static int chunk_run(struct chunk *c, struct kp_value *result)
{
	int err;

	session_init(&c->s, 0, 0);
	err = session_load(&c->s, &c->im);
	if (err)
		print_message("load: error %u pc %u\n", c->s.place.error, c->s.place.pc);
	assert_int_equal(err, 0);
	return session_run(&c->s, 0, result);
}

/* R[3] = R[0] op R[1] for two values loaded by constants or types. */
struct operand {
	u32 type;
	s64 i;
	const char *text;
};

#define I(v)	{ KTAP_T_INT, v, NULL }
#define S(v)	{ KTAP_T_STR, 0, v }
#define NIL	{ KTAP_T_NIL, 0, NULL }
#define T	{ KTAP_T_TRUE, 0, NULL }
#define F	{ KTAP_T_FALSE, 0, NULL }
#define ERR(e)	{ KTAP_T_COUNT, KTAP_ERR_##e, NULL }

static void load(struct mkimage *im, u32 reg, const struct operand *o)
{
	switch (o->type) {
	case KTAP_T_INT:
		mk_code(im, I_LOADK(reg, mk_kint(im, o->i)));
		break;
	case KTAP_T_STR:
		mk_code(im, I_LOADK(reg, mk_kstr(im, o->text)));
		break;
	case KTAP_T_NIL:
		mk_code(im, I_LOADNIL(reg, 0));
		break;
	default:
		mk_code(im, I_BOOL(reg, o->type == KTAP_T_TRUE));
	}
}

static void check(const struct operand *want, int err, struct session *s, struct kp_value *got)
{
	if (want->type == KTAP_T_COUNT) {
		assert_int_equal(err, -EINVAL);
		assert_int_equal(session_error(s), want->i);
		return;
	}
	assert_int_equal(err, 0);
	assert_int_equal(session_error(s), KTAP_ERR_NONE);
	assert_int_equal(got->type, want->type);
	if (want->type == KTAP_T_INT)
		assert_int_equal(got->i, want->i);
	if (want->type == KTAP_T_STR)
		assert_str(got, want->text);
}

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
		load(&c.im, 0, &binary[i].b);
		load(&c.im, 1, &binary[i].c);
		mk_code(&c.im, KTAP_ABC(binary[i].op, 2, 0, 1));
		mk_code(&c.im, I_RET(2));
		err = chunk_run(&c, &got);
		if (err != (binary[i].want.type == KTAP_T_COUNT ? -EINVAL : 0))
			print_message("row %u\n", i);
		check(&binary[i].want, err, &c.s, &got);
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
	load(&chunk.im, 0, b);
	if (c)
		load(&chunk.im, 1, c);
	mk_code(&chunk.im, insn | when << 16);
	mk_code(&chunk.im, I_JMP(2));
	mk_code(&chunk.im, I_LOADI(2, 0));
	mk_code(&chunk.im, I_RET(2));
	mk_code(&chunk.im, I_LOADI(2, 1));
	mk_code(&chunk.im, I_RET(2));
	err = chunk_run(&chunk, &got);
	check(&result, err, &chunk.s, &got);
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
		load(&c.im, 0, &unary[i].b);
		mk_code(&c.im, KTAP_ABC(unary[i].op, 2, 0, (u8)unary[i].c));
		mk_code(&c.im, I_RET(2));
		err = chunk_run(&c, &got);
		check(&unary[i].want, err, &c.s, &got);
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
	load(&c.im, 1, &nil);
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
		load(&c.im, 0, &values[i]);
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
	load(&c.im, 1, key);
	load(&c.im, 2, val);
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
			load(&c.im, 0, &values[i]);
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

/* ---- handlers ---- */

/* A session whose only event is of that kind and runs function 1, which the caller adds. */
static void handler_begin(struct mkimage *im, u32 kind, u32 filter)
{
	u32 probe = kind == KTAP_EVENT_PROFILE ? KTAP_PROBE_PROFILE : KTAP_PROBE_EVENT;

	memset(im, 0, sizeof(*im));
	mk_func(im, 1, 0);
	mk_code(im, I_RET0);
	mk_probe(im, probe, "spec", filter, 1);
	mk_event(im, 0, kind, 5, "an:event");
}

static void handler_load(struct session *s, struct mkimage *im, u32 max_exec)
{
	int err;

	session_init(s, 0, max_exec);
	err = session_load(s, im);
	if (err)
		print_message("load: error %u pc %u\n", s->place.error, s->place.pc);
	assert_int_equal(err, 0);
}

static void test_budget(void **state)
{
	struct mkimage im;
	struct session s;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_func(&im, 1, 0);
	mk_code(&im, I_JMP(-1));
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_BUDGET);
	assert_int_equal(s.vm.error.event, 0);
	assert_int_equal(s.vm.error.func, 1);
	session_destroy(&s);

	/* recursion ends, too: by the stack or by the budget */
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 1));
	mk_code(&im, I_ABC(TAILCALL, 0, 0, 0));
	handler_load(&s, &im, 1000);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_BUDGET);
	session_destroy(&s);

	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 1));
	mk_code(&im, I_CALL(0, 0));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_STACK_OVERFLOW);
	session_destroy(&s);
}

/* A handler pays for what it does with long strings, without any loop. */
static void test_budget_bytes(void **state)
{
	static const u32 work[][2] = {
		{ I_ABC(CONCAT, 2, 0, 2), I_LOADNIL(2, 0) },
		{ I_ABC(EQ, 2, 0, 1), I_LOADNIL(2, 0) },
		{ I_ABC(LT, 2, 0, 1), I_LOADNIL(2, 0) },
		{ I_ABX(SETCELL, 0, 0), I_ABX(GETCELL, 2, 0) },
		{ I_ABC(TUPLE, 2, 0, 2), I_LOADNIL(2, 0) },
		{ I_ABX(GETFROZEN, 2, 1), I_ABC(HASKEY, 2, 2, 0) },
		{ I_ABX(GETFROZEN, 2, 1), I_ABC(ADDTABLEI, 2, 0, 1) },
	};
	char text[2001];
	struct mkimage im;
	struct session s;
	u32 i, j, times;

	(void)state;
	memset(text, 'x', 2000);
	text[2000] = 0;
	for (i = 0; i < sizeof(work) / sizeof(*work); i++)
		for (times = 1; times <= 5; times += 4) {
			memset(&im, 0, sizeof(im));
			mk_table(&im, 0, 0);
			mk_cell(&im, 0);
			mk_cell(&im, KTAP_CELL_FROZEN);
			mk_func(&im, 1, 0);
			mk_code(&im, I_ABX(NEWTABLE, 0, 0));
			mk_code(&im, I_ABX(SETCELL, 0, 1));
			mk_code(&im, I_RET0);
			mk_probe(&im, KTAP_PROBE_EVENT, "spec", KTAP_NONE, 1);
			mk_event(&im, 0, KTAP_EVENT_SYS_ENTER, 5, "an:event");
			mk_func(&im, 3, 0);
			mk_code(&im, I_LOADK(0, mk_kstr(&im, text)));
			mk_code(&im, I_LOADK(1, mk_kstr(&im, text)));
			for (j = 0; j < times; j++) {
				mk_code(&im, work[i][0]);
				mk_code(&im, work[i][1]);
			}
			mk_code(&im, I_RET0);
			handler_load(&s, &im, 1100);
			assert_int_equal(session_run(&s, 0, NULL), 0);
			kp_vm_maintain(&s.vm);
			assert_int_equal(kp_pool_prepare(&s.vm.pool, 2048), 0);
			session_event(&s, 0);
			assert_int_equal(session_error(&s), times == 1 ? KTAP_ERR_NONE : KTAP_ERR_BUDGET);
			session_destroy(&s);
		}
}

static void test_interrupt(void **state)
{
	struct kp_value got;
	struct chunk c;

	(void)state;
	chunk_begin(&c, 1);
	mk_code(&c.im, I_JMP(-1));
	session_init(&c.s, 0, 0);
	assert_int_equal(session_load(&c.s, &c.im), 0);
	c.s.interrupt = -EINTR;
	c.s.interrupt_after = 3;
	assert_int_equal(session_run(&c.s, 0, &got), -EINTR);
	assert_int_equal(session_error(&c.s), KTAP_ERR_NONE);
	session_destroy(&c.s);
}

static void test_exit(void **state)
{
	struct mkimage im;
	struct session s;

	(void)state;
	/* exit() in a called function: nothing after it runs, in none of them */
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_func(&im, 2, 0);
	mk_code(&im, I_LOADF(0, 2));
	mk_code(&im, I_CALL(0, 0));
	mk_code(&im, I_BUILTIN(0, print, 1));
	mk_code(&im, I_RET0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_BUILTIN(0, exit, 0));
	mk_code(&im, I_BUILTIN(0, print, 1));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	s.maintain = false;
	session_event(&s, 0);
	assert_int_equal(s.vm.exited, 1);
	assert_int_equal(s.handler->exiting, 1);
	assert_int_equal(s.kicks, 1);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	assert_string_equal(session_output(&s), "");
	session_destroy(&s);
}

/* After exit() in the main chunk trace_end runs as a whole. */
static void test_exit_end(void **state)
{
	struct kp_value got;
	struct chunk c;

	(void)state;
	chunk_begin(&c, 1);
	mk_code(&c.im, I_BUILTIN(0, exit, 0));
	mk_code(&c.im, I_BUILTIN(0, print, 1));
	mk_code(&c.im, I_RET0);
	mk_func(&c.im, 1, 0);
	mk_code(&c.im, I_LOADI(0, 1));
	mk_code(&c.im, I_BUILTIN(0, print, 1));
	mk_code(&c.im, I_BUILTIN(0, print, 1));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_int_equal(c.s.main->exiting, 1);
	assert_int_equal(session_run(&c.s, 1, &got), 0);
	assert_string_equal(session_output(&c.s), "print 1\nprint nil\n");
	session_destroy(&c.s);
}

static void test_filter(void **state)
{
	struct mkimage im;
	struct session s;
	u32 cell;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, 2);
	cell = mk_cell(&im, 0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_BUILTIN(0, probename, 0));
	mk_code(&im, I_BUILTIN(0, print, 1));
	mk_code(&im, I_RET0);
	mk_func(&im, 2, 0);
	mk_code(&im, I_ABX(GETCELL, 0, cell));
	mk_code(&im, I_RET(0));
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "");
	s.vm.cells[cell].val.type = KTAP_T_TRUE;
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "print 'an:event'\n");
	s.vm.cells[cell].val.type = KTAP_T_FALSE;
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "");
	assert_int_equal(kp_count_read(&s.handler->counters[KTAP_CNT_EVENTS]), 3);
	session_destroy(&s);
}

/* What the verifier cannot see because the function is called by value. */
static void test_contexts(void **state)
{
	struct mkimage im;
	struct session s;
	u32 t;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	t = mk_table(&im, 0, 0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 2));
	mk_code(&im, I_ABC(TAILCALL, 0, 0, 0));
	mk_func(&im, 1, 0);
	mk_code(&im, I_ABX(NEWTABLE, 0, t));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_NEW_CONTEXT);
	session_destroy(&s);

	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_cell(&im, 0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 2));
	mk_code(&im, I_ABC(TAILCALL, 0, 0, 0));
	mk_func(&im, 1, 0);
	mk_code(&im, I_ABX(GETCELL, 0, 0));
	mk_code(&im, I_BUILTIN(0, print_hist, 1));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_CONTEXT);
	session_destroy(&s);

	/* no event in the main chunk */
	memset(&im, 0, sizeof(im));
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 1));
	mk_code(&im, I_ABC(TAILCALL, 0, 0, 0));
	mk_func(&im, 1, 0);
	mk_code(&im, I_BUILTIN(0, argstr, 0));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	assert_int_equal(session_run(&s, 0, NULL), -EINVAL);
	assert_int_equal(session_error(&s), KTAP_ERR_CONTEXT);
	session_destroy(&s);
}

static void test_fields(void **state)
{
	static const struct {
		u8 byte;
		s8 sbyte;
		s16 sshort;
		s32 sint;
		u64 u;
		u32 loc, rel;
		char text[8];
		char tail[12];
	} __attribute__((packed)) raw = {
		.byte = 0xff, .sbyte = -2, .sshort = -3, .sint = -4, .u = 1ULL << 63,
		.loc = 5 << 16 | 32, .rel = 4 << 16 | 8, .text = "chars", .tail = "tail",
	};
	static const struct {
		u32 kind, offset, size;
	} fields[] = {
		{ KTAP_FIELD_INT, 0, 1 }, { KTAP_FIELD_SINT, 0, 1 }, { KTAP_FIELD_SINT, 1, 1 },
		{ KTAP_FIELD_SINT, 2, 2 }, { KTAP_FIELD_INT, 2, 2 }, { KTAP_FIELD_SINT, 4, 4 },
		{ KTAP_FIELD_INT, 8, 8 }, { KTAP_FIELD_DATALOC, 16, 4 }, { KTAP_FIELD_RELLOC, 20, 4 },
		{ KTAP_FIELD_CHARS, 24, 8 }, { KTAP_FIELD_NONE, 0, 0 }, { KTAP_FIELD_INT, 65000, 8 },
		{ KTAP_FIELD_SYSNR, 0, 0 }, { KTAP_FIELD_SYSARG, 3, 0 }, { KTAP_FIELD_SYSRET, 0, 0 },
		/* the word at 0 names bytes that are not there */
		{ KTAP_FIELD_DATALOC, 0, 4 }, { KTAP_FIELD_CHARS, 40, 8 },
		{ KTAP_FIELD_COUNT, 7, 0 },
	};
	const u32 n = sizeof(fields) / sizeof(*fields);
	struct mkimage im;
	struct session s;
	u32 i;

	(void)state;
	handler_begin(&im, KTAP_EVENT_TRACEPOINT, KTAP_NONE);
	mk_func(&im, n, 0);
	for (i = 0; i < n; i++) {
		mk_field(&im, "field");
		mk_fdesc(&im, fields[i].kind, fields[i].offset, fields[i].size);
		mk_code(&im, I_ABX(FIELD, i, i));
	}
	mk_code(&im, I_BUILTIN(0, print, n));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	s.handler->ev.raw = &raw;
	s.handler->ev.raw_len = sizeof(raw);
	s.handler->ev.nr = 39;
	s.handler->ev.ret = -2;
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	assert_string_equal(session_output(&s),
		"print 255 -1 -2 -3 65533 -4 -9223372036854775808 'tail' 'tail' 'chars' nil nil 39 103 -2 nil nil 7\n");
	session_destroy(&s);
}

/* e.field(i) counts from 1 and finds what FLDS has by number, in whatever order. */
static void test_field_numbers(void **state)
{
	static const s64 asked[] = { 0, 1, 2, 3, KTAP_MAX_ARG, KTAP_MAX_ARG + 1, -1 };
	const u32 n = sizeof(asked) / sizeof(*asked);
	struct mkimage im;
	struct session s;
	u32 i;

	(void)state;
	handler_begin(&im, KTAP_EVENT_TRACEPOINT, KTAP_NONE);
	mk_func(&im, n, 0);
	for (i = 0; i < 2; i++) {
		mk_number(&im, MK_FLDS, KTAP_NONE, 4);
		mk_number(&im, MK_FLDS, 1 - i, 4);
		im.sec[MK_FLDS].count++;
	}
	mk_fdesc(&im, KTAP_FIELD_SYSRET, 0, 0);
	mk_fdesc(&im, KTAP_FIELD_SYSNR, 0, 0);
	for (i = 0; i < n; i++) {
		mk_code(&im, I_LOADI(i, asked[i]));
		mk_code(&im, I_BUILTIN(i, field, 1));
	}
	mk_code(&im, I_BUILTIN(0, print, n));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	s.handler->ev.nr = 39;
	s.handler->ev.ret = -2;
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	assert_string_equal(session_output(&s), "print nil 39 -2 nil nil nil nil\n");
	session_destroy(&s);
}

/* A record too long for a handler costs its text and a warning, not the session. */
static void test_long_record(void **state)
{
	char *raw = calloc(1, KP_HANDLER_SCRATCH);
	struct mkimage im;
	struct session s;
	char want[64];

	(void)state;
	handler_begin(&im, KTAP_EVENT_TRACEPOINT, KTAP_NONE);
	mk_func(&im, 1, 0);
	mk_code(&im, I_BUILTIN(0, argstr, 0));
	mk_code(&im, I_BUILTIN(0, print, 1));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	s.handler->ev.raw = raw;
	s.handler->ev.raw_len = KP_HANDLER_SCRATCH;
	session_event(&s, 0);
	session_event(&s, 0);
	snprintf(want, sizeof(want), "warn %u \nprint nil\nprint nil\n", KTAP_ERR_STRING_LONG);
	assert_string_equal(session_output(&s), want);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	session_destroy(&s);
	free(raw);
}

/* A string per event for 200 000 events, stored in a cell and under keys: memory stays as it is. */
static void test_steady(void **state)
{
	struct mkimage im;
	struct session s;
	u64 used = 0;
	u32 i, t, cell, n;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	t = mk_cell(&im, 0);
	cell = mk_cell(&im, 0);
	n = mk_cell(&im, 0);
	mk_table(&im, 0, 0);
	/* n += 1; last = "event " .. n; t[last] = last; delete t["event " .. (n - 5)] */
	mk_func(&im, 8, 0);
	mk_code(&im, I_LOADI(0, 1));
	mk_code(&im, I_ABX(ADDCELL, 0, n));
	mk_code(&im, I_LOADK(1, mk_kstr(&im, "event ")));
	mk_code(&im, I_ABX(GETCELL, 2, n));
	mk_code(&im, I_ABC(CONCAT, 3, 1, 2));
	mk_code(&im, I_ABX(SETCELL, 3, cell));
	mk_code(&im, I_ABX(GETCELL, 4, t));
	mk_code(&im, I_ABC(SETTABLE, 4, 3, 3));
	mk_code(&im, I_ABC(ADDI, 2, 2, 0xfb));
	mk_code(&im, I_ABC(CONCAT, 3, 1, 2));
	mk_code(&im, I_ABC(DELKEY, 4, 3, 0));
	mk_code(&im, I_RET0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_ABX(NEWTABLE, 0, 0));
	mk_code(&im, I_ABX(SETCELL, 0, t));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	assert_int_equal(session_run(&s, 2, NULL), 0);
	for (i = 0; i < 200000; i++) {
		if (i == 1000)
			used = s.vm.pool.used;
		session_event(&s, 0);
	}
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	assert_int_equal(s.vm.pool.used, used);
	assert_int_equal(s.vm.cells[n].val.i, 200000);
	session_destroy(&s);
}

/* `k in t` neither takes room for a long value nor pays for it. */
static void test_has_long(void **state)
{
	static char text[KP_HANDLER_SCRATCH - 100];
	struct mkimage im = { 0 };
	struct session s;
	u32 i;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	mk_table(&im, 0, 0);
	mk_cell(&im, KTAP_CELL_FROZEN);
	mk_func(&im, 3, 0);
	mk_code(&im, I_ABX(NEWTABLE, 0, 0));
	mk_code(&im, I_LOADK(1, mk_kstr(&im, text)));
	mk_code(&im, I_LOADI(2, 1));
	mk_code(&im, I_ABC(CONCAT, 2, 1, 2));
	mk_code(&im, I_LOADI(1, 1));
	mk_code(&im, I_ABC(SETTABLE, 0, 1, 2));
	mk_code(&im, I_ABX(SETCELL, 0, 0));
	mk_code(&im, I_RET0);
	mk_probe(&im, KTAP_PROBE_EVENT, "spec", KTAP_NONE, 1);
	mk_event(&im, 0, KTAP_EVENT_SYS_ENTER, 5, "an:event");
	mk_func(&im, 3, 0);
	mk_code(&im, I_ABX(GETFROZEN, 0, 0));
	mk_code(&im, I_LOADI(1, 1));
	for (i = 0; i < 10; i++)
		mk_code(&im, I_ABC(HASKEY, 2, 0, 1));
	mk_code(&im, I_BUILTIN(2, print, 1));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 1000);
	assert_int_equal(session_run(&s, 0, NULL), 0);
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "print true\n");
	assert_int_equal(s.handler->scratch_used, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	session_destroy(&s);
}

/* A handler that reads what there is no room for: nothing was found, whatever the register had. */
static void test_read_refused(void **state)
{
	struct kp_value k = session_int(1);
	struct kp_table *table;
	struct mkimage im;
	struct session s;
	u32 t, i;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	t = mk_cell(&im, 0);
	mk_table(&im, KTAP_TABLE_PERCPU, 0);
	mk_func(&im, 4, 0);
	mk_code(&im, I_ABX(GETCELL, 0, t));
	mk_code(&im, I_LOADI(1, 1));
	mk_code(&im, I_LOADI(2, 42));
	mk_code(&im, I_ABC(GETTABLE, 2, 0, 1));
	mk_code(&im, I_ABC(HASKEY, 1, 0, 1));
	mk_code(&im, I_BUILTIN(1, print, 2));
	mk_code(&im, I_RET0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_ABX(NEWTABLE, 0, 0));
	mk_code(&im, I_ABX(SETCELL, 0, t));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	assert_int_equal(session_run(&s, 2, NULL), 0);
	table = s.vm.cells[t].val.t;
	assert_int_equal(kp_table_add(s.handler, table, &k, 7), 0);
	s.maintain = false;
	/* nothing can be moved to the common shard, which is full */
	for (i = 2, k = session_int(i); !kp_table_set(s.handler, table, &k, &k); i++)
		k = session_int(i);
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "print true nil\n");
	assert_int_equal(kp_count_read(&s.handler->counters[KTAP_CNT_KEY_REFUSED]), 1);
	s.maintain = true;
	kp_vm_maintain(&s.vm);
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "print true 7\n");
	session_destroy(&s);
}

/* Tables made in a loop are reclaimed; those that something holds are not. */
static void test_garbage(void **state)
{
	struct kp_value got;
	struct chunk c;
	u32 cell, t;

	(void)state;
	chunk_begin(&c, 9);
	t = mk_table(&c.im, 0, 0);
	cell = mk_cell(&c.im, 0);
	mk_code(&c.im, I_ABX(NEWTABLE, 0, t));
	mk_code(&c.im, I_LOADK(1, mk_kstr(&c.im, "kept")));
	mk_code(&c.im, I_ABC(SETTABLE, 0, 1, 1));
	mk_code(&c.im, I_ABX(NEWTABLE, 2, t));
	mk_code(&c.im, I_ABC(SETTABLE, 2, 1, 1));
	mk_code(&c.im, I_ABX(SETCELL, 2, cell));
	mk_code(&c.im, I_LOADI(3, 1));
	mk_code(&c.im, I_LOADI(4, 20000));
	mk_code(&c.im, I_LOADI(5, 1));
	mk_code(&c.im, I_ABX(FORPREP, 3, 3));
	mk_code(&c.im, I_ABX(NEWTABLE, 7, t));
	mk_code(&c.im, I_ABC(SETTABLE, 7, 6, 1));
	mk_code(&c.im, I_ABC(SETTABLE, 7, 1, 7));
	mk_code(&c.im, I_ABX(FORLOOP, 3, -4));
	mk_code(&c.im, I_ABX(GETCELL, 2, cell));
	mk_code(&c.im, I_ABC(GETTABLE, 2, 2, 1));
	mk_code(&c.im, I_ABC(GETTABLE, 1, 0, 1));
	mk_code(&c.im, I_BUILTIN(1, print, 2));
	mk_code(&c.im, I_RET0);
	/* a table that holds itself is a circle: without it */
	c.im.sec[MK_CODE].p[12 * 4] = KTAP_OP_MOVE;
	c.im.sec[MK_CODE].p[12 * 4 + 1] = 8;
	c.im.sec[MK_CODE].p[12 * 4 + 3] = 0;
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_string_equal(session_output(&c.s), "print 'kept' 'kept'\n");
	assert_true(c.s.vm.pool.peak < 16 << 20);
	session_destroy(&c.s);
}

/* Each allocation fails in turn while a session loads and runs its main chunk. */
static void test_failing(void **state)
{
	bool failed = true;
	unsigned long at;

	(void)state;
	for (at = 1; failed; at++) {
		struct mkimage im = { 0 };
		struct session s;
		u32 i, t;
		int err;

		mk_func(&im, 6, 0);
		t = mk_table(&im, KTAP_TABLE_PERCPU, 0);
		mk_cell(&im, 0);
		mk_code(&im, I_ABX(NEWTABLE, 0, t));
		mk_code(&im, I_LOADK(1, mk_kstr(&im, "a string to be stored in the table")));
		for (i = 0; i < 150; i++) {
			mk_code(&im, I_LOADI(2, i));
			mk_code(&im, I_ABC(CONCAT, 3, 1, 2));
			mk_code(&im, I_ABC(SETTABLE, 0, 2, 3));
			mk_code(&im, I_ABC(ADDTABLE, 0, 3, 2));
		}
		mk_code(&im, I_ABX(SETCELL, 3, 0));
		mk_code(&im, I_RET0);

		kp_host_fail_at = at;
		err = session_try_init(&s, 0, 0);
		if (err) {
			u32 sec;

			for (sec = 0; sec < MK_SECTIONS; sec++)
				free(im.sec[sec].p);
			assert_int_equal(err, -ENOMEM);
			kp_host_fail_at = 0;
			continue;
		}
		err = session_load(&s, &im);
		if (err)
			assert_int_equal(err, -ENOMEM);
		else
			err = session_run(&s, 0, NULL);
		failed = kp_host_fail_at == 0;
		kp_host_fail_at = 0;
		if (failed && err == -EINVAL)
			assert_int_equal(session_error(&s), KTAP_ERR_NO_MEMORY);
		if (!failed)
			assert_int_equal(err, 0);
		session_destroy(&s);
	}
	assert_true(at > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_binary_jumps),
		cmocka_unit_test(test_unary),
		cmocka_unit_test(test_unary_jumps),
		cmocka_unit_test(test_warning),
		cmocka_unit_test(test_loads), cmocka_unit_test(test_args),
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
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_budget_bytes),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_exit_end),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_field_numbers),
		cmocka_unit_test(test_long_record),
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_has_long),
		cmocka_unit_test(test_read_refused),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_failing),
	};

	return cmocka_run_group_tests_name("interp", tests, NULL, NULL);
}
