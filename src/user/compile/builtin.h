/* SPDX-License-Identifier: GPL-2.0-only */
/* builtin - lookup of built-in functions by the names scripts use. */
#ifndef KP_COMPILE_BUILTIN_H
#define KP_COMPILE_BUILTIN_H

#include <stdbool.h>
#include <stddef.h>

#include "../util/buf.h"
#include "../util/near.h"

struct kp_builtin {
	const char *name;
	unsigned int min, max; /* arguments; max 255: any number */
	const char *args;      /* their kinds, see builtins.def */
	char result;
	const char *contexts; /* the same */
};

/** kp_builtin_find - number of the built-in @name (an enum ktap_builtin), or -1. */
int kp_builtin_find(const char *name);

/** kp_builtin_get - what builtins.def says of number @id. */
const struct kp_builtin *kp_builtin_get(unsigned int id);

/** kp_builtin_is_value - may it be written without (), as pid and execname? */
bool kp_builtin_is_value(unsigned int id);

/** kp_builtin_contexts - where it may be called, KP_IN_*. */
unsigned int kp_builtin_contexts(unsigned int id);

/** kp_builtin_unsafe - does @name change what the system does, so that it needs --unsafe? */
bool kp_builtin_unsafe(const char *name);

/** kp_builtin_library - is @name the first part of names such as `net.format_ip_addr`? */
bool kp_builtin_library(const char *name);

/** kp_builtin_members - offer the members of library @lib to a search, and list them in @out. */
void kp_builtin_members(const char *lib, struct kp_near *near, struct kp_buf *out);

/** kp_builtin_near - offer all names of built-ins to a search. */
void kp_builtin_near(struct kp_near *near);

#endif
