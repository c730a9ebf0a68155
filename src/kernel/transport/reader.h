/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reader's side of the rings, for user space: see ring.h for what both sides
 * rely on.
 *
 *	limit = now();					CLOCK_MONOTONIC
 *	limit = kp_reader_poll(readers, n, limit);
 *	while ((rec = kp_reader_next(readers, n, limit, &which)))
 *		...					rec is valid until the tail is given back
 *	for each reader: CONSUME readers[i].tail
 */
#ifndef KP_READER_H
#define KP_READER_H

#include <stdint.h>
#include <string.h>
#include "../uapi/ktap/abi.h"

struct kp_reader {
	const struct ktap_ring_page *page;
	const uint8_t *data;
	uint32_t size;		/* of the data, a power of two */
	uint64_t tail;		/* bytes read so far: what CONSUME wants to know */
	uint64_t head;		/* bytes that may be read, as of the last poll */
	uint64_t time;		/* of the record at tail, when have is set */
	int have;
	/* Readers are a heap: at place i of it is reader readers[i].heap, the oldest record first. */
	uint32_t heap;
};

/* Sets up the reader of a ring that is mapped at mem and has size bytes of data. */
static inline void kp_reader_init(struct kp_reader *r, const void *mem, uint32_t size)
{
	memset(r, 0, sizeof(*r));
	r->page = mem;
	r->data = (const uint8_t *)mem + KTAP_RING_DATA;
	r->size = size;
}

static inline uint32_t kp_reader_half(const __u64 *word, int high)
{
	const uint32_t *half = (const uint32_t *)word;

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		high = !high;
	return __atomic_load_n(half + high, __ATOMIC_ACQUIRE);
}

/* The record at the tail of one ring, pads skipped; NULL when there is none. */
static inline const struct ktap_record *kp_reader_peek(struct kp_reader *r)
{
	const struct ktap_record *rec;

	while (r->tail != r->head) {
		rec = (const struct ktap_record *)(r->data + (r->tail & (r->size - 1)));
		if (rec->type != KTAP_REC_PAD) {
			if (!r->have) {
				/* the clock may have stepped back a little in an NMI */
				if (rec->time > r->time)
					r->time = rec->time;
				r->have = 1;
			}
			return rec;
		}
		r->tail += rec->size;
	}
	return NULL;
}

/* Does reader a come before reader b?  One without a record comes last. */
static inline int kp_reader_before(const struct kp_reader *readers, uint32_t a, uint32_t b)
{
	if (readers[a].have != readers[b].have)
		return readers[a].have;
	if (readers[a].time != readers[b].time)
		return readers[a].time < readers[b].time;
	return a < b;
}

/* Moves what is at this place of the heap down to where it belongs. */
static inline void kp_reader_sift(struct kp_reader *readers, unsigned int n, unsigned int place)
{
	uint32_t which = readers[place].heap;
	unsigned int child;

	for (; (child = 2 * place + 1) < n; place = child) {
		if (child + 1 < n &&
		    kp_reader_before(readers, readers[child + 1].heap, readers[child].heap))
			child++;
		if (!kp_reader_before(readers, readers[child].heap, which))
			break;
		readers[place].heap = readers[child].heap;
	}
	readers[place].heap = which;
}

/*
 * Looks how far the rings are filled.  limit is the time (ns, CLOCK_MONOTONIC) read just
 * before; the result is the time up to which all rings are complete.
 */
static inline uint64_t kp_reader_poll(struct kp_reader *readers, unsigned int n, uint64_t limit)
{
	unsigned int i;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (i = 0; i < n; i++) {
		struct kp_reader *r = &readers[i];
		uint64_t busy = (uint64_t)kp_reader_half(&r->page->busy, 1) << 32;

		busy |= kp_reader_half(&r->page->busy, 0);
		if (busy && busy < limit)
			limit = busy;
		r->head += (uint32_t)(kp_reader_half(&r->page->head, 0) - (uint32_t)r->head);
		r->heap = i;
		kp_reader_peek(r);
	}
	for (i = n / 2; i; i--)
		kp_reader_sift(readers, n, i - 1);
	return limit;
}

/*
 * The oldest record older than limit, from any ring, and *which ring; NULL when no
 * more.  Its bytes stay as they are until CONSUME says the tail after it.  n is that of the
 * last poll.
 */
static inline const struct ktap_record *kp_reader_next(struct kp_reader *readers, unsigned int n,
						       uint64_t limit, unsigned int *which)
{
	const struct ktap_record *rec;
	struct kp_reader *r;

	if (!n)
		return NULL;
	r = &readers[readers[0].heap];
	rec = kp_reader_peek(r);
	if (!rec || r->time >= limit)
		return NULL;
	*which = readers[0].heap;
	r->tail += rec->size;
	r->have = 0;
	kp_reader_peek(r);
	kp_reader_sift(readers, n, 0);
	return rec;
}

#endif
