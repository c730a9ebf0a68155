/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs what an image does, on the host: main chunk, ticks once each, handlers of events as often as
 * is asked for, trace_end.  Time, memory and output are bounded.
 */
#ifndef KP_FUZZ_RUN_H
#define KP_FUZZ_RUN_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "run/view.h"
#include "util/buf.h"
#include "vm/vm.h"

#define RUN_OUTPUT	(256U << 10)	/* bytes: who prints more is interrupted */

struct run {
	struct kp_buf printed;		/* records without their times */
	struct ktap_record *record;	/* the one that is being written */
	u32 patience;			/* looks at signals until it is interrupted */
	u32 error, line;		/* of the script error */
};

static inline struct ktap_record *run_reserve(struct kp_ctx *ctx, u32 size, u16 type, u16 aux)
{
	struct run *run = ctx->vm->owner;

	free(run->record);
	run->record = size > RUN_OUTPUT ? NULL : malloc(size);
	if (run->record)
		*run->record = (struct ktap_record){ size, type, aux, 0 };
	return run->record;
}

static inline void run_commit(struct kp_ctx *ctx, struct ktap_record *rec)
{
	struct run *run = ctx->vm->owner;

	/* other ways to compile number instructions and tables otherwise */
	if (rec->type == KTAP_REC_PRINTF)
		memset(rec + 1, 0, sizeof(struct ktap_printf));
	if (rec->type == KTAP_REC_PAIR || rec->type == KTAP_REC_HIST_END)
		memset((u8 *)(rec + 1) + sizeof(struct ktap_value), 0, sizeof(u64));
	if (rec->type != KTAP_REC_WARN)
		kp_buf_put(&run->printed, rec, rec->size);
}

static inline int run_interrupted(struct kp_ctx *ctx)
{
	struct run *run = ctx->vm->owner;

	if (!run->patience || run->printed.len > RUN_OUTPUT)
		return -EINTR;
	run->patience--;
	return 0;
}

static inline void run_kick(struct kp_vm *vm)
{
	kp_vm_maintain(vm);
}

static const struct kp_vm_ops run_ops = {
	.kick = run_kick,
	.reserve = run_reserve,
	.commit = run_commit,
	.interrupted = run_interrupted,
};

static inline u32 run_line(const struct kp_buf *image, u32 pc)
{
	struct kp_view view;
	const char *why;
	u32 line = 0;

	if (!kp_view_open(&view, image->data, image->len, &why))
		line = kp_view_pc_place(&view, pc).line;
	kp_view_close(&view);
	return line;
}

#define RUN_RAW		64U	/* bytes of the record of an event */

/* Where a field of the call lseek(fd, offset, whence) is; of what it has not: somewhere in a record. */
static inline struct ktap_image_fdesc run_field(const struct kp_view *view, u32 n, bool returns)
{
	struct ktap_image_field field = kp_view_field(view, n);
	struct kp_view_string name = kp_view_string(view, field.name);

	if (returns && name.len == 3 && !memcmp(name.data, "ret", 3))
		return (struct ktap_image_fdesc){ .kind = KTAP_FIELD_SYSRET };
	if (!returns && name.len == 6 && !memcmp(name.data, "offset", 6))
		return (struct ktap_image_fdesc){ .kind = KTAP_FIELD_SYSARG, .offset = 1 };
	if (!returns && field.name == KTAP_NONE && field.index == 3)
		return (struct ktap_image_fdesc){ .kind = KTAP_FIELD_SYSARG, .offset = 2 };
	return (struct ktap_image_fdesc){ KTAP_FIELD_NONE + n % (KTAP_FIELD_COUNT + 1), n % RUN_RAW & ~7U, 8, 0 };
}

static inline bool run_returns(const struct kp_view *view, u32 probe)
{
	struct kp_view_string spec = kp_view_string(view, kp_view_probe(view, probe).spec);

	return spec.len > 9 && memmem(spec.data, spec.len, "sys_exit_", 9);
}

