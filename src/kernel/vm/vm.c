// SPDX-License-Identifier: GPL-2.0-only
#include "vm.h"

int kp_vm_init(struct kp_vm *vm, const struct kp_vm_ops *ops, void *owner, u64 memory, u32 max_exec)
{
	memset(vm, 0, sizeof(*vm));
	if (!memory)
		memory = KTAP_DEFAULT_MEMORY;
	if (memory < KTAP_MIN_MEMORY || memory > KTAP_MAX_MEMORY)
		return -EINVAL;
	kp_pool_init(&vm->pool, memory);
	kp_port_mutex_init(&vm->tables_mutex);
	vm->ops = ops;
	vm->owner = owner;
	vm->seed = kp_port_random();
	vm->factor = kp_port_random() | 1;
	vm->start = kp_port_now();
	vm->max_exec = max_exec ? max_exec : KTAP_DEFAULT_EXEC;
	return 0;
}

static bool makes_stacks(const struct kp_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->ncode; i++) {
		if (KTAP_INSN_OP(prog->code[i]) != KTAP_OP_BUILTIN)
			continue;
		switch (KTAP_INSN_B(prog->code[i])) {
		case KTAP_BUILTIN_stack:
		case KTAP_BUILTIN_kstack:
		case KTAP_BUILTIN_backtrace:
		case KTAP_BUILTIN_ustack:
			return true;
		}
	}
	return false;
}

/* Bytes of the largest distribution that the script keeps; 0: it keeps none. */
static u32 distribution_size(const struct kp_prog *prog)
{
	struct ktap_agg agg = { 0 };
	u32 i, n;

	for (i = 0; i < prog->ntables; i++) {
		const struct ktap_image_table *t = &prog->tables[i];

		n = 0;
		if (t->flags & KTAP_TABLE_QUANTIZE)
			n = KTAP_AGG_BUCKETS;
		else if (t->flags & KTAP_TABLE_LQUANTIZE)
			n = kp_agg_linear(t->low, t->high, t->step) + 2;
		if (n <= agg.ncounters)
			continue;
		agg.ncounters = n;
		agg.kind = t->flags & KTAP_TABLE_QUANTIZE ? KTAP_AGG_LOG2 : KTAP_AGG_LINEAR;
	}
	return agg.ncounters ? kp_str_size(kp_agg_size(&agg)) : 0;
}

/* Bytes for a burst of new keys that comes before process context does: nodes, short strings, distributions. */
#define RESERVE_SHARE	256			/* one part in so many of the session's memory for each, */
#define RESERVE_MAX	(512U << 10)		/* and no more than that */
#define DISTRIBUTIONS	(128U << 10)

/* Blocks for what handlers may store before process context can react; larger ones come once they are asked for. */
static int prepare_pool(struct kp_vm *vm, const struct kp_prog *prog)
{
	struct kp_pool *pool = &vm->pool;
	u64 share = pool->cap / RESERVE_SHARE;
	u32 size = distribution_size(prog), i;

	if (share > RESERVE_MAX)
		share = RESERVE_MAX;
	/* strings of up to 224 bytes, and aggregates: short ones are many */
	for (i = 0; i < 4; i++)
		if (kp_pool_reserve(pool, 32U << i, prog->ntables && i < 3 ? share : 0))
			return -ENOMEM;
	/* a small session does without what follows */
	if (prog->ntables)
		kp_pool_reserve(pool, KP_POOL_SEGMENT, share);
	/* a stack of KTAP_STACK_DEPTH frames takes the largest of these */
	for (; i < 7 && makes_stacks(prog); i++)
		if (kp_pool_reserve(pool, 32U << i, 0))
			break;
	if (size)
		kp_pool_reserve(pool, size, DISTRIBUTIONS);
	return 0;
}

