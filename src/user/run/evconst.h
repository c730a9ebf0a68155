/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * evconst - constant expressions of C, as formats of events have them: ( 1 << 4 | 0x20ul ).
 */
#ifndef KP_RUN_EVCONST_H
#define KP_RUN_EVCONST_H

#include <stdint.h>

/**
 * kp_evconst_eval - *@value of a number, of an expression in parentheses, or of ~ or - of these.
 * @p: where it begins; it ends before @end, and the text with a zero
 *
 * Returns what follows it, or NULL when it is no constant.
 */
const char *kp_evconst_eval(const char *p, const char *end, uint64_t *value);

#endif
