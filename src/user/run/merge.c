// SPDX-License-Identifier: GPL-2.0-only
#include "merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vm/table.h"

struct row {
	struct kp_val key, value;
	uint64_t bytes[]; /* of the value, then of the key */
};

void kp_merge_init(struct kp_merge *m)
{
	*m = (struct kp_merge){ 0 };
	kp_hash_init(&m->rows, &m->arena);
}

void kp_merge_free(struct kp_merge *m)
{
	kp_arena_free(&m->arena);
	kp_merge_init(m);
}

/* Can different values of this type look the same, as only user space makes their text? */
static bool is_text(uint32_t type)
{
	return type == KTAP_T_EVENT || type == KTAP_T_TIME;
}

bool kp_merge_wants(const struct kp_val *key)
{
	const uint8_t *p = key->data;
	size_t len = key->len;
	struct kp_val part;

	if (key->type != KTAP_T_TUPLE)
		return is_text(key->type);
	while (kp_val_next(&p, &len, &part) > 0)
		if (is_text(part.type))
			return true;
	return false;
}

/* Append a part of a tuple; of an event or a time its text, as a string. */
static void put_part(const struct kp_format *f, const struct kp_val *part, struct kp_buf *out)
{
	struct ktap_value head = { part->type, part->len };
	struct kp_buf text = KP_BUF_INIT;

	if (is_text(part->type)) {
		kp_format_value(f, part, &text);
		head = (struct ktap_value){ KTAP_T_STR, (uint32_t)text.len };
	}
	kp_buf_put(out, &head, sizeof(head));
	kp_buf_put(out, is_text(part->type) ? text.data : (const char *)part->data, head.len);
	kp_buf_fill(out, 0, -out->len % 8);
	if (kp_buf_error(&text))
		out->error = kp_buf_error(&text);
	kp_buf_free(&text);
}

/* The bytes of the key that has strings where @key has events and times. */
static void put_key(const struct kp_format *f, const struct kp_val *key, struct kp_buf *out)
{
	const uint8_t *p = key->data;
	size_t len = key->len;
	struct kp_val part;

	if (is_text(key->type)) {
		kp_format_value(f, key, out);
		return;
	}
	while (kp_val_next(&p, &len, &part) > 0)
		put_part(f, &part, out);
}

static int new_row(struct kp_merge *m, uint32_t type, const struct kp_buf *key,
		   const struct kp_val *value)
{
	size_t words = (value->len + 7) / 8;
	struct row *row = kp_arena_alloc(&m->arena, sizeof(*row) + words * 8 + key->len);
	void **place;
	char *bytes;

	if (!row)
		return -ENOMEM;
	bytes = (char *)(row->bytes + words);
	memcpy(row->bytes, value->data, value->len);
	memcpy(bytes, key->data, key->len);
	row->value = *value;
	row->value.data = (const uint8_t *)row->bytes;
	row->key = (struct kp_val){ type, (uint32_t)key->len, (const uint8_t *)bytes, 0 };
	place = kp_hash_at(&m->rows, bytes, key->len);
	if (!place)
		return -ENOMEM;
	*place = row;
	return 0;
}

/* Aggregates of one table have the same size. */
static int add_aggregate(struct row *row, const struct kp_val *value)
{
	struct ktap_agg *agg;

	if (value->len != row->value.len || value->len < sizeof(*agg))
		return 0;
	agg = malloc(value->len); /* aligned */
	if (!agg)
		return -ENOMEM;
	memcpy(agg, value->data, value->len);
	if (kp_agg_size(agg) == value->len &&
	    kp_agg_size((struct ktap_agg *)row->bytes) == value->len)
		kp_agg_merge((struct ktap_agg *)row->bytes, agg);
	free(agg);
	return 0;
}

/* Values of two kinds: the first one stays, as in the kernel. */
static int add_value(struct row *row, const struct kp_val *value)
{
	uint64_t sum = (uint64_t)row->value.i + (uint64_t)value->i;

	if (row->value.type != value->type)
		return 0;
	if (value->type == KTAP_T_AGG)
		return add_aggregate(row, value);
	if (value->type == KTAP_T_INT) {
		row->value.i = (int64_t)sum;
		memcpy(row->bytes, &sum, sizeof(sum));
	}
	return 0;
}

int kp_merge_add(struct kp_merge *m, const struct kp_format *f, const struct kp_val *key,
		 const struct kp_val *value)
{
	uint32_t type = is_text(key->type) ? KTAP_T_STR : key->type;
	struct kp_buf bytes = KP_BUF_INIT;
	struct row *row;
	int ret;

	put_key(f, key, &bytes);
	ret = kp_buf_error(&bytes);
	if (!ret) {
		row = kp_hash_get(&m->rows, bytes.data, bytes.len);
		if (row)
			ret = add_value(row, value);
		else
			ret = new_row(m, type, &bytes, value);
	}
	kp_buf_free(&bytes);
	return ret;
}

void kp_merge_get(const struct kp_merge *m, size_t i, struct kp_val *key, struct kp_val *value)
{
	const struct row *row = kp_hash_entry(&m->rows, i)->value;

	*key = row->key;
	*value = row->value;
}
