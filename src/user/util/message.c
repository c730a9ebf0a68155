// SPDX-License-Identifier: GPL-2.0-only
#include "message.h"

#include <string.h>

#include "width.h"

#define LINE_SHOWN 160 /* bytes of a source line */

void kp_message_vput(struct kp_message *m, const char *fmt, va_list ap)
{
	kp_buf_vprintf(&m->text, fmt, ap);
}

void kp_message_put(struct kp_message *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	kp_message_vput(m, fmt, ap);
	va_end(ap);
}

void kp_message_hint(struct kp_message *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	kp_buf_vprintf(&m->hints, fmt, ap);
	va_end(ap);
	kp_buf_u8(&m->hints, '\n');
}

/* Bytes before the first @c, or all. */
static size_t length_to(const char *text, size_t len, char c)
{
	const char *p = memchr(text, c, len);

	return p ? (size_t)(p - text) : len;
}

void kp_message_write(const struct kp_message *m, const struct kp_message_form *form,
		      struct kp_buf *out)
{
	struct kp_message_text hint;
	size_t at;

	form->begin(m, out);
	for (at = 0; at < m->hints.len; at += hint.len + 1) {
		hint.data = m->hints.data + at;
		hint.len = length_to(hint.data, m->hints.len - at, '\n');
		form->hint(hint, out);
	}
	form->end(out);
}

/* The first character that begins at or after @at. */
static size_t char_start(struct kp_message_text t, size_t at)
{
	while (at < t.len && ((unsigned char)t.data[at] & 0xc0) == 0x80)
		at++;
	return at;
}

/* Below the text from @from to @to: blanks as wide as it is, tabs where it has tabs. */
static void put_blanks(const char *text, size_t from, size_t to, struct kp_buf *out)
{
	size_t next;

	for (; from < to; from = next) {
		next = from + length_to(text + from, to - from, '\t');
		kp_buf_fill(out, ' ', kp_width(text + from, next - from));
		if (next < to) {
			kp_buf_u8(out, '\t');
			next++;
		}
	}
}

void kp_message_put_source(const struct kp_message_place *p, struct kp_buf *out)
{
	struct kp_message_text line = p->source;
	bool marked = p->at <= line.len;
	size_t at = marked ? p->at : 0, from = 0, to = line.len, end, columns;

	if (!line.data)
		return;
	if (at > LINE_SHOWN / 2)
		from = char_start(line, at - LINE_SHOWN / 2);
	if (to - from > LINE_SHOWN)
		to = char_start(line, from + LINE_SHOWN);
	kp_buf_puts(out, from ? "... " : "    ");
	kp_buf_put(out, line.data + from, to - from);
	kp_buf_puts(out, to < line.len ? " ...\n" : "\n");
	if (!marked)
		return;
	kp_buf_puts(out, "    ");
	put_blanks(line.data, from, at, out);
	end = p->width < to - at ? at + p->width : to;
	columns = kp_width(line.data + at, end - at);
	kp_buf_u8(out, '^');
	kp_buf_fill(out, '~', columns > 1 ? columns - 1 : 0);
	kp_buf_u8(out, '\n');
}

void kp_message_free(struct kp_message *m)
{
	kp_buf_free(&m->text);
	kp_buf_free(&m->hints);
	kp_buf_free(&m->near);
}
