// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints by name.  None of those the module hooks is exported; up to 3.14 they
 * are registered by name, later their structures are found by walking all of them.
 */
#include <linux/err.h>
#ifdef KP_HAVE_EVENT_FILE
#include <linux/trace_events.h>
#endif

static const char *const names[KP_TP_COUNT] = {
	[KP_TP_SYS_ENTER] = "sys_enter",
	[KP_TP_SYS_EXIT] = "sys_exit",
	[KP_TP_FORK] = "sched_process_fork",
	[KP_TP_EXIT] = "sched_process_exit",
};

#ifdef KP_HAVE_EACH_TRACEPOINT

/* They belong to the kernel proper, not to a module, and so stay where they are. */
static struct tracepoint *found[KP_TP_COUNT];

static void look_at(struct tracepoint *tp, void *unused)
{
	int i;

	for (i = 0; i < KP_TP_COUNT; i++)
		if (!strcmp(tp->name, names[i]))
			found[i] = tp;
}

void kp_compat_tracepoints_find(void)
{
	for_each_kernel_tracepoint(look_at, NULL);
}

bool kp_compat_tracepoint_exists(enum kp_compat_tracepoint which)
{
	return found[which];
}

int kp_compat_tracepoint_register(enum kp_compat_tracepoint which, void *probe, void *data)
{
	return tracepoint_probe_register(found[which], probe, data);
}

void kp_compat_tracepoint_unregister(enum kp_compat_tracepoint which, void *probe, void *data)
{
	tracepoint_probe_unregister(found[which], probe, data);
}

#else

void kp_compat_tracepoints_find(void)
{
}

/* Registering a name that does not exist succeeds, so only the configuration can tell. */
bool kp_compat_tracepoint_exists(enum kp_compat_tracepoint which)
{
	return which > KP_TP_SYS_EXIT || IS_ENABLED(CONFIG_HAVE_SYSCALL_TRACEPOINTS);
}

int kp_compat_tracepoint_register(enum kp_compat_tracepoint which, void *probe, void *data)
{
	return tracepoint_probe_register(names[which], probe, data);
}

void kp_compat_tracepoint_unregister(enum kp_compat_tracepoint which, void *probe, void *data)
{
	tracepoint_probe_unregister(names[which], probe, data);
}

#endif

/* Control-flow integrity checks the type of what is called: there one probe cannot serve all. */
#if defined(KP_HAVE_EVENT_FILE) && !defined(CONFIG_CFI_CLANG) && !defined(CONFIG_CFI)

struct tracepoint *kp_compat_event_get(const char *name, u64 id, void **ref)
{
	struct trace_event_file *file;
	struct trace_event_call *call;
	char system[64];
	size_t len = strcspn(name, ":");

	if (!name[len] || len >= sizeof(system))
		return NULL;
	memcpy(system, name, len);
	system[len] = '\0';
	file = trace_get_event_file(NULL, system, name + len + 1);
	if (IS_ERR(file))
		return NULL;
	call = file->event_call;
	if (!(call->flags & TRACE_EVENT_FL_TRACEPOINT) || call->event.type != id) {
		trace_put_event_file(file);
		return NULL;
	}
	*ref = file;
	return call->tp;
}

void kp_compat_event_put(void *ref)
{
	trace_put_event_file(ref);
}

int kp_compat_event_register(struct tracepoint *tp, void (*probe)(void *data), void *data)
{
	return tracepoint_probe_register(tp, probe, data);
}

void kp_compat_event_unregister(struct tracepoint *tp, void (*probe)(void *data), void *data)
{
	tracepoint_probe_unregister(tp, probe, data);
}

#else

struct tracepoint *kp_compat_event_get(const char *name, u64 id, void **ref)
{
	return NULL;
}

void kp_compat_event_put(void *ref)
{
}

int kp_compat_event_register(struct tracepoint *tp, void (*probe)(void *data), void *data)
{
	return -EOPNOTSUPP;
}

void kp_compat_event_unregister(struct tracepoint *tp, void (*probe)(void *data), void *data)
{
}

#endif
