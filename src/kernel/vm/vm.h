/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session as the VM sees it, and the contexts that run its functions.
 *
 *   struct kp_prog      what an image says, read by image.c
 *   struct kp_verified  the same once verify.c has accepted it: the only thing that runs
 *   struct kp_vm        one session: program, shared state, limits
 *   struct kp_ctx       one place where a function can run: registers, frames, scratch.
 *                       One for process context (main chunk, then ticks, then
 *                       trace_end: never two at a time), one per CPU and context level
 *                       for handlers.
 */
#ifndef KP_VM_H
#define KP_VM_H

#include "pool.h"
#include "table.h"
#include "value.h"
#include "../port/count.h"
#include "../uapi/ktap/abi.h"

/* Kinds of context, as bits: what a built-in or an instruction may be limited to. */
#define KP_CTX_MAIN	(1U << 0)	/* main chunk, trace_end */
#define KP_CTX_TICK	(1U << 1)
#define KP_CTX_PROBE	(1U << 2)	/* probe handlers, profile */
#define KP_CTX_EVENT	(1U << 3)	/* there is an event */
#define KP_CTX_PROCESS	(KP_CTX_MAIN | KP_CTX_TICK)	/* may sleep and allocate */

/* Levels of context on a CPU. */
enum kp_level {
	KP_LEVEL_TASK,
	KP_LEVEL_SOFTIRQ,
	KP_LEVEL_HARDIRQ,
	KP_LEVEL_NMI,
	KP_LEVELS
};

struct kp_func {
	const u32 *code;
	u32 ncode;
	u32 first;		/* index of its first instruction in CODE */
	u16 nregs;
	u8  nparams;
	bool env;		/* R[nparams] takes the variables of functions around it */
	u32 index;
	s64 budget;		/* what is left of a handler's budget when it begins with this function */
};

struct kp_probe {
	u32 kind;		/* enum ktap_probe_kind */
	const struct kp_func *filter;	/* or NULL */
	const struct kp_func *handler;
};

struct kp_event {
	const struct kp_probe *probe;
	const struct ktap_image_fdesc *fields;	/* nfields of them, native byte order */
	struct kp_str *name;
	u64 id;
	u32 kind;		/* enum ktap_event_kind */
	u32 index;
};

struct kp_verified {
	const struct kp_prog *prog;
};

struct kp_prog {
	struct kp_verified verified;	/* prog is NULL until the verifier has accepted it */
	struct kp_pool *pool;		/* all of this lies in session memory */
	u32 *code;
	u32 ncode;
	struct kp_func *funcs;
	u32 nfuncs;
	struct kp_value *consts;
	u32 nconsts;
	struct kp_value *args;	/* of ARGS */
	u32 nargs;
	struct ktap_image_cell *cells;
	u32 ncells;
	struct ktap_image_table *tables;
	u32 ntables;
	u32 nfields;
	u32 args_of[KTAP_MAX_ARG];	/* index in FLDS of argN; KTAP_NONE: the script does not ask for it */
	struct kp_probe *probes;
	u32 nprobes;
	struct kp_event *events;
	u32 nevents;
	struct ktap_image_fdesc *fdescs;
	struct kp_str **strs, **estrs;
	u32 nstrs, nestrs;
	struct kp_allocation *allocations;
};

/* What the VM asks of its owner. */
struct kp_vm_ops {
	/* Asks for kp_vm_maintain() soon.  Any context, interrupts may be off. */
	void (*kick)(struct kp_vm *vm);
	/*
	 * Room for a record of size bytes (a multiple of 8) in the ring of this CPU, its
	 * header filled in, or NULL: counted as lost.  In process context it waits for room
	 * and NULL means that waiting was interrupted or that the record can never fit.
	 * Every record is committed; preemption stays off from reserve to commit.
	 */
	struct ktap_record *(*reserve)(struct kp_ctx *ctx, u32 size, u16 type, u16 aux);
	void (*commit)(struct kp_ctx *ctx, struct ktap_record *rec);
	/* Process context, from time to time: nonzero when the function should end (-EINTR). */
	int (*interrupted)(struct kp_ctx *ctx);
	/* Waits until every handler that runs now has ended.  Process context.  NULL where there are none. */
	void (*synchronize)(struct kp_vm *vm);
	/* Fills ctx->ev.args from ctx->ev.regs: the arguments of a system call.  Handlers only. */
	void (*syscall_args)(struct kp_ctx *ctx);
};

