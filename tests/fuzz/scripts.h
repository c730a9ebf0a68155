/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Valid scripts from a seed: the same seed makes the same script.  They end by themselves, print
 * what they compute, and rarely run into an error.
 *
 * What they consist of stands in script_forms.h; script_head there has the variables and functions.
 */
#ifndef KP_FUZZ_SCRIPTS_H
#define KP_FUZZ_SCRIPTS_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include "util/buf.h"
#include "script_forms.h"

#define SCRIPT_CALLS	12	/* of build/triggers/seeks, which the handlers of a script expect */

struct script {
	struct kp_buf *out;
	uint64_t seed;
	bool events;		/* handlers of events; else functions that trace_end calls as often */
	bool returns;		/* in a handler of sys_exit, not sys_enter */
	unsigned int where;	/* WHERE_* */
	int nfuncs;		/* functions that may be called */
	int nlocals;		/* l0 ... are visible */
	int nparams;		/* p0 ... are visible */
	int nesting;		/* of loops */
	int names;		/* ever given to something new */
	int indent;
};

static inline uint32_t script_number(struct script *s, uint32_t below)
{
	s->seed = s->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(s->seed >> 33) % below;
}

static inline void script_write(struct script *s, const char *form, int depth);

/* Writes one of the forms, of those that can stand here. */
static inline void script_choose(struct script *s, const struct form *forms, uint32_t n, int depth)
{
	unsigned int not_here = (s->where & WHERE_PROCESS ? 0 : PROCESS) | (s->where & WHERE_HANDLER ? 0 : EVENT) |
				(s->nfuncs ? 0 : FUNCS) | (s->nesting ? 0 : IN_LOOP) | (depth > 0 ? 0 : DEEP) |
				(s->nesting < (s->where & WHERE_HANDLER ? 1 : 2) && !(s->where & WHERE_ONCE) ? 0 : LOOP);
	const struct form *form;

	do {
		form = &forms[script_number(s, n)];
	} while (form->needs & not_here);
	if (form->needs & LOOP)
		s->nesting++;
	script_write(s, form->text, depth);
	if (form->needs & LOOP)
		s->nesting--;
}

#define SCRIPT_CHOOSE(s, forms, depth) script_choose(s, forms, sizeof(forms) / sizeof(*(forms)), depth)

static inline void script_line(struct script *s)
{
	int i;

	for (i = 0; i < s->indent; i++)
		kp_buf_puts(s->out, "\t");
}

static inline void script_int(struct script *s, int depth)
{
	if (depth > 0)
		SCRIPT_CHOOSE(s, script_ints, depth - 1);
	else if (s->nlocals && !script_number(s, 3))
		kp_buf_printf(s->out, "l%d", (int)script_number(s, s->nlocals));
	else if (s->nparams && !script_number(s, 2))
		kp_buf_printf(s->out, "p%d", (int)script_number(s, s->nparams));
	else
		SCRIPT_CHOOSE(s, script_plain_ints, 0);
}

/* A string of any length: most are short, and what handlers have no room for is not for them. */
static inline void script_text(struct script *s)
{
	uint32_t n = script_number(s, 4) ? script_number(s, 20) : script_number(s, s->where & WHERE_PROCESS ? 300 : 40);

	kp_buf_puts(s->out, "\"");
	while (n--)
		kp_buf_printf(s->out, "%c", (int)('!' + script_number(s, 2) * ('a' - '!') + script_number(s, 1)));
	kp_buf_puts(s->out, "\"");
}

/* Statements in braces, with a variable of their own. */
static inline void script_block(struct script *s, int depth, int n)
{
	int locals = s->nlocals;

	kp_buf_puts(s->out, "{\n");
	s->indent++;
	if (s->nlocals < 8 && script_number(s, 2)) {
		script_line(s);
		kp_buf_printf(s->out, "var l%d = ", s->nlocals);
		script_int(s, 2);
		kp_buf_puts(s->out, "\n");
		s->nlocals++;
	}
	while (n--) {
		script_line(s);
		SCRIPT_CHOOSE(s, script_statements, depth);
		kp_buf_puts(s->out, "\n");
	}
	s->indent--;
	s->nlocals = locals;
	script_line(s);
	kp_buf_puts(s->out, "}");
}

