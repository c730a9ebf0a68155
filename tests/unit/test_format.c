// SPDX-License-Identifier: GPL-2.0-only
/* What print and printf make of shipped values, and the text of events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event/event.h"
#include "run/evfmt.h"
#include "run/evtext.h"
#include "run/format.h"
#include "sym/btf.h"
#include "sym/kallsyms.h"
#include "sym/tracefs.h"
#include "values.h"

#define LEN(a) (sizeof(a) / sizeof(*(a)))

static int event(void *ctx, const uint8_t *data, uint32_t len, struct kp_buf *out)
{
	(void)ctx;
	kp_buf_printf(out, "<event %.*s>", (int)len, (const char *)data);
	return 0;
}

static const struct kp_format plain = { .event = event };

static void print_shows(const struct kp_format *f, struct kp_buf *values, const char *want)
{
	struct kp_buf out = KP_BUF_INIT;

	assert_int_equal(kp_format_print(f, 12345678901234, values->data, values->len, &out), 0);
	assert_string_equal(kp_buf_str(&out), want);
	kp_buf_free(&out);
	kp_buf_free(values);
}

static void print_values(void **state)
{
	static const struct ktap_agg agg = { 3, 10, -2, 7, KTAP_AGG_PLAIN, 0 }, none = { 0 };
	struct kp_buf v = KP_BUF_INIT, t = KP_BUF_INIT;
	int64_t serial = 31;

	(void)state;
	print_shows(&plain, &v, "\n");
	put(&v, KTAP_T_NIL, NULL, 0);
	put(&v, KTAP_T_TRUE, NULL, 0);
	put(&v, KTAP_T_FALSE, NULL, 0);
	put_int(&v, INT64_MIN);
	put_int(&v, -1);
	put_str(&v, "");
	put_str(&v, "eightbyt");
	put_str(&v, "a\tb");
	print_shows(&plain, &v, "nil\ttrue\tfalse\t-9223372036854775808\t-1\t\teightbyt\ta\tb\n");

	put(&v, KTAP_T_TABLE, &serial, 8);
	put(&v, KTAP_T_FUNC, &serial, 8);
	print_shows(&plain, &v, "table 0x1f\tfunction 0x1f\n");

	put_int(&t, 7);
	put_str(&t, "sh");
	put(&t, KTAP_T_TUPLE, "", 0);
	put(&v, KTAP_T_TUPLE, t.data, t.len);
	kp_buf_free(&t);
	print_shows(&plain, &v, "7, sh, (...)\n");

	put(&v, KTAP_T_AGG, &agg, sizeof(agg));
	put(&v, KTAP_T_AGG, &none, sizeof(none));
	print_shows(&plain, &v,
		    "[count:      3 sum:     10 max:      7 min:     -2 avg:      3]\t"
		    "[count:      0 sum:      0 max:      0 min:      0 avg:      0]\n");
}

static void print_times(void **state)
{
	const struct kp_format timed = { .event = event, .timestamps = true };
	struct kp_buf v = KP_BUF_INIT;

	(void)state;
	put(&v, KTAP_T_EVENT, "x", 1);
	print_shows(&timed, &v, "12345.678901: <event x>\n");
	/* wherever in the line the event stands */
	put_int(&v, 3);
	put(&v, KTAP_T_EVENT, "x", 1);
	print_shows(&timed, &v, "12345.678901: 3\t<event x>\n");
	put_str(&v, "x");
	print_shows(&timed, &v, "x\n");
	put(&v, KTAP_T_EVENT, "x", 1);
	print_shows(&plain, &v, "<event x>\n");
}

