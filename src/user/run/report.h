/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report - what the command says on standard error.
 *
 *	error: FILE:LINE:COLUMN: MESSAGE         (or without a place)
 *	    the source line
 *	        ^~~~
 *	hint: HINT
 */
#ifndef KP_RUN_REPORT_H
#define KP_RUN_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <ktap/abi.h>

#include "view.h"

/** kp_report_error - say "error: " and the text. */
void kp_report_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** kp_report_hint - say "hint: " and the text, below an error. */
void kp_report_hint(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** kp_report_at - an error at a place of the script, @width bytes of which are marked. */
void kp_report_at(const struct kp_view *v, struct kp_view_place place, uint32_t width,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/** kp_report_script - an error that the VM or the verifier found. */
void kp_report_script(const struct kp_view *v, const struct ktap_place *place);

/** kp_report_warning - a warning of the VM. */
void kp_report_warning(const struct kp_view *v, const struct ktap_place *place);

/**
 * kp_report_counters - what a session counted.
 * @all: also what is zero or no loss, and the use of memory
 */
void kp_report_counters(const struct ktap_status *status, bool all);

#endif
