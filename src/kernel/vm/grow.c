// SPDX-License-Identifier: GPL-2.0-only
/* Making, growing and freeing shards: what only process context does. */
#include "shard.h"

#define CPU_BITS	7		/* 128 buckets in the shard of a CPU */
#define MAX_HINT_BITS	20
#define MANY_BUCKETS	65536		/* up to there four times as many follow, then twice */
#define PATIENCE	64		/* growth has failed: so many more pairs until it is asked for again */

static u64 bucket_count(const struct kp_shard *sh)
{
	return 1ULL << (32 - sh->down);
}

/* Moves what is in the old buckets up to the one with that number. */
static void split_until(struct kp_shard *sh, u64 end)
{
	struct kp_node *node, *next, **bucket, **old = sh->old_buckets + sh->split;

	for (; old < sh->old_buckets + end; old++) {
		for (node = *old; node; node = next) {
			next = node->next;
			bucket = &sh->buckets[(u64)node->hash >> sh->down];
			node->next = *bucket;
			*bucket = node;
		}
	}
	sh->split = end;
}

/* Makes more buckets; handlers go on meanwhile.  False: no memory, and chains get longer. */
static bool split(struct kp_vm *vm, struct kp_shard *sh)
{
	u32 more = bucket_count(sh) < MANY_BUCKETS ? 2 : 1;
	u64 old_n = bucket_count(sh);
	struct kp_node **buckets, **old = sh->buckets;
	unsigned long flags;
	bool done = false;

	if (sh->down <= more)
		return false;
	buckets = kp_pool_alloc(&vm->pool, (old_n << more) * sizeof(*buckets));
	if (!buckets)
		return false;
	flags = kp_lock_process(&sh->lock);
	sh->old_buckets = old;
	sh->detour++;
	sh->old_down = sh->down;
	sh->split = 0;
	sh->buckets = buckets;
	sh->down -= more;
	kp_unlock_irq(&sh->lock, flags);
	while (!done) {
		flags = kp_lock_process(&sh->lock);
		done = old_n - sh->split <= KP_SHARD_STEP;
		split_until(sh, done ? old_n : sh->split + KP_SHARD_STEP);
		if (done) {
			sh->old_buckets = NULL;
			sh->detour--;
		}
		kp_unlock_irq(&sh->lock, flags);
		kp_port_yield();
	}
	kp_pool_free(&vm->pool, old, old_n * sizeof(*old));
	return true;
}

static struct kp_node **new_dir(struct kp_vm *vm, u32 k)
{
	unsigned long flags;
	void *dir;

	if (k >= KP_POOL_DIRS)
		return kp_pool_alloc(&vm->pool, kp_dir_size(k));
	if (kp_pool_prepare(&vm->pool, kp_dir_size(k)))
		return NULL;
	flags = kp_port_irq_save();
	dir = kp_pool_take(&vm->pool, kp_dir_size(k), NULL);
	kp_port_irq_restore(flags);
	return dir;
}

static void free_dir(struct kp_vm *vm, struct kp_node **dir, u32 k)
{
	unsigned long flags;

	if (!dir)
		return;
	if (k >= KP_POOL_DIRS) {
		kp_pool_free(&vm->pool, dir, kp_dir_size(k));
		return;
	}
	flags = kp_port_irq_save();
	kp_pool_give(&vm->pool, dir, kp_dir_size(k));
	kp_port_irq_restore(flags);
}

bool kp_shard_expect(struct kp_vm *vm, struct kp_shard *sh, u64 n)
{
	struct kp_node **dir;
	unsigned long flags;
	u32 k;

	for (k = 0; k < KP_DIRS && (u64)KP_SEGMENT << k < n; k++) {
		if (READ_ONCE(sh->dirs[k]))
			continue;
		dir = new_dir(vm, k);
		if (!dir)
			return false;
		flags = kp_lock_process(&sh->lock);
		/* a handler may have been faster */
		if (!sh->dirs[k]) {
			sh->dirs[k] = dir;
			dir = NULL;
		}
		kp_unlock_irq(&sh->lock, flags);
		free_dir(vm, dir, k);
	}
	return true;
}

/* Directories are small: there should be those for a burst that comes before process context does. */
static bool make_dirs(struct kp_vm *vm, struct kp_shard *sh)
{
	u64 n = 8 * bucket_count(sh);

	return n <= KP_SEGMENT << KP_POOL_DIRS || kp_shard_expect(vm, sh, n);
}