static void records_are_checked(void **state)
{
	struct kp_buf v = KP_BUF_INIT, out = KP_BUF_INIT;
	struct kp_val val;
	char err[KP_FORMAT_ERROR];
	const uint8_t *p;
	size_t cut, len;
	uint8_t *copy;

	(void)state;
	put_str(&v, "%s %s");
	put_int(&v, 5);
	put_str(&v, "text");
	/* Cut anywhere: never beyond the end, which ASan watches. */
	for (cut = 0; cut < v.len; cut++) {
		copy = malloc(cut + 1);
		assert_non_null(copy);
		memcpy(copy, v.data, cut);
		copy = realloc(copy, cut ? cut : 1);
		out.len = 0;
		kp_format_print(&plain, 0, copy, cut, &out);
		kp_format_printf(&plain, copy, cut, &out, err);
		free(copy);
	}
	kp_buf_free(&v);
	put(&v, KTAP_T_COUNT, NULL, 0);
	assert_int_equal(kp_format_print(&plain, 0, v.data, v.len, &out), -EPROTO);
	kp_buf_free(&v);
	put(&v, KTAP_T_INT, "1234", 4);
	assert_int_equal(kp_format_print(&plain, 0, v.data, v.len, &out), -EPROTO);
	kp_buf_free(&v);
	put(&v, KTAP_T_AGG, "1234", 4);
	assert_int_equal(kp_format_print(&plain, 0, v.data, v.len, &out), 0);
	kp_buf_free(&v);
	kp_buf_u32(&v, KTAP_T_STR);
	kp_buf_u32(&v, 0xffffffff);
	p = (const uint8_t *)v.data;
	len = v.len;
	assert_int_equal(kp_val_next(&p, &len, &val), -EPROTO);
	kp_buf_free(&v);
	kp_buf_free(&out);
}

/* One format and up to two arguments; integers unless @text is given for the first. */
struct format_case {
	const char *fmt;
	int64_t a, b;
	const char *text; /* first argument, or NULL for @a */
	const char *want;
};

static void put_case(struct kp_buf *v, const struct format_case *c)
{
	put_str(v, c->fmt);
	if (c->text)
		put_str(v, c->text);
	else
		put_int(v, c->a);
	put_int(v, c->b);
}

static void printf_conversions(void **state)
{
	static const struct format_case cases[] = {
		{ "", 0, 0, NULL, "" },
		{ "%%", 0, 0, NULL, "%" },
		{ "100%% %d", 5, 0, NULL, "100% 5" },
		{ "%d|%i", -5, 7, NULL, "-5|7" },
		{ "%5d|%-5d|", 42, 42, NULL, "   42|42   |" },
		{ "%05d %+d", 42, 42, NULL, "00042 +42" },
		{ "% d %.4d", 42, 42, NULL, " 42 0042" },
		{ "%u", -1, 0, NULL, "18446744073709551615" },
		{ "%x %X", 0xbeef, 0xbeef, NULL, "beef BEEF" },
		{ "%#x %#o", 255, 8, NULL, "0xff 010" },
		{ "%lld %lu", INT64_MIN, 3, NULL, "-9223372036854775808 3" },
		{ "%c%c", 'o', 'k', NULL, "ok" },
		{ "%-3c|%3c", 'o', 'k', NULL, "o  |  k" },
		{ "%s", 12, 0, NULL, "12" },
		{ "%s %d", 0, 7, "str", "str 7" },
		{ "%6s|", 0, 0, "str", "   str|" },
		{ "%-6s|", 0, 0, "str", "str   |" },
		{ "%.2s|", 0, 0, "str", "st|" },
		/* columns, not bytes; whole characters; a mark belongs to its letter */
		{ "%6s|", 0, 0, "h\xc3\xa4us", "  h\xc3\xa4us|" },
		{ "%-6s|", 0, 0, "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac  |" },
		{ "%5.3s|", 0, 0, "\xe6\x97\xa5\xe6\x9c\xac", "   \xe6\x97\xa5|" },
		{ "%.1s|", 0, 0, "a\xcc\x88z", "a\xcc\x88|" },
		{ "%4s|", 0, 0, "\xff\xc3", "  \xff\xc3|" },
		{ "%*d", 5, 42, NULL, "   42" },
		{ "%*d|", -5, 42, NULL, "42   |" },
		{ "%.*d", 3, 7, NULL, "007" },
		{ "%.*d", -3, 7, NULL, "7" },
		{ "%p", 0x1234, 0, NULL, "0x1234" },
		{ "%20p|", 0x1234, 0, NULL, "              0x1234|" },
		{ "%d more are ignored", 1, 2, NULL, "1 more are ignored" },
	};
	struct kp_buf v = KP_BUF_INIT, out = KP_BUF_INIT;
	char err[KP_FORMAT_ERROR];
	size_t i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		put_case(&v, &cases[i]);
		out.len = 0;
		assert_int_equal(kp_format_printf(&plain, v.data, v.len, &out, err), 0);
		assert_string_equal(kp_buf_str(&out), cases[i].want);
		kp_buf_free(&v);
	}
	put_str(&v, "%d %5s %x");
	put(&v, KTAP_T_NIL, NULL, 0);
	put(&v, KTAP_T_NIL, NULL, 0);
	put(&v, KTAP_T_NIL, NULL, 0);
	out.len = 0;
	assert_int_equal(kp_format_printf(&plain, v.data, v.len, &out, err), 0);
	assert_string_equal(kp_buf_str(&out), "nil   nil nil");
	kp_buf_free(&v);
	kp_buf_free(&out);
}

