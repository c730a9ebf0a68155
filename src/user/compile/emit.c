// SPDX-License-Identifier: GPL-2.0-only
/* Instructions, registers and jumps, and the tables of the program that grow meanwhile. */
#include "gen.h"

#include <string.h>

/* ---- tables of the program ---- */

/* Room for one more element of @size bytes in an array of *@cap of which @n are used. */
static void *room(struct kp_cc *cc, void *array, uint32_t n, uint32_t *cap, size_t size)
{
	if (n < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 256;
	return kp_cc_grow(cc, array, n * size, *cap * size);
}

void kp_program_limit(struct kp_program *prog, uint32_t n, uint32_t max, const char *what)
{
	struct kp_span end = { (uint32_t)prog->cc->src->len, 0 };

	if (n != max + 1 || prog->cc->diag->errors)
		return;
	kp_diag_report(prog->cc->diag, KP_TAG_TOO_MANY, end, what, max);
	prog->full = true;
}

uint32_t kp_program_string(struct kp_program *prog, const struct kp_str *str)
{
	void **place = kp_cc_at(prog->cc, &prog->string_index, str->data, str->len);

	if (!*place) {
		prog->strings = room(prog->cc, prog->strings, prog->nstrings, &prog->strings_cap,
				     sizeof(*prog->strings));
		prog->strings[prog->nstrings++] = str;
		*place = (void *)(uintptr_t)prog->nstrings;
	}
	return (uint32_t)(uintptr_t)*place - 1;
}

uint32_t kp_program_constant(struct kp_program *prog, bool is_string, uint64_t payload)
{
	char *key = kp_cc_alloc(prog->cc, 1 + sizeof(payload));
	void **place;

	key[0] = is_string;
	memcpy(key + 1, &payload, sizeof(payload));
	place = kp_cc_at(prog->cc, &prog->const_index, key, 1 + sizeof(payload));
	if (!*place) {
		prog->consts = room(prog->cc, prog->consts, prog->nconsts, &prog->consts_cap,
				    sizeof(*prog->consts));
		prog->consts[prog->nconsts++] = (struct kp_const){ is_string, payload };
		kp_program_limit(prog, prog->nconsts, KTAP_MAX_CONSTS, "constants");
		*place = (void *)(uintptr_t)prog->nconsts;
	}
	return (uint32_t)(uintptr_t)*place - 1;
}

uint32_t kp_program_line(const struct kp_program *prog, uint32_t pos)
{
	uint32_t column, line = kp_cc_line(prog->cc, pos, &column);

	return line << 8 | (column > 255 ? 255 : column);
}

/* ---- instructions ---- */

uint32_t kp_emit_here(const struct kp_gen *cg)
{
	return cg->prog->ninsns;
}

uint32_t kp_emit(struct kp_gen *cg, uint32_t insn, struct kp_span at)
{
	struct kp_program *prog = cg->prog;
	uint32_t cap = prog->insns_cap;

	prog->insns = room(cg->cc, prog->insns, prog->ninsns, &cap, sizeof(*prog->insns));
	prog->lines =
		room(cg->cc, prog->lines, prog->ninsns, &prog->insns_cap, sizeof(*prog->lines));
	prog->insns[prog->ninsns] = insn;
	prog->lines[prog->ninsns] = kp_program_line(prog, at.pos);
	if (prog->ninsns - prog->funcs[cg->func->index].first == KTAP_MAX_FUNC_CODE)
		kp_emit_fail(cg, KP_TAG_TOO_LONG, at);
	return prog->ninsns++;
}

uint32_t kp_emit_abc(struct kp_gen *cg, enum ktap_opcode op, int a, int b, int c, struct kp_span at)
{
	return kp_emit(cg, KTAP_ABC(op, (uint8_t)a, (uint8_t)b, (uint8_t)c), at);
}

uint32_t kp_emit_abx(struct kp_gen *cg, enum ktap_opcode op, int a, uint32_t bx, struct kp_span at)
{
	return kp_emit(cg, KTAP_ABX(op, (uint8_t)a, (uint16_t)bx), at);
}

void kp_emit_fail(struct kp_gen *cg, enum kp_tag tag, struct kp_span at)
{
	const char *what = cg->func->role == KP_ROLE_MAIN ? "main function" : "function";

	if (!cg->failed && !cg->prog->full)
		kp_diag_report(cg->cc->diag, tag, at, what, KTAP_MAX_FUNC_CODE);
	cg->failed = true;
}

/* Take @n registers; returns the first. */
int kp_emit_take(struct kp_gen *cg, int n, struct kp_span at)
{
	int first = cg->top;

	if (first + n > KTAP_MAX_REGS) {
		kp_emit_fail(cg, KP_TAG_TOO_COMPLEX, at);
		return 0;
	}
	cg->top += n;
	if (cg->nregs < cg->top)
		cg->nregs = cg->top;
	return first;
}

/* ---- jumps ---- */

/* Make the jump @at, which is emitted, go to instruction @target. */
void kp_emit_target(struct kp_gen *cg, uint32_t at, uint32_t target)
{
	uint32_t *insn = &cg->prog->insns[at];
	int64_t offset = (int64_t)target - at - 1;

	if (KTAP_INSN_OP(*insn) == KTAP_OP_JMP) {
		*insn = KTAP_SAX(KTAP_OP_JMP, (uint32_t)offset & 0xffffff);
		return;
	}
	if (offset < INT16_MIN || offset > INT16_MAX)
		kp_emit_fail(cg, KP_TAG_TOO_LARGE, cg->at);
	*insn = (*insn & 0xffff) | (uint32_t)(uint16_t)offset << 16;
}

void kp_emit_wait(struct kp_gen *cg, struct kp_pending **list, uint32_t at)
{
	struct kp_pending *p = kp_cc_alloc(cg->cc, sizeof(*p));

	*p = (struct kp_pending){ *list, at };
	*list = p;
}

void kp_emit_arrive(struct kp_gen *cg, const struct kp_pending *list)
{
	for (; list; list = list->next)
		kp_emit_target(cg, list->at, kp_emit_here(cg));
}

void kp_emit_jump_to(struct kp_gen *cg, uint32_t target, struct kp_span at)
{
	kp_emit_target(cg, kp_emit(cg, KTAP_OP_JMP, at), target);
}

void kp_emit_jump(struct kp_gen *cg, struct kp_pending **list, struct kp_span at)
{
	kp_emit_wait(cg, list, kp_emit(cg, KTAP_OP_JMP, at));
}
