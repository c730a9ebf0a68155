/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run - from a portable image and the words behind its name to an exit status.
 */
#ifndef KP_RUN_RUN_H
#define KP_RUN_RUN_H

#include <stddef.h>

struct kp_session_opts;

/**
 * kp_run_kernel - run an image in the kernel, see kp_session_run(), or print the script's help.
 *
 * Returns the exit status; errors have been said.
 */
int kp_run_kernel(const void *image, size_t len, const struct kp_session_opts *opts);

/** kp_run_host - the same on the host VM: no probes, no kernel, no privilege. */
int kp_run_host(const void *image, size_t len, const struct kp_session_opts *opts);

#endif
