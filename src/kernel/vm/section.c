// SPDX-License-Identifier: GPL-2.0-only
/* The sections of an image, and what is the same in several of them: strings and values. */
#include "image.h"

void *kp_section_alloc(struct kp_image_reader *r, size_t n, size_t size)
{
	struct kp_allocation *a;

	n = sizeof(*a) + (n ? n : 1) * size;
	a = kp_pool_alloc(r->prog->pool, n);
	if (!a) {
		r->nomem = 1;
		return NULL;
	}
	a->size = n;
	a->next = r->prog->allocations;
	r->prog->allocations = a;
	return a + 1;
}

void kp_section_header(struct kp_image_reader *r)
{
	struct kp_cursor c = { r->image, r->image + r->len, 0, &r->error };
	u32 i, size;

	if (kp_cursor_get32(&c) != KTAP_IMAGE_MAGIC)
		kp_image_fail(&r->error, KTAP_ERR_IMG_MAGIC);
	if (kp_cursor_get16(&c) != KTAP_IMAGE_MAJOR)
		kp_image_fail(&r->error, KTAP_ERR_IMG_VERSION);
	kp_cursor_get16(&c);
	size = kp_cursor_get32(&c);
	r->flags = kp_cursor_get32(&c);
	r->nsections = kp_cursor_get32(&c);
	for (i = 0; i < 3; i++)
		if (kp_cursor_get32(&c))
			kp_image_fail(&r->error, KTAP_ERR_IMG_VERSION);
	if (size != r->len)
		kp_image_fail(&r->error, KTAP_ERR_IMG_SIZE);
	if (r->flags & ~KTAP_IMAGE_LOAD)
		kp_image_fail(&r->error, KTAP_ERR_IMG_VERSION);
	if (r->nsections > KTAP_MAX_SECTIONS)
		kp_image_fail(&r->error, KTAP_ERR_IMG_SECTION);
}

void kp_section_table(struct kp_image_reader *r)
{
	struct kp_cursor c = { r->image, r->image + r->len, 0, &r->error };
	u64 last = sizeof(struct ktap_image_header) + (u64)r->nsections * sizeof(struct ktap_image_section);
	u32 tags[KTAP_MAX_SECTIONS], i, j;

	kp_cursor_take(&c, sizeof(struct ktap_image_header));
	for (i = 0; i < r->nsections && !r->error; i++) {
		u32 offset, size;

		tags[i] = kp_cursor_get32(&c);
		offset = kp_cursor_get32(&c);
		size = kp_cursor_get32(&c);
		kp_cursor_get32(&c);
		if (offset % 8 || offset < last || offset > r->len || size > r->len - offset)
			kp_image_fail(&r->error, KTAP_ERR_IMG_SECTION);
		last = (u64)offset + size;
		for (j = 0; j < i; j++)
			if (tags[j] == tags[i])
				kp_image_fail(&r->error, KTAP_ERR_IMG_DUP);
	}
}

struct kp_cursor kp_section_open(struct kp_image_reader *r, u32 tag, size_t element, u32 max, bool required)
{
	struct kp_cursor table = { r->image, r->image + r->len, 0, &r->error };
	struct kp_cursor c = { r->image, r->image, 0, &r->error };
	u32 i;

	kp_cursor_take(&table, sizeof(struct ktap_image_header));
	for (i = 0; i < r->nsections && !r->error; i++) {
		u32 this = kp_cursor_get32(&table), offset = kp_cursor_get32(&table);
		u32 size = kp_cursor_get32(&table), count = kp_cursor_get32(&table);

		if (this != tag)
			continue;
		c.p = r->image + offset;
		c.end = c.p + size;
		c.count = count;
		if (count > max)
			kp_image_fail(&r->error, KTAP_ERR_IMG_LIMIT);
		else if (element && (u64)count * element != size)
			kp_image_fail(&r->error, KTAP_ERR_IMG_SECTION);
		break;
	}
	if (required && c.p == r->image)
		kp_image_fail(&r->error, KTAP_ERR_IMG_MISSING);
	if (r->error)
		c.count = 0;
	return c;
}

/* One string at the cursor; its bytes, or NULL. */
static const u8 *read_bytes(struct kp_cursor *c, u32 *len)
{
	const u8 *p;

	*len = kp_cursor_get32(c);
	if (*len > KTAP_MAX_STRING) {
		kp_image_fail(c->error, KTAP_ERR_IMG_STRING);
		return NULL;
	}
	p = kp_cursor_take(c, (*len + 4) & ~3U);
	if (p && p[*len])
		kp_image_fail(c->error, KTAP_ERR_IMG_STRING);
	return p;
}

void kp_section_strings(struct kp_image_reader *r, u32 tag, bool required, struct kp_str ***out, u32 *nout)
{
	/* a string takes at least 8 bytes, so the size of the image limits their number */
	struct kp_cursor c = kp_section_open(r, tag, 0, KTAP_MAX_IMAGE / 8, required), scan = c;
	size_t total = 0;
	u8 *mem;
	u32 i, len;

	if ((u64)c.count * 8 > (u64)(c.end - c.p))
		kp_image_fail(&r->error, KTAP_ERR_IMG_STRING);
	for (i = 0; i < c.count && !r->error; i++) {
		kp_image_breathe(i);
		read_bytes(&scan, &len);
		total += kp_str_size(len);
	}
	if (r->error)
		return;
	*out = kp_section_alloc(r, c.count, sizeof(**out));
	mem = kp_section_alloc(r, total, 1);
	if (!*out || !mem)
		return;
	for (i = 0; i < c.count; i++) {
		const u8 *bytes = read_bytes(&c, &len);
		struct kp_str *s = (struct kp_str *)mem;

		kp_image_breathe(i);
		s->len = len;
		s->home = KP_HOME_CONST;
		memcpy(s->data, bytes, len);
		(*out)[i] = s;
		mem += kp_str_size(len);
	}
	*nout = c.count;
}

void kp_section_values(struct kp_image_reader *r, u32 tag, u32 max, struct kp_str **strs, u32 nstrs,
			struct kp_value **out, u32 *nout)
{
	struct kp_cursor c = kp_section_open(r, tag, sizeof(struct ktap_image_const), max, false);
	u32 i;

	*out = kp_section_alloc(r, c.count, sizeof(**out));
	if (!kp_image_ok(r))
		return;
	for (i = 0; i < c.count && !r->error; i++) {
		struct kp_value *v = &(*out)[i];
		u32 type = kp_cursor_get32(&c), reserved = kp_cursor_get32(&c);
		u64 payload = kp_cursor_get64(&c);

		if (type == KTAP_CONST_INT && !reserved) {
			kp_value_int(v, payload);
		} else if (type == KTAP_CONST_STR && !reserved && payload < nstrs) {
			v->s = strs[payload];
			v->type = KTAP_T_STR;
		} else {
			kp_image_fail(&r->error, KTAP_ERR_IMG_CONST);
		}
	}
	*nout = c.count;
}
