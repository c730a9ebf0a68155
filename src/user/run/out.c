// SPDX-License-Identifier: GPL-2.0-only
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#define MUCH (256u << 10)

int kp_out_open(struct kp_out *out, const char *path)
{
	*out = (struct kp_out){ .fd = STDOUT_FILENO };
	if (!path)
		return 0;
	out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return out->fd < 0 ? -errno : 0;
}

/* write(), also where it does not wait: a command on the same terminal or pipe may have set that. */
static ssize_t write_some(int fd, const char *text, size_t len)
{
	struct pollfd room = { fd, POLLOUT, 0 };
	ssize_t n;

	while ((n = write(fd, text, len)) < 0 && errno == EAGAIN)
		if (poll(&room, 1, -1) < 0)
			break;
	return n;
}

void kp_out_flush(struct kp_out *out)
{
	size_t done = 0;
	ssize_t n;

	if (!out->error)
		out->error = kp_buf_error(&out->text);
	while (!out->error && done < out->text.len) {
		n = write_some(out->fd, out->text.data + done, out->text.len - done);
		if (n < 0)
			out->error = -errno;
		else
			done += (size_t)n;
	}
	out->text.len = 0;
}

void kp_out_settle(struct kp_out *out)
{
	if (out->text.len >= MUCH)
		kp_out_flush(out);
}

int kp_out_close(struct kp_out *out)
{
	kp_out_flush(out);
	if (out->fd != STDOUT_FILENO && close(out->fd) && !out->error)
		out->error = -errno;
	kp_buf_free(&out->text);
	return out->error;
}
