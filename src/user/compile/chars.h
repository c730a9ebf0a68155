/* SPDX-License-Identifier: GPL-2.0-only */
/* chars - character classes of ASCII, whatever the locale. */
#ifndef KP_COMPILE_CHARS_H
#define KP_COMPILE_CHARS_H

#include <stdbool.h>

static inline bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static inline bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_name_start(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static inline bool is_name(int c)
{
	return is_name_start(c) || is_digit(c);
}

static inline bool is_newline(int c)
{
	return c == '\n' || c == '\r';
}

#endif
