/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Session memory: one budget, and blocks for what handlers store: of power-of-two sizes,
 * and of the size that a segment of a table has.  Handlers only take blocks that are there;
 * kp_pool_refill(), from process context, keeps as many free as are in use, within bounds: the
 * more there are the larger a burst may be that comes before process context does.  Chunks go
 * back to the system when the session ends, blocks go back to their free list at once.
 */
#ifndef KP_POOL_H
#define KP_POOL_H

#include "../port/port.h"

#define KP_POOL_MIN_SHIFT	5			/* smallest block: 32 bytes */
#define KP_POOL_POWERS		13			/* largest: 128 KiB */
#define KP_POOL_SEGMENT		3072UL			/* the size that is no power of two */
#define KP_POOL_CLASSES		(KP_POOL_POWERS + 1)
#define KP_POOL_CHUNK		(16UL << 10)		/* bytes that blocks are cut from, at first */
#define KP_POOL_CHUNK_MAX	(128UL << 10)		/* and later, unless one block is larger */
#define KP_POOL_MAX		(1UL << (KP_POOL_MIN_SHIFT + KP_POOL_POWERS - 1))
#define KP_POOL_PROCESS_SHARE	8			/* one part in so many of the cap is not for refills */
#define KP_POOL_SPARE_MAX	(4UL << 20)		/* bytes of free blocks of one size that are kept ready */

struct kp_pool_class {
	struct kp_lock lock;
	u32 nfree;
	u32 total;		/* blocks ever made */
	u32 ask;		/* with so many free ones left more are asked for */
	u32 reserve;		/* so many free ones are kept ready, however few are in use */
	u32 low;		/* a refill was asked for and has not happened yet */
	u32 patience;		/* a refill failed: so many more takes until it is asked for again */
	void *free;		/* list through the first word of the blocks */
};

struct kp_pool {
	u64 cap;		/* bytes this session may use */
	u64 used;		/* under mutex, as is peak */
	u64 peak;
	struct kp_port_mutex mutex;
	void *chunks;		/* list through the first word */
	struct kp_pool_class classes[KP_POOL_CLASSES];
};

/* Makes an empty pool with a cap in bytes.  Process context. */
void kp_pool_init(struct kp_pool *pool, u64 cap);

/* Gives everything back, blocks that are in use included.  Process context, nobody else uses the pool. */
void kp_pool_destroy(struct kp_pool *pool);

/*
 * A block of at least size bytes, not cleared, or NULL.  Any context, interrupts
 * off.  *low is set when the stock of that size runs low: the caller then asks for
 * a refill, once it holds no lock.  low may be NULL: then it is left to the next who takes one.
 */
void *kp_pool_take(struct kp_pool *pool, size_t size, bool *low);

/* Gives back a block taken with that size.  Any context, interrupts off. */
void kp_pool_give(struct kp_pool *pool, void *block, size_t size);

/* The number of bytes a block for size really has; 0 when none is that large. */
size_t kp_pool_room(size_t size);

/* Refills what ran low, as far as the cap allows and leaves some to process context.  Process context. */
void kp_pool_refill(struct kp_pool *pool);

/*
 * Adds blocks of that size until so many bytes of them are free, which refills keep ready from then
 * on; as many as the cap and the machine allow.  -ENOMEM: none is free.  Process context.
 */
int kp_pool_reserve(struct kp_pool *pool, size_t size, size_t bytes);

/*
 * Has two free blocks of that size, which one access may take at once: for a key and for its value.  -ENOMEM when
 * the cap or the machine refuses.  Process context.
 */
int kp_pool_prepare(struct kp_pool *pool, size_t size);

/* Memory of the budget for long-lived arrays: zeroed; NULL when the cap or the machine refuses.  Process context. */
void *kp_pool_alloc(struct kp_pool *pool, size_t size);
void kp_pool_free(struct kp_pool *pool, void *p, size_t size);

/* Counts size bytes of other memory against the cap: false when it does not allow them.  Process context. */
bool kp_pool_charge(struct kp_pool *pool, size_t size);
void kp_pool_uncharge(struct kp_pool *pool, size_t size);

/* Bytes that count against the cap, now and at most.  Process context. */
void kp_pool_usage(struct kp_pool *pool, u64 *used, u64 *peak);

#endif
