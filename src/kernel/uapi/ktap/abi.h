/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note OR MIT */
/*
 * /dev/ktap: one open file is one session.
 *
 *   open        needs CAP_SYS_ADMIN, or CAP_PERFMON where the kernel has it; -EPERM otherwise, also
 *               when the kernel is locked down for confidentiality
 *   INFO        versions, features, limits; any time
 *   LOAD        once: verifies the image, reserves memory and rings; afterwards the rings can be mapped
 *   RUN         once, after LOAD: runs the main chunk in the caller, then arms probes and timers;
 *               returns when everything is armed (or at once when there is nothing to arm)
 *   STOP        once, after RUN: disarms everything, waits for running handlers, runs trace_end in the caller
 *               unless the script failed
 *   CANCEL      while RUN or STOP is under way in another thread: what it runs ends, and it returns -EINTR;
 *               -EBUSY when there is none
 *   STATUS      any time after LOAD: state, first error, counters
 *   CONSUME     any time after LOAD: frees what the reader has read from one ring
 *   poll        POLLIN: a ring is at least half full, or RUN or STOP waits for room; POLLHUP: the script called exit() or failed
 *   mmap        read-only; ring of CPU n at offset n * ring_stride (from STATUS)
 *   close       from any state, also when the process is killed: disarms, waits, frees everything
 *
 * RUN and STOP may wait for room in a ring: another thread has to read meanwhile.
 * Signals do not interrupt them, but for those that kill the process.  They return
 * -EINTR when they were cut short, by that, by CANCEL or, main chunk and arming, by STOP:
 * then the script failed with INTERRUPTED.  They return 0 also after a script error, which
 * STATUS tells.  A call in the wrong state gives -EBUSY, so of several STOPs all but one.
 * LOAD gives -ERANGE for a period below 10 us, mmap -ENXIO for a CPU that has not
 * been online yet.
 *
 * Structures begin with their size as the caller knows it.  A longer one is accepted
 * when the unknown tail is zero, a shorter one is completed with zeros.
 */
#ifndef _UAPI_KTAP_ABI_H
#define _UAPI_KTAP_ABI_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include "bytecode.h"
#include "record.h"

#define KTAP_DEVICE		"/dev/ktap"
/*
 * The tool refuses a module whose numbers are not the same as its own, or that knows fewer opcodes or built-ins.
 * The minor one is raised when something is added at the end of a structure or an enum here, in
 * record.h or in bytecode.h, the major one when something moves, changes its meaning or goes.  What is added
 * counts, too: the other side may meet it unasked.  `make lint` tells when one has been forgotten.
 */
#define KTAP_ABI_MAJOR		1
#define KTAP_ABI_MINOR		0

/* Feature bits of struct ktap_info. */
#define KTAP_FEAT_SYSCALLS	(1U << 0)	/* KTAP_EVENT_SYS_* */
#define KTAP_FEAT_TRACEPOINTS	(1U << 1)	/* KTAP_EVENT_TRACEPOINT */
#define KTAP_FEAT_TICK		(1U << 2)
#define KTAP_FEAT_PROFILE	(1U << 3)
#define KTAP_FEAT_FOLLOW	(1U << 4)	/* KTAP_LOAD_FOLLOW */

struct ktap_info {
	__u32 size;
	__u16 abi_major, abi_minor;
	__u32 features;		/* KTAP_FEAT_* */
	__u32 cpus;		/* number of possible CPU numbers (nr_cpu_ids) */
	__u32 opcodes;		/* KTAP_OP_COUNT of the module */
	__u32 builtins;		/* KTAP_BUILTIN_COUNT of the module */
	char  version[32];	/* of the module */
};

#define KTAP_LOAD_FOLLOW	(1U << 0)	/* pid: its descendants too */
#define KTAP_LOAD_DRY		(1U << 1)	/* arm events, but run no handler */

