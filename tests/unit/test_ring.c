// SPDX-License-Identifier: GPL-2.0-only
/* The ring: against a model, nested by hand and by real interrupts (signals), and read while it is written. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <cmocka.h>
#include "transport/reader.h"
#include "transport/ring.h"

#define HEAD	sizeof(struct ktap_record)

static struct kp_ring *ring_new(u32 size)
{
	struct kp_ring *ring = malloc(sizeof(*ring));
	void *mem = calloc(1, kp_ring_bytes(size));

	assert_non_null(ring);
	assert_non_null(mem);
	kp_ring_init(ring, mem, size);
	return ring;
}

static void ring_free(struct kp_ring *ring)
{
	free(ring->page);
	free(ring);
}

/* Writes a record whose payload is the number, as often as it fits. */
static bool put(struct kp_ring *ring, u32 size, u32 number)
{
	struct ktap_record *rec = kp_ring_reserve(ring, size, KTAP_REC_PRINT, 7);
	u32 *p, i;

	if (!rec)
		return false;
	p = (u32 *)(rec + 1);
	for (i = 0; i < (size - HEAD) / 4; i++)
		p[i] = number;
	kp_ring_commit(ring);
	return true;
}

/* Reads one record, checks its payload and returns its number; -1 when there is none. */
static s64 get(struct kp_reader *r, u32 *size)
{
	const struct ktap_record *rec;
	const u32 *p;
	unsigned int which;
	u32 i, number;

	kp_reader_poll(r, 1, UINT64_MAX);
	rec = kp_reader_next(r, 1, UINT64_MAX, &which);
	if (!rec)
		return -1;
	assert_int_equal(rec->type, KTAP_REC_PRINT);
	assert_int_equal(rec->aux, 7);
	*size = rec->size;
	p = (const u32 *)(rec + 1);
	number = rec->size > HEAD ? *p : 0;
	for (i = 0; i < (rec->size - HEAD) / 4; i++)
		assert_int_equal(p[i], number);
	return number;
}

static void test_empty(void **state)
{
	struct kp_ring *ring = ring_new(4096);
	struct kp_reader r;
	u32 size;

	(void)state;
	kp_reader_init(&r, ring->page, 4096);
	assert_int_equal(get(&r, &size), -1);
	assert_int_equal(kp_ring_used(ring), 0);
	assert_int_equal(kp_ring_lost(ring), 0);
	assert_int_equal(kp_ring_max_record(ring), 2048);
	assert_int_equal(kp_ring_consume(ring, 0), 0);
	assert_int_equal(kp_ring_consume(ring, 8), -EINVAL);
	ring_free(ring);
}

static void test_publish(void **state)
{
	struct kp_ring *ring = ring_new(4096);
	struct ktap_record *rec;
	u64 before = kp_port_now();

	(void)state;
	rec = kp_ring_reserve(ring, 32, KTAP_REC_PRINTF, 3);
	assert_non_null(rec);
	assert_int_equal(rec->size, 32);
	assert_int_equal(rec->type, KTAP_REC_PRINTF);
	assert_int_equal(rec->aux, 3);
	assert_true(rec->time >= before);
	/* nothing is seen before the commit, but that something is on its way */
	assert_int_equal(ring->page->head, 0);
	assert_int_not_equal(ring->page->busy, 0);
	assert_true(ring->page->busy <= rec->time);
	kp_ring_commit(ring);
	assert_int_equal(ring->page->head, 32);
	assert_int_equal(ring->page->busy, 0);
	assert_int_equal(kp_ring_used(ring), 32);
	ring_free(ring);
}

static void test_nesting(void **state)
{
	struct kp_ring *ring = ring_new(4096);
	struct ktap_record *a, *b, *c;
	u64 busy;

	(void)state;
	a = kp_ring_reserve(ring, 24, KTAP_REC_PRINT, 1);
	busy = ring->page->busy;
	b = kp_ring_reserve(ring, 32, KTAP_REC_PRINT, 2);
	c = kp_ring_reserve(ring, 40, KTAP_REC_PRINT, 3);
	assert_ptr_equal((u8 *)a + 24, b);
	assert_ptr_equal((u8 *)b + 32, c);
	assert_true(busy <= a->time && a->time <= b->time && b->time <= c->time);
	kp_ring_commit(ring);
	kp_ring_commit(ring);
	assert_int_equal(ring->page->head, 0);
	assert_int_equal(ring->page->busy, busy);
	kp_ring_commit(ring);
	assert_int_equal(ring->page->head, 96);
	assert_int_equal(ring->page->busy, 0);
	assert_int_equal(ring->nest, 0);
	ring_free(ring);
}

