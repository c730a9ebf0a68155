// SPDX-License-Identifier: GPL-2.0-only
/*
 * cdef, ffi and C: declarations of C are checked, and calls against them. No call can
 * be made yet; that is the last thing that is said of one.
 */
#include <inttypes.h>
#include <string.h>

#include "cdecl.h"
#include "check.h"

static struct kp_cdecls *decls(struct kp_checker *c)
{
	if (!c->sema->cdecls)
		c->sema->cdecls = kp_cdecls_new(c->cc);
	return c->sema->cdecls;
}

void kp_check_cdef(struct kp_checker *c, const struct kp_expr *text)
{
	kp_cdecl_parse(decls(c), c->cc, text);
}

/* The x of C.x and ffi.C.x, or NULL. */
static const struct kp_str *c_name(struct kp_checker *c, const struct kp_expr *e)
{
	const struct kp_expr *object = e->index.object;
	const struct kp_str *member;

	if (e->kind != KP_EX_INDEX || e->index.key->kind != KP_EX_STRING)
		return NULL;
	member = kp_check_member_name(c, object);
	if (member ? strcmp(member->data, "ffi.C") != 0 :
		     !kp_check_is_free_name(object, "C") || object->name.var->stored_into)
		return NULL;
	return e->index.key->str;
}

static const struct kp_cname *find(struct kp_checker *c, const struct kp_str *name,
				   struct kp_span at)
{
	const struct kp_cname *found = kp_cdecl_find(decls(c), name);
	struct kp_near near;

	if (found || decls(c)->broken)
		return found;
	kp_diag_report(c->cc->diag, KP_TAG_FFI_UNDECLARED, at, name->data);
	kp_near_init(&near, name->data, name->len);
	kp_cdecl_near(decls(c), &near);
	if (near.best)
		kp_diag_hint(c->cc->diag, KP_HINT_NEAR, (int)near.best_len, near.best);
	return NULL;
}

static const struct ffi_call {
	const char *name;
	unsigned int min, max, strings; /* arguments; of them the first are constant strings */
} ffi_calls[] = {
	{ "ffi.cdef", 1, 1, 1 },   { "ffi.new", 1, 2, 1 },	{ "ffi.cast", 2, 2, 1 },
	{ "ffi.sizeof", 1, 1, 1 }, { "ffi.offsetof", 2, 2, 2 },
};

static const struct ffi_call *find_call(const struct kp_str *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(ffi_calls) / sizeof(ffi_calls[0]); i++)
		if (!strcmp(name->data, ffi_calls[i].name))
			return &ffi_calls[i];
	return NULL;
}

bool kp_check_ffi_index(struct kp_checker *c, struct kp_expr *e)
{
	const struct kp_str *name = c_name(c, e), *member = kp_check_member_name(c, e);
	const struct kp_cname *found;

	if (member && (find_call(member) || !strcmp(member->data, "ffi.C"))) {
		kp_diag_report(c->cc->diag, KP_TAG_BUILTIN_VALUE, e->at, member->data);
		return true;
	}
	if (!name)
		return false;
	found = find(c, name, e->index.key->at);
	if (found && found->kind == KP_CNAME_CONSTANT) {
		e->at = e->index.key->at;
		e->kind = KP_EX_NUMBER;
		e->number = found->value;
	} else if (found) {
		kp_diag_report(c->cc->diag, KP_TAG_BUILTIN_VALUE, e->index.key->at, name->data);
	}
	return true;
}

/* Constants that no conversion of C makes an argument of this type of. */
static bool unfit(const struct kp_expr *e, const struct kp_ctype *type)
{
	if (!kp_expr_is_constant(e))
		return false;
	if (type->kind == KP_CTYPE_NUMBER)
		return e->kind == KP_EX_STRING || e->kind == KP_EX_NIL;
	if (type->kind == KP_CTYPE_POINTER || type->kind == KP_CTYPE_ARRAY)
		return e->kind == KP_EX_TRUE || e->kind == KP_EX_FALSE;
	return true;
}

