// SPDX-License-Identifier: GPL-2.0-only
/* What the verifier accepts, and what it refuses with which error at which instruction. */
#include "session.h"

/* What runs the function under test. */
enum where {
	MAIN, CALLED, EVENT, FILTER, PROFILE, TICK, END, WHERES
};

static const char *const where_names[WHERES] = {
	"main", "called", "event", "filter", "profile", "tick", "end",
};

#define ACCEPT		KTAP_ERR_NONE, 0
#define REJECT(tag, pc)	KTAP_ERR_VER_##tag, pc
#define CODE(...)	{ __VA_ARGS__ }, sizeof((u32[]){ __VA_ARGS__ }) / 4

/*
 * Every function has 8 registers, the one under test 2 parameters unless it is main.  There
 * are 2 constants, cells 0 (plain) and 1 (frozen), 1 table site, 1 field and functions 0 to 2.
 */
static const struct row {
	const char *claim;
	u32 where;	/* 1 << enum where */
	u32 error, pc;
	u32 code[12];
	u32 n;
} rows[] = {
#define ALL	((1 << WHERES) - 1)
#define ON(x)	(1 << (x))
	{ "the shortest function", ALL, ACCEPT, CODE(I_RET0) },
	{ "unknown opcode", ALL, REJECT(OPCODE, 0), CODE(KTAP_OP_COUNT, I_RET0) },
	{ "opcode 255", ALL, REJECT(OPCODE, 1), CODE(I_LOADI(0, 1), 0xff, I_RET0) },
	{ "bytes never reached are checked, too", ALL, REJECT(OPCODE, 1), CODE(I_RET0, 0xff) },

	{ "unused C", ALL, REJECT(UNUSED, 1), CODE(I_LOADI(0, 1), I_ABC(MOVE, 1, 0, 1), I_RET0) },
	{ "unused A", ALL, REJECT(UNUSED, 0), CODE(KTAP_ABC(KTAP_OP_RET0, 1, 0, 0)) },
	{ "unused B", ALL, REJECT(UNUSED, 1), CODE(I_LOADI(0, 1), KTAP_ABC(KTAP_OP_RET, 0, 1, 0)) },

	{ "last register", ALL, ACCEPT, CODE(I_LOADI(7, 1), I_RET(7)) },
	{ "written register out of range", ALL, REJECT(REG, 0), CODE(I_LOADI(8, 1), I_RET0) },
	{ "read register out of range", ALL, REJECT(REG, 0), CODE(I_ABC(MOVE, 0, 8, 0), I_RET0) },
	{ "third register out of range", ALL, REJECT(REG, 1),
	  CODE(I_LOADI(0, 1), I_ABC(ADD, 0, 0, 200), I_RET0) },
	{ "LOADNIL to the end", ALL, ACCEPT, CODE(I_LOADNIL(0, 7), I_RET(7)) },
	{ "LOADNIL over the end", ALL, REJECT(REG, 0), CODE(I_LOADNIL(0, 8), I_RET0) },
	{ "LOADNIL far over the end", ALL, REJECT(REG, 0), CODE(I_LOADNIL(7, 255), I_RET0) },
	{ "CONCAT over the end", ALL, REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_ABC(CONCAT, 0, 6, 3), I_RET0) },
	{ "TUPLE over the end", ALL, REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_ABC(TUPLE, 0, 7, 2), I_RET0) },
	{ "UNTUPLE over the end", ALL, REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_ABC(UNTUPLE, 6, 0, 3), I_RET0) },
	{ "FORPREP over the end", ALL, REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_ABX(FORPREP, 5, 0), I_RET0) },
	{ "FORLOOP over the end", ALL, REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_ABX(FORLOOP, 5, -1), I_RET0) },
	{ "NEXT over the end", ALL, REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_ABX(NEXT, 5, 0), I_RET0) },
	{ "PAIRS over the end", ALL, REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_ABC(PAIRS, 7, 0, 0), I_RET0) },
	{ "CALL over the end", ALL, REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_CALL(6, 2), I_RET0) },
	{ "TAILCALL over the end", ALL, REJECT(REG, 1),
	  CODE(I_LOADNIL(0, 7), KTAP_ABC(KTAP_OP_TAILCALL, 7, 1, 0)) },
	{ "BUILTIN over the end", ALL, REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_BUILTIN(6, print, 3), I_RET0) },
	{ "BUILTIN without arguments in the last register", ALL, ACCEPT, CODE(I_BUILTIN(7, pid, 0), I_RET(7)) },

	{ "register never written", ALL, REJECT(UNINIT, 0), CODE(I_RET(5)) },
	{ "parameters are written", ALL & ~ON(MAIN), ACCEPT, CODE(I_ABC(ADD, 2, 0, 1), I_RET(2)) },
	{ "main has no parameters", ON(MAIN), REJECT(UNINIT, 0), CODE(I_ABC(ADD, 2, 0, 1), I_RET(2)) },
	{ "second operand never written", ALL, REJECT(UNINIT, 1),
	  CODE(I_LOADI(2, 1), I_ABC(ADD, 2, 2, 6), I_RET0) },
	{ "written on one path only", ALL, REJECT(UNINIT, 3),
	  CODE(I_LOADI(2, 1), I_ABX(JT, 2, 1), I_LOADI(5, 1), I_RET(5)) },
	{ "written on both paths", ALL, ACCEPT,
	  CODE(I_LOADI(2, 1), I_ABX(JT, 2, 2), I_LOADI(5, 1), I_JMP(1), I_LOADI(5, 2), I_RET(5)) },
	{ "written after a jump back", ALL, REJECT(UNINIT, 1),
	  CODE(I_JMP(0), I_ABC(MOVE, 2, 5, 0), I_LOADI(5, 1), I_JMP(-3)) },
	{ "FORPREP needs three", ALL, REJECT(UNINIT, 2),
	  CODE(I_LOADI(2, 1), I_LOADI(3, 1), I_ABX(FORPREP, 2, 0), I_RET0) },
	{ "the loop variable is written inside", ALL, ACCEPT,
	  CODE(I_LOADI(2, 1), I_LOADI(3, 1), I_LOADI(4, 1), I_ABX(FORPREP, 2, 2), I_ABC(MOVE, 6, 5, 0),
	       I_ABX(FORLOOP, 2, -2), I_RET0) },
	{ "the loop variable is not written behind", ALL, REJECT(UNINIT, 6),
	  CODE(I_LOADI(2, 1), I_LOADI(3, 1), I_LOADI(4, 1), I_ABX(FORPREP, 2, 2), I_ABC(MOVE, 6, 5, 0),
	       I_ABX(FORLOOP, 2, -2), I_RET(5)) },
	{ "key and value are written inside", ALL, ACCEPT,
	  CODE(I_LOADNIL(2, 0), I_ABC(PAIRS, 3, 2, 0), I_ABX(NEXT, 3, 2), I_ABC(ADD, 2, 5, 6), I_JMP(-3),
	       I_RET0) },
	{ "key and value are not written behind", ALL, REJECT(UNINIT, 5),
	  CODE(I_LOADNIL(2, 0), I_ABC(PAIRS, 3, 2, 0), I_ABX(NEXT, 3, 2), I_ABC(ADD, 2, 5, 6), I_JMP(-3),
	       I_RET(5)) },
	{ "NEXT without PAIRS", ALL, REJECT(UNINIT, 0), CODE(I_ABX(NEXT, 4, 0), I_RET0) },
	{ "SORTNEXT over the end", ON(MAIN), REJECT(REG, 1), CODE(I_LOADNIL(0, 7), I_ABX(SORTNEXT, 6, 0), I_RET0) },
	{ "a sort by a function", ON(MAIN) | ON(TICK) | ON(END) | ON(CALLED), ACCEPT,
	  CODE(I_LOADNIL(2, 0), I_ABC(SORT, 3, 2, 1), I_ABX(SORTNEXT, 3, 3), I_ABC(ADD, 2, 4, 5),
	       I_ABC(SORTTELL, 3, 2, 0), I_JMP(-4), I_RET(3)) },
	{ "the values are not written behind", ON(MAIN), REJECT(UNINIT, 6),
	  CODE(I_LOADNIL(2, 0), I_ABC(SORT, 3, 2, 1), I_ABX(SORTNEXT, 3, 3), I_ABC(ADD, 2, 4, 5),
	       I_ABC(SORTTELL, 3, 2, 0), I_JMP(-4), I_RET(4)) },
	{ "SORTNEXT without SORT", ON(MAIN), REJECT(UNINIT, 0), CODE(I_ABX(SORTNEXT, 3, 0), I_RET0) },
	{ "a sort of another kind", ON(MAIN), REJECT(OPERAND, 1), CODE(I_LOADNIL(2, 0), I_ABC(SORT, 3, 2, 2), I_RET0) },
	{ "a sort in a handler", ON(EVENT) | ON(FILTER) | ON(PROFILE), REJECT(CONTEXT, 1),
	  CODE(I_LOADNIL(2, 0), I_ABC(SORT, 3, 2, 0), I_RET0) },
	{ "SORTNEXT in a handler", ON(EVENT), REJECT(CONTEXT, 1),
	  CODE(I_LOADNIL(2, 0), I_ABX(SORTNEXT, 2, 0), I_RET0) },
	{ "SORTTELL in a handler", ON(EVENT), REJECT(CONTEXT, 1),
	  CODE(I_LOADNIL(2, 0), I_ABC(SORTTELL, 2, 2, 0), I_RET0) },
	{ "CONCAT reads all of its run", ALL, REJECT(UNINIT, 1),
	  CODE(I_LOADNIL(2, 1), I_ABC(CONCAT, 2, 2, 3), I_RET0) },
	{ "TUPLE reads all of its run", ALL, REJECT(UNINIT, 1),
	  CODE(I_LOADNIL(2, 1), I_ABC(TUPLE, 2, 2, 3), I_RET0) },
	{ "UNTUPLE writes all of its run", ALL, ACCEPT,
	  CODE(I_LOADNIL(2, 0), I_ABC(UNTUPLE, 4, 2, 4), I_RET(7)) },
	{ "CALL reads its arguments", ALL, REJECT(UNINIT, 1), CODE(I_LOADF(2, 1), I_CALL(2, 1), I_RET0) },
	{ "CALL writes its result", ALL, ACCEPT, CODE(I_LOADF(2, 1), I_CALL(2, 0), I_RET(2)) },
	{ "CALL unmakes what is above", ALL, REJECT(UNINIT, 3),
	  CODE(I_LOADNIL(2, 5), I_LOADF(4, 1), I_CALL(4, 1), I_RET(5)) },
	{ "CALL keeps what is below", ALL, ACCEPT,
	  CODE(I_LOADNIL(2, 5), I_LOADF(4, 1), I_CALL(4, 1), I_RET(3)) },
	{ "BUILTIN unmakes what is above", ALL, REJECT(UNINIT, 2),
	  CODE(I_LOADNIL(2, 5), I_BUILTIN(4, print, 1), I_RET(5)) },
	{ "BUILTIN reads its arguments", ALL, REJECT(UNINIT, 0), CODE(I_BUILTIN(4, print, 1), I_RET0) },
	{ "TAILCALL reads its arguments", ALL, REJECT(UNINIT, 1),
	  CODE(I_LOADF(2, 1), KTAP_ABC(KTAP_OP_TAILCALL, 2, 1, 0)) },
	{ "SETCELL reads", ALL, REJECT(UNINIT, 0), CODE(I_ABX(SETCELL, 5, 0), I_RET0) },
	{ "SETTABLE reads its first operand", ALL, REJECT(UNINIT, 1),
	  CODE(I_LOADNIL(2, 0), I_ABC(SETTABLE, 5, 2, 2), I_RET0) },

	{ "last constant", ALL, ACCEPT, CODE(I_LOADK(2, 1), I_RET(2)) },
	{ "constant out of range", ALL, REJECT(CONST, 0), CODE(I_LOADK(2, 2), I_RET(2)) },
	{ "cell out of range", ALL, REJECT(CELL, 0), CODE(I_ABX(GETCELL, 2, 2), I_RET(2)) },
	{ "function out of range", ALL, REJECT(FUNC, 0), CODE(I_LOADF(2, 3), I_RET(2)) },
	{ "main is no value", ALL, REJECT(FUNC, 0), CODE(I_LOADF(2, 0), I_RET(2)) },
	{ "table site out of range", ON(MAIN), REJECT(TABLE, 0), CODE(I_ABX(NEWTABLE, 2, 1), I_RET0) },
	{ "field", ALL, ACCEPT, CODE(I_ABX(FIELD, 2, 0), I_RET0) },
	{ "field out of range", ALL, REJECT(FIELD, 0), CODE(I_ABX(FIELD, 2, 1), I_RET0) },

	{ "frozen cell read", ALL, ACCEPT, CODE(I_ABX(GETFROZEN, 2, 1), I_RET0) },
	{ "frozen cell read with a lock", ALL, ACCEPT, CODE(I_ABX(GETCELL, 2, 1), I_RET0) },
	{ "plain cell read as frozen", ALL, REJECT(FROZEN, 0), CODE(I_ABX(GETFROZEN, 2, 0), I_RET0) },
	{ "main writes a frozen cell", ON(MAIN), ACCEPT, CODE(I_LOADI(2, 1), I_ABX(SETCELL, 2, 1), I_RET0) },
	{ "others write a frozen cell", ALL & ~ON(MAIN), REJECT(FROZEN, 1),
	  CODE(I_LOADI(2, 1), I_ABX(SETCELL, 2, 1), I_RET0) },
	{ "nobody adds to a frozen cell", ALL, REJECT(FROZEN, 1),
	  CODE(I_LOADI(2, 1), I_ABX(ADDCELL, 2, 1), I_RET0) },

	{ "nor a constant", ALL, REJECT(FROZEN, 0), CODE(I_ABX(ADDCELLI, 2, 1), I_RET0) },
	{ "a constant larger than nregs", ALL, ACCEPT, CODE(I_ABX(ADDCELLI, 255, 0), I_RET0) },
	{ "a constant to no cell", ALL, REJECT(CELL, 0), CODE(I_ABX(ADDCELLI, 1, 2), I_RET0) },
	{ "a constant to a table never written", ALL, REJECT(UNINIT, 1),
	  CODE(I_LOADI(2, 1), I_ABC(ADDTABLEI, 5, 2, 1), I_RET0) },
	{ "a constant to a key never written", ALL, REJECT(UNINIT, 1),
	  CODE(I_LOADI(2, 1), I_ABC(ADDTABLEI, 2, 5, 1), I_RET0) },

	{ "unknown built-in", ALL, REJECT(BUILTIN, 0),
	  CODE(KTAP_ABC(KTAP_OP_BUILTIN, 2, KTAP_BUILTIN_COUNT, 0), I_RET0) },
	{ "too few arguments", ALL, REJECT(ARITY, 0), CODE(I_BUILTIN(2, len, 0), I_RET0) },
	{ "too many arguments", ALL, REJECT(ARITY, 1), CODE(I_LOADNIL(2, 2), I_BUILTIN(2, len, 2), I_RET0) },
	{ "any number of arguments", ALL, ACCEPT, CODE(I_LOADNIL(0, 7), I_BUILTIN(0, print, 8), I_RET0) },

	{ "print_hist where it may wait", ON(MAIN) | ON(TICK) | ON(END) | ON(CALLED), ACCEPT,
	  CODE(I_LOADNIL(2, 0), I_BUILTIN(2, print_hist, 1), I_RET0) },
	{ "print_hist in a handler", ON(EVENT) | ON(FILTER) | ON(PROFILE), REJECT(CONTEXT, 1),
	  CODE(I_LOADNIL(2, 0), I_BUILTIN(2, print_hist, 1), I_RET0) },
	{ "argstr with an event", ON(EVENT) | ON(FILTER) | ON(CALLED), ACCEPT,
	  CODE(I_BUILTIN(2, argstr, 0), I_RET0) },
	{ "argstr without event", ON(MAIN) | ON(TICK) | ON(END) | ON(PROFILE), REJECT(CONTEXT, 0),
	  CODE(I_BUILTIN(2, argstr, 0), I_RET0) },
	{ "a new table where it can be made", ON(MAIN) | ON(TICK) | ON(END) | ON(CALLED), ACCEPT,
	  CODE(I_ABX(NEWTABLE, 2, 0), I_RET0) },
	{ "a new table in a handler", ON(EVENT) | ON(FILTER) | ON(PROFILE), REJECT(CONTEXT, 0),
	  CODE(I_ABX(NEWTABLE, 2, 0), I_RET0) },

	{ "LOADBOOL 2", ALL, REJECT(OPERAND, 0), CODE(I_BOOL(2, 2), I_RET0) },
	{ "CONCAT of one", ALL, REJECT(OPERAND, 1), CODE(I_LOADNIL(2, 0), I_ABC(CONCAT, 2, 2, 1), I_RET0) },
	{ "CONCAT of none", ALL, REJECT(OPERAND, 1), CODE(I_LOADNIL(2, 0), I_ABC(CONCAT, 2, 2, 0), I_RET0) },
	{ "TUPLE of one", ALL, REJECT(OPERAND, 1), CODE(I_LOADNIL(2, 0), I_ABC(TUPLE, 2, 2, 1), I_RET0) },
	{ "UNTUPLE into none", ALL, REJECT(OPERAND, 1), CODE(I_LOADNIL(2, 0), I_ABC(UNTUPLE, 3, 2, 0), I_RET0) },

	{ "jump to itself", ALL, ACCEPT, CODE(I_JMP(-1)) },
	{ "jump before the function", ALL, REJECT(JUMP, 0), CODE(I_JMP(-2), I_RET0) },
	{ "jump behind the function", ALL, REJECT(JUMP, 0), CODE(I_JMP(1), I_RET0) },
	{ "jump far away", ALL, REJECT(JUMP, 0), CODE(I_JMP(0x7fffff), I_RET0) },
	{ "conditional jump out", ALL, REJECT(JUMP, 1), CODE(I_LOADI(2, 0), I_ABX(JT, 2, 1), I_RET0) },
	{ "conditional jump back out", ALL, REJECT(JUMP, 1), CODE(I_LOADI(2, 0), I_ABX(JF, 2, -3), I_RET0) },

	{ "comparisons with their jumps", ALL, ACCEPT,
	  CODE(I_LOADI(2, 0), I_ABC(JEQ, 2, 0, 2), I_JMP(1), I_ABC(JLT, 2, 1, 2), I_JMP(0), I_ABC(JLE, 2, 0, 2),
	       I_JMP(-7), I_RET0) },
	{ "comparisons with a number and their jumps", ALL, ACCEPT,
	  CODE(I_LOADI(2, 0), I_ABC(JEQI, 2, 0, 255), I_JMP(1), I_ABC(JLTI, 2, 1, 128), I_JMP(0), I_ABC(JLEI, 2, 0, 2),
	       I_JMP(-7), I_RET0) },
	{ "comparison without a jump", ALL, REJECT(TEST, 1), CODE(I_LOADI(2, 0), I_ABC(JEQ, 2, 0, 2), I_RET0) },
	{ "comparison with another kind of jump", ALL, REJECT(TEST, 1),
	  CODE(I_LOADI(2, 0), I_ABC(JLEI, 2, 0, 2), I_ABX(JT, 2, 0), I_RET0) },
	{ "comparison at the end", ALL, REJECT(TEST, 1), CODE(I_LOADI(2, 0), I_ABC(JLTI, 2, 0, 2)) },
	{ "the jump of a comparison at the end", ALL, REJECT(FALLOFF, 1),
	  CODE(I_LOADI(2, 0), I_ABC(JLTI, 2, 0, 2), I_JMP(-3)) },
	{ "the jump of a comparison goes out", ALL, REJECT(JUMP, 2),
	  CODE(I_LOADI(2, 0), I_ABC(JLTI, 2, 0, 2), I_JMP(1), I_RET0) },
	{ "comparison with neither true nor false", ALL, REJECT(OPERAND, 1),
	  CODE(I_LOADI(2, 0), I_ABC(JEQI, 2, 2, 2), I_JMP(0), I_RET0) },
	{ "comparison of a register out of range", ALL, REJECT(REG, 1),
	  CODE(I_LOADI(2, 0), I_ABC(JLT, 2, 0, 8), I_JMP(0), I_RET0) },
	{ "left of a comparison never written", ALL, REJECT(UNINIT, 0), CODE(I_ABC(JLTI, 5, 0, 2), I_JMP(0), I_RET0) },
	{ "right of a comparison never written", ALL, REJECT(UNINIT, 1),
	  CODE(I_LOADI(2, 0), I_ABC(JEQ, 2, 0, 5), I_JMP(0), I_RET0) },
	{ "written only when a comparison jumps", ALL, REJECT(UNINIT, 5),
	  CODE(I_LOADI(2, 0), I_ABC(JEQI, 2, 0, 5), I_JMP(1), I_JMP(1), I_LOADI(5, 1), I_RET(5)) },
	{ "written only when a comparison does not jump", ALL, REJECT(UNINIT, 4),
	  CODE(I_LOADI(2, 0), I_ABC(JEQI, 2, 0, 5), I_JMP(1), I_LOADI(5, 1), I_RET(5)) },
	{ "FORPREP out", ALL, REJECT(JUMP, 1), CODE(I_LOADNIL(2, 3), I_ABX(FORPREP, 2, 1), I_RET0) },
	{ "FORLOOP forward", ALL, REJECT(JUMP, 1), CODE(I_LOADNIL(2, 3), I_ABX(FORLOOP, 2, 0), I_RET0) },
	{ "NEXT out", ALL, REJECT(JUMP, 1), CODE(I_LOADNIL(2, 3), I_ABX(NEXT, 2, 32767), I_RET0) },

	{ "off the end", ALL, REJECT(FALLOFF, 0), CODE(I_LOADI(2, 1)) },
	{ "off the end after a conditional jump", ALL, REJECT(FALLOFF, 1),
	  CODE(I_LOADI(2, 1), I_ABX(JT, 2, -2)) },
	{ "off the end after a call", ALL, REJECT(FALLOFF, 1), CODE(I_LOADF(2, 1), I_CALL(2, 0)) },
	{ "the end is not reached", ALL, ACCEPT, CODE(I_JMP(-1), I_LOADI(2, 1)) },
	{ "a tail call ends", ALL, ACCEPT, CODE(I_LOADF(2, 1), KTAP_ABC(KTAP_OP_TAILCALL, 2, 0, 0)) },
};