static void test_full(void **state)
{
	struct kp_ring *ring = ring_new(4096);
	struct kp_reader r;
	u32 n = 0, size, i;

	(void)state;
	kp_reader_init(&r, ring->page, 4096);
	while (put(ring, 64, n))
		n++;
	assert_int_equal(n, 64);
	assert_int_equal(kp_ring_lost(ring), 1);
	assert_int_equal(kp_ring_used(ring), 4096);
	assert_false(put(ring, 64, 0));
	assert_false(put(ring, 16, 0));
	assert_int_equal(kp_ring_lost(ring), 3);
	assert_int_equal(ring->page->busy, 0);
	assert_null(kp_ring_try(ring, 64, KTAP_REC_PRINT, 0));
	assert_int_equal(kp_ring_lost(ring), 3);
	assert_int_equal(ring->nest, 0);

	assert_int_equal(get(&r, &size), 0);
	assert_int_equal(kp_ring_consume(ring, r.tail), 0);
	assert_true(put(ring, 64, n));
	assert_false(put(ring, 64, 0));
	for (i = 1; i <= 64; i++)
		assert_int_equal(get(&r, &size), i);
	assert_int_equal(get(&r, &size), -1);
	assert_int_equal(kp_ring_consume(ring, r.tail), 0);
	assert_int_equal(kp_ring_used(ring), 0);
	/* what can never fit */
	assert_false(put(ring, 2048 + 8, 0));
	assert_true(put(ring, 2048, 0));
	ring_free(ring);
}

/* A writer inside another that finds no room leaves everything in order. */
/* What kp_ring_fits() says is what kp_ring_try() does, wherever the positions are: nobody waits in vain. */
static void test_fits(void **state)
{
	struct kp_ring *ring = ring_new(4096);
	struct kp_reader r;
	u32 pos, used, size;

	(void)state;
	kp_reader_init(&r, ring->page, 4096);
	for (pos = 0; pos < 4096; pos += 8)
		for (size = 16; size <= 2048 + 8; size += 136) {
			/* the ring as it is with everything read up to pos, then filled to some extent */
			memset(ring->page, 0, sizeof(*ring->page));
			ring->page->head = ring->page->tail = 4096 + pos;
			ring->pos = 4096 + pos;
			ring->lost = ring->nest = 0;
			for (used = 0; put(ring, 32, 0); used++) {
				bool fits = kp_ring_fits(ring, size);
				struct kp_ring copy = *ring;
				struct ktap_ring_page page = *ring->page;

				/* an empty ring takes what it can ever take */
				assert_true(used > 1 || fits == (size <= 2048));
				assert_int_equal(!!kp_ring_try(ring, size, KTAP_REC_PRINT, 7), fits);
				*ring = copy;
				*ring->page = page;
			}
			/* as soon as enough is given back there is room, not only when all is */
			while (!kp_ring_fits(ring, size) && kp_ring_used(ring))
				ring->page->tail += 8;
			assert_int_equal(!!kp_ring_try(ring, size, KTAP_REC_PRINT, 7), size <= 2048);
		}
	ring_free(ring);
}

static void test_full_inside(void **state)
{
	struct kp_ring *ring = ring_new(4096);

	(void)state;
	assert_non_null(kp_ring_reserve(ring, 2048, KTAP_REC_PRINT, 0));
	assert_non_null(kp_ring_reserve(ring, 2048, KTAP_REC_PRINT, 0));
	assert_null(kp_ring_reserve(ring, 16, KTAP_REC_PRINT, 0));
	assert_null(kp_ring_reserve(ring, 16, KTAP_REC_PRINT, 0));
	kp_ring_commit(ring);
	assert_int_equal(ring->page->head, 0);
	kp_ring_commit(ring);
	assert_int_equal(ring->page->head, 4096);
	assert_int_equal(kp_ring_lost(ring), 2);
	assert_int_equal(ring->page->busy, 0);
	ring_free(ring);
}

