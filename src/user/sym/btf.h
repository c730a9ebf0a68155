/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * btf - what the kernel says about its own types in /sys/kernel/btf/vmlinux.
 */
#ifndef KP_SYM_BTF_H
#define KP_SYM_BTF_H

#include <stddef.h>
#include <stdint.h>

struct kp_btf;

/**
 * kp_btf_new - types that are read on the first question.
 * @path: the file, or NULL for that of the running kernel
 *
 * Returns NULL without memory.
 */
struct kp_btf *kp_btf_new(const char *path);

/** kp_btf_free - release it; NULL is harmless. */
void kp_btf_free(struct kp_btf *b);

/**
 * kp_btf_enumerator - the value of the enumerator @name (@len bytes).
 *
 * Returns 0; -ENOENT when no enumeration has it; another -errno when this
 * kernel has no BTF or it cannot be read.
 */
int kp_btf_enumerator(struct kp_btf *b, const char *name, size_t len, int64_t *value);

#endif