static void add_code(struct mkimage *im, const struct row *row)
{
	u32 i;

	for (i = 0; i < row->n; i++)
		mk_code(im, row->code[i]);
}

static void build(struct mkimage *im, const struct row *row, enum where where)
{
	static const struct {
		u32 probe, event;
	} kinds[WHERES] = {
		[EVENT] = { KTAP_PROBE_EVENT, KTAP_EVENT_TRACEPOINT },
		[FILTER] = { KTAP_PROBE_EVENT, KTAP_EVENT_TRACEPOINT },
		[PROFILE] = { KTAP_PROBE_PROFILE, KTAP_EVENT_PROFILE },
		[TICK] = { KTAP_PROBE_TICK, KTAP_EVENT_TICK },
		[END] = { KTAP_PROBE_END, KTAP_EVENT_END },
	};

	memset(im, 0, sizeof(*im));
	mk_kint(im, 1);
	mk_kstr(im, "two");
	mk_cell(im, 0);
	mk_cell(im, KTAP_CELL_FROZEN);
	mk_table(im, 0, 0);
	mk_field(im, "field");
	mk_func(im, 8, 0);
	if (where == MAIN)
		add_code(im, row);
	else
		mk_code(im, I_RET0);
	mk_func(im, 8, 2);
	if (where != MAIN)
		add_code(im, row);
	else
		mk_code(im, I_RET0);
	mk_func(im, 1, 0);
	mk_code(im, I_RET0);
	if (where > CALLED) {
		mk_probe(im, kinds[where].probe, where == END ? NULL : "spec", where == FILTER ? 1 : KTAP_NONE,
			 where == FILTER ? 2 : 1);
		mk_event(im, 0, kinds[where].event, 1, "event");
		mk_fdesc(im, KTAP_FIELD_NONE, 0, 0);
	}
}

