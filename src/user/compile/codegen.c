// SPDX-License-Identifier: GPL-2.0-only
/* Code for functions, in one walk over each. */
#include "codegen.h"

#include "gen.h"

/*
 * Fill arg from what the launch gives, behind the values of the options; all that is
 * true there, and nil behind the last.
 */
static void gen_arg(struct kp_gen *cg, int table, struct kp_span at)
{
	int key = kp_emit_take(cg, 3, at), from = key + 1, value = key + 2;
	uint32_t loop, end;

	kp_gen_number(cg, key, 0, at);
	kp_gen_number(cg, from, cg->prog->sema->noptions, at);
	loop = kp_emit_abc(cg, KTAP_OP_ARG, value, from, 0, at);
	end = kp_emit_abx(cg, KTAP_OP_JF, value, 0, at);
	kp_emit_abc(cg, KTAP_OP_SETTABLE, table, key, value, at);
	kp_emit_abc(cg, KTAP_OP_ADDI, key, key, 1, at);
	kp_emit_abc(cg, KTAP_OP_ADDI, from, from, 1, at);
	kp_emit_jump_to(cg, loop, at);
	kp_emit_target(cg, end, kp_emit_here(cg));
}

/*
 * What the main chunk starts with: globals in registers are nil, tables that are
 * never made by the script are made, and arg is filled.
 */
static void gen_globals(struct kp_gen *cg, const struct kp_sema *sema)
{
	struct kp_span at = { 0, 0 };
	int table, mark;
	size_t i;

	for (i = 0; i < sema->globals.len; i++) {
		struct kp_var *var = kp_hash_entry(&sema->globals, i)->value;

		if (var->storage != KP_STORE_REGISTER || (!var->uses && !var->writes))
			continue;
		var->reg = kp_emit_take(cg, 1, at);
		kp_emit_abc(cg, KTAP_OP_LOADNIL, var->reg, 0, 0, at);
	}
	mark = cg->top;
	for (i = 0; i < sema->globals.len; i++) {
		struct kp_var *var = kp_hash_entry(&sema->globals, i)->value;

		if (!var->site || var->value)
			continue;
		table = kp_emit_take(cg, 1, at);
		kp_emit_abx(cg, KTAP_OP_NEWTABLE, table, var->site->index, at);
		if (var == sema->arg)
			gen_arg(cg, table, at);
		kp_gen_store(cg, var, table, at);
		cg->top = mark;
	}
}

static void gen_func(struct kp_program *prog, const struct kp_sema *sema, const struct kp_func *f)
{
	struct kp_gen cg = { .prog = prog, .cc = prog->cc, .func = f, .nregs = 1 };
	struct kp_code *code = &prog->funcs[f->index];
	const struct kp_name *name;

	code->first = kp_emit_here(&cg);
	for (name = f->params; name; name = name->next)
		name->var->reg = kp_emit_take(&cg, 1, name->at);
	code->nparams = (uint32_t)cg.top;
	if (f->needs_env) {
		code->flags = KTAP_FUNC_ENV;
		cg.env_reg = kp_emit_take(&cg, 1, f->at);
	}
	if (f->role == KP_ROLE_MAIN)
		gen_globals(&cg, sema);
	kp_gen_scope(&cg, f->body.env, f->at);
	for (name = f->params; name; name = name->next)
		if (name->var->storage == KP_STORE_ENV)
			kp_gen_store(&cg, name->var, name->var->reg, name->at);
	kp_gen_statements(&cg, &f->body);
	if (!f->body.left)
		kp_emit_abc(&cg, KTAP_OP_RET0, 0, 0, 0, f->end);
	code->func = f;
	code->len = kp_emit_here(&cg) - code->first;
	code->nregs = (uint32_t)cg.nregs;
}

void kp_codegen(struct kp_program *prog, const struct kp_sema *sema)
{
	const struct kp_func *f;

	prog->cc = sema->cc;
	prog->sema = sema;
	kp_hash_init(&prog->const_index, &prog->cc->arena);
	kp_hash_init(&prog->string_index, &prog->cc->arena);
	prog->funcs = kp_cc_alloc(prog->cc, sema->nfuncs * sizeof(*prog->funcs));
	for (f = sema->main; f; f = f->next)
		gen_func(prog, sema, f);
	kp_program_limit(prog, prog->ninsns > KTAP_MAX_CODE ? KTAP_MAX_CODE + 1 : 0, KTAP_MAX_CODE,
			 "instructions");
}
