/* SPDX-License-Identifier: GPL-2.0-only */
/* json - pieces of JSON text. */
#ifndef KP_UTIL_JSON_H
#define KP_UTIL_JSON_H

#include "buf.h"

/**
 * kp_json_string - append a string in quotes.
 *
 * What is appended is valid UTF-8 without control characters. A byte that is no part
 * of valid UTF-8 becomes the escape \u00XX with its value.
 */
void kp_json_string(struct kp_buf *out, const char *text, size_t len);

/** kp_json_key - append a name, known to need no escapes, and a colon; a comma first unless it
 * is the first of its object. */
void kp_json_key(struct kp_buf *out, const char *name);

/* The same with a value. */
void kp_json_text(struct kp_buf *out, const char *name, const char *text, size_t len);
void kp_json_unsigned(struct kp_buf *out, const char *name, uint64_t n);
void kp_json_signed(struct kp_buf *out, const char *name, int64_t n);

/** kp_json_element - before each element of an array: append a comma unless it is the first. */
void kp_json_element(struct kp_buf *out);

#endif
