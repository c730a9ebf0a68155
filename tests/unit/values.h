/* SPDX-License-Identifier: GPL-2.0-only */
/* Values as records hold them, for tests. */
#ifndef KP_TEST_VALUES_H
#define KP_TEST_VALUES_H

#include <string.h>

#include <ktap/record.h>

#include "util/buf.h"

static inline void put(struct kp_buf *b, uint32_t type, const void *data, size_t len)
{
	struct ktap_value head = { .type = type, .len = (uint32_t)len };

	kp_buf_put(b, &head, sizeof(head));
	kp_buf_put(b, data, len);
	kp_buf_fill(b, 0, -len & 7);
}

static inline void put_number(struct kp_buf *b, uint32_t type, int64_t i)
{
	put(b, type, &i, sizeof(i));
}

static inline void put_int(struct kp_buf *b, int64_t i)
{
	put_number(b, KTAP_T_INT, i);
}

static inline void put_str(struct kp_buf *b, const char *s)
{
	put(b, KTAP_T_STR, s, strlen(s));
}

#endif
