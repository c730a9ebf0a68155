// SPDX-License-Identifier: GPL-2.0-only
#include "buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kp_buf_free(struct kp_buf *b)
{
	free(b->data);
	*b = (struct kp_buf)KP_BUF_INIT;
}

int kp_buf_error(const struct kp_buf *b)
{
	return b->error;
}

/* Room for @n more bytes and a NUL; false after a failure, now or before. */
static int buf_reserve(struct kp_buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 256;
	char *data;

	if (b->error)
		return 0;
	if (b->cap - b->len > n)
		return 1;
	while (cap - b->len <= n) {
		if (cap > SIZE_MAX / 2)
			goto fail;
		cap *= 2;
	}
	data = realloc(b->data, cap);
	if (!data)
		goto fail;
	b->data = data;
	b->cap = cap;
	return 1;
fail:
	b->error = -ENOMEM;
	return 0;
}

void kp_buf_put(struct kp_buf *b, const void *data, size_t len)
{
	if (!len || !buf_reserve(b, len))
		return;
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

void kp_buf_puts(struct kp_buf *b, const char *text)
{
	kp_buf_put(b, text, strlen(text));
}

void kp_buf_fill(struct kp_buf *b, int byte, size_t n)
{
	if (!n || !buf_reserve(b, n))
		return;
	memset(b->data + b->len, byte, n);
	b->len += n;
}

void kp_buf_vprintf(struct kp_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || !buf_reserve(b, (size_t)n))
		return;
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void kp_buf_printf(struct kp_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	kp_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

static void buf_put_le(struct kp_buf *b, uint64_t v, unsigned int bytes)
{
	unsigned char le[8];
	unsigned int i;

	for (i = 0; i < bytes; i++)
		le[i] = (unsigned char)(v >> (8 * i));
	kp_buf_put(b, le, bytes);
}

void kp_buf_u8(struct kp_buf *b, uint8_t v)
{
	buf_put_le(b, v, 1);
}

void kp_buf_u16(struct kp_buf *b, uint16_t v)
{
	buf_put_le(b, v, 2);
}

void kp_buf_u32(struct kp_buf *b, uint32_t v)
{
	buf_put_le(b, v, 4);
}

void kp_buf_u64(struct kp_buf *b, uint64_t v)
{
	buf_put_le(b, v, 8);
}

void kp_buf_patch_u32(struct kp_buf *b, size_t at, uint32_t v)
{
	unsigned int i;

	if (b->error)
		return;
	for (i = 0; i < 4; i++)
		b->data[at + i] = (char)(v >> (8 * i));
}

const char *kp_buf_str(struct kp_buf *b)
{
	if (!buf_reserve(b, 1))
		return NULL;
	b->data[b->len] = '\0';
	return b->data;
}