/* So many calls of lseek(-1, ...), as build/triggers/seeks makes them: all handlers run as each begins or returns. */
static inline void run_calls(struct kp_vm *vm, const struct kp_buf *image, u32 calls)
{
	const struct kp_prog *prog = vm->verified->prog;
	struct kp_ctx *ctx = kp_ctx_place(vm, calloc(1, kp_ctx_size()), KP_LEVEL_TASK);
	struct ktap_image_fdesc *fields = calloc(2 * prog->nfields + 1, sizeof(*fields));
	struct kp_str *name = calloc(1, kp_str_size(4));
	u8 *raw = calloc(1, RUN_RAW);
	struct kp_event event;
	struct kp_view view;
	const char *why;
	u32 call, i, returns;

	memcpy(name->data, "name", name->len = 4);
	if (kp_view_open(&view, image->data, image->len, &why))
		abort();
	for (i = 0; i < 2 * prog->nfields; i++)
		fields[i] = run_field(&view, i % prog->nfields, i >= prog->nfields);
	for (i = 0; i < calls * 2 * prog->nprobes && !vm->failed && !vm->exited; i++) {
		call = i / (2 * prog->nprobes);
		returns = i / prog->nprobes % 2;
		event = (struct kp_event){
			.probe = &prog->probes[i % prog->nprobes],
			.fields = fields + returns * prog->nfields,
			.name = name,
			.kind = returns ? KTAP_EVENT_SYS_EXIT : KTAP_EVENT_SYS_ENTER,
		};
		if (event.probe->kind != KTAP_PROBE_EVENT || run_returns(&view, i % prog->nprobes) != returns)
			continue;
		ctx->ev = (struct kp_event_data){
			.raw = raw,
			.raw_len = RUN_RAW,
			.have_args = 1,
			.ret = -EBADF,
			.args = { -1ULL, call * 0x3e3779b9 & 0x7fffffff, call % 3 },
		};
		kp_interp_event(ctx, &event);
	}
	kp_view_close(&view);
	free(raw);
	free(name);
	free(fields);
	free(ctx);
}

/*
 * Runs an image of the compiler, which the verifier must accept: aborts otherwise.  memory in
 * bytes (0: default), patience and calls bound it; kp_buf_free(&run->printed) afterwards.
 */
static inline void run_image(struct run *run, const struct kp_buf *image, u64 memory, u32 patience, u32 calls)
{
	struct ktap_place place;
	struct kp_ctx *ctx = NULL;
	struct kp_vm vm;
	u32 i, kind;
	int err;

	*run = (struct run){ .printed = KP_BUF_INIT, .patience = patience };
	if (kp_vm_init(&vm, &run_ops, run, memory, 0))
		abort();
	err = kp_vm_load(&vm, image->data, image->len, &place);
	if (err && place.error) {
		fprintf(stderr, "the verifier refuses what the compiler made: error %u at %u\n", place.error, place.pc);
		abort();
	}
	if (!err)
		ctx = kp_ctx_new(&vm);
	if (ctx)
		kp_interp_run(ctx, vm.verified, &vm.verified->prog->funcs[0], NULL);
	if (ctx && !vm.failed && !vm.exited && run->patience)
		run_calls(&vm, image, calls);
	for (i = 0; ctx && i < vm.verified->prog->nprobes && !vm.failed && run->patience; i++) {
		kind = vm.verified->prog->probes[i].kind;
		if (kind != KTAP_PROBE_TICK && kind != KTAP_PROBE_END)
			continue;
		ctx->where = kind == KTAP_PROBE_TICK ? KP_CTX_TICK : KP_CTX_MAIN;
		kp_interp_run(ctx, vm.verified, vm.verified->prog->probes[i].handler, NULL);
	}
	run->error = vm.error.error;
	run->line = vm.failed ? run_line(image, vm.error.pc) : 0;
	kp_ctx_free(ctx);
	kp_vm_destroy(&vm);
	free(run->record);
	run->record = NULL;
}

#endif
