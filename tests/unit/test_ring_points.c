// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring, interrupted everywhere: each access that others could come between is a
 * point, and for every pair of points a writer is interrupted at the first one by a
 * writer that is interrupted at the second one.  A reader looks at every point, too, its
 * own reads spread over the points that follow.  What it concludes is "all records
 * older than this are among those I see": in the end that must have been true.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "port/port.h"

static u64 point(void);
static bool word64;
static u64 fake_clock;

#undef READ_ONCE
#undef WRITE_ONCE
#undef kp_port_store_release
#undef kp_port_load_acquire
#undef kp_port_mb
#define READ_ONCE(x)			(point(), *(volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v)		(point(), (void)(*(volatile typeof(x) *)&(x) = (v)))
#define kp_port_store_release(p, v)	WRITE_ONCE(*(p), v)
#define kp_port_load_acquire(p)		READ_ONCE(*(p))
#define kp_port_mb()			point()
#define kp_port_cmpxchg(p, old, new)	(point(), exchange(p, old, new))
#define kp_port_now()			(point(), ++fake_clock)
#define WORD64				word64

static u32 exchange(u32 *p, u32 old, u32 new)
{
	u32 was = *p;

	if (was == old)
		*p = new;
	return was;
}

#include "../../src/kernel/transport/ring.c"

#define RING		4096
#define MAX_POINTS	400
#define SPREAD		5	/* how many points later the reader's next read may be */

static struct kp_ring ring;
static u8 memory[KTAP_RING_DATA + RING] __attribute__((aligned(4096)));

static u32 level;		/* writers at work */
static u32 count[3];		/* points met by each of them */
static u32 fire[3];		/* at which it is interrupted; 0: never */

static struct {
	u64 limit, head;
	u32 high, low;
} seen[MAX_POINTS];
static u32 nseen;

static void write_one(void)
{
	struct ktap_record *rec;

	level++;
	count[level - 1] = 0;
	rec = kp_ring_reserve(&ring, 24 + 8 * level, KTAP_REC_PRINT, level);
	if (rec)
		kp_ring_commit(&ring);
	level--;
}

static void look(void)
{
	assert_true(nseen < MAX_POINTS);
	seen[nseen].limit = fake_clock + 1;
	seen[nseen].high = (u32)(ring.page->busy >> 32);
	seen[nseen].low = (u32)ring.page->busy;
	seen[nseen].head = ring.page->head;
	nseen++;
}

static u64 point(void)
{
	if (!level)
		return 0;
	look();
	if (++count[level - 1] == fire[level - 1])
		write_one();
	return 0;
}

/* No record that starts at or behind head may be older than limit. */
static void promise(u64 limit, u64 head)
{
	const struct ktap_record *rec;
	u64 at;

	for (at = head; at < ring.page->head; at += rec->size) {
		rec = (const struct ktap_record *)(ring.data + at % RING);
		if (rec->type != KTAP_REC_PAD && rec->time < limit)
			fail_msg("promised all up to %llu at head %llu, but there is one of %llu; interrupted at %u %u",
				 (unsigned long long)limit, (unsigned long long)head, (unsigned long long)rec->time,
				 fire[0], fire[1]);
	}
}

static void check_promises(void)
{
	u32 a, b, c;

	/* limit and high half at a, low half at b, head at c */
	for (a = 0; a < nseen; a++) {
		for (b = a; b < nseen && b < a + (word64 ? 1 : SPREAD); b++) {
			for (c = b; c < nseen && c < b + SPREAD; c++) {
				u64 busy = (u64)seen[a].high << 32 | seen[b].low;
				u64 limit = seen[a].limit;

				if (busy && busy < limit)
					limit = busy;
				promise(limit, seen[c].head);
			}
		}
	}
}

static void check_end(u32 records, u32 lost)
{
	const struct ktap_record *rec;
	u64 at = lost ? ring.page->head : ring.page->tail, last = 0;
	u32 n = 0;

	assert_int_equal(ring.nest, 0);
	assert_int_equal(ring.page->busy, 0);
	assert_int_equal((u32)ring.page->head, ring.pos);
	assert_int_equal(ring.page->lost, lost);
	for (; at < ring.page->head; at += rec->size) {
		rec = (const struct ktap_record *)(ring.data + at % RING);
		if (rec->type == KTAP_REC_PAD)
			continue;
		assert_true(rec->time > last);
		last = rec->time;
		n++;
	}
	assert_int_equal(n, records);
}

/* A new ring: full, or with one record, so that there is a last time. */
static void prepare(u64 start, u64 clock, bool full)
{
	memset(memory, 0, sizeof(memory));
	kp_ring_init(&ring, memory, RING);
	ring.page->head = start;
	ring.page->tail = full ? start - RING : start;
	ring.pos = (u32)start;
	fake_clock = clock;
	if (!full) {
		assert_non_null(kp_ring_reserve(&ring, 24, KTAP_REC_PRINT, 0));
		kp_ring_commit(&ring);
	}
	nseen = 0;
	memset(count, 0, sizeof(count));
}

static void everywhere(u64 start, u64 clock, bool full)
{
	u32 a, b, reached = 1, inner, deepest = 0, writers;

	for (a = 0; a <= reached; a++) {
		inner = a ? 1 : 0;
		for (b = 0; b <= inner; b++) {
			prepare(start, clock, full);
			fire[0] = a;
			fire[1] = b;
			write_one();
			/* how far they came tells where they can be interrupted */
			reached = count[0] > reached ? count[0] : reached;
			inner = count[1] > inner ? count[1] : inner;
			deepest = inner > deepest ? inner : deepest;
			writers = 1 + (a && count[0] >= a) + (a && b && count[1] >= b);
			check_promises();
			if (full)
				check_end(0, writers);
			else
				check_end(1 + writers, 0);
		}
	}
	assert_true(reached > 15);
	assert_true(deepest > 15);
}

static void test_points(void **state)
{
	(void)state;
	for (word64 = true;; word64 = false) {
		everywhere(0, 1000, false);
		/* the data wrap in one of the records */
		everywhere(RING - 40, 1000, false);
		everywhere(RING - 72, 1000, false);
		/* halves of the clock and of the position are carried over */
		everywhere((1ULL << 32) - 48, (1ULL << 32) - 3, false);
		everywhere(0, (1ULL << 32) - 1, false);
		everywhere(0, (5ULL << 32) - 2, false);
		everywhere(RING, 1000, true);
		if (!word64)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points),
	};

	return cmocka_run_group_tests_name("ring points", tests, NULL, NULL);
}
