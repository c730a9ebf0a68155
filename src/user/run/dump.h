/* SPDX-License-Identifier: GPL-2.0-only */
/* dump - what is in a portable image, for people. */
#ifndef KP_RUN_DUMP_H
#define KP_RUN_DUMP_H

#include <stdio.h>

struct kp_view;

/** kp_dump_bytecode - write the functions of an image, an instruction a line. */
void kp_dump_bytecode(const struct kp_view *v, FILE *out);

/**
 * kp_dump_plan - write what the compiler decided: probes with their functions,
 * which variables are shared and how they are read, how tables are kept.
 */
void kp_dump_plan(const struct kp_view *v, FILE *out);

#endif
