/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options - what the words of the command line ask for.
 */
#ifndef KP_RUN_OPTIONS_H
#define KP_RUN_OPTIONS_H

#include <stdbool.h>
#include <wordexp.h>

#include "session.h"

enum kp_action {
	KP_ACTION_RUN,
	KP_ACTION_COMPILE,
	KP_ACTION_AST,
	KP_ACTION_PLAN,
	KP_ACTION_BYTECODE,
	KP_ACTION_LIST,
};

struct kp_options {
	enum kp_action action;
	struct kp_session_opts session;
	const char *text; /* -e: the script itself */
	char *event_text; /* -s: the script made of it */
	const char *file; /* or where it is */
	const char *list; /* -l: pattern, or NULL */
	bool list_fields; /* -lv */
	wordexp_t words;  /* -c: the command in pieces */
	bool no_fold, no_infer;
	bool host;
	bool unsafe; /* built-ins that change what the system does are allowed */
};

/**
 * kp_options_parse - fill @o from the words of the command line, which it refers to from then on.
 * @o: what kp_options_free() later releases, also after an error
 *
 * From --format on messages have that form. Returns 0; -1 when there is nothing left to do, as
 * the help or the version was printed; or the exit status, and the error has been said.
 */
int kp_options_parse(struct kp_options *o, int argc, char **argv);

/** kp_options_free - release what kp_options_parse() took. */
void kp_options_free(struct kp_options *o);

#endif
