/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the readers of images share: a cursor that remembers its first error, and what sections
 * have in common.  All of it in process context.
 */
#ifndef KP_IMAGE_H
#define KP_IMAGE_H

#include "vm.h"

/* Before each piece of memory of a program: how it is freed. */
struct kp_allocation {
	struct kp_allocation *next;
	size_t size;
};

/* A stretch of the image.  The first error sticks; reads after it give 0. */
struct kp_cursor {
	const u8 *p, *end;
	u32 count;		/* elements the section says it has */
	u32 *error;		/* of the whole image */
};

/* An image that is being read. */
struct kp_image_reader {
	const u8 *image;
	size_t len;
	u32 nsections;
	u32 flags;
	u32 error;
	int nomem;
	struct kp_prog *prog;
};

/* The first error of an image stays. */
static inline void kp_image_fail(u32 *error, u32 what)
{
	if (!*error)
		*error = what;
}

/* The next n bytes, or NULL: there are not so many. */
static inline const u8 *kp_cursor_take(struct kp_cursor *c, size_t n)
{
	const u8 *p = c->p;

	if (n > (size_t)(c->end - c->p)) {
		kp_image_fail(c->error, KTAP_ERR_IMG_SHORT);
		return NULL;
	}
	c->p += n;
	return p;
}

/* The next number of so many bits. */
static inline u8 kp_cursor_get8(struct kp_cursor *c)
{
	const u8 *p = kp_cursor_take(c, 1);

	return p ? *p : 0;
}

static inline u16 kp_cursor_get16(struct kp_cursor *c)
{
	const u8 *p = kp_cursor_take(c, 2);

	return p ? p[0] | p[1] << 8 : 0;
}

static inline u32 kp_cursor_get32(struct kp_cursor *c)
{
	const u8 *p = kp_cursor_take(c, 4);

	return p ? p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24 : 0;
}

static inline u64 kp_cursor_get64(struct kp_cursor *c)
{
	u64 low = kp_cursor_get32(c);

	return low | (u64)kp_cursor_get32(c) << 32;
}

/* Whether nothing has been wrong so far. */
static inline bool kp_image_ok(const struct kp_image_reader *r)
{
	return !r->error && !r->nomem;
}

/* At element i of a section that can have millions of them: lets others run now and then. */
static inline void kp_image_breathe(u32 i)
{
	if (!(i % 4096))
		kp_port_yield();
}

/* Whether n is the number of a string, or stands for none where that is allowed. */
static inline bool kp_image_is_string(const struct kp_image_reader *r, u32 n, bool or_none)
{
	return n < r->prog->nstrs || (or_none && n == KTAP_NONE);
}

/* section.c */

/* Zeroed memory that lives as long as the program; never NULL for n 0.  NULL: r->nomem is set. */
void *kp_section_alloc(struct kp_image_reader *r, size_t n, size_t size);

/* Reads and checks the header, and the section table: inside the image, aligned, in order, no tag twice. */
void kp_section_header(struct kp_image_reader *r);
void kp_section_table(struct kp_image_reader *r);

/*
 * Opens a section whose elements have that size (0: any).  An absent one is empty, or an
 * error when it is required.  More than max elements are an error.
 */
struct kp_cursor kp_section_open(struct kp_image_reader *r, u32 tag, size_t element, u32 max, bool required);

/* Reads a section of strings. */
void kp_section_strings(struct kp_image_reader *r, u32 tag, bool required, struct kp_str ***out, u32 *nout);

/* Reads a section of values, of which strings are numbers of strs. */
void kp_section_values(struct kp_image_reader *r, u32 tag, u32 max, struct kp_str **strs, u32 nstrs,
		       struct kp_value **out, u32 *nout);

/* image_events.c: the events of a load image, and where their fields are. */
void kp_image_events(struct kp_image_reader *r);
void kp_image_fdescs(struct kp_image_reader *r);

#endif
