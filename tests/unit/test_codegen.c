// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source to image: the instructions of each construct, what is decided about
 * variables and tables, images that the verifier accepts, limits, and every
 * allocation failing in turn.
 *
 * The two files that allocate are compiled into this test, which counts their
 * allocations and lets one of them fail.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t allocations, failing; /* number @failing, from 1, fails; 0: none */

static bool fails(void)
{
	return ++allocations == failing;
}

static void *counted_malloc(size_t size)
{
	return fails() ? NULL : malloc(size);
}

static void *counted_realloc(void *p, size_t size)
{
	return fails() ? NULL : realloc(p, size);
}

#define malloc	counted_malloc
#define realloc counted_realloc
#include "../../src/user/util/arena.c"
#include "../../src/user/util/buf.c"
#undef malloc
#undef realloc

#include "compile/compile.h"
#include "run/dump.h"
#include "run/view.h"
#include "session.h"

/* A compilation and what came of it. */
struct fixture {
	struct kp_buf image, messages;
	struct kp_diag diag;
	int ret;
};

static void compile_with(struct fixture *f, const char *text, const struct kp_compile_opts *opts)
{
	struct kp_source src = { "test", text, strlen(text) };

	memset(f, 0, sizeof(*f));
	f->diag.out = &f->messages;
	f->ret = kp_compile(&src, opts, &f->image, &f->diag);
}

static void compile(struct fixture *f, const char *text)
{
	static const struct kp_compile_opts opts;

	compile_with(f, text, &opts);
}

/* Nothing is found out about variables. */
static void compile_plain(struct fixture *f, const char *text)
{
	static const struct kp_compile_opts opts = { .no_infer = true,
							     .no_warnings = true };

	compile_with(f, text, &opts);
}

static void release(struct fixture *f)
{
	kp_buf_free(&f->image);
	kp_buf_free(&f->messages);
}

static void must_compile(struct fixture *f, const char *text)
{
	compile(f, text);
	if (f->ret)
		fail_msg("%s\n%s", text, kp_buf_str(&f->messages));
}

static void must_compile_plain(struct fixture *f, const char *text)
{
	compile_plain(f, text);
	if (f->ret)
		fail_msg("%s\n%s", text, kp_buf_str(&f->messages));
}

/* The image as one of the dumps shows it; free() it. */
static char *dump(const struct fixture *f, void (*show)(const struct kp_view *, FILE *))
{
	struct kp_view view;
	const char *why;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(kp_view_open(&view, f->image.data, f->image.len, &why), 0);
	show(&view, out);
	kp_view_close(&view);
	fclose(out);
	return text;
}

/* Operation and operands of each instruction of the image, without notes. */
static void check_insns(struct fixture *f, const char *source, const char *want)
{
	struct kp_buf got = KP_BUF_INIT;
	struct kp_view view;
	const char *why;
	char text[80];
	uint32_t i;

	assert_int_equal(kp_view_open(&view, f->image.data, f->image.len, &why), 0);
	for (i = 0; i < view.ncode; i++) {
		char *c = kp_disasm(text, sizeof(text), kp_view_insn(&view, i));
		bool blank = false;

		for (; *c; c++) {
			if (*c == ' ') {
				blank = true;
				continue;
			}
			if (blank)
				kp_buf_puts(&got, " ");
			kp_buf_put(&got, c, 1);
			blank = false;
		}
		kp_buf_puts(&got, "\n");
	}
	kp_view_close(&view);
	if (strcmp(kp_buf_str(&got), want))
		fail_msg("%s\nbecomes\n%s\nand not\n%s", source, kp_buf_str(&got), want);
	kp_buf_free(&got);
	release(f);
}

static void check_code(const char *source, const char *want)
{
	struct fixture f;

	must_compile(&f, source);
	check_insns(&f, source, want);
}

/* The code of what is written, not of what is known about it. */
static void check_plain(const char *source, const char *want)
{
	struct fixture f;

	must_compile_plain(&f, source);
	check_insns(&f, source, want);
}

static void check_plan(const char *source, const char *want)
{
	struct fixture f;
	char *text;

	must_compile(&f, source);
	text = dump(&f, kp_dump_plan);
	if (strcmp(text, want))
		fail_msg("%s\nis planned as\n%s\nand not\n%s", source, text, want);
	free(text);
	release(&f);
}

