// SPDX-License-Identifier: GPL-2.0-only
/*
 * A header, then the types one after the other, then their names. The number of
 * bytes of a type follows from its kind; see the kernel's documentation of BTF.
 */
#include "btf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/btf.h>

#include "util/buf.h"

#define KIND_ENUM64 19 /* newer than some headers */
#define KIND_COUNT  20
#define MAX_FILE    (256u << 20)

struct kp_btf {
	char *path;
	bool tried;
	int error; /* of reading it */
	struct kp_buf file;
	const uint8_t *types;
	size_t types_len;
	const char *names; /* ends in a zero */
	size_t names_len;
};

struct kp_btf *kp_btf_new(const char *path)
{
	struct kp_btf *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->path = strdup(path ? path : "/sys/kernel/btf/vmlinux");
	if (!b->path) {
		free(b);
		return NULL;
	}
	return b;
}

void kp_btf_free(struct kp_btf *b)
{
	if (!b)
		return;
	kp_buf_free(&b->file);
	free(b->path);
	free(b);
}

static int read_file(struct kp_btf *b)
{
	FILE *file = fopen(b->path, "re");
	char piece[65536];
	size_t n;
	int err = 0;

	if (!file)
		return -errno;
	while ((n = fread(piece, 1, sizeof(piece), file)) && b->file.len < MAX_FILE)
		kp_buf_put(&b->file, piece, n);
	if (ferror(file))
		err = -EIO;
	fclose(file);
	return err ? err : kp_buf_error(&b->file);
}

static int load(struct kp_btf *b)
{
	struct btf_header h;
	size_t rest;
	int err;

	err = read_file(b);
	if (err)
		return err;
	if (b->file.len < sizeof(h))
		return -EPROTO;
	memcpy(&h, b->file.data, sizeof(h));
	if (h.magic != BTF_MAGIC || h.hdr_len < sizeof(h) || h.hdr_len > b->file.len)
		return -EPROTO;
	rest = b->file.len - h.hdr_len;
	if (h.type_off > rest || h.type_len > rest - h.type_off || h.str_off > rest ||
	    h.str_len > rest - h.str_off || !h.str_len)
		return -EPROTO;
	b->types = (const uint8_t *)b->file.data + h.hdr_len + h.type_off;
	b->types_len = h.type_len;
	b->names = b->file.data + h.hdr_len + h.str_off;
	b->names_len = h.str_len;
	return b->names[h.str_len - 1] ? -EPROTO : 0;
}

/* Bytes behind the head of a type: @each for every element, @fixed once. */
static const struct {
	uint8_t fixed, each;
} tails[KIND_COUNT] = {
	[BTF_KIND_INT] = { 4, 0 },
	[BTF_KIND_ARRAY] = { sizeof(struct btf_array), 0 },
	[BTF_KIND_STRUCT] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_UNION] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_ENUM] = { 0, sizeof(struct btf_enum) },
	[BTF_KIND_FUNC_PROTO] = { 0, sizeof(struct btf_param) },
	[BTF_KIND_VAR] = { sizeof(struct btf_var), 0 },
	[BTF_KIND_DATASEC] = { 0, sizeof(struct btf_var_secinfo) },
	[17] = { 4, 0 }, /* declaration tags */
	[KIND_ENUM64] = { 0, 12 },
};

static bool is_named(const struct kp_btf *b, uint32_t at, const char *name, size_t len)
{
	return at < b->names_len && b->names_len - at > len && !memcmp(b->names + at, name, len) &&
	       !b->names[at + len];
}

/* Look through the elements of an enumeration; they are three or two words. */
static bool find_in(const struct kp_btf *b, const uint8_t *p, uint32_t n, size_t each,
		    const char *name, size_t len, int64_t *value)
{
	uint32_t word[3];

	for (; n--; p += each) {
		memcpy(word, p, each);
		if (!is_named(b, word[0], name, len))
			continue;
		*value = each == sizeof(word) ? (int64_t)((uint64_t)word[2] << 32 | word[1]) :
						(int32_t)word[1];
		return true;
	}
	return false;
}

int kp_btf_enumerator(struct kp_btf *b, const char *name, size_t len, int64_t *value)
{
	const uint8_t *p, *end;
	struct btf_type type;

	if (!b->tried) {
		b->tried = true;
		b->error = load(b);
	}
	if (b->error)
		return b->error;
	end = b->types + b->types_len;
	for (p = b->types; (size_t)(end - p) >= sizeof(type);) {
		uint32_t kind, n;
		size_t tail;

		memcpy(&type, p, sizeof(type));
		p += sizeof(type);
		kind = type.info >> 24 & 0x1f;
		n = type.info & 0xffff;
		if (kind >= KIND_COUNT)
			return -EPROTO;
		tail = tails[kind].fixed + (size_t)n * tails[kind].each;
		if ((size_t)(end - p) < tail)
			return -EPROTO;
		if ((kind == BTF_KIND_ENUM || kind == KIND_ENUM64) &&
		    find_in(b, p, n, tails[kind].each, name, len, value))
			return 0;
		p += tail;
	}
	return -ENOENT;
}
