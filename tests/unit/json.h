/* SPDX-License-Identifier: GPL-2.0-only */
/* Is a text JSON? A reader of the grammar of RFC 8259, for tests. */
#ifndef KP_TEST_JSON_H
#define KP_TEST_JSON_H

#include <stdbool.h>
#include <string.h>

#include "util/width.h"

static inline const char *json_value(const char *p, const char *end);

static inline const char *json_string(const char *p, const char *end)
{
	int32_t code;

	if (p == end || *p++ != '"')
		return NULL;
	while (p < end && *p != '"') {
		if (*p == '\\') {
			if (++p == end || !strchr("\"\\/bfnrtu", *p) || !*p)
				return NULL;
			if (*p == 'u' && (end - p < 5 || strspn(p + 1, "0123456789abcdef") < 4))
				return NULL;
			p += *p == 'u' ? 5 : 1;
			continue;
		}
		p += kp_width_char(p, (size_t)(end - p), &code);
		if (code < ' ')
			return NULL;
	}
	return p < end ? p + 1 : NULL;
}

static inline const char *json_number(const char *p, const char *end)
{
	const char *digits;

	if (p < end && *p == '-')
		p++;
	for (digits = p; p < end && *p >= '0' && *p <= '9'; p++)
		;
	return p == digits || (*digits == '0' && p > digits + 1) ? NULL : p;
}

/* The elements of an array, or with @keys of an object, up to and with @close. */
static inline const char *json_elements(const char *p, const char *end, char close, bool keys)
{
	if (p < end && *p == close)
		return p + 1;
	for (;;) {
		if (keys) {
			p = json_string(p, end);
			if (!p || p == end || *p++ != ':')
				return NULL;
		}
		p = json_value(p, end);
		if (!p || p == end)
			return NULL;
		if (*p == close)
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

/* Returns what follows the value at @p, or NULL when there is none. */
static inline const char *json_value(const char *p, const char *end)
{
	static const char *const words[] = { "null", "true", "false" };
	size_t i;

	if (p == end)
		return NULL;
	if (*p == '"')
		return json_string(p, end);
	if (*p == '{')
		return json_elements(p + 1, end, '}', true);
	if (*p == '[')
		return json_elements(p + 1, end, ']', false);
	for (i = 0; i < 3; i++)
		if ((size_t)(end - p) >= strlen(words[i]) && !memcmp(p, words[i], strlen(words[i])))
			return p + strlen(words[i]);
	return json_number(p, end);
}

/* Is each line of @text one object, and the last one complete? */
static inline bool json_lines(const char *text, size_t len)
{
	const char *p = text, *end = text + len;

	while (p < end) {
		if (*p != '{')
			return false;
		p = json_value(p, end);
		if (!p || p == end || *p++ != '\n')
			return false;
	}
	return true;
}

#endif
