// SPDX-License-Identifier: GPL-2.0-only
/* Free names and members: built-ins, event data, mistakes. */
#include "check.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builtin.h"
#include "ktap/bytecode.h"
#include "word.h"

void kp_check_need(struct kp_checker *c, struct kp_span at, unsigned int contexts, const char *what)
{
	struct kp_need *n = kp_cc_alloc(c->cc, sizeof(*n));

	*n = (struct kp_need){ NULL, c->func, at, contexts, what };
	*c->last_need = n;
	c->last_need = &n->next;
}

/* Is @e the name of something the script never declares nor assigns? */
bool kp_check_is_free(const struct kp_expr *e)
{
	return e->kind == KP_EX_NAME && e->name.var->global && !e->name.var->writes;
}

bool kp_check_is_free_name(const struct kp_expr *e, const char *name)
{
	return kp_check_is_free(e) && !strcmp(e->name.str->data, name);
}

/* The event object of trace "…" function (e) { }. */
bool kp_check_is_event(const struct kp_checker *c, const struct kp_expr *e)
{
	return e->kind == KP_EX_NAME && c->func->takes_event &&
	       e->name.var == c->func->params->var && !e->name.var->writes;
}

/* The function that @e certainly is, or NULL. */
struct kp_func *kp_check_static_func(const struct kp_expr *e)
{
	if (e->kind == KP_EX_FUNCTION)
		return e->func;
	return e->kind == KP_EX_NAME ? e->name.var->function : NULL;
}

/* Add which members the library @lib has, or the one that is close to @key, which may be NULL. */
static void hint_members(struct kp_checker *c, const struct kp_str *lib, const struct kp_str *key)
{
	struct kp_buf members = KP_BUF_INIT;
	struct kp_near near;

	kp_near_init(&near, key ? key->data : "", key ? key->len : 0);
	kp_builtin_members(lib->data, &near, &members);
	kp_word_hint_near(c->cc->diag, &near);
	if (!near.best && members.len)
		kp_diag_hint(c->cc->diag, KP_HINT_MEMBERS, lib->data, (int)members.len,
			     members.data);
	if (kp_buf_error(&members))
		c->cc->diag->out->error = -ENOMEM;
	kp_buf_free(&members);
}

/* Is there a variable of the name @e, only not here? Then say so. */
static bool hint_scope(struct kp_checker *c, const struct kp_expr *e)
{
	const struct kp_stmt *own = e->name.var->own;
	const char *name = e->name.str->data;
	const struct kp_var *other;
	uint32_t column;
	size_t i;

	if (own && own->at.pos > e->at.pos)
		own = NULL;
	if (own && own->local.values->kind == KP_EX_FUNCTION && !own->local.names->next)
		kp_diag_hint(c->cc->diag, KP_HINT_OWN_FUNCTION, name, name);
	else if (own)
		kp_diag_hint(c->cc->diag, KP_HINT_OWN_VALUE, name);
	for (i = 0; !own && i < c->sema->ndeclared; i++) {
		other = c->sema->declared[i];
		if (other->name != e->name.str)
			continue;
		kp_diag_hint(c->cc->diag, KP_HINT_SCOPE, name,
			     kp_cc_line(c->cc, other->at.pos, &column));
		return true;
	}
	return own;
}

void kp_check_suggest(struct kp_checker *c, const struct kp_expr *e, bool called)
{
	const struct kp_str *name = e->name.str;
	struct kp_near near;
	size_t i;

	if (kp_diag_full(c->cc->diag) || (e->name.var->global && hint_scope(c, e)) ||
	    kp_word_hint(c->cc->diag, name->data, name->len))
		return;
	if (kp_builtin_library(name->data)) {
		hint_members(c, name, NULL);
		return;
	}
	kp_near_init(&near, name->data, name->len);
	for (i = 0; i < c->sema->ndeclared; i++)
		kp_near_try(&near, c->sema->declared[i]->name->data,
			    c->sema->declared[i]->name->len);
	for (i = 0; i < c->sema->globals.len; i++) {
		const struct kp_var *var = kp_hash_entry(&c->sema->globals, i)->value;

		if (var->writes || var->stored_into)
			kp_near_try(&near, var->name->data, var->name->len);
	}
	kp_builtin_near(&near);
	if (called)
		kp_word_near(&near);
	kp_word_hint_near(c->cc->diag, &near);
}

void kp_check_report_member(struct kp_checker *c, const struct kp_expr *index)
{
	const struct kp_str *lib = index->index.object->name.str, *key = index->index.key->str;

	kp_diag_report(c->cc->diag, KP_TAG_UNKNOWN_MEMBER, index->at, lib->data, key->data);
	hint_members(c, lib, key);
}

