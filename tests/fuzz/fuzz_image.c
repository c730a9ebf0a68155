// SPDX-License-Identifier: GPL-2.0-only
/*
 * Image -> reader -> verifier -> interpreter -> ring -> reader of records, on the host.
 * Script errors are fine; whatever a sanitizer finds, or a malformed record, is not.
 *
 *	fuzz_image [N [SEED]]	N images (default 170000), TAP; the same SEED makes the same images
 *	fuzz_image FILE...	runs these inputs, as a libFuzzer target writes them
 *
 * tests/fuzz/libfuzzer builds it as a libFuzzer target.  The first byte of an input says
 * what the others are: an image (0), or the random bytes that an image is made from.
 */
#include <stdarg.h>
#include "transport/reader.h"
#include "transport/ring.h"
#include "vm/vm.h"
#include "images.h"
#include "runs.h"

#define RING_SIZE	16384
#define LOOKS		10	/* at signals, KP_PROCESS_SLICE instructions each, in the main chunk and in the rest */

struct owner {
	struct kp_ring ring;
	struct kp_reader reader;
	u32 patience;		/* calls until a process context is interrupted */
	bool failed_room;
};

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	abort();
}

static const u8 *check_value(const u8 *p, const u8 *end)
{
	struct ktap_value head;

	if ((size_t)(end - p) < sizeof(head))
		die("value cut off");
	memcpy(&head, p, sizeof(head));
	p += sizeof(head);
	if (head.type >= KTAP_T_COUNT || head.len > (size_t)(end - p))
		die("malformed value");
	return p + ((head.len + 7) & ~7U);
}

static void drain(struct owner *o)
{
	const struct ktap_record *rec;
	unsigned int which;
	const u8 *p, *end;
	u32 i;

	kp_reader_poll(&o->reader, 1, UINT64_MAX);
	while ((rec = kp_reader_next(&o->reader, 1, UINT64_MAX, &which)) != NULL) {
		p = (const u8 *)(rec + 1);
		end = (const u8 *)rec + rec->size;
		if (rec->type != KTAP_REC_WARN) {
			if (rec->type == KTAP_REC_PRINTF)
				p += sizeof(struct ktap_printf);
			for (i = 0; i < rec->aux; i++)
				p = check_value(p, end);
			if (p != end)
				die("record with more than its values");
		}
	}
	if (kp_ring_consume(&o->ring, o->reader.tail))
		die("consume");
}

static struct ktap_record *op_reserve(struct kp_ctx *ctx, u32 size, u16 type, u16 aux)
{
	struct owner *o = ctx->vm->owner;

	if (ctx->where & KP_CTX_PROCESS)
		drain(o);
	return kp_ring_reserve(&o->ring, size, type, aux);
}

static void op_commit(struct kp_ctx *ctx, struct ktap_record *rec)
{
	struct owner *o = ctx->vm->owner;

	(void)rec;
	kp_ring_commit(&o->ring);
}

static void op_kick(struct kp_vm *vm)
{
	kp_vm_maintain(vm);
}

static int op_interrupted(struct kp_ctx *ctx)
{
	struct owner *o = ctx->vm->owner;

	if (!o->patience)
		return -EINTR;
	o->patience--;
	return 0;
}

static void op_syscall_args(struct kp_ctx *ctx)
{
	u32 i;

	for (i = 0; i < 6; i++)
		ctx->ev.args[i] = i;
}

static const struct kp_vm_ops ops = {
	.kick = op_kick,
	.reserve = op_reserve,
	.commit = op_commit,
	.interrupted = op_interrupted,
	.syscall_args = op_syscall_args,
};

