// SPDX-License-Identifier: GPL-2.0-only
#include "pool.h"

#define PATIENCE	64		/* takes between a failed refill and the next one */
#define CHUNK_HEADER	32UL		/* room for the list; keeps blocks aligned */

static u32 class_of(size_t size)
{
	u32 c = 0;

	while ((1UL << (KP_POOL_MIN_SHIFT + c)) < size)
		c++;
	return c;
}

static size_t class_size(u32 c)
{
	return 1UL << (KP_POOL_MIN_SHIFT + c);
}

void kp_pool_init(struct kp_pool *pool, u64 cap)
{
	memset(pool, 0, sizeof(*pool));
	pool->cap = cap;
	kp_port_mutex_init(&pool->mutex);
}

void kp_pool_destroy(struct kp_pool *pool)
{
	void *chunk, *next;

	for (chunk = pool->chunks; chunk; chunk = next) {
		next = *(void **)chunk;
		kp_port_free(chunk);
		kp_port_yield();
	}
	pool->chunks = NULL;
}

size_t kp_pool_room(size_t size)
{
	return size > KP_POOL_MAX ? 0 : class_size(class_of(size));
}

void *kp_pool_take(struct kp_pool *pool, size_t size, bool *low)
{
	struct kp_pool_class *class;
	void *block;

	if (size > KP_POOL_MAX)
		return NULL;
	class = &pool->classes[class_of(size)];
	if (!kp_lock(&class->lock))
		return NULL;
	block = class->free;
	if (block) {
		class->free = *(void **)block;
		class->nfree--;
	}
	/* ask when a quarter is left, and again only after a refill, or some time after one has failed */
	if (class->nfree <= class->total / 4 && !class->low) {
		if (class->patience) {
			class->patience--;
		} else {
			class->low = 1;
			*low = true;
		}
	}
	kp_unlock(&class->lock);
	return block;
}

void kp_pool_give(struct kp_pool *pool, void *block, size_t size)
{
	struct kp_pool_class *class = &pool->classes[class_of(size)];

	/*
	 * An NMI that interrupted the owner of this list cannot give the block
	 * back; it stays with its chunk until the session ends.
	 */
	if (!kp_lock(&class->lock))
		return;
	*(void **)block = class->free;
	class->free = block;
	class->nfree++;
	kp_unlock(&class->lock);
}

bool kp_pool_charge(struct kp_pool *pool, size_t size)
{
	bool ok;

	kp_port_mutex_lock(&pool->mutex);
	ok = size <= pool->cap && pool->used <= pool->cap - size;
	if (ok) {
		pool->used += size;
		if (pool->used > pool->peak)
			pool->peak = pool->used;
	}
	kp_port_mutex_unlock(&pool->mutex);
	return ok;
}

void kp_pool_uncharge(struct kp_pool *pool, size_t size)
{
	kp_port_mutex_lock(&pool->mutex);
	pool->used -= size;
	kp_port_mutex_unlock(&pool->mutex);
}

void kp_pool_usage(struct kp_pool *pool, u64 *used, u64 *peak)
{
	kp_port_mutex_lock(&pool->mutex);
	*used = pool->used;
	*peak = pool->peak;
	kp_port_mutex_unlock(&pool->mutex);
}

void *kp_pool_alloc(struct kp_pool *pool, size_t size)
{
	void *p;

	if (!kp_pool_charge(pool, size))
		return NULL;
	p = kp_port_alloc(size);
	if (!p)
		kp_pool_uncharge(pool, size);
	return p;
}

void kp_pool_free(struct kp_pool *pool, void *p, size_t size)
{
	if (!p)
		return;
	kp_port_free(p);
	kp_pool_uncharge(pool, size);
}

/* Process context finds the lock of its own CPU taken only by what it interrupts: never. */
static unsigned long class_lock(struct kp_pool_class *class)
{
	unsigned long flags = kp_port_irq_save();

	while (!kp_lock(&class->lock))
		kp_port_cpu_relax();
	return flags;
}

static void class_unlock(struct kp_pool_class *class, unsigned long flags)
{
	kp_unlock(&class->lock);
	kp_port_irq_restore(flags);
}

/* There may be memory later: let it be asked for again, but not by every take. */
static void class_give_up(struct kp_pool_class *class)
{
	unsigned long flags = class_lock(class);

	class->low = 0;
	class->patience = PATIENCE;
	class_unlock(class, flags);
}

/* Adds one chunk of blocks to a class. */
static int class_grow(struct kp_pool *pool, u32 c)
{
	struct kp_pool_class *class = &pool->classes[c];
	size_t size = class_size(c), bytes, i;
	u32 n = size > KP_POOL_CHUNK ? 1 : KP_POOL_CHUNK / size;
	unsigned long flags;
	char *chunk;
	void *list = NULL, **last = NULL;

	bytes = CHUNK_HEADER + n * size;
	chunk = kp_pool_alloc(pool, bytes);
	if (!chunk)
		return -ENOMEM;
	kp_port_mutex_lock(&pool->mutex);
	*(void **)chunk = pool->chunks;
	pool->chunks = chunk;
	kp_port_mutex_unlock(&pool->mutex);

	for (i = 0; i < n; i++) {
		void **block = (void **)(chunk + CHUNK_HEADER + i * size);

		if (!last)
			last = block;
		*block = list;
		list = block;
	}
	flags = class_lock(class);
	*last = class->free;
	class->free = list;
	class->nfree += n;
	class->total += n;
	class->low = 0;
	class_unlock(class, flags);
	return 0;
}

void kp_pool_refill(struct kp_pool *pool)
{
	u32 c;

	for (c = 0; c < KP_POOL_CLASSES; c++) {
		struct kp_pool_class *class = &pool->classes[c];

		/* keep half of what exists free: bursts grow with what is in use */
		while (READ_ONCE(class->low) || (class->total && READ_ONCE(class->nfree) <= class->total / 4)) {
			if (class_grow(pool, c)) {
				class_give_up(class);
				break;
			}
			kp_port_yield();
			if (READ_ONCE(class->nfree) >= class->total / 2)
				break;
		}
	}
}

int kp_pool_prepare(struct kp_pool *pool, size_t size)
{
	if (size > KP_POOL_MAX)
		return -ENOMEM;
	return class_grow(pool, class_of(size));
}
