// SPDX-License-Identifier: GPL-2.0-only
#include "builtin.h"

#include <string.h>

#include "ktap/bytecode.h"
#include "sema.h"

static const struct kp_builtin table[KTAP_BUILTIN_COUNT] = {
#define KP_BUILTIN(id, name, min, max, args, result, contexts, doc) \
	{ name, min, max, args, result, contexts },
#include "ktap/builtins.def"
#undef KP_BUILTIN
};

static const struct {
	const char *alias, *name;
} aliases[] = {
#define KP_ALIAS(alias, name) { alias, name },
#include "aliases.def"
#undef KP_ALIAS
};

static const char *const libraries[] = { "ansi", "ffi",	   "kdebug", "mem",
					 "net",	 "string", "table",  "timer" };

static const char *const unsafe[] = { "mem.write", "override", "set_retval", "signal" };

bool kp_builtin_unsafe(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
		if (!strcmp(unsafe[i], name))
			return true;
	return false;
}

const struct kp_builtin *kp_builtin_get(unsigned int id)
{
	return &table[id];
}

bool kp_builtin_is_value(unsigned int id)
{
	return table[id].max == 0 && table[id].result != 'n';
}

unsigned int kp_builtin_contexts(unsigned int id)
{
	const char *letters = table[id].contexts;
	unsigned int contexts = 0;

	if (strchr(letters, 'M'))
		contexts |= KP_IN_MAIN;
	if (strchr(letters, 'T'))
		contexts |= KP_IN_TICK;
	if (strchr(letters, 'P'))
		contexts |= strchr(letters, 'E') ? KP_IN_EVENT : KP_IN_HANDLER;
	return contexts;
}

int kp_builtin_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (!strcmp(aliases[i].alias, name))
			name = aliases[i].name;
	for (i = 0; i < KTAP_BUILTIN_COUNT; i++)
		if (!strcmp(table[i].name, name))
			return (int)i;
	return -1;
}

bool kp_builtin_library(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		if (!strcmp(libraries[i], name))
			return true;
	return false;
}

static void add_member(const char *name, const char *lib, struct kp_near *near, struct kp_buf *out)
{
	size_t len = strlen(lib);

	if (strncmp(name, lib, len) || name[len] != '.')
		return;
	name += len + 1;
	kp_near_try(near, name, strlen(name));
	if (out->len)
		kp_buf_u8(out, ' ');
	kp_buf_puts(out, name);
}

void kp_builtin_members(const char *lib, struct kp_near *near, struct kp_buf *out)
{
	size_t i;

	for (i = 0; i < KTAP_BUILTIN_COUNT; i++)
		add_member(table[i].name, lib, near, out);
	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		add_member(aliases[i].alias, lib, near, out);
}

void kp_builtin_near(struct kp_near *near)
{
	size_t i;

	for (i = 0; i < KTAP_BUILTIN_COUNT; i++)
		kp_near_try(near, table[i].name, strlen(table[i].name));
	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		kp_near_try(near, aliases[i].alias, strlen(aliases[i].alias));
}
