// SPDX-License-Identifier: GPL-2.0-only
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* The files have no size beforehand, and a kernel hands them out in pieces. */
static ssize_t read_all(int fd, char **text)
{
	size_t len = 0, cap = 8192;
	char *data = malloc(cap), *more;
	ssize_t n;

	if (!data)
		return -ENOMEM;
	for (;;) {
		n = read(fd, data + len, cap - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (cap - len > 1)
			continue;
		n = -EFBIG;
		if (cap >= KP_FILE_MAX)
			goto fail;
		n = -ENOMEM;
		more = realloc(data, cap * 2);
		if (!more)
			goto fail;
		data = more;
		cap *= 2;
	}
	if (n < 0) {
		n = -errno;
		goto fail;
	}
	data[len] = '\0';
	*text = data;
	return (ssize_t)len;
fail:
	free(data);
	return n;
}

ssize_t kp_file_read(int dir, const char *path, char **text)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read_all(fd, text);
	close(fd);
	return n;
}