/* Writes a form; name is what $v stands for in it. */
static inline void script_directive(struct script *s, char what, int depth, int name)
{
	switch (what) {
	case 'i':
		script_int(s, depth);
		break;
	case 'j':
		script_int(s, 0);
		break;
	case 's':
		if (depth > 0)
			SCRIPT_CHOOSE(s, script_strings, depth - 1);
		else
			SCRIPT_CHOOSE(s, script_plain_strings, 0);
		break;
	case 't':
		SCRIPT_CHOOSE(s, script_plain_strings, 0);
		break;
	case 'x':
		script_text(s);
		break;
	case 'b':
		SCRIPT_CHOOSE(s, script_tests, depth - 1);
		break;
	case 'c':
		SCRIPT_CHOOSE(s, script_constants, 0);
		break;
	case 'o':
		SCRIPT_CHOOSE(s, script_operators, 0);
		break;
	case 'r':
		SCRIPT_CHOOSE(s, script_relations, 0);
		break;
	case 'a':
		SCRIPT_CHOOSE(s, script_assignments, 0);
		break;
	case 'n':
		kp_buf_printf(s->out, "%d", (int)script_number(s, 10));
		break;
	case 'g':
		kp_buf_printf(s->out, "g%d", (int)script_number(s, 4));
		break;
	case 'z':
		kp_buf_printf(s->out, "s%d", (int)script_number(s, 2));
		break;
	case 'f':
		kp_buf_printf(s->out, "f%d", (int)script_number(s, s->nfuncs));
		break;
	case 'e':
		if (s->returns)
			kp_buf_puts(s->out, s->events ? "args.ret" : "ret");
		else if (script_number(s, 2))
			kp_buf_puts(s->out, s->events ? "args.offset" : "offset");
		else
			kp_buf_puts(s->out, s->events ? "arg3" : "whence");
		break;
	case 'B':
		script_block(s, depth - 1, 2);
		break;
	case 'v':
		kp_buf_printf(s->out, "%d", name);
		break;
	default:
		kp_buf_put(s->out, &what, 1);
	}
}

static inline void script_write(struct script *s, const char *form, int depth)
{
	int name = strstr(form, "$v") ? s->names++ : 0;
	const char *p;

	for (p = form; *p; p++) {
		if (*p == '$') {
			script_directive(s, *++p, depth, name);
			continue;
		}
		kp_buf_put(s->out, p, 1);
		if (*p == '\n')
			script_line(s);
	}
}

/* Functions, which handlers call, too.  Without loops: what is called in loops multiplies what they cost. */
static inline void script_func(struct script *s)
{
	kp_buf_printf(s->out, "function f%d(p0, p1) {\n\t", s->nfuncs);
	s->where = WHERE_ONCE;
	s->nparams = 2;
	s->indent = 1;
	script_block(s, 1, 2);
	kp_buf_puts(s->out, "\n\treturn ");
	script_int(s, 2);
	kp_buf_puts(s->out, "\n}\n");
	s->indent = 0;
	s->nparams = 0;
	s->nfuncs++;
}

/* What happens when the program seeks enters lseek() or returns from it. */
static inline void script_handler(struct script *s, int number, bool returns)
{
	static const char *const heads[2][2] = {
		{ "function h%d(fd, offset, whence) { if (", "function h%d(ret) { if (" },
		{ "trace syscalls:sys_enter_lseek /", "trace syscalls:sys_exit_lseek /" },
	};

	s->returns = returns;
	s->where = WHERE_HANDLER;
	kp_buf_printf(s->out, heads[s->events][returns], number);
	if (number)
		SCRIPT_CHOOSE(s, script_filters, 0);
	else
		kp_buf_puts(s->out, "true");
	kp_buf_puts(s->out, s->events ? "/ " : ") ");
	if (number) {
		script_block(s, 1, 3);
	} else {
		kp_buf_puts(s->out, "{\n");
		kp_buf_puts(s->out, script_look);
		kp_buf_puts(s->out, "}");
	}
	kp_buf_puts(s->out, s->events ? "\n" : " }\n");
}

/*
 * Writes the script of a seed to out, with so many blocks in its main part.  With events it
 * has handlers, which expect SCRIPT_CALLS calls of build/triggers/seeks; without them the script
 * does the same by itself.  The lines of both are the same but for the names of the events' data.
 */
static inline void script_make(struct kp_buf *out, uint64_t seed, int blocks, bool events)
{
	struct script s = { .out = out, .seed = seed * 0x9e3779b97f4a7c15ULL + 1, .events = events };
	int i, n = script_number(&s, 3);

	kp_buf_printf(out, "# script %" PRIu64 "\n%s", seed, script_head);
	for (i = 0; i < n; i++)
		script_func(&s);
	s.where = WHERE_PROCESS;
	for (i = 0; i < blocks; i++) {
		script_block(&s, 3, 6);
		kp_buf_puts(out, "\n");
	}
	script_handler(&s, 0, false);
	script_handler(&s, 1, false);
	script_handler(&s, 2, true);
	script_handler(&s, 3, true);
	s.where = WHERE_PROCESS;
	kp_buf_puts(out, "trace_end {\n");
	if (!events)
		kp_buf_printf(out, "for (call = 0; call < %d; call += 1) { var offset = call * 0x3e3779b9 & 0x7fffffff "
				   "h0(-1, offset, call %% 3) h1(-1, offset, call %% 3) h2(-9) h3(-9) }", SCRIPT_CALLS);
	kp_buf_puts(out, "\n");
	script_block(&s, 2, 3);
	kp_buf_puts(out, "\n");
	kp_buf_puts(out, script_tail);
	if (!script_number(&s, 8))
		SCRIPT_CHOOSE(&s, script_errors, 0);
	kp_buf_puts(out, "\n}\n");
}

#endif
