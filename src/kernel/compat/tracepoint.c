// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints by name.  None of those the module hooks is exported; up to 3.14 they
 * are registered by name, later their structures are found by walking all of them.
 */
#include <linux/delay.h>
#include <linux/tracepoint.h>
#ifdef KP_HAVE_TP_ITERATOR
#include <linux/trace_events.h>
#endif

/* Before 5.11 it takes memory to take a probe away, which stays when there is none: then it is tried again. */
#define MS_NO_MEMORY	20

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

unsigned long kp_compat_tracepoint_iterator(enum kp_compat_tracepoint which)
{
#ifdef KP_HAVE_TP_ITERATOR
	return (unsigned long)found[which]->iterator;
#else
	return 0;
#endif
}

int kp_compat_tracepoint_register(enum kp_compat_tracepoint which, void *probe, void *data)
{
#ifdef KP_HAVE_PROBE_PRIO
	/* after everybody else: a process is still followed while its own exit is handled */
	if (which == KP_TP_EXIT)
		return tracepoint_probe_register_prio(found[which], probe, data, 0);
#endif
	return tracepoint_probe_register(found[which], probe, data);
}

void kp_compat_tracepoint_unregister(enum kp_compat_tracepoint which, void *probe, void *data)
{
	while (tracepoint_probe_unregister(found[which], probe, data) == -ENOMEM)
		msleep(MS_NO_MEMORY);
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

unsigned long kp_compat_tracepoint_iterator(enum kp_compat_tracepoint which)
{
	return 0;
}

int kp_compat_tracepoint_register(enum kp_compat_tracepoint which, void *probe, void *data)
{
	return tracepoint_probe_register(names[which], probe, data);
}

void kp_compat_tracepoint_unregister(enum kp_compat_tracepoint which, void *probe, void *data)
{
	while (tracepoint_probe_unregister(names[which], probe, data) == -ENOMEM)
		msleep(MS_NO_MEMORY);
}

#endif

unsigned long kp_compat_perf_iterator(const struct perf_event *counter)
{
#if defined(KP_HAVE_TP_ITERATOR) && defined(CONFIG_EVENT_TRACING)
	if (counter->tp_event->flags & TRACE_EVENT_FL_TRACEPOINT)
		return (unsigned long)counter->tp_event->tp->iterator;
#endif
	return 0;
}