struct kp_vm {
	const struct kp_verified *verified;
	const struct kp_vm_ops *ops;
	void *owner;			/* of ops */
	struct kp_pool pool;
	struct kp_cell *cells;
	struct kp_port_mutex tables_mutex;
	struct kp_table *tables;	/* all tables; under tables_mutex */
	u64 next_serial;		/* under tables_mutex */
	u32 tables_made;		/* since kp_table_collect() looked */
	u32 tables_left;		/* how many it left */
	u64 seed;			/* of hashes */
	u64 factor;			/* of hashes of numbers: odd */
	u64 start;			/* kp_port_now() when it was made */
	u32 max_exec;
	u32 exited;			/* the script called exit(); the built-in sets it and ctx->exiting */
	u32 claimed;			/* somebody writes error: only once */
	struct ktap_place error;	/* the first script error */
	u32 failed;			/* error is written */
	u32 *warned;			/* one bit per instruction: has warned */
};

struct kp_frame {
	const struct kp_func *func;
	const u32 *pc;		/* the call it is in */
	u32 base;
	u32 top;		/* end of its registers, or of its caller's when those reach further */
};

/* The event being handled: what FIELD, argstr and probename read. */
struct kp_event_data {
	const struct kp_event *event;
	const void *raw;	/* record of a tracepoint */
	u32 raw_len;
	u32 have_args;		/* args are filled in */
	s64 nr;			/* of the system call */
	s64 ret;		/* sys_exit */
	void *regs;		/* struct pt_regs, sys_enter */
	unsigned long ip;	/* KTAP_EVENT_TRACEPOINT: what called the probe */
	unsigned long iterator;	/* the same: the function that calls all probes of it, or 0 */
	u64 args[6];
};

struct kp_ctx {
	struct kp_vm *vm;
	u32 where;		/* KP_CTX_* */
	u32 level;		/* enum kp_level */
	u32 busy;		/* a function runs: events of this level are skipped */
	u32 exiting;		/* exit() was called: unwind */
	s64 budget;		/* instructions left; process contexts have no budget */
	struct kp_value *regs;	/* the stack of registers */
	u32 nregs;
	u32 top;		/* registers in use: the roots of scratch_collect() */
	struct kp_frame *frames;
	u32 nframes;
	u32 depth;
	const u32 *pc;		/* the instruction in execution, for messages */
	u8 *scratch;		/* two halves */
	u8 *scratch_at;		/* the one in use */
	u32 scratch_half;	/* size of one */
	u32 scratch_used;	/* of the one in use */
	u64 random;		/* state of rand(); 0: not begun */
	struct kp_event_data ev;
	struct kp_count counters[KTAP_CNT_COUNT];
};

/* Sizes of the contexts. */
#define KP_HANDLER_REGS		384
#define KP_HANDLER_FRAMES	48
#define KP_HANDLER_SCRATCH	10240		/* of one half, bytes: the largest record of perf fits */
#define KP_PROCESS_REGS		65536
#define KP_PROCESS_FRAMES	16384
#define KP_PROCESS_SCRATCH	(64U << 10)	/* grows */
#define KP_PROCESS_SCRATCH_MAX	(16U << 20)
#define KP_PROCESS_SLICE	20000		/* instructions between two looks at signals */

/* vm.c */

/*
 * Makes a session without program: memory in bytes, budget in instructions, both
 * as struct ktap_load says them (0: default).  Process context.
 */
