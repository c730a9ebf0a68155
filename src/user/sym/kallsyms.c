// SPDX-License-Identifier: GPL-2.0-only
#include "kallsyms.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/file.h"

struct entry {
	uint64_t addr;
	const char *name;
	const char *module; /* or NULL */
};

struct kp_kallsyms {
	char *path;
	bool tried;
	int error;  /* of reading it */
	char *text; /* of the file: names are ended by a NUL where they stand */
	struct entry *v;
	size_t n;
	size_t cap;
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
	free(k->text);
	free(k->v);
	free(k->path);
	free(k);
}

/* The place for one more, or NULL. */
static struct entry *next_entry(struct kp_kallsyms *k)
{
	if (k->n == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 4096;
		struct entry *v = realloc(k->v, cap * sizeof(*v));

		if (!v)
			return NULL;
		k->v = v;
		k->cap = cap;
	}
	return &k->v[k->n];
}

/* Takes digits off *@p, of which the file has too many for strtoull(). */
static uint64_t take_hex(char **p)
{
	uint64_t value = 0;

	for (; isxdigit((unsigned char)**p); (*p)++)
		value = value << 4 | (**p <= '9' ? **p - '0' : (**p | 32) - 'a' + 10);
	return value;
}

/*
 * A line is "ADDRESS TYPE NAME" or "ADDRESS TYPE NAME\t[MODULE]". Type A is no
 * address but a number, mostly an offset into per-CPU data. 0 or -ENOMEM.
 */
static int add_line(struct kp_kallsyms *k, char *p)
{
	struct entry *e = next_entry(k);

	if (!e)
		return -ENOMEM;
	e->addr = take_hex(&p);
	if (*p++ != ' ' || !*p || *p == 'A' || *p == 'a' || *++p != ' ')
		return 0;
	e->name = ++p;
	e->module = NULL;
	p += strcspn(p, "\t ");
	if (*p) {
		*p++ = '\0';
		p += strspn(p, "\t [");
		e->module = *p ? p : NULL;
		p[strcspn(p, "]")] = '\0';
	}
	k->n++;
	return 0;
}

/* By address; as in the file where that is the same. */
static int entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* All but the symbols of modules, which come last, are in order already. */
static void sort_entries(struct kp_kallsyms *k)
{
	size_t i = 1;

	while (i < k->n && k->v[i - 1].addr <= k->v[i].addr)
		i++;
	if (i >= k->n)
		return;
	qsort(k->v + i, k->n - i, sizeof(*k->v), entry_cmp);
	if (entry_cmp(&k->v[i - 1], &k->v[i]) > 0)
		qsort(k->v, k->n, sizeof(*k->v), entry_cmp);
}

static int load(struct kp_kallsyms *k)
{
	ssize_t len = kp_file_read(AT_FDCWD, k->path, &k->text);
	char *line, *end;
	int err;

	if (len < 0)
		return (int)len;
	for (line = k->text; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		err = add_line(k, line);
		if (err)
			return err;
	}
	sort_entries(k);
	/* Without the privilege to see addresses all are zero. */
	return k->n && k->v[k->n - 1].addr ? 0 : -ENOENT;
}

/*
 * Whether the kernel may have something there. Numbers that are no addresses are looked up, too, and
 * reading the table takes long.
 */
static bool may_be_kernel(uint64_t addr)
{
#if defined(__x86_64__) || defined(__aarch64__) || defined(__powerpc64__)
	return addr >> 63; /* the lower half is for processes */
#else
	return addr;
#endif
}

/* Like the kernel: of several names of one address the first, its size up to the next address. */
int kp_kallsyms_find(struct kp_kallsyms *k, uint64_t addr, struct kp_symbol *sym)
{
	size_t low = 0, high, first, mid;

	if (!may_be_kernel(addr))
		return -ENOENT;
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
	sym->name = k->v[first].name;
	sym->module = k->v[first].module;
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