static void test_rows(void **state)
{
	u32 i, where;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (where = MAIN; where < WHERES; where++) {
			const struct row *row = &rows[i];
			struct mkimage im;
			struct session s;
			u32 pc = row->pc + (where != MAIN);
			int err;

			if (!(row->where & ON(where)))
				continue;
			build(&im, row, where);
			session_init(&s, 0, 0);
			err = session_load(&s, &im);
			if (s.place.error != row->error || (err && s.place.pc != pc))
				fail_msg("%s, in %s: error %u at %u, expected %u at %u", row->claim,
					 where_names[where], s.place.error, s.place.pc, row->error, pc);
			assert_int_equal(err, row->error ? -EINVAL : 0);
			if (row->error)
				assert_int_equal(s.place.func, where != MAIN);
			session_destroy(&s);
		}
	}
}

/* Each error of the verifier is in some row. */
static void test_complete(void **state)
{
	u32 error, i;

	(void)state;
	for (error = KTAP_ERR_VER_OPCODE; error <= KTAP_ERR_VER_FALLOFF; error++) {
		for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			if (rows[i].error == error)
				break;
		if (i == sizeof(rows) / sizeof(*rows))
			fail_msg("error %u is not tested", error);
	}
}

/* TUPLE of nine needs more registers than the rows have. */
static void test_long_tuple(void **state)
{
	u32 n;

	(void)state;
	for (n = 8; n <= 9; n++) {
		struct mkimage im = { 0 };
		struct session s;

		mk_func(&im, 20, 0);
		mk_code(&im, I_LOADNIL(0, 19));
		mk_code(&im, I_ABC(TUPLE, 0, 0, n));
		mk_code(&im, I_ABC(UNTUPLE, 0, 0, 8));
		mk_code(&im, I_RET0);
		session_init(&s, 0, 0);
		assert_int_equal(session_load(&s, &im), n == 8 ? 0 : -EINVAL);
		assert_int_equal(s.place.error, n == 8 ? 0 : KTAP_ERR_VER_OPERAND);
		session_destroy(&s);
	}
}

