// SPDX-License-Identifier: GPL-2.0-only
/* Event definitions and how they resolve, against recorded tracefs of two kernels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "event/event.h"
#include "event/syscall.h"
#include "shows.h"
#include "sym/tracefs.h"

#define LEN(a) (sizeof(a) / sizeof(*(a)))

static char long_text[KP_EVDEF_MAX + 1];

static const char *const roots[] = { "tests/unit/data/tracefs-5.10",
				     "tests/unit/data/tracefs-7.2" };

static void parse_accepts(void **state)
{
	static const struct {
		const char *text, *provider, *system, *name, *filter;
		uint64_t interval;
	} cases[] = {
		{ "sched:sched_switch", "tracepoint", "sched", "sched_switch", "", 0 },
		{ "  sched : sched_*  ", "tracepoint", "sched", "sched_*", "", 0 },
		{ "*:*", "tracepoint", "*", "*", "", 0 },
		{ "a:b/x == 1/", "tracepoint", "a", "b", "x == 1", 0 },
		{ "a:b /x == 4 / 2/ ", "tracepoint", "a", "b", "x == 4 / 2", 0 },
		{ "a:[!b]?\\*", "tracepoint", "a", "[!b]?\\*", "", 0 },
		{ "tick-1s", "tick", NULL, NULL, "", 1000000000 },
		{ "tick-100ms function ()", "tick", NULL, NULL, "", 100000000 },
		{ "tick-10us /n > 3/", "tick", NULL, NULL, "n > 3", 10000 },
		{ "profile-97hz", "profile", NULL, NULL, "", 10309278 },
		{ "ftrace:print", "tracepoint", "ftrace", "print", "", 0 },
	};
	struct kp_event_error err;
	struct kp_evdef def;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		assert_int_equal(kp_evdef_parse(cases[i].text, strlen(cases[i].text), &def, &err),
				 0);
		assert_string_equal(def.ops->name, cases[i].provider);
		if (cases[i].system) {
			assert_string_equal(def.system, cases[i].system);
			assert_string_equal(def.name, cases[i].name);
		}
		assert_int_equal(def.interval, cases[i].interval);
		assert_int_equal(def.filter_len, strlen(cases[i].filter));
		assert_memory_equal(cases[i].text + def.filter, cases[i].filter, def.filter_len);
		kp_evdef_free(&def);
	}
}

static void parse_refuses(void **state)
{
	static const struct {
		const char *text;
		int code;
		size_t at;
		const char *msg;
	} cases[] = {
		{ "", -EINVAL, 0, "an event definition is empty" },
		{ "   ", -EINVAL, 3, "an event definition is empty" },
		{ "nix", -EINVAL, 0, "cannot parse eventdef 'nix'" },
		{ ":x", -EINVAL, 0, "cannot parse eventdef ':x'" },
		{ "x:", -EINVAL, 2, "cannot parse eventdef 'x:'" },
		{ " a:b c", -EINVAL, 4, "cannot parse eventdef 'a:b c'" },
		{ "\"a:b\"", -EINVAL, 0, "cannot parse eventdef '\"a:b\"'" },
		{ "a:../b", -EINVAL, 4, "cannot parse eventdef 'a:../b'" },
		{ "a:b //", -EINVAL, 5, "the filter is empty" },
		{ "tick-1x", -EINVAL, 5, "cannot parse timer interval: 1x" },
		{ "tick-0s", -EINVAL, 5, "cannot parse timer interval: 0s" },
		{ "tick-", -EINVAL, 5, "cannot parse timer interval: " },
		{ "tick-5ns", -EINVAL, 5, "cannot parse timer interval: 5ns" },
		{ "tick-9us", -EINVAL, 5, "cannot parse timer interval: 9us" },
		{ "profile-100001hz", -EINVAL, 8, "cannot parse timer interval: 100001hz" },
		{ "tick--1s", -EINVAL, 5, "cannot parse timer interval: -1s" },
		{ "profile-99999999999999999999s", -EINVAL, 8,
		  "cannot parse timer interval: 99999999999999999999s" },
		{ "profile-9999999999s", -EINVAL, 8, "cannot parse timer interval: 9999999999s" },
		{ "probe:schedule", -EOPNOTSUPP, 0,
		  "kprobe probes are not supported by this version" },
		{ "probe:/bin/ls:main", -EOPNOTSUPP, 0,
		  "uprobe probes are not supported by this version" },
		{ "sdt:/lib/x.so:*", -EOPNOTSUPP, 0,
		  "sdt probes are not supported by this version" },
		{ "ftrace:function", -EOPNOTSUPP, 0,
		  "ftrace:function probes are not supported by this version" },
		{ "rawtp:sys_enter", -EOPNOTSUPP, 0,
		  "rawtp probes are not supported by this version" },
	};
	struct kp_event_error err;
	struct kp_evdef def;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		assert_int_equal(kp_evdef_parse(cases[i].text, strlen(cases[i].text), &def, &err),
				 cases[i].code);
		assert_string_equal(err.msg, cases[i].msg);
		assert_int_equal(err.at, cases[i].at);
	}
}

static void parse_bounds(void **state)
{
	static char text[2 * KP_EVDEF_MAX];
	struct kp_event_error err;
	struct kp_evdef def;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[1] = ':';
	assert_int_equal(kp_evdef_parse(text, KP_EVDEF_MAX, &def, &err), 0);
	kp_evdef_free(&def);
	assert_int_equal(kp_evdef_parse(text, KP_EVDEF_MAX + 1, &def, &err), -EINVAL);
	assert_int_equal(kp_evdef_parse("a:b\0c", 5, &def, &err), -EINVAL);
	assert_string_equal(err.msg, "an event definition contains a zero byte");
}

static void lists_split(void **state)
{
	static const char *const want[] = { "a:b", "c:d /x == 1, y/", "", "probe:/p:f", "e:f" };
	const char *text = "a:b, c:d /x == 1, y/ ,, probe:/p:f,e:f", *def;
	size_t len = strlen(text), n, i;

	(void)state;
	for (i = 0; (def = kp_evdef_next(&text, &len, ',', &n)); i++) {
		assert_true(i < LEN(want));
		assert_int_equal(n, strlen(want[i]));
		assert_memory_equal(def, want[i], n);
	}
	assert_int_equal(i, LEN(want));
	text = "a:b /1/;c:d";
	len = strlen(text);
	def = kp_evdef_next(&text, &len, ';', &n);
	assert_int_equal(n, strlen("a:b /1/"));
	assert_string_equal(text, "c:d");
}

/* Expand @text on recorded kernel @k; the result of kp_event_expand(). */
static int expand(int k, const char *text, struct kp_events *events, struct kp_event_error *err)
{
	struct kp_tracefs t;
	struct kp_evdef def;
	int ret;

	*events = (struct kp_events)KP_EVENTS_INIT;
	assert_int_equal(kp_tracefs_open(&t, roots[k]), 0);
	assert_int_equal(kp_evdef_parse(text, strlen(text), &def, err), 0);
	ret = kp_event_expand(&t, &def, events, err);
	kp_evdef_free(&def);
	kp_tracefs_close(&t);
	return ret;
}