static void test_expressions(void **state)
{
	(void)state;
	check_plain("var x = 2 * 3 + 4 var y = 1 / 0 var z = 0x7fffffffffffffff + 1",
		   "LOADI r0, 10\nLOADI r1, 1\nLOADI r2, 0\nDIV r1, r1, r2\nLOADK r2, k0\nRET0\n");
	check_plain("var s = \"a\" .. 1 .. pid .. \"b\" .. \"c\"",
		   "LOADK r1, k0\nBUILTIN r2, pid, 0\nLOADK r3, k1\nCONCAT r0, r1, 3\nRET0\n");
	check_plain("var a = 1 var b = a && 2 || 3",
		   "LOADI r0, 1\nMOVE r1, r0\nJF r1, +1\nLOADI r1, 2\nJT r1, +1\nLOADI r1, 3\nRET0\n");
	check_plain("var a = 1 var b = a && 2 && 3",
		   "LOADI r0, 1\nMOVE r1, r0\nJF r1, +3\nLOADI r1, 2\nJF r1, +1\nLOADI r1, 3\nRET0\n");
	check_plain("var a = pid ? 1 : 2",
		   "BUILTIN r1, pid, 0\nJF r1, +2\nLOADI r0, 1\nJMP +1\nLOADI r0, 2\nRET0\n");
	check_plain("var a = 1 var b = 3 < a var c = 300 > a var d = 1 - a",
		   "LOADI r0, 1\nGTI r1, r0, 3\nLOADI r2, 300\nLT r2, r0, r2\n"
		   "LOADI r3, 1\nSUB r3, r3, r0\nRET0\n");
	check_plain("var t = {1, 2; x = 3}",
		   "NEWTABLE r0, t0\nLOADI r1, 1\nLOADI r2, 1\nSETTABLE r0, r1, r2\n"
		   "LOADI r1, 2\nLOADI r2, 2\nSETTABLE r0, r1, r2\n"
		   "LOADK r1, k0\nLOADI r2, 3\nSETTABLE r0, r1, r2\nRET0\n");
	check_plain("var o = {} o:m(1)",
		   "NEWTABLE r0, t0\nMOVE r2, r0\nLOADK r3, k0\nGETTABLE r1, r2, r3\n"
		   "LOADI r3, 1\nCALL r1, 2\nRET0\n");
}

static void test_assignments(void **state)
{
	(void)state;
	check_code("var a = 1 a = a + 1 a += 2 a -= 3 a++ a = 5 - a",
		   "LOADI r0, 1\nADDI r0, r0, 1\nADDI r0, r0, 2\nADDI r0, r0, -3\n"
		   "ADDI r0, r0, 1\nLOADI r1, 5\nSUB r0, r1, r0\nRET0\n");
	check_code("var a a += 1",
		   "LOADNIL r0, 0\nJT r0, +1\nLOADI r0, 0\nADDI r0, r0, 1\nRET0\n");
	check_code("var a, b = 1, 2 a, b = b, a",
		   "LOADI r0, 1\nLOADI r1, 2\nMOVE r2, r1\nMOVE r3, r0\nMOVE r0, r2\nMOVE r1, r3\nRET0\n");
	check_code("var a = {} a = a && 2",
		   "NEWTABLE r0, t0\nMOVE r1, r0\nJF r1, +1\nLOADI r1, 2\nMOVE r0, r1\nRET0\n");
	check_code("var a = 1 a = tid",
		   "LOADI r0, 1\nBUILTIN r1, tid, 0\nMOVE r0, r1\nRET0\n");
	/* shared variables: one atomic step */
	check_code("var n = 0 tick-1s { n += 1 n -= 2 n = n + 3 n = 4 + n n = n - 5 n++ n *= 6 }",
		   "LOADI r0, 0\nSETCELL r0, c0\nRET0\nADDCELLI 1, c0\nLOADI r0, -2\nADDCELL r0, c0\n"
		   "ADDCELLI 3, c0\nADDCELLI 4, c0\nLOADI r0, -5\nADDCELL r0, c0\nADDCELLI 1, c0\n"
		   "GETCELL r0, c0\nLOADI r1, 6\nMUL r0, r0, r1\nSETCELL r0, c0\nRET0\n");
	/* nil counts as 0 for += alone */
	check_code("tick-1s { n += 1 n = n + tid }",
		   "RET0\nADDCELLI 1, c0\nBUILTIN r0, tid, 0\nGETCELL r1, c0\nJF r1, +2\n"
		   "ADDCELL r0, c0\nJMP +1\nADD r1, r1, r0\nRET0\n");
	/* what a call gives is added to what the variable is then */
	check_code("var n = 0 function f(x) { return x } tick-1s { n = n + f(tid) }",
		   "LOADI r0, 0\nSETCELL r0, c0\nRET0\nRET r0\nLOADF r0, f1\nBUILTIN r1, tid, 0\n"
		   "CALL r0, 1\nGETCELL r1, c0\nJF r1, +2\nADDCELL r0, c0\nJMP +1\nADD r1, r1, r0\n"
		   "RET0\n");
	/* nil is told of once */
	check_code("tick-1s { n -= ppid n -= e }",
		   "RET0\nBUILTIN r0, ppid, 0\nNEG r0, r0\nADDCELL r0, c0\n"
		   "GETFROZEN r0, c1\nJF r0, +1\nNEG r0, r0\nADDCELL r0, c0\nRET0\n");
	check_code("tick-1s { n += tid n -= tid n += 1000 }",
		   "RET0\nBUILTIN r0, tid, 0\nADDCELL r0, c0\nBUILTIN r0, tid, 0\nNEG r0, r0\n"
		   "ADDCELL r0, c0\nLOADI r0, 1000\nADDCELL r0, c0\nRET0\n");
	check_code("var t = {} t.a += 1 t.a -= 1 t.a *= 3 t.a <<< 4 delete t.a t[1, 2] = 5",
		   "NEWTABLE r0, t0\nLOADK r1, k0\nADDTABLEI r0, r1, 1\n"
		   "LOADK r1, k0\nADDTABLEI r0, r1, -1\n"
		   "LOADK r1, k0\nGETTABLE r2, r0, r1\nLOADI r3, 3\nMUL r2, r2, r3\nSETTABLE r0, r1, r2\n"
		   "LOADK r1, k0\nLOADI r2, 4\nAGGTABLE r0, r1, r2\nLOADK r1, k0\nDELKEY r0, r1\n"
		   "LOADI r2, 1\nLOADI r3, 2\nTUPLE r1, r2, 2\nLOADI r2, 5\nSETTABLE r0, r1, r2\nRET0\n");
}

