/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Builds images piece by piece, for tests: nothing is checked, so wrong ones can be
 * built as easily as right ones.
 *
 *	struct mkimage im = { 0 };
 *	mk_func(&im, 2, 0);				two registers, no parameters
 *	mk_code(&im, KTAP_ABX(KTAP_OP_LOADI, 0, 42));
 *	mk_code(&im, KTAP_ABC(KTAP_OP_RET, 0, 0, 0));
 *	image = mk_finish(&im, &len);			free() it; im is empty again
 *
 * Each function returns the index of what it added.
 */
#ifndef KP_TEST_MKIMAGE_H
#define KP_TEST_MKIMAGE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "ktap/bytecode.h"

enum mk_section {
	MK_STRS, MK_CNST, MK_CODE, MK_LINE, MK_FUNC, MK_CELL, MK_TABL, MK_FLDS, MK_PROB,
	MK_OPTS, MK_INFO, MK_TEXT, MK_ESTR, MK_EVNT, MK_FDSC, MK_ARGS, MK_SECTIONS
};

struct mkimage {
	struct {
		uint8_t *p;
		size_t len, room;
		uint32_t count;
	} sec[MK_SECTIONS];
	uint32_t open;		/* 1 + the function that code belongs to */
	int portable;		/* leave KTAP_IMAGE_LOAD out of the flags */
};

static inline void mk_bytes(struct mkimage *im, enum mk_section s, const void *bytes, size_t n)
{
	if (im->sec[s].len + n > im->sec[s].room) {
		im->sec[s].room = 2 * (im->sec[s].len + n) + 64;
		im->sec[s].p = realloc(im->sec[s].p, im->sec[s].room);
		if (!im->sec[s].p)
			abort();
	}
	memcpy(im->sec[s].p + im->sec[s].len, bytes, n);
	im->sec[s].len += n;
}

static inline void mk_number(struct mkimage *im, enum mk_section s, uint64_t v, unsigned int n)
{
	uint8_t byte;

	while (n--) {
		byte = (uint8_t)v;
		mk_bytes(im, s, &byte, 1);
		v >>= 8;
	}
}

