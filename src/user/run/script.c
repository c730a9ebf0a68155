// SPDX-License-Identifier: GPL-2.0-only
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ktap/bytecode.h>

#include "report.h"
#include "util/near.h"

static const char *library(void)
{
	const char *dir = getenv("KTAP_LIBRARY");

	return dir && *dir ? dir : KTAP_SCRIPTDIR;
}

/* Can @name be that of a script of the library? */
static bool is_bare(const char *name)
{
	return !strpbrk(name, "/.*?[]\\");
}

static int read_all(int fd, struct kp_buf *text)
{
	char part[65536];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0) {
		/* no source and no image is larger */
		if (text->len + (size_t)n > KTAP_MAX_IMAGE)
			return -EFBIG;
		kp_buf_put(text, part, (size_t)n);
	}
	return n < 0 ? -errno : kp_buf_error(text);
}

/* The first file that matches @pattern in @dir, or NULL. */
static char *match(const char *dir, const char *pattern, const char *name)
{
	char *path, *found = NULL;
	glob_t g;

	if (asprintf(&path, pattern, dir, name) < 0)
		return NULL;
	if (!glob(path, 0, NULL, &g))
		found = strdup(g.gl_pathv[0]);
	globfree(&g);
	free(path);
	return found;
}

static char *find_in_library(const char *name)
{
	char *path;

	if (!is_bare(name))
		return NULL;
	path = match(library(), "%s/%s.kp", name);
	return path ? path : match(library(), "%s/*/%s.kp", name);
}

static int open_script(const char *name, char **path)
{
	int fd;

	if (!strcmp(name, "-")) {
		*path = strdup("(standard input)");
		return *path ? dup(STDIN_FILENO) : -ENOMEM;
	}
	*path = strdup(name);
	if (!*path)
		return -ENOMEM;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	free(*path);
	*path = find_in_library(name);
	if (!*path)
		return -ENOENT;
	fd = open(*path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Offer the names of the scripts that match, which stay valid with @g. */
static void try_names(struct kp_near *near, const char *pattern, glob_t *g)
{
	const char *name;
	char *path;
	size_t i;

	if (asprintf(&path, pattern, library()) < 0)
		return;
	if (!glob(path, 0, NULL, g)) {
		for (i = 0; i < g->gl_pathc; i++) {
			name = strrchr(g->gl_pathv[i], '/') + 1;
			kp_near_try(near, name, strlen(name) - strlen(".kp"));
		}
	}
	free(path);
}

static void say_unopened(const char *name, int err)
{
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };
	glob_t top = { 0 }, folders = { 0 };
	struct kp_near near;

	kp_message_put(&m, KP_MSG_OPEN_FILE, name, strerror(err));
	if (err == ENOENT && is_bare(name)) {
		kp_near_init(&near, name, strlen(name));
		try_names(&near, "%s/*.kp", &top);
		try_names(&near, "%s/*/*.kp", &folders);
		if (near.best)
			kp_message_hint(&m, KP_MSG_NEAR_SCRIPT, (int)near.best_len, near.best);
		else
			kp_message_hint(&m, KP_MSG_NOT_IN_LIBRARY, library());
	}
	kp_report_message(&m);
	globfree(&top);
	globfree(&folders);
}

int kp_script_read(const char *name, struct kp_buf *text, char **path)
{
	int fd = open_script(name, path), ret;

	if (fd < 0) {
		say_unopened(name, -fd);
		ret = fd;
		goto free;
	}
	ret = read_all(fd, text);
	close(fd);
	if (!ret)
		return 0;
	kp_report_error(KP_MSG_READ_FILE, *path, strerror(-ret));
free:
	free(*path);
	*path = NULL;
	return ret;
}