static void printf_long(void **state)
{
	struct kp_buf v = KP_BUF_INIT, out = KP_BUF_INIT, text = KP_BUF_INIT;
	char err[KP_FORMAT_ERROR];

	(void)state;
	kp_buf_fill(&text, 'x', 100000);
	put_str(&v, "%s%9999d");
	put_str(&v, kp_buf_str(&text));
	put_int(&v, 1);
	assert_int_equal(kp_format_printf(&plain, v.data, v.len, &out, err), 0);
	assert_int_equal(out.len, 109999);
	kp_buf_free(&v);
	kp_buf_free(&out);
	kp_buf_free(&text);
}

static void printf_errors(void **state)
{
	static const struct format_case cases[] = {
		{ "x%d%d%d", 1, 2, NULL, "bad argument #4: (no value)" },
		{ "%d", 0, 0, "str", "wrong type of argument 2" },
		{ "%c", 0, 0, "str", "wrong type of argument 2" },
		{ "%p", 0, 0, "str", "wrong type of argument 2" },
		{ "%*d", 0, 0, "str", "wrong type of argument 2" },
		{ "%--d", 0, 0, NULL, "invalid format (repeated flags)" },
		{ "%10000d", 0, 0, NULL, "invalid format (width or precision too long)" },
		{ "%.99999999999d", 0, 0, NULL, "invalid format (width or precision too long)" },
		{ "%*d", 10000, 0, NULL, "invalid format (width or precision too long)" },
		{ "%f", 0, 0, NULL, "invalid option '%f' to 'format'" },
		{ "%n", 0, 0, NULL, "invalid option '%n' to 'format'" },
		{ "%", 0, 0, NULL, "invalid format (it ends within a conversion)" },
		{ "%5.3l", 0, 0, NULL, "invalid format (it ends within a conversion)" },
	};
	struct kp_buf v = KP_BUF_INIT, out = KP_BUF_INIT;
	char err[KP_FORMAT_ERROR];
	size_t i;

	(void)state;
	kp_buf_puts(&out, "before");
	for (i = 0; i < LEN(cases); i++) {
		put_case(&v, &cases[i]);
		assert_int_equal(kp_format_printf(&plain, v.data, v.len, &out, err), -EINVAL);
		assert_string_equal(err, cases[i].want);
		assert_string_equal(kp_buf_str(&out), "before");
		kp_buf_free(&v);
	}
	put_int(&v, 5);
	assert_int_equal(kp_format_printf(&plain, v.data, v.len, &out, err), -EINVAL);
	assert_string_equal(err, "wrong type of argument 1");
	assert_int_equal(kp_format_printf(&plain, NULL, 0, &out, err), -EINVAL);
	assert_string_equal(err, "bad argument #1: (no value)");
	kp_buf_free(&v);
	kp_buf_free(&out);
}

