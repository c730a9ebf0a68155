// SPDX-License-Identifier: GPL-2.0-only
/* From portable to load image, against recorded tracefs; the VM's reader judges the result. */
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
#include <unistd.h>

#include "compile/compile.h"
#include "run/load.h"
#include "sym/tracefs.h"

#define OLD "tests/unit/data/tracefs-5.10"
#define NEW "tests/unit/data/tracefs-7.2"

/* A script with its load image. */
struct loaded {
	struct kp_buf portable;
	struct kp_view view;
	struct kp_load load;
	struct kp_tracefs tracefs;
	int ret;
	char said[4096]; /* on standard error */
};

static void resolve_saying(struct loaded *l)
{
	int old = dup(STDERR_FILENO), fd;
	char path[] = "/tmp/test_load.XXXXXX";
	ssize_t n;

	fd = mkstemp(path);
	assert_true(fd >= 0 && old >= 0);
	unlink(path);
	fflush(stderr);
	dup2(fd, STDERR_FILENO);
	l->ret = kp_load_resolve(&l->load, &l->view, NULL, &l->tracefs);
	fflush(stderr);
	dup2(old, STDERR_FILENO);
	close(old);
	n = pread(fd, l->said, sizeof(l->said) - 1, 0);
	assert_true(n >= 0);
	l->said[n] = '\0';
	close(fd);
}

static struct loaded *load(const char *root, const char *script)
{
	struct loaded *l = calloc(1, sizeof(*l));
	struct kp_source src = { "x.kp", script, strlen(script) };
	struct kp_compile_opts opts = { 0 };
	struct kp_buf said = KP_BUF_INIT;
	struct kp_diag diag = { .out = &said };
	const char *why;

	assert_non_null(l);
	if (kp_compile(&src, &opts, &l->portable, &diag))
		fail_msg("%s", kp_buf_str(&said));
	kp_buf_free(&said);
	assert_int_equal(kp_view_open(&l->view, l->portable.data, l->portable.len, &why), 0);
	assert_int_equal(kp_tracefs_open(&l->tracefs, root), 0);
	resolve_saying(l);
	return l;
}

static void unload(struct loaded *l)
{
	kp_load_free(&l->load);
	kp_tracefs_close(&l->tracefs);
	kp_view_close(&l->view);
	kp_buf_free(&l->portable);
	free(l);
}

/* A section of the load image. */
static struct kp_view_string section(const struct loaded *l, uint32_t tag, uint32_t *count)
{
	const struct ktap_image_section *s;
	struct kp_view_string bytes;
	struct kp_view v;
	const char *why;

	assert_int_equal(kp_view_open(&v, l->load.image.data, l->load.image.len, &why), 0);
	s = kp_view_section(&v, tag);
	assert_non_null(s);
	assert_int_equal(s->offset % 8, 0);
	*count = s->count;
	bytes.data = l->load.image.data + s->offset;
	bytes.len = s->size;
	kp_view_close(&v);
	return bytes;
}

static uint64_t number(const char *p, size_t size)
{
	uint64_t n = 0;

	while (size--)
		n = n << 8 | (uint8_t)p[size];
	return n;
}

static struct ktap_image_event event(const struct loaded *l, uint32_t i)
{
	uint32_t count;
	const char *p =
		section(l, KTAP_SEC_EVNT, &count).data + i * sizeof(struct ktap_image_event);

	assert_true(i < count);
	return (struct ktap_image_event){ .probe = (uint32_t)number(p, 4),
					  .kind = (uint32_t)number(p + 4, 4),
					  .id = number(p + 8, 8),
					  .name = (uint32_t)number(p + 16, 4) };
}

static struct ktap_image_fdesc fdesc(const struct loaded *l, uint32_t i)
{
	uint32_t count;
	const char *p =
		section(l, KTAP_SEC_FDSC, &count).data + i * sizeof(struct ktap_image_fdesc);

	assert_true(i < count);
	return (struct ktap_image_fdesc){ .kind = (uint16_t)number(p, 2),
					  .offset = (uint16_t)number(p + 2, 2),
					  .size = (uint16_t)number(p + 4, 2) };
}