int kp_vm_load(struct kp_vm *vm, const void *image, size_t len, struct ktap_place *place)
{
	struct kp_prog *prog;
	u32 i;
	int err;

	memset(place, 0, sizeof(*place));
	err = kp_image_read(&vm->pool, image, len, &prog, place);
	if (err)
		return err;
	err = kp_verify(prog, place);
	if (err) {
		kp_image_free(prog);
		return err;
	}
	vm->verified = &prog->verified;
	vm->warned = kp_pool_alloc(&vm->pool, (prog->ncode / 32 + 1) * sizeof(u32));
	vm->cells = kp_pool_alloc(&vm->pool, (prog->ncells + 1) * sizeof(*vm->cells));
	if (!vm->warned || !vm->cells)
		return -ENOMEM;
	for (i = 0; i < prog->nfuncs; i++)
		prog->funcs[i].budget = (s64)vm->max_exec - prog->funcs[i].ncode;
	for (i = 0; i < prog->ncells; i++)
		vm->cells[i].flags = prog->cells[i].flags;
	return prepare_pool(vm, prog);
}

void kp_vm_destroy(struct kp_vm *vm)
{
	const struct kp_prog *prog = vm->verified ? vm->verified->prog : NULL;
	struct kp_table *t, *next;

	for (t = vm->tables; t; t = next) {
		next = t->next;
		kp_table_free(t);
		kp_port_yield();
	}
	vm->tables = NULL;
	if (prog) {
		kp_pool_free(&vm->pool, vm->cells, (prog->ncells + 1) * sizeof(*vm->cells));
		kp_pool_free(&vm->pool, vm->warned, (prog->ncode / 32 + 1) * sizeof(u32));
		vm->verified = NULL;
		kp_image_free((struct kp_prog *)prog);
	}
	kp_pool_destroy(&vm->pool);
}

void kp_vm_maintain(struct kp_vm *vm)
{
	struct kp_table *t;

	/* without blocks keys are refused, with few buckets they only take longer */
	kp_pool_refill(&vm->pool);
	kp_port_mutex_lock(&vm->tables_mutex);
	for (t = vm->tables; t; t = t->next) {
		kp_table_grow(t);
		kp_port_yield();
	}
	kp_port_mutex_unlock(&vm->tables_mutex);
}

size_t kp_ctx_process_size(void)
{
	return sizeof(struct kp_ctx) + KP_PROCESS_REGS * sizeof(struct kp_value) +
	       KP_PROCESS_FRAMES * sizeof(struct kp_frame) + 2 * KP_PROCESS_SCRATCH;
}

size_t kp_ctx_size(void)
{
	return ((sizeof(struct kp_ctx) + 15) & ~(size_t)15) +
	       KP_HANDLER_REGS * sizeof(struct kp_value) +
	       ((KP_HANDLER_FRAMES * sizeof(struct kp_frame) + 15) & ~(size_t)15) +
	       2 * KP_HANDLER_SCRATCH;
}

struct kp_ctx *kp_ctx_place(struct kp_vm *vm, void *mem, u32 level)
{
	struct kp_ctx *ctx = mem;
	u8 *p = mem;

	p += (sizeof(*ctx) + 15) & ~(size_t)15;
	ctx->regs = (struct kp_value *)p;
	ctx->nregs = KP_HANDLER_REGS;
	p += KP_HANDLER_REGS * sizeof(struct kp_value);
	ctx->frames = (struct kp_frame *)p;
	ctx->nframes = KP_HANDLER_FRAMES;
	p += (KP_HANDLER_FRAMES * sizeof(struct kp_frame) + 15) & ~(size_t)15;
	ctx->scratch = p;
	ctx->scratch_at = p;
	ctx->scratch_half = KP_HANDLER_SCRATCH;
	ctx->frames[0].base = 1;
	ctx->vm = vm;
	ctx->level = level;
	ctx->where = KP_CTX_PROBE | KP_CTX_EVENT;
	return ctx;
}

struct kp_ctx *kp_ctx_new(struct kp_vm *vm)
{
	struct kp_ctx *ctx = kp_pool_alloc(&vm->pool, sizeof(*ctx));

	if (!ctx)
		return NULL;
	ctx->vm = vm;
	ctx->where = KP_CTX_MAIN;
	ctx->nregs = KP_PROCESS_REGS;
	ctx->nframes = KP_PROCESS_FRAMES;
	ctx->scratch_half = KP_PROCESS_SCRATCH;
	ctx->regs = kp_pool_alloc(&vm->pool, ctx->nregs * sizeof(*ctx->regs));
	ctx->frames = kp_pool_alloc(&vm->pool, ctx->nframes * sizeof(*ctx->frames));
	ctx->scratch = kp_pool_alloc(&vm->pool, 2 * ctx->scratch_half);
	ctx->scratch_at = ctx->scratch;
	if (!ctx->regs || !ctx->frames || !ctx->scratch) {
		kp_ctx_free(ctx);
		return NULL;
	}
	ctx->frames[0].base = 1;
	return ctx;
}

