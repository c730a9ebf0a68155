// SPDX-License-Identifier: GPL-2.0-only
#include "width.h"

#include <stdbool.h>

static const struct {
	int32_t first, last;
	unsigned int columns;
} ranges[] = {
#define KP_WIDTH(first, last, columns) { first, last, columns },
#include "width.def"
#undef KP_WIDTH
};

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t kp_width_char(const char *text, size_t len, int32_t *code)
{
	static const int32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)text[0];
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2, i;
	int32_t value = n == 1 ? c : c & (0x7f >> n);

	*code = -1;
	if ((c >= 0x80 && c < 0xc0) || c >= 0xf8 || n > len)
		return 1;
	for (i = 1; i < n; i++) {
		if (!is_continuation(text[i]))
			return 1;
		value = value << 6 | (text[i] & 0x3f);
	}
	/* longer than need be, a half of UTF-16, or beyond Unicode */
	if (value < least[n] || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff)
		return 1;
	*code = value;
	return n;
}

static unsigned int columns_of(int32_t code)
{
	size_t low = 0, high = sizeof(ranges) / sizeof(*ranges), mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (code < ranges[mid].first)
			high = mid;
		else if (code > ranges[mid].last)
			low = mid + 1;
		else
			return ranges[mid].columns;
	}
	return 1;
}

/* Add the width of the next character to *@columns; returns its length. */
static size_t step(const char *text, size_t len, size_t *columns)
{
	int32_t code;
	size_t n = kp_width_char(text, len, &code);

	*columns += columns_of(code);
	return n;
}

size_t kp_width(const char *text, size_t len)
{
	size_t at = 0, columns = 0;

	while (at < len)
		at += step(text + at, len - at, &columns);
	return columns;
}

size_t kp_width_cut(const char *text, size_t len, size_t columns)
{
	size_t at = 0, used = 0, n;

	while (at < len) {
		n = step(text + at, len - at, &used);
		if (used > columns)
			break;
		at += n;
	}
	return at;
}
