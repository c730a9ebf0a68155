// SPDX-License-Identifier: GPL-2.0-only
#include "tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "util/file.h"

static const char tracing[] = "/sys/kernel/tracing";
static const char debug[] = "/sys/kernel/debug";
static const char debug_tracing[] = "/sys/kernel/debug/tracing";

/* Open @path when it is a tracefs and not the empty directory one is mounted on. */
static int open_top(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (dir < 0)
		return -errno;
	if (!faccessat(dir, "events", R_OK, 0))
		return dir;
	err = -errno;
	close(dir);
	return err;
}

static bool mount_on(const char *path, const char *type)
{
	return !mount(type, path, type, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* Where kernels since 4.1 keep it, and where older ones do, below debugfs. */
static int find_top(void)
{
	int dir = open_top(tracing), err = dir;

	if (dir < 0)
		dir = open_top(debug_tracing);
	if (dir < 0 && mount_on(tracing, "tracefs"))
		dir = open_top(tracing);
	if (dir < 0 && mount_on(debug, "debugfs"))
		dir = open_top(debug_tracing);
	if (dir >= 0)
		return dir;
	if (err == -EACCES || err == -EPERM || geteuid())
		return -EACCES;
	return -ENODEV;
}

int kp_tracefs_open(struct kp_tracefs *t, const char *root)
{
	*t = (struct kp_tracefs)KP_TRACEFS_INIT;
	t->dir = root ? open_top(root) : find_top();
	return t->dir < 0 ? t->dir : 0;
}

void kp_tracefs_close(struct kp_tracefs *t)
{
	if (t->dir >= 0)
		close(t->dir);
	free(t->names);
	free(t->events);
	*t = (struct kp_tracefs)KP_TRACEFS_INIT;
}

ssize_t kp_tracefs_read(struct kp_tracefs *t, const char *path, char **text)
{
	return kp_file_read(t->dir, path, text);
}

int kp_tracefs_list(struct kp_tracefs *t)
{
	size_t lines = 0;
	ssize_t n;
	char *p, *end;

	if (t->events)
		return 0;
	n = kp_tracefs_read(t, "available_events", &t->names);
	if (n < 0)
		return (int)n;
	for (p = t->names; *p; p++)
		lines += *p == '\n';
	t->events = malloc((lines + 1) * sizeof(*t->events));
	if (!t->events) {
		free(t->names);
		t->names = NULL;
		return -ENOMEM;
	}
	for (p = t->names; (end = strchr(p, '\n')); p = end + 1) {
		char *colon = memchr(p, ':', (size_t)(end - p));

		if (!colon)
			continue;
		*colon = *end = '\0';
		t->events[t->nevents++] = (struct kp_tracefs_event){ p, colon + 1 };
	}
	return 0;
}

/* Path of one of an event's files; -ENOENT when the names cannot be those of an event. */
static int event_path(char *path, size_t size, const char *system, const char *name,
		      const char *file)
{
	int n = snprintf(path, size, "events/%s/%s/%s", system, name, file);

	if (n < 0 || (size_t)n >= size || !*system || !*name)
		return -ENOENT;
	if (*system == '.' || *name == '.' || strchr(system, '/') || strchr(name, '/'))
		return -ENOENT;
	return 0;
}

long kp_tracefs_id(struct kp_tracefs *t, const char *system, const char *name)
{
	char path[PATH_MAX], text[24], *end;
	ssize_t n;
	long id;
	int fd, err;

	err = event_path(path, sizeof(path), system, name, "id");
	if (err)
		return err;
	fd = openat(t->dir, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	err = n < 0 ? -errno : -EPROTO;
	close(fd);
	if (n <= 0)
		return err;
	text[n] = '\0';
	errno = 0;
	id = strtol(text, &end, 10);
	return errno || end == text || id <= 0 ? -EPROTO : id;
}

ssize_t kp_tracefs_format(struct kp_tracefs *t, const char *system, const char *name, char **text)
{
	char path[PATH_MAX];
	int err = event_path(path, sizeof(path), system, name, "format");

	return err ? err : kp_tracefs_read(t, path, text);
}
