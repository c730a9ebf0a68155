// SPDX-License-Identifier: GPL-2.0-only
#include "reach.h"

#include <errno.h>
#include <stdlib.h>

#include "view.h"

#define FOUND UINT32_MAX

int kp_reach_init(struct kp_reach *r, const struct kp_view *v)
{
	*r = (struct kp_reach){ .v = v };
	r->funcs = calloc(v->nfuncs + 1, sizeof(*r->funcs));
	r->stamp = calloc(v->nfuncs + 1, sizeof(*r->stamp));
	r->site = calloc(v->ncode + 1, sizeof(*r->site));
	return r->funcs && r->stamp && r->site ? 0 : -ENOMEM;
}

void kp_reach_free(struct kp_reach *r)
{
	free(r->funcs);
	free(r->stamp);
	free(r->site);
}

static void visit(struct kp_reach *r, uint32_t func)
{
	if (func >= r->v->nfuncs || r->stamp[func] == r->round)
		return;
	r->stamp[func] = r->round;
	r->funcs[r->nfuncs++] = func;
}

/* The instructions of a function that lie inside the code. */
static uint32_t func_code(const struct kp_view *v, uint32_t func, uint32_t *end)
{
	struct ktap_image_func f = kp_view_func(v, func);

	if (f.code > v->ncode || f.ncode > v->ncode - f.code) {
		*end = 0;
		return 0;
	}
	*end = f.code + f.ncode;
	return f.code;
}

void kp_reach_probe(struct kp_reach *r, const struct ktap_image_probe *probe)
{
	uint32_t i, pc, end;

	r->round++;
	r->nfuncs = 0;
	visit(r, probe->filter);
	visit(r, probe->handler);
	for (i = 0; i < r->nfuncs; i++) {
		for (pc = func_code(r->v, r->funcs[i], &end); pc < end; pc++) {
			uint32_t insn = kp_view_insn(r->v, pc);

			if (KTAP_INSN_OP(insn) == KTAP_OP_LOADF)
				visit(r, KTAP_INSN_BX(insn));
		}
	}
}

void kp_reach_uses(const struct kp_reach *r, bool *fields, bool *argstr)
{
	uint32_t i, pc, end;

	*fields = *argstr = false;
	for (i = 0; i < r->nfuncs; i++) {
		for (pc = func_code(r->v, r->funcs[i], &end); pc < end; pc++) {
			uint32_t insn = kp_view_insn(r->v, pc);

			if (KTAP_INSN_OP(insn) == KTAP_OP_FIELD)
				*fields = true;
			if (KTAP_INSN_OP(insn) != KTAP_OP_BUILTIN)
				continue;
			*argstr |= KTAP_INSN_B(insn) == KTAP_BUILTIN_argstr;
			*fields |= KTAP_INSN_B(insn) == KTAP_BUILTIN_field;
		}
	}
}

void kp_reach_note(struct kp_reach *r, const bool *has, uint32_t event)
{
	uint32_t i, pc, end;

	for (i = 0; i < r->nfuncs; i++) {
		for (pc = func_code(r->v, r->funcs[i], &end); pc < end; pc++) {
			uint32_t insn = kp_view_insn(r->v, pc), f = KTAP_INSN_BX(insn);

			if (KTAP_INSN_OP(insn) != KTAP_OP_FIELD || f >= r->v->nfields)
				continue;
			if (has[f])
				r->site[pc] = FOUND;
			else if (!r->site[pc])
				r->site[pc] = event + 1;
		}
	}
}

bool kp_reach_missing(const struct kp_reach *r, uint32_t *pc, uint32_t *event)
{
	uint32_t i;

	for (*pc = 0; *pc < r->v->ncode; ++*pc) {
		if (!r->site[*pc] || r->site[*pc] == FOUND)
			continue;
		i = KTAP_INSN_BX(kp_view_insn(r->v, *pc));
		*event = r->site[*pc] - 1;
		if (kp_view_field(r->v, i).name != KTAP_NONE)
			return true;
	}
	return false;
}
