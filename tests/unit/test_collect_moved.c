// SPDX-License-Identifier: GPL-2.0-only
/* Keys that move to nodes which the collector has gone past already. */
#include "session.h"

static void meanwhile(void);

#define kp_port_yield() meanwhile()
#include "vm/collect.c"
#undef kp_port_yield

static struct session s;
static struct kp_table *percpu;
static bool armed;

/* While the shard of CPU 1 is half looked into, a handler on CPU 2 reads a key that CPU 1 has. */
static void meanwhile(void)
{
	struct kp_value k = session_int(5), v;

	if (!armed || !percpu->marked)
		return;
	armed = false;
	s.handler->budget = 10000;
	kp_host_cpu = 2;
	assert_int_equal(kp_table_get(s.handler, percpu, &k, &v), 0);
	kp_host_cpu = 0;
	assert_int_equal(v.i, 1);
}

/* A table that is nothing but a key, the last one of its shard, which fills the hole of another. */
static void test_moved(void **state)
{
	static struct kp_prog prog;
	struct kp_table *key;
	struct kp_value k, v;
	s64 cursor = 0, i;
	bool met = false;

	(void)state;
	session_init(&s, 0, 0);
	percpu = kp_table_new(&s.vm, KTAP_TABLE_PERCPU, 0);
	key = kp_table_new(&s.vm, 0, 0);
	s.main->top = 1;
	s.main->regs[0] = (struct kp_value){ .t = percpu, .type = KTAP_T_TABLE };
	kp_host_cpu = 1;
	for (i = 0; i < 100; i++) {
		k = session_int(i);
		s.handler->budget = 10000;
		assert_int_equal(kp_table_add(s.handler, percpu, &k, 1), 0);
	}
	k = (struct kp_value){ .t = key, .type = KTAP_T_TABLE };
	assert_int_equal(kp_table_add(s.handler, percpu, &k, 7), 0);
	kp_host_cpu = 0;
	s.vm.tables_made = 1000;
	s.main->budget = 100000;
	prog.verified.prog = &prog;
	s.vm.verified = &prog.verified;
	armed = true;
	kp_table_collect(s.main);
	assert_false(armed);
	s.vm.verified = NULL;
	assert_int_equal(kp_table_merge(s.main, percpu), 0);
	while (kp_table_next(s.main, percpu, &cursor, &k, &v) == 1)
		met = met || (k.type == KTAP_T_TABLE && k.t->serial == key->serial && v.i == 7);
	assert_true(met);
	session_destroy(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
