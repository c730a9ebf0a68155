// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which functions are closures: those that use a variable which lives in an environment,
 * and all functions between them and that variable.
 *
 * A variable that is declared with a function and never written again is that function. It
 * needs no storage, even when the function is a closure: whoever can name it is inside the
 * scope where it was made, and has the same environment.
 */
#include "sema.h"

bool kp_var_in_env(const struct kp_var *var)
{
	return var->captured && var->env && var->env->repeated;
}

struct kp_env *kp_env_live(struct kp_env *env)
{
	while (env && !env->nslots)
		env = env->up;
	return env;
}

/* A closure is made where it stands, so a variable that gets it elsewhere must store it. */
static bool keep_functions(struct kp_sema *sema)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < sema->ndeclared; i++) {
		struct kp_var *var = sema->declared[i];

		if (!var->function || !var->function->needs_env || var->initialized)
			continue;
		var->function = NULL;
		changed = true;
	}
	return changed;
}

static bool needs_env(const struct kp_sema *sema, const struct kp_var *var)
{
	if (var->function)
		return var->function->needs_env;
	return kp_var_in_env(var) && !kp_var_constant(sema->cc, var);
}

static bool spread(struct kp_sema *sema)
{
	const struct kp_capture *cap;
	struct kp_func *f;
	bool changed = false;

	for (cap = sema->captures; cap; cap = cap->next) {
		if (!needs_env(sema, cap->var))
			continue;
		for (f = cap->func; f != cap->var->func; f = f->parent) {
			changed |= !f->needs_env;
			f->needs_env = true;
		}
	}
	return changed;
}

void kp_capture(struct kp_sema *sema)
{
	while (spread(sema) || keep_functions(sema))
		;
}
