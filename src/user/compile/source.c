// SPDX-License-Identifier: GPL-2.0-only
#include "source.h"

uint32_t kp_source_newline(const struct kp_source *src, uint32_t pos)
{
	char c, d;

	if (pos >= src->len)
		return 0;
	c = src->text[pos];
	if (c != '\n' && c != '\r')
		return 0;
	d = pos + 1 < src->len ? src->text[pos + 1] : c;
	return (d == '\n' || d == '\r') && d != c ? 2 : 1;
}

struct kp_place kp_source_place(const struct kp_source *src, uint32_t pos)
{
	struct kp_place p = { .line = 1, .column = 1 };
	uint32_t i = 0;

	while (i < pos) {
		uint32_t n = kp_source_newline(src, i);
		if (n && i + n > pos)
			break;
		i += n ? n : 1;
		if (n) {
			p.line++;
			p.line_start = i;
		}
	}
	for (i = p.line_start; i < src->len && !kp_source_newline(src, i); i++)
		if (i < pos && ((unsigned char)src->text[i] & 0xc0) != 0x80)
			p.column++;
	p.line_len = i - p.line_start;
	return p;
}
