/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the tests of tables. */
#ifndef KP_TEST_TABLE_H
#define KP_TEST_TABLE_H

#include "session.h"
#include "../../src/kernel/vm/quick.h"

/* Reads t[key], which is `want` or, if that is 0, nil; in the quick way, too: when it finds something it is the same. */
static inline void check_get(struct kp_ctx *ctx, struct kp_table *t, s64 key, s64 want)
{
	struct kp_value k = session_int(key), v;

	if (kp_quick_get(ctx, t, &k, &v))
		assert_int(&v, want);
	assert_int_equal(kp_table_get(ctx, t, &k, &v), 0);
	if (want)
		assert_int(&v, want);
	else
		assert_int_equal(v.type, KTAP_T_NIL);
}

#endif
