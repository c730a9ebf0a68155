/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note OR MIT */
/*
 * Records in the ring of a CPU.  They never leave the machine: native byte order.
 *
 *   record = struct ktap_record, then (size - 16) bytes; size is a multiple of 8
 *   value  = struct ktap_value, then len bytes, zero-padded to a multiple of 8
 */
#ifndef _UAPI_KTAP_RECORD_H
#define _UAPI_KTAP_RECORD_H

#include <linux/types.h>

enum ktap_record_type {
	KTAP_REC_PAD = 0,	/* skip: fills the end of the ring, or was given up by its writer */
	KTAP_REC_PRINT = 1,	/* aux values: print(...) */
	KTAP_REC_PRINTF = 2,	/* struct ktap_printf, aux values, the first is the format: printf(...) */
	/* value: row limit.  Opens a chart; its pairs may follow on other rings, when the writer moves. */
	KTAP_REC_HIST_BEGIN = 3,
	KTAP_REC_PAIR = 4,	/* values: serial, key, value */
	KTAP_REC_HIST_END = 5,	/* values: serial, style (enum ktap_hist_style), row limit */
	KTAP_REC_WARN = 6,	/* a warning: struct ktap_place */
};

enum ktap_hist_style {
	KTAP_HIST_PRINT_HIST = 0,
	KTAP_HIST_HISTOGRAM = 1,
	KTAP_HIST_QUANTIZE = 2,
	KTAP_HIST_LQUANTIZE = 3,
};

struct ktap_record {
	__u32 size;		/* of the whole record, bytes */
	__u16 type;		/* enum ktap_record_type */
	__u16 aux;
	__u64 time;		/* CLOCK_MONOTONIC, ns */
};

/* Whether a format and its arguments fit shows when the text is made: then this tells the place. */
struct ktap_printf {
	__u32 pc;		/* instruction, index in CODE; KTAP_NONE: none */
	__u32 reserved;		/* 0 */
};

/* Types of values: in records, in table keys and in the VM. */
enum ktap_type {
	KTAP_T_NIL = 0,
	KTAP_T_FALSE = 1,
	KTAP_T_TRUE = 2,
	KTAP_T_INT = 3,		/* len 8: __s64 */
	KTAP_T_FUNC = 4,	/* len 8: number of the function */
	KTAP_T_TABLE = 5,	/* len 8: serial number of the table */
	KTAP_T_CLOSURE = 6,	/* len 8: serial number of its environment << 16 | number of the function */
	KTAP_T_STR = 7,		/* the bytes; from here on values are bytes */
	KTAP_T_TUPLE = 8,	/* its parts: values, one after the other */
	KTAP_T_EVENT = 9,	/* event text: struct ktap_event_text, then the raw record */
	KTAP_T_AGG = 10,	/* struct ktap_agg, and a distribution (see there) */
	KTAP_T_STACK = 11,	/* struct ktap_stack, then one __u64 for each frame, the innermost first */
	KTAP_T_SYM = 12,	/* struct ktap_sym: an address that is shown by name */
	KTAP_T_TIME = 13,	/* struct ktap_time, then the format: a time that is shown as strftime shows it */
	KTAP_T_COUNT
};

struct ktap_value {
	__u32 type;		/* enum ktap_type */
	__u32 len;		/* bytes that follow, without padding */
};

struct ktap_event_text {
	__u32 event;		/* index in the EVNT section of the load image */
	__u32 cpu;
	__s32 tid;		/* of the task the event happened in */
	/*
	 * Bytes of the raw record.  For a system call: __s64 nr and 6 __u64 arguments (enter),
	 * or __s64 nr and __s64 return value (exit).
	 */
	__u32 raw_len;
};

#define KTAP_STACK_DEPTH	127	/* frames at most */

/*
 * Addresses of the kernel, or of a process: then the process (thread group) as the
 * initial namespace sees it.
 */
struct ktap_stack {
	__s32 tgid;		/* 0: of the kernel */
	__u32 reserved;		/* 0 */
};

#define KTAP_SYM_OFFSET	(1U << 0)	/* shown as NAME+0xOFFSET/0xSIZE, else as NAME */

struct ktap_sym {
	__u64 addr;
	__s32 tgid;		/* as above */
	__u32 flags;		/* KTAP_SYM_* */
};

enum ktap_agg_kind {
	KTAP_AGG_PLAIN = 0,	/* no distribution */
	KTAP_AGG_LOG2 = 1,
	KTAP_AGG_LINEAR = 2,
};

/*
 * An aggregate, and behind it what the kind says.
 *
 * LOG2: 128 counters.  [0..63] count samples v > 0 in [2^i, 2^(i+1)), [64] counts v == 0,
 * [65 + i] counts v < 0 with -v in [2^i, 2^(i+1)), i up to 62 (the most negative number is
 * counted with i = 62).
 *
 * LINEAR: struct ktap_linear, and counters of the samples below low, of those in each bucket
 * of step numbers from low on, and of those above the buckets.
 */
#define KTAP_AGG_BUCKETS	128
struct ktap_agg {
	__u64 count;
	__s64 sum;
	__s64 min;
	__s64 max;
	__u32 kind;		/* enum ktap_agg_kind */
	__u32 ncounters;	/* each a __u64 */
};

struct ktap_linear {
	__s64 low;
	__s64 step;
};

struct ktap_time {
	__s64 ns;		/* since 1970-01-01 UTC */
};

/* Where in the script something happened. */
struct ktap_place {
	__u32 error;		/* enum ktap_error */
	__u32 func;		/* index of the function */
	__u32 pc;		/* instruction, index in CODE */
	__u32 event;		/* index of the event being handled; KTAP_NONE outside handlers */
	char  detail[32];	/* stands for %s in the text; zero-terminated */
};

#endif