static void test_control(void **state)
{
	(void)state;
	check_plain("var a = 1 if (a < 5 && !(a == 3)) print(a) else print(2)",
		   "LOADI r0, 1\nJLTI r0, 0, 5\nJMP +5\nJEQI r0, 1, 3\nJMP +3\nMOVE r1, r0\n"
		   "BUILTIN r1, print, 1\nJMP +2\nLOADI r1, 2\nBUILTIN r1, print, 1\nRET0\n");
	check_plain("for (i = 1, 3) print(i)",
		   "LOADI r0, 1\nLOADI r1, 3\nLOADI r2, 1\nFORPREP r0, +3\nMOVE r4, r3\n"
		   "BUILTIN r4, print, 1\nFORLOOP r0, -3\nRET0\n");
	check_code("for (i = 0; i < 3; i++) { if (i == 1) continue break }",
		   "LOADI r0, 0\nJMP +5\nJEQI r0, 0, 1\nJMP +1\nJMP +1\nJMP +3\nADDI r0, r0, 1\n"
		   "JLTI r0, 1, 3\nJMP -7\nRET0\n");
	check_plain("for ((a, b), v in pairs(t)) print(b, v) t = 1",
		   "LOADNIL r0, 0\nPAIRS r1, r0\nNEXT r1, +5\nUNTUPLE r5, r3, 2\nMOVE r7, r6\n"
		   "MOVE r8, r4\nBUILTIN r7, print, 2\nJMP -6\nLOADI r0, 1\nRET0\n");
	check_plain("repeat var x = f until x function f() { }",
		   "LOADF r0, f1\nJF r0, -2\nRET0\nRET0\n");
	check_plain("goto a ::b:: print(1) ::a:: goto b",
		   "JMP +2\nLOADI r0, 1\nBUILTIN r0, print, 1\nJMP -3\nRET0\n");
	check_plain("while (true) { }", "JMP -1\nRET0\n");
	check_plain("function f(n) { return f(n) }",
		   "RET0\nLOADF r1, f1\nMOVE r2, r0\nTAILCALL r1, 1\nRET0\n");
}