static inline void mk_patch32(struct mkimage *im, enum mk_section s, size_t at, uint32_t v)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		im->sec[s].p[at + i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t mk_string(struct mkimage *im, enum mk_section s, const char *text, size_t len)
{
	static const char zeros[4];

	mk_number(im, s, len, 4);
	mk_bytes(im, s, text, len);
	mk_bytes(im, s, zeros, 4 - len % 4);
	return im->sec[s].count++;
}

static inline uint32_t mk_str(struct mkimage *im, const char *text)
{
	return mk_string(im, MK_STRS, text, strlen(text));
}

static inline uint32_t mk_const(struct mkimage *im, uint32_t type, uint64_t payload)
{
	mk_number(im, MK_CNST, type, 8);
	mk_number(im, MK_CNST, payload, 8);
	return im->sec[MK_CNST].count++;
}

static inline uint32_t mk_kint(struct mkimage *im, int64_t v)
{
	return mk_const(im, KTAP_CONST_INT, (uint64_t)v);
}

static inline uint32_t mk_kstr(struct mkimage *im, const char *text)
{
	return mk_const(im, KTAP_CONST_STR, mk_str(im, text));
}

/* Ends the function before and begins one. */
static inline uint32_t mk_func(struct mkimage *im, uint32_t nregs, uint32_t nparams)
{
	mk_number(im, MK_FUNC, KTAP_NONE, 4);
	mk_number(im, MK_FUNC, im->sec[MK_CODE].count, 4);
	mk_number(im, MK_FUNC, 0, 4);
	mk_number(im, MK_FUNC, nregs, 2);
	mk_number(im, MK_FUNC, nparams, 2);
	mk_number(im, MK_FUNC, 1, 4);
	mk_number(im, MK_FUNC, 0, 4);
	im->open = ++im->sec[MK_FUNC].count;
	return im->open - 1;
}

/* A function that uses variables of another: they arrive in R[nparams]. */
static inline uint32_t mk_closure(struct mkimage *im, uint32_t nregs, uint32_t nparams)
{
	return mk_func(im, nregs, nparams | KTAP_FUNC_ENV << 8);
}

/* Adds an instruction to the function begun last. */
static inline uint32_t mk_code(struct mkimage *im, uint32_t insn)
{
	size_t func = (im->open - 1) * sizeof(struct ktap_image_func);
	uint32_t first;

	mk_number(im, MK_CODE, insn, 4);
	mk_number(im, MK_LINE, (im->sec[MK_LINE].count + 1) << 8 | 1, 4);
	im->sec[MK_LINE].count++;
	im->sec[MK_CODE].count++;
	if (im->open) {
		first = im->sec[MK_FUNC].p[func + 4] | im->sec[MK_FUNC].p[func + 5] << 8 |
			im->sec[MK_FUNC].p[func + 6] << 16;
		mk_patch32(im, MK_FUNC, func + 8, im->sec[MK_CODE].count - first);
	}
	return im->sec[MK_CODE].count - 1;
}

static inline uint32_t mk_cell(struct mkimage *im, uint32_t flags)
{
	mk_number(im, MK_CELL, mk_str(im, "cell"), 4);
	mk_number(im, MK_CELL, flags, 4);
	return im->sec[MK_CELL].count++;
}

static inline uint32_t mk_table(struct mkimage *im, uint32_t flags, uint32_t hint)
{
	mk_number(im, MK_TABL, flags, 4);
	mk_number(im, MK_TABL, hint, 4);
	mk_number(im, MK_TABL, 0, 8);
	mk_number(im, MK_TABL, 0, 8);
	mk_number(im, MK_TABL, 0, 8);
	return im->sec[MK_TABL].count++;
}

/* One with linear buckets. */
static inline uint32_t mk_linear(struct mkimage *im, int64_t low, int64_t high, uint64_t step)
{
	mk_number(im, MK_TABL, KTAP_TABLE_LQUANTIZE, 8);
	mk_number(im, MK_TABL, (uint64_t)low, 8);
	mk_number(im, MK_TABL, (uint64_t)high, 8);
	mk_number(im, MK_TABL, step, 8);
	return im->sec[MK_TABL].count++;
}

/* argN, or KTAP_FIELD_NUMBER. */
static inline uint32_t mk_field_number(struct mkimage *im, uint32_t index)
{
	mk_number(im, MK_FLDS, KTAP_NONE, 4);
	mk_number(im, MK_FLDS, index, 4);
	return im->sec[MK_FLDS].count++;
}

static inline uint32_t mk_field(struct mkimage *im, const char *name)
{
	mk_number(im, MK_FLDS, mk_str(im, name), 4);
	mk_number(im, MK_FLDS, KTAP_NONE, 4);
	return im->sec[MK_FLDS].count++;
}

static inline uint32_t mk_probe(struct mkimage *im, uint32_t kind, const char *spec, uint32_t filter,
				uint32_t handler)
{
	mk_number(im, MK_PROB, kind, 4);
	mk_number(im, MK_PROB, spec ? mk_str(im, spec) : KTAP_NONE, 4);
	mk_number(im, MK_PROB, filter, 4);
	mk_number(im, MK_PROB, handler, 4);
	mk_number(im, MK_PROB, 1 << 8, 4);
	mk_number(im, MK_PROB, 0, 4);
	return im->sec[MK_PROB].count++;
}

static inline uint32_t mk_event(struct mkimage *im, uint32_t probe, uint32_t kind, uint64_t id, const char *name)
{
	mk_number(im, MK_EVNT, probe, 4);
	mk_number(im, MK_EVNT, kind, 4);
	mk_number(im, MK_EVNT, id, 8);
	mk_number(im, MK_EVNT, mk_string(im, MK_ESTR, name, strlen(name)), 4);
	mk_number(im, MK_EVNT, 0, 4);
	return im->sec[MK_EVNT].count++;
}

static inline uint32_t mk_fdesc(struct mkimage *im, uint32_t kind, uint32_t offset, uint32_t size)
{
	mk_number(im, MK_FDSC, kind, 2);
	mk_number(im, MK_FDSC, offset, 2);
	mk_number(im, MK_FDSC, size, 2);
	mk_number(im, MK_FDSC, 0, 2);
	return im->sec[MK_FDSC].count++;
}

static inline uint32_t mk_option(struct mkimage *im, const char *name, uint32_t type, uint64_t value)
{
	mk_number(im, MK_OPTS, mk_str(im, name), 4);
	mk_number(im, MK_OPTS, KTAP_NONE, 4);
	mk_number(im, MK_OPTS, type, 8);
	mk_number(im, MK_OPTS, value, 8);
	return im->sec[MK_OPTS].count++;
}

/* Name of the source and its text. */
static inline void mk_source(struct mkimage *im, const char *name, const char *text)
{
	mk_number(im, MK_INFO, mk_str(im, name), 4);
	mk_number(im, MK_INFO, KTAP_INFO_ARGS, 4);
	mk_number(im, MK_INFO, 0, 8);
	im->sec[MK_INFO].count++;
	mk_bytes(im, MK_TEXT, text, strlen(text));
	im->sec[MK_TEXT].count += strlen(text);
}

static inline uint32_t mk_arg(struct mkimage *im, uint32_t type, uint64_t payload)
{
	mk_number(im, MK_ARGS, type, 8);
	mk_number(im, MK_ARGS, payload, 8);
	return im->sec[MK_ARGS].count++;
}

static inline void mk_put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

/* Puts the sections together; the empty ones that need not be there are left out. */
static inline uint8_t *mk_finish(struct mkimage *im, size_t *len)
{
	static const uint32_t tags[MK_SECTIONS] = {
		KTAP_SEC_STRS, KTAP_SEC_CNST, KTAP_SEC_CODE, KTAP_SEC_LINE, KTAP_SEC_FUNC, KTAP_SEC_CELL,
		KTAP_SEC_TABL, KTAP_SEC_FLDS, KTAP_SEC_PROB, KTAP_SEC_OPTS, KTAP_SEC_INFO, KTAP_SEC_TEXT,
		KTAP_SEC_ESTR, KTAP_SEC_EVNT, KTAP_SEC_FDSC, KTAP_SEC_ARGS,
	};
	uint32_t n = 0, s, at;
	size_t size = sizeof(struct ktap_image_header);
	uint8_t *image, *entry;

	for (s = 0; s < MK_SECTIONS; s++) {
		if (!im->sec[s].count && s != MK_STRS)
			continue;
		n++;
		size += sizeof(struct ktap_image_section) + ((im->sec[s].len + 7) & ~(size_t)7);
	}
	image = calloc(1, size);
	if (!image)
		abort();
	mk_put32(image, KTAP_IMAGE_MAGIC);
	mk_put32(image + 4, KTAP_IMAGE_MAJOR | KTAP_IMAGE_MINOR << 16);
	mk_put32(image + 8, (uint32_t)size);
	mk_put32(image + 12, im->portable ? 0 : KTAP_IMAGE_LOAD);
	mk_put32(image + 16, n);
	entry = image + sizeof(struct ktap_image_header);
	at = (uint32_t)(sizeof(struct ktap_image_header) + n * sizeof(struct ktap_image_section));
	for (s = 0; s < MK_SECTIONS; s++) {
		if (!im->sec[s].count && s != MK_STRS)
			continue;
		mk_put32(entry, tags[s]);
		mk_put32(entry + 4, at);
		mk_put32(entry + 8, (uint32_t)im->sec[s].len);
		mk_put32(entry + 12, im->sec[s].count);
		entry += sizeof(struct ktap_image_section);
		if (im->sec[s].len)
			memcpy(image + at, im->sec[s].p, im->sec[s].len);
		at += (uint32_t)((im->sec[s].len + 7) & ~(size_t)7);
	}
	for (s = 0; s < MK_SECTIONS; s++)
		free(im->sec[s].p);
	memset(im, 0, sizeof(*im));
	*len = size;
	return image;
}

/* Shorter names of instructions that tests use all the time. */
#define I_LOADI(a, v)		KTAP_ABX(KTAP_OP_LOADI, a, (uint16_t)(v))
#define I_LOADK(a, k)		KTAP_ABX(KTAP_OP_LOADK, a, k)
#define I_LOADF(a, f)		KTAP_ABX(KTAP_OP_LOADF, a, f)
#define I_LOADNIL(a, n)		KTAP_ABC(KTAP_OP_LOADNIL, a, n, 0)
#define I_BOOL(a, b)		KTAP_ABC(KTAP_OP_LOADBOOL, a, b, 0)
#define I_MOVE(a, b)		KTAP_ABC(KTAP_OP_MOVE, a, b, 0)
#define I_ABC(op, a, b, c)	KTAP_ABC(KTAP_OP_##op, a, b, c)
#define I_ABX(op, a, bx)	KTAP_ABX(KTAP_OP_##op, a, (uint16_t)(bx))
#define I_JMP(off)		KTAP_SAX(KTAP_OP_JMP, off)
#define I_RET(a)		KTAP_ABC(KTAP_OP_RET, a, 0, 0)
#define I_RET0			KTAP_ABC(KTAP_OP_RET0, 0, 0, 0)
#define I_CALL(a, n)		KTAP_ABC(KTAP_OP_CALL, a, n, 0)
#define I_BUILTIN(a, id, n)	KTAP_ABC(KTAP_OP_BUILTIN, a, KTAP_BUILTIN_##id, n)

#endif
