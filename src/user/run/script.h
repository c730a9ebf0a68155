/* SPDX-License-Identifier: GPL-2.0-only */
/* script - find and read what the user asks to run. */
#ifndef KP_RUN_SCRIPT_H
#define KP_RUN_SCRIPT_H

#include "util/buf.h"

/**
 * kp_script_read - read a script or an image.
 * @name: a file, "-" for standard input; or, when there is no such file and it has
 *        neither slash nor suffix, a script of the library: NAME.kp in the
 *        directory of the environment variable KTAP_LIBRARY, or else in that of the
 *        installation, or in a directory in there
 * @text: receives the bytes
 * @path: receives where they are from, which the caller frees; NULL on failure
 *
 * Returns 0; or -errno, having said on standard error why.
 */
int kp_script_read(const char *name, struct kp_buf *text, char **path);

#endif