static void test_events(void **state)
{
	(void)state;
	check_plain("trace a:b /x == 1 && y ~ *z* || !(f & 4)/ { }",
		   "RET0\nFIELD r1, e0\nJEQI r1, 0, 1\nJMP +4\nFIELD r1, e1\nLOADK r2, k0\n"
		   "BUILTIN r1, glob, 2\nJT r1, +5\nFIELD r1, e2\nLOADI r2, 4\nBAND r1, r1, r2\n"
		   "JEQI r1, 0, 0\nJMP +2\nLOADBOOL r0, 1\nRET r0\nRET0\nRET0\nRET0\n");
	check_plain("trace a:b /comm != ba*/ { }",
		   "RET0\nBUILTIN r1, execname, 0\nLOADK r2, k0\nBUILTIN r1, glob, 2\nJT r1, +2\n"
		   "LOADBOOL r0, 1\nRET r0\nRET0\nRET0\nRET0\n");
	check_plain("trace a:b /comm != bash && args.fd > 2 && pid == 5/ { }",
		   "RET0\nBUILTIN r1, execname, 0\nLOADK r2, k0\nJEQ r1, 1, r2\nJMP +8\n"
		   "FIELD r1, e0\nJLEI r1, 1, 2\nJMP +5\nBUILTIN r1, pid, 0\nJEQI r1, 0, 5\n"
		   "JMP +2\nLOADBOOL r0, 1\nRET r0\nRET0\nRET0\nRET0\n");
	check_plain("trace \"a:b\" function (e) { print(e, e.name, e.sc_nr, e.sc_arg2, e.field(1), e.fd) }",
		   "RET0\nBUILTIN r1, argstr, 0\nBUILTIN r2, probename, 0\nFIELD r3, e0\nFIELD r4, e1\n"
		   "FIELD r5, e0\nFIELD r6, e2\nBUILTIN r1, print, 6\nRET0\n");
	check_plain("function show(e) { print(e) } trace \"a:b\" show",
		   "RET0\nBUILTIN r1, argstr, 0\nBUILTIN r1, print, 1\nRET0\n");
	check_plain("trace a:b { print(arg0, args.fd, argstr, probename, pid, pid(), comm) }",
		   "RET0\nFIELD r0, e0\nFIELD r1, e1\nBUILTIN r2, argstr, 0\nBUILTIN r3, probename, 0\n"
		   "BUILTIN r4, pid, 0\nBUILTIN r5, pid, 0\nBUILTIN r6, execname, 0\n"
		   "BUILTIN r0, print, 7\nRET0\n");
	check_code("trace \"a:b\" function (e) { print(e.fieldnum, e.regstr, e.retval, e.sc_arg6) }",
		   "RET0\nFIELD r1, e0\nBUILTIN r2, regstr, 0\nFIELD r3, e1\nFIELD r4, e2\n"
		   "BUILTIN r1, print, 4\nRET0\n");
	/* e.field(i) finds the first fields, by number, in FLDS */
	check_code("trace \"a:b\" function (e) { print(e.field(cpu), e.field(64), e.field(0), e.field(65)) }",
		   "RET0\nBUILTIN r1, cpu, 0\nBUILTIN r1, e.field, 1\nFIELD r2, e63\nLOADNIL r3, 0\n"
		   "FIELD r4, e64\nBUILTIN r1, print, 4\nRET0\n");
	check_code("kdebug.probe_by_id(\"a:b\", function (e) { print(e) }) kdebug.probe_end(function () { })",
		   "RET0\nBUILTIN r1, argstr, 0\nBUILTIN r1, print, 1\nRET0\nRET0\n");
	check_code("trace a:b { table_count(t, 1) table_count(t, 2, 5) }",
		   "NEWTABLE r0, t0\nSETCELL r0, c0\nRET0\n"
		   "GETFROZEN r0, c0\nLOADI r1, 1\nADDTABLEI r0, r1, 1\n"
		   "GETFROZEN r0, c0\nLOADI r1, 2\nADDTABLEI r0, r1, 5\nRET0\n");
	/* arguments of the script */
	check_plain("print(arg[1])",
		   "LOADNIL r0, 0\nNEWTABLE r1, t0\nLOADI r2, 0\nLOADI r3, 0\nARG r4, r3\n"
		   "JF r4, +4\nSETTABLE r1, r2, r4\nADDI r2, r2, 1\nADDI r3, r3, 1\nJMP -6\n"
		   "MOVE r0, r1\nLOADI r2, 1\nGETTABLE r1, r0, r2\nBUILTIN r1, print, 1\nRET0\n");
}

