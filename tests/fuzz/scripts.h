/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Valid scripts from a seed: the same seed makes the same script.  They end by themselves, print
 * what they compute, and rarely run into an error.
 *
 * Numbers are in g0 ... g3, strings in s0 and s1, tables of numbers in t0 (plain keys) and t1 (tuples).
 */
#ifndef KP_FUZZ_SCRIPTS_H
#define KP_FUZZ_SCRIPTS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include "util/buf.h"

struct script {
	struct kp_buf *out;
	uint64_t seed;
	int nfuncs;		/* functions that may be called */
	int nlocals;		/* l0 ... are visible */
	int nparams;		/* p0 ... are visible */
	int nesting;		/* of loops */
	bool once;		/* no loops: what is called in loops multiplies what they cost */
	int names;		/* ever given to a loop */
	int indent;
};

static inline uint32_t script_number(struct script *s, uint32_t below)
{
	s->seed = s->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(s->seed >> 33) % below;
}

static inline void script_int(struct script *s, int depth);
static inline void script_str(struct script *s, int depth);
static inline void script_block(struct script *s, int depth, int n);

static inline void script_constant(struct script *s)
{
	static const char *const edges[] = {
		"0", "1", "-1", "2", "127", "128", "-128", "-129", "255", "32767", "32768", "-32769", "63", "64",
		"0x7fffffffffffffff", "(-0x7fffffffffffffff - 1)", "0xffffffff", "017",
	};

	if (script_number(s, 3))
		kp_buf_printf(s->out, "%d", (int)script_number(s, 20) - 5);
	else
		kp_buf_puts(s->out, edges[script_number(s, sizeof(edges) / sizeof(*edges))]);
}

static inline void script_test(struct script *s, int depth)
{
	static const char *const ops[] = { "<", "<=", ">", ">=", "==", "!=" };

	kp_buf_puts(s->out, "(");
	switch (depth > 0 ? script_number(s, 8) : 7) {
	case 0:
		script_test(s, depth - 1);
		kp_buf_puts(s->out, script_number(s, 2) ? " && " : " || ");
		script_test(s, depth - 1);
		break;
	case 1:
		kp_buf_puts(s->out, "!");
		script_test(s, depth - 1);
		break;
	case 2:
		script_str(s, depth - 1);
		kp_buf_printf(s->out, " %s ", ops[script_number(s, 6)]);
		script_str(s, depth - 1);
		break;
	case 3:
		script_int(s, depth - 1);
		kp_buf_puts(s->out, " in t0");
		break;
	case 4:
		kp_buf_puts(s->out, script_number(s, 2) ? "true" : "nil");
		break;
	default:
		script_int(s, depth - 1);
		kp_buf_printf(s->out, " %s ", ops[script_number(s, 6)]);
		script_int(s, depth - 1);
	}
	kp_buf_puts(s->out, ")");
}

static inline void script_int(struct script *s, int depth)
{
	static const char *const ops[] = { "+", "-", "*", "&", "|", "^", "<<", ">>" };

	switch (depth > 0 ? script_number(s, 12) : 9 + script_number(s, 3)) {
	case 0:
		kp_buf_puts(s->out, "(");
		script_int(s, depth - 1);
		kp_buf_puts(s->out, script_number(s, 2) ? " / " : " % ");
		/* rarely by 0 */
		if (script_number(s, 40)) {
			kp_buf_puts(s->out, "(1 | ");
			script_int(s, depth - 1);
			kp_buf_puts(s->out, "))");
		} else {
			script_int(s, depth - 1);
			kp_buf_puts(s->out, ")");
		}
		break;
	case 1:
		kp_buf_puts(s->out, script_number(s, 2) ? "(- " : "(~ ");
		script_int(s, depth - 1);
		kp_buf_puts(s->out, ")");
		break;
	case 2:
		kp_buf_puts(s->out, "(");
		script_test(s, depth - 1);
		kp_buf_puts(s->out, " ? ");
		script_int(s, depth - 1);
		kp_buf_puts(s->out, " : ");
		script_int(s, 0);
		kp_buf_puts(s->out, ")");
		break;
	case 3:
		kp_buf_puts(s->out, "len(");
		script_str(s, depth - 1);
		kp_buf_puts(s->out, ")");
		break;
	case 4:
		kp_buf_puts(s->out, "(t0[");
		script_int(s, depth - 1);
		kp_buf_puts(s->out, "] || ");
		script_int(s, 0);
		kp_buf_puts(s->out, ")");
		break;
	case 5:
		if (s->nfuncs) {
			kp_buf_printf(s->out, "f%d(", (int)script_number(s, s->nfuncs));
			script_int(s, depth - 1);
			kp_buf_puts(s->out, ", ");
			script_int(s, depth - 1);
			kp_buf_puts(s->out, ")");
			break;
		}
		/* fall through */
	case 6:
	case 7:
	case 8:
		kp_buf_puts(s->out, "(");
		script_int(s, depth - 1);
		kp_buf_printf(s->out, " %s ", ops[script_number(s, 8)]);
		script_int(s, depth - 1);
		kp_buf_puts(s->out, ")");
		break;
	case 9:
		if (s->nlocals) {
			kp_buf_printf(s->out, "l%d", (int)script_number(s, s->nlocals));
			break;
		}
		/* fall through */
	case 10:
		if (s->nparams && script_number(s, 2))
			kp_buf_printf(s->out, "p%d", (int)script_number(s, s->nparams));
		else
			kp_buf_printf(s->out, "g%d", (int)script_number(s, 4));
		break;
	default:
		script_constant(s);
	}
}

