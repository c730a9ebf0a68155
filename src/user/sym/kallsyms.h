/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kallsyms - names of kernel addresses.
 */
#ifndef KP_SYM_KALLSYMS_H
#define KP_SYM_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

struct kp_kallsyms;

/* What an address belongs to. The texts live as long as the table. */
struct kp_symbol {
	const char *name;
	const char *module; /* or NULL */
	uint64_t start;
	uint64_t size; /* up to the next symbol; 0 when unknown */
};

/**
 * kp_kallsyms_new - a table that is read on the first question.
 * @path: the file, or NULL for /proc/kallsyms
 *
 * Returns NULL without memory.
 */
struct kp_kallsyms *kp_kallsyms_new(const char *path);

/** kp_kallsyms_free - release it; NULL is harmless. */
void kp_kallsyms_free(struct kp_kallsyms *k);

/**
 * kp_kallsyms_find - the symbol that @addr belongs to.
 *
 * Returns 0; -ENOENT when it belongs to none, or the kernel hides addresses;
 * another -errno when the table cannot be read.
 */
int kp_kallsyms_find(struct kp_kallsyms *k, uint64_t addr, struct kp_symbol *sym);

/**
 * kp_kallsyms_text - the address as the kernel's %pS shows it:
 * "name+0xOFFSET/0xSIZE [module]", or "0xADDR" when it belongs to nothing.
 *
 * Returns the length, cut off to @size - 1.
 */
size_t kp_kallsyms_text(struct kp_kallsyms *k, uint64_t addr, char *text, size_t size);

#endif