static void expand_finds(void **state)
{
	struct kp_event_error err;
	struct kp_events ev;
	size_t i, enter, leave;
	int k;

	(void)state;
	for (k = 0; k < 2; k++) {
		assert_int_equal(expand(k, "sched:sched_switch", &ev, &err), 0);
		assert_int_equal(ev.n, 1);
		assert_int_equal(ev.v[0].kind, KP_EVENT_TRACEPOINT);
		assert_true(ev.v[0].id > 0);
		assert_string_equal(ev.v[0].system, "sched");
		assert_string_equal(ev.v[0].name, "sched_switch");
		kp_events_free(&ev);

		assert_int_equal(expand(k, "syscalls:sys_*_close", &ev, &err), 0);
		assert_int_equal(ev.n, 2);
		for (i = 0; i < 2; i++)
			assert_int_equal(ev.v[i].nr, SYS_close);
		kp_events_free(&ev);

		assert_int_equal(expand(k, "sys*:sys_*", &ev, &err), 0);
		for (i = enter = leave = 0; i < ev.n; i++) {
			enter += ev.v[i].kind == KP_EVENT_SYS_ENTER;
			leave += ev.v[i].kind == KP_EVENT_SYS_EXIT;
		}
		assert_true(enter > 300);
		assert_int_equal(enter, leave);
		kp_events_free(&ev);
	}
}