static void test_consume(void **state)
{
	struct kp_ring *ring = ring_new(4096);

	(void)state;
	assert_true(put(ring, 64, 1));
	assert_true(put(ring, 64, 2));
	assert_int_equal(kp_ring_consume(ring, 129), -EINVAL);
	assert_int_equal(kp_ring_consume(ring, 136), -EINVAL);
	assert_int_equal(kp_ring_consume(ring, 68), -EINVAL);
	assert_int_equal(kp_ring_consume(ring, UINT64_MAX), -EINVAL);
	assert_int_equal(kp_ring_consume(ring, (1ULL << 32) + 64), -EINVAL);
	assert_int_equal(kp_ring_consume(ring, 64), 0);
	assert_int_equal(kp_ring_consume(ring, 64), 0);
	assert_int_equal(kp_ring_consume(ring, 0), -EINVAL);
	assert_int_equal(kp_ring_consume(ring, 128), 0);
	ring_free(ring);
}

/* Numbers grow past 32 bits: as when 4 GiB have been written. */
static void test_wrap32(void **state)
{
	struct kp_ring *ring = ring_new(4096);
	struct kp_reader r;
	u64 start = (1ULL << 32) - 1024;
	u32 i, size;

	(void)state;
	ring->page->head = start;
	ring->page->tail = start;
	ring->pos = (u32)start;
	ring->lost = UINT32_MAX;
	ring->page->lost = UINT32_MAX;
	kp_reader_init(&r, ring->page, 4096);
	r.head = start;
	r.tail = start;
	for (i = 0; i < 100; i++) {
		assert_true(put(ring, 72, i));
		assert_int_equal(get(&r, &size), i);
		assert_int_equal(kp_ring_consume(ring, r.tail), 0);
	}
	assert_true(ring->page->head > 1ULL << 32);
	assert_false(put(ring, 4096, 0));
	assert_int_equal(kp_ring_lost(ring), 1ULL << 32);
	ring_free(ring);
}

#define QUEUE	4096

/* Random sizes, random reading; a queue beside it says what has to come out. */
static void test_model(void **state)
{
	static struct {
		u32 size, number;
	} queue[QUEUE];
	struct kp_ring *ring = ring_new(8192);
	u32 in = 0, out = 0, n, size, lost = 0;
	struct kp_reader r;
	u64 x = 42;

	(void)state;
	kp_reader_init(&r, ring->page, 8192);
	for (n = 1; n < 200000; n++) {
		x = x * 6364136223846793005ULL + 1442695040888963407ULL;
		size = 16 + 8 * ((x >> 33) % ((x >> 20) % 8 ? 16 : 500));
		if (put(ring, size, n)) {
			queue[in % QUEUE].size = size;
			queue[in++ % QUEUE].number = n;
		} else {
			lost++;
		}
		while ((x >> 50) % 3 == 0 && out < in && (x = x * 5 + 1) % 7) {
			u32 got;
			s64 number = get(&r, &got);

			assert_int_equal(got, queue[out % QUEUE].size);
			assert_int_equal(number, got > HEAD ? queue[out % QUEUE].number : 0);
			out++;
			if (x % 3)
				assert_int_equal(kp_ring_consume(ring, r.tail), 0);
		}
	}
	assert_int_equal(kp_ring_lost(ring), lost);
	assert_true(lost > 0 && lost < n);
	while (out < in) {
		get(&r, &size);
		assert_int_equal(size, queue[out++ % QUEUE].size);
	}
	assert_int_equal(get(&r, &size), -1);
	ring_free(ring);
}

/* ---- several rings, in time order ---- */

