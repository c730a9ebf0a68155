// SPDX-License-Identifier: GPL-2.0-only
/* Which tables are reclaimed, and which are not. */
#include "session.h"

#define MANY	300	/* enough to make a collection worth while */

static struct session s;
static struct kp_vm_ops ops;
static struct kp_table *carried;	/* what a handler has in a register */
static struct kp_table *target;		/* where it stores that */
static u32 rounds;

static struct kp_value of_table(struct kp_table *t)
{
	struct kp_value v = { .t = t, .type = KTAP_T_TABLE };

	return v;
}

static struct kp_value of_closure(struct kp_table *t, u32 func)
{
	struct kp_value v = { .t = t, .type = KTAP_T_CLOSURE, .func = func };

	return v;
}

static void put(struct kp_table *t, struct kp_value key, struct kp_value v)
{
	assert_int_equal(kp_table_set(s.main, t, &key, &v), 0);
}

static void synchronize(struct kp_vm *vm)
{
	(void)vm;
	rounds++;
	if (!carried)
		return;
	put(target, session_int(rounds), of_table(carried));
	carried = NULL;
}

/* A session with one cell. */
static void begin(void)
{
	struct mkimage im = { 0 };

	mk_cell(&im, 0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_RET0);
	session_init(&s, 0, 0);
	assert_int_equal(session_load(&s, &im), 0);
	ops = *s.vm.ops;
	ops.synchronize = synchronize;
	s.vm.ops = &ops;
	rounds = 0;
	carried = NULL;
}

static void set_cell(struct kp_value v)
{
	assert_int_equal(kp_cell_set(s.main, &s.vm.cells[0], &v), 0);
}

static struct kp_table *table(void)
{
	return kp_table_new(&s.vm, 0, 0);
}

/* How many tables are left after a collection. */
static u32 left(void)
{
	u32 i;

	for (i = 0; i < MANY; i++)
		assert_non_null(kp_table_new(&s.vm, KTAP_TABLE_FIXED, 1));
	kp_table_collect(s.main);
	return s.vm.tables_left;
}

static void test_roots(void **state)
{
	struct kp_table *t, *u, *key, *env;

	(void)state;
	begin();
	assert_int_equal(left(), 0);

	s.main->regs[0] = of_table(table());
	s.main->top = 1;
	assert_int_equal(left(), 1);
	s.main->regs[0] = of_closure(table(), 1);
	assert_int_equal(left(), 1);
	s.main->top = 0;
	assert_int_equal(left(), 0);

	/* by a cell, as a value, as a key, as an environment */
	t = table();
	u = table();
	key = table();
	env = table();
	set_cell(of_table(t));
	put(t, session_int(1), of_table(u));
	put(u, of_table(key), session_int(2));
	put(u, session_int(3), of_closure(env, 4));
	assert_int_equal(left(), 4);
	put(u, session_int(3), session_int(0));
	assert_int_equal(left(), 3);
	put(t, session_int(1), session_int(0));
	assert_int_equal(left(), 1);
	set_cell(session_int(0));
	assert_int_equal(left(), 0);
	session_destroy(&s);
}

/* Tables and closures that hold each other. */
static void test_circles(void **state)
{
	struct kp_table *t, *u;

	(void)state;
	begin();
	t = table();
	put(t, session_int(1), of_table(t));
	u = table();
	put(t, session_int(2), of_closure(u, 1));
	put(u, session_int(1), of_table(t));
	set_cell(of_table(u));
	assert_int_equal(left(), 2);
	set_cell(session_int(0));
	assert_int_equal(left(), 0);
	session_destroy(&s);
}

/* Keys of a part of a per-CPU table. */
static void test_parts(void **state)
{
	struct kp_table *t, *u;
	struct kp_value key;

	(void)state;
	begin();
	t = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);
	u = table();
	set_cell(of_table(t));
	key = of_table(u);
	assert_int_equal(kp_table_add(s.main, t, &key, 1), 0);
	assert_int_equal(left(), 2);
	assert_int_equal(kp_table_merge(s.main, t), 0);
	assert_int_equal(left(), 2);
	session_destroy(&s);
}

/* A handler took the only reference out of the table that holds it and stores it again later. */
static void test_handler(void **state)
{
	struct kp_table *inner;

	(void)state;
	begin();
	target = table();
	set_cell(of_table(target));
	carried = table();
	inner = table();
	put(carried, session_int(1), of_table(inner));
	assert_int_equal(left(), 3);
	assert_int_equal(rounds, 2);
	put(target, session_int(1), session_int(0));
	assert_int_equal(left(), 1);
	assert_int_equal(rounds, 3);
	session_destroy(&s);
}

/* Not every new table is worth a collection. */
static void test_seldom(void **state)
{
	u32 i;

	(void)state;
	begin();
	for (i = 0; i < 100; i++) {
		table();
		kp_table_collect(s.main);
	}
	assert_int_equal(rounds, 0);
	assert_int_equal(left(), 0);
	assert_int_equal(rounds, 1);
	session_destroy(&s);
}

/* However many pairs and tables there are: others run meanwhile. */
static void test_yields(void **state)
{
	const u32 pairs = 6400, tables = 500;
	unsigned long before;
	struct kp_table *t;
	u32 i;

	(void)state;
	begin();
	t = table();
	set_cell(of_table(t));
	put(t, session_int(0), of_table(t));
	for (i = 1; i < pairs; i++)
		put(t, session_int(i), session_int(i));
	before = kp_host_yields;
	assert_int_equal(left(), 1);
	assert_true(kp_host_yields - before >= pairs / 64 + 2 * MANY);

	for (i = 0; i < tables; i++)
		table();
	before = kp_host_yields;
	kp_vm_maintain(&s.vm);
	assert_true(kp_host_yields - before >= tables);
	before = kp_host_yields;
	session_destroy(&s);
	assert_true(kp_host_yields - before >= tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_circles),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_handler),
		cmocka_unit_test(test_seldom),
		cmocka_unit_test(test_yields),
	};

	return cmocka_run_group_tests_name("collect", tests, NULL, NULL);
}
