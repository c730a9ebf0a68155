// SPDX-License-Identifier: GPL-2.0-only
/* The interpreter: handlers, what ends a function early, and what long runs leave behind. */
#include "chunk.h"
#include "../../src/kernel/vm/shard.h"

/* A session whose only event is of that kind and runs function 1, which the caller adds. */
static void handler_begin(struct mkimage *im, u32 kind, u32 filter)
{
	u32 probe = kind == KTAP_EVENT_PROFILE ? KTAP_PROBE_PROFILE : KTAP_PROBE_EVENT;

	memset(im, 0, sizeof(*im));
	mk_func(im, 1, 0);
	mk_code(im, I_RET0);
	mk_probe(im, probe, "spec", filter, 1);
	mk_event(im, 0, kind, 5, "an:event");
}

static void handler_load(struct session *s, struct mkimage *im, u32 max_exec)
{
	int err;

	session_init(s, 0, max_exec);
	err = session_load(s, im);
	if (err)
		print_message("load: error %u pc %u\n", s->place.error, s->place.pc);
	assert_int_equal(err, 0);
}

static void test_budget(void **state)
{
	struct mkimage im;
	struct session s;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_func(&im, 1, 0);
	mk_code(&im, I_JMP(-1));
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_BUDGET);
	assert_int_equal(s.vm.error.event, 0);
	assert_int_equal(s.vm.error.func, 1);
	session_destroy(&s);

	/* recursion ends, too: by the stack or by the budget */
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 1));
	mk_code(&im, I_ABC(TAILCALL, 0, 0, 0));
	handler_load(&s, &im, 1000);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_BUDGET);
	session_destroy(&s);

	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 1));
	mk_code(&im, I_CALL(0, 0));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_STACK_OVERFLOW);
	session_destroy(&s);
}

/* A handler pays for what it does with long strings, without any loop. */
static void test_budget_bytes(void **state)
{
	static const u32 work[][2] = {
		{ I_ABC(CONCAT, 2, 0, 2), I_LOADNIL(2, 0) },
		{ I_ABC(EQ, 2, 0, 1), I_LOADNIL(2, 0) },
		{ I_ABC(LT, 2, 0, 1), I_LOADNIL(2, 0) },
		{ I_ABX(SETCELL, 0, 0), I_ABX(GETCELL, 2, 0) },
		{ I_ABC(TUPLE, 2, 0, 2), I_LOADNIL(2, 0) },
		{ I_ABX(GETFROZEN, 2, 1), I_ABC(HASKEY, 2, 2, 0) },
		{ I_ABX(GETFROZEN, 2, 1), I_ABC(ADDTABLEI, 2, 0, 1) },
	};
	char text[2001];
	struct mkimage im;
	struct session s;
	u32 i, j, times;

	(void)state;
	memset(text, 'x', 2000);
	text[2000] = 0;
	for (i = 0; i < sizeof(work) / sizeof(*work); i++)
		for (times = 1; times <= 5; times += 4) {
			memset(&im, 0, sizeof(im));
			mk_table(&im, 0, 0);
			mk_cell(&im, 0);
			mk_cell(&im, KTAP_CELL_FROZEN);
			mk_func(&im, 1, 0);
			mk_code(&im, I_ABX(NEWTABLE, 0, 0));
			mk_code(&im, I_ABX(SETCELL, 0, 1));
			mk_code(&im, I_RET0);
			mk_probe(&im, KTAP_PROBE_EVENT, "spec", KTAP_NONE, 1);
			mk_event(&im, 0, KTAP_EVENT_SYS_ENTER, 5, "an:event");
			mk_func(&im, 3, 0);
			mk_code(&im, I_LOADK(0, mk_kstr(&im, text)));
			mk_code(&im, I_LOADK(1, mk_kstr(&im, text)));
			for (j = 0; j < times; j++) {
				mk_code(&im, work[i][0]);
				mk_code(&im, work[i][1]);
			}
			mk_code(&im, I_RET0);
			handler_load(&s, &im, 1100);
			assert_int_equal(session_run(&s, 0, NULL), 0);
			kp_vm_maintain(&s.vm);
			assert_int_equal(kp_pool_prepare(&s.vm.pool, 2048), 0);
			session_event(&s, 0);
			assert_int_equal(session_error(&s), times == 1 ? KTAP_ERR_NONE : KTAP_ERR_BUDGET);
			session_destroy(&s);
		}
}