static void test_merge(void **state)
{
	struct kp_ring *rings[3];
	struct kp_reader r[3];
	const struct ktap_record *rec;
	struct ktap_record *open;
	unsigned int which;
	u64 last = 0, limit;
	u32 i, n;

	(void)state;
	for (i = 0; i < 3; i++) {
		rings[i] = ring_new(4096);
		kp_reader_init(&r[i], rings[i]->page, 4096);
	}
	for (i = 0; i < 30; i++)
		assert_true(put(rings[i * 7 % 3], 24, i));
	open = kp_ring_reserve(rings[1], 24, KTAP_REC_PRINT, 0);
	assert_non_null(open);
	for (i = 0; i < 10; i++)
		assert_true(put(rings[2], 24, 30 + i));

	/* what is older than the open one comes, the rest waits for it */
	limit = kp_reader_poll(r, 3, kp_port_now());
	assert_true(limit <= open->time);
	for (n = 0; (rec = kp_reader_next(r, 3, limit, &which)) != NULL; n++) {
		assert_true(rec->time >= last && rec->time < limit);
		last = rec->time;
	}
	assert_true(n <= 30);
	kp_ring_commit(rings[1]);
	limit = kp_reader_poll(r, 3, kp_port_now());
	for (; (rec = kp_reader_next(r, 3, limit, &which)) != NULL; n++) {
		assert_true(rec->time >= last);
		last = rec->time;
	}
	assert_int_equal(n, 41);
	for (i = 0; i < 3; i++)
		ring_free(rings[i]);
}

/* Many rings, some of them empty, others filled out of turn, read in several rounds. */
static void test_merge_many(void **state)
{
	enum { RINGS = 37, RECORDS = 2000 };
	struct kp_ring *rings[RINGS];
	struct kp_reader r[RINGS];
	const struct ktap_record *rec;
	u32 i, round, read = 0, seed = 7, from[RINGS] = { 0 }, to[RINGS] = { 0 };
	unsigned int which;
	u64 last = 0, limit;

	(void)state;
	for (i = 0; i < RINGS; i++) {
		rings[i] = ring_new(1 << 17);
		kp_reader_init(&r[i], rings[i]->page, 1 << 17);
	}
	for (round = 1; round <= 3; round++) {
		for (i = 0; i < RECORDS; i++) {
			seed = seed * 1103515245 + 12345;
			which = (seed >> 16) % (RINGS / round);
			assert_true(put(rings[which], 24, i));
			to[which]++;
		}
		limit = kp_reader_poll(r, RINGS, UINT64_MAX);
		while ((rec = kp_reader_next(r, RINGS, limit, &which)) != NULL) {
			assert_true(rec->time >= last);
			last = rec->time;
			from[which]++;
			read++;
		}
		assert_int_equal(read, round * RECORDS);
		assert_memory_equal(from, to, sizeof(from));
	}
	for (i = 0; i < RINGS; i++)
		ring_free(rings[i]);
}

/* ---- interrupts ---- */

/*
 * A thread that writes is a CPU; signals interrupt it anywhere, two levels deep, and write
 * into the same ring.  Each level numbers its records: what the reader gets, with what
 * was lost, has to be all of it, in order of time.
 */
#define LEVELS	3
#define WRITERS	2

struct cpu {
	struct kp_ring *ring;
	u64 next[LEVELS];	/* number of the next record */
	u64 lost[LEVELS];
	pthread_t thread;
};

static __thread struct cpu *this_cpu;
static atomic_int running;
static atomic_int done;

static void write_one(u32 level)
{
	struct cpu *cpu = this_cpu;
	u32 size = HEAD + 16 + 8 * (cpu->next[level] % 5);
	struct ktap_record *rec = kp_ring_reserve(cpu->ring, size, KTAP_REC_PRINT, level);
	u64 *p;

	if (!rec) {
		cpu->lost[level]++;
		return;
	}
	p = (u64 *)(rec + 1);
	p[0] = cpu->next[level]++;
	p[1] = ~p[0];
	kp_ring_commit(cpu->ring);
}

static void interrupt(int sig)
{
	int saved = errno;

	if (this_cpu && atomic_load(&running))
		write_one(sig == SIGUSR1 ? 1 : 2);
	errno = saved;
}