/* What is known about variables, and what is not there any more. */
static void test_infer(void **state)
{
	(void)state;
	check_code("var a = 1 if (a < 5 && !(a == 3)) print(a) else print(2)",
		       "LOADI r0, 1\nBUILTIN r0, print, 1\nRET0\n");
	check_code("var debug = false while (debug) print(1) if (debug) print(2) elseif (pid) print(3)",
		       "BUILTIN r0, pid, 0\nJF r0, +2\nLOADI r0, 3\nBUILTIN r0, print, 1\nRET0\n");
	check_code("var s = 'a' .. 1 trace a:b { print(s .. 'b') }",
		       "RET0\nLOADK r0, k0\nBUILTIN r0, print, 1\nRET0\n");
	/* what follows a statement that control does not leave */
	check_code("exit() print(1)", "BUILTIN r0, exit, 0\nRET0\n");
	check_code("function f(x) { if (x) return 1 else return 2 print(3) }",
		       "RET0\nJF r0, +2\nLOADI r1, 1\nRET r1\nLOADI r1, 2\nRET r1\n");
	check_code("while (true) { print(1) continue print(2) } print(3)",
		       "LOADI r0, 1\nBUILTIN r0, print, 1\nJMP +0\nJMP -4\n");
	check_code("while (true) { print(1) break print(2) } print(3)",
		       "LOADI r0, 1\nBUILTIN r0, print, 1\nJMP +1\nJMP -4\nLOADI r0, 3\n"
		       "BUILTIN r0, print, 1\nRET0\n");
	check_code("exit() ::x:: var a = pid print(a) goto x",
		       "BUILTIN r0, exit, 0\nBUILTIN r0, pid, 0\nMOVE r1, r0\nBUILTIN r1, print, 1\n"
		       "JMP -4\n");
	/* always an integer: nothing counts as 0 */
	check_code("var n = pid n += 1 var m m += 1",
		       "BUILTIN r0, pid, 0\nADDI r0, r0, 1\nLOADNIL r1, 0\nJT r1, +1\nLOADI r1, 0\n"
		       "ADDI r1, r1, 1\nRET0\n");
	/* read before it is set */
	check_code("f() var x = 1 function f() { print(x) }",
		       "LOADF r0, f1\nCALL r0, 0\nLOADI r0, 1\nSETCELL r0, c0\nRET0\n"
		       "GETFROZEN r0, c0\nBUILTIN r0, print, 1\nRET0\n");
	check_code("if (pid == 1) exit() var x = 1 trace_end { print(x) }",
		   "BUILTIN r0, pid, 0\nJEQI r0, 0, 1\nJMP +1\nBUILTIN r0, exit, 0\nLOADI r0, 1\n"
		   "SETCELL r0, c0\nRET0\nGETFROZEN r0, c0\nBUILTIN r0, print, 1\nRET0\n");
}

static void test_closures(void **state)
{
	(void)state;
	check_plain("function f(n) { return function () { n += 2 return n } }",
		   "RET0\nNEWTABLE r1, t0\nLOADI r2, 1\nSETTABLE r1, r2, r0\nMOVE r2, r1\n"
		   "CLOSURE r2, f2\nRET r2\nRET0\nLOADI r1, 1\nADDTABLEI r0, r1, 2\nLOADI r2, 1\n"
		   "GETTABLE r1, r0, r2\nRET r1\nRET0\n");
}

