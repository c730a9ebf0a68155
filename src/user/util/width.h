/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * width - how many columns of a terminal text takes.
 *
 * Text is UTF-8. A byte that is no part of valid UTF-8 takes one column, and so does a
 * control character. The locale does not matter.
 */
#ifndef KP_UTIL_WIDTH_H
#define KP_UTIL_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/**
 * kp_width_char - the character that @text begins with; @len is above 0.
 * @code: receives its code point, or -1 when the first byte is no UTF-8
 *
 * Returns its length in bytes, 1 ... 4.
 */
size_t kp_width_char(const char *text, size_t len, int32_t *code);

/** kp_width - columns that @text takes. */
size_t kp_width(const char *text, size_t len);

/**
 * kp_width_cut - bytes of the longest beginning of @text that takes at most @columns.
 * No character is cut apart, and marks stay with their character.
 */
size_t kp_width_cut(const char *text, size_t len, size_t columns);

#endif