/* It pays for each CPU that it looks for a key at, and for each step of what empties a table. */
static void test_budget_tables(void **state)
{
	static const struct {
		u32 flags, hint, work, cost;
	} rows[] = {
		{ 0, 0, I_ABC(GETTABLE, 2, 0, 1), 0 },
		{ KTAP_TABLE_PERCPU, 0, I_ABC(GETTABLE, 2, 0, 1), KP_HOST_CPUS },
		{ KTAP_TABLE_PERCPU, 0, I_ABC(HASKEY, 2, 0, 1), KP_HOST_CPUS },
		{ KTAP_TABLE_PERCPU, 0, I_ABC(SETTABLE, 0, 1, 1), KP_HOST_CPUS },
		{ KTAP_TABLE_PERCPU, 0, I_ABC(ADDTABLE, 0, 1, 1), 0 },
		/* its segments go back to the pool */
		{ 0, 100 * KP_SHARD_STEP * KP_SEGMENT, I_BUILTIN(0, delete, 1), 99 * KP_SHARD_STEP },
	};
	struct mkimage im;
	struct session s;
	u32 i, t;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		memset(&im, 0, sizeof(im));
		mk_table(&im, rows[i].flags, rows[i].hint);
		t = mk_cell(&im, 0);
		mk_func(&im, 1, 0);
		mk_code(&im, I_ABX(NEWTABLE, 0, 0));
		mk_code(&im, I_ABX(SETCELL, 0, t));
		mk_code(&im, I_RET0);
		mk_probe(&im, KTAP_PROBE_EVENT, "spec", KTAP_NONE, 1);
		mk_event(&im, 0, KTAP_EVENT_SYS_ENTER, 5, "an:event");
		mk_func(&im, 3, 0);
		mk_code(&im, I_ABX(GETCELL, 0, t));
		mk_code(&im, I_LOADI(1, 1));
		mk_code(&im, rows[i].work);
		mk_code(&im, I_RET0);
		handler_load(&s, &im, 100000);
		assert_int_equal(session_run(&s, 0, NULL), 0);
		kp_vm_maintain(&s.vm);
		session_event(&s, 0);
		assert_int_equal(session_error(&s), KTAP_ERR_NONE);
		assert_in_range(s.handler->budget, 0, 100000 - 4 - rows[i].cost);
		session_destroy(&s);
	}
}

static void test_interrupt(void **state)
{
	struct kp_value got;
	struct chunk c;

	(void)state;
	chunk_begin(&c, 1);
	mk_code(&c.im, I_JMP(-1));
	session_init(&c.s, 0, 0);
	assert_int_equal(session_load(&c.s, &c.im), 0);
	c.s.interrupt = -EINTR;
	c.s.interrupt_after = 3;
	assert_int_equal(session_run(&c.s, 0, &got), -EINTR);
	assert_int_equal(session_error(&c.s), KTAP_ERR_NONE);
	session_destroy(&c.s);
}

static void test_exit(void **state)
{
	struct mkimage im;
	struct session s;

	(void)state;
	/* exit() in a called function: nothing after it runs, in none of them */
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_func(&im, 2, 0);
	mk_code(&im, I_LOADF(0, 2));
	mk_code(&im, I_CALL(0, 0));
	mk_code(&im, I_BUILTIN(0, print, 1));
	mk_code(&im, I_RET0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_BUILTIN(0, exit, 0));
	mk_code(&im, I_BUILTIN(0, print, 1));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	s.maintain = false;
	session_event(&s, 0);
	assert_int_equal(s.vm.exited, 1);
	assert_int_equal(s.handler->exiting, 1);
	assert_int_equal(s.kicks, 1);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	assert_string_equal(session_output(&s), "");
	session_destroy(&s);
}

/* After exit() in the main chunk trace_end runs as a whole. */
static void test_exit_end(void **state)
{
	struct kp_value got;
	struct chunk c;

	(void)state;
	chunk_begin(&c, 1);
	mk_code(&c.im, I_BUILTIN(0, exit, 0));
	mk_code(&c.im, I_BUILTIN(0, print, 1));
	mk_code(&c.im, I_RET0);
	mk_func(&c.im, 1, 0);
	mk_code(&c.im, I_LOADI(0, 1));
	mk_code(&c.im, I_BUILTIN(0, print, 1));
	mk_code(&c.im, I_BUILTIN(0, print, 1));
	mk_code(&c.im, I_RET0);
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_int_equal(c.s.main->exiting, 1);
	assert_int_equal(session_run(&c.s, 1, &got), 0);
	assert_string_equal(session_output(&c.s), "print 1\nprint nil\n");
	session_destroy(&c.s);
}