static void test_plan(void **state)
{
	(void)state;
	check_plan("trace \"a:b/x == 1/; c:d\" function (e) { } tick-10ms { } profile-99hz { }\n"
		   "timer.s(2, function () { }) timer.profile('5ms', function () { }) trace_end { }",
		   "line 1: trace a:b: f2 after filter f1\n"
		   "line 1: trace c:d: f2\n"
		   "line 1: tick-10ms: f3\n"
		   "line 1: profile-99hz: f4\n"
		   "line 2: tick-2s: f5\n"
		   "line 2: profile-5ms: f6\n"
		   "line 2: trace_end: f7\n");
	check_plan("trace a:b, c:d /x == 1/ { }",
		   "line 1: trace a:b: f2 after filter f1\n"
		   "line 1: trace c:d: f2 after filter f1\n");
	/* a variable is frozen while only the main chunk writes it */
	check_plan("var limit = len(arg) var n = 0 trace a:b { if (n < limit) n += 1 }",
		   "line 1: trace a:b: f1\n"
		   "variable limit: set by the main part only, read without a lock\n"
		   "variable n: shared, every access atomic\n"
		   "line 1: table: one for all CPUs\n");
	/* a variable that never changes is no variable */
	check_plan("var five = 5 var s = 'x' trace a:b { print(five, s) }", "line 1: trace a:b: f1\n");
	check_code("var five = 5 trace a:b { if (arg0 < five) n += five }",
		   "RET0\nFIELD r0, e0\nJLTI r0, 0, 5\nJMP +1\nADDCELLI 5, c0\nRET0\n");
	/* a table is per CPU while handlers only accumulate */
	check_plan("var t = {} trace a:b { t[pid] += 1 } trace_end { print_hist(t) }",
		   "line 1: trace a:b: f1\nline 1: trace_end: f2\n"
		   "variable t: set by the main part only, read without a lock\n"
		   "line 1: table: one part per CPU, merged when read\n");
	check_plan("t = ptable() trace a:b { t[pid] <<< 1 } trace_end { print_quantize(t) }",
		   "line 1: trace a:b: f1\nline 1: trace_end: f2\n"
		   "variable t: set by the main part only, read without a lock\n"
		   "line 1: table: one part per CPU, merged when read, with distributions\n");
	check_plan("trace a:b { t[pid] -= 1 } tick-1s { for (k, v in pairs(t)) print(k, v, len(t)) }",
		   "line 1: trace a:b: f1\nline 1: tick-1s: f2\n"
		   "variable t: set by the main part only, read without a lock\n"
		   "line 1: table: one part per CPU, merged when read\n");
}

/* print_quantize of what is not the name of one table for ever: every table has to be ready. */
static void test_quantize_all(void **state)
{
	static const char *const scripts[] = {
		"var q = {} q.x <<< 5 q = {} print_quantize(q)",
		"var q = {} function reset() { q = {} } tick-1s { reset() print_quantize(q) }",
		"function mk() { return {} } var q = mk() print_quantize(q)",
		"var q = pid ? {} : nil print_quantize(q)",
		"var q, r = {}, {} q, r = r, q print_quantize(q)",
		"var q = {} var r = q print_quantize(r)",
		"var q = {} function show(z) { print_quantize(z) } show(q)",
		"var q = {} q[1] = {} print_quantize(q[1])",
		"trace a:b { lat[pid] <<< 5 } tick-1s { print_quantize(lat) lat = {} }",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct fixture f;
		const char *line;
		char *text;

		must_compile(&f, scripts[i]);
		text = dump(&f, kp_dump_plan);
		line = strstr(text, "table:");
		assert_non_null(line);
		for (; line; line = strstr(line + 1, "table:"))
			if (strncmp(line, "table: one for all CPUs, with distributions\n", 44))
				fail_msg("%s\nis planned as\n%s", scripts[i], text);
		free(text);
		release(&f);
	}
	/* the others keep none, and what print_lquantize has named keeps that */
	check_plan("var q = {} var r = {} print_quantize(q) r.x <<< 1",
		   "line 1: table: one for all CPUs, with distributions\n"
		   "line 1: table: one for all CPUs\n");
	check_plan("var q = {} var r = {} q = {} print_quantize(q) r.x <<< 1 print_lquantize(r, 0, 9, 3)",
		   "line 1: table: one for all CPUs, with distributions\n"
		   "line 1: table: one for all CPUs, with linear distributions\n"
		   "line 1: table: one for all CPUs, with distributions\n");
}

/* What keeps a table from being split: a read in a handler, another name for it, another value. */
static void test_not_per_cpu(void **state)
{
	static const char *const scripts[] = {
		"var t = {} trace a:b { t[pid] += 1 print(t[pid]) }",
		"var t = {} trace a:b { t[pid] = 1 }",
		"var t = {} trace a:b { t[pid] *= 2 }",
		"var t = {} trace a:b { t[1][2] += 1 }",
		"var t = {} var u = t trace a:b { t[pid] += 1 u[1] = 2 }",
		"var t = {} var u = { t } trace a:b { t[pid] += 1 }",
		"var t = {} function f(x) { x[1] = 2 } trace a:b { t[pid] += 1 f(t) }",
		"var t = {} function f() { return t[1] } trace a:b { t[pid] += f() }",
		"var t = {} trace a:b { t[pid] += 1 } tick-1s { t = {} }",
		"var t = {} t = {} trace a:b { t[pid] += 1 delete t[2] }",
		"var t = {} tick-1s { t[pid] += 1 }",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct fixture f;
		char *text;

		must_compile(&f, scripts[i]);
		text = dump(&f, kp_dump_plan);
		if (strstr(text, "per CPU"))
			fail_msg("%s\nis planned as\n%s", scripts[i], text);
		free(text);
		release(&f);
	}
}