static inline void script_str(struct script *s, int depth)
{
	static const char *const texts[] = { "\"\"", "\"a\"", "\"ktap\"", "'0123456789abcdef'", "\"10\"" };

	switch (depth > 0 ? script_number(s, 5) : 3 + script_number(s, 2)) {
	case 0:
		kp_buf_puts(s->out, "(");
		script_str(s, depth - 1);
		kp_buf_puts(s->out, " .. ");
		script_int(s, depth - 1);
		kp_buf_puts(s->out, " .. ");
		script_str(s, 0);
		kp_buf_puts(s->out, ")");
		break;
	case 1:
		kp_buf_puts(s->out, "(");
		script_test(s, depth - 1);
		kp_buf_puts(s->out, " ? ");
		script_str(s, 0);
		kp_buf_puts(s->out, " : ");
		script_str(s, 0);
		kp_buf_puts(s->out, ")");
		break;
	case 2:
	case 3:
		kp_buf_printf(s->out, "s%d", (int)script_number(s, 2));
		break;
	default:
		kp_buf_puts(s->out, texts[script_number(s, 5)]);
	}
}

static inline void script_line(struct script *s)
{
	int i;

	for (i = 0; i < s->indent; i++)
		kp_buf_puts(s->out, "\t");
}

/* A loop: three kinds of head, all of which end. */
static inline void script_loop(struct script *s, int depth)
{
	int name = s->names++, kind = script_number(s, 3);

	switch (kind) {
	case 0:
		kp_buf_printf(s->out, "for (i%d = %d, %d) {\n", name, (int)script_number(s, 4) - 2,
			      (int)script_number(s, 5));
		break;
	case 1:
		kp_buf_printf(s->out, "var i%d = %d\n", name, (int)script_number(s, 5));
		script_line(s);
		kp_buf_printf(s->out, "while (i%d > 0) {\n", name);
		break;
	default:
		kp_buf_printf(s->out, "for (i%d = %d, %d, %d) {\n", name, (int)script_number(s, 9),
			      (int)script_number(s, 4) - 2, -1 - (int)script_number(s, 3));
	}
	s->nesting++;
	s->indent++;
	if (kind == 1) {
		script_line(s);
		kp_buf_printf(s->out, "i%d -= 1\n", name);
	}
	script_line(s);
	kp_buf_printf(s->out, "g%d = g%d + i%d\n", (int)script_number(s, 4), (int)script_number(s, 4), name);
	s->indent--;
	script_block(s, depth - 1, 2);
	s->nesting--;
	script_line(s);
	kp_buf_puts(s->out, "}\n");
}

