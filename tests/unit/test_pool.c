// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#define MANY	4096

static void test_room(void **state)
{
	size_t size;

	(void)state;
	assert_int_equal(kp_pool_room(1), 32);
	assert_int_equal(kp_pool_room(32), 32);
	assert_int_equal(kp_pool_room(33), 64);
	assert_int_equal(kp_pool_room(KP_POOL_MAX), KP_POOL_MAX);
	assert_int_equal(kp_pool_room(KP_POOL_MAX + 1), 0);
	for (size = 1; size < 5000; size++) {
		size_t room = kp_pool_room(size);

		assert_true(room >= size && room < 2 * size + 32);
		if (size != KP_POOL_SEGMENT)
			assert_int_equal(room & (room - 1), 0);
	}
}

static void test_account(void **state)
{
	struct kp_pool pool;
	void *a, *b;

	(void)state;
	kp_pool_init(&pool, 1000);
	a = kp_pool_alloc(&pool, 600);
	assert_non_null(a);
	assert_int_equal(pool.used, 600);
	assert_null(kp_pool_alloc(&pool, 401));
	assert_int_equal(pool.used, 600);
	b = kp_pool_alloc(&pool, 400);
	assert_non_null(b);
	assert_int_equal(pool.used, 1000);
	assert_null(kp_pool_alloc(&pool, 1));
	kp_pool_free(&pool, a, 600);
	assert_int_equal(pool.used, 400);
	assert_int_equal(pool.peak, 1000);
	kp_pool_free(&pool, NULL, 100);
	assert_int_equal(pool.used, 400);
	/* a size that would wrap around */
	assert_null(kp_pool_alloc(&pool, SIZE_MAX));
	kp_pool_free(&pool, b, 400);
	assert_int_equal(pool.used, 0);
	kp_pool_destroy(&pool);
}

static void test_failing(void **state)
{
	struct kp_pool pool;

	(void)state;
	kp_pool_init(&pool, 1 << 20);
	kp_host_fail_at = 1;
	assert_null(kp_pool_alloc(&pool, 100));
	assert_int_equal(pool.used, 0);
	kp_host_fail_at = 1;
	assert_int_equal(kp_pool_prepare(&pool, 100), -ENOMEM);
	assert_int_equal(pool.used, 0);
	assert_int_equal(kp_pool_prepare(&pool, KP_POOL_MAX + 1), -ENOMEM);
	kp_pool_destroy(&pool);
}

static void test_blocks(void **state)
{
	struct kp_pool pool;
	u8 *blocks[MANY];
	u32 n = 0, i, j;
	bool low = false;
	u64 used;

	(void)state;
	kp_pool_init(&pool, 1 << 20);
	assert_null(kp_pool_take(&pool, 100, &low));
	assert_true(low);
	assert_int_equal(kp_pool_prepare(&pool, 100), 0);
	used = pool.used;
	while (n < MANY && (blocks[n] = kp_pool_take(&pool, 100, &low)))
		memset(blocks[n], n & 0xff, 128), n++;
	assert_true(n > 10 && n < MANY);
	/* none overlaps another */
	for (i = 0; i < n; i++)
		for (j = 0; j < 128; j++)
			assert_int_equal(blocks[i][j], i & 0xff);
	for (i = 0; i < n; i++)
		kp_pool_give(&pool, blocks[i], 100);
	/* and all come back without new memory */
	for (i = 0; i < n; i++)
		assert_non_null(kp_pool_take(&pool, 100, &low));
	assert_int_equal(pool.used, used);
	assert_null(kp_pool_take(&pool, 100, &low));
	assert_null(kp_pool_take(&pool, KP_POOL_MAX + 1, &low));
	kp_pool_destroy(&pool);
}

static void test_low(void **state)
{
	struct kp_pool pool;
	u32 taken = 0, asked = 0;
	bool low;

	(void)state;
	kp_pool_init(&pool, 1 << 20);
	assert_int_equal(kp_pool_prepare(&pool, 32), 0);
	/* whoever refills when asked never meets an empty list */
	for (taken = 0; taken < 5000; taken++) {
		low = false;
		assert_non_null(kp_pool_take(&pool, 32, &low));
		if (low) {
			asked++;
			kp_pool_refill(&pool);
		}
	}
	assert_true(asked > 0 && asked < 100);
	kp_pool_destroy(&pool);
}

/* A refill that has failed is asked for again, but not by every take. */
static void test_low_again(void **state)
{
	struct kp_pool pool;
	bool low = false;
	void *block;
	u32 asked = 0, i;

	(void)state;
	kp_pool_init(&pool, 1 << 20);
	assert_null(kp_pool_take(&pool, 8192, &low));
	assert_true(low);
	kp_host_fail_at = 1;
	kp_pool_refill(&pool);
	for (i = 0; i < 100; i++) {
		low = false;
		assert_null(kp_pool_take(&pool, 8192, &low));
		asked += low;
	}
	assert_int_equal(asked, 1);
	kp_pool_refill(&pool);
	block = kp_pool_take(&pool, 8192, &low);
	assert_non_null(block);
	kp_pool_give(&pool, block, 8192);
	kp_pool_destroy(&pool);
}

