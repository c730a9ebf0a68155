/* SPDX-License-Identifier: GPL-2.0-only */
/* parse - tokens to syntax tree. The grammar stands in parse.c, rule by rule. */
#ifndef KP_COMPILE_PARSE_H
#define KP_COMPILE_PARSE_H

#include "ast.h"

#define KP_PARSE_DEPTH	    200	 /* nesting of blocks, functions and brackets */
#define KP_PARSE_EXPR_DEPTH 1000 /* height of the tree of an expression */

/**
 * kp_parse - the main chunk of the script. What it makes of a script with
 * errors, which are reported, is incomplete.
 */
struct kp_func *kp_parse(struct kp_cc *cc);

#endif