static void test_filter(void **state)
{
	struct mkimage im;
	struct session s;
	u32 cell;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, 2);
	cell = mk_cell(&im, 0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_BUILTIN(0, probename, 0));
	mk_code(&im, I_BUILTIN(0, print, 1));
	mk_code(&im, I_RET0);
	mk_func(&im, 2, 0);
	mk_code(&im, I_ABX(GETCELL, 0, cell));
	mk_code(&im, I_RET(0));
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "");
	s.vm.cells[cell].val.type = KTAP_T_TRUE;
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "print 'an:event'\n");
	s.vm.cells[cell].val.type = KTAP_T_FALSE;
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "");
	assert_int_equal(kp_count_read(&s.handler->counters[KTAP_CNT_EVENTS]), 3);
	session_destroy(&s);
}

/* What the verifier cannot see because the function is called by value. */
static void test_contexts(void **state)
{
	struct mkimage im;
	struct session s;
	u32 t;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	t = mk_table(&im, 0, 0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 2));
	mk_code(&im, I_ABC(TAILCALL, 0, 0, 0));
	mk_func(&im, 1, 0);
	mk_code(&im, I_ABX(NEWTABLE, 0, t));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_NEW_CONTEXT);
	session_destroy(&s);

	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	mk_cell(&im, 0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 2));
	mk_code(&im, I_ABC(TAILCALL, 0, 0, 0));
	mk_func(&im, 1, 0);
	mk_code(&im, I_ABX(GETCELL, 0, 0));
	mk_code(&im, I_BUILTIN(0, print_hist, 1));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_CONTEXT);
	session_destroy(&s);

	/* no event in the main chunk */
	memset(&im, 0, sizeof(im));
	mk_func(&im, 1, 0);
	mk_code(&im, I_LOADF(0, 1));
	mk_code(&im, I_ABC(TAILCALL, 0, 0, 0));
	mk_func(&im, 1, 0);
	mk_code(&im, I_BUILTIN(0, argstr, 0));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	assert_int_equal(session_run(&s, 0, NULL), -EINVAL);
	assert_int_equal(session_error(&s), KTAP_ERR_CONTEXT);
	session_destroy(&s);
}

static void test_fields(void **state)
{
	static const struct {
		u8 byte;
		s8 sbyte;
		s16 sshort;
		s32 sint;
		u64 u;
		u32 loc, rel;
		char text[8];
		char tail[12];
	} __attribute__((packed)) raw = {
		.byte = 0xff, .sbyte = -2, .sshort = -3, .sint = -4, .u = 1ULL << 63,
		.loc = 5 << 16 | 32, .rel = 4 << 16 | 8, .text = "chars", .tail = "tail",
	};
	static const struct {
		u32 kind, offset, size;
	} fields[] = {
		{ KTAP_FIELD_INT, 0, 1 }, { KTAP_FIELD_SINT, 0, 1 }, { KTAP_FIELD_SINT, 1, 1 },
		{ KTAP_FIELD_SINT, 2, 2 }, { KTAP_FIELD_INT, 2, 2 }, { KTAP_FIELD_SINT, 4, 4 },
		{ KTAP_FIELD_INT, 8, 8 }, { KTAP_FIELD_DATALOC, 16, 4 }, { KTAP_FIELD_RELLOC, 20, 4 },
		{ KTAP_FIELD_CHARS, 24, 8 }, { KTAP_FIELD_NONE, 0, 0 }, { KTAP_FIELD_INT, 65000, 8 },
		{ KTAP_FIELD_SYSNR, 0, 0 }, { KTAP_FIELD_SYSARG, 3, 0 }, { KTAP_FIELD_SYSRET, 0, 0 },
		/* the word at 0 names bytes that are not there */
		{ KTAP_FIELD_DATALOC, 0, 4 }, { KTAP_FIELD_CHARS, 40, 8 },
		{ KTAP_FIELD_COUNT, 7, 0 },
	};
	const u32 n = sizeof(fields) / sizeof(*fields);
	struct mkimage im;
	struct session s;
	u32 i;

	(void)state;
	handler_begin(&im, KTAP_EVENT_TRACEPOINT, KTAP_NONE);
	mk_func(&im, n, 0);
	for (i = 0; i < n; i++) {
		mk_field(&im, "field");
		mk_fdesc(&im, fields[i].kind, fields[i].offset, fields[i].size);
		mk_code(&im, I_ABX(FIELD, i, i));
	}
	mk_code(&im, I_BUILTIN(0, print, n));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	s.handler->ev.raw = &raw;
	s.handler->ev.raw_len = sizeof(raw);
	s.handler->ev.nr = 39;
	s.handler->ev.ret = -2;
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	assert_string_equal(session_output(&s),
		"print 255 -1 -2 -3 65533 -4 -9223372036854775808 'tail' 'tail' 'chars' nil nil 39 103 -2 nil nil 7\n");
	session_destroy(&s);
}

