/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file - a whole file in memory.
 */
#ifndef KP_UTIL_FILE_H
#define KP_UTIL_FILE_H

#include <sys/types.h>

#define KP_FILE_MAX (64u << 20) /* bytes that are read of one */

/**
 * kp_file_read - all of a file, with a NUL behind it, for the caller to free.
 * @dir: descriptor of the directory that a relative @path begins in, or AT_FDCWD
 *
 * The file may be one of those that the kernel writes while they are read and that have no size.
 *
 * Returns its length; -EFBIG above KP_FILE_MAX, -ENOMEM, or another -errno.
 */
ssize_t kp_file_read(int dir, const char *path, char **text);

#endif
