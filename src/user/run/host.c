// SPDX-License-Identifier: GPL-2.0-only
#include "host.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "vm/vm.h"

#include "out.h"
#include "render.h"
#include "report.h"
#include "session.h"

struct host {
	struct kp_vm vm;
	struct kp_render render;
	struct kp_out out;
	struct ktap_record *record; /* the one that is being written */
	uint32_t record_room;	    /* bytes */
	uint32_t record_max;	    /* bytes: as large as the ring of a session would take */
};

/* The only context is the process's, which provides for itself. */
static void host_kick(struct kp_vm *vm)
{
	(void)vm;
}

static struct ktap_record *host_reserve(struct kp_ctx *ctx, u32 size, u16 type, u16 aux)
{
	struct host *h = ctx->vm->owner;
	struct ktap_record *rec;

	if (size > h->record_max)
		return NULL;
	if (size > h->record_room) {
		rec = realloc(h->record, size);
		if (!rec)
			return NULL;
		h->record = rec;
		h->record_room = size;
	}
	*h->record = (struct ktap_record){ size, type, aux, kp_port_now() };
	return h->record;
}

static void host_commit(struct kp_ctx *ctx, struct ktap_record *rec)
{
	struct host *h = ctx->vm->owner;

	kp_render_record(&h->render, rec, &h->out.text);
	kp_out_settle(&h->out);
}

/* It is of no use to go on when nobody reads the output. */
static int host_interrupted(struct kp_ctx *ctx)
{
	const struct host *h = ctx->vm->owner;

	return h->out.error || h->render.failed ? -EINTR : 0;
}

static const struct kp_vm_ops host_ops = {
	.kick = host_kick,
	.reserve = host_reserve,
	.commit = host_commit,
	.interrupted = host_interrupted,
};

/* The handler of trace_end, of which a load image has at most one; or NULL. */
static const struct kp_func *find_trace_end(const struct kp_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->nevents; i++)
		if (prog->events[i].kind == KTAP_EVENT_END)
			return prog->events[i].probe->handler;
	return NULL;
}

static void take_status(struct host *h, const struct kp_ctx *ctx, struct ktap_status *status)
{
	u64 memory, peak;
	u32 i;

	status->size = sizeof(*status);
	for (i = 0; i < KTAP_CNT_COUNT; i++)
		status->counters[i] = kp_count_read(&ctx->counters[i]);
	kp_pool_usage(&h->vm.pool, &memory, &peak);
	status->memory = memory;
	status->memory_peak = peak;
}

static int run_functions(struct host *h, struct ktap_status *status)
{
	const struct kp_verified *v = h->vm.verified;
	struct kp_ctx *ctx = kp_ctx_new(&h->vm);
	const struct kp_func *end;
	int ret;

	if (!ctx)
		return -ENOMEM;
	ret = kp_interp_run(ctx, v, &v->prog->funcs[0], NULL);
	end = find_trace_end(v->prog);
	if (!ret && end)
		ret = kp_interp_run(ctx, v, end, NULL);
	take_status(h, ctx, status);
	kp_ctx_free(ctx);
	return ret;
}

/* Load and run; @status is filled when there is something to tell. Returns 0 or an exit status. */
static int run_image(struct host *h, const struct kp_view *v, const void *image, size_t len,
		     struct ktap_status *status)
{
	struct ktap_place place;
	int ret;

	ret = kp_vm_load(&h->vm, image, len, &place);
	if (ret) {
		if (place.error)
			kp_report_script(v, &place);
		else
			kp_report_error(KP_MSG_LOAD_SCRIPT, strerror(-ret));
		return ret == -EINVAL ? KP_EXIT_COMPILE : KP_EXIT_RUNTIME;
	}
	ret = run_functions(h, status);
	kp_out_flush(&h->out);
	if (h->vm.failed)
		kp_report_script(v, &h->vm.error);
	else if (ret && !h->out.error && !h->render.failed)
		kp_report_error(KP_MSG_RUN_SCRIPT, strerror(-ret));
	else if (!h->render.failed)
		ret = 0;
	return h->vm.failed || ret || h->render.failed ? KP_EXIT_RUNTIME : 0;
}

int kp_host_run(const struct kp_view *v, const void *image, size_t len,
		const struct kp_session_opts *opts)
{
	struct host h = { .record_max = (opts->buffer ? opts->buffer : KTAP_DEFAULT_RING) / 2 };
	struct ktap_status status = { 0 };
	int ret, err;

	signal(SIGPIPE, SIG_IGN); /* a closed output is seen by write() */
	ret = kp_out_open(&h.out, opts->output);
	if (ret) {
		kp_report_error(KP_MSG_OPEN_FILE, opts->output, strerror(-ret));
		return KP_EXIT_RUNTIME;
	}
	kp_render_init(&h.render, v, NULL, NULL, opts);
	ret = kp_vm_init(&h.vm, &host_ops, &h, opts->memory, opts->max_exec);
	if (ret) {
		kp_report_error(KP_MSG_MAKE_SESSION, strerror(-ret));
		ret = KP_EXIT_RUNTIME;
	} else {
		ret = run_image(&h, v, image, len, &status);
		kp_vm_destroy(&h.vm);
	}
	kp_render_free(&h.render);
	free(h.record);
	err = kp_out_close(&h.out);
	if (err && err != -EPIPE) {
		kp_report_error(KP_MSG_WRITE_OUTPUT, strerror(-err));
		ret = KP_EXIT_RUNTIME;
	}
	if (status.size)
		kp_report_counters(&status, opts->stats);
	return ret;
}
