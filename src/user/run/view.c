// SPDX-License-Identifier: GPL-2.0-only
#include "view.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

/* Every field has its natural alignment in the image, but the image may lie anywhere. */
static uint16_t get_u16(const uint8_t *p)
{
	uint16_t n;

	memcpy(&n, p, sizeof(n));
	return le16toh(n);
}

static uint32_t get_u32(const uint8_t *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return le32toh(n);
}

bool kp_view_is_image(const void *data, size_t len)
{
	return len >= sizeof(uint32_t) && get_u32(data) == KTAP_IMAGE_MAGIC;
}

const struct ktap_image_section *kp_view_section(const struct kp_view *v, uint32_t tag)
{
	uint32_t i;

	for (i = 0; i < v->nsections; i++)
		if (v->sections[i].tag == tag)
			return &v->sections[i];
	return NULL;
}

static const char *read_header(struct kp_view *v)
{
	const size_t head = sizeof(struct ktap_image_header);
	const size_t entry = sizeof(struct ktap_image_section);
	uint32_t i;

	if (v->len > KTAP_MAX_IMAGE)
		return KP_MSG_IMAGE_LARGE;
	if (!kp_view_is_image(v->data, v->len))
		return KP_MSG_IMAGE_FOREIGN;
	if (v->len < head)
		return KP_MSG_IMAGE_TRUNCATED;
	if (get_u16(v->data + offsetof(struct ktap_image_header, major)) != KTAP_IMAGE_MAJOR)
		return KP_MSG_IMAGE_VERSION;
	if (get_u32(v->data + offsetof(struct ktap_image_header, size)) != v->len)
		return KP_MSG_IMAGE_TRUNCATED;
	v->nsections = get_u32(v->data + offsetof(struct ktap_image_header, nsections));
	if (v->nsections > KTAP_MAX_SECTIONS || head + v->nsections * entry > v->len)
		return KP_MSG_IMAGE_SECTIONS;
	for (i = 0; i < v->nsections; i++) {
		const uint8_t *p = v->data + head + i * entry;
		struct ktap_image_section *s = &v->sections[i];

		s->tag = get_u32(p + offsetof(struct ktap_image_section, tag));
		s->offset = get_u32(p + offsetof(struct ktap_image_section, offset));
		s->size = get_u32(p + offsetof(struct ktap_image_section, size));
		s->count = get_u32(p + offsetof(struct ktap_image_section, count));
		if (s->offset > v->len || s->size > v->len - s->offset)
			return KP_MSG_IMAGE_SECTIONS;
	}
	return NULL;
}

/* The number of elements of a section whose elements have a fixed size. */
static const char *count_elements(const struct kp_view *v, uint32_t tag, size_t size, uint32_t max,
				  uint32_t *count)
{
	const struct ktap_image_section *s = kp_view_section(v, tag);

	*count = s ? s->count : 0;
	if (*count > max || (s && s->size / size != *count))
		return KP_MSG_IMAGE_SECTIONS;
	return NULL;
}

static const char *count_all(struct kp_view *v)
{
	const struct {
		uint32_t tag;
		size_t size;
		uint32_t max;
		uint32_t *count;
	} sections[] = {
		{ KTAP_SEC_CODE, sizeof(uint32_t), KTAP_MAX_CODE, &v->ncode },
		{ KTAP_SEC_LINE, sizeof(uint32_t), KTAP_MAX_CODE, &v->nlines },
		{ KTAP_SEC_FUNC, sizeof(struct ktap_image_func), KTAP_MAX_FUNCS, &v->nfuncs },
		{ KTAP_SEC_FLDS, sizeof(struct ktap_image_field), KTAP_MAX_FIELDS, &v->nfields },
		{ KTAP_SEC_PROB, sizeof(struct ktap_image_probe), KTAP_MAX_PROBES, &v->nprobes },
		{ KTAP_SEC_OPTS, sizeof(struct ktap_image_option), KTAP_MAX_OPTIONS, &v->noptions },
	};
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		why = count_elements(v, sections[i].tag, sections[i].size, sections[i].max,
				     sections[i].count);
		if (why)
			return why;
	}
	return NULL;
}

static const char *read_strings(struct kp_view *v)
{
	const struct ktap_image_section *s = kp_view_section(v, KTAP_SEC_STRS);
	const uint8_t *p, *end;
	uint32_t len;

	if (!s)
		return KP_MSG_IMAGE_NO_STRINGS;
	/* the shortest string takes 8 bytes */
	if (s->count > s->size / 8)
		return KP_MSG_IMAGE_STRINGS;
	v->strings = calloc(s->count ? s->count : 1, sizeof(*v->strings));
	if (!v->strings)
		return NULL;
	p = v->data + s->offset;
	end = p + s->size;
	for (; v->nstrings < s->count; v->nstrings++) {
		if (end - p < 8)
			return KP_MSG_IMAGE_STRINGS;
		len = get_u32(p);
		if (len > KTAP_MAX_STRING || len / 4 * 4 + 8 > (size_t)(end - p))
			return KP_MSG_IMAGE_STRINGS;
		v->strings[v->nstrings].data = (const char *)p + 4;
		v->strings[v->nstrings].len = len;
		p += len / 4 * 4 + 8;
	}
	return NULL;
}

int kp_view_open(struct kp_view *v, const void *image, size_t len, const char **why)
{
	*v = (struct kp_view){ .data = image, .len = len };
	*why = read_header(v);
	if (!*why)
		*why = count_all(v);
	if (!*why)
		*why = read_strings(v);
	if (!*why && v->strings)
		return 0;
	kp_view_close(v);
	return *why ? -EINVAL : -ENOMEM;
}

void kp_view_close(struct kp_view *v)
{
	free(v->strings);
	*v = (struct kp_view){ 0 };
}