struct ktap_load {
	__u32 size;
	__u32 flags;		/* KTAP_LOAD_* */
	__u64 image;		/* address of a load image */
	__u64 image_len;
	/*
	 * Cap of session memory, bytes: tables and strings, the stacks that functions run on and the rings.
	 * 0: KTAP_DEFAULT_MEMORY, and besides what each CPU takes but for the data of its ring.
	 */
	__u64 memory;
	/*
	 * Bytes of data per CPU, rounded up to a power of two; 0: KTAP_DEFAULT_RING, or less when
	 * the rings would take more than an eighth of memory.
	 */
	__u32 ring_size;
	__u32 max_exec;		/* instruction budget of a handler; 0: KTAP_DEFAULT_EXEC */
	__s32 pid;		/* only events of this process (thread group); 0: of all */
	__s32 cpu;		/* only events on this CPU; -1: on all */
	/* written back: */
	struct ktap_place place;	/* of an IMG_* or VER_* error; errno is EINVAL */
	__u64 need;		/* errno is ENOMEM: what stacks and rings take, bytes */
};

#define KTAP_DEFAULT_MEMORY	(64ULL << 20)
#define KTAP_MIN_MEMORY		(2ULL << 20)	/* who has several CPUs needs more */
#define KTAP_MAX_MEMORY		(64ULL << 30)
#define KTAP_DEFAULT_RING	(1U << 20)
#define KTAP_MIN_RING		(1U << 12)
#define KTAP_MAX_RING		(1U << 28)
#define KTAP_DEFAULT_EXEC	100000U

enum ktap_state {
	KTAP_STATE_NEW = 0,
	KTAP_STATE_LOADED = 1,
	KTAP_STATE_RUNNING = 2,	/* main chunk runs */
	KTAP_STATE_ARMED = 3,
	KTAP_STATE_STOPPING = 4,
	KTAP_STATE_DONE = 5,
};

/* What a session counts.  ORDER COUNTER; the texts are what the tool reports. */
#define KTAP_COUNTERS(X) \
	X(EVENTS,	"events handled") \
	X(SKIPPED,	"events skipped: a handler was already running in the same context of that CPU") \
	X(NMI_BUSY,	"events cut short: an NMI met memory in use by what it interrupted") \
	X(LOST,		"output records lost: the ring buffer was full") \
	X(KEY_REFUSED,	"new table keys refused: no session memory at hand") \
	X(STR_REFUSED,	"values not stored: no session memory at hand") \
	X(OVERRUN,	"timer events missed: the machine or the script was too slow") \
	X(CPU_MISSED,	"CPUs that came online without being traced") \
	X(NO_RECORD,	"events lost: the kernel gave no record of them")

enum ktap_counter {
#define KTAP_X(name, text) KTAP_CNT_##name,
	KTAP_COUNTERS(KTAP_X)
#undef KTAP_X
	KTAP_CNT_COUNT
};

struct ktap_status {
	__u32 size;
	__u32 state;		/* enum ktap_state */
	__u32 exited;		/* the script called exit() */
	__u32 armed;		/* number of probes and timers that are armed; a KTAP_REC_WARN names each that is not */
	__u32 ring_size;	/* bytes of data per CPU */
	__u32 ring_stride;	/* distance of the rings in the mapping, bytes */
	struct ktap_place place;	/* first script error; error is KTAP_ERR_NONE when there is none */
	__u64 counters[16];	/* by enum ktap_counter, summed over CPUs */
	__u64 memory;		/* session memory in use, bytes */
	__u64 memory_peak;
};

/* First page of a ring's mapping; the data follow at KTAP_RING_DATA. */
struct ktap_ring_page {
	__u64 head;		/* bytes written so far: records up to here are complete */
	__u64 tail;		/* bytes consumed so far, as CONSUME said */
	__u64 busy;		/* time of a record that is being written, or 0: nothing older can still appear */
	__u64 lost;		/* records that found no room */
};
#define KTAP_RING_DATA		65536U	/* offset of the data: a page on every architecture */

struct ktap_consume {
	__u32 size;
	__u32 cpu;
	__u64 tail;		/* at most head; -EINVAL otherwise, or when it goes backwards */
};

#define KTAP_IOC_INFO		_IOWR('k', 0x70, struct ktap_info)
#define KTAP_IOC_LOAD		_IOWR('k', 0x71, struct ktap_load)
#define KTAP_IOC_RUN		_IO('k', 0x72)
#define KTAP_IOC_STOP		_IO('k', 0x73)
#define KTAP_IOC_STATUS		_IOWR('k', 0x74, struct ktap_status)
#define KTAP_IOC_CONSUME	_IOW('k', 0x75, struct ktap_consume)
#define KTAP_IOC_CANCEL		_IO('k', 0x76)

#endif
