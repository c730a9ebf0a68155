/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note OR MIT */
/*
 * The image: a compiled script as bytes.
 *
 *   image    = header section_entry* section_body*
 *   header   = struct ktap_image_header              32 bytes
 *   entry    = struct ktap_image_section             16 bytes, nsections of them follow the header
 *   body     = the bytes of one section; bodies are 8-byte aligned, in the order of their
 *              entries, without overlap; the gaps are zero
 *
 * Every number is little-endian, whatever machine writes or reads it.  There is
 * no pointer, no address and no number that only one kernel understands: probes,
 * event fields and symbols are names.  A portable image (.kpc) has the sections
 * marked P.  On the machine that runs it, ktap adds the sections marked L, which
 * turn names into numbers, sets KTAP_IMAGE_LOAD, and hands the whole to the
 * kernel.  The kernel ignores what only user space needs (marked U) but checks
 * that it lies inside the image.
 *
 *   tag    who   element                        contents
 *   STRS   P     struct { u32 len; u8[len]; 0-pad to 4, at least one 0 }
 *                                               strings, numbered from 0; may contain zeros
 *   CNST   P     struct ktap_image_const        constants
 *   CODE   P     u32                            instructions of all functions
 *   LINE   P     u32                            for each instruction: line << 8 | column (column capped at 255)
 *   FUNC   P     struct ktap_image_func         functions, in the order of their code, which they cover
 *                                               without gap or overlap; number 0 is the main chunk
 *   CELL   P     struct ktap_image_cell         shared variables
 *   TABL   P     struct ktap_image_table        table sites: what {} at one place of the script makes
 *   FLDS   P     struct ktap_image_field        event fields that the script names
 *   PROB   P     struct ktap_image_probe        probes, timers and trace_end, in script order
 *   OPTS   P,U   struct ktap_image_option       options of the script: --NAME VALUE behind its name
 *   INFO   P,U   struct ktap_image_info         name of the source, what the script asks for
 *   TEXT   P,U   u8                             the source text, for messages
 *   ESTR   L     as STRS                        names of the resolved events, strings of ARGS
 *   EVNT   L     struct ktap_image_event        resolved events
 *   FDSC   L     struct ktap_image_fdesc        for event e and field f: element e * nfields + f
 *   ARGS   L     struct ktap_image_const        what ARG loads: the values of the options, then the script's name
 *                                               and its arguments; strings are those of ESTR
 *
 * STRS, CODE, LINE and FUNC must be there; a missing other section is empty.
 */
#ifndef _UAPI_KTAP_BYTECODE_H
#define _UAPI_KTAP_BYTECODE_H

#include <linux/types.h>

#define KTAP_IMAGE_MAGIC	0x70746b1bU	/* bytes 1b 6b 74 70: ESC "ktp" */
#define KTAP_IMAGE_MAJOR	1		/* another major cannot be read */
#define KTAP_IMAGE_MINOR	0		/* a higher minor only adds sections or flags */

#define KTAP_IMAGE_LOAD		(1U << 0)	/* header flag: a load image */

#define KTAP_TAG(a, b, c, d) \
	((__u32)(a) | (__u32)(b) << 8 | (__u32)(c) << 16 | (__u32)(d) << 24)
#define KTAP_SEC_STRS	KTAP_TAG('S', 'T', 'R', 'S')
#define KTAP_SEC_CNST	KTAP_TAG('C', 'N', 'S', 'T')
#define KTAP_SEC_CODE	KTAP_TAG('C', 'O', 'D', 'E')
#define KTAP_SEC_LINE	KTAP_TAG('L', 'I', 'N', 'E')
#define KTAP_SEC_FUNC	KTAP_TAG('F', 'U', 'N', 'C')
#define KTAP_SEC_CELL	KTAP_TAG('C', 'E', 'L', 'L')
#define KTAP_SEC_TABL	KTAP_TAG('T', 'A', 'B', 'L')
#define KTAP_SEC_FLDS	KTAP_TAG('F', 'L', 'D', 'S')
#define KTAP_SEC_PROB	KTAP_TAG('P', 'R', 'O', 'B')
#define KTAP_SEC_OPTS	KTAP_TAG('O', 'P', 'T', 'S')
#define KTAP_SEC_INFO	KTAP_TAG('I', 'N', 'F', 'O')
#define KTAP_SEC_TEXT	KTAP_TAG('T', 'E', 'X', 'T')
#define KTAP_SEC_ESTR	KTAP_TAG('E', 'S', 'T', 'R')
#define KTAP_SEC_EVNT	KTAP_TAG('E', 'V', 'N', 'T')
#define KTAP_SEC_FDSC	KTAP_TAG('F', 'D', 'S', 'C')
#define KTAP_SEC_ARGS	KTAP_TAG('A', 'R', 'G', 'S')

