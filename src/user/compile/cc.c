// SPDX-License-Identifier: GPL-2.0-only
#include "cc.h"

#include <string.h>

void kp_cc_nomem(struct kp_cc *cc)
{
	longjmp(cc->nomem, 1);
}

void *kp_cc_alloc(struct kp_cc *cc, size_t size)
{
	void *p = kp_arena_alloc(&cc->arena, size);

	if (!p)
		kp_cc_nomem(cc);
	return p;
}

void *kp_cc_grow(struct kp_cc *cc, const void *old, size_t len, size_t size)
{
	void *p = kp_cc_alloc(cc, size);

	if (len)
		memcpy(p, old, len);
	return p;
}

void **kp_cc_at(struct kp_cc *cc, struct kp_hash *hash, const char *key, size_t len)
{
	void **place = kp_hash_at(hash, key, len);

	if (!place)
		kp_cc_nomem(cc);
	return place;
}

const struct kp_str *kp_cc_string(struct kp_cc *cc, const char *data, size_t len)
{
	struct kp_str *str = kp_hash_get(&cc->strings, data, len);
	char *copy;

	if (str)
		return str;
	str = kp_cc_alloc(cc, sizeof(*str));
	copy = kp_cc_alloc(cc, len + 1);
	if (len)
		memcpy(copy, data, len);
	*str = (struct kp_str){ len, copy };
	*kp_cc_at(cc, &cc->strings, copy, len) = str;
	return str;
}

void kp_cc_lines(struct kp_cc *cc)
{
	uint32_t pos, n, count = 1;

	for (pos = 0; pos < cc->src->len; pos += n ? n : 1) {
		n = kp_source_newline(cc->src, pos);
		count += n != 0;
	}
	cc->lines = kp_cc_alloc(cc, count * sizeof(*cc->lines));
	cc->nlines = 1;
	for (pos = 0; pos < cc->src->len; pos += n ? n : 1) {
		n = kp_source_newline(cc->src, pos);
		if (n)
			cc->lines[cc->nlines++] = pos + n;
	}
}

uint32_t kp_cc_line(const struct kp_cc *cc, uint32_t pos, uint32_t *column)
{
	uint32_t low = 0, high = cc->nlines;

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (cc->lines[mid] <= pos)
			low = mid;
		else
			high = mid;
	}
	*column = pos - cc->lines[low] + 1;
	return low + 1;
}
