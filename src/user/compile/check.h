/* SPDX-License-Identifier: GPL-2.0-only */
/* check - what the files of the checks share. */
#ifndef KP_COMPILE_CHECK_H
#define KP_COMPILE_CHECK_H

#include "sema.h"

/* Something that not every context may do; looked at when contexts are known. */
struct kp_need {
	struct kp_need *next;
	const struct kp_func *func;
	struct kp_span at;
	unsigned int contexts; /* where it is allowed */
	const char *what;
};

struct kp_checker {
	struct kp_sema *sema;
	struct kp_cc *cc;
	struct kp_func *func; /* that is being checked */
	struct kp_need *needs, **last_need;
	struct kp_table **last_table;
	struct kp_field **last_field;
	struct kp_probe **last_probe;
	bool quantize_all; /* print_quantize of a table that no variable has for ever */
};

/* ---- check.c ---- */

/** kp_check_expr - check @e, and when it names a variable note how it is used. */
void kp_check_expr(struct kp_checker *c, struct kp_expr *e, enum kp_use_kind use);

/** kp_check_list - the same for a list of expressions. */
void kp_check_list(struct kp_checker *c, struct kp_expr *e, enum kp_use_kind use);

/** kp_check_func - check the body of @f. */
void kp_check_func(struct kp_checker *c, struct kp_func *f);

/* ---- check_name.c ---- */

/* Check an expression of this kind. */
void kp_check_name(struct kp_checker *c, struct kp_expr *e, enum kp_use_kind kind);
void kp_check_index(struct kp_checker *c, struct kp_expr *e, enum kp_use_kind use);

/** kp_check_callee - note that the function that is checked mentions @f. */
void kp_check_callee(struct kp_checker *c, struct kp_func *f);

/** kp_check_need - what stands at @at is only allowed in @contexts. */
void kp_check_need(struct kp_checker *c, struct kp_span at, unsigned int contexts,
		   const char *what);

/** kp_check_is_free - is @e the name of something the script never declares nor assigns? */
bool kp_check_is_free(const struct kp_expr *e);

/** kp_check_is_free_name - the same, and it is @name. */
bool kp_check_is_free_name(const struct kp_expr *e, const char *name);

/** kp_check_is_event - is @e the event object of trace "…" function (e) { }? */
bool kp_check_is_event(const struct kp_checker *c, const struct kp_expr *e);

/** kp_check_is_value_name - has the name a value of its own, so that scripts cannot assign it? */
bool kp_check_is_value_name(const char *name);

/** kp_check_static_func - the function that @e certainly is, or NULL. */
struct kp_func *kp_check_static_func(const struct kp_expr *e);

/** kp_check_member_name - "lib.name" when @e is a member of a library, else NULL. */
const struct kp_str *kp_check_member_name(struct kp_checker *c, const struct kp_expr *e);

/** kp_check_suggest - add what the name @e, which is unknown and may be @called, was meant to be. */
void kp_check_suggest(struct kp_checker *c, const struct kp_expr *e, bool called);

/** kp_check_report_member - report that the library in @index has not the member in it. */
void kp_check_report_member(struct kp_checker *c, const struct kp_expr *index);

/** kp_check_add_field - the number of the field @name, or when that is NULL field @index. */
uint32_t kp_check_add_field(struct kp_checker *c, const struct kp_str *name, uint32_t index);

/* Make @e a call of a built-in, or a field of the event: the named one, or else by number. */
void kp_check_become_builtin(struct kp_checker *c, struct kp_expr *e, unsigned int id,
			     struct kp_expr *args);
void kp_check_become_field(struct kp_checker *c, struct kp_expr *e, const struct kp_str *name,
			   uint32_t index);

/* ---- check_call.c ---- */

void kp_check_call(struct kp_checker *c, struct kp_expr *e);

/** kp_check_count - length of a list. */
unsigned int kp_check_count(const struct kp_expr *e);

/** kp_check_report_count - report that @call has not @min to @max (255: any) arguments. */
void kp_check_report_count(struct kp_checker *c, const struct kp_expr *call, const char *name,
			   unsigned int min, unsigned int max);

/** kp_check_new_table - a new place where tables are made. */
struct kp_table *kp_check_new_table(struct kp_checker *c);

/** kp_check_become_table - make @e an empty table with room for @hint pairs. */
void kp_check_become_table(struct kp_checker *c, struct kp_expr *e, uint32_t hint);

/* ---- check_ffi.c ---- */

/** kp_check_cdef - check the C declarations in the string @text. */
void kp_check_cdef(struct kp_checker *c, const struct kp_expr *text);

/** kp_check_ffi - check a call of ffi or of a C function; false for other calls. */
bool kp_check_ffi(struct kp_checker *c, struct kp_expr *e);

/** kp_check_ffi_index - check C.NAME, not called; false for other expressions. */
bool kp_check_ffi_index(struct kp_checker *c, struct kp_expr *e);

/* ---- check_probe.c ---- */

/** kp_check_find_handlers - before anything is checked: which functions handle what. */
void kp_check_find_handlers(struct kp_checker *c, struct kp_block *main);

/** kp_check_probe - check a probe, a timer or trace_end. */
void kp_check_probe(struct kp_checker *c, struct kp_stmt *s, bool toplevel);

/**
 * kp_check_probe_call - report the call @e of @name (or NULL) that makes a probe but
 * is no statement of the top level, or has wrong arguments. False for other calls.
 */
bool kp_check_probe_call(struct kp_checker *c, const struct kp_expr *e, const struct kp_str *name);

/* ---- plan.c ---- */

/** kp_check_plan - when all functions are checked: contexts, and where variables live. */
void kp_check_plan(struct kp_checker *c);

#endif
