// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first process of a guest of the rig.
 *
 * It mounts what a tracer expects, loads modules, runs one command, carries the
 * command's output to the host, and ends by killing what is left, unloading the
 * module under test and resetting the machine, at which QEMU exits.
 *
 * The host speaks to it through three virtio ports: ktap.out and ktap.err take
 * the command's output; ktap.ctl carries lines:
 *	begin		the guest is up and starts the command
 *	status N	the command ended, N as a shell would say
 *	trouble TEXT	something the kernel would not let go of
 *	timeout		(from the host) show where every task is, end the command
 *
 * What to do lies in /rig: `load` and `load.disk` name modules below
 * /rig/modules in order, `module` names the module under test, `insmod` is there
 * when it is to be loaded first, `disk` when the root is /dev/vda, `service` when
 * that root's own init is to be started; `argv` is the command, NUL after each word.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/membarrier.h>
#include <net/if.h>

#define RIG "/rig/"
#define KMEMLEAK "/sys/kernel/debug/kmemleak"
#define MS_STEP 5
#define MS_PORTS 20000	/* a slow guest finds its devices late */
#define MS_DRAIN 20000	/* after which a killed process counts as stuck */
#define MS_UNLOAD 10000 /* closing files and ending sessions may lag behind exit */
#define MS_LEAK 5500	/* memory that is younger than five seconds does not count as lost */

static int kmsg = -1, out = -1, err = -1, ctl = -1;
static const char *root = "";

/* Writes all of @size bytes, or as much as @fd takes. */
static void put(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		data += n;
		size -= n;
	}
}

static void vtell(int fd, const char *format, va_list args)
{
	char line[512];
	int n = vsnprintf(line, sizeof(line), format, args);

	put(fd, line, n < (int)sizeof(line) ? n : (int)sizeof(line) - 1);
}

/* One line on @fd: the kernel log or the control port. */
__attribute__((format(printf, 2, 3))) static void tell(int fd, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vtell(fd, format, args);
	va_end(args);
}

/* Ends the guest: the host sees QEMU exit. */
__attribute__((noreturn)) static void finish(void)
{
	sync();
	reboot(RB_AUTOBOOT);
	_exit(1);
}

/* The rig itself cannot go on. */
__attribute__((noreturn, format(printf, 1, 2))) static void give_up(const char *format, ...)
{
	va_list args;

	if (kmsg < 0)
		kmsg = STDERR_FILENO;
	tell(kmsg, "ktap-rig: ");
	va_start(args, format);
	vtell(kmsg, format, args);
	va_end(args);
	if (ctl >= 0) {
		tell(ctl, "trouble the guest's init failed: ");
		va_start(args, format);
		vtell(ctl, format, args);
		va_end(args);
		tell(ctl, "\n");
	}
	finish();
}

static void pause_ms(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

static bool flagged(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), RIG "%s", name);
	return access(path, F_OK) == 0;
}

/* The contents of a small file, NUL-terminated; NULL if there is none. */
static char *slurp(const char *path, size_t *size)
{
	size_t used = 0, room = 1 << 16;
	char *text = malloc(room);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0 || !text) {
		free(text);
		return NULL;
	}
	while ((n = read(fd, text + used, room - used - 1)) > 0) {
		used += n;
		if (room - used == 1) {
			text = realloc(text, room *= 2);
			if (!text)
				give_up("no memory for %s", path);
		}
	}
	close(fd);
	text[used] = 0;
	if (size)
		*size = used;
	return text;
}

static void spill(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	put(fd, text, strlen(text));
	close(fd);
}

static void mount_one(const char *type, const char *dir, const char *options)
{
	mkdir(dir, 0755);
	if (mount(type, dir, type, 0, options) && errno != EBUSY)
		tell(kmsg, "ktap-rig: cannot mount %s on %s: %s\n", type, dir, strerror(errno));
}

static void mount_all(void)
{
	mount_one("proc", "/proc", NULL);
	mount_one("sysfs", "/sys", NULL);
	mount_one("devtmpfs", "/dev", NULL);
	kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	mount_one("devpts", "/dev/pts", NULL);
	mount_one("tmpfs", "/dev/shm", "mode=1777");
	mount_one("tmpfs", "/run", "mode=755");
	mount_one("tmpfs", "/tmp", "mode=1777");
	mount_one("debugfs", "/sys/kernel/debug", NULL);
	mount_one("tracefs", "/sys/kernel/tracing", NULL);
	mount_one("securityfs", "/sys/kernel/security", NULL);
	mount_one("cgroup2", "/sys/fs/cgroup", NULL);
	if (symlink("/proc/self/fd", "/dev/fd") == 0) {
		(void)!symlink("fd/0", "/dev/stdin");
		(void)!symlink("fd/1", "/dev/stdout");
		(void)!symlink("fd/2", "/dev/stderr");
	}
}