static struct kp_kallsyms *symbols(void)
{
	return kp_kallsyms_new("tests/unit/data/kallsyms");
}

static void symbols_resolve(void **state)
{
	static const struct {
		uint64_t addr;
		const char *text;
	} cases[] = {
		{ 0xffffffff81000000, "_stext+0x0/0x10" },
		{ 0xffffffff81000013, "schedule+0x3/0x30" },
		{ 0xffffffffc0000104, "mod_fn+0x4/0x20 [mod]" },
		{ 0xffffffffc0000041, "early_fn+0x1/0xc0 [early]" },
		{ 0xffffffff80000008, "low_fn+0x8/0x1000000 [low]" },
		{ 0x10, "0x10" },
		{ 0xffffffffc0000200, "0xffffffffc0000200" },
	};
	struct kp_kallsyms *k = symbols();
	const struct kp_format f = { .event = event, .symbols = k };
	struct kp_buf v = KP_BUF_INIT, out = KP_BUF_INIT;
	char text[64], err[KP_FORMAT_ERROR];
	struct kp_symbol sym;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		assert_int_equal(kp_kallsyms_text(k, cases[i].addr, text, sizeof(text)),
				 strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
	assert_int_equal(kp_kallsyms_text(k, cases[0].addr, text, 7), 6);
	assert_string_equal(text, "_stext");
	put_str(&v, "%p");
	put_int(&v, (int64_t)0xffffffff81000013);
	assert_int_equal(kp_format_printf(&f, v.data, v.len, &out, err), 0);
	assert_string_equal(kp_buf_str(&out), "schedule+0x3/0x30");
	kp_buf_free(&v);
	kp_buf_free(&out);
	kp_kallsyms_free(k);

	k = kp_kallsyms_new("/nonexistent");
	assert_int_equal(kp_kallsyms_find(k, 1, &sym), -ENOENT);
	kp_kallsyms_free(k);
}

/* What is no address of the kernel is found to be none without the table, which here cannot be read. */
static void symbols_unread(void **state)
{
	struct kp_kallsyms *k = kp_kallsyms_new("/");
	struct kp_symbol sym;

	(void)state;
	assert_int_equal(kp_kallsyms_find(k, 0, &sym), -ENOENT);
	assert_int_equal(kp_kallsyms_find(k, 0xffffffff81000000, &sym), -EISDIR);
#ifdef __x86_64__
	assert_int_equal(kp_kallsyms_find(k, 7, &sym), -ENOENT);
	assert_int_equal(kp_kallsyms_find(k, 0x7fffffffffff, &sym), -ENOENT);
#endif
	kp_kallsyms_free(k);
}

static const char *const roots[] = { "tests/unit/data/tracefs-5.10", "tests/unit/data/tracefs-7.2",
				     "tests/unit/data/tracefs-6.1-i386" };
static const char *const releases[] = { "5.10.0-46-cloud-amd64", "7.2.12+deb14-cloud-amd64",
					"6.1.0-50-686-pae" };

/* The text of @raw as an event of recorded kernel @k. */
static void text_is(int k, const char *def_text, bool record, const void *raw, size_t len,
		    const char *want)
{
	struct kp_buf out = KP_BUF_INIT;
	struct kp_kallsyms *syms = symbols();
	struct kp_events ev = KP_EVENTS_INIT;
	struct kp_event_error err;
	struct kp_evtext *x;
	struct kp_tracefs t;
	struct kp_evdef def;
	uint8_t *copy = malloc(len); /* of exactly this size, for ASan */

	assert_non_null(copy);
	memcpy(copy, raw, len);
	assert_int_equal(kp_tracefs_open(&t, roots[k]), 0);
	assert_int_equal(kp_evdef_parse(def_text, strlen(def_text), &def, &err), 0);
	assert_int_equal(kp_event_expand(&t, &def, &ev, &err), 0);
	kp_evdef_free(&def);
	if (record)
		assert_int_equal(kp_event_use_record(&t, &ev.v[0]), 0);
	x = kp_evtext_new(&t, syms, releases[k]);
	assert_non_null(x);
	if (ev.v[0].kind ==
	    KP_EVENT_TRACEPOINT) /* the record begins with the number of its event */
		memcpy(copy, &(uint16_t){ (uint16_t)ev.v[0].id }, sizeof(uint16_t));
	kp_evtext_put(x, &ev.v[0], copy, len, 0, &out);
	free(copy);
	assert_string_equal(kp_buf_str(&out), want);
	kp_evtext_free(x);
	kp_kallsyms_free(syms);
	kp_events_free(&ev);
	kp_tracefs_close(&t);
	kp_buf_free(&out);
}

/* Numbers as the module ships them: number of the call, then arguments or result. */
static void text_of_calls(void **state)
{
	static const uint64_t close_args[] = { 3, 3, 0, 0, 0, 0, 0 };
	static const uint64_t big[] = { 3, 0xffffff9c, 0, 0, 0, 0, 0 };
	static const uint64_t ret[] = { 3, (uint64_t)-9 };
	/* of a kernel whose words are not ours there are records */
	static const int32_t ret32[] = { 0, 0, 6, -9 };

	(void)state;
	text_is(0, "syscalls:sys_enter_close", false, close_args, sizeof(close_args),
		"sys_close(fd: 3)");
	text_is(1, "syscalls:sys_enter_close", false, close_args, sizeof(close_args),
		"sys_close(fd: 3)");
	text_is(0, "syscalls:sys_enter_close", false, big, sizeof(big), "sys_close(fd: ffffff9c)");
	text_is(1, "syscalls:sys_enter_close", false, big, sizeof(big),
		"sys_close(fd: 0xffffff9c)");
	text_is(0, "syscalls:sys_exit_close", false, ret, sizeof(ret),
		"sys_close -> 0xfffffffffffffff7");
	text_is(2, "syscalls:sys_exit_close", false, ret32, sizeof(ret32),
		"sys_close -> 0xfffffff7");
	/* A short record shows zeros, not what lies behind it. */
	text_is(0, "syscalls:sys_enter_close", false, close_args, 8, "sys_close(fd: 0)");
}

/* The kernel's record of a call that copies strings: head, number, arguments, words, bytes. */
struct call_record {
	uint64_t head;
	int32_t nr, pad;
	uint64_t args[4];
	uint32_t words[2];
	char bytes[64];
} __attribute__((packed));

#define WORD(at, len) ((uint32_t)(len) << 16 | (uint32_t)(at))

static void text_of_copies(void **state)
{
	struct call_record r = { .nr = 1, .args = { 4, 0x5000, 5 } };

	(void)state;
	/* write(fd, buf, count): three arguments, then one word */
	r.args[3] = WORD(44, 5);
	memcpy((char *)&r + 44, "hi\x01!\n", 5);
	text_is(1, "syscalls:sys_enter_write", true, &r, 49,
		"sys_write(fd: 4, buf: 0x5000 (68:69:01:21:0a) \"hi.!.\", count: 5)");
	r.args[2] = 600;
	text_is(1, "syscalls:sys_enter_write", true, &r, 49,
		"sys_write(fd: 4, buf: 0x5000 (68:69:01:21:0a, ...) \"hi.!.\"..., count: 0x258)");
	memcpy((char *)&r + 44, "\x01\x02\x03\x04\x05", 5);
	text_is(1, "syscalls:sys_enter_write", true, &r, 49,
		"sys_write(fd: 4, buf: 0x5000 (01:02:03:04:05, ...), count: 0x258)");
	/* A word that points outside the record shows nothing. */
	r.args[3] = WORD(44, 500);
	text_is(1, "syscalls:sys_enter_write", true, &r, 49,
		"sys_write(fd: 4, buf: 0x5000 (, ...), count: 0x258)");
	r.args[3] = WORD(60000, 5);
	text_is(1, "syscalls:sys_enter_write", true, &r, 49,
		"sys_write(fd: 4, buf: 0x5000 (, ...), count: 0x258)");

	/* rename(oldname, newname): two arguments, two words */
	r = (struct call_record){ .nr = 82, .args = { 0x5000, 0x6000 } };
	r.args[2] = WORD(40, 2) | (uint64_t)WORD(42, 3) << 32;
	memcpy((char *)&r + 40, "a\0bc", 5);
	text_is(1, "syscalls:sys_enter_rename", true, &r, 45,
		"sys_rename(oldname: 0x5000 \"a\", newname: 0x6000 \"bc\")");
	text_is(1, "syscalls:sys_enter_rename", false, &(uint64_t[7]){ 82, 1, 0x20 }, 56,
		"sys_rename(oldname: 1, newname: 0x20)");
}

static void text_of_openat(void **state)
{
	static const struct {
		uint64_t flags;
		const char *text;
	} cases[] = {
		{ 0, "flags: O_RDONLY" },
		{ 02000000, "flags: O_RDONLY|O_CLOEXEC" },
		{ 01, "flags: O_WRONLY" },
		{ 01 | 0100 | 01000, "flags: O_WRONLY|O_CREAT|O_TRUNC, mode: 0644" },
		{ 020200000 | 02, "flags: O_TMPFILE|O_RDWR, mode: 0644" },
		{ 0200000, "flags: O_RDONLY|O_DIRECTORY, mode: 0644" },
		{ 040000000, "flags: O_RDONLY|0x800000" },
	};
	struct call_record r = { .nr = 257, .args = { 3, 4096, 0, 0644 } };
	char want[128];
	size_t i;

	(void)state;
	r.words[0] = WORD(52, 5);
	memcpy((char *)&r + 52, "/etc", 5);
	for (i = 0; i < LEN(cases); i++) {
		r.args[2] = cases[i].flags;
		snprintf(want, sizeof(want), "sys_openat(dfd: 3, filename: 4096 \"/etc\", %s)",
			 cases[i].text);
		text_is(1, "syscalls:sys_enter_openat", true, &r, 57, want);
	}
	text_is(0, "syscalls:sys_enter_openat", true, &r, 48,
		"sys_openat(dfd: 3, filename: 1000, flags: 800000, mode: 1a4)");
}

static void text_of_tracepoints(void **state)
{
	struct __attribute__((packed)) {
		uint64_t head;
		char prev_comm[16];
		int32_t prev_pid, prev_prio;
		int64_t prev_state;
		char next_comm[16];
		int32_t next_pid, next_prio;
	} sw = { 0, "sh", 12, 120, 1, "swapper/0", 0, 120 };
	struct __attribute__((packed)) {
		uint64_t head, call_site, ptr;
	} kfree = { 0, 0xffffffff81000013, 0xffff888000001000 };
	int k;

	(void)state;
	for (k = 0; k < 2; k++)
		text_is(k, "sched:sched_switch", true, &sw, sizeof(sw),
			"sched_switch: prev_comm=sh prev_pid=12 prev_prio=120 prev_state=S ==> "
			"next_comm=swapper/0 next_pid=0 next_prio=120");
	text_is(0, "kmem:kfree", true, &kfree, sizeof(kfree),
		"kfree: call_site=schedule+0x3/0x30 ptr=ffff888000001000");
}

/* A record that ends early, or whose words point outside, is not handed to the library. */
static void broken_records(void **state)
{
	struct __attribute__((packed)) {
		uint64_t head;
		uint32_t filename;
		int32_t pid, old_pid;
		char text[8];
	} exec = { 0, WORD(20, 8), 7, 7, "/bin/sh" };
	size_t len;

	(void)state;
	text_is(0, "sched:sched_process_exec", true, &exec, sizeof(exec),
		"sched_process_exec: filename=/bin/sh pid=7 old_pid=7");
	for (len = 2; len < sizeof(exec); len++)
		text_is(0, "sched:sched_process_exec", true, &exec, len, "sched_process_exec: ?");
	exec.filename = WORD(60000, 8);
	text_is(0, "sched:sched_process_exec", true, &exec, sizeof(exec), "sched_process_exec: ?");
	exec.filename = WORD(20, 9);
	text_is(0, "sched:sched_process_exec", true, &exec, sizeof(exec), "sched_process_exec: ?");
}

static void formats_are_rewritten(void **state)
{
	static const struct {
		const char *in, *out; /* without what all have */
	} cases[] = {
		{ "\"a=%d\", REC->a", "\"a=%d\", REC->a" },
		{ "\"%p %px\", REC->a, REC->b", "\"%016llx %016llx\", REC->a, REC->b" },
		{ "\"%pS,%ps\", (void *)REC->a, f(REC->b, 2)",
		  "\"%s,%s\", kp_symbol((void *)REC->a), kp_function(f(REC->b, 2))" },
		{ "\"%pI4 %*d\", REC->a, 5, REC->b", "\"%pI4 %*d\", REC->a, 5, REC->b" },
		{ "\"%d\" \" %s\\n\", REC->a, \"x,)\" \"y\"", "\"%d %s\\n\", REC->a, \"x,)y\"" },
		{ "\"%x\", REC->a & (1 | (2 << 4))", "\"%x\", REC->a & 0x21" },
		{ "\"%x\", REC->a & ((1UL << 20) - 1)", "\"%x\", REC->a & 0xfffff" },
		{ "\"%x\", REC->a & (REC->b | 1)", "\"%x\", REC->a & (REC->b | 1)" },
		{ "\"a\tb\"", "\"a\\tb\"" },
		{ "\"%#lx %#08x\", 1, 2", "\"0x%lx %#08x\", 1, 2" },
		{ "\"%d\", REC->a / sizeof(u64)", "\"%d\", REC->a / 8" },
		{ "\"100%% %d\", REC->a", "\"100%% %d\", REC->a" },
		/* not understood: as it was */
		{ "\"%d %d\", REC->a", NULL },
		{ "\"%d\", REC->a, REC->b", NULL },
		{ "\"%d\", f(REC->a", "\"%d\", f(REC->a" }, /* the library sees it */
		{ "\"%d", NULL },
		{ "REC->a", NULL },
	};
	struct kp_buf in = KP_BUF_INIT, out = KP_BUF_INIT, want = KP_BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(cases); i++) {
		in.len = out.len = want.len = 0;
		kp_buf_printf(&in, "name: x\n\nprint fmt: %s\n", cases[i].in);
		kp_evfmt_rewrite(kp_buf_str(&in), NULL, &out);
		kp_buf_printf(&want, "name: x\n\nprint fmt: %s\n",
			      cases[i].out ? cases[i].out : cases[i].in);
		assert_string_equal(kp_buf_str(&out), kp_buf_str(&want));
	}
	kp_buf_free(&in);
	kp_buf_free(&out);
	kp_buf_free(&want);
}