/* Everything the compiler makes is accepted by the verifier. */
static void test_verified(void **state)
{
	static const char *const scripts[] = {
		"",
		"var s = {} trace syscalls:sys_enter_* { s[probename] += 1 } trace_end { print_hist(s) }",
		"trace \"syscalls:*\" function (e) { print(e) }",
		"trace *:* { n += 1 } profile-1ms { n -= tid } tick-1s { print(n) exit() }",
		"function f(a, b) { var c = a if (c) { var d = b return d } return f(b, a) } f(1, 2)",
		"repeat if (x) continue var z = 1 until y x = 2",
		"repeat var y = 1 if (y) continue var z = 2 until y",
		"while (1) { if (x) break else continue } x = 1",
		"for (i = 1, 3) { for (j = i, 3) { var k = i * j if (k == 4) { break } } }",
		"do goto done var x = 1 ::done:: end",
		"::top:: var x = 1 if (x > 2) goto top",
		"var t = { a = { b = { c = 1 } } } t.a.b.c += 1 print(t.a.b.c, len(t), 1 in t)",
		"var a, b, c = 1 a, b, c = c print(a, b, c)",
		"var x = 1 && nil || false && 2 x = !x ? (x ? 1 : 2) : x",
		"trace a:b { m[pid, tid, execname] <<< nsecs } trace_end { for ((p, t, e), v in pairs(m)) print(p, t, e, avg(v)) }",
		"var f = function () { return 1 } f = f() function g() { f = 2 } g()",
		"function o() { return function (x) { return x } } print(o()(5))",
	};
	struct ktap_place place;
	struct session s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct fixture f;

		must_compile(&f, scripts[i]);
		session_init(&s, 0, 0);
		if (kp_vm_load(&s.vm, f.image.data, f.image.len, &place))
			fail_msg("%s\nerror %u in function %u at %u", scripts[i], place.error,
				 place.func, place.pc);
		session_destroy(&s);
		release(&f);
	}
}

/* The same source gives the same bytes. */
static void test_reproducible(void **state)
{
	static const char text[] = "var s = {} trace a:b /x > 1/ { s[args.fd] += 1 } trace_end { print_hist(s) }";
	struct fixture f, g;

	(void)state;
	must_compile(&f, text);
	must_compile(&g, text);
	assert_int_equal(f.image.len, g.image.len);
	assert_memory_equal(f.image.data, g.image.data, f.image.len);
	assert_memory_equal(f.image.data, "\x1bktp\x01\x00\x00\x00", 8);
	release(&f);
	release(&g);
}

/* @text has this error, and nothing else is said. */
static void check_refused(struct kp_buf *text, enum kp_tag tag)
{
	struct fixture f;

	compile_plain(&f, kp_buf_str(text));
	assert_int_equal(f.ret, -EINVAL);
	assert_int_equal(f.diag.tags[0], tag);
	assert_int_equal(f.diag.errors, 1);
	assert_int_equal(f.diag.warnings, 0);
	release(&f);
	kp_buf_free(text);
}

static void test_limits(void **state)
{
	struct kp_buf text = KP_BUF_INIT;
	unsigned int i;

	(void)state;
	/* a loop longer than a conditional jump reaches */
	kp_buf_puts(&text, "while (pid) { ");
	for (i = 0; i < 20000; i++)
		kp_buf_puts(&text, "t[1] = 2\n");
	kp_buf_puts(&text, "}");
	check_refused(&text, KP_TAG_TOO_LARGE);

	/* what is behind the last local variable is declared all the same */
	kp_buf_puts(&text, "function f(a) {\n");
	for (i = 0; i < 300; i++)
		kp_buf_printf(&text, "var v%u = a\n", i);
	kp_buf_puts(&text, "v299(v298) }\n");
	check_refused(&text, KP_TAG_TOO_MANY_LOCALS);

	/* a flat script, whose constants are too many as well */
	for (i = 0; i <= KTAP_MAX_CONSTS; i++)
		kp_buf_printf(&text, "t[1] = %u\n", 100000 + i);
	check_refused(&text, KP_TAG_TOO_LONG);

	for (i = 0; i <= KTAP_MAX_PROBES; i++)
		kp_buf_puts(&text, "tick-1s { }\n");
	check_refused(&text, KP_TAG_TOO_MANY);

	kp_buf_puts(&text, "trace a:b { ");
	for (i = 0; i <= KTAP_MAX_FIELDS; i++)
		kp_buf_printf(&text, "print(args.f%u)\n", i);
	kp_buf_puts(&text, "}");
	check_refused(&text, KP_TAG_TOO_MANY);

	for (i = 0; i <= KTAP_MAX_CONSTS; i += 8192) {
		unsigned int j;

		kp_buf_printf(&text, "function f%u(t) {\n", i);
		for (j = i; j < i + 8192; j++)
			kp_buf_printf(&text, "t[1] = %u\n", 100000 + j);
		kp_buf_puts(&text, "}\n");
	}
	check_refused(&text, KP_TAG_TOO_MANY);
}

