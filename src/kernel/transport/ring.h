/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of one CPU: where handlers leave records for user space.
 *
 * Writers run on the CPU that owns the ring, with preemption off.  They nest: a
 * softirq, hardirq or NMI may write while what it interrupted is writing.  Nothing
 * is locked and no interrupt is turned off.  Room is taken with one cmpxchg on a
 * private position, and only the outermost writer publishes the position, when
 * every record below it is complete.  One reader, anywhere, moves the tail.
 *
 * A record never wraps: KTAP_REC_PAD fills the end of the data.  A pad may be as
 * short as 8 bytes, so only its size and type may be read.
 *
 * Time.  The time of a record is taken before its room, and again when another
 * writer came between, so times in one ring never decrease.  (But for the clock
 * itself: ktime_get_mono_fast_ns() may step back some ns in an NMI.)  To merge
 * rings a reader has to know up to which time a ring is complete.  Therefore
 * page->busy is set, with a full barrier, before the clock is read, and cleared
 * when the head has been published and nobody can come any more who relies on it.
 * It holds a lower bound of the times of all records that are still being written:
 * the time of the last record before them, which saves a second reading of the
 * clock.  The reader
 *
 *   1. reads the clock: limit
 *   2. full barrier
 *   3. for each ring: reads busy, and when it is not 0 takes the lesser of it and limit;
 *      reads head (acquire)
 *   4. emits, in time order, the records below the heads whose time is less than limit
 *   5. tells the kernel the new tails (CONSUME)
 *
 * A writer whose busy is not seen in 3 reads the clock after 1: its record is not
 * older than limit.  transport/reader.h does this.
 *
 * 32-bit machines, or 32-bit readers.  No 64-bit word is ever trusted as a whole
 * there.  head and tail are at most KTAP_MAX_RING apart, so both sides look at
 * the low halves only and add the difference to the 64-bit number of their own.
 * busy is read high half first: whatever mixture of 0, the value before and the value
 * after is seen, it is not above the true one, and so is safe.
 */
#ifndef KP_RING_H
#define KP_RING_H

#include "../port/port.h"
#include "../uapi/ktap/abi.h"

struct kp_ring {
	struct ktap_ring_page *page;
	u8 *data;
	u32 size;		/* of the data, a power of two */
	u32 nest;		/* writers at work on this CPU */
	u32 pos;		/* bytes taken, modulo 2^32 */
	u32 lost;		/* records that found no room, modulo 2^32 */
	u64 last;		/* time of the last outermost record, at least 1 */
};

/* Bytes of memory for a ring with size bytes of data. */
static inline size_t kp_ring_bytes(u32 size)
{
	return KTAP_RING_DATA + (size_t)size;
}

/*
 * Makes a ring in mem: kp_ring_bytes(size) zeroed bytes, aligned to a page.  size is a
 * power of two from KTAP_MIN_RING to KTAP_MAX_RING.  Nobody else uses the ring yet.
 */
void kp_ring_init(struct kp_ring *ring, void *mem, u32 size);

/* The largest record that will fit once the reader has read everything. */
static inline u32 kp_ring_max_record(const struct kp_ring *ring)
{
	return ring->size / 2;
}

/*
 * Takes room for a record of size bytes, header included, a multiple of 8 and at
 * least that of the header, and fills in its header.  Any context on the CPU
 * that owns the ring, preemption off until kp_ring_commit(), which has to follow.
 * NULL when there is no room: counted as lost, and nothing has to be committed.
 */
struct ktap_record *kp_ring_reserve(struct kp_ring *ring, u32 size, u16 type, u16 aux);

/* The same, but nothing is counted as lost: for writers that can wait and try again. */
struct ktap_record *kp_ring_try(struct kp_ring *ring, u32 size, u16 type, u16 aux);

/*
 * Whether a record of that size has room just now; it always has once the reader has
 * read everything, when it is no larger than kp_ring_max_record().  Any CPU, any context.
 */
bool kp_ring_fits(const struct kp_ring *ring, u32 size);

/* Ends what kp_ring_reserve() began.  Calls nest as the writers do. */
void kp_ring_commit(struct kp_ring *ring);

/*
 * Frees what the reader has read: bytes since the ring was made.  Any CPU, process
 * context, one caller at a time.  -EINVAL when tail is beyond the head, goes
 * backwards, or is no multiple of 8.
 */
int kp_ring_consume(struct kp_ring *ring, u64 tail);

/* Bytes that are published and not consumed.  Any CPU, any context. */
u32 kp_ring_used(const struct kp_ring *ring);

/* Records that found no room.  Any CPU, any context. */
u64 kp_ring_lost(const struct kp_ring *ring);

#endif
