/* SPDX-License-Identifier: GPL-2.0-only */
/* Main chunks of a few instructions, for the tests of the interpreter. */
#ifndef KP_TEST_CHUNK_H
#define KP_TEST_CHUNK_H

#include "session.h"

/* A main chunk of these instructions with its constants. */
struct chunk {
	struct mkimage im;
	struct session s;
};

static inline void chunk_begin(struct chunk *c, u32 nregs)
{
	memset(c, 0, sizeof(*c));
	mk_func(&c->im, nregs, 0);
}

/* Runs it: 0 and what it returns, or what it fails with. */
static inline int chunk_run(struct chunk *c, struct kp_value *result)
{
	int err;

	session_init(&c->s, 0, 0);
	err = session_load(&c->s, &c->im);
	if (err)
		print_message("load: error %u pc %u\n", c->s.place.error, c->s.place.pc);
	assert_int_equal(err, 0);
	return session_run(&c->s, 0, result);
}

/* A value that is loaded, or is what comes out. */
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

/* Has the chunk load it into a register. */
static inline void chunk_load(struct mkimage *im, u32 reg, const struct operand *o)
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

/* Asserts that this has come out. */
static inline void chunk_check(const struct operand *want, int err, struct session *s, struct kp_value *got)
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

#endif
