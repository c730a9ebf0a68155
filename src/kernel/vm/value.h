/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values of the VM.
 *
 * nil, booleans, integers and functions are complete in themselves.  Strings,
 * tuples, event texts, aggregates, stacks and symbols are bytes behind a struct kp_str; where those
 * bytes live decides who owns them:
 *
 *   KP_HOME_CONST    in the program: never move, never die
 *   KP_HOME_SCRATCH  in the scratch space of one context: only the registers of that
 *                    context may point there, and scratch_collect() moves them
 *   KP_HOME_POOL     in session memory, owned by exactly one table slot or cell, and
 *                    touched only under the lock of that table or cell; but the bytes
 *                    of a frozen cell stay as they are, and handlers read them there
 *
 * Reading a shared slot copies pool bytes to scratch and storing copies scratch
 * bytes to the pool, both under the slot's lock.  So there are no reference counts,
 * nothing to wait for before a string is freed, and no handler can meet a dead one.
 */
#ifndef KP_VALUE_H
#define KP_VALUE_H

#include "../port/port.h"
#include "../uapi/ktap/record.h"
#include "../uapi/ktap/bytecode.h"

enum kp_home {
	KP_HOME_CONST,
	KP_HOME_SCRATCH,
	KP_HOME_POOL,
};

/* Bytes with their length; data are zero-padded to a multiple of 8, with at least one zero. */
struct kp_str {
	u32 len;
	u32 hash;	/* 0: not computed yet */
	u32 home;	/* enum kp_home */
	u32 forward;	/* scratch_collect(): 1 + offset of the copy */
	u8  data[] __attribute__((aligned(8)));
};

struct kp_table;

struct kp_value {
	union {
		s64 i;			/* KTAP_T_INT, KTAP_T_FUNC */
		struct kp_str *s;	/* KTAP_T_STR and what follows it */
		struct kp_table *t;	/* KTAP_T_TABLE; KTAP_T_CLOSURE: its environment */
	};
	u32 type;			/* enum ktap_type */
	u32 func;			/* KTAP_T_CLOSURE: number of the function */
};

/* Sizes of string data with its padding, and of the whole. */
static inline size_t kp_str_padded(u32 len)
{
	return ((size_t)len + 8) & ~(size_t)7;
}

static inline size_t kp_str_size(u32 len)
{
	return sizeof(struct kp_str) + kp_str_padded(len);
}

/* Does the value refer to v->t? */
static inline bool kp_value_has_table(const struct kp_value *v)
{
	return v->type == KTAP_T_TABLE || v->type == KTAP_T_CLOSURE;
}

static inline bool kp_value_is_bytes(const struct kp_value *v)
{
	return v->type >= KTAP_T_STR;
}

/* Is the value complete in itself, without bytes or a table elsewhere? */
static inline bool kp_value_is_plain(const struct kp_value *v)
{
	return v->type < KTAP_T_TABLE;
}

/* Only nil and false are false. */
static inline bool kp_value_true(const struct kp_value *v)
{
	return v->type != KTAP_T_NIL && v->type != KTAP_T_FALSE;
}

static inline void kp_value_nil(struct kp_value *v)
{
	v->type = KTAP_T_NIL;
}

static inline void kp_value_int(struct kp_value *v, s64 i)
{
	v->i = i;
	v->type = KTAP_T_INT;
}

static inline void kp_value_bool(struct kp_value *v, bool b)
{
	v->type = b ? KTAP_T_TRUE : KTAP_T_FALSE;
}

/* Name of a type as scripts and messages show it; "value" for an unknown one. */
const char *kp_value_typename(u32 type);

/* Whether two strings have the same bytes.  Their padding is zero, so whole words tell. */
static inline bool kp_str_equal(const struct kp_str *a, const struct kp_str *b)
{
	u32 at = a->len & ~7U;

	if (a->len != b->len)
		return false;
	while (*(const u64 *)(a->data + at) == *(const u64 *)(b->data + at)) {
		if (!at)
			return true;
		at -= 8;
	}
	return false;
}

/* Whether two values, one of which is bytes, are equal. */
static inline bool kp_value_equal_bytes(const struct kp_value *a, const struct kp_value *b)
{
	return a->type == b->type && (a->s == b->s || kp_str_equal(a->s, b->s));
}

/* Makes a string one of the same bytes, which there is room for; its home stays. */
static inline void kp_str_copy(struct kp_str *to, const struct kp_str *from)
{
	const u64 *x = (const u64 *)from->data;
	u64 *y = (u64 *)to->data;
	size_t i = from->len / 8;

	to->len = from->len;
	do {
		y[i] = x[i];
	} while (i--);
	to->hash = from->hash;
}

/* Whether two values are equal: no conversion, bytes by content, tables and functions by identity. */
static inline bool kp_value_equal(const struct kp_value *a, const struct kp_value *b)
{
	if (a->type != b->type)
		return false;
	if (a->type >= KTAP_T_STR)
		return a->s == b->s || kp_str_equal(a->s, b->s);
	if (kp_value_has_table(a))
		return a->t == b->t && (a->type == KTAP_T_TABLE || a->func == b->func);
	return a->type < KTAP_T_INT || a->i == b->i;
}

/* Bytewise order of two strings: negative, 0 or positive. */
int kp_str_compare(const struct kp_str *a, const struct kp_str *b);

/* Mixes 64 bits into a hash. */
static inline u64 kp_hash_mix(u64 h, u64 word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
	return h ^ (h >> 32);
}

/* The last step of a hash: the bits that choose a bucket, the high ones, then depend on all. */
static inline u32 kp_hash_end(u64 h)
{
	h *= 0xd6e8feb86659fd93ULL;
	return (u32)(h >> 32);
}

/* Hash of the bytes, never 0; remembered in the string.  The seed is the session's. */
static inline u32 kp_str_hash(struct kp_str *s, u64 seed)
{
	const u64 *word, *end;
	u64 h;

	if (likely(s->hash))
		return s->hash;
	word = (const u64 *)s->data;
	end = word + (s->len + 7) / 8;
	h = seed ^ s->len;
	while (word < end)
		h = kp_hash_mix(h, *word++);
	s->hash = kp_hash_end(h) | 1;
	return s->hash;
}

/* Writes v in decimal into buf (21 bytes suffice for every number); returns the length. */
u32 kp_value_decimal(char *buf, s64 v);

#endif
