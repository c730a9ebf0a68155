/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * args - what stands behind a script on the command line: values for the options that
 * it declares, and its arguments.
 */
#ifndef KP_RUN_ARGS_H
#define KP_RUN_ARGS_H

#include "view.h"

/* One value: an element of the section ARGS. */
struct kp_arg {
	const char *text; /* of the image or of the command line; NULL: a number */
	uint32_t len;
	int64_t number;
};

/* The values of the options, and when the script reads `arg` its name and arguments. */
struct kp_args {
	struct kp_arg *v;
	uint32_t n;
};

#define KP_ARGS_INIT    \
	{               \
		NULL, 0 \
	}

/**
 * kp_args_parse - compare the words behind a script with what it declares.
 * @a: what kp_args_free() later releases, also after a failure
 * @v: the image; it, @name and @words must outlive @a
 * @name: what the user calls the script
 *
 * A script that declares options, or takes no arguments, has -h and --help; any
 * other gets all words as they are. Returns 0; 1 when the help was asked for and is
 * printed to standard output; -EINVAL after saying on standard error what is wrong;
 * -ENOMEM, said too.
 */
int kp_args_parse(struct kp_args *a, const struct kp_view *v, const char *name, char *const *words,
		  int nwords);

/** kp_args_free - release everything. */
void kp_args_free(struct kp_args *a);

#endif