/* Loads an image that is accepted; how often that gave others a chance to run. */
static unsigned long yields_of(struct mkimage *im)
{
	unsigned long before = kp_host_yields;
	struct session s;

	session_init(&s, 0, 0);
	assert_int_equal(session_load(&s, im), 0);
	session_destroy(&s);
	return kp_host_yields - before;
}

#define REGS	250

/* Jumps from many places, with one register less each, to a long piece of code: it is gone through once. */
static void test_long(void **state)
{
	struct mkimage im = { 0 };
	u32 i, n = 60000;

	(void)state;
	mk_func(&im, REGS, 0);
	for (i = 0; i < REGS - 1; i++) {
		mk_code(&im, I_LOADI(0, i));
		mk_code(&im, I_ABX(JT, 0, 3 * (REGS - i)));
		mk_code(&im, I_LOADI(REGS - 1 - i, 1));
	}
	while (im.sec[MK_CODE].count < n - 1)
		mk_code(&im, I_LOADI(0, 1));
	mk_code(&im, I_RET0);
	assert_in_range(yields_of(&im), n / 4096, 2 * n / 4096);
}

/* A long piece of code that all registers are known to, which ends in as many jumps back: so many steps. */
static void long_loop(struct mkimage *im, u32 n)
{
	mk_func(im, REGS, 0);
	mk_code(im, I_LOADNIL(0, REGS - 1));
	while (im->sec[MK_CODE].count < n)
		mk_code(im, I_LOADI(0, 1));
}

