// SPDX-License-Identifier: GPL-2.0-only
#include "loadimg.h"

#include <stddef.h>
#include <string.h>

#include "args.h"
#include "view.h"

static void put_string(struct kp_buf *b, const char *data, size_t len)
{
	kp_buf_u32(b, (uint32_t)len);
	kp_buf_put(b, data, len);
	kp_buf_fill(b, 0, 4 - len % 4);
}

void kp_loadimg_event(struct kp_loadimg *l, uint32_t probe, enum ktap_event_kind kind, uint64_t id,
		      const char *name)
{
	put_string(&l->names, name, strlen(name));
	kp_buf_u32(&l->events, probe);
	kp_buf_u32(&l->events, kind);
	kp_buf_u64(&l->events, id);
	kp_buf_u32(&l->events, l->nnames++);
	kp_buf_u32(&l->events, 0);
	l->nevents++;
}

void kp_loadimg_field(struct kp_loadimg *l, struct ktap_image_fdesc d)
{
	kp_buf_u16(&l->fields, d.kind);
	kp_buf_u16(&l->fields, d.offset);
	kp_buf_u16(&l->fields, d.size);
	kp_buf_u16(&l->fields, 0);
}

void kp_loadimg_args(struct kp_loadimg *l, const struct kp_args *args)
{
	const struct kp_arg *arg;
	uint32_t i;

	for (i = 0; i < args->n; i++) {
		arg = &args->v[i];
		kp_buf_u32(&l->values, arg->text ? KTAP_CONST_STR : KTAP_CONST_INT);
		kp_buf_u32(&l->values, 0);
		kp_buf_u64(&l->values, arg->text ? l->nnames++ : (uint64_t)arg->number);
		if (arg->text)
			put_string(&l->names, arg->text, arg->len);
	}
	l->nvalues += args->n;
}

static void align(struct kp_buf *b)
{
	kp_buf_fill(b, 0, -b->len % 8);
}

struct section {
	uint32_t tag, count;
	const void *data;
	size_t len;
};

/* The sections that are new, in the order of their tags in bytecode.h. */
#define NEW_SECTIONS 4

static void new_sections(const struct kp_loadimg *l, uint32_t nfields, struct section *s)
{
	s[0] = (struct section){ KTAP_SEC_ESTR, l->nnames, l->names.data, l->names.len };
	s[1] = (struct section){ KTAP_SEC_EVNT, l->nevents, l->events.data, l->events.len };
	s[2] = (struct section){ KTAP_SEC_FDSC, l->nevents * nfields, l->fields.data,
				 l->fields.len };
	s[3] = (struct section){ KTAP_SEC_ARGS, l->nvalues, l->values.data, l->values.len };
}

/* All sections of the portable image, and those that are new. */
static uint32_t all_sections(const struct kp_loadimg *l, const struct kp_view *v,
			     struct section *all)
{
	struct section new[NEW_SECTIONS];
	uint32_t i, k, n = 0;

	new_sections(l, v->nfields, new);
	for (i = 0; i < v->nsections; i++) {
		const struct ktap_image_section *s = &v->sections[i];

		for (k = 0; k < NEW_SECTIONS && new[k].tag != s->tag; k++)
			;
		if (k == NEW_SECTIONS)
			all[n++] =
				(struct section){ s->tag, s->count, v->data + s->offset, s->size };
	}
	for (k = 0; k < NEW_SECTIONS; k++)
		all[n++] = new[k];
	return n;
}

int kp_loadimg_put(const struct kp_loadimg *l, const struct kp_view *v, struct kp_buf *b)
{
	const struct kp_buf *parts[] = { &l->names, &l->events, &l->fields, &l->values };
	struct section sections[KTAP_MAX_SECTIONS + NEW_SECTIONS];
	uint32_t i, n = all_sections(l, v, sections);
	size_t offset;

	kp_buf_u32(b, KTAP_IMAGE_MAGIC);
	kp_buf_u16(b, KTAP_IMAGE_MAJOR);
	kp_buf_u16(b, KTAP_IMAGE_MINOR);
	kp_buf_u32(b, 0); /* size: below */
	kp_buf_u32(b, KTAP_IMAGE_LOAD);
	kp_buf_u32(b, n);
	kp_buf_fill(b, 0, 12);
	offset = sizeof(struct ktap_image_header) + n * sizeof(struct ktap_image_section);
	for (i = 0; i < n; i++) {
		kp_buf_u32(b, sections[i].tag);
		kp_buf_u32(b, (uint32_t)offset);
		kp_buf_u32(b, (uint32_t)sections[i].len);
		kp_buf_u32(b, sections[i].count);
		offset += (sections[i].len + 7) / 8 * 8;
	}
	for (i = 0; i < n; i++) {
		kp_buf_put(b, sections[i].data, sections[i].len);
		align(b);
	}
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (kp_buf_error(parts[i]))
			return kp_buf_error(parts[i]);
	if (kp_buf_error(b))
		return kp_buf_error(b);
	kp_buf_patch_u32(b, offsetof(struct ktap_image_header, size), (uint32_t)b->len);
	return 0;
}

void kp_loadimg_free(struct kp_loadimg *l)
{
	kp_buf_free(&l->names);
	kp_buf_free(&l->events);
	kp_buf_free(&l->fields);
	kp_buf_free(&l->values);
}
