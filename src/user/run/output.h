/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * output - the forms in which a script's output and the command's messages are shown.
 * ktap --format names one.
 */
#ifndef KP_RUN_OUTPUT_H
#define KP_RUN_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include <ktap/abi.h>

#include "format.h"
#include "hist.h"
#include "util/message.h"

/* Each function appends to @out. */
struct kp_output {
	const char *name;
	const struct kp_message_form *messages;
	const char *interrupt; /* what is said after the terminal's ^C */

	/* How the command ends; see kp_report_exit(). */
	void (*exit)(int status, struct kp_buf *out);

	/* What a session counted; see kp_report_counters(). */
	void (*counters)(const struct ktap_status *status, bool all, struct kp_buf *out);

	/* print(); see kp_format_print(). 0 or -EPROTO. */
	int (*print)(const struct kp_format *f, uint64_t time, const void *values, size_t len,
		     struct kp_buf *out);

	/* printf(); see kp_format_printf(). 0, -EPROTO; -EINVAL with @err. */
	int (*printf)(const struct kp_format *f, uint64_t time, const void *values, size_t len,
		      struct kp_buf *out, char *err);

	/* A chart; see kp_hist_put(). */
	void (*chart)(const struct kp_format *f, uint64_t time, struct kp_hist *h,
		      unsigned int style, int64_t limit, struct kp_buf *out);
};

extern const struct kp_output kp_output_text, kp_output_json;

/** kp_output_find - the form called @name, or NULL. */
const struct kp_output *kp_output_find(const char *name);

#endif
