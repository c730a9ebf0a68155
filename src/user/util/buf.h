/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * buf - a growing byte buffer with a sticky error.
 *
 * A caller appends without looking and asks once at the end: after the first
 * failed allocation every append is ignored and kp_buf_error() is -ENOMEM.
 */
#ifndef KP_UTIL_BUF_H
#define KP_UTIL_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct kp_buf {
	char *data;
	size_t len;
	size_t cap;
	int error;
};

#define KP_BUF_INIT           \
	{                     \
		NULL, 0, 0, 0 \
	}

/** kp_buf_free - release the memory of @b and make it empty and usable again. */
void kp_buf_free(struct kp_buf *b);

/** kp_buf_error - 0, or -ENOMEM when an append was lost. */
int kp_buf_error(const struct kp_buf *b);

/** kp_buf_put - append @len bytes at @data. */
void kp_buf_put(struct kp_buf *b, const void *data, size_t len);

/** kp_buf_puts - append the NUL-terminated @text without its NUL. */
void kp_buf_puts(struct kp_buf *b, const char *text);

/** kp_buf_printf - append formatted text. */
void kp_buf_printf(struct kp_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** kp_buf_vprintf - the same with an argument list. */
void kp_buf_vprintf(struct kp_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/** kp_buf_fill - append @n times the byte @byte. */
void kp_buf_fill(struct kp_buf *b, int byte, size_t n);

/* Append an integer, least significant byte first, whatever the host. */
void kp_buf_u8(struct kp_buf *b, uint8_t v);
void kp_buf_u16(struct kp_buf *b, uint16_t v);
void kp_buf_u32(struct kp_buf *b, uint32_t v);
void kp_buf_u64(struct kp_buf *b, uint64_t v);

/** kp_buf_patch_u32 - overwrite four bytes at offset @at, which must exist. */
void kp_buf_patch_u32(struct kp_buf *b, size_t at, uint32_t v);

/** kp_buf_str - the content as a C string (valid until the next append), or NULL without memory. */
const char *kp_buf_str(struct kp_buf *b);

#endif
