/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * message - something to tell the user, before it has a form: an error, a warning,
 * where in the script, and what helps.
 */
#ifndef KP_UTIL_MESSAGE_H
#define KP_UTIL_MESSAGE_H

#include <stdint.h>

#include "buf.h"

enum kp_message_kind {
	KP_MESSAGE_ERROR,
	KP_MESSAGE_WARNING,
	KP_MESSAGE_USAGE, /* an error in the command's options */
	KP_MESSAGE_INFO,
	KP_MESSAGE_VERBOSE,
};

/* A part of somebody else's text. */
struct kp_message_text {
	const char *data;
	size_t len;
};

/* Where in the script; its parts live as long as the message. */
struct kp_message_place {
	struct kp_message_text file;
	uint32_t line;		       /* from 1; 0: there is no place */
	uint32_t column;	       /* in bytes, from 1; 0: unknown */
	uint32_t width;		       /* bytes from the column on that are meant */
	struct kp_message_text source; /* the line; data is NULL when it is not known */
	int behind;		       /* as text, stands behind the sentence and not before it */
};

struct kp_message {
	enum kp_message_kind kind;
	struct kp_message_place place;
	struct kp_buf text;  /* one sentence without a full stop */
	struct kp_buf hints; /* what helps: each hint ends in a newline */
};

/** kp_message_put - append formatted text to the sentence. */
void kp_message_put(struct kp_message *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** kp_message_vput - the same with an argument list. */
void kp_message_vput(struct kp_message *m, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/** kp_message_hint - add a hint. */
void kp_message_hint(struct kp_message *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** kp_message_vhint - the same with an argument list. */
void kp_message_vhint(struct kp_message *m, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/** kp_message_next_hint - take the next hint off @hints; its data is NULL at the end. */
struct kp_message_text kp_message_next_hint(struct kp_message_text *hints);

/** kp_message_free - release everything. */
void kp_message_free(struct kp_message *m);

#endif
