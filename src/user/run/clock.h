/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock - times as text: the value KTAP_T_TIME.
 */
#ifndef KP_RUN_CLOCK_H
#define KP_RUN_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/**
 * kp_clock_put - append a time in the local time zone.
 * @data, @len: struct ktap_time and a format of strftime(3), in which %f stands for
 *		microseconds; not aligned
 *
 * What is no time appends nothing.
 */
void kp_clock_put(const uint8_t *data, size_t len, struct kp_buf *out);

#endif