/* What the table began with, once it has a segment instead. */
static void free_small(struct kp_vm *vm, struct kp_shard *sh)
{
	struct kp_node *small = NULL;
	unsigned long flags;

	flags = kp_lock_process(&sh->lock);
	if (sh->small != sh->first) {
		small = sh->small;
		sh->small = NULL;
	}
	kp_unlock_irq(&sh->lock, flags);
	kp_pool_free(&vm->pool, small, sh->nsmall * sizeof(*small));
}

void kp_shard_grow(struct kp_vm *vm, struct kp_shard *sh)
{
	unsigned long flags;
	bool grown;

	while (READ_ONCE(sh->want)) {
		grown = split(vm, sh);
		grown = make_dirs(vm, sh) && grown;
		free_small(vm, sh);
		flags = kp_lock_process(&sh->lock);
		sh->limit = grown ? bucket_count(sh) : sh->live + PATIENCE;
		sh->want = sh->live >= sh->limit;
		kp_unlock_irq(&sh->lock, flags);
	}
}

void kp_shard_shrink(struct kp_vm *vm, struct kp_shard *sh)
{
	struct kp_node **buckets, **old = NULL, **bucket;
	u64 old_n = bucket_count(sh);
	unsigned long flags;
	u32 n;

	if (old_n <= 8 << CPU_BITS || READ_ONCE(sh->live) > KP_SHARD_STEP)
		return;
	buckets = kp_pool_alloc(&vm->pool, sizeof(*buckets) << CPU_BITS);
	if (!buckets)
		return;
	flags = kp_lock_process(&sh->lock);
	if (sh->live <= KP_SHARD_STEP) {
		old = sh->buckets;
		sh->buckets = buckets;
		sh->down = 32 - CPU_BITS;
		sh->limit = bucket_count(sh);
		sh->want = 0;
		for (n = 0; n < sh->top; n++) {
			struct kp_node *node = kp_shard_node(sh, n);

			if (node->key.type == KTAP_T_NIL)
				continue;
			bucket = kp_shard_bucket(sh, node->hash);
			node->next = *bucket;
			*bucket = node;
		}
	}
	kp_unlock_irq(&sh->lock, flags);
	kp_pool_free(&vm->pool, old ? old : buckets, (old ? old_n : 1 << CPU_BITS) * sizeof(*buckets));
}

int kp_shard_init(struct kp_vm *vm, struct kp_shard *sh, u32 hint, bool cpu)
{
	u32 bits = cpu ? CPU_BITS : 0;

	if (hint > KP_SHARD_NODES)
		return -ENOMEM;
	sh->compact = cpu;
	while (bits < MAX_HINT_BITS && 1U << bits < hint)
		bits++;
	sh->down = 32 - bits;
	sh->limit = bucket_count(sh);
	sh->buckets = kp_pool_alloc(&vm->pool, sizeof(*sh->buckets) << bits);
	if (!sh->buckets)
		return -ENOMEM;
	if (cpu)
		return 0;
	if (1U << bits > KP_SEGMENT / 2)
		return kp_shard_reserve(vm, sh, hint);
	sh->small = kp_pool_alloc(&vm->pool, sizeof(*sh->small) << bits);
	if (!sh->small)
		return -ENOMEM;
	sh->nsmall = 1U << bits;
	sh->capacity = sh->nsmall;
	sh->first = sh->small;
	sh->fresh = sh->small;
	sh->fresh_end = sh->small + sh->nsmall;
	return 0;
}

void kp_shard_free(struct kp_vm *vm, struct kp_shard *sh)
{
	unsigned long flags;
	bool done;
	u32 k;

	do {
		flags = kp_port_irq_save();
		done = kp_shard_reset(vm, sh);
		if (done)
			kp_shard_trim(vm, sh);
		kp_port_irq_restore(flags);
		kp_port_yield();
	} while (!done);
	for (k = 0; k < KP_DIRS; k++)
		free_dir(vm, sh->dirs[k], k);
	kp_pool_free(&vm->pool, sh->small, sh->nsmall * sizeof(*sh->small));
	if (sh->buckets)
		kp_pool_free(&vm->pool, sh->buckets, bucket_count(sh) * sizeof(*sh->buckets));
}