/* Only what the recording has an `id` file for, as perf needs it, is found by a glob. */
static void expand_all(void **state)
{
	struct kp_event_error err;
	struct kp_events ev;
	size_t i;

	(void)state;
	assert_int_equal(expand(1, "*:*", &ev, &err), 0);
	for (i = 0; i < ev.n; i++) {
		assert_string_not_equal(ev.v[i].system, "ftrace");
		assert_true(ev.v[i].nr >= 0 || ev.v[i].id > 0);
	}
	assert_true(ev.nrefused > 1);
	assert_non_null(strstr(kp_buf_str(&ev.refused), ", irq_vectors:irq_work_exit"));
	kp_events_free(&ev);
	assert_int_equal(expand(1, "sched:sched_switch", &ev, &err), 0);
	assert_int_equal(ev.nrefused, 0);
	kp_events_free(&ev);
	assert_int_equal(expand(1, "irq_vectors:irq_work_exit", &ev, &err), -ENOENT);
	assert_string_equal(
		err.msg,
		"the kernel does not let 'irq_vectors:irq_work_exit' be traced from outside");
}

static void expand_suggests(void **state)
{
	static const struct {
		const char *text, *hint;
	} cases[] = {
		{ "syscalls:sys_enter_opemat", "did you mean `sys_enter_openat`?" },
		{ "sched:sched_swich", "did you mean `sched_switch`?" },
		{ "shed:sched_switch", "did you mean `sched:sched_switch`?" },
		{ "syscalls:sys_enter_fstat", "did you mean `sys_enter_newfstat`?" },
		{ "syscalls:sys_exit_umount2", "did you mean `sys_exit_umount`?" },
		{ "qqqqqqqq:zzzzzzzzzzzzz", "" },
		{ "nothing*:*", "`ktap -l '*'` lists the events" },
	};
	struct kp_event_error err;
	struct kp_events ev;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		assert_int_equal(expand(0, cases[i].text, &ev, &err), -ENOENT);
		assert_int_equal(ev.n, 0);
		assert_string_equal(err.hint, cases[i].hint);
	}
	assert_int_equal(expand(0, "sched:sched_swich", &ev, &err), -ENOENT);
	assert_string_equal(err.msg, "no event of this kernel matches 'sched:sched_swich'");
}

