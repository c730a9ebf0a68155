/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * out - the script's output: standard output or a file, through a large buffer.
 */
#ifndef KP_RUN_OUT_H
#define KP_RUN_OUT_H

#include "util/buf.h"

struct kp_out {
	int fd;
	struct kp_buf text; /* not written yet: append here */
	int error;	    /* -errno of the first write that failed; what follows is dropped */
};

/** kp_out_open - write to @path, which is made or emptied; NULL is standard output. 0 or -errno. */
int kp_out_open(struct kp_out *out, const char *path);

/** kp_out_settle - write the text when it is much. */
void kp_out_settle(struct kp_out *out);

/** kp_out_flush - write the text. A signal with a handler makes a write that waits end with -EINTR. */
void kp_out_flush(struct kp_out *out);

/** kp_out_close - write the text and close. Returns the first error there was, or 0. */
int kp_out_close(struct kp_out *out);

#endif