/* Limits of an image; what is over one is refused by name. */
#define KTAP_MAX_IMAGE		(64U << 20)	/* bytes */
#define KTAP_MAX_SECTIONS	32
#define KTAP_MAX_CODE		(1U << 20)	/* instructions in all */
#define KTAP_MAX_FUNC_CODE	65535		/* instructions of one function */
#define KTAP_MAX_FUNCS		65535
#define KTAP_MAX_CONSTS		65535
#define KTAP_MAX_CELLS		65535
#define KTAP_MAX_FIELDS		1024
#define KTAP_MAX_TABLES		65535
#define KTAP_MAX_PROBES		4096
#define KTAP_MAX_OPTIONS	1024
#define KTAP_MAX_ARGS		65535		/* options and arguments of a script */
#define KTAP_MAX_EVENTS		65536
#define KTAP_MAX_STRING		(64U << 10)	/* bytes of one string of an image */
#define KTAP_MAX_REGS		250		/* registers of a function */
#define KTAP_MAX_TUPLE		8		/* parts of a tuple key */

#define KTAP_NONE		0xffffffffU	/* "no index" wherever an index may be absent */

struct ktap_image_header {
	__u32 magic;		/* KTAP_IMAGE_MAGIC */
	__u16 major, minor;
	__u32 size;		/* of the whole image, in bytes */
	__u32 flags;		/* KTAP_IMAGE_* */
	__u32 nsections;
	__u32 reserved[3];	/* 0 */
};

struct ktap_image_section {
	__u32 tag;
	__u32 offset;		/* from the start of the image, a multiple of 8 */
	__u32 size;		/* in bytes, without padding */
	__u32 count;		/* number of elements */
};

enum ktap_const_type {
	KTAP_CONST_INT = 1,	/* payload: the integer */
	KTAP_CONST_STR = 2,	/* payload: index of a string */
};

struct ktap_image_const {
	__u32 type;		/* enum ktap_const_type */
	__u32 reserved;		/* 0 */
	__u64 payload;
};

/*
 * The function uses variables of a function around it: only CLOSURE makes a value of it,
 * and the table with those variables arrives in R[nparams].
 */
#define KTAP_FUNC_ENV		(1U << 0)

struct ktap_image_func {
	__u32 name;		/* string, for messages; KTAP_NONE for an unnamed function */
	__u32 code;		/* index of its first instruction */
	__u32 ncode;
	__u16 nregs;		/* 1 ... KTAP_MAX_REGS */
	__u8  nparams;		/* arguments arrive in R[0] ... R[nparams-1]; missing ones are nil */
	__u8  flags;		/* KTAP_FUNC_* */
	__u32 line;		/* where it is defined */
	__u32 reserved2;	/* 0 */
};

/* A cell that only the main chunk (function 0) writes: handlers read it without a lock. */
#define KTAP_CELL_FROZEN	(1U << 0)

struct ktap_image_cell {
	__u32 name;		/* string */
	__u32 flags;		/* KTAP_CELL_* */
};

/* Handlers only accumulate (+=, <<<) into tables of this site: one part per CPU, merged when read. */
#define KTAP_TABLE_PERCPU	(1U << 0)
/* <<< into it also keeps a power-of-two distribution: the script prints it with print_quantize. */
#define KTAP_TABLE_QUANTIZE	(1U << 1)
/* There will be as many pairs as hint says, soon, and no more: variables that functions share. */
#define KTAP_TABLE_FIXED	(1U << 2)

/* The same with linear buckets: the script prints it with print_lquantize.  Not both. */
#define KTAP_TABLE_LQUANTIZE	(1U << 3)
#define KTAP_MAX_LINEAR		1000		/* buckets of a linear distribution */

struct ktap_image_table {
	__u32 flags;		/* KTAP_TABLE_* */
	__u32 hint;		/* number of pairs to reserve at first; 0 for the default */
	/* KTAP_TABLE_LQUANTIZE: buckets of step from low to where high lies, else 0 */
	__u64 low, high;	/* signed */
	__u64 step;
};

/*
 * args.NAME (name is a string, index KTAP_NONE) or argN (name KTAP_NONE, index N:
 * the N-th field after the common ones, 0 is the first), or how many of those there are.
 */
#define KTAP_MAX_ARG		64		/* e.field(i) can find the first so many, if FLDS has them all */
#define KTAP_FIELD_NUMBER	0xfffffffeU	/* index: their number */

struct ktap_image_field {
	__u32 name;
	__u32 index;
};

enum ktap_probe_kind {
	KTAP_PROBE_EVENT = 1,	/* spec is one EVENTDEF without its filter */
	KTAP_PROBE_TICK = 2,	/* spec is the interval, such as "100ms" */
	KTAP_PROBE_PROFILE = 3,	/* the same, on every CPU; also "99hz" */
	KTAP_PROBE_END = 4,	/* trace_end; spec is KTAP_NONE */
};