/* Jumps back to a long piece of code, with one register less each: it is gone through twice. */
static void test_back(void **state)
{
	struct mkimage im = { 0 };
	u32 i, n = 30000;

	(void)state;
	long_loop(&im, n);
	for (i = REGS - 2; i; i--) {
		mk_code(&im, I_BUILTIN(i, pid, 0));
		mk_code(&im, I_ABX(JT, 0, -(s32)im.sec[MK_CODE].count));
	}
	mk_code(&im, I_RET0);
	assert_in_range(yields_of(&im), 2 * n / 4096, 3 * n / 4096);
}

/* The worst there is: each time through the code another jump back is found, with one register less. */
static void test_slow(void **state)
{
	struct mkimage im = { 0 };
	u32 i, n = 30000;

	(void)state;
	long_loop(&im, n);
	mk_code(&im, I_JMP(3 * (REGS - 3)));
	for (i = 1; i <= REGS - 2; i++) {
		mk_code(&im, I_BUILTIN(i, pid, 0));
		mk_code(&im, I_ABX(JT, 0, -(s32)im.sec[MK_CODE].count));
		/* to the one before */
		mk_code(&im, i > 1 ? I_JMP(-6) : I_RET0);
	}
	assert_in_range(yields_of(&im), (REGS - 2) * (n / 4096), REGS * (n / 4096 + 1));
}