/* Every text of src/user/event/messages.def, but for EVENT_LIST and EVENT_MEMORY. */
static void messages_are_shown(void **state)
{
	static const struct {
		const char *shown, *hint, *text;
		size_t len; /* when it is not that of the text */
		int kernel;
	} cases[] = {
		{ KP_MSG_EVENT_EMPTY, NULL, " ", 0, 0 },
		{ KP_MSG_EVENT_LONG, NULL, long_text, KP_EVDEF_MAX + 1, 0 },
		{ KP_MSG_EVENT_ZERO, NULL, "a:b\0c", 5, 0 },
		{ KP_MSG_EVENT_FILTER, NULL, "a:b //", 0, 0 },
		{ KP_MSG_EVENT_SYNTAX, KP_MSG_EVENT_SYNTAX_HOW, "nix", 0, 0 },
		{ KP_MSG_EVENT_INTERVAL, KP_MSG_EVENT_INTERVAL_HOW, "tick-0s", 0, 0 },
		{ KP_MSG_EVENT_KIND, NULL, "sdt:/lib/x.so:*", 0, 0 },
		{ KP_MSG_EVENT_UNKNOWN, KP_MSG_EVENT_LIST_HOW, "no*:*", 0, 0 },
		{ KP_MSG_EVENT_UNKNOWN, KP_MSG_EVENT_NEAR_NAME, "sched:sched_swich", 0, 0 },
		{ KP_MSG_EVENT_UNKNOWN, KP_MSG_EVENT_NEAR, "shed:sched_switch", 0, 0 },
		{ KP_MSG_EVENT_UNKNOWN, KP_MSG_EVENT_NEAR_CALL, "syscalls:sys_enter_fstat", 0, 0 },
		{ KP_MSG_EVENT_REFUSED, NULL, "irq_vectors:irq_work_exit", 0, 1 },
	};
	struct kp_events ev = KP_EVENTS_INIT;
	struct kp_tracefs t = KP_TRACEFS_INIT;
	struct kp_event_error err;
	struct kp_evdef def;
	size_t i, len;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	for (i = 0; i < LEN(cases); i++) {
		assert_int_equal(kp_tracefs_open(&t, roots[cases[i].kernel]), 0);
		len = cases[i].len ? cases[i].len : strlen(cases[i].text);
		if (!kp_evdef_parse(cases[i].text, len, &def, &err)) {
			assert_true(kp_event_expand(&t, &def, &ev, &err) < 0);
			kp_evdef_free(&def);
		}
		assert_true(shows(err.msg, cases[i].shown));
		assert_true(!cases[i].hint || shows(err.hint, cases[i].hint));
		kp_tracefs_close(&t);
	}
}

static void expand_timers(void **state)
{
	struct kp_event_error err;
	struct kp_events ev;

	(void)state;
	assert_int_equal(expand(0, "profile-1ms", &ev, &err), 0);
	assert_int_equal(ev.n, 1);
	assert_int_equal(ev.v[0].kind, KP_EVENT_PROFILE);
	assert_int_equal(ev.v[0].interval, 1000000);
	kp_events_free(&ev);
}

/* A kernel whose system calls are numbered otherwise: everything stays with perf. */
static void expand_foreign(void **state)
{
	char root[] = "/tmp/ktap-test-XXXXXX", cmd[512];
	struct kp_event_error err;
	struct kp_events ev = KP_EVENTS_INIT;
	struct kp_tracefs t;
	struct kp_evdef def;

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(cmd, sizeof(cmd),
		 "cp -r %s/. %s && sed -i '/long id/s/size:8/size:2/' "
		 "%s/events/raw_syscalls/sys_enter/format",
		 roots[0], root, root);
	assert_int_equal(system(cmd), 0);
	assert_int_equal(kp_tracefs_open(&t, root), 0);
	assert_int_equal(kp_evdef_parse("syscalls:*", 10, &def, &err), 0);
	assert_int_equal(kp_event_expand(&t, &def, &ev, &err), 0);
	while (ev.n) {
		assert_int_equal(ev.v[ev.n - 1].kind, KP_EVENT_TRACEPOINT);
		assert_int_equal(kp_event_refuse(&ev), 0);
	}
	kp_events_free(&ev);
	kp_evdef_free(&def);
	kp_tracefs_close(&t);
	snprintf(cmd, sizeof(cmd), "rm -r %s", root);
	assert_int_equal(system(cmd), 0);
}

