// SPDX-License-Identifier: GPL-2.0-only
/* Tables and cells under fire from eight CPUs, and from interrupts that no lock keeps out. */
#include <signal.h>
#include <stdatomic.h>
#include "table.h"

#define ADDS	20000
#define KEYS	37

/* Who has which CPU when all are busy. */
#define FIRES	(KP_HOST_CPUS - 2)
#define READER	(KP_HOST_CPUS - 2)
#define KEEPER	(KP_HOST_CPUS - 1)

struct fire {
	struct session *s;
	struct kp_table *t, *samples;
	struct kp_cell *cell;
	u32 cpu;
	pthread_t thread;
	u64 int_refused, sample_refused, refused;	/* no room yet, as the handler is told */
	int bad;
};

static atomic_int stop;

/* A context of its own for each thread, as each CPU has. */
static struct kp_ctx *cpu_ctx(struct fire *f)
{
	kp_host_cpu = f->cpu;
	return kp_ctx_place(&f->s->vm, calloc(1, kp_ctx_size()), KP_LEVEL_TASK);
}

static void *fire_adds(void *arg)
{
	struct fire *f = arg;
	struct kp_ctx *ctx = cpu_ctx(f);
	char text[16];
	s64 i;
	int err;

	ctx->top = 1;
	for (i = 0; i < ADDS; i++) {
		struct kp_value k = session_int(i % KEYS);

		f->bad |= kp_cell_add(f->cell, 1);
		err = kp_table_add(ctx, f->t, &k, 1);
		f->int_refused += err == -ENOMEM;
		f->bad |= err && err != -ENOMEM;
		err = kp_table_sample(ctx, f->samples, &k, i);
		f->sample_refused += err == -ENOMEM || err == -EDQUOT;
		f->bad |= err && err != -ENOMEM && err != -EDQUOT;
		/* string keys, many of them: the table grows under the others */
		snprintf(text, sizeof(text), "key%lld", (long long)(i % 500));
		ctx->scratch_used = 0;
		ctx->regs[0] = session_str(ctx, text);
		err = kp_table_add(ctx, f->t, &ctx->regs[0], 1);
		f->refused += err == -ENOMEM;
		f->bad |= err && err != -ENOMEM;
	}
	free(ctx);
	return NULL;
}

static void *maintain(void *arg)
{
	struct kp_vm *vm = arg;

	kp_host_cpu = KEEPER;
	while (!stop) {
		kp_vm_maintain(vm);
		sched_yield();
	}
	return NULL;
}

/* Reads and merges all the time: nothing may be counted twice or lost. */
static void *merge_all(void *arg)
{
	struct fire *f = arg;
	s64 cursor, last = 0, sum;
	struct kp_value k, v;

	kp_host_cpu = f->cpu;
	while (!stop) {
		f->bad |= kp_table_merge(f->s->main, f->t);
		f->s->main->scratch_used = 0;
		cursor = sum = 0;
		while (kp_table_next(f->s->main, f->t, &cursor, &k, &v) == 1)
			sum += k.type == KTAP_T_INT ? v.i : 0;
		/* sums only grow */
		f->bad |= sum < last ? -1 : 0;
		last = sum;
		sched_yield();
	}
	return NULL;
}