struct ktap_image_probe {
	__u32 kind;		/* enum ktap_probe_kind */
	__u32 spec;		/* string */
	__u32 filter;		/* function that runs first: nil or false drops the event; KTAP_NONE for none */
	__u32 handler;		/* function; called without arguments */
	__u32 line;		/* line << 8 | column of the spec in the source */
	__u32 reserved;		/* 0 */
};

/* option NAME = value "help" */
struct ktap_image_option {
	__u32 name;		/* string */
	__u32 help;		/* string, or KTAP_NONE */
	__u32 type;		/* enum ktap_const_type, of the default and of every value it takes */
	__u32 reserved;		/* 0 */
	__u64 value;		/* the default, as the payload of a constant */
};

/* The script reads the table `arg`: it takes arguments. */
#define KTAP_INFO_ARGS		(1U << 0)

struct ktap_image_info {
	__u32 source;		/* string: name of the source as messages show it */
	__u32 flags;		/* KTAP_INFO_* */
	__u32 reserved[2];	/* 0 */
};

enum ktap_event_kind {
	KTAP_EVENT_SYS_ENTER = 1,	/* raw tracepoint sys_enter; id: system call number */
	KTAP_EVENT_SYS_EXIT = 2,	/* raw tracepoint sys_exit; id: system call number */
	KTAP_EVENT_TRACEPOINT = 3,	/* perf counter; id: the number in the event's tracefs file `id` */
	KTAP_EVENT_TICK = 4,		/* id: period in ns */
	KTAP_EVENT_PROFILE = 5,		/* id: period in ns */
	KTAP_EVENT_END = 6,		/* trace_end */
};

struct ktap_image_event {
	__u32 probe;		/* index in PROB */
	__u32 kind;		/* enum ktap_event_kind */
	__u64 id;
	__u32 name;		/* index in ESTR: probename */
	__u32 reserved;		/* 0 */
};

enum ktap_field_kind {
	KTAP_FIELD_NONE = 0,	/* this event has no such field: nil */
	KTAP_FIELD_INT = 1,	/* offset, size 1 2 4 8: zero-extended */
	KTAP_FIELD_SINT = 2,	/* the same, sign-extended */
	KTAP_FIELD_CHARS = 3,	/* offset, size: a char array, up to its first zero */
	KTAP_FIELD_DATALOC = 4,	/* offset of a __data_loc word: the string it points to */
	KTAP_FIELD_SYSNR = 5,	/* number of the system call */
	KTAP_FIELD_SYSARG = 6,	/* offset: number of the argument, 0 ... 5 */
	KTAP_FIELD_SYSRET = 7,	/* return value of the system call */
	KTAP_FIELD_RELLOC = 8,	/* as DATALOC, relative to the end of the word (__rel_loc) */
	KTAP_FIELD_COUNT = 9,	/* offset: the value itself, the number of fields */
};

struct ktap_image_fdesc {
	__u16 kind;		/* enum ktap_field_kind */
	__u16 offset;		/* in the raw record of the event, bytes */
	__u16 size;		/* bytes */
	__u16 reserved;		/* 0 */
};

/* Instructions: see opcodes.def for the formats. */
enum ktap_opcode {
#define KP_OP(name, format, a, b, c, doc) KTAP_OP_##name,
#include "opcodes.def"
#undef KP_OP
	KTAP_OP_COUNT
};

#define KTAP_INSN_OP(i)		((i) & 0xff)
#define KTAP_INSN_A(i)		(((i) >> 8) & 0xff)
#define KTAP_INSN_B(i)		(((i) >> 16) & 0xff)
#define KTAP_INSN_C(i)		((__u32)(i) >> 24)
#define KTAP_INSN_SC(i)		((__s8)((__u32)(i) >> 24))
#define KTAP_INSN_BX(i)		((__u32)(i) >> 16)
#define KTAP_INSN_SBX(i)	((__s16)((__u32)(i) >> 16))
#define KTAP_INSN_SAX(i)	((__s32)(i) >> 8)

#define KTAP_ABC(op, a, b, c) \
	((__u32)(op) | (__u32)(a) << 8 | (__u32)(b) << 16 | (__u32)(c) << 24)
#define KTAP_ABX(op, a, bx)	((__u32)(op) | (__u32)(a) << 8 | (__u32)(bx) << 16)
#define KTAP_SAX(op, sax)	((__u32)(op) | (__u32)(sax) << 8)

enum ktap_builtin {
#define KP_BUILTIN(id, name, min, max, args, result, contexts, doc) KTAP_BUILTIN_##id,
#include "builtins.def"
#undef KP_BUILTIN
	KTAP_BUILTIN_COUNT
};

enum ktap_error {
#define KP_ERR(tag, kind, text) KTAP_ERR_##tag,
#include "errors.def"
#undef KP_ERR
	KTAP_ERR_COUNT
};

#endif
