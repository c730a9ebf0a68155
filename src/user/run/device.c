// SPDX-License-Identifier: GPL-2.0-only
#include "device.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

#define MODPROBE "/sbin/modprobe"
#define MODULE	 "ktapvm"

/* Is the kernel locked down: at all, or to the level of confidentiality? */
static bool locked_down(bool confidentiality)
{
	char text[64] = "";
	int fd = open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	if (confidentiality)
		return strstr(text, "[confidentiality]") != NULL;
	return strstr(text, "[none]") == NULL;
}

static int refuse_privilege(int err)
{
	kp_report_error(KP_MSG_PRIVILEGE);
	return err;
}

static int refuse_unsigned(int err)
{
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };

	kp_message_put(&m, KP_MSG_MODULE_UNSIGNED);
	kp_message_hint(&m, KP_MSG_MODULE_ENROL);
	kp_report_message(&m);
	return err;
}

/* What loading the module ended with, told with what helps. Returns @err. */
static int refuse_module(int err, const char *said)
{
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };
	struct utsname u;

	uname(&u);
	switch (err) {
	case -ENOENT:
		kp_message_put(&m, KP_MSG_MODULE_MISSING, u.release);
		kp_message_hint(&m, KP_MSG_MODULE_INSTALL, u.release);
		kp_message_hint(&m, KP_MSG_MODULE_BUILD, u.release);
		break;
	case -ENOKEY:
	case -EKEYREJECTED:
		return refuse_unsigned(err);
	case -EPERM:
	case -EACCES:
		/* a kernel that is locked down takes only signed modules */
		return locked_down(false) ? refuse_unsigned(err) : refuse_privilege(err);
	case -ENOEXEC:
		kp_message_put(&m, KP_MSG_MODULE_FOREIGN, u.release);
		kp_message_hint(&m, KP_MSG_MODULE_REBUILD, u.release);
		break;
	default:
		kp_message_put(&m, KP_MSG_MODULE_LOAD, said[0] ? said : strerror(-err));
	}
	kp_report_message(&m);
	return err;
}

static int load_file(const char *path)
{
	int fd, ret = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		kp_report_error(KP_MSG_MODULE_OPEN, path, strerror(-ret));
		return ret;
	}
	/* somebody else may have been faster */
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		ret = refuse_module(-errno, "");
	close(fd);
	return ret;
}

/* modprobe passes the kernel's answer on as text. */
static int modprobe_error(const char *said)
{
	static const int known[] = { EKEYREJECTED, ENOKEY, EPERM, ENOEXEC, ENOENT };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strstr(said, strerror(known[i])))
			return -known[i];
	return strstr(said, "not found") ? -ENOENT : -EIO;
}

/* Read all of @fd, of which what fits is kept without its last newline. */
static void read_text(int fd, char *text, size_t size)
{
	size_t len = 0;
	char rest[256];
	ssize_t n;

	do {
		bool full = len == size - 1;

		n = full ? read(fd, rest, sizeof(rest)) : read(fd, text + len, size - 1 - len);
		if (n > 0 && !full)
			len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	while (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
}

static int run_modprobe(void)
{
	char *argv[] = { (char *)"modprobe", (char *)MODULE, NULL };
	char *envp[] = { (char *)"LC_ALL=C", (char *)"PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL };
	posix_spawn_file_actions_t actions;
	char said[512];
	int fds[2], status, ret;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return refuse_module(-errno, "");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDERR_FILENO);
	ret = -posix_spawn(&pid, MODPROBE, &actions, NULL, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	read_text(fds[0], said, sizeof(said));
	close(fds[0]);
	if (ret)
		return refuse_module(ret, "");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return refuse_module(modprobe_error(said), said);
}

static int load_module(void)
{
	const char *path = getenv("KTAP_MODULE");

	if (geteuid())
		return refuse_privilege(-EPERM);
	return path && *path ? load_file(path) : run_modprobe();
}

/* The module has to speak as abi.h does, and to know every instruction and built-in that the compiler makes. */
static int check_version(int fd, struct ktap_info *info)
{
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };

	*info = (struct ktap_info){ .size = sizeof(*info) };
	if (ioctl(fd, KTAP_IOC_INFO, info)) {
		kp_report_error(KP_MSG_MODULE_MUTE, strerror(errno));
		return -EPROTO;
	}
	if (info->abi_major == KTAP_ABI_MAJOR && info->abi_minor == KTAP_ABI_MINOR &&
	    info->opcodes >= KTAP_OP_COUNT && info->builtins >= KTAP_BUILTIN_COUNT)
		return 0;
	kp_message_put(&m, KP_MSG_MODULE_VERSION, (int)sizeof(info->version), info->version,
		       KTAP_VERSION);
	kp_message_hint(&m, KP_MSG_MODULE_RELOAD);
	kp_report_message(&m);
	return -EPROTO;
}

static int refuse_open(int err)
{
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };

	if (geteuid() || !locked_down(true))
		return refuse_privilege(err);
	kp_message_put(&m, KP_MSG_LOCKDOWN);
	kp_message_hint(&m, KP_MSG_LOCKDOWN_HOW);
	kp_report_message(&m);
	return err;
}

static int open_device(void)
{
	int fd = open(KTAP_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int kp_device_open(struct ktap_info *info)
{
	int fd = open_device(), ret;

	/* ENXIO, ENODEV: a device file that was left without its module */
	if (fd == -ENOENT || fd == -ENXIO || fd == -ENODEV) {
		ret = load_module();
		if (ret)
			return ret;
		fd = open_device();
	}
	if (fd == -EPERM || fd == -EACCES)
		return refuse_open(fd);
	if (fd < 0) {
		kp_report_error(KP_MSG_OPEN_DEVICE, strerror(-fd));
		return fd;
	}
	ret = check_version(fd, info);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}