/* e.field(i) counts from 1 and finds what FLDS has by number, in whatever order. */
static void test_field_numbers(void **state)
{
	static const s64 asked[] = { 0, 1, 2, 3, KTAP_MAX_ARG, KTAP_MAX_ARG + 1, -1 };
	const u32 n = sizeof(asked) / sizeof(*asked);
	struct mkimage im;
	struct session s;
	u32 i;

	(void)state;
	handler_begin(&im, KTAP_EVENT_TRACEPOINT, KTAP_NONE);
	mk_func(&im, n, 0);
	for (i = 0; i < 2; i++) {
		mk_number(&im, MK_FLDS, KTAP_NONE, 4);
		mk_number(&im, MK_FLDS, 1 - i, 4);
		im.sec[MK_FLDS].count++;
	}
	mk_fdesc(&im, KTAP_FIELD_SYSRET, 0, 0);
	mk_fdesc(&im, KTAP_FIELD_SYSNR, 0, 0);
	for (i = 0; i < n; i++) {
		mk_code(&im, I_LOADI(i, asked[i]));
		mk_code(&im, I_BUILTIN(i, field, 1));
	}
	mk_code(&im, I_BUILTIN(0, print, n));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	s.handler->ev.nr = 39;
	s.handler->ev.ret = -2;
	session_event(&s, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	assert_string_equal(session_output(&s), "print nil 39 -2 nil nil nil nil\n");
	session_destroy(&s);
}

/* A record too long for a handler costs its text and a warning, not the session. */
static void test_long_record(void **state)
{
	char *raw = calloc(1, KP_HANDLER_SCRATCH);
	struct mkimage im;
	struct session s;
	char want[64];

	(void)state;
	handler_begin(&im, KTAP_EVENT_TRACEPOINT, KTAP_NONE);
	mk_func(&im, 1, 0);
	mk_code(&im, I_BUILTIN(0, argstr, 0));
	mk_code(&im, I_BUILTIN(0, print, 1));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	s.handler->ev.raw = raw;
	s.handler->ev.raw_len = KP_HANDLER_SCRATCH;
	session_event(&s, 0);
	session_event(&s, 0);
	snprintf(want, sizeof(want), "warn %u \nprint nil\nprint nil\n", KTAP_ERR_STRING_LONG);
	assert_string_equal(session_output(&s), want);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	session_destroy(&s);
	free(raw);
}

/* A string per event for 200 000 events, stored in a cell and under keys: memory stays as it is. */
static void test_steady(void **state)
{
	struct mkimage im;
	struct session s;
	u64 used = 0;
	u32 i, t, cell, n;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	t = mk_cell(&im, 0);
	cell = mk_cell(&im, 0);
	n = mk_cell(&im, 0);
	mk_table(&im, 0, 0);
	/* n += 1; last = "event " .. n; t[last] = last; delete t["event " .. (n - 5)] */
	mk_func(&im, 8, 0);
	mk_code(&im, I_LOADI(0, 1));
	mk_code(&im, I_ABX(ADDCELL, 0, n));
	mk_code(&im, I_LOADK(1, mk_kstr(&im, "event ")));
	mk_code(&im, I_ABX(GETCELL, 2, n));
	mk_code(&im, I_ABC(CONCAT, 3, 1, 2));
	mk_code(&im, I_ABX(SETCELL, 3, cell));
	mk_code(&im, I_ABX(GETCELL, 4, t));
	mk_code(&im, I_ABC(SETTABLE, 4, 3, 3));
	mk_code(&im, I_ABC(ADDI, 2, 2, 0xfb));
	mk_code(&im, I_ABC(CONCAT, 3, 1, 2));
	mk_code(&im, I_ABC(DELKEY, 4, 3, 0));
	mk_code(&im, I_RET0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_ABX(NEWTABLE, 0, 0));
	mk_code(&im, I_ABX(SETCELL, 0, t));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	assert_int_equal(session_run(&s, 2, NULL), 0);
	for (i = 0; i < 200000; i++) {
		if (i == 1000)
			used = s.vm.pool.used;
		session_event(&s, 0);
	}
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	assert_int_equal(s.vm.pool.used, used);
	assert_int_equal(s.vm.cells[n].val.i, 200000);
	session_destroy(&s);
}

/* `k in t` neither takes room for a long value nor pays for it. */
static void test_has_long(void **state)
{
	static char text[KP_HANDLER_SCRATCH - 100];
	struct mkimage im = { 0 };
	struct session s;
	u32 i;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	mk_table(&im, 0, 0);
	mk_cell(&im, KTAP_CELL_FROZEN);
	mk_func(&im, 3, 0);
	mk_code(&im, I_ABX(NEWTABLE, 0, 0));
	mk_code(&im, I_LOADK(1, mk_kstr(&im, text)));
	mk_code(&im, I_LOADI(2, 1));
	mk_code(&im, I_ABC(CONCAT, 2, 1, 2));
	mk_code(&im, I_LOADI(1, 1));
	mk_code(&im, I_ABC(SETTABLE, 0, 1, 2));
	mk_code(&im, I_ABX(SETCELL, 0, 0));
	mk_code(&im, I_RET0);
	mk_probe(&im, KTAP_PROBE_EVENT, "spec", KTAP_NONE, 1);
	mk_event(&im, 0, KTAP_EVENT_SYS_ENTER, 5, "an:event");
	mk_func(&im, 3, 0);
	mk_code(&im, I_ABX(GETFROZEN, 0, 0));
	mk_code(&im, I_LOADI(1, 1));
	for (i = 0; i < 10; i++)
		mk_code(&im, I_ABC(HASKEY, 2, 0, 1));
	mk_code(&im, I_BUILTIN(2, print, 1));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 1000);
	assert_int_equal(session_run(&s, 0, NULL), 0);
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "print true\n");
	assert_int_equal(s.handler->scratch_used, 0);
	assert_int_equal(session_error(&s), KTAP_ERR_NONE);
	session_destroy(&s);
}