static void resolves_kinds(void **state)
{
	struct loaded *l = load(OLD, "trace sched:sched_switch { } tick-5ms { } trace_end { }\n"
				     "trace syscalls:sys_enter_close, syscalls:sys_exit_close { }\n"
				     "trace_end { print(2) }\n");
	struct ktap_image_event e;
	uint32_t count;

	(void)state;
	assert_string_equal(l->said, "");
	assert_int_equal(l->ret, 0);
	section(l, KTAP_SEC_EVNT, &count);
	assert_int_equal(count, 5);
	assert_int_equal(event(l, 0).kind, KTAP_EVENT_TRACEPOINT);
	assert_int_equal(event(l, 0).id, l->load.events.v[0].id);
	assert_int_equal(event(l, 1).kind, KTAP_EVENT_TICK);
	assert_int_equal(event(l, 1).id, 5000000);
	e = event(l, 2);
	assert_int_equal(e.kind, KTAP_EVENT_SYS_ENTER);
	assert_int_equal(e.id, SYS_close);
	assert_int_equal(event(l, 3).kind, KTAP_EVENT_SYS_EXIT);
	/* of several trace_end the last one counts, behind all events */
	e = event(l, 4);
	assert_int_equal(e.kind, KTAP_EVENT_END);
	assert_int_equal(e.probe, l->view.nprobes - 1);
	unload(l);
}

static void describes_fields(void **state)
{
	struct loaded *l =
		load(OLD,
		     "trace sched:sched_switch { print(args.prev_comm, args.prev_pid, arg6) }\n"
		     "trace syscalls:sys_enter_close { print(args.fd, arg0) }\n");
	uint32_t n = l->view.nfields, i, found = 0;

	(void)state;
	assert_string_equal(l->said, "");
	for (i = 0; i < n; i++) {
		struct ktap_image_field f = kp_view_field(&l->view, i);
		const char *name = f.name == KTAP_NONE ? "" : kp_view_string(&l->view, f.name).data;

		if (!strcmp(name, "prev_comm")) {
			assert_int_equal(fdesc(l, i).kind, KTAP_FIELD_CHARS);
			assert_int_equal(fdesc(l, i).size, 16);
			assert_int_equal(fdesc(l, n + i).kind, KTAP_FIELD_NONE);
			found++;
		} else if (!strcmp(name, "prev_pid")) {
			assert_int_equal(fdesc(l, i).kind, KTAP_FIELD_SINT);
			assert_int_equal(fdesc(l, i).size, 4);
			found++;
		} else if (!strcmp(name, "fd")) {
			assert_int_equal(fdesc(l, i).kind, KTAP_FIELD_NONE);
			assert_int_equal(fdesc(l, n + i).kind, KTAP_FIELD_SYSARG);
			assert_int_equal(fdesc(l, n + i).offset, 0);
			found++;
		} else if (!*name && f.index == 0) {
			assert_int_equal(fdesc(l, n + i).kind, KTAP_FIELD_SYSNR);
			found++;
		}
	}
	assert_int_equal(found, 4);
	unload(l);
}

/* New kernels keep strings of the caller in the record: there it has to be read. */
/* How many fields an event has, whatever their names. */
static void counts_fields(void **state)
{
	struct loaded *l = load(NEW, "trace \"sched:sched_switch; syscalls:sys_enter_close\" "
				     "function (e) { print(e.fieldnum) }\n");

	(void)state;
	assert_string_equal(l->said, "");
	assert_int_equal(l->ret, 0);
	assert_int_equal(fdesc(l, 0).kind, KTAP_FIELD_COUNT);
	assert_int_equal(fdesc(l, 0).offset, 7);
	assert_int_equal(fdesc(l, 1).kind, KTAP_FIELD_COUNT);
	assert_int_equal(fdesc(l, 1).offset, 2);
	unload(l);
}