/* Loopback up and a name: what any installed machine has. */
static void bring_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		ioctl(fd, SIOCSIFFLAGS, &lo);
		close(fd);
	}
	(void)!sethostname("ktap", 4);
	spill("/proc/sys/kernel/printk_devkmsg", "on");
	spill("/proc/sys/kernel/printk", "8");
}

static void insmod(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		give_up("cannot load %s: %s", path, strerror(errno));
	close(fd);
}

static void load_list(const char *list)
{
	char *text = slurp(list, NULL), *name, path[256];

	for (name = strtok(text, "\n"); name; name = strtok(NULL, "\n")) {
		snprintf(path, sizeof(path), RIG "modules/%s", name);
		insmod(path);
	}
	free(text);
}

/* Opens the virtio port of that name when it appears. */
static int open_port(const char *name)
{
	static const char class[] = "/sys/class/virtio-ports";
	char path[512];

	for (int waited = 0; waited < MS_PORTS; waited += MS_STEP) {
		DIR *dir = opendir(class);
		struct dirent *entry;
		int fd = -1;

		while (dir && (entry = readdir(dir))) {
			char *text;

			snprintf(path, sizeof(path), "%s/%s/name", class, entry->d_name);
			text = slurp(path, NULL);
			if (text && !strncmp(text, name, strlen(name))) {
				snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
				fd = open(path, O_RDWR | O_CLOEXEC);
			}
			free(text);
		}
		if (dir)
			closedir(dir);
		if (fd >= 0)
			return fd;
		pause_ms(MS_STEP);
	}
	give_up("no port %s", name);
}

/* Runs a helper program, its messages going nowhere; its wait status. */
static int run_quietly(char *const argv[])
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		give_up("cannot run %s: %s", argv[0], strerror(errno));
	return status;
}

/* Mounts the disk, moves the mounts into it and copies the rig's files over. */
static void enter_disk(void)
{
	static const char *const moved[] = { "/proc", "/sys", "/dev", "/run", "/tmp" };
	char path[64];
	int waited = 0;

	load_list(RIG "load.disk");
	mkdir("/root.disk", 0755);
	while (mount("/dev/vda", "/root.disk", "ext4", 0, NULL)) {
		if (waited >= MS_PORTS)
			give_up("cannot mount the root: %s", strerror(errno));
		pause_ms(MS_STEP);
		waited += MS_STEP;
	}
	if (run_quietly((char *[]){ "/bin/busybox", "cp", "-a", "/payload/.", "/root.disk/", NULL }))
		give_up("cannot copy files into the root");
	for (size_t i = 0; i < sizeof(moved) / sizeof(*moved); i++) {
		snprintf(path, sizeof(path), "/root.disk%s", moved[i]);
		mkdir(path, 0755);
		if (mount(moved[i], path, NULL, MS_MOVE, NULL))
			give_up("cannot move %s: %s", moved[i], strerror(errno));
	}
	root = "/root.disk";
	/* kept for ourselves, who stay outside */
	for (size_t i = 0; i < sizeof(moved) / sizeof(*moved); i++) {
		snprintf(path, sizeof(path), "/root.disk%s", moved[i]);
		if (mount(path, moved[i], NULL, MS_BIND | MS_REC, NULL))
			give_up("cannot bind %s: %s", moved[i], strerror(errno));
	}
}