/* A BTF file: int, struct of one member, enum { ZERO, MINUS }, enum64 { BIG }. */
static const char btf_names[] = "\0ZERO\0MINUS\0BIG";
static const uint32_t btf_types[] = {
	0, 1u << 24,	  4, 32,		   /* int, and its encoding */
	0, 4u << 24 | 1,  4, 0,	 1, 0,		   /* struct, and its member */
	0, 6u << 24 | 2,  4, 1,	 0, 6, 0xffffffff, /* enum */
	0, 19u << 24 | 1, 8, 12, 5, 1,		   /* enum64 */
};

static void btf_file(char *path, size_t cut, uint32_t info)
{
	struct __attribute__((packed)) {
		uint16_t magic;
		uint8_t version, flags;
		uint32_t hdr_len, type_off, type_len, str_off, str_len;
	} h = { 0xeb9f, 1, 0, 24, 0, sizeof(btf_types), sizeof(btf_types), sizeof(btf_names) };
	uint32_t types[LEN(btf_types)];
	struct kp_buf b = KP_BUF_INIT;
	FILE *f;

	memcpy(types, btf_types, sizeof(types));
	if (info)
		types[1] = info;
	kp_buf_put(&b, &h, sizeof(h));
	kp_buf_put(&b, types, sizeof(types));
	kp_buf_put(&b, btf_names, sizeof(btf_names));
	f = fopen(path, "w");
	assert_non_null(f);
	fwrite(b.data, 1, b.len - cut, f);
	fclose(f);
	kp_buf_free(&b);
}

