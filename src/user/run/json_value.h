/* SPDX-License-Identifier: GPL-2.0-only */
/* json_value - values that a script printed, as JSON. ktap(1) has the table of their forms. */
#ifndef KP_RUN_JSON_VALUE_H
#define KP_RUN_JSON_VALUE_H

#include "format.h"

/** kp_json_value_put - append one value. */
void kp_json_value_put(const struct kp_format *f, const struct kp_val *v, struct kp_buf *out);

/**
 * kp_json_value_array - append the values of a record, @len bytes at @p, as an array.
 *
 * Returns 0; -EPROTO when the bytes are no values, and then the array ends before them.
 */
int kp_json_value_array(const struct kp_format *f, const uint8_t *p, size_t len,
			struct kp_buf *out);

#endif
