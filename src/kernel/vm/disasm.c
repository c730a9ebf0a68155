// SPDX-License-Identifier: GPL-2.0-only
/* Instructions as text, by the operand modes of opcodes.def. */
#include "vm.h"

static const struct {
	const char *name, *form, *a, *b, *c;
} ops[KTAP_OP_COUNT] = {
#define KP_OP(name, form, a, b, c, doc) { #name, #form, #a, #b, #c },
#include "../uapi/ktap/opcodes.def"
#undef KP_OP
};

struct text {
	char *p, *end;
};

static void put(struct text *t, const char *s)
{
	while (*s && t->p < t->end)
		*t->p++ = *s++;
}

static void put_number(struct text *t, s64 v)
{
	char digits[24];

	digits[kp_value_decimal(digits, v)] = '\0';
	put(t, digits);
}

/* One operand by its mode: r3, k0, c1, f2, +5, name of a built-in, or a number. */
static void put_operand(struct text *t, const char *mode, s64 v, bool first)
{
	if (mode[0] == '_')
		return;
	put(t, first ? " " : ", ");
	if (mode[0] == 'B' && mode[1] == 'I') {
		put(t, v < KTAP_BUILTIN_COUNT ? kp_builtin_infos[v].name : "?");
		return;
	}
	if (mode[0] == 'R')
		put(t, "r");
	else if (mode[0] == 'J')
		put(t, v < 0 ? "" : "+");
	else if (mode[0] == 'K')
		put(t, "k");
	else if (mode[0] == 'C')
		put(t, "c");
	else if (mode[0] == 'F')
		put(t, "f");
	else if (mode[0] == 'T')
		put(t, "t");
	else if (mode[0] == 'E')
		put(t, "e");
	put_number(t, v);
}

char *kp_disasm(char *buf, size_t n, u32 insn)
{
	struct text t = { buf, buf + n - 1 };
	u32 op = KTAP_INSN_OP(insn);
	const char *form;
	u32 i;

	if (op >= KTAP_OP_COUNT) {
		put(&t, "?");
		*t.p = '\0';
		return buf;
	}
	form = ops[op].form;
	put(&t, ops[op].name);
	for (i = t.p - buf; i < 9; i++)
		put(&t, " ");
	if (form[0] == 'S') {
		put_operand(&t, ops[op].a, KTAP_INSN_SAX(insn), true);
	} else {
		put_operand(&t, ops[op].a, KTAP_INSN_A(insn), true);
		if (form[1] == 'B' && form[2] == 'C') {
			put_operand(&t, ops[op].b, KTAP_INSN_B(insn), ops[op].a[0] == '_');
			put_operand(&t, ops[op].c, ops[op].c[0] == 'S' ? KTAP_INSN_SC(insn) : (s64)KTAP_INSN_C(insn), false);
		} else if (form[1] == 'B') {
			put_operand(&t, ops[op].b, KTAP_INSN_BX(insn), false);
		} else {
			put_operand(&t, ops[op].b, KTAP_INSN_SBX(insn), false);
		}
	}
	*t.p = '\0';
	return buf;
}