static void exact(u32 flags)
{
	struct fire fires[FIRES], reader;
	struct kp_cell cell = { 0 };
	pthread_t keeper;
	struct session s;
	struct kp_value k, v;
	u64 int_refused = 0, sample_refused = 0, refused = 0;
	s64 i, cursor = 0, ints = 0, samples = 0, strings = 0, total;
	int bad = 0;
	u32 c;

	session_init(&s, 0, 0);
	s.maintain = false;
	stop = 0;
	reader = (struct fire){ .s = &s, .t = kp_table_new(&s.vm, flags, 0), .cpu = READER };
	reader.samples = kp_table_new(&s.vm, flags, 0);
	reader.cell = &cell;
	assert_int_equal(kp_pool_prepare(&s.vm.pool, 32), 0);
	assert_int_equal(kp_pool_prepare(&s.vm.pool, 64), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(kp_pool_prepare(&s.vm.pool, 64), 0);
	assert_int_equal(pthread_create(&keeper, NULL, maintain, &s.vm), 0);
	for (c = 0; c < FIRES; c++) {
		fires[c] = reader;
		fires[c].cpu = c;
		assert_int_equal(pthread_create(&fires[c].thread, NULL, fire_adds, &fires[c]), 0);
	}
	assert_int_equal(pthread_create(&reader.thread, NULL, merge_all, &reader), 0);
	for (c = 0; c < FIRES; c++) {
		pthread_join(fires[c].thread, NULL);
		bad |= fires[c].bad;
		int_refused += fires[c].int_refused;
		sample_refused += fires[c].sample_refused;
		refused += fires[c].refused;
	}
	stop = 1;
	pthread_join(reader.thread, NULL);
	pthread_join(keeper, NULL);
	assert_int_equal(reader.bad, 0);
	assert_int_equal(bad, 0);

	total = (s64)FIRES * ADDS;
	assert_int_equal(kp_cell_get(s.main, &cell, &v), 0);
	assert_int(&v, total);
	for (i = 0; i < KEYS; i++) {
		k = session_int(i);
		assert_int_equal(kp_table_get(s.main, reader.samples, &k, &v), 0);
		assert_int_equal(v.type, KTAP_T_AGG);
		samples += ((struct ktap_agg *)v.s->data)->count;
	}
	assert_int_equal(samples + sample_refused, total);
	assert_int_equal(kp_table_merge(s.main, reader.t), 0);
	while (kp_table_next(s.main, reader.t, &cursor, &k, &v) == 1) {
		if (k.type == KTAP_T_INT)
			ints += v.i;
		else
			strings += v.i;
	}
	assert_int_equal(ints + int_refused, total);
	assert_int_equal(strings + refused, total);
	session_destroy(&s);
}

static void test_exact_plain(void **state)
{
	(void)state;
	exact(0);
}

static void test_exact_percpu(void **state)
{
	(void)state;
	exact(KTAP_TABLE_PERCPU);
}

#define STABLE	300

/* Inserts and deletes keys that are not stable ones. */
static void *fire_changes(void *arg)
{
	struct fire *f = arg;
	struct kp_ctx *ctx = cpu_ctx(f);
	struct kp_value k, v = session_int(1), nil = { .type = KTAP_T_NIL };
	s64 i;

	for (i = 0; !stop; i++) {
		k = session_int(1000000 + (i * 7 + f->cpu * 100) % 2000);
		kp_table_set(ctx, f->t, &k, i % 3 ? &v : &nil);
	}
	free(ctx);
	return NULL;
}

static void test_walk(void **state)
{
	struct fire fires[3];
	struct session s;
	struct kp_table *t;
	struct kp_value k, v;
	pthread_t keeper;
	u8 met[STABLE];
	s64 i, cursor;
	u32 round, c;

	(void)state;
	session_init(&s, 0, 0);
	s.maintain = false;
	t = kp_table_new(&s.vm, 0, 0);
	stop = 0;
	assert_int_equal(pthread_create(&keeper, NULL, maintain, &s.vm), 0);
	for (c = 0; c < 3; c++) {
		fires[c] = (struct fire){ .s = &s, .t = t, .cpu = c + 1 };
		assert_int_equal(pthread_create(&fires[c].thread, NULL, fire_changes, &fires[c]), 0);
	}
	/* the stable ones lie among the others */
	for (i = 0; i < STABLE; i++) {
		k = session_int(i);
		v = session_int(i + 1);
		assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
		if (i % 50 == 0)
			sched_yield();
	}
	for (round = 0; round < 200; round++) {
		memset(met, 0, sizeof(met));
		cursor = 0;
		while (kp_table_next(s.main, t, &cursor, &k, &v) == 1) {
			if (k.i >= STABLE)
				continue;
			assert_int(&v, k.i + 1);
			met[k.i]++;
		}
		for (i = 0; i < STABLE; i++)
			assert_int_equal(met[i], 1);
	}
	stop = 1;
	for (c = 0; c < 3; c++)
		pthread_join(fires[c].thread, NULL);
	pthread_join(keeper, NULL);
	session_destroy(&s);
}

/*
 * Interrupts that no lock keeps out, as NMIs: a signal adds on the CPU of the thread that it
 * interrupts, wherever that is.  What is refused is refused whole, the rest is exact.
 */
static struct {
	struct kp_ctx *ctx;		/* of the signal */
	struct kp_table *t;
	struct kp_cell cell;
	volatile s64 done[2], refused;	/* by the signal */
	bool on;
} nmi;

static void nmi_handler(int sig)
{
	struct kp_value k = session_int(1), text;
	int saved = errno;

	(void)sig;
	if (!nmi.on)
		return;
	if (kp_cell_add(&nmi.cell, 1) == 0)
		nmi.done[0]++;
	if (kp_table_add(nmi.ctx, nmi.t, &k, 1) == 0)
		nmi.done[1]++;
	else
		nmi.refused++;
	k = session_int(2);
	nmi.ctx->scratch_used = 0;
	text = session_str(nmi.ctx, "from the interrupt");
	kp_table_set(nmi.ctx, nmi.t, &k, &text);
	errno = saved;
}

static void *nmi_source(void *arg)
{
	pthread_t *victim = arg;

	while (!stop)
		pthread_kill(*victim, SIGUSR1);
	return NULL;
}

static void nmis(u32 flags)
{
	struct sigaction action = { .sa_handler = nmi_handler, .sa_flags = SA_RESTART };
	pthread_t self = pthread_self(), source;
	struct kp_value k, v, text;
	struct session s;
	s64 i;

	session_init(&s, 0, 0);
	s.maintain = false;
	memset(&nmi, 0, sizeof(nmi));
	nmi.ctx = kp_ctx_place(&s.vm, calloc(1, kp_ctx_size()), KP_LEVEL_NMI);
	nmi.ctx->budget = INT64_MAX;
	nmi.t = kp_table_new(&s.vm, flags, 0);
	for (i = 32; i <= 64; i *= 2)
		assert_int_equal(kp_pool_prepare(&s.vm.pool, i), 0);
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	nmi.on = true;
	stop = 0;
	assert_int_equal(pthread_create(&source, NULL, nmi_source, &self), 0);
	for (i = 0; i < 20000 || nmi.done[1] < 500; i++) {
		k = session_int(1);
		/* the thread itself is never refused: the interrupt has ended when it goes on */
		assert_int_equal(kp_cell_add(&nmi.cell, 1), 0);
		assert_int_equal(kp_table_add(s.handler, nmi.t, &k, 1), 0);
		k = session_int(2);
		s.handler->scratch_used = 0;
		text = session_str(s.handler, "from the thread");
		assert_int_equal(kp_table_set(s.handler, nmi.t, &k, &text), 0);
		assert_int_equal(kp_table_get(s.handler, nmi.t, &k, &v), 0);
		assert_int_equal(v.type, KTAP_T_STR);
		assert_memory_equal(v.s->data, "from the ", 9);
	}
	stop = 1;
	pthread_join(source, NULL);
	nmi.on = false;
	assert_int_equal(kp_cell_get(s.main, &nmi.cell, &v), 0);
	assert_int(&v, i + nmi.done[0]);
	check_get(s.main, nmi.t, 1, i + nmi.done[1]);
	print_message("# %lld interrupts, %lld refused\n", (long long)nmi.done[1], (long long)nmi.refused);
	free(nmi.ctx);
	session_destroy(&s);
}

static void test_nmi_plain(void **state)
{
	(void)state;
	nmis(0);
}

static void test_nmi_percpu(void **state)
{
	(void)state;
	nmis(KTAP_TABLE_PERCPU);
}

/* Process context fills a table while somebody else grows it, too: it is never told that memory is used up. */
static void test_growth_race(void **state)
{
	struct session s;
	struct kp_table *t;
	struct kp_value k, v = session_int(1);
	pthread_t keeper;
	s64 i, round;

	(void)state;
	session_init(&s, 0, 0);
	s.maintain = false;
	stop = 0;
	assert_int_equal(pthread_create(&keeper, NULL, maintain, &s.vm), 0);
	for (round = 0; round < 20; round++) {
		t = kp_table_new(&s.vm, 0, 0);
		for (i = 0; i < 5000; i++) {
			k = session_int(i);
			assert_int_equal(kp_table_set(s.main, t, &k, &v), 0);
		}
	}
	stop = 1;
	pthread_join(keeper, NULL);
	session_destroy(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact_plain),
		cmocka_unit_test(test_exact_percpu),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_nmi_plain),
		cmocka_unit_test(test_nmi_percpu),
		cmocka_unit_test(test_growth_race),
	};

	return cmocka_run_group_tests_name("table CPUs", tests, NULL, NULL);
}
