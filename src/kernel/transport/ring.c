// SPDX-License-Identifier: GPL-2.0-only
#include "ring.h"

#ifndef WORD64	/* tests try both */
#define WORD64	(sizeof(long) == 8)
#endif

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW	1
#else
#define LOW	0
#endif
#define HIGH	(1 - LOW)

/* The halves of a 64-bit word that other CPUs look at. */
static u32 *half(const __u64 *word, int which)
{
	return (u32 *)word + which;
}

static u32 load_low(const __u64 *word)
{
	return kp_port_load_acquire(half(word, LOW));
}

/*
 * Sets a word that only ever grows, by less than 2^32, to the number that ends in
 * low.  One writer.  Readers that cannot read it at once use the low half only.
 */
static void extend(__u64 *word, u32 low)
{
	u64 v = *word + (u32)(low - (u32)*word);

	if (WORD64) {
		kp_port_store_release(word, v);
	} else {
		WRITE_ONCE(*half(word, HIGH), (u32)(v >> 32));
		kp_port_store_release(half(word, LOW), (u32)v);
	}
}

/* Whether busy is set, if only by half. */
static bool busy(const struct ktap_ring_page *page)
{
	return READ_ONCE(*half(&page->busy, LOW)) || READ_ONCE(*half(&page->busy, HIGH));
}

static void set_busy(struct ktap_ring_page *page, u64 time)
{
	if (WORD64) {
		WRITE_ONCE(page->busy, time);
		return;
	}
	WRITE_ONCE(*half(&page->busy, LOW), (u32)time);
	kp_port_store_release(half(&page->busy, HIGH), (u32)(time >> 32));
}

static void clear_busy(struct ktap_ring_page *page)
{
	if (WORD64) {
		kp_port_store_release(&page->busy, 0ULL);
		return;
	}
	kp_port_store_release(half(&page->busy, HIGH), 0U);
	kp_port_store_release(half(&page->busy, LOW), 0U);
}

void kp_ring_init(struct kp_ring *ring, void *mem, u32 size)
{
	memset(ring, 0, sizeof(*ring));
	ring->page = mem;
	ring->data = (u8 *)mem + KTAP_RING_DATA;
	ring->size = size;
	ring->last = 1;
}

/*
 * A writer may be interrupted at every point here; what interrupts it leaves
 * everything as it was, but for pos and lost, which grow, and busy, which may be set.
 */
static void enter(struct kp_ring *ring)
{
	WRITE_ONCE(ring->nest, READ_ONCE(ring->nest) + 1);
	/* not "when outermost": the outermost one may have been interrupted just before this */
	if (!busy(ring->page))
		set_busy(ring->page, ring->last);
	kp_port_mb();
}

static void leave(struct kp_ring *ring)
{
	struct ktap_ring_page *page = ring->page;
	u32 pos, lost;

	if (ring->nest > 1) {
		/* the outermost one publishes; our record is complete before it goes on */
		kp_port_store_release(&ring->nest, ring->nest - 1);
		return;
	}
	do {
		WRITE_ONCE(ring->nest, 1);
		pos = READ_ONCE(ring->pos);
		lost = READ_ONCE(ring->lost);
		extend(&page->lost, lost);
		extend(&page->head, pos);
		kp_port_store_release(&ring->nest, 0);
		/* who came meanwhile took us for the outermost one, so once more */
	} while (unlikely(READ_ONCE(ring->pos) != pos || READ_ONCE(ring->lost) != lost));
	/* last, for until here somebody may have relied on our being busy */
	clear_busy(page);
}

/* Bytes that a record at pos takes with the pad before it. */
static u32 span(const struct kp_ring *ring, u32 pos, u32 size)
{
	u32 room = ring->size - (pos & (ring->size - 1));

	return size > room ? room + size : size;
}

static bool fits(const struct kp_ring *ring, u32 pos, u32 size)
{
	return size <= ring->size / 2 &&
	       pos + span(ring, pos, size) - load_low(&ring->page->tail) <= ring->size;
}

bool kp_ring_fits(const struct kp_ring *ring, u32 size)
{
	return fits(ring, READ_ONCE(ring->pos), size);
}

struct ktap_record *kp_ring_try(struct kp_ring *ring, u32 size, u16 type, u16 aux)
{
	struct ktap_record *rec;
	u32 pos, pad;
	u64 now;

	enter(ring);
	do {
		pos = READ_ONCE(ring->pos);
		now = kp_port_now();
		if (unlikely(!fits(ring, pos, size))) {
			leave(ring);
			return NULL;
		}
		pad = span(ring, pos, size) - size;
	} while (unlikely(kp_port_cmpxchg(&ring->pos, pos, pos + pad + size) != pos));
	if (ring->nest == 1)
		ring->last = now;

	rec = (struct ktap_record *)(ring->data + (pos & (ring->size - 1)));
	if (unlikely(pad)) {
		rec->size = pad;
		rec->type = KTAP_REC_PAD;
		rec->aux = 0;
		rec = (struct ktap_record *)ring->data;
	}
	rec->size = size;
	rec->type = type;
	rec->aux = aux;
	rec->time = now;
	return rec;
}

static void count_lost(struct kp_ring *ring)
{
	u32 lost;

	enter(ring);
	do {
		lost = READ_ONCE(ring->lost);
	} while (kp_port_cmpxchg(&ring->lost, lost, lost + 1) != lost);
	leave(ring);
}

struct ktap_record *kp_ring_reserve(struct kp_ring *ring, u32 size, u16 type, u16 aux)
{
	struct ktap_record *rec = kp_ring_try(ring, size, type, aux);

	if (unlikely(!rec))
		count_lost(ring);
	return rec;
}

void kp_ring_commit(struct kp_ring *ring)
{
	leave(ring);
}

int kp_ring_consume(struct kp_ring *ring, u64 tail)
{
	struct ktap_ring_page *page = ring->page;

	/* only callers of this function write the tail */
	if (tail < page->tail || tail - page->tail > kp_ring_used(ring) || tail % 8)
		return -EINVAL;
	extend(&page->tail, (u32)tail);
	return 0;
}

u32 kp_ring_used(const struct kp_ring *ring)
{
	u32 tail = load_low(&ring->page->tail);

	return load_low(&ring->page->head) - tail;
}

u64 kp_ring_lost(const struct kp_ring *ring)
{
	const __u64 *word = &ring->page->lost;
	u32 high, low;

	if (WORD64)
		return kp_port_load_acquire(word);
	do {
		high = kp_port_load_acquire(half(word, HIGH));
		low = kp_port_load_acquire(half(word, LOW));
	} while (high != READ_ONCE(*half(word, HIGH)));
	return (u64)high << 32 | low;
}