int kp_vm_init(struct kp_vm *vm, const struct kp_vm_ops *ops, void *owner, u64 memory, u32 max_exec);

/*
 * Reads and verifies an image and makes cells.  Process context.  Returns 0, -ENOMEM,
 * or -EINVAL with place saying why.
 */
int kp_vm_load(struct kp_vm *vm, const void *image, size_t len, struct ktap_place *place);

/* Frees everything.  Process context, nothing of it runs any more. */
void kp_vm_destroy(struct kp_vm *vm);

/* Refills the pool and grows tables.  Process context. */
void kp_vm_maintain(struct kp_vm *vm);

/* Bytes of one handler context with its registers, frames and scratch. */
size_t kp_ctx_size(void);

/* Lays a handler context out in memory of kp_ctx_size() bytes (zeroed). */
struct kp_ctx *kp_ctx_place(struct kp_vm *vm, void *mem, u32 level);

/* Bytes of session memory that a process context begins with. */
size_t kp_ctx_process_size(void);

/* Makes (NULL: no memory) and frees a process context.  Process context. */
struct kp_ctx *kp_ctx_new(struct kp_vm *vm);
void kp_ctx_free(struct kp_ctx *ctx);

/*
 * Records the first script error of the session with the place ctx is at; detail
 * may be NULL.  Always returns -EINVAL.  Any context.
 */
int kp_ctx_error(struct kp_ctx *ctx, u32 error, const char *detail);

/* The instruction in execution, as its index in CODE; KTAP_NONE outside of functions.  Any context. */
u32 kp_ctx_pc(const struct kp_ctx *ctx);

/* Writes a warning, once per instruction.  Any context. */
void kp_ctx_warn(struct kp_ctx *ctx, u32 error, const char *detail);

/* Turns a result of table.h or scratch.h into a script error or a count; returns what the handler should. */
int kp_ctx_result(struct kp_ctx *ctx, int err);

/*
 * The budget of the context is used up: a handler ends (-EINVAL and the script error), process
 * context has come to a place to be interrupted at and goes on (0), or not (-EINTR).
 */
int kp_ctx_spent(struct kp_ctx *ctx);

/* Pays for work of so many steps, each about an instruction.  Any context; no lock is held.  Results as above. */
static inline int kp_ctx_charge(struct kp_ctx *ctx, u64 steps)
{
	ctx->budget -= steps;
	return likely(ctx->budget >= 0) ? 0 : kp_ctx_spent(ctx);
}

/* What it costs to read, write or compare so many bytes. */
static inline u64 kp_ctx_steps(u64 bytes)
{
	return bytes / 8;
}

/* scratch.c */

/*
 * A string of len bytes in scratch space, its padding zeroed, its data not; NULL when
 * there is no room.  May move every scratch string of this context: afterwards only
 * what registers hold is valid.
 */
struct kp_str *kp_scratch_new(struct kp_ctx *ctx, u32 len);

/* Cuts the string that kp_scratch_new() made last down to len bytes and takes the rest back. */
void kp_scratch_trim(struct kp_ctx *ctx, struct kp_str *s, u32 len);

/* Bytes that are left without moving anything; a string takes kp_str_size(len) of them. */
static inline u32 kp_scratch_left(const struct kp_ctx *ctx)
{
	return ctx->scratch_half - ctx->scratch_used;
}

/* The same as kp_scratch_new() when so many bytes are known to be left: nothing moves. */
static inline struct kp_str *kp_scratch_take(struct kp_ctx *ctx, u32 len)
{
	struct kp_str *s = (struct kp_str *)(ctx->scratch_at + ctx->scratch_used);

	ctx->scratch_used += kp_str_size(len);
	s->len = len;
	s->hash = 0;
	s->home = KP_HOME_SCRATCH;
	s->forward = 0;
	/* the padding: the last word, whose data bytes the caller fills in */
	*(u64 *)(s->data + kp_str_padded(len) - 8) = 0;
	return s;
}

