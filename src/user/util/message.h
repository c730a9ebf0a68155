/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * message - something to tell the user, before it has a form: an error, a warning,
 * where in the script, and what helps.
 */
#ifndef KP_UTIL_MESSAGE_H
#define KP_UTIL_MESSAGE_H

#include <stdbool.h>
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
	uint32_t column;	       /* from 1; 0: unknown */
	struct kp_message_text source; /* the line; data is NULL when it is not known */
	uint32_t at;		       /* what is meant: offset in it, or KP_MESSAGE_NOWHERE */
	uint32_t width;		       /* and bytes */
	bool behind;		       /* as text, stands behind the sentence and not before it */
};

#define KP_MESSAGE_NOWHERE UINT32_MAX

struct kp_message {
	enum kp_message_kind kind;
	struct kp_message_place place;
	struct kp_buf text;  /* one sentence without a full stop */
	struct kp_buf hints; /* what helps: each hint ends in a newline */

	/* Of the compiler only, else NULL. */
	const char *tag;    /* of errors.def */
	const char *cause;  /* a second sentence */
	struct kp_buf near; /* the piece of the script that was not expected, made visible */
	uint32_t near_line; /* where it is: at the end of the script the place is before it */
};

/* A form that messages can have. Each function appends to @out. */
struct kp_message_form {
	void (*begin)(const struct kp_message *m, struct kp_buf *out); /* all but the hints */
	void (*hint)(struct kp_message_text hint, struct kp_buf *out); /* one that belongs to it */
	void (*end)(struct kp_buf *out);
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

/** kp_message_write - append the message, with its hints, to @out. */
void kp_message_write(const struct kp_message *m, const struct kp_message_form *form,
		      struct kp_buf *out);

/**
 * kp_message_put_source - append the source line of a place, or of a long line the part
 * around what is meant, and below it a mark. Nothing without a source line.
 */
void kp_message_put_source(const struct kp_message_place *p, struct kp_buf *out);

/** kp_message_free - release everything. */
void kp_message_free(struct kp_message *m);

#endif