/* e.field(i) may ask for any: all that an event has are described. */
static void describes_all_fields(void **state)
{
	struct loaded *l = load(NEW, "trace \"sched:sched_switch; syscalls:sys_enter_close\" "
				     "function (e) { print(e.field(cpu)) }\n");
	uint32_t count;

	(void)state;
	assert_string_equal(l->said, "");
	assert_int_equal(l->ret, 0);
	section(l, KTAP_SEC_FDSC, &count);
	assert_int_equal(count, 2 * KTAP_MAX_ARG);
	assert_int_equal(fdesc(l, 6).kind, KTAP_FIELD_SINT);
	assert_int_equal(fdesc(l, 7).kind, KTAP_FIELD_NONE);
	assert_int_equal(fdesc(l, KTAP_MAX_ARG).kind, KTAP_FIELD_SYSNR);
	assert_int_equal(fdesc(l, KTAP_MAX_ARG + 1).kind, KTAP_FIELD_SYSARG);
	assert_int_equal(fdesc(l, KTAP_MAX_ARG + 2).kind, KTAP_FIELD_NONE);
	unload(l);
}

static void takes_record_for_strings(void **state)
{
	struct loaded *l;

	(void)state;
	l = load(NEW, "trace syscalls:sys_enter_openat { print(argstr) }");
	assert_int_equal(event(l, 0).kind, KTAP_EVENT_TRACEPOINT);
	unload(l);
	l = load(NEW, "trace syscalls:sys_enter_openat { print(args.flags) }");
	assert_int_equal(event(l, 0).kind, KTAP_EVENT_SYS_ENTER);
	unload(l);
	l = load(NEW, "trace syscalls:sys_enter_close { print(argstr) }");
	assert_int_equal(event(l, 0).kind, KTAP_EVENT_SYS_ENTER);
	unload(l);
	l = load(OLD, "trace syscalls:sys_enter_openat { print(argstr) }");
	assert_int_equal(event(l, 0).kind, KTAP_EVENT_SYS_ENTER);
	unload(l);
}

/* What only a function uses counts for the probes that call it. */
static void follows_functions(void **state)
{
	struct loaded *l;

	(void)state;
	l = load(NEW, "function show() { print(argstr) }\n"
		      "trace syscalls:sys_enter_openat { show() }\n"
		      "trace syscalls:sys_enter_rename { }\n");
	assert_int_equal(l->ret, 0);
	assert_int_equal(event(l, 0).kind, KTAP_EVENT_TRACEPOINT);
	assert_int_equal(event(l, 1).kind, KTAP_EVENT_SYS_ENTER);
	unload(l);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *script, *said;
	} cases[] = {
		{ "trace sched:sched_swich { }",
		  "error: x.kp:1:7: no event of this kernel matches 'sched:sched_swich'\n"
		  "    trace sched:sched_swich { }\n"
		  "          ^~~~~~~~~~~~~~~~~\n"
		  "hint: did you mean `sched_switch`?\n" },
		{ "trace sched:sched_switch {\n\tprint(args.next_com) }",
		  "error: x.kp:2:13: event 'sched:sched_switch' has no field 'next_com'\n"
		  "    \tprint(args.next_com) }\n"
		  "    \t           ^~~~~~~~\n"
		  "hint: did you mean `next_comm`?\n"
		  "hint: its fields are prev_comm, prev_pid, prev_prio, prev_state, next_comm, "
		  "next_pid, next_prio\n" },
		{ "tick-9us { exit() }",
		  "error: x.kp:1:1: cannot parse timer interval: 9us\n"
		  "    tick-9us { exit() }\n"
		  "    ^~~\n"
		  "hint: a number and s, ms, us or hz, at least 10us, as in tick-100ms\n" },
		{ "function f() { print(args.no) } trace syscalls:sys_enter_close { f() }",
		  "error: x.kp:1:27: event 'syscalls:sys_enter_close' has no field 'no'\n"
		  "    function f() { print(args.no) } trace syscalls:sys_enter_close { f() }\n"
		  "                              ^~\n"
		  "hint: its fields are __syscall_nr, fd\n" },
	};
	struct loaded *l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		l = load(OLD, cases[i].script);
		assert_string_equal(l->said, cases[i].said);
		assert_int_equal(l->ret, -EINVAL);
		unload(l);
	}
	/* one event of several suffices */
	l = load(OLD, "trace sched:sched_switch, syscalls:sys_enter_close { print(args.fd) }");
	assert_string_equal(l->said, "");
	assert_int_equal(l->ret, 0);
	unload(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves_kinds),
		cmocka_unit_test(describes_fields),
		cmocka_unit_test(counts_fields),
		cmocka_unit_test(describes_all_fields),
		cmocka_unit_test(takes_record_for_strings),
		cmocka_unit_test(follows_functions),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