static void check_c_call(struct kp_checker *c, struct kp_expr *e, const struct kp_str *name)
{
	struct kp_expr *args = e->call.args, *arg;
	unsigned int n = kp_check_count(args), i = 1;
	struct kp_span at = e->call.callee->index.key->at;
	const struct kp_cname *found = find(c, name, at);
	const struct kp_cmember *param;

	kp_check_list(c, args, KP_USE_OTHER);
	if (!found)
		return;
	if (found->kind != KP_CNAME_OBJECT || found->type->kind != KP_CTYPE_FUNCTION) {
		kp_diag_report(c->cc->diag, KP_TAG_FFI_UNDECLARED, at, name->data);
		return;
	}
	e->at = at;
	if (n < found->type->nmembers || (n > found->type->nmembers && !found->type->variadic)) {
		kp_check_report_count(c, e, name->data, found->type->nmembers,
				      found->type->variadic ? 255 : found->type->nmembers);
		return;
	}
	for (arg = args, param = found->type->members; param; param = param->next, i++) {
		if (unfit(arg, param->type)) {
			kp_diag_report(c->cc->diag, KP_TAG_ARGUMENT_TYPE, arg->at, i);
			return;
		}
		arg = arg->next;
	}
	if (!c->cc->opts->unsafe)
		kp_diag_report(c->cc->diag, KP_TAG_UNSAFE, at, name->data);
	else
		kp_diag_report(c->cc->diag, KP_TAG_FFI, at);
}

/* ffi.sizeof("type"), ffi.offsetof("type", "member") */
static void check_size(struct kp_checker *c, struct kp_expr *e, const struct kp_ctype *type,
		       const struct kp_expr *member)
{
	const struct kp_cmember *m = NULL;
	const char *what = e->call.args->str->data;
	uint64_t size, i;
	bool known = kp_cdecl_size(type, &size);

	if (decls(c)->broken || decls(c)->sizeless == type)
		return;
	if (!type->complete) {
		kp_diag_report(c->cc->diag, KP_TAG_CDECL, e->call.args->at, "the type has no size");
		decls(c)->sizeless = type;
		return;
	}
	if (member) {
		for (m = type->kind == KP_CTYPE_RECORD ? type->members : NULL; m; m = m->next)
			if (m->name == member->str)
				break;
		if (!m) {
			kp_diag_report(c->cc->diag, KP_TAG_UNKNOWN_MEMBER, member->at, what,
				       member->str->data);
			return;
		}
		size = m->offset[0];
		known = !type->unknown;
		for (i = 1; i < KP_CMODELS; i++)
			known &= m->offset[i] == size;
	}
	if (!known) {
		kp_diag_report(c->cc->diag, KP_TAG_FFI_SIZE, e->call.args->at, what);
		return;
	}
	e->kind = KP_EX_NUMBER;
	e->number = (int64_t)size;
}

static void check_ffi_call(struct kp_checker *c, struct kp_expr *e, const struct ffi_call *call)
{
	struct kp_expr *args = e->call.args, *arg;
	const struct kp_ctype *type;
	unsigned int n = kp_check_count(args);

	if (n < call->min || n > call->max) {
		kp_check_report_count(c, e, call->name, call->min, call->max);
		return;
	}
	for (arg = args, n = 1; arg; arg = arg->next, n++) {
		if (n > call->strings) {
			kp_check_expr(c, arg, KP_USE_OTHER);
		} else if (arg->kind != KP_EX_STRING) {
			kp_diag_report(c->cc->diag, KP_TAG_CONSTANT_ARGUMENT, arg->at, n,
				       call->name);
			return;
		}
	}
	if (!strcmp(call->name, "ffi.cdef")) {
		kp_check_cdef(c, args);
		e->kind = KP_EX_NIL;
		return;
	}
	type = kp_cdecl_type(decls(c), c->cc, args);
	if (!type)
		return;
	if (strcmp(call->name, "ffi.new") && strcmp(call->name, "ffi.cast"))
		check_size(c, e, type, args->next);
	else
		kp_diag_report(c->cc->diag, KP_TAG_FFI, e->at);
}

bool kp_check_ffi(struct kp_checker *c, struct kp_expr *e)
{
	const struct kp_expr *callee = e->call.callee;
	const struct ffi_call *call = find_call(kp_check_member_name(c, callee));
	const struct kp_str *name = callee->kind == KP_EX_INDEX ? c_name(c, callee) : NULL;

	if (call)
		check_ffi_call(c, e, call);
	else if (name)
		check_c_call(c, e, name);
	return call || name;
}
