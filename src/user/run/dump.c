// SPDX-License-Identifier: GPL-2.0-only
#include "dump.h"

#include <inttypes.h>

#include "vm/vm.h"

#include "view.h"

static void print_string(struct kp_view_string s, FILE *out)
{
	uint32_t i;

	fputc('"', out);
	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else if (c < ' ' || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void print_func_name(const struct kp_view *v, uint32_t func, FILE *out)
{
	struct ktap_image_func f = kp_view_func(v, func);
	struct kp_view_string name = kp_view_string(v, f.name);

	if (!func)
		fputs("main", out);
	else if (name.len)
		fprintf(out, "%.*s", (int)name.len, name.data);
	else
		fprintf(out, "function of line %" PRIu32, f.line);
}

static void print_const(const struct kp_view *v, uint32_t i, FILE *out)
{
	struct ktap_image_const c;

	if (!kp_view_const(v, i, &c))
		return;
	if (c.type == KTAP_CONST_STR)
		print_string(kp_view_string(v, (uint32_t)c.payload), out);
	else
		fprintf(out, "%" PRId64, (int64_t)c.payload);
}

/* What an index of an instruction stands for. */
static void print_note(const struct kp_view *v, uint32_t insn, FILE *out)
{
	uint32_t bx = KTAP_INSN_BX(insn);
	struct kp_view_string name;
	struct ktap_image_field f;
	struct ktap_image_cell c;

	switch (KTAP_INSN_OP(insn)) {
	case KTAP_OP_LOADK:
		fputs("  ; ", out);
		print_const(v, bx, out);
		break;
	case KTAP_OP_LOADF:
		if (bx >= v->nfuncs)
			break;
		fputs("  ; ", out);
		print_func_name(v, bx, out);
		break;
	case KTAP_OP_GETCELL:
	case KTAP_OP_GETFROZEN:
	case KTAP_OP_SETCELL:
	case KTAP_OP_ADDCELL:
		if (!kp_view_cell(v, bx, &c))
			break;
		name = kp_view_string(v, c.name);
		fprintf(out, "  ; %.*s", (int)name.len, name.data);
		break;
	case KTAP_OP_FIELD:
		if (bx >= v->nfields)
			break;
		f = kp_view_field(v, bx);
		name = kp_view_string(v, f.name);
		if (f.index == KTAP_FIELD_NUMBER)
			fputs("  ; number of fields", out);
		else if (f.name == KTAP_NONE)
			fprintf(out, "  ; arg%" PRIu32, f.index);
		else
			fprintf(out, "  ; args.%.*s", (int)name.len, name.data);
		break;
	}
}

void kp_dump_bytecode(const struct kp_view *v, FILE *out)
{
	uint32_t func, pc;
	char text[128];

	for (func = 0; func < v->nfuncs; func++) {
		struct ktap_image_func f = kp_view_func(v, func);

		fprintf(out, "%sf%" PRIu32 " ", func ? "\n" : "", func);
		print_func_name(v, func, out);
		fprintf(out, ": %u parameters, %u registers\n", f.nparams, f.nregs);
		for (pc = f.code; pc < v->ncode && pc - f.code < f.ncode; pc++) {
			struct kp_view_place at = kp_view_pc_place(v, pc);
			uint32_t insn = kp_view_insn(v, pc);

			fprintf(out, "%6" PRIu32 "  %5" PRIu32 "  %s", pc - f.code, at.line,
				kp_disasm(text, sizeof(text), insn));
			print_note(v, insn, out);
			fputc('\n', out);
		}
	}
}

static void plan_probes(const struct kp_view *v, FILE *out)
{
	static const char *const kinds[] = { [KTAP_PROBE_EVENT] = "trace ",
					     [KTAP_PROBE_TICK] = "tick-",
					     [KTAP_PROBE_PROFILE] = "profile-",
					     [KTAP_PROBE_END] = "trace_end" };
	uint32_t i;

	for (i = 0; i < v->nprobes; i++) {
		struct ktap_image_probe p = kp_view_probe(v, i);
		struct kp_view_string spec = kp_view_string(v, p.spec);
		bool known = p.kind >= KTAP_PROBE_EVENT && p.kind <= KTAP_PROBE_END;

		fprintf(out, "line %" PRIu32 ": %s%.*s: f%" PRIu32, kp_view_place(v, p.line).line,
			known ? kinds[p.kind] : "unknown probe ", (int)spec.len, spec.data,
			p.handler);
		if (p.filter != KTAP_NONE)
			fprintf(out, " after filter f%" PRIu32, p.filter);
		fputc('\n', out);
	}
}

static void plan_cells(const struct kp_view *v, FILE *out)
{
	struct ktap_image_cell c;
	uint32_t i;

	for (i = 0; kp_view_cell(v, i, &c); i++) {
		struct kp_view_string name = kp_view_string(v, c.name);

		fprintf(out, "variable %.*s: %s\n", (int)name.len, name.data,
			c.flags & KTAP_CELL_FROZEN ?
				"set by the main part only, read without a lock" :
				"shared, every access atomic");
	}
}

/* Line of the instruction that makes tables of a site; 0 without one. */
static uint32_t table_line(const struct kp_view *v, uint32_t site)
{
	uint32_t pc;

	for (pc = 0; pc < v->ncode; pc++) {
		uint32_t insn = kp_view_insn(v, pc);

		if (KTAP_INSN_OP(insn) == KTAP_OP_NEWTABLE && KTAP_INSN_BX(insn) == site)
			return kp_view_pc_place(v, pc).line;
	}
	return 0;
}

static void plan_tables(const struct kp_view *v, FILE *out)
{
	struct ktap_image_table t;
	uint32_t i;

	for (i = 0; kp_view_table(v, i, &t); i++)
		fprintf(out, "line %" PRIu32 ": table: %s%s\n", table_line(v, i),
			t.flags & KTAP_TABLE_PERCPU ? "one part per CPU, merged when read" :
						      "one for all CPUs",
			t.flags & KTAP_TABLE_QUANTIZE  ? ", with distributions" :
			t.flags & KTAP_TABLE_LQUANTIZE ? ", with linear distributions" :
							 "");
}

void kp_dump_plan(const struct kp_view *v, FILE *out)
{
	plan_probes(v, out);
	plan_cells(v, out);
	plan_tables(v, out);
}