/* A copy of a string, when there is room for it. */
static inline struct kp_str *kp_scratch_copy(struct kp_ctx *ctx, const struct kp_str *from)
{
	struct kp_str *s = (struct kp_str *)(ctx->scratch_at + ctx->scratch_used);

	ctx->scratch_used += kp_str_size(from->len);
	s->home = KP_HOME_SCRATCH;
	s->forward = 0;
	kp_str_copy(s, from);
	return s;
}

/* Sees to it that so many bytes are left, moving strings where that helps; false when it does not. */
bool kp_scratch_reserve(struct kp_ctx *ctx, u32 bytes);

/* interp.c */

/*
 * Runs a function without arguments.  The context is empty (depth 0) before and after.
 * Returns 0 (also when exit() ended it: ctx->exiting), or -EINVAL (a script error is
 * recorded), -EBUSY (counted), -EINTR (process context was interrupted).  *result may be NULL.
 */
int kp_interp_run(struct kp_ctx *ctx, const struct kp_verified *v, const struct kp_func *func,
		  struct kp_value *result);

/*
 * The same without the preparations for process context: ctx->budget is set by the caller,
 * the result is in ctx->regs[0] afterwards.
 */
int kp_interp_exec(struct kp_ctx *ctx, const struct kp_verified *v, const struct kp_func *func);

/* Whether a filter lets the event pass that ctx->ev describes.  Handler context. */
bool kp_interp_filter(struct kp_ctx *ctx, const struct kp_func *filter);

/*
 * Runs filter and handler of an event.  Handler context, preemption off.  ctx->ev is
 * set by the caller, but for ctx->ev.event.  Inline, as a call is an eighth of what
 * an empty handler costs.
 */
static __always_inline void kp_interp_event(struct kp_ctx *ctx, const struct kp_event *event)
{
	const struct kp_probe *probe = event->probe;
	const struct kp_func *handler = probe->handler;

	ctx->ev.event = event;
	kp_count_add(&ctx->counters[KTAP_CNT_EVENTS], 1);
	if (unlikely(probe->filter) && !kp_interp_filter(ctx, probe->filter))
		return;
	ctx->budget = handler->budget;
	kp_interp_exec(ctx, ctx->vm->verified, handler);
}

/* field.c */

/* *out = field number n of the event being handled; nil when there is none.  -ENOSPC and -ETIME as in table.h. */
int kp_field_get(struct kp_ctx *ctx, u32 n, struct kp_value *out);

/* The arguments of the system call being handled. */
const u64 *kp_field_args(struct kp_ctx *ctx);

/* disasm.c: writes one instruction as text into buf, at most n bytes with the final zero; returns buf. */
char *kp_disasm(char *buf, size_t n, u32 insn);

/* image.c, verify.c */

/*
 * Reads an image into session memory: every byte that is used has been checked, the
 * instructions have not.  0, -ENOMEM, or -EINVAL with place->error.  Process context.
 */
int kp_image_read(struct kp_pool *pool, const void *image, size_t len,
		  struct kp_prog **out, struct ktap_place *place);
void kp_image_free(struct kp_prog *prog);

/*
 * Accepts a program: prog->verified is set.  0, -EINVAL with place saying why, -ENOMEM, or -EINTR when
 * the process is being killed.  Process context.
 */
int kp_verify(struct kp_prog *prog, struct ktap_place *place);

/* The built-ins, by number: arguments in args[0 ... n-1], result to args[0], which exists even when n is 0. */
typedef int (*kp_builtin_fn)(struct kp_ctx *ctx, struct kp_value *args, u32 n);
extern const kp_builtin_fn kp_builtin_table[KTAP_BUILTIN_COUNT];

struct kp_builtin_info {
	const char *name, *args;
	u8 min, max;
	u8 where;		/* KP_CTX_* it is allowed in */
	u8 needs_event;
};
extern const struct kp_builtin_info kp_builtin_infos[KTAP_BUILTIN_COUNT];

#endif
