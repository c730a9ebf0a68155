// SPDX-License-Identifier: GPL-2.0-only
#include "pool.h"

#define PATIENCE	64		/* takes between a failed refill and the next one */
#define CHUNK_HEADER	32UL		/* room for the list; keeps blocks aligned */

static u32 class_of(size_t size)
{
	u32 c = 0;

	if (size == KP_POOL_SEGMENT)
		return KP_POOL_POWERS;
	while ((1UL << (KP_POOL_MIN_SHIFT + c)) < size)
		c++;
	return c;
}

static size_t class_size(u32 c)
{
	return c == KP_POOL_POWERS ? KP_POOL_SEGMENT : 1UL << (KP_POOL_MIN_SHIFT + c);
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
	/* again only after a refill, or some time after one has failed */
	if (low && class->nfree <= class->ask && !class->low) {
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

static void *pool_alloc(struct kp_pool *pool, size_t size, void *(*alloc)(size_t n))
{
	void *p;

	if (!kp_pool_charge(pool, size))
		return NULL;
	p = alloc(size);
	if (!p)
		kp_pool_uncharge(pool, size);
	return p;
}

void *kp_pool_alloc(struct kp_pool *pool, size_t size)
{
	return pool_alloc(pool, size, kp_port_alloc);
}

void kp_pool_free(struct kp_pool *pool, void *p, size_t size)
{
	if (!p)
		return;
	kp_port_free(p);
	kp_pool_uncharge(pool, size);
}

/* There may be memory later: let it be asked for again, but not by every take. */
static void class_give_up(struct kp_pool_class *class)
{
	unsigned long flags = kp_lock_process(&class->lock);

	class->low = 0;
	class->patience = PATIENCE;
	kp_unlock_irq(&class->lock, flags);
}

/* n free blocks, within the bounds of a class. */
static u32 bounded(const struct kp_pool_class *class, u32 c, u32 n)
{
	u32 most = KP_POOL_SPARE_MAX / class_size(c);

	if (n > most)
		n = most;
	return n > class->reserve ? n : class->reserve;
}

/* How many free blocks a class should have: as many as are in use. */
static u32 class_spare(const struct kp_pool_class *class, u32 c)
{
	return bounded(class, c, class->total - READ_ONCE(class->nfree));
}

/* Adds one chunk of blocks to a class; less when that would be more than `cap` in all. */
static int class_grow(struct kp_pool *pool, u32 c, u64 cap)
{
	struct kp_pool_class *class = &pool->classes[c];
	size_t size = class_size(c), bytes = KP_POOL_CHUNK, i;
	void **first, **last;
	unsigned long flags;
	char *chunk;
	u64 used;
	u32 n;

	while (bytes < KP_POOL_CHUNK_MAX && bytes < class->total * size / 4)
		bytes *= 2;
	n = size > bytes ? 1 : bytes / size;
	used = READ_ONCE(pool->used);
	while (n && used + CHUNK_HEADER + n * size > cap)
		n /= 2;
	chunk = n ? pool_alloc(pool, CHUNK_HEADER + n * size, kp_port_alloc_raw) : NULL;
	if (!chunk)
		return -ENOMEM;
	kp_port_mutex_lock(&pool->mutex);
	*(void **)chunk = pool->chunks;
	pool->chunks = chunk;
	kp_port_mutex_unlock(&pool->mutex);

	/* a list of its own first: handlers wait for no more than putting the two together */
	first = last = (void **)(chunk + CHUNK_HEADER);
	for (i = 1; i < n; i++) {
		*last = (char *)last + size;
		last = *last;
	}
	flags = kp_lock_process(&class->lock);
	*last = class->free;
	class->free = first;
	class->nfree += n;
	class->total += n;
	class->low = 0;
	/* three quarters of what there should be: then there are so many */
	class->ask = bounded(class, c, class->total / 7 * 4) / 4 * 3;
	kp_unlock_irq(&class->lock, flags);
	return 0;
}

void kp_pool_refill(struct kp_pool *pool)
{
	/* the rest is left to process context, which must be able to read and print what handlers have filled */
	u64 cap = pool->cap - pool->cap / KP_POOL_PROCESS_SHARE;
	u32 c;

	for (c = 0; c < KP_POOL_CLASSES; c++) {
		struct kp_pool_class *class = &pool->classes[c];

		while (READ_ONCE(class->low) || READ_ONCE(class->nfree) < class_spare(class, c)) {
			if (class_grow(pool, c, cap)) {
				class_give_up(class);
				break;
			}
			kp_port_yield();
		}
	}
}

int kp_pool_reserve(struct kp_pool *pool, size_t size, size_t bytes)
{
	u32 c = class_of(size);
	struct kp_pool_class *class = &pool->classes[c];

	class->reserve = bytes / class_size(c);
	while (!READ_ONCE(class->nfree) || READ_ONCE(class->nfree) < class->reserve)
		if (class_grow(pool, c, pool->cap))
			break;
	return READ_ONCE(class->nfree) ? 0 : -ENOMEM;
}

int kp_pool_prepare(struct kp_pool *pool, size_t size)
{
	if (size > KP_POOL_MAX)
		return -ENOMEM;
	/* an access that found one free block may have wanted it for a key, and another one for the value */
	if (READ_ONCE(pool->classes[class_of(size)].nfree) >= 2)
		return 0;
	return class_grow(pool, class_of(size), pool->cap);
}
