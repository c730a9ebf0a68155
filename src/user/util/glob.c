// SPDX-License-Identifier: GPL-2.0-only
#include "glob.h"

#include <string.h>

bool kp_glob_is(const char *pattern)
{
	return strpbrk(pattern, "*?[\\") != NULL;
}

/*
 * Match @c against the set that starts after '[' at @set. Returns the
 * position after the closing ']', or NULL when the set is never closed.
 */
static const char *glob_set(const char *set, unsigned char c, bool *match)
{
	bool negate = *set == '!' || *set == '^';
	bool found = false, first = true;

	if (negate)
		set++;
	for (; *set && (first || *set != ']'); first = false) {
		unsigned char low, high;

		if (*set == '\\' && set[1])
			set++;
		low = high = (unsigned char)*set++;
		if (*set == '-' && set[1] && set[1] != ']') {
			set++;
			if (*set == '\\' && set[1])
				set++;
			high = (unsigned char)*set++;
		}
		if (low <= c && c <= high)
			found = true;
	}
	if (!*set)
		return NULL;
	*match = found != negate;
	return set + 1;
}

/* Match one text character @c; returns the pattern's rest, or NULL. */
static const char *glob_one(const char *pattern, char c)
{
	bool match = false;
	const char *rest;

	switch (*pattern) {
	case '?':
		return pattern + 1;
	case '[':
		rest = glob_set(pattern + 1, (unsigned char)c, &match);
		if (rest)
			return match ? rest : NULL;
		break; /* an unclosed '[' is literal */
	case '\\':
		if (pattern[1])
			pattern++;
		break;
	}
	return *pattern == c ? pattern + 1 : NULL;
}

/*
 * On a mismatch only the last '*' can help, by taking one character more, so
 * the time is bounded by length of pattern times length of text.
 */
bool kp_glob_match(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL, *next;

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = text;
			continue;
		}
		next = *pattern ? glob_one(pattern, *text) : NULL;
		if (next) {
			pattern = next;
			text++;
		} else if (star) {
			pattern = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
