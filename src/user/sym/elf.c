// SPDX-License-Identifier: GPL-2.0-only
#include "elf.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/buf.h"

#define SYMBOLS_MAX (8u << 20) /* of one file */

struct function {
	uint64_t addr;
	uint64_t size;
	size_t name; /* offset into the texts */
};

/* A part of the file that is mapped. */
struct segment {
	uint64_t offset, size, addr;
};

struct kp_elf {
	struct function *functions; /* by address */
	size_t n, cap;
	struct segment *segments;
	size_t nsegments;
	struct kp_buf text;
};

void kp_elf_free(struct kp_elf *e)
{
	if (!e)
		return;
	kp_buf_free(&e->text);
	free(e->functions);
	free(e->segments);
	free(e);
}

static int read_segments(struct kp_elf *e, Elf *elf)
{
	size_t n, i;
	GElf_Phdr ph;

	if (elf_getphdrnum(elf, &n) || !n)
		return -ENOEXEC;
	e->segments = calloc(n, sizeof(*e->segments));
	if (!e->segments)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, (int)i, &ph))
			return -ENOEXEC;
		if (ph.p_type == PT_LOAD)
			e->segments[e->nsegments++] =
				(struct segment){ ph.p_offset, ph.p_filesz, ph.p_vaddr };
	}
	return 0;
}

static int add_function(struct kp_elf *e, const GElf_Sym *sym, const char *name)
{
	struct function *f;

	if (e->n == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 256;

		f = realloc(e->functions, cap * sizeof(*f));
		if (!f)
			return -ENOMEM;
		e->functions = f;
		e->cap = cap;
	}
	f = &e->functions[e->n++];
	*f = (struct function){ sym->st_value, sym->st_size, e->text.len };
	kp_buf_put(&e->text, name, strlen(name) + 1);
	return kp_buf_error(&e->text);
}

static int read_symbols(struct kp_elf *e, Elf *elf, Elf_Scn *section, const GElf_Shdr *sh,
			bool thumb)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = data && sh->sh_entsize ? data->d_size / sh->sh_entsize : 0, i;
	const char *name;
	GElf_Sym sym;
	int ret = 0, type;

	for (i = 0; i < n && i < SYMBOLS_MAX && !ret; i++) {
		if (!gelf_getsym(data, (int)i, &sym) || sym.st_shndx == SHN_UNDEF || !sym.st_value)
			continue;
		type = GELF_ST_TYPE(sym.st_info);
		if (type != STT_FUNC && type != STT_GNU_IFUNC)
			continue;
		name = elf_strptr(elf, sh->sh_link, sym.st_name);
		if (!name || !*name)
			continue;
		if (thumb)
			sym.st_value &= ~UINT64_C(1);
		ret = add_function(e, &sym, name);
	}
	return ret;
}

/* The section of a type, and its header; NULL when there is none. */
static Elf_Scn *find_section(Elf *elf, uint32_t type, GElf_Shdr *sh)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, sh) && sh->sh_type == type)
			return section;
	return NULL;
}

static int function_cmp(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static int read_elf(struct kp_elf *e, int fd)
{
	Elf_Scn *section;
	GElf_Ehdr ehdr;
	GElf_Shdr sh;
	Elf *elf;
	int ret;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf)
		return -ENOEXEC;
	ret = elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &ehdr) ? 0 : -ENOEXEC;
	if (!ret)
		ret = read_segments(e, elf);
	if (!ret) {
		section = find_section(elf, SHT_SYMTAB, &sh);
		if (!section)
			section = find_section(elf, SHT_DYNSYM, &sh);
		if (section)
			ret = read_symbols(e, elf, section, &sh, ehdr.e_machine == EM_ARM);
	}
	elf_end(elf);
	if (!ret && e->n)
		qsort(e->functions, e->n, sizeof(*e->functions), function_cmp);
	return ret;
}

struct kp_elf *kp_elf_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct kp_elf *e;

	if (fd < 0)
		return NULL;
	e = calloc(1, sizeof(*e));
	if (e && read_elf(e, fd)) {
		kp_elf_free(e);
		e = NULL;
	}
	close(fd);
	return e;
}

int kp_elf_find(const struct kp_elf *e, uint64_t offset, struct kp_elf_symbol *sym)
{
	size_t low = 0, high = e->n, mid, i;
	const struct function *f;
	uint64_t addr;

	for (i = 0; i < e->nsegments; i++)
		if (offset - e->segments[i].offset < e->segments[i].size)
			break;
	if (i == e->nsegments)
		return -ENOENT;
	addr = offset - e->segments[i].offset + e->segments[i].addr;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (e->functions[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return -ENOENT;
	/* of several names of one address the first */
	for (f = &e->functions[low - 1]; f > e->functions && f[-1].addr == f->addr; f--)
		;
	if (f->size && addr - f->addr >= f->size)
		return -ENOENT;
	*sym = (struct kp_elf_symbol){ e->text.data + f->name, addr - f->addr, f->size };
	return 0;
}
