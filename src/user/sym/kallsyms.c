// SPDX-License-Identifier: GPL-2.0-only
#include "kallsyms.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"

struct entry {
	uint64_t addr;
	size_t name;   /* offset into the texts */
	size_t module; /* the same; 0: none */
	size_t line;   /* for a stable order */
};

struct kp_kallsyms {
	char *path;
	bool tried;
	int error; /* of reading it */
	struct entry *v;
	size_t n;
	size_t cap;
	struct kp_buf text;
};

struct kp_kallsyms *kp_kallsyms_new(const char *path)
{
	struct kp_kallsyms *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->path = strdup(path ? path : "/proc/kallsyms");
	if (!k->path) {
		free(k);
		return NULL;
	}
	return k;
}

void kp_kallsyms_free(struct kp_kallsyms *k)
{
	if (!k)
		return;
	kp_buf_free(&k->text);
	free(k->v);
	free(k->path);
	free(k);
}

static size_t add_text(struct kp_kallsyms *k, const char *text)
{
	size_t at = k->text.len;

	kp_buf_put(&k->text, text, strlen(text) + 1);
	return at;
}

/*
 * A line is "ADDRESS TYPE NAME" or "ADDRESS TYPE NAME\t[MODULE]". Type A is no
 * address but a number, mostly an offset into per-CPU data. 0 or -ENOMEM.
 */
static int add_line(struct kp_kallsyms *k, char *line)
{
	char *addr, *type, *name, *module, *rest = line;
	struct entry *v;

	addr = strtok_r(rest, " \t\n", &rest);
	type = strtok_r(NULL, " \t\n", &rest);
	name = strtok_r(NULL, " \t\n", &rest);
	module = strtok_r(NULL, " \t\n[]", &rest);
	if (!addr || !type || !name || *type == 'A' || *type == 'a')
		return 0;
	if (k->n == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 4096;

		v = realloc(k->v, cap * sizeof(*v));
		if (!v)
			return -ENOMEM;
		k->v = v;
		k->cap = cap;
	}
	v = &k->v[k->n];
	v->addr = strtoull(addr, NULL, 16);
	v->name = add_text(k, name);
	v->module = module ? add_text(k, module) : 0;
	v->line = k->n++;
	return kp_buf_error(&k->text);
}

static int entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static int load(struct kp_kallsyms *k)
{
	FILE *file = fopen(k->path, "re");
	char *line = NULL;
	size_t cap = 0;
	int err = 0;

	if (!file)
		return -errno;
	add_text(k, ""); /* so that offset 0 means none */
	while (!err && getline(&line, &cap, file) > 0)
		err = add_line(k, line);
	if (ferror(file))
		err = -EIO;
	free(line);
	fclose(file);
	if (err)
		return err;
	qsort(k->v, k->n, sizeof(*k->v), entry_cmp);
	/* Without the privilege to see addresses all are zero. */
	return k->n && k->v[k->n - 1].addr ? 0 : -ENOENT;
}

/* Like the kernel: of several names of one address the first, its size up to the next address. */
int kp_kallsyms_find(struct kp_kallsyms *k, uint64_t addr, struct kp_symbol *sym)
{
	size_t low = 0, high, first, mid;

	if (!k->tried) {
		k->tried = true;
		k->error = load(k);
	}
	if (k->error)
		return k->error;
	high = k->n;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (k->v[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || !k->v[low - 1].addr || low == k->n)
		return -ENOENT;
	for (first = low - 1; first && k->v[first - 1].addr == k->v[first].addr; first--)
		;
	sym->name = k->text.data + k->v[first].name;
	sym->module = k->v[first].module ? k->text.data + k->v[first].module : NULL;
	sym->start = k->v[first].addr;
	sym->size = k->v[low].addr - sym->start;
	return 0;
}

size_t kp_kallsyms_text(struct kp_kallsyms *k, uint64_t addr, char *text, size_t size)
{
	struct kp_symbol s;
	int n;

	if (kp_kallsyms_find(k, addr, &s))
		n = snprintf(text, size, "0x%" PRIx64, addr);
	else if (s.module)
		n = snprintf(text, size, "%s+0x%" PRIx64 "/0x%" PRIx64 " [%s]", s.name,
			     addr - s.start, s.size, s.module);
	else
		n = snprintf(text, size, "%s+0x%" PRIx64 "/0x%" PRIx64, s.name, addr - s.start,
			     s.size);
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}
