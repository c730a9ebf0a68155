/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * addr - stacks and symbols as text: the values KTAP_T_STACK and KTAP_T_SYM.
 */
#ifndef KP_RUN_ADDR_H
#define KP_RUN_ADDR_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

struct kp_kallsyms;

/**
 * kp_addr_put_stack - append a stack: "<stack trace>", then a line for each frame.
 * @symbols:    names of kernel addresses; NULL: there are none
 * @data, @len: struct ktap_stack and its frames; not aligned
 *
 * No newline at the end.
 */
void kp_addr_put_stack(struct kp_kallsyms *symbols, const uint8_t *data, size_t len,
		       struct kp_buf *out);

/** kp_addr_put_sym - append a struct ktap_sym as it wants to be shown. */
void kp_addr_put_sym(struct kp_kallsyms *symbols, const uint8_t *data, size_t len,
		     struct kp_buf *out);

#endif