/* What is in reserve stays so, and refills keep as much free as is in use, up to a bound. */
static void test_reserve(void **state)
{
	struct kp_pool_class *class;
	struct kp_pool pool;
	bool low;
	u32 n;

	(void)state;
	kp_pool_init(&pool, 64 << 20);
	class = &pool.classes[1];
	assert_int_equal(kp_pool_reserve(&pool, 64, 64000), 0);
	assert_true(class->nfree >= 1000 && class->nfree < 1500);
	for (n = 0; n < 200000; n++) {
		low = false;
		assert_non_null(kp_pool_take(&pool, 64, &low));
		if (!low)
			continue;
		/* a burst may be three quarters as large as what is there, or as what was reserved */
		assert_true(class->nfree > (n < 1000 ? 600 : n < 60000 ? n / 2 : 30000));
		kp_pool_refill(&pool);
		assert_true(class->nfree >= (n < 1000 ? 1000 : n < 60000 ? n : 60000));
		assert_true(class->nfree * 64UL < KP_POOL_SPARE_MAX + 2 * KP_POOL_CHUNK_MAX);
	}
	kp_pool_destroy(&pool);

	/* refills leave a part of the cap, which others may use to the last block */
	kp_pool_init(&pool, 1 << 20);
	for (n = 0; n < 1000; n++)
		if (!kp_pool_take(&pool, 3072, &low))
			kp_pool_refill(&pool);
	assert_true(pool.used <= (1 << 20) / 8 * 7 && pool.used > (1 << 20) / 8 * 7 - 4096);
	while (!kp_pool_prepare(&pool, KP_POOL_SEGMENT))
		kp_pool_take(&pool, KP_POOL_SEGMENT, &low);
	assert_true(pool.used <= 1 << 20 && pool.used > (1 << 20) - 4096);
	kp_pool_destroy(&pool);
}

static void test_cap(void **state)
{
	struct kp_pool pool;
	bool low = false;
	u32 n = 0;

	(void)state;
	kp_pool_init(&pool, 100000);
	assert_int_equal(kp_pool_prepare(&pool, 1000), 0);
	do {
		kp_pool_refill(&pool);
		n++;
	} while (kp_pool_take(&pool, 1000, &low));
	assert_true(n > 50 && n < 100);
	assert_true(pool.used <= 100000);
	assert_true(pool.peak <= 100000);
	kp_pool_destroy(&pool);
}

static void test_interrupted(void **state)
{
	struct kp_pool pool;
	struct kp_pool_class *class;
	bool low = false;
	void *block;
	u32 c;

	(void)state;
	kp_host_cpu = 3;
	kp_pool_init(&pool, 1 << 20);
	assert_int_equal(kp_pool_prepare(&pool, 64), 0);
	block = kp_pool_take(&pool, 64, &low);
	assert_non_null(block);
	for (c = 0; c < KP_POOL_CLASSES; c++)
		pool.classes[c].lock.owner = 4;
	/* this CPU was interrupted inside the list: no deadlock, nothing is handed out */
	class = &pool.classes[1];
	assert_null(kp_pool_take(&pool, 64, &low));
	kp_pool_give(&pool, block, 64);
	class->lock.owner = 0;
	assert_non_null(kp_pool_take(&pool, 64, &low));
	kp_pool_destroy(&pool);
	kp_host_cpu = 0;
}

struct worker {
	pthread_t thread;
	struct kp_pool *pool;
	u32 cpu;
	u32 got;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	u8 *mine[16] = { 0 };
	u32 round, i, j;
	bool low = false;

	kp_host_cpu = w->cpu;
	for (round = 0; round < 5000; round++) {
		i = round % 16;
		if (mine[i]) {
			/* nobody else wrote into it */
			for (j = 0; j < 64; j++)
				if (mine[i][j] != (u8)w->cpu)
					return NULL;
			kp_pool_give(w->pool, mine[i], 64);
		}
		mine[i] = kp_pool_take(w->pool, 64, &low);
		if (mine[i]) {
			memset(mine[i], (u8)w->cpu, 64);
			w->got++;
		} else {
			kp_pool_refill(w->pool);
		}
	}
	return w;
}

static void test_threads(void **state)
{
	struct worker workers[KP_HOST_CPUS] = { 0 };
	struct kp_pool pool;
	void *ret;
	u32 i;

	(void)state;
	kp_pool_init(&pool, 1 << 20);
	for (i = 0; i < KP_HOST_CPUS; i++) {
		workers[i].pool = &pool;
		workers[i].cpu = i;
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (i = 0; i < KP_HOST_CPUS; i++) {
		assert_int_equal(pthread_join(workers[i].thread, &ret), 0);
		assert_ptr_equal(ret, &workers[i]);
		assert_true(workers[i].got > 100);
	}
	kp_pool_destroy(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_account),
		cmocka_unit_test(test_failing),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_low),
		cmocka_unit_test(test_low_again),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