static void *writer(void *arg)
{
	struct cpu *cpu = arg;
	u64 lost;
	u32 i;

	this_cpu = cpu;
	for (i = 0; i < 20000 || READ_ONCE(cpu->next[1]) < 1000 || READ_ONCE(cpu->next[2]) < 1000; i++) {
		lost = cpu->lost[0];
		write_one(0);
		/* let the reader have its turn, but not always at once */
		if (cpu->lost[0] != lost && i % 8 == 0)
			sched_yield();
	}
	atomic_fetch_add(&done, 1);
	while (atomic_load(&running))
		sched_yield();
	return NULL;
}

static void *interrupter(void *arg)
{
	struct cpu *cpus = arg;
	u32 i = 0;

	while (atomic_load(&done) < WRITERS) {
		pthread_kill(cpus[i % WRITERS].thread, i & 2 ? SIGUSR1 : SIGUSR2);
		i++;
	}
	return NULL;
}

struct expect {
	u64 next[LEVELS];
	u64 got;
};

static u64 read_all(struct kp_reader *readers, struct cpu *cpus, struct expect *expect, u64 *last)
{
	const struct ktap_record *rec;
	unsigned int which;
	u64 limit, n = 0;
	u32 i;

	limit = kp_reader_poll(readers, WRITERS, kp_port_now());
	while ((rec = kp_reader_next(readers, WRITERS, limit, &which)) != NULL) {
		struct expect *e = &expect[which];
		const u64 *p = (const u64 *)(rec + 1);

		assert_true(rec->aux < LEVELS);
		assert_int_equal(p[0], e->next[rec->aux]);
		assert_int_equal(p[1], ~p[0]);
		e->next[rec->aux]++;
		e->got++;
		assert_true(rec->time >= *last);
		*last = rec->time;
		n++;
	}
	for (i = 0; i < WRITERS; i++)
		assert_int_equal(kp_ring_consume(cpus[i].ring, readers[i].tail), 0);
	return n;
}

static void test_interrupts(void **state)
{
	struct sigaction action = { .sa_handler = interrupt, .sa_flags = SA_RESTART | SA_NODEFER };
	struct kp_reader readers[WRITERS];
	struct expect expect[WRITERS] = { 0 };
	struct cpu cpus[WRITERS] = { 0 };
	u64 last = 0, nested = 0, lost = 0;
	pthread_t other;
	u32 i, level;

	(void)state;
	/* SIGUSR2 may interrupt SIGUSR1, but neither itself */
	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGUSR1);
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	sigaddset(&action.sa_mask, SIGUSR2);
	assert_int_equal(sigaction(SIGUSR2, &action, NULL), 0);

	running = 1;
	done = 0;
	for (i = 0; i < WRITERS; i++) {
		cpus[i].ring = ring_new(1 << 14);
		kp_reader_init(&readers[i], cpus[i].ring->page, 1 << 14);
	}
	for (i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&cpus[i].thread, NULL, writer, &cpus[i]), 0);
	assert_int_equal(pthread_create(&other, NULL, interrupter, cpus), 0);
	while (atomic_load(&done) < WRITERS)
		if (!read_all(readers, cpus, expect, &last))
			sched_yield();
	pthread_join(other, NULL);
	running = 0;
	for (i = 0; i < WRITERS; i++)
		pthread_join(cpus[i].thread, NULL);
	read_all(readers, cpus, expect, &last);

	for (i = 0; i < WRITERS; i++) {
		struct kp_ring *ring = cpus[i].ring;
		u64 all = 0;

		for (level = 0; level < LEVELS; level++) {
			assert_int_equal(expect[i].next[level], cpus[i].next[level]);
			all += cpus[i].lost[level];
			nested += level ? cpus[i].next[level] + cpus[i].lost[level] : 0;
		}
		assert_int_equal(kp_ring_lost(ring), all);
		lost += all;
		assert_int_equal(ring->page->busy, 0);
		assert_int_equal(ring->nest, 0);
		assert_int_equal(kp_ring_used(ring), 0);
		ring_free(ring);
	}
	print_message("# %llu records written by interrupts, %llu lost\n", (unsigned long long)nested,
		      (unsigned long long)lost);
	assert_true(nested > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_full_inside),
		cmocka_unit_test(test_consume),
		cmocka_unit_test(test_wrap32),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_merge_many),
		cmocka_unit_test(test_interrupts),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
