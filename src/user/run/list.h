/* SPDX-License-Identifier: GPL-2.0-only */
/* list - ktap -l, -le, -lv. */
#ifndef KP_RUN_LIST_H
#define KP_RUN_LIST_H

#include <stdbool.h>
#include <stdio.h>

/**
 * kp_list_run - write the names of the events of this kernel to @out.
 * @glob:   which; NULL for all
 * @fields: also the fields of each
 *
 * Returns the exit status; errors have been said, but for those of @out.
 */
int kp_list_run(const char *glob, bool fields, FILE *out);

#endif
