/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * glob - shell patterns: * ? [set] [!set] with a-z ranges, backslash quotes.
 *
 * Unlike a file name pattern, '*' and '?' also match '/' and a leading dot.
 */
#ifndef KP_UTIL_GLOB_H
#define KP_UTIL_GLOB_H

#include <stdbool.h>

/** kp_glob_match - does the whole of @text match @pattern? */
bool kp_glob_match(const char *pattern, const char *text);

/** kp_glob_is - does @pattern hold a character that is not literal? */
bool kp_glob_is(const char *pattern);

#endif