static void warn_never_assigned(struct kp_checker *c, const struct kp_expr *e)
{
	struct kp_var *var = e->name.var;

	if (var->warned || c->cc->opts->no_warnings || c->sema->hidden)
		return;
	var->warned = true;
	kp_diag_report(c->cc->diag, KP_TAG_NEVER_ASSIGNED, e->at, var->name->data);
	kp_check_suggest(c, e, false);
}

/* ---- what free names become ---- */

void kp_check_become_builtin(struct kp_checker *c, struct kp_expr *e, unsigned int id,
			     struct kp_expr *args)
{
	e->kind = KP_EX_BUILTIN;
	e->builtin.id = id;
	e->builtin.args = args;
	kp_check_need(c, e->at, kp_builtin_contexts(id), kp_builtin_get(id)->name);
}

uint32_t kp_check_add_field(struct kp_checker *c, const struct kp_str *name, uint32_t index)
{
	const struct kp_str *key = name;
	char unnamed[16];
	struct kp_field *f;
	void **place;

	if (!name) {
		snprintf(unnamed, sizeof(unnamed), "%c%" PRIu32, '\0', index);
		key = kp_cc_string(c->cc, unnamed, 1 + strlen(unnamed + 1));
	}
	place = kp_cc_at(c->cc, &c->sema->field_index, key->data, key->len);
	f = *place;
	if (!f) {
		f = kp_cc_alloc(c->cc, sizeof(*f));
		f->name = name;
		f->index = index;
		f->number = c->sema->nfields++;
		*place = f;
		*c->last_field = f;
		c->last_field = &f->next;
	}
	return f->number;
}

void kp_check_become_field(struct kp_checker *c, struct kp_expr *e, const struct kp_str *name,
			   uint32_t index)
{
	e->kind = KP_EX_FIELD;
	e->field = kp_check_add_field(c, name, index);
	kp_check_need(c, e->at, KP_IN_EVENT, "args");
}

/* arg0, arg1 … give 0, 1 …; -1 for other names. */
static int arg_number(const char *name)
{
	if (strncmp(name, "arg", 3) || !isdigit((unsigned char)name[3]))
		return -1;
	if (name[4] && (name[3] == '0' || !isdigit((unsigned char)name[4]) || name[5]))
		return -1;
	return atoi(name + 3);
}

/* Does the language give @name a value by itself, so that scripts cannot assign it? */
bool kp_check_is_value_name(const char *name)
{
	int id = kp_builtin_find(name);

	return !strcmp(name, "args") || arg_number(name) >= 0 ||
	       (id >= 0 && kp_builtin_is_value((unsigned int)id));
}

static void check_free_name(struct kp_checker *c, struct kp_expr *e)
{
	const struct kp_str *name = e->name.str;
	struct kp_var *var = e->name.var;
	int id = kp_builtin_find(name->data), arg = arg_number(name->data);

	if (arg >= 0) {
		kp_check_become_field(c, e, NULL, (uint32_t)arg);
	} else if (id >= 0 && kp_builtin_is_value((unsigned int)id)) {
		kp_check_become_builtin(c, e, (unsigned int)id, NULL);
	} else if (c->func->role == KP_ROLE_FILTER) {
		kp_check_become_field(c, e, name, KTAP_NONE);
	} else if (!strcmp(name->data, "retval")) {
		kp_check_become_field(c, e, kp_cc_string(c->cc, "ret", 3), KTAP_NONE);
	} else if (id >= 0) {
		if (!var->refused)
			kp_diag_report(c->cc->diag, KP_TAG_BUILTIN_VALUE, e->at, name->data);
		var->refused = true;
	} else if (!strcmp(name->data, "args")) {
		kp_diag_report(c->cc->diag, KP_TAG_ARGS_VALUE, e->at);
		kp_diag_hint(c->cc->diag, KP_HINT_ARGS_NAME);
	} else if (!strcmp(name->data, "arg")) {
		c->sema->arg = var;
		var->implicit = true;
	} else if (var->stored_into) {
		var->implicit = true;
	} else {
		warn_never_assigned(c, e);
	}
}

/* Does a mention of the parameter of @f mean the event, whatever a caller gives? */
static bool reads_event(const struct kp_func *f)
{
	return f->takes_event && f->params->var->mentions && !f->params->var->writes;
}

void kp_check_callee(struct kp_checker *c, struct kp_func *f)
{
	struct kp_callee *callee = kp_cc_alloc(c->cc, sizeof(*callee));

	*callee = (struct kp_callee){ c->func->callees, f };
	c->func->callees = callee;
}