/* A handler that reads what there is no room for: nothing was found, whatever the register had. */
static void test_read_refused(void **state)
{
	struct kp_value k = session_int(1);
	struct kp_table *table;
	struct mkimage im;
	struct session s;
	u32 t, i;

	(void)state;
	handler_begin(&im, KTAP_EVENT_SYS_ENTER, KTAP_NONE);
	t = mk_cell(&im, 0);
	mk_table(&im, KTAP_TABLE_PERCPU, 0);
	mk_func(&im, 4, 0);
	mk_code(&im, I_ABX(GETCELL, 0, t));
	mk_code(&im, I_LOADI(1, 1));
	mk_code(&im, I_LOADI(2, 42));
	mk_code(&im, I_ABC(GETTABLE, 2, 0, 1));
	mk_code(&im, I_ABC(HASKEY, 1, 0, 1));
	mk_code(&im, I_BUILTIN(1, print, 2));
	mk_code(&im, I_RET0);
	mk_func(&im, 1, 0);
	mk_code(&im, I_ABX(NEWTABLE, 0, 0));
	mk_code(&im, I_ABX(SETCELL, 0, t));
	mk_code(&im, I_RET0);
	handler_load(&s, &im, 0);
	assert_int_equal(session_run(&s, 2, NULL), 0);
	table = s.vm.cells[t].val.t;
	assert_int_equal(kp_table_add(s.handler, table, &k, 7), 0);
	s.maintain = false;
	/* nothing can be moved to the common shard, which is full */
	for (i = 2, k = session_int(i); !kp_table_set(s.handler, table, &k, &k); i++)
		k = session_int(i);
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "print true nil\n");
	assert_int_equal(kp_count_read(&s.handler->counters[KTAP_CNT_KEY_REFUSED]), 1);
	s.maintain = true;
	kp_vm_maintain(&s.vm);
	session_event(&s, 0);
	assert_string_equal(session_output(&s), "print true 7\n");
	session_destroy(&s);
}