static int enumerator(const char *path, const char *name, int64_t *value)
{
	struct kp_btf *b = kp_btf_new(path);
	int ret;

	assert_non_null(b);
	ret = kp_btf_enumerator(b, name, strlen(name), value);
	kp_btf_free(b);
	return ret;
}

static void enumerators_resolve(void **state)
{
	char path[] = "/tmp/ktap-test-XXXXXX";
	struct kp_buf out = KP_BUF_INIT;
	struct kp_btf *b;
	int64_t value;
	size_t cut;

	(void)state;
	assert_return_code(close(mkstemp(path)), 0);
	btf_file(path, 0, 0);
	assert_int_equal(enumerator(path, "ZERO", &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(enumerator(path, "MINUS", &value), 0);
	assert_int_equal(value, -1);
	assert_int_equal(enumerator(path, "BIG", &value), 0);
	assert_int_equal(value, 0x100000005);
	assert_int_equal(enumerator(path, "MIN", &value), -ENOENT);
	assert_int_equal(enumerator(path, "ZEROS", &value), -ENOENT);

	b = kp_btf_new(path);
	kp_evfmt_rewrite(
		"\nprint fmt: \"%s\", __print_symbolic(REC->MINUS, { BIG, \"BIG\" }, { NIX, \"x\" })\n",
		b, &out);
	assert_string_equal(
		kp_buf_str(&out),
		"\nprint fmt: \"%s\", __print_symbolic(REC->MINUS, { 4294967301, \"BIG\" }, { NIX, \"x\" })\n");
	kp_btf_free(b);
	kp_buf_free(&out);

	for (cut = 1; cut < 24 + sizeof(btf_types) + sizeof(btf_names); cut++) {
		btf_file(path, cut, 0);
		assert_int_equal(enumerator(path, "BIG", &value), -EPROTO);
	}
	btf_file(path, 0, 31u << 24); /* a kind that does not exist */
	assert_int_equal(enumerator(path, "BIG", &value), -EPROTO);
	btf_file(path, 0, 6u << 24 | 0xffff); /* more elements than there are bytes */
	assert_int_equal(enumerator(path, "BIG", &value), -EPROTO);
	unlink(path);
	assert_int_equal(enumerator(path, "BIG", &value), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_values),	       cmocka_unit_test(print_times),
		cmocka_unit_test(records_are_checked), cmocka_unit_test(printf_conversions),
		cmocka_unit_test(printf_long),	       cmocka_unit_test(printf_errors),
		cmocka_unit_test(symbols_resolve),     cmocka_unit_test(text_of_calls),
		cmocka_unit_test(symbols_unread),      cmocka_unit_test(text_of_copies),
		cmocka_unit_test(text_of_openat),      cmocka_unit_test(text_of_tracepoints),
		cmocka_unit_test(broken_records),      cmocka_unit_test(formats_are_rewritten),
		cmocka_unit_test(enumerators_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
