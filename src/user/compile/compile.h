/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compile - ktap source text to a portable image. The public face of this
 * folder; every other header in it is internal.
 *
 * The compiler needs no kernel, no root and no knowledge of the machine the
 * image will run on. It reads no file and writes to nothing but the buffers
 * it is given.
 */
#ifndef KP_COMPILE_H
#define KP_COMPILE_H

#include <stdbool.h>
#include <stddef.h>

#include "../util/message.h"

#define KP_SOURCE_MAX (8u << 20) /* bytes of one script */

/* A script. @name is what messages call it: a path, or "(command line)" for -e. */
struct kp_source {
	const char *name;
	const char *text; /* need not end in NUL */
	size_t len;
};

struct kp_compile_opts {
	bool unsafe;	     /* --unsafe: allow built-ins that change the system's behaviour */
	bool no_warnings;    /* do not report warnings */
	bool no_fold;	     /* keep constant expressions as written (differential tests) */
	struct kp_buf *plan; /* what was found out about variables is appended here; or NULL */
	bool no_infer;	     /* nor find out what variables are, nor drop dead code (the same) */
};

/* Every message has a tag, listed in errors.def. */
enum kp_tag {
	KP_TAG_NONE,
#define KP_DIAG(tag, severity, text, cause) KP_TAG_##tag,
#include "errors.def"
#undef KP_DIAG
	KP_TAG_COUNT,
};

#define KP_DIAG_MAX 20 /* messages per run; later ones are only counted */

/* Where messages go. Start with { .out = &buffer }. */
struct kp_diag {
	struct kp_buf *out;		    /* rendered text, for standard error */
	const struct kp_message_form *form; /* how it is rendered; NULL: as text */
	bool open;			    /* the message reported last may get hints */
	bool hinted;			    /* and got one */
	const struct kp_source *src;	    /* set by the compiler */
	unsigned int errors;
	unsigned int warnings;
	unsigned int count;	       /* entries of @tags */
	enum kp_tag tags[KP_DIAG_MAX]; /* what was reported, in order */
};

/** kp_tag_name - the name of a tag as errors.def spells it. */
const char *kp_tag_name(enum kp_tag tag);

/**
 * kp_compile - compile @src.
 * @opts: never NULL
 * @image: the portable image (uapi/ktap/bytecode.h) is appended here
 * @diag: receives errors and warnings
 * Returns 0; -EINVAL when the script has errors, which @diag then holds; -ENOMEM.
 */
int kp_compile(const struct kp_source *src, const struct kp_compile_opts *opts,
	       struct kp_buf *image, struct kp_diag *diag);

/**
 * kp_ast_dump - parse @src and append its syntax tree, one node a line, to @out.
 * Returns what kp_compile() returns; names are not checked.
 */
int kp_ast_dump(const struct kp_source *src, const struct kp_compile_opts *opts, struct kp_buf *out,
		struct kp_diag *diag);

#endif
