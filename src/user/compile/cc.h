/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cc - what all passes of one compilation share.
 *
 * Memory comes from one arena and is never freed piecemeal. Running out of it
 * is the only failure that is thrown: kp_cc_alloc() leaves for the one catch in
 * compile.c, so no pass has to pass -ENOMEM up.
 */
#ifndef KP_COMPILE_CC_H
#define KP_COMPILE_CC_H

#include <setjmp.h>

#include "../util/arena.h"
#include "../util/hash.h"
#include "diag.h"

/* A string of the script: there is one of each, so pointers compare. */
struct kp_str {
	size_t len;
	const char *data; /* a NUL follows; may contain NULs */
};

struct kp_cc {
	const struct kp_source *src;
	const struct kp_compile_opts *opts;
	struct kp_diag *diag;
	struct kp_arena arena;
	struct kp_hash strings; /* bytes -> struct kp_str */
	uint32_t *lines;	/* byte offset of each line's start */
	uint32_t nlines;
	uint32_t unfinished; /* lex: line of the last string that does not end in it, or 0 */
	jmp_buf nomem;	     /* the catch */
};

/** kp_cc_alloc - @size zeroed bytes until the compilation ends; never NULL. */
void *kp_cc_alloc(struct kp_cc *cc, size_t size);

/** kp_cc_grow - a copy of the @len bytes at @old with room for @size bytes. */
void *kp_cc_grow(struct kp_cc *cc, const void *old, size_t len, size_t size);

/** kp_cc_at - kp_hash_at(), but never NULL. */
void **kp_cc_at(struct kp_cc *cc, struct kp_hash *hash, const char *key, size_t len);

/** kp_cc_string - the only kp_str with these bytes (which are copied). */
const struct kp_str *kp_cc_string(struct kp_cc *cc, const char *data, size_t len);

/** kp_cc_nomem - give up for lack of memory: does not return. */
_Noreturn void kp_cc_nomem(struct kp_cc *cc);

/** kp_cc_lines - index the lines of the source, once, for kp_cc_line(). */
void kp_cc_lines(struct kp_cc *cc);

/** kp_cc_line - line of byte @pos; *@column is its byte column, both from 1. */
uint32_t kp_cc_line(const struct kp_cc *cc, uint32_t pos, uint32_t *column);

#endif
