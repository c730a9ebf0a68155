// SPDX-License-Identifier: GPL-2.0-only
/* Types of C and their layout in each data model, and the names that are known from the start. */
#include "cdecl.h"

#include <string.h>

#define MAX_SIZE (1u << 31) /* bytes of a type */

struct kp_ctype *kp_ctype_new(struct kp_cc *cc, enum kp_ctype_kind kind, const struct kp_ctype *to)
{
	struct kp_ctype *t = kp_cc_alloc(cc, sizeof(*t));

	t->kind = kind;
	t->to = to;
	return t;
}

struct kp_ctype *kp_ctype_scalar(struct kp_cc *cc, enum kp_ctype_kind kind, const char *sizes)
{
	struct kp_ctype *t = kp_ctype_new(cc, kind, NULL);
	unsigned int i;

	for (i = 0; i < KP_CMODELS; i++) {
		t->size[i] = (uint64_t)(sizes[i] - '0');
		t->align[i] = t->size[i] == 8 && i == 0 ? 4 : t->size[i];
	}
	t->complete = true;
	return t;
}

struct kp_ctype *kp_ctype_pointer(struct kp_cc *cc, const struct kp_ctype *to)
{
	struct kp_ctype *t = kp_ctype_scalar(cc, KP_CTYPE_POINTER, "448");

	t->to = to;
	return t;
}

struct kp_ctype *kp_ctype_array(struct kp_cc *cc, const struct kp_ctype *of, uint64_t n)
{
	struct kp_ctype *t = kp_ctype_new(cc, KP_CTYPE_ARRAY, of);
	unsigned int i;

	for (i = 0; i < KP_CMODELS; i++) {
		if (n > MAX_SIZE || of->size[i] * n > MAX_SIZE)
			return NULL;
		t->size[i] = of->size[i] * n;
		t->align[i] = of->align[i];
	}
	t->unknown = of->unknown;
	t->complete = true;
	return t;
}

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return to ? (n + to - 1) / to * to : n;
}

bool kp_ctype_place(struct kp_ctype *t, struct kp_cmember *m)
{
	unsigned int i;

	for (i = 0; i < KP_CMODELS; i++) {
		uint64_t offset = t->is_union ? 0 : round_up(t->size[i], m->type->align[i]);
		uint64_t end = offset + m->type->size[i];

		if (end > MAX_SIZE)
			return false;
		m->offset[i] = offset;
		if (t->size[i] < end)
			t->size[i] = end;
		if (t->align[i] < m->type->align[i])
			t->align[i] = m->type->align[i];
	}
	t->unknown |= m->type->unknown;
	return true;
}

void kp_ctype_finish(struct kp_ctype *t)
{
	unsigned int i;

	for (i = 0; i < KP_CMODELS; i++)
		t->size[i] = round_up(t->size[i], t->align[i]);
	t->complete = true;
}

struct kp_cdecls *kp_cdecls_new(struct kp_cc *cc)
{
	static const struct {
		const char *names, *sizes;
	} known[] = {
		{ "u8 s8 __u8 __s8 uint8_t int8_t bool", "111" },
		{ "u16 s16 __u16 __s16 uint16_t int16_t", "222" },
		{ "u32 s32 __u32 __s32 uint32_t int32_t gfp_t pid_t", "444" },
		{ "u64 s64 __u64 __s64 uint64_t int64_t loff_t", "888" },
		{ "size_t ssize_t uintptr_t intptr_t ptrdiff_t", "448" },
	};
	struct kp_cdecls *d = kp_cc_alloc(cc, sizeof(*d));
	struct kp_cname *n;
	const char *p;
	size_t i, len;

	kp_hash_init(&d->names, &cc->arena);
	kp_hash_init(&d->tags, &cc->arena);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		for (p = known[i].names; *p; p += len + (p[len] == ' ')) {
			len = strcspn(p, " ");
			n = kp_cc_alloc(cc, sizeof(*n));
			n->kind = KP_CNAME_TYPE;
			n->type = kp_ctype_scalar(cc, KP_CTYPE_NUMBER, known[i].sizes);
			*kp_cc_at(cc, &d->names, p, len) = n;
		}
	}
	return d;
}

const struct kp_cname *kp_cdecl_find(const struct kp_cdecls *d, const struct kp_str *name)
{
	return kp_hash_get(&d->names, name->data, name->len);
}

void kp_cdecl_near(const struct kp_cdecls *d, struct kp_near *near)
{
	size_t i;

	for (i = 0; i < d->names.len; i++) {
		const struct kp_hash_entry *entry = kp_hash_entry(&d->names, i);
		const struct kp_cname *name = entry->value;

		if (name && name->kind == KP_CNAME_OBJECT)
			kp_near_try(near, entry->key, entry->len);
	}
}

bool kp_cdecl_size(const struct kp_ctype *type, uint64_t *size)
{
	unsigned int i;

	*size = type->size[0];
	for (i = 1; i < KP_CMODELS; i++)
		if (type->size[i] != *size)
			return false;
	return type->complete && !type->unknown;
}