void kp_check_name(struct kp_checker *c, struct kp_expr *e, enum kp_use_kind kind)
{
	struct kp_var *var = e->name.var;
	struct kp_func *f = kp_check_static_func(e);
	struct kp_use *use;

	if (kp_check_is_event(c, e)) {
		kp_check_become_builtin(c, e, KTAP_BUILTIN_argstr, NULL);
		return;
	}
	if (f && reads_event(f) && kind != KP_USE_WRITE) {
		kp_diag_report(c->cc->diag, KP_TAG_HANDLER_CALLED, e->at, e->name.str->data);
		kp_diag_hint(c->cc->diag, KP_HINT_HANDLER, e->name.str->data);
		return;
	}
	if (f) {
		kp_check_callee(c, f);
		return;
	}
	if (kp_check_is_free(e))
		check_free_name(c, e);
	else if (!var->writes && !var->parameter)
		warn_never_assigned(c, e);
	if (e->kind != KP_EX_NAME)
		return;
	use = kp_cc_alloc(c->cc, sizeof(*use));
	*use = (struct kp_use){ var->uses, c->func, kind };
	var->uses = use;
}

/* ---- members ---- */

/* Members of the event object of the 0.2 release; others are fields by name. */
static void check_event_member(struct kp_checker *c, struct kp_expr *e)
{
	const struct kp_expr *key = e->index.key;
	const char *name;

	if (key->kind != KP_EX_STRING) {
		kp_diag_report(c->cc->diag, KP_TAG_EXPECTED_NAME, key->at);
		return;
	}
	name = key->str->data;
	e->at = key->at;
	if (!strcmp(name, "name"))
		kp_check_become_builtin(c, e, KTAP_BUILTIN_probename, NULL);
	else if (!strcmp(name, "sc_nr"))
		kp_check_become_field(c, e, NULL, 0);
	else if (!strncmp(name, "sc_arg", 6) && name[6] >= '1' && name[6] <= '6' && !name[7])
		kp_check_become_field(c, e, NULL, (uint32_t)(name[6] - '0'));
	else if (!strcmp(name, "fieldnum"))
		kp_check_become_field(c, e, NULL, KTAP_FIELD_NUMBER);
	else if (!strcmp(name, "regstr"))
		kp_check_become_builtin(c, e, KTAP_BUILTIN_regstr, NULL);
	else if (!strcmp(name, "tostring") || !strcmp(name, "field") || !strcmp(name, "set_retval"))
		kp_diag_report(c->cc->diag, KP_TAG_BUILTIN_VALUE, e->at, name);
	else if (!strcmp(name, "retval"))
		kp_check_become_field(c, e, kp_cc_string(c->cc, "ret", 3), KTAP_NONE);
	else
		kp_check_become_field(c, e, key->str, KTAP_NONE);
}

/* args.NAME, args[N] */
static void check_args_member(struct kp_checker *c, struct kp_expr *e)
{
	const struct kp_expr *key = e->index.key;

	e->at = key->at;
	if (key->kind == KP_EX_STRING)
		kp_check_become_field(c, e, key->str, KTAP_NONE);
	else if (key->kind == KP_EX_NUMBER && key->number >= 0 && key->number < KTAP_MAX_FIELDS)
		kp_check_become_field(c, e, NULL, (uint32_t)key->number);
	else
		kp_diag_report(c->cc->diag, KP_TAG_EXPECTED_NAME, key->at);
}

/* "lib.name" of an index of a free library name by a constant string; NULL for others. */
const struct kp_str *kp_check_member_name(struct kp_checker *c, const struct kp_expr *e)
{
	const struct kp_str *lib, *key;
	char text[64];
	size_t len;

	if (e->kind != KP_EX_INDEX || !kp_check_is_free(e->index.object) ||
	    !kp_builtin_library(e->index.object->name.str->data) ||
	    e->index.object->name.var->stored_into || e->index.key->kind != KP_EX_STRING)
		return NULL;
	lib = e->index.object->name.str;
	key = e->index.key->str;
	len = lib->len + 1 + key->len;
	if (len > sizeof(text))
		return key;
	memcpy(text, lib->data, lib->len);
	text[lib->len] = '.';
	memcpy(text + lib->len + 1, key->data, key->len);
	return kp_cc_string(c->cc, text, len);
}

void kp_check_index(struct kp_checker *c, struct kp_expr *e, enum kp_use_kind use)
{
	const struct kp_str *member = kp_check_member_name(c, e);

	if (kp_check_is_free_name(e->index.object, "args")) {
		check_args_member(c, e);
	} else if (kp_check_is_event(c, e->index.object)) {
		check_event_member(c, e);
	} else if (kp_check_ffi_index(c, e)) {
		return;
	} else if (member && kp_builtin_find(member->data) >= 0) {
		kp_diag_report(c->cc->diag, KP_TAG_BUILTIN_VALUE, e->at, member->data);
	} else if (member) {
		kp_check_report_member(c, e);
	} else {
		kp_check_expr(c, e->index.object, use);
		kp_check_expr(c, e->index.key, KP_USE_OTHER);
	}
}