/* Functions that use variables of others: what makes values of them, and what may start them. */
static void test_closures(void **state)
{
	static const struct {
		u32 error;
		bool plain;	/* function 1 is a plain one */
		bool handler;	/* of an event is function 1 */
		u32 code[2], body;
	} cases[] = {
		{ 0, false, false, { I_ABX(NEWTABLE, 0, 0), I_ABX(CLOSURE, 0, 1) }, I_RET(1) },
		{ 0, true, true, { I_LOADF(0, 1), I_RET0 }, I_RET(0) },
		{ KTAP_ERR_VER_UNINIT, true, false, { I_LOADF(0, 1), I_RET0 }, I_RET(1) },
		{ KTAP_ERR_VER_UNINIT, false, false, { I_RET0, I_RET0 }, I_RET(2) },
		{ KTAP_ERR_VER_UNINIT, false, false, { I_ABX(CLOSURE, 0, 1), I_RET0 }, I_RET0 },
		{ KTAP_ERR_VER_FUNC, false, false, { I_LOADF(0, 1), I_RET0 }, I_RET0 },
		{ KTAP_ERR_VER_FUNC, true, false, { I_ABX(NEWTABLE, 0, 0), I_ABX(CLOSURE, 0, 1) }, I_RET0 },
		{ KTAP_ERR_VER_FUNC, false, false, { I_ABX(NEWTABLE, 0, 0), I_ABX(CLOSURE, 0, 0) }, I_RET0 },
		{ KTAP_ERR_VER_FUNC, false, false, { I_ABX(NEWTABLE, 0, 0), I_ABX(CLOSURE, 0, 2) }, I_RET0 },
		{ KTAP_ERR_VER_CONTEXT, false, true, { I_RET0, I_RET0 }, I_RET0 },
	};
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct mkimage im = { 0 };
		struct session s;

		mk_table(&im, 0, 0);
		mk_func(&im, 2, 0);
		mk_code(&im, cases[i].code[0]);
		mk_code(&im, cases[i].code[1]);
		mk_code(&im, I_RET0);
		if (cases[i].plain)
			mk_func(&im, 3, 1);
		else
			mk_closure(&im, 3, 1);
		mk_code(&im, cases[i].body);
		if (cases[i].handler) {
			mk_probe(&im, KTAP_PROBE_EVENT, "spec", KTAP_NONE, 1);
			mk_event(&im, 0, KTAP_EVENT_TRACEPOINT, 1, "event");
		}
		session_init(&s, 0, 0);
		assert_int_equal(session_load(&s, &im), cases[i].error ? -EINVAL : 0);
		assert_int_equal(s.place.error, cases[i].error);
		session_destroy(&s);
	}
}

static void test_failing(void **state)
{
	unsigned long at, refused = 0;
	bool failed = true;

	(void)state;
	for (at = 1; failed; at++) {
		struct mkimage im;
		struct session s;
		int err;

		build(&im, &rows[0], EVENT);
		session_init(&s, 0, 0);
		kp_host_fail_at = at;
		err = session_load(&s, &im);
		failed = kp_host_fail_at == 0;
		kp_host_fail_at = 0;
		if (!failed)
			assert_int_equal(err, 0);
		/* it goes without what is only a reserve */
		if (err)
			assert_int_equal(err, -ENOMEM);
		refused += err != 0;
		assert_int_equal(s.place.error, 0);
		session_destroy(&s);
	}
	assert_true(refused > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_long_tuple),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_closures),
		cmocka_unit_test(test_failing),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