static inline void script_stmt(struct script *s, int depth)
{
	static const char *const compound[] = { "+=", "-=", "*=", "|=", "&=" };
	int kind = script_number(s, 15);

	script_line(s);
	switch (kind) {
	case 0:
	case 1:
		kp_buf_printf(s->out, "g%d = ", (int)script_number(s, 4));
		script_int(s, 3);
		break;
	case 2:
		kp_buf_printf(s->out, "g%d %s ", (int)script_number(s, 4), compound[script_number(s, 5)]);
		script_int(s, 2);
		break;
	case 3:
		kp_buf_printf(s->out, "s%d = ", (int)script_number(s, 2));
		script_str(s, 2);
		break;
	case 4:
		kp_buf_puts(s->out, "t0[");
		script_int(s, 1);
		kp_buf_puts(s->out, script_number(s, 2) ? "] = " : "] += ");
		script_int(s, 2);
		break;
	case 5:
		kp_buf_puts(s->out, "t1[");
		script_int(s, 1);
		kp_buf_puts(s->out, ", ");
		script_str(s, 1);
		kp_buf_puts(s->out, script_number(s, 2) ? "] = " : "] += ");
		script_int(s, 2);
		break;
	case 6:
		kp_buf_puts(s->out, "delete t0[");
		script_int(s, 1);
		kp_buf_puts(s->out, "]");
		break;
	case 7:
	case 8:
		if (depth > 0) {
			kp_buf_puts(s->out, "if ");
			script_test(s, 2);
			kp_buf_puts(s->out, " {\n");
			script_block(s, depth - 1, 2);
			script_line(s);
			kp_buf_puts(s->out, "} else {\n");
			script_block(s, depth - 1, 1);
			script_line(s);
			kp_buf_puts(s->out, "}");
			break;
		}
		/* fall through */
	case 9:
		if (depth > 0 && s->nesting < 2 && !s->once) {
			script_loop(s, depth);
			return;
		}
		/* fall through */
	case 10:
		kp_buf_puts(s->out, "for (k, v in pairs(t0)) { g0 = g0 ^ k + v }");
		break;
	case 11:
		if (s->nesting) {
			kp_buf_puts(s->out, "if ");
			script_test(s, 1);
			kp_buf_puts(s->out, script_number(s, 2) ? " { break }" : " { continue }");
			break;
		}
		/* fall through */
	case 12:
		kp_buf_puts(s->out, "g0, g1 = g1, ");
		script_int(s, 1);
		break;
	default:
		kp_buf_puts(s->out, "print(");
		script_int(s, 3);
		kp_buf_puts(s->out, ", ");
		script_str(s, 2);
		kp_buf_puts(s->out, ", ");
		script_test(s, 2);
		kp_buf_puts(s->out, ")");
	}
	kp_buf_puts(s->out, "\n");
}

/* A block with a variable of its own. */
static inline void script_block(struct script *s, int depth, int n)
{
	int locals = s->nlocals;

	s->indent++;
	if (s->nlocals < 8 && script_number(s, 2)) {
		script_line(s);
		kp_buf_printf(s->out, "var l%d = ", s->nlocals);
		script_int(s, 2);
		kp_buf_puts(s->out, "\n");
		s->nlocals++;
	}
	while (n--)
		script_stmt(s, depth);
	s->indent--;
	s->nlocals = locals;
}

static inline void script_func(struct script *s)
{
	kp_buf_printf(s->out, "function f%d(p0, p1) {\n", s->nfuncs);
	s->nparams = 2;
	s->once = true;
	script_block(s, 1, 2);
	s->once = false;
	kp_buf_puts(s->out, "\treturn ");
	script_int(s, 2);
	kp_buf_puts(s->out, "\n}\n");
	s->nparams = 0;
	s->nfuncs++;
}

/* Writes the script of a seed to out. */
static inline void script_make(struct kp_buf *out, uint64_t seed)
{
	struct script s = { .out = out, .seed = seed * 0x9e3779b97f4a7c15ULL + 1 };
	int i, n = script_number(&s, 3);

	kp_buf_printf(out, "# script %" PRIu64 "\n", seed);
	kp_buf_puts(out, "var g0 = 1 var g1 = 2 var g2 = -3 var g3 = 100\nvar s0 = \"x\" var s1 = \"yz\"\n"
			 "var t0 = {5, 6, 7} var t1 = {}\n");
	for (i = 0; i < n; i++)
		script_func(&s);
	script_block(&s, 3, 6);
	kp_buf_puts(out, "trace_end {\n");
	script_block(&s, 2, 3);
	kp_buf_puts(out, "\tprint(g0, g1, g2, g3, s0, s1, len(t0), len(t1))\n"
			 "\tfor (k, v in pairs(t0)) print(k, v)\n"
			 "\tfor ((a, b), v in pairs(t1)) print(a, b, v)\n}\n");
}

#endif
