/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text - messages as people read them.
 *
 *	error: FILE:LINE:COLUMN: SENTENCE        (or without a place)
 *	    the source line
 *	        ^~~~
 *	hint: HINT
 */
#ifndef KP_RUN_TEXT_H
#define KP_RUN_TEXT_H

#include <stdbool.h>

#include <ktap/abi.h>

#include "util/message.h"

/** kp_text_message - append a message to @out. */
void kp_text_message(const struct kp_message *m, struct kp_buf *out);

/** kp_text_counters - append what a session counted; see kp_report_counters(). */
void kp_text_counters(const struct ktap_status *status, bool all, struct kp_buf *out);

#endif