static void roots_are_checked(void **state)
{
	struct kp_tracefs t;

	(void)state;
	assert_int_equal(kp_tracefs_open(&t, "/nonexistent"), -ENOENT);
	kp_tracefs_close(&t);
	assert_int_equal(kp_tracefs_open(&t, "tests/unit"), -ENOENT);
	assert_int_equal(kp_tracefs_open(&t, roots[0]), 0);
	assert_int_equal(kp_tracefs_id(&t, "..", "x"), -ENOENT);
	assert_int_equal(kp_tracefs_id(&t, "sched/sched_switch", "../x"), -ENOENT);
	assert_int_equal(kp_tracefs_id(&t, "sched", ""), -ENOENT);
	kp_tracefs_close(&t);
}

static void load(int k, const char *text, struct kp_events *ev)
{
	struct kp_event_error err;
	struct kp_tracefs t;

	assert_int_equal(expand(k, text, ev, &err), 0);
	assert_int_equal(kp_tracefs_open(&t, roots[k]), 0);
	assert_int_equal(kp_event_load_format(&t, &ev->v[0]), 0);
	assert_int_equal(kp_event_load_format(&t, &ev->v[0]), 0);
	kp_tracefs_close(&t);
}

static const struct kp_field *field(const struct kp_event *ev, const char *name)
{
	return kp_event_field(ev, name, strlen(name));
}

static void fields_of_switch(void **state)
{
	struct kp_events ev;
	const struct kp_field *f;
	int k;

	(void)state;
	for (k = 0; k < 2; k++) {
		load(k, "sched:sched_switch", &ev);
		assert_int_equal(ev.v[0].ncommon, 4);
		f = kp_event_arg(&ev.v[0], 0);
		assert_string_equal(f->name, "prev_comm");
		assert_string_equal(f->type, "char");
		assert_true(f->is_array && f->is_string);
		assert_int_equal(f->count, 16);
		assert_int_equal(f->offset, 8);
		f = field(&ev.v[0], "next_pid");
		assert_int_equal(f->size, 4);
		assert_true(f->is_signed && !f->is_string && !f->is_array);
		assert_null(field(&ev.v[0], "next_pi"));
		assert_null(field(&ev.v[0], "next_pid2"));
		assert_null(kp_event_arg(&ev.v[0], 7));
		assert_non_null(field(&ev.v[0], "common_pid"));
		kp_events_free(&ev);
	}
	load(0, "sched:sched_process_exec", &ev);
	f = field(&ev.v[0], "filename");
	assert_true(f->is_data_loc && f->is_string && !f->is_array);
	kp_events_free(&ev);
}

static void fields_of_calls(void **state)
{
	struct kp_events ev;
	struct kp_tracefs t;

	(void)state;
	load(0, "syscalls:sys_enter_openat", &ev);
	assert_int_equal(kp_event_sysarg(&ev.v[0], kp_event_arg(&ev.v[0], 0)), KP_SYSARG_NR);
	assert_int_equal(kp_event_sysarg(&ev.v[0], field(&ev.v[0], "filename")), 1);
	assert_int_equal(kp_event_sysarg(&ev.v[0], field(&ev.v[0], "mode")), 3);
	assert_int_equal(kp_event_sysarg(&ev.v[0], field(&ev.v[0], "common_pid")), -1);
	assert_false(kp_event_has_user_data(&ev.v[0]));
	kp_events_free(&ev);

	load(1, "syscalls:sys_enter_openat", &ev);
	assert_true(kp_event_has_user_data(&ev.v[0]));
	assert_int_equal(kp_event_sysarg(&ev.v[0], field(&ev.v[0], "__filename_val")), -1);
	assert_int_equal(kp_tracefs_open(&t, roots[1]), 0);
	assert_int_equal(kp_event_use_record(&t, &ev.v[0]), 0);
	assert_int_equal(ev.v[0].kind, KP_EVENT_TRACEPOINT);
	assert_true(ev.v[0].id > 0);
	kp_tracefs_close(&t);
	kp_events_free(&ev);

	load(1, "syscalls:sys_exit_close", &ev);
	assert_int_equal(kp_event_sysarg(&ev.v[0], field(&ev.v[0], "ret")), KP_SYSARG_RET);
	kp_events_free(&ev);
}