/* One mistake is said once. */
static void test_once(void **state)
{
	struct kp_buf text = KP_BUF_INIT;

	(void)state;
	kp_buf_puts(&text, "cdef [[ struct a { u32 u32 x; u8 y; }; union u { struct a b; }; int f(int); ]]\n"
			   "print(ffi.sizeof('struct a'), ffi.sizeof('union u'), ffi.offsetof('struct a', 'y'))\n"
			   "C.f(1)\n");
	check_refused(&text, KP_TAG_CDECL);
}

/* What a launch gives is in no image: the code asks for it. */
static void test_arguments(void **state)
{
	struct fixture f;
	char *text;

	(void)state;
	must_compile(&f, "option n = 5 \"help\"\noption s = \"word\"\nprint(n, s, arg[0])");
	text = dump(&f, kp_dump_bytecode);
	assert_non_null(strstr(text, "LOADI     r3, 2\n     4      1  ARG       r4, r3"));
	assert_non_null(strstr(text, "LOADI     r2, 1\n    14      2  ARG       r2, r2"));
	assert_null(strstr(text, "word"));
	free(text);
	release(&f);
}

static void test_options(void **state)
{
	static const struct kp_compile_opts quiet = { .no_warnings = true };
	static const struct kp_compile_opts plain = { .no_fold = true };
	struct fixture f;
	char *text;

	(void)state;
	compile_with(&f, "print(x)", &quiet);
	assert_int_equal(f.ret, 0);
	assert_int_equal(f.diag.warnings, 0);
	release(&f);

	compile_with(&f, "print(1 + 2)", &plain);
	assert_int_equal(f.ret, 0);
	text = dump(&f, kp_dump_bytecode);
	assert_non_null(strstr(text, "ADDI"));
	free(text);
	release(&f);
}

/* Let allocation 1, 2, 3 … fail until all succeed: -ENOMEM each time, and nothing leaks. */
static void check_nomem(const char *text, int want)
{
	struct fixture f;
	size_t n;

	for (n = 1;; n++) {
		allocations = 0;
		failing = n;
		compile(&f, text);
		failing = 0;
		release(&f);
		if (allocations < n)
			break;
		assert_int_equal(f.ret, -ENOMEM);
	}
	assert_int_equal(f.ret, want);
	assert_true(n > 2);
}

static void test_nomem(void **state)
{
	struct kp_buf text = KP_BUF_INIT;
	int i;

	(void)state;
	check_nomem("var s = {} trace a:b /x ~ *y*/ { s[args.fd, pid] += 1 } trace_end { print_hist(s) }", 0);
	check_nomem("prnt(1) var x = pid + y", -EINVAL);
	check_nomem("var a = ", -EINVAL);
	for (i = 0; i < 400; i++)
		kp_buf_printf(&text, "function f%d(a) { if (a > %d) return \"s%d\" .. a }\n", i,
			      i * 1000, i);
	check_nomem(kp_buf_str(&text), 0);
	kp_buf_free(&text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expressions), cmocka_unit_test(test_assignments),
		cmocka_unit_test(test_control),	    cmocka_unit_test(test_events),
		cmocka_unit_test(test_infer),
		cmocka_unit_test(test_closures),
		cmocka_unit_test(test_plan),	    cmocka_unit_test(test_not_per_cpu),
		cmocka_unit_test(test_quantize_all),
		cmocka_unit_test(test_verified),    cmocka_unit_test(test_reproducible),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_once),	    cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_options),	    cmocka_unit_test(test_nomem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
