/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host - the VM of the kernel module in this process: for scripts without probes,
 * on any machine.
 */
#ifndef KP_RUN_HOST_H
#define KP_RUN_HOST_H

#include <stddef.h>

struct kp_session_opts;
struct kp_view;

/**
 * kp_host_run - run the main chunk of a load image and its trace_end.
 * @v: the portable image it was made of, for messages
 *
 * What it prints and says is what the kernel would have it print and say.
 * Returns the exit status; errors have been said.
 */
int kp_host_run(const struct kp_view *v, const void *image, size_t len,
		const struct kp_session_opts *opts);

#endif