static void run_events(struct kp_vm *vm, struct kp_ctx *ctx, struct kp_ctx *handler, struct owner *o)
{
	const struct kp_prog *prog = vm->verified->prog;
	static const u8 raw[64] = "raw record: 16 << 4 is the word\x10\x00\x08\x00 and more of it";
	u32 i, round;

	o->patience = LOOKS;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < prog->nevents; i++) {
			const struct kp_event *event = &prog->events[i];

			/* on other CPUs handlers run on for a while after an error */
			WRITE_ONCE(vm->failed, 0);
			vm->claimed = 0;
			switch (event->kind) {
			case KTAP_EVENT_TICK:
			case KTAP_EVENT_END:
				ctx->where = event->kind == KTAP_EVENT_TICK ? KP_CTX_TICK : KP_CTX_MAIN;
				kp_interp_run(ctx, vm->verified, event->probe->handler, NULL);
				break;
			default:
				kp_host_cpu = (i + round) % KP_HOST_CPUS;
				/* of exact size, so that reading behind it is noticed */
				handler->ev.raw = memcpy(malloc(sizeof(raw) - round * 20), raw, sizeof(raw) - round * 20);
				handler->ev.raw_len = sizeof(raw) - round * 20;
				handler->ev.have_args = 0;
				kp_interp_event(handler, event);
				free((void *)handler->ev.raw);
				kp_host_cpu = 0;
			}
			drain(o);
		}
	}
}

/* 1 when the image was accepted. */
static int try_image(const u8 *image, size_t len)
{
	struct ktap_place place;
	struct kp_ctx *ctx = NULL, *handler = NULL;
	struct owner o = { .patience = LOOKS };
	struct kp_vm vm;
	u8 *copy, *mem;
	int accepted = 0, err;

	/* of exact size as well */
	copy = malloc(len ? len : 1);
	mem = calloc(1, kp_ring_bytes(RING_SIZE));
	if (!copy || !mem || kp_vm_init(&vm, &ops, &o, KTAP_MIN_MEMORY, 5000))
		die("set-up");
	memcpy(copy, image, len);
	kp_ring_init(&o.ring, mem, RING_SIZE);
	kp_reader_init(&o.reader, mem, RING_SIZE);

	err = kp_vm_load(&vm, copy, len, &place);
	free(copy);
	if (err == -EINVAL && !place.error)
		die("refused without a reason");
	ctx = err ? NULL : kp_ctx_new(&vm);
	if (ctx) {
		accepted = 1;
		handler = kp_ctx_place(&vm, calloc(1, kp_ctx_size()), KP_LEVEL_TASK);
		kp_interp_run(ctx, vm.verified, &vm.verified->prog->funcs[0], NULL);
		drain(&o);
		run_events(&vm, ctx, handler, &o);
	}
	kp_ctx_free(ctx);
	free(handler);
	kp_vm_destroy(&vm);
	free(mem);
	return accepted;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz f = { .seed = 1 };
	u8 *image;
	size_t len;

	if (!size)
		return 0;
	if (!data[0]) {
		try_image(data + 1, size - 1);
		return 0;
	}
	f.bytes = data + 1;
	f.left = size - 1;
	image = fuzz_image(&f, &len);
	if (data[0] & 1)
		fuzz_mutate(&f, image, &len);
	try_image(image, len);
	free(image);
	return 0;
}

#ifndef KP_LIBFUZZER

int main(int argc, char **argv)
{
	unsigned long n = fuzz_runs(argc, argv, 170000), i, accepted = 0, mutated = 0;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	int failed;

	if (argc > 1 && !n)
		return fuzz_files(argv + 1, LLVMFuzzerTestOneInput);
	failed = fuzz_corpus("image", LLVMFuzzerTestOneInput);
	for (i = 0; i < n; i++) {
		struct fuzz f = { .seed = seed * 1000003 + i };
		size_t len;
		u8 *image = fuzz_image(&f, &len);

		if (i % 2) {
			fuzz_mutate(&f, image, &len);
			mutated += try_image(image, len);
		} else {
			accepted += try_image(image, len);
		}
		free(image);
	}
	printf("# %lu images, %lu made and %lu mutated ones accepted\n", n, accepted, mutated);
	/* what is always refused tests little */
	printf("%s - enough images are accepted\n", accepted >= n / 3 && mutated >= n / 20 ? "ok" : "not ok");
	printf("ok - images do no harm\n1..3\n");
	return failed;
}

#endif
