// SPDX-License-Identifier: GPL-2.0-only
/* Code for environments and closures. */
#include "gen.h"

/* ---- where an environment is ---- */

/* Get @env, which is made, into @dst. */
static void env_to(struct kp_gen *cg, const struct kp_env *env, int dst, struct kp_span at)
{
	const struct kp_env *here;
	int reg = cg->env_reg, key;

	if (env->func == cg->func) {
		kp_emit_abc(cg, KTAP_OP_MOVE, dst, env->reg, 0, at);
		return;
	}
	here = kp_env_live(cg->func->outer);
	if (here == env)
		kp_emit_abc(cg, KTAP_OP_MOVE, dst, reg, 0, at);
	key = kp_emit_take(cg, 1, at);
	for (; here != env; here = kp_env_live(here->up)) {
		kp_gen_number(cg, key, 0, at);
		kp_emit_abc(cg, KTAP_OP_GETTABLE, dst, reg, key, at);
		reg = dst;
	}
	cg->top = key;
}

/* Some register that has @env. */
static int env_any(struct kp_gen *cg, const struct kp_env *env, struct kp_span at)
{
	int dst;

	if (env->func == cg->func)
		return env->reg;
	if (env == kp_env_live(cg->func->outer))
		return cg->env_reg;
	dst = kp_emit_take(cg, 1, at);
	env_to(cg, env, dst, at);
	return dst;
}

/* The environment around @env that functions can reach through it, or NULL. */
static const struct kp_env *link_of(const struct kp_env *env)
{
	const struct kp_env *up = kp_env_live(env->up);

	return up && (up->func == env->func || env->func->needs_env) ? up : NULL;
}

/* ---- scopes ---- */

static void make_env(struct kp_gen *cg, const struct kp_env *env, int dst, struct kp_span at)
{
	const struct kp_env *up = link_of(env);
	int mark = cg->top, key;

	kp_emit_abx(cg, KTAP_OP_NEWTABLE, dst, env->site->index, at);
	if (!up)
		return;
	key = kp_emit_take(cg, 1, at);
	kp_gen_number(cg, key, 0, at);
	kp_emit_abc(cg, KTAP_OP_SETTABLE, dst, key, env_any(cg, up, at), at);
	cg->top = mark;
}

void kp_gen_scope(struct kp_gen *cg, struct kp_env *env, struct kp_span at)
{
	if (!env->nslots)
		return;
	env->reg = kp_emit_take(cg, 1, at);
	make_env(cg, env, env->reg, at);
}

void kp_gen_scope_again(struct kp_gen *cg, struct kp_env *env, struct kp_span at)
{
	int mark = cg->top, copy, key, value;
	uint32_t slot;

	if (!env->nslots)
		return;
	copy = kp_emit_take(cg, 3, at);
	key = copy + 1;
	value = copy + 2;
	make_env(cg, env, copy, at);
	for (slot = 1; slot <= env->nslots; slot++) {
		kp_gen_number(cg, key, slot, at);
		kp_emit_abc(cg, KTAP_OP_GETTABLE, value, env->reg, key, at);
		kp_emit_abc(cg, KTAP_OP_SETTABLE, copy, key, value, at);
	}
	kp_emit_abc(cg, KTAP_OP_MOVE, env->reg, copy, 0, at);
	cg->top = mark;
}

/* ---- closures and their variables ---- */

void kp_gen_closure(struct kp_gen *cg, const struct kp_func *f, int dst, struct kp_span at)
{
	if (!f->needs_env) {
		kp_emit_abx(cg, KTAP_OP_LOADF, dst, f->index, at);
		return;
	}
	env_to(cg, kp_env_live(f->outer), dst, at);
	kp_emit_abx(cg, KTAP_OP_CLOSURE, dst, f->index, at);
}

void kp_gen_slot(struct kp_gen *cg, const struct kp_var *var, int *env, int *key, struct kp_span at)
{
	*env = env_any(cg, var->env, at);
	*key = kp_emit_take(cg, 1, at);
	kp_gen_number(cg, *key, var->slot, at);
}
