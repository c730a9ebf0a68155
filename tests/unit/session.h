/* SPDX-License-Identifier: GPL-2.0-only */
/* A session on the host for tests: the VM's owner, with output as text and everything adjustable. */
#ifndef KP_TEST_SESSION_H
#define KP_TEST_SESSION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "vm/vm.h"
#include "mkimage.h"

struct session {
	struct kp_vm vm;
	struct kp_ctx *main;		/* process context */
	struct kp_ctx *handler;		/* a handler context, task level */
	struct ktap_place place;	/* why load() failed */
	char *out;			/* what was committed, one line a record */
	size_t out_len;
	size_t room;			/* records larger than this get no room */
	bool maintain;			/* maintain the VM as soon as it asks */
	u32 kicks, lost;
	int interrupt;			/* what ops->interrupted() returns */
	u32 interrupt_after;		/* after so many calls */
	struct ktap_record *rec;	/* reserved, not committed */
};

/* A session with this memory cap (0: default) and budget (0: default); fails the test when it cannot be made. */
void session_init(struct session *s, u64 memory, u32 max_exec);

/* The same, but 0 or -errno: for tests of failing allocations. */
int session_try_init(struct session *s, u64 memory, u32 max_exec);

void session_destroy(struct session *s);

/* Finishes and loads an image; 0 or -errno with s->place. */
int session_load(struct session *s, struct mkimage *im);

/* Runs function n in the process context. */
int session_run(struct session *s, u32 n, struct kp_value *result);

/* Runs an event in the handler context. */
void session_event(struct session *s, u32 n);

/* The output so far, which is empty afterwards; valid until the next call. */
const char *session_output(struct session *s);

/* The first script error of the session. */
u32 session_error(struct session *s);

/* Asserts that err says that the script failed with this error and detail, and forgets the failure. */
void session_failed(struct session *s, int err, u32 error, const char *detail);

/* A string in the scratch space of a context, and a value for it. */
struct kp_value session_str(struct kp_ctx *ctx, const char *text);
struct kp_value session_int(s64 v);

#define assert_str(v, text) do {							\
	assert_int_equal((v)->type, KTAP_T_STR);					\
	assert_int_equal((v)->s->len, strlen(text));					\
	assert_memory_equal((v)->s->data, text, strlen(text));				\
} while (0)

#define assert_int(v, n) do {								\
	assert_int_equal((v)->type, KTAP_T_INT);					\
	assert_int_equal((v)->i, n);							\
} while (0)

#endif
