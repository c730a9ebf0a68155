// SPDX-License-Identifier: GPL-2.0-only
/*
 * SYSTEM:NAME, the tracepoints of tracefs, system calls among them.
 */
#include "event.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sym/tracefs.h"
#include "syscall.h"
#include "util/glob.h"
#include "util/near.h"

static bool is_glob_char(char c)
{
	return isalnum((unsigned char)c) || strchr("_-.*?[]!^\\", c);
}

/* Offset of the first character that no name and no glob has, or @len. */
static size_t bad_char(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && is_glob_char(text[i]); i++)
		;
	return i;
}

static int tracepoint_parse(struct kp_evdef *def, const char *text, size_t len,
			    struct kp_event_error *err)
{
	const char *colon = memchr(text, ':', len), *name;
	size_t system_len, name_len, bad;

	if (!colon) {
		bad = 0;
		goto bad;
	}
	system_len = (size_t)(colon - text);
	while (system_len && isspace((unsigned char)text[system_len - 1]))
		system_len--;
	for (name = colon + 1; name < text + len && isspace((unsigned char)*name); name++)
		;
	name_len = (size_t)(text + len - name);
	bad = bad_char(text, system_len);
	if (bad < system_len || !system_len)
		goto bad;
	bad = (size_t)(name - text) + bad_char(name, name_len);
	if (bad < len || !name_len)
		goto bad;
	def->system = strndup(text, system_len);
	def->name = strndup(name, name_len);
	if (!def->system || !def->name)
		return kp_event_error_set(err, -ENOMEM, 0, KP_MSG_EVENT_MEMORY);
	return 0;
bad:
	kp_event_error_set(err, -EINVAL, bad, KP_MSG_EVENT_SYNTAX, (int)(len < 128 ? len : 128),
			   text);
	snprintf(err->hint, sizeof(err->hint), KP_MSG_EVENT_SYNTAX_HOW);
	return -EINVAL;
}

/* The one event with a number that perf may not sample: it would interrupt itself for ever. */
static bool perf_refuses(const struct kp_tracefs_event *e)
{
	return !strcmp(e->system, "irq_vectors") && !strcmp(e->name, "irq_work_exit");
}

/* Append an event that exists; it is refused when perf cannot open it. 0 or -ENOMEM. */
static int add_event(struct kp_tracefs *t, struct kp_events *events,
		     const struct kp_tracefs_event *e, bool native)
{
	struct kp_event *ev;
	long id;

	ev = kp_event_add(events, KP_EVENT_TRACEPOINT, e->system, e->name);
	if (!ev)
		return -ENOMEM;
	if (native && !strcmp(e->system, "syscalls") && kp_syscall_bind(ev))
		return 0;
	id = kp_tracefs_id(t, e->system, e->name);
	if (id <= 0 || perf_refuses(e))
		return kp_event_refuse(events);
	ev->id = (uint32_t)id;
	return 0;
}

/* A system call that the script names as programs do and the kernel does not; false if not so. */
static bool suggest_syscall(const struct kp_evdef *def, struct kp_event_error *err)
{
	const char *call = def->name, *kernel = NULL;

	if (!strncmp(call, "sys_enter_", strlen("sys_enter_")))
		call += strlen("sys_enter_");
	else if (!strncmp(call, "sys_exit_", strlen("sys_exit_")))
		call += strlen("sys_exit_");
	if (!strcmp(def->system, "syscalls") && call > def->name)
		kernel = kp_syscall_kernel_name(call);
	if (kernel)
		snprintf(err->hint, sizeof(err->hint), KP_MSG_EVENT_NEAR_CALL,
			 (int)(call - def->name), def->name, kernel);
	return kernel;
}

/* The closest event of the same system, else of all. */
static void suggest_near(const struct kp_tracefs *t, const struct kp_evdef *def,
			 struct kp_event_error *err)
{
	const struct kp_tracefs_event *e;
	struct kp_near both, name;
	char want[KP_NEAR_MAX];
	int n;

	n = snprintf(want, sizeof(want), "%s%c%s", def->system, '\0', def->name);
	kp_near_init(&both, want, (size_t)n < sizeof(want) ? (size_t)n : 0);
	kp_near_init(&name, def->name, strlen(def->name));
	for (e = t->events; e < t->events + t->nevents; e++) {
		kp_near_try(&both, e->system, strlen(e->system) + 1 + strlen(e->name));
		if (!strcmp(e->system, def->system))
			kp_near_try(&name, e->name, strlen(e->name));
	}
	if (name.best)
		snprintf(err->hint, sizeof(err->hint), KP_MSG_EVENT_NEAR_NAME, name.best);
	else if (both.best)
		snprintf(err->hint, sizeof(err->hint), KP_MSG_EVENT_NEAR, both.best,
			 both.best + strlen(both.best) + 1);
}

static int no_such_event(const struct kp_tracefs *t, const struct kp_evdef *def,
			 struct kp_event_error *err)
{
	kp_event_error_set(err, -ENOENT, 0, KP_MSG_EVENT_UNKNOWN, def->system, def->name);
	if (kp_glob_is(def->name) || kp_glob_is(def->system))
		snprintf(err->hint, sizeof(err->hint), KP_MSG_EVENT_LIST_HOW);
	else if (!suggest_syscall(def, err))
		suggest_near(t, def, err);
	return -ENOENT;
}

static int tracepoint_expand(struct kp_tracefs *t, const struct kp_evdef *def,
			     struct kp_events *events, struct kp_event_error *err)
{
	bool native = kp_glob_match(def->system, "syscalls") && kp_syscall_native(t);
	const struct kp_tracefs_event *e;
	bool matched = false;
	int ret;

	ret = kp_tracefs_list(t);
	if (ret)
		return kp_event_error_set(err, ret, 0, KP_MSG_EVENT_LIST, strerror(-ret));
	for (e = t->events; e < t->events + t->nevents; e++) {
		if (!kp_glob_match(def->system, e->system) || !kp_glob_match(def->name, e->name))
			continue;
		matched = true;
		ret = add_event(t, events, e, native);
		if (ret)
			return ret;
	}
	if (matched && !events->n)
		return kp_event_error_set(err, -ENOENT, 0, KP_MSG_EVENT_REFUSED, def->system,
					  def->name);
	return events->n ? 0 : no_such_event(t, def, err);
}

const struct kp_event_ops kp_event_tracepoint = {
	.name = "tracepoint",
	.prefix = "",
	.parse = tracepoint_parse,
	.expand = tracepoint_expand,
};
