/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tracefs - the kernel's list of tracepoints: names, numbers, layouts.
 */
#ifndef KP_SYM_TRACEFS_H
#define KP_SYM_TRACEFS_H

#include <stddef.h>
#include <sys/types.h>

/* Names of one event; the byte after the zero of @system is the first of @name. */
struct kp_tracefs_event {
	const char *system;
	const char *name;
};

/*
 * One tracefs, or a recorded one. The list of event names is read on first use
 * and kept, because for a kernel it costs a walk over all its events.
 */
struct kp_tracefs {
	int dir; /* file descriptor of its top directory, -1 when closed */
	char *names;
	struct kp_tracefs_event *events;
	size_t nevents;
};

#define KP_TRACEFS_INIT           \
	{                         \
		-1, NULL, NULL, 0 \
	}

/**
 * kp_tracefs_open - open the tracefs of the running kernel.
 * @t:    what kp_tracefs_close() later releases
 * @root: directory to use instead, which looks like a tracefs; NULL finds
 *        /sys/kernel/tracing or /sys/kernel/debug/tracing and, when the caller
 *        is root and none is mounted, mounts it
 *
 * Returns 0; -EACCES without the privilege to look; -ENODEV when this kernel
 * has no tracefs; another -errno.
 */
int kp_tracefs_open(struct kp_tracefs *t, const char *root);

/** kp_tracefs_close - release what kp_tracefs_open() took; harmless when it failed. */
void kp_tracefs_close(struct kp_tracefs *t);

/**
 * kp_tracefs_read - the whole of the file @path (relative) as a C string.
 * @text: receives memory that the caller frees
 *
 * Returns its length, or -errno. A file above 64 MiB is -EFBIG.
 */
ssize_t kp_tracefs_read(struct kp_tracefs *t, const char *path, char **text);

/**
 * kp_tracefs_list - fill @t->events with every event that can be enabled, once.
 *
 * Events internal to ftrace (ftrace:function and its like) are not among them.
 * Returns 0 or -errno.
 */
int kp_tracefs_list(struct kp_tracefs *t);

/**
 * kp_tracefs_id - number of an event, as perf_event_open() takes it.
 *
 * Returns it (> 0); -ENOENT when there is no such event or perf cannot open it.
 */
long kp_tracefs_id(struct kp_tracefs *t, const char *system, const char *name);

/** kp_tracefs_format - the event's `format` file; as kp_tracefs_read(). */
ssize_t kp_tracefs_format(struct kp_tracefs *t, const char *system, const char *name, char **text);

#endif
