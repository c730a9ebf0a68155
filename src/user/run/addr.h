/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * addr - stacks and symbols as text: the values KTAP_T_STACK and KTAP_T_SYM.
 */
#ifndef KP_RUN_ADDR_H
#define KP_RUN_ADDR_H

#include <stddef.h>
#include <stdint.h>

#include "format.h"
#include "util/buf.h"

/**
 * kp_addr_put_stack - append a stack: "<stack trace>", then a line for each frame.
 * @data, @len: struct ktap_stack and its frames; not aligned
 *
 * No newline at the end. Names come from @f->symbols and @f->processes.
 */
void kp_addr_put_stack(const struct kp_format *f, const uint8_t *data, size_t len,
		       struct kp_buf *out);

/** kp_addr_put_sym - append a struct ktap_sym as it wants to be shown. */
void kp_addr_put_sym(const struct kp_format *f, const uint8_t *data, size_t len,
		     struct kp_buf *out);

#endif
