/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs what an image does in process context, on the host: main chunk, ticks once each, trace_end.
 * Time, memory and output are bounded.
 */
#ifndef KP_FUZZ_RUN_H
#define KP_FUZZ_RUN_H

#include <stdio.h>
#include <stdlib.h>
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

	/* a warning names an instruction, which other ways to compile number otherwise */
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

/*
 * Runs an image of the compiler, which the verifier must accept: aborts otherwise.  memory in
 * bytes (0: default) and patience bound it; kp_buf_free(&run->printed) afterwards.
 */
static inline void run_image(struct run *run, const struct kp_buf *image, u64 memory, u32 patience)
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