static void formats_are_checked(void **state)
{
	static const char *const bad[] = {
		"",
		"name: x\nID: 1\nformat:\n",
		"\tfield:int a;\toffset:0;\tsize:4;\n\n", /* fine, first of all */
		"\tfield:int a;\toffset:-1;\tsize:4;\tsigned:1;\n\n",
		"\tfield:int a;\toffset:0;\tsize:99999999;\tsigned:1;\n\n",
		"\tfield:int a\n\n",
		"\tfield:;\toffset:0;\tsize:4;\tsigned:1;\n\n",
		"\tfield:];\toffset:0;\tsize:4;\tsigned:1;\n\n",
		"\tfield:int [4];\toffset:0;\tsize:4;\tsigned:1;\n\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LEN(bad); i++) {
		struct kp_event ev = { .nr = -1 };

		assert_int_equal(kp_event_parse_format(&ev, bad[i]), i == 2 ? 0 : -EPROTO);
		kp_event_free_format(&ev);
	}
}

static void numbers_of_calls(void **state)
{
	(void)state;
	assert_int_equal(kp_syscall_nr("close"), SYS_close);
	assert_int_equal(kp_syscall_nr("no_such_call"), -1);
#if __SIZEOF_LONG__ == 8
	assert_int_equal(kp_syscall_nr("newuname"), SYS_uname);
	assert_int_equal(kp_syscall_nr("umount"), SYS_umount2);
	assert_int_equal(kp_syscall_nr("sendfile64"), SYS_sendfile);
	assert_int_equal(kp_syscall_nr("newfstat"), SYS_fstat);
	assert_int_equal(kp_syscall_nr("futex_wait"), 455);
#endif
	assert_string_equal(kp_syscall_kernel_name("fstat"), "newfstat");
	assert_null(kp_syscall_kernel_name("close"));
}

static void listing(void **state)
{
	struct kp_tracefs t;
	char *text = NULL, *line, *last = "";
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	assert_int_equal(kp_tracefs_open(&t, roots[0]), 0);
	assert_int_equal(kp_event_list(&t, "sched:sched_swit*", KP_EVENT_LIST_NAMES, out), 1);
	fflush(out);
	assert_string_equal(text, "sched:sched_switch\n");
	rewind(out);
	assert_int_equal(kp_event_list(&t, "rcu_utilization", KP_EVENT_LIST_FIELDS, out), 1);
	fflush(out);
	assert_string_equal(text,
			    "rcu:rcu_utilization\n    s                        const char *\n");
	assert_int_equal(kp_event_list(&t, "nix", KP_EVENT_LIST_NAMES, out), 0);
	rewind(out);
	assert_true(kp_event_list(&t, NULL, KP_EVENT_LIST_NAMES, out) > 1000);
	fflush(out);
	for (line = strtok(text, ":"); line; line = strtok(NULL, ":")) {
		assert_true(strcmp(last, line) <= 0); /* subsystems are in order */
		last = line;
		strtok(NULL, "\n");
	}
	kp_tracefs_close(&t);
	fclose(out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_accepts),
		cmocka_unit_test(parse_refuses),
		cmocka_unit_test(messages_are_shown),
		cmocka_unit_test(parse_bounds),
		cmocka_unit_test(lists_split),
		cmocka_unit_test(expand_finds),
		cmocka_unit_test(expand_all),
		cmocka_unit_test(expand_suggests),
		cmocka_unit_test(expand_timers),
		cmocka_unit_test(expand_foreign),
		cmocka_unit_test(roots_are_checked),
		cmocka_unit_test(fields_of_switch),
		cmocka_unit_test(fields_of_calls),
		cmocka_unit_test(formats_are_checked),
		cmocka_unit_test(numbers_of_calls),
		cmocka_unit_test(listing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
