/* SPDX-License-Identifier: GPL-2.0-only */
/* source - places in a script: byte offsets to lines and columns. */
#ifndef KP_COMPILE_SOURCE_H
#define KP_COMPILE_SOURCE_H

#include <stdint.h>

#include "compile.h"

/* A stretch of the script, in bytes. Empty at the end of the script. */
struct kp_span {
	uint32_t pos;
	uint32_t len;
};

struct kp_place {
	uint32_t line;	     /* from 1 */
	uint32_t column;     /* from 1, in characters (UTF-8) */
	uint32_t line_start; /* byte offset of the line's first character */
	uint32_t line_len;   /* bytes, without the newline */
};

/** kp_source_newline - bytes of the newline at @pos (LF, CR, CR LF, LF CR), or 0. */
uint32_t kp_source_newline(const struct kp_source *src, uint32_t pos);

/** kp_source_place - line and column of byte @pos, which may be the end. Linear in @pos. */
struct kp_place kp_source_place(const struct kp_source *src, uint32_t pos);

#endif
