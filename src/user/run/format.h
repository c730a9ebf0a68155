/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * format - values that a script printed, as text.
 *
 * print and printf ship their arguments (uapi/ktap/record.h); the text is made
 * here. The bytes come from the kernel's ring, yet every length is checked.
 */
#ifndef KP_RUN_FORMAT_H
#define KP_RUN_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktap/record.h>

#include "util/buf.h"

struct kp_kallsyms;
struct kp_processes;

/* One value of a record, not copied. */
struct kp_val {
	uint32_t type;	     /* enum ktap_type */
	uint32_t len;	     /* of data, bytes, without padding */
	const uint8_t *data; /* not aligned */
	int64_t i;	     /* KTAP_T_INT, FUNC, TABLE: the number; else 0 */
};

/* Where the texts come from that the values do not hold themselves. */
struct kp_format {
	/*
	 * Append the text of an event (struct ktap_event_text and its raw
	 * record, @len bytes at @data). 0 or -errno; then what was appended stays.
	 */
	int (*event)(void *ctx, const uint8_t *data, uint32_t len, struct kp_buf *out);
	void *ctx;
	struct kp_kallsyms *symbols;	/* of the kernel; NULL prints numbers */
	struct kp_processes *processes; /* for their addresses; the same */
	bool timestamps;		/* -T: lines that show an event begin with the time */
};

#define KP_FORMAT_ERROR 96 /* bytes that hold any error text */

/**
 * kp_val_next - take the next value off @p, of which @len bytes are left.
 *
 * Returns 1; 0 at the end; -EPROTO when the bytes are no value.
 */
int kp_val_next(const uint8_t **p, size_t *len, struct kp_val *v);

/**
 * kp_format_value - append what print() shows for @v: integers decimal, strings
 * as they are, the parts of tuples separated by ", ", the text of events.
 */
void kp_format_value(const struct kp_format *f, const struct kp_val *v, struct kp_buf *out);

/**
 * kp_format_print - append the line of print(): values separated by tabs, a newline.
 * @time:         of the record, ns; for -T
 * @values, @len: the values of the record
 *
 * Returns 0 or -EPROTO.
 */
int kp_format_print(const struct kp_format *f, uint64_t time, const void *values, size_t len,
		    struct kp_buf *out);

/**
 * kp_format_printf - append the text of printf(): the first value is the format.
 *
 *   %[-+ #0][WIDTH][.PRECISION]CONVERSION   WIDTH, PRECISION: a number up to 9999, or *
 *   d i    signed      u o x X   unsigned, 64 bits
 *   c      one byte    s         any value, as print() shows it
 *   p      the kernel symbol an address belongs to     %%   a percent sign
 *
 * nil is shown as nil by every conversion. Of texts, width and precision are columns of a
 * terminal, and no character of UTF-8 is cut apart.
 *
 * Returns 0; -EPROTO; -EINVAL with the reason in @err (KP_FORMAT_ERROR bytes)
 * when format and arguments do not fit, and then appends nothing.
 */
int kp_format_printf(const struct kp_format *f, const void *values, size_t len, struct kp_buf *out,
		     char *err);

#endif
