/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cdecl - declarations of C, for cdef and ffi: functions, structures, unions,
 * enumerations, typedefs.
 *
 * An image runs on any machine, so every size is computed for each data model that
 * Linux has; it is known where they agree.
 */
#ifndef KP_COMPILE_CDECL_H
#define KP_COMPILE_CDECL_H

#include "../util/near.h"
#include "ast.h"

#define KP_CMODELS 3 /* 32 bits with 64-bit numbers at multiples of 4, of 8; 64 bits */

enum kp_ctype_kind {
	KP_CTYPE_VOID,
	KP_CTYPE_NUMBER, /* integers, enumerations and floating point */
	KP_CTYPE_POINTER,
	KP_CTYPE_ARRAY,
	KP_CTYPE_RECORD, /* structure or union */
	KP_CTYPE_FUNCTION,
};

struct kp_ctype {
	enum kp_ctype_kind kind;
	bool complete; /* its size can be asked for */
	bool unknown;  /* bit fields or attributes: the layout is the compiler's secret */
	bool variadic; /* FUNCTION: ends in ... */
	bool is_union;
	const struct kp_ctype *to;  /* POINTER, ARRAY; FUNCTION: the result */
	struct kp_cmember *members; /* RECORD; FUNCTION: parameters */
	uint32_t nmembers;
	uint64_t size[KP_CMODELS];
	uint64_t align[KP_CMODELS];
};

struct kp_cmember {
	struct kp_cmember *next;
	const struct kp_str *name; /* or NULL */
	const struct kp_ctype *type;
	uint64_t offset[KP_CMODELS];
};

/* What a name stands for. */
struct kp_cname {
	enum { KP_CNAME_TYPE, KP_CNAME_OBJECT, KP_CNAME_CONSTANT } kind;
	const struct kp_ctype *type; /* TYPE, OBJECT: a function or variable */
	int64_t value;		     /* CONSTANT: of an enumeration */
};

struct kp_cdecls {
	struct kp_hash names; /* -> struct kp_cname */
	struct kp_hash tags;  /* "struct x" and the like -> struct kp_ctype */
	bool broken;	      /* some were not understood, so nothing is known to be missing */
	const struct kp_ctype *sizeless; /* the type that was last reported to have no size */
};

/* ---- ctype.c ---- */

/** kp_ctype_new - a type of this kind, of no size yet. */
struct kp_ctype *kp_ctype_new(struct kp_cc *cc, enum kp_ctype_kind kind, const struct kp_ctype *to);

/** kp_ctype_scalar - a number or pointer; @sizes has a digit for each model, as "448". */
struct kp_ctype *kp_ctype_scalar(struct kp_cc *cc, enum kp_ctype_kind kind, const char *sizes);

/** kp_ctype_pointer - a pointer to @to. */
struct kp_ctype *kp_ctype_pointer(struct kp_cc *cc, const struct kp_ctype *to);

/** kp_ctype_array - @n of @of, which is complete; NULL when that is too large. */
struct kp_ctype *kp_ctype_array(struct kp_cc *cc, const struct kp_ctype *of, uint64_t n);

/** kp_ctype_place - give @m its place behind the members of @t; false when it is too large. */
bool kp_ctype_place(struct kp_ctype *t, struct kp_cmember *m);

/** kp_ctype_finish - @t has all its members. */
void kp_ctype_finish(struct kp_ctype *t);

/** kp_cdecls_new - none but the usual names of integer types: u32, uint32_t, size_t … */
struct kp_cdecls *kp_cdecls_new(struct kp_cc *cc);

/** kp_cdecl_find - what @name stands for, or NULL. */
const struct kp_cname *kp_cdecl_find(const struct kp_cdecls *d, const struct kp_str *name);

/** kp_cdecl_near - offer the names of functions to a search. */
void kp_cdecl_near(const struct kp_cdecls *d, struct kp_near *near);

/** kp_cdecl_size - the size of @type in bytes; false where machines differ. */
bool kp_cdecl_size(const struct kp_ctype *type, uint64_t *size);

/* ---- cdecl.c ---- */

/** kp_cdecl_parse - read the declarations in the string @text. Errors go to the diagnostics. */
void kp_cdecl_parse(struct kp_cdecls *d, struct kp_cc *cc, const struct kp_expr *text);

/** kp_cdecl_type - the type that the string @text names, or NULL after reporting an error. */
const struct kp_ctype *kp_cdecl_type(struct kp_cdecls *d, struct kp_cc *cc,
				     const struct kp_expr *text);

#endif