/* In the child: becomes the command. */
__attribute__((noreturn)) static void become(int to_out, int to_err)
{
	size_t size = 0, words = 0;
	char *text = slurp(RIG "argv", &size), **argv;
	int in = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(in, STDIN_FILENO);
	dup2(to_out, STDOUT_FILENO);
	dup2(to_err, STDERR_FILENO);
	if (in > STDERR_FILENO)
		close(in);
	argv = calloc(size + 1, sizeof(*argv));
	for (size_t i = 0; argv && i < size; i += strlen(text + i) + 1)
		argv[words++] = text + i;
	if (!words) {
		tell(STDERR_FILENO, "ktap-rig: no command\n");
		_exit(125);
	}
	if (*root && (chroot(root) || chdir("/")))
		_exit(125);
	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "dumb", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	execvp(argv[0], argv);
	tell(STDERR_FILENO, "ktap-rig: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Copies what is there from a pipe to a port; false at its end. */
static bool forward(int from, int to)
{
	static char data[1 << 15];
	ssize_t n = read(from, data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	put(to, data, n);
	return true;
}

/* Collects the dead; true when @pid was among them, whose status is then set. */
static bool reap(pid_t pid, int *status)
{
	bool found = false;
	int how;
	pid_t dead;

	while ((dead = waitpid(-1, &how, WNOHANG)) > 0) {
		if (dead != pid)
			continue;
		*status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
		found = true;
	}
	return found;
}

static void obey_host(void)
{
	char line[64];

	if (read(ctl, line, sizeof(line)) <= 0)
		return;
	tell(kmsg, "ktap-rig: time is up\n");
	spill("/proc/sysrq-trigger", "l");
	spill("/proc/sysrq-trigger", "w");
	kill(-1, SIGKILL);
}

/*
 * Runs the command until it and all that hold its output are gone, returns its
 * status.  With it dies whatever it left behind.
 */
static int run_command(bool alone)
{
	int to_out[2], to_err[2], status = 0;
	bool running = true;
	struct pollfd fds[4];
	sigset_t chld;
	pid_t pid;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	if (pipe2(to_out, O_CLOEXEC) || pipe2(to_err, O_CLOEXEC))
		give_up("no pipes");
	fcntl(to_out[1], F_SETPIPE_SZ, 1 << 20);
	pid = fork();
	if (pid == 0)
		become(to_out[1], to_err[1]);
	if (pid < 0)
		give_up("cannot fork: %s", strerror(errno));
	close(to_out[1]);
	close(to_err[1]);
	fds[0] = (struct pollfd){ .fd = to_out[0], .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = to_err[0], .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = signalfd(-1, &chld, SFD_CLOEXEC), .events = POLLIN };
	fds[3] = (struct pollfd){ .fd = ctl, .events = POLLIN };

	while (running || fds[0].fd >= 0 || fds[1].fd >= 0) {
		int n = poll(fds, 4, running ? -1 : MS_DRAIN);

		if (n == 0) {
			tell(ctl, "trouble a process does not die\n");
			spill("/proc/sysrq-trigger", "w");
			break;
		}
		if (fds[0].revents && !forward(to_out[0], out))
			fds[0].fd = -1;
		if (fds[1].revents && !forward(to_err[0], err))
			fds[1].fd = -1;
		if (fds[2].revents & POLLIN) {
			struct signalfd_siginfo info;

			(void)!read(fds[2].fd, &info, sizeof(info));
			if (reap(pid, &status)) {
				running = false;
				kill(alone ? -1 : -pid, SIGKILL);
			}
		}
		if (fds[3].revents & POLLIN)
			obey_host();
	}
	return status;
}

static bool loaded(const char *module)
{
	char *text = slurp("/proc/modules", NULL), *line;
	size_t length = strlen(module);
	bool found = false;

	for (line = strtok(text, "\n"); line && !found; line = strtok(NULL, "\n"))
		found = !strncmp(line, module, length) && line[length] == ' ';
	free(text);
	return found;
}

/* Unloads the module under test; tells the host when the kernel will not. */
static void unload(void)
{
	char *module = slurp(RIG "module", NULL);
	int waited;

	if (!module)
		return;
	module[strcspn(module, "\n")] = 0;
	for (waited = 0; loaded(module) && waited < MS_UNLOAD; waited += MS_STEP) {
		if (syscall(SYS_delete_module, module, O_NONBLOCK))
			pause_ms(MS_STEP);
	}
	if (loaded(module))
		tell(ctl, "trouble %s cannot be unloaded: something still holds it\n", module);
	/* callbacks into the gone module would show now, not after the end */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	pause_ms(20);
	free(module);
}

/* On a kernel that can tell: forgets the memory that has been lost up to here. */
static void forget_leaks(void)
{
	spill(KMEMLEAK, "scan=off");
	spill(KMEMLEAK, "scan");
	spill(KMEMLEAK, "clear");
}

/* Writes to the log what memory has been lost since then. */
static void tell_leaks(void)
{
	char *text, *line;

	if (access(KMEMLEAK, F_OK))
		return;
	pause_ms(MS_LEAK);
	/* what is about to be freed by RCU is gone at the second time */
	spill(KMEMLEAK, "scan");
	spill(KMEMLEAK, "scan");
	text = slurp(KMEMLEAK, NULL);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		tell(kmsg, "%s\n", line);
	free(text);
}

static void serve(bool alone)
{
	int status;

	out = open_port("ktap.out");
	err = open_port("ktap.err");
	ctl = open_port("ktap.ctl");
	forget_leaks();
	tell(kmsg, "ktap-rig: begin\n");
	tell(ctl, "begin\n");
	if (flagged("insmod"))
		insmod(RIG "insmod");
	status = run_command(alone);
	unload();
	tell_leaks();
	tell(kmsg, "ktap-rig: end\n");
	tell(ctl, "status %d\n", status);
	finish();
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--service")) {
		kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
		serve(false);
	}
	mount_all();
	bring_up();
	load_list(RIG "load");
	if (flagged("disk"))
		enter_disk();
	else /* complains about names that are taken, which is as wanted */
		run_quietly((char *[]){ "/bin/busybox", "--install", "-s", NULL });
	if (flagged("service")) {
		if (run_quietly((char *[]){ "/bin/busybox", "cp", "-a", "/rig", "/root.disk/", NULL }))
			give_up("cannot copy the command into the root");
		if (chdir("/root.disk") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot("."))
			give_up("cannot change root: %s", strerror(errno));
		execl("/sbin/init", "init", NULL);
		give_up("cannot start the root's init: %s", strerror(errno));
	}
	serve(true);
}
