// SPDX-License-Identifier: GPL-2.0-only
#include "message.h"

#include <string.h>

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

void kp_message_vhint(struct kp_message *m, const char *fmt, va_list ap)
{
	kp_buf_vprintf(&m->hints, fmt, ap);
	kp_buf_u8(&m->hints, '\n');
}

void kp_message_hint(struct kp_message *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	kp_message_vhint(m, fmt, ap);
	va_end(ap);
}

struct kp_message_text kp_message_next_hint(struct kp_message_text *hints)
{
	struct kp_message_text hint = { NULL, 0 };
	const char *end = hints->len ? memchr(hints->data, '\n', hints->len) : NULL;

	if (!end)
		return hint;
	hint.data = hints->data;
	hint.len = (size_t)(end - hints->data);
	hints->data += hint.len + 1;
	hints->len -= hint.len + 1;
	return hint;
}

void kp_message_free(struct kp_message *m)
{
	kp_buf_free(&m->text);
	kp_buf_free(&m->hints);
}
