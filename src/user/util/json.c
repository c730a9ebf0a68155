// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

#include <inttypes.h>
#include <string.h>

#include "width.h"

/* One character that cannot stand for itself. */
static void put_escape(struct kp_buf *out, unsigned char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *p = c ? strchr(plain, c) : NULL;

	if (p)
		kp_buf_printf(out, "\\%c", letters[p - plain]);
	else
		kp_buf_printf(out, "\\u%04x", c);
}

void kp_json_string(struct kp_buf *out, const char *text, size_t len)
{
	size_t at, n, done = 0;
	int32_t code;

	kp_buf_u8(out, '"');
	for (at = 0; at < len; at += n) {
		n = kp_width_char(text + at, len - at, &code);
		if (code >= ' ' && code != '"' && code != '\\' && code != 0x7f)
			continue;
		kp_buf_put(out, text + done, at - done);
		put_escape(out, (unsigned char)text[at]);
		done = at + n;
	}
	kp_buf_put(out, text + done, len - done);
	kp_buf_u8(out, '"');
}

void kp_json_key(struct kp_buf *out, const char *name)
{
	if (out->len && out->data[out->len - 1] != '{')
		kp_buf_u8(out, ',');
	kp_buf_printf(out, "\"%s\":", name);
}

void kp_json_text(struct kp_buf *out, const char *name, const char *text, size_t len)
{
	kp_json_key(out, name);
	kp_json_string(out, text, len);
}

void kp_json_unsigned(struct kp_buf *out, const char *name, uint64_t n)
{
	kp_json_key(out, name);
	kp_buf_printf(out, "%" PRIu64, n);
}

void kp_json_signed(struct kp_buf *out, const char *name, int64_t n)
{
	kp_json_key(out, name);
	kp_buf_printf(out, "%" PRId64, n);
}

void kp_json_element(struct kp_buf *out)
{
	if (out->len && out->data[out->len - 1] != '[')
		kp_buf_u8(out, ',');
}