void kp_ctx_free(struct kp_ctx *ctx)
{
	struct kp_pool *pool;

	if (!ctx)
		return;
	pool = &ctx->vm->pool;
	kp_pool_free(pool, ctx->regs, ctx->nregs * sizeof(*ctx->regs));
	kp_pool_free(pool, ctx->frames, ctx->nframes * sizeof(*ctx->frames));
	kp_pool_free(pool, ctx->scratch, 2 * ctx->scratch_half);
	kp_pool_free(pool, ctx, sizeof(*ctx));
}

u32 kp_ctx_pc(const struct kp_ctx *ctx)
{
	const struct kp_func *func;

	if (!ctx->depth)
		return KTAP_NONE;
	func = ctx->frames[ctx->depth - 1].func;
	return func->first + (u32)(ctx->pc - func->code);
}

static void place_fill(const struct kp_ctx *ctx, struct ktap_place *place, u32 error, const char *detail)
{
	u32 i;

	memset(place, 0, sizeof(*place));
	place->error = error;
	place->event = ctx->ev.event ? ctx->ev.event->index : KTAP_NONE;
	place->func = KTAP_NONE;
	if (ctx->depth) {
		place->func = ctx->frames[ctx->depth - 1].func->index;
		place->pc = kp_ctx_pc(ctx);
	}
	for (i = 0; detail && detail[i] && i < sizeof(place->detail) - 1; i++)
		place->detail[i] = detail[i];
}

int kp_ctx_error(struct kp_ctx *ctx, u32 error, const char *detail)
{
	struct kp_vm *vm = ctx->vm;

	/* one writer for ever: the first */
	if (kp_port_cmpxchg(&vm->claimed, 0, 1) == 0) {
		place_fill(ctx, &vm->error, error, detail);
		kp_port_store_release(&vm->failed, 1);
	}
	return -EINVAL;
}

void kp_ctx_warn(struct kp_ctx *ctx, u32 error, const char *detail)
{
	struct ktap_record *rec;
	struct ktap_place place;
	u32 *word, bit, old;

	place_fill(ctx, &place, error, detail);
	if (place.func == KTAP_NONE)
		return;
	word = &ctx->vm->warned[place.pc / 32];
	bit = 1U << (place.pc % 32);
	do {
		old = READ_ONCE(*word);
		if (old & bit)
			return;
	} while (kp_port_cmpxchg(word, old, old | bit) != old);
	rec = ctx->vm->ops->reserve(ctx, sizeof(*rec) + sizeof(place), KTAP_REC_WARN, 0);
	if (!rec)
		return;
	memcpy(rec + 1, &place, sizeof(place));
	ctx->vm->ops->commit(ctx, rec);
}

int kp_ctx_spent(struct kp_ctx *ctx)
{
	if (!(ctx->where & KP_CTX_PROCESS))
		return kp_ctx_error(ctx, KTAP_ERR_BUDGET, NULL);
	ctx->budget = KP_PROCESS_SLICE;
	kp_port_yield();
	return ctx->vm->ops->interrupted(ctx);
}

int kp_ctx_result(struct kp_ctx *ctx, int err)
{
	bool process = ctx->where & KP_CTX_PROCESS;

	switch (err) {
	case -EBUSY:
		kp_count_add(&ctx->counters[KTAP_CNT_NMI_BUSY], 1);
		return err;
	case -ENOMEM:
	case -EDQUOT:
		if (process)
			return kp_ctx_error(ctx, KTAP_ERR_NO_MEMORY, NULL);
		kp_count_add(&ctx->counters[err == -ENOMEM ? KTAP_CNT_KEY_REFUSED : KTAP_CNT_STR_REFUSED], 1);
		return 0;
	case -ENOSPC:
		return kp_ctx_error(ctx, KTAP_ERR_STRING_LONG, NULL);
	case -ETIME:
		return kp_ctx_spent(ctx);
	default:
		return err;
	}
}
