/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * elf - functions of a program or library, by where they are in the file.
 */
#ifndef KP_SYM_ELF_H
#define KP_SYM_ELF_H

#include <stdint.h>

struct kp_elf;

/* A function. The name lives as long as the table. */
struct kp_elf_symbol {
	const char *name;
	uint64_t offset; /* of what was asked for, in the function */
	uint64_t size;	 /* of the function; 0 when the file does not say */
};

/**
 * kp_elf_open - read the symbols of a file: .symtab, or .dynsym where that is stripped.
 *
 * Returns NULL without memory and for what is no such file.
 */
struct kp_elf *kp_elf_open(const char *path);

/** kp_elf_free - release it; NULL is harmless. */
void kp_elf_free(struct kp_elf *e);

/**
 * kp_elf_find - the function that the byte at @offset of the file belongs to.
 *
 * Returns 0 or -ENOENT.
 */
int kp_elf_find(const struct kp_elf *e, uint64_t offset, struct kp_elf_symbol *sym);

#endif