struct kp_view_string kp_view_string(const struct kp_view *v, uint32_t i)
{
	return i < v->nstrings ? v->strings[i] : (struct kp_view_string){ "", 0 };
}

static const uint8_t *element(const struct kp_view *v, uint32_t tag, uint32_t i, size_t size)
{
	return v->data + kp_view_section(v, tag)->offset + i * size;
}

uint32_t kp_view_insn(const struct kp_view *v, uint32_t i)
{
	return get_u32(element(v, KTAP_SEC_CODE, i, sizeof(uint32_t)));
}

struct ktap_image_func kp_view_func(const struct kp_view *v, uint32_t i)
{
	struct ktap_image_func f;

	memcpy(&f, element(v, KTAP_SEC_FUNC, i, sizeof(f)), sizeof(f));
	f.name = le32toh(f.name);
	f.code = le32toh(f.code);
	f.ncode = le32toh(f.ncode);
	f.nregs = le16toh(f.nregs);
	f.line = le32toh(f.line);
	return f;
}

struct ktap_image_field kp_view_field(const struct kp_view *v, uint32_t i)
{
	struct ktap_image_field f;

	memcpy(&f, element(v, KTAP_SEC_FLDS, i, sizeof(f)), sizeof(f));
	f.name = le32toh(f.name);
	f.index = le32toh(f.index);
	return f;
}

struct ktap_image_probe kp_view_probe(const struct kp_view *v, uint32_t i)
{
	struct ktap_image_probe p;

	memcpy(&p, element(v, KTAP_SEC_PROB, i, sizeof(p)), sizeof(p));
	p.kind = le32toh(p.kind);
	p.spec = le32toh(p.spec);
	p.filter = le32toh(p.filter);
	p.handler = le32toh(p.handler);
	p.line = le32toh(p.line);
	return p;
}

/* Copy element @i of a section to @to; false when there is none. */
static bool copy_element(const struct kp_view *v, uint32_t tag, uint32_t i, void *to, size_t size)
{
	const struct ktap_image_section *s = kp_view_section(v, tag);

	if (!s || i >= s->count || i >= s->size / size)
		return false;
	memcpy(to, element(v, tag, i, size), size);
	return true;
}

bool kp_view_const(const struct kp_view *v, uint32_t i, struct ktap_image_const *c)
{
	if (!copy_element(v, KTAP_SEC_CNST, i, c, sizeof(*c)))
		return false;
	c->type = le32toh(c->type);
	c->payload = le64toh(c->payload);
	return true;
}

bool kp_view_cell(const struct kp_view *v, uint32_t i, struct ktap_image_cell *c)
{
	if (!copy_element(v, KTAP_SEC_CELL, i, c, sizeof(*c)))
		return false;
	c->name = le32toh(c->name);
	c->flags = le32toh(c->flags);
	return true;
}

bool kp_view_option(const struct kp_view *v, uint32_t i, struct ktap_image_option *o)
{
	if (!copy_element(v, KTAP_SEC_OPTS, i, o, sizeof(*o)))
		return false;
	o->name = le32toh(o->name);
	o->help = le32toh(o->help);
	o->type = le32toh(o->type);
	o->value = le64toh(o->value);
	return true;
}

bool kp_view_table(const struct kp_view *v, uint32_t i, struct ktap_image_table *t)
{
	if (!copy_element(v, KTAP_SEC_TABL, i, t, sizeof(*t)))
		return false;
	t->flags = le32toh(t->flags);
	t->hint = le32toh(t->hint);
	t->low = le64toh(t->low);
	t->high = le64toh(t->high);
	t->step = le64toh(t->step);
	return true;
}

uint32_t kp_view_flags(const struct kp_view *v)
{
	const struct ktap_image_section *s = kp_view_section(v, KTAP_SEC_INFO);

	if (!s || s->size < sizeof(struct ktap_image_info))
		return 0;
	return get_u32(v->data + s->offset + offsetof(struct ktap_image_info, flags));
}

struct kp_view_place kp_view_place(const struct kp_view *v, uint32_t line)
{
	const struct ktap_image_section *s = kp_view_section(v, KTAP_SEC_INFO);
	struct kp_view_place place = { { "script", 6 }, line >> 8, line & 0xff };

	if (s && s->size >= sizeof(struct ktap_image_info))
		place.source = kp_view_string(v, get_u32(v->data + s->offset));
	return place;
}

struct kp_view_place kp_view_pc_place(const struct kp_view *v, uint32_t pc)
{
	uint32_t line = 0;

	if (pc < v->nlines)
		line = get_u32(element(v, KTAP_SEC_LINE, pc, sizeof(uint32_t)));
	return kp_view_place(v, line);
}

/* Bytes of the newline at @p: LF, CR, CR LF or LF CR; 0 when there is none. */
static size_t newline(const char *p, const char *end)
{
	if (p == end || (*p != '\n' && *p != '\r'))
		return 0;
	return p + 1 < end && (p[1] == '\n' || p[1] == '\r') && p[1] != *p ? 2 : 1;
}

bool kp_view_source_line(const struct kp_view *v, uint32_t line, struct kp_view_string *text)
{
	const struct ktap_image_section *s = kp_view_section(v, KTAP_SEC_TEXT);
	const char *p, *end;
	size_t n;

	if (!s || !line)
		return false;
	p = (const char *)v->data + s->offset;
	end = p + s->size;
	for (; line > 1 && p < end; p += n ? n : 1) {
		n = newline(p, end);
		line -= n != 0;
	}
	if (line > 1)
		return false;
	text->data = p;
	while (p < end && !newline(p, end))
		p++;
	text->len = (uint32_t)(p - text->data);
	return true;
}
