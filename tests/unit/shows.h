/* SPDX-License-Identifier: GPL-2.0-only */
/* Does a text show a message? For tests that name the tags of messages.def. */
#ifndef KP_TEST_SHOWS_H
#define KP_TEST_SHOWS_H

#include <stdbool.h>
#include <string.h>

/*
 * True when what stands between the conversions of @fmt stands in @text in this order.
 * A message has to name something, so a format that is all conversions shows nothing.
 */
static inline bool shows(const char *text, const char *fmt)
{
	char piece[256];
	size_t len = 0;
	bool any = false;
	const char *at;

	for (;; fmt++) {
		if (*fmt && (*fmt != '%' || fmt[1] == '%') && len < sizeof(piece) - 1) {
			fmt += *fmt == '%';
			piece[len++] = *fmt;
			continue;
		}
		piece[len] = '\0';
		at = strstr(text, piece);
		if (!at)
			return false;
		text = at + len;
		any |= len > 0;
		len = 0;
		if (!*fmt)
			return any;
		fmt += strcspn(fmt, "diouxXcsp");
	}
}

#endif