/* Tables made in a loop are reclaimed; those that something holds are not. */
static void test_garbage(void **state)
{
	struct kp_value got;
	struct chunk c;
	u32 cell, t;

	(void)state;
	chunk_begin(&c, 9);
	t = mk_table(&c.im, 0, 0);
	cell = mk_cell(&c.im, 0);
	mk_code(&c.im, I_ABX(NEWTABLE, 0, t));
	mk_code(&c.im, I_LOADK(1, mk_kstr(&c.im, "kept")));
	mk_code(&c.im, I_ABC(SETTABLE, 0, 1, 1));
	mk_code(&c.im, I_ABX(NEWTABLE, 2, t));
	mk_code(&c.im, I_ABC(SETTABLE, 2, 1, 1));
	mk_code(&c.im, I_ABX(SETCELL, 2, cell));
	mk_code(&c.im, I_LOADI(3, 1));
	mk_code(&c.im, I_LOADI(4, 20000));
	mk_code(&c.im, I_LOADI(5, 1));
	mk_code(&c.im, I_ABX(FORPREP, 3, 3));
	mk_code(&c.im, I_ABX(NEWTABLE, 7, t));
	mk_code(&c.im, I_ABC(SETTABLE, 7, 6, 1));
	mk_code(&c.im, I_ABC(SETTABLE, 7, 1, 7));
	mk_code(&c.im, I_ABX(FORLOOP, 3, -4));
	mk_code(&c.im, I_ABX(GETCELL, 2, cell));
	mk_code(&c.im, I_ABC(GETTABLE, 2, 2, 1));
	mk_code(&c.im, I_ABC(GETTABLE, 1, 0, 1));
	mk_code(&c.im, I_BUILTIN(1, print, 2));
	mk_code(&c.im, I_RET0);
	/* a table that holds itself is a circle: without it */
	c.im.sec[MK_CODE].p[12 * 4] = KTAP_OP_MOVE;
	c.im.sec[MK_CODE].p[12 * 4 + 1] = 8;
	c.im.sec[MK_CODE].p[12 * 4 + 3] = 0;
	assert_int_equal(chunk_run(&c, &got), 0);
	assert_string_equal(session_output(&c.s), "print 'kept' 'kept'\n");
	assert_true(c.s.vm.pool.peak < 16 << 20);
	session_destroy(&c.s);
}

/* Each allocation fails in turn while a session loads and runs its main chunk. */
static void test_failing(void **state)
{
	bool failed = true;
	unsigned long at;

	(void)state;
	for (at = 1; failed; at++) {
		struct mkimage im = { 0 };
		struct session s;
		u32 i, t;
		int err;

		mk_func(&im, 6, 0);
		t = mk_table(&im, KTAP_TABLE_PERCPU, 0);
		mk_cell(&im, 0);
		mk_code(&im, I_ABX(NEWTABLE, 0, t));
		mk_code(&im, I_LOADK(1, mk_kstr(&im, "a string to be stored in the table")));
		for (i = 0; i < 150; i++) {
			mk_code(&im, I_LOADI(2, i));
			mk_code(&im, I_ABC(CONCAT, 3, 1, 2));
			mk_code(&im, I_ABC(SETTABLE, 0, 2, 3));
			mk_code(&im, I_ABC(ADDTABLE, 0, 3, 2));
		}
		mk_code(&im, I_ABX(SETCELL, 3, 0));
		mk_code(&im, I_RET0);

		kp_host_fail_at = at;
		err = session_try_init(&s, 0, 0);
		if (err) {
			u32 sec;

			for (sec = 0; sec < MK_SECTIONS; sec++)
				free(im.sec[sec].p);
			assert_int_equal(err, -ENOMEM);
			kp_host_fail_at = 0;
			continue;
		}
		err = session_load(&s, &im);
		if (err)
			assert_int_equal(err, -ENOMEM);
		else
			err = session_run(&s, 0, NULL);
		failed = kp_host_fail_at == 0;
		kp_host_fail_at = 0;
		if (failed && err == -EINVAL)
			assert_int_equal(session_error(&s), KTAP_ERR_NO_MEMORY);
		if (!failed)
			assert_int_equal(err, 0);
		session_destroy(&s);
	}
	assert_true(at > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_budget_bytes),
		cmocka_unit_test(test_budget_tables),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_exit_end),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_field_numbers),
		cmocka_unit_test(test_long_record),
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_has_long),
		cmocka_unit_test(test_read_refused),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_failing),
	};

	return cmocka_run_group_tests_name("handler", tests, NULL, NULL);
}
