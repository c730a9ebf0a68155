// SPDX-License-Identifier: GPL-2.0-only
/*
 * live [N [SEED]]: loads N (default 10000) mutated images, as many as are made but not
 * mutated besides, and does random operations on /dev/ktap, in sessions that each have a process of
 * their own, which is killed when it takes too long.  As root, inside a guest: what is tested is that the kernel
 * does not mind, which the guest's log tells.  Prints TAP; fails when what must be refused is not, and when
 * fewer than N were loaded.
 *
 *	gcc -std=gnu11 -O2 -static -pthread -Isrc/kernel/uapi -o live tests/fuzz/live.c
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "ktap/abi.h"
#include "images.h"

#define STEPS		14
#define TRIES		90
#define IDLE		1000	/* sessions in a row that load nothing: give up */
#define SECONDS		3	/* for one session; it is killed then, which is part of the test */

static const unsigned long requests[] = {
	KTAP_IOC_INFO, KTAP_IOC_LOAD, KTAP_IOC_RUN, KTAP_IOC_STOP, KTAP_IOC_STATUS, KTAP_IOC_CONSUME,
	KTAP_IOC_CANCEL,
};
static const char *const names[] = { "INFO", "LOAD", "RUN", "STOP", "STATUS", "CONSUME", "CANCEL" };

#define REQUESTS	(sizeof(requests) / sizeof(*requests))

/* Counts of all processes. */
static struct shared {
	unsigned long loads, mutated, writable, killed;
	unsigned long accepted[REQUESTS], refused[REQUESTS], unknown;
} *shared;

static void add(unsigned long *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* Counts what becomes of it, too. */
static int do_ioctl(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);
	size_t i;

	for (i = 0; i < REQUESTS && requests[i] != request; i++)
		;
	add(i == REQUESTS ? &shared->unknown : ret ? &shared->refused[i] : &shared->accepted[i]);
	return ret;
}

/*
 * Reads what is there and gives it back, so that nobody waits for room.  Now and then it ends what
 * the other thread is in: RUN and STOP.
 */
static void *reader(void *arg)
{
	int fd = *(int *)arg;
	unsigned int round;

	for (round = 1;; round++) {
		struct ktap_status status = { .size = sizeof(status) };
		struct ktap_info info = { .size = sizeof(info) };
		struct pollfd p = { fd, POLLIN, 0 };
		unsigned int cpu;

		poll(&p, 1, 5);
		if (round % 16 == 0)
			do_ioctl(fd, KTAP_IOC_CANCEL, NULL);
		if (do_ioctl(fd, KTAP_IOC_INFO, &info) || do_ioctl(fd, KTAP_IOC_STATUS, &status)) {
			usleep(1000);
			continue;
		}
		for (cpu = 0; cpu < info.cpus; cpu++) {
			struct ktap_consume consume = { .size = sizeof(consume), .cpu = cpu };
			const struct ktap_ring_page *page;

			page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, (off_t)cpu * status.ring_stride);
			if (page == MAP_FAILED)
				continue;
			consume.tail = *(volatile __u64 *)&page->head;
			do_ioctl(fd, KTAP_IOC_CONSUME, &consume);
			munmap((void *)page, 4096);
		}
		usleep(500);
	}
	return NULL;
}

static void load(struct fuzz *f, int fd)
{
	static const uint64_t memories[] = { 0, 1, KTAP_MIN_MEMORY, 8 << 20, ~0ULL };
	static const uint32_t rings[] = { 0, 1, KTAP_MIN_RING, 5000, 1 << 16, ~0U };
	struct ktap_load l = { .size = sizeof(l), .cpu = -1 };
	uint8_t *image;
	size_t len;

	bool mutated = fuzz_number(f, 2);

	image = fuzz_image(f, &len);
	if (mutated)
		fuzz_mutate(f, image, &len);
	l.image = (uintptr_t)image;
	l.image_len = len;
	l.memory = memories[fuzz_number(f, 4) ? 3 : fuzz_number(f, 5)];
	l.ring_size = rings[fuzz_number(f, 4) ? 4 : fuzz_number(f, 6)];
	l.max_exec = fuzz_number(f, 5000);
	if (fuzz_number(f, 4) == 0)
		l.flags = fuzz_number(f, 8);
	if (fuzz_number(f, 4) == 0)
		l.pid = fuzz_number(f, 2) ? getpid() : (int)fuzz_number(f, 100) - 5;
	if (fuzz_number(f, 4) == 0)
		l.cpu = (int)fuzz_number(f, 6) - 2;
	switch (fuzz_number(f, 24)) {
	case 0:
		l.size = fuzz_number(f, 4096);
		break;
	case 1:
		l.image = fuzz_number(f, 65536);
		break;
	case 2:
		l.image = 0xffffffff81000000ULL;
		break;
	case 3:
		l.image_len = fuzz_number(f, 2) ? ~0ULL : fuzz_number(f, 65536) << fuzz_number(f, 16);
		break;
	}
	do_ioctl(fd, KTAP_IOC_LOAD, &l);
	add(&shared->loads);
	if (mutated)
		add(&shared->mutated);
	free(image);
}

static void map(struct fuzz *f, int fd)
{
	size_t len = (size_t)(1 + fuzz_number(f, 64)) << 12;
	off_t at = (off_t)fuzz_number(f, 64) << (12 + fuzz_number(f, 8));
	volatile char *p;

	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);
	if (p != MAP_FAILED)
		add(&shared->writable);
	p = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, at);
	if (p == MAP_FAILED)
		return;
	/* within the mapping there is memory or SIGBUS; nor can it be made writable */
	(void)*p;
	if (!mprotect((void *)p, len, PROT_READ | PROT_WRITE))
		add(&shared->writable);
	if (fuzz_number(f, 2))
		munmap((void *)p, len);
}

/* Something that is traced, perhaps. */
static void make_events(void)
{
	char byte;
	int i, null = open("/dev/null", O_RDWR);

	for (i = 0; i < 200; i++) {
		syscall(SYS_getppid);
		if (read(null, &byte, 1) < 0 || i % 50 == 0)
			sched_yield();
	}
	close(null);
}

static void step(struct fuzz *f, int fd)
{
	uint8_t buffer[4096];
	uint32_t i;

	switch (fuzz_number(f, 12)) {
	case 0:
	case 1:
		do_ioctl(fd, KTAP_IOC_RUN, NULL);
		break;
	case 2:
		do_ioctl(fd, KTAP_IOC_STOP, NULL);
		break;
	case 3:
		load(f, fd);
		break;
	case 4:
		map(f, fd);
		break;
	case 5:
	case 6:
		for (i = 0; i < sizeof(buffer); i++)
			buffer[i] = fuzz_number(f, 3) ? 0 : fuzz_number(f, 256);
		/* a size that is plausible, or not */
		if (fuzz_number(f, 4))
			mk_put32(buffer, fuzz_number(f, 400));
		do_ioctl(fd, requests[fuzz_number(f, REQUESTS)], buffer);
		break;
	case 7:
		do_ioctl(fd, requests[fuzz_number(f, REQUESTS)], fuzz_number(f, 2) ? NULL : (void *)(uintptr_t)~0xfffUL);
		break;
	case 8:
		do_ioctl(fd, _IOC(fuzz_number(f, 4), 'k', fuzz_number(f, 256), fuzz_number(f, 512)), buffer);
		break;
	case 9:
		if (read(fd, buffer, sizeof(buffer)) > 0 || write(fd, buffer, 16) > 0 || lseek(fd, 5, SEEK_SET) > 0)
			make_events();
		break;
	default:
		make_events();
	}
}

/* One session, in a process of its own. */
static void session(struct fuzz *f)
{
	pthread_t thread;
	int i, fd = open(KTAP_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror(KTAP_DEVICE);
		_exit(2);
	}
	pthread_create(&thread, NULL, reader, &fd);
	/* what is refused leaves the session as it was: many tries, until one is accepted */
	if (fuzz_number(f, 8))
		for (i = 1 + fuzz_number(f, TRIES); i > 0; i--)
			load(f, fd);
	if (fuzz_number(f, 4))
		do_ioctl(fd, KTAP_IOC_RUN, NULL);
	for (i = fuzz_number(f, STEPS); i > 0; i--)
		step(f, fd);
	/* somebody else may have it, too */
	if (fuzz_number(f, 8) == 0 && fork() == 0) {
		make_events();
		_exit(0);
	}
	if (fuzz_number(f, 3) == 0)
		close(fd);
	_exit(0);
}

static void alarmed(int sig)
{
	(void)sig;
}

static int wait_for(pid_t pid)
{
	int status = 0;

	/* some are killed early, wherever they are */
	alarm(SECONDS);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			perror("waitpid");
			exit(1);
		}
		kill(pid, SIGKILL);
		add(&shared->killed);
	}
	alarm(0);
	return status;
}

static int unprivileged(void)
{
	pid_t pid = fork();

	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(1);
		_exit(open(KTAP_DEVICE, O_RDWR) >= 0 ? 1 : 0);
	}
	return wait_for(pid);
}

static void *runner(void *arg)
{
	int fd = *(int *)arg;

	return (void *)(intptr_t)(do_ioctl(fd, KTAP_IOC_RUN, NULL) && errno == EINTR);
}

/* A main chunk that never ends does when another thread cancels it. */
static bool cancelled(void)
{
	struct ktap_load l = { .size = sizeof(l), .cpu = -1 };
	int fd = open(KTAP_DEVICE, O_RDWR | O_CLOEXEC);
	struct mkimage im = { 0 };
	void *interrupted = NULL;
	pthread_t thread;
	uint8_t *image;
	size_t len;

	mk_func(&im, 1, 0);
	mk_code(&im, I_JMP(-1));
	image = mk_finish(&im, &len);
	l.image = (uintptr_t)image;
	l.image_len = len;
	if (fd >= 0 && !do_ioctl(fd, KTAP_IOC_LOAD, &l) && !pthread_create(&thread, NULL, runner, &fd)) {
		while (do_ioctl(fd, KTAP_IOC_CANCEL, NULL))
			usleep(1000);
		pthread_join(thread, &interrupted);
	}
	free(image);
	close(fd);
	return interrupted;
}

/* One session from its beginning to its end, by itself or killed.  False: there is no device. */
static bool run_session(unsigned long number, uint64_t seed)
{
	struct fuzz f = { .seed = seed * 1000003 + number };
	pid_t pid = fork();
	int status;

	if (pid < 0) {
		perror("fork");
		return false;
	}
	if (!pid)
		session(&f);
	if (number % 5 == 0) {
		usleep(fuzz_number(&f, 3000));
		kill(pid, SIGKILL);
	}
	status = wait_for(pid);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 2;
}

static int result(bool ok, const char *what)
{
	printf("%s - %s\n", ok ? "ok" : "not ok", what);
	return !ok;
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 10000, sessions = 0, idle = 0, seen = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	struct sigaction action = { .sa_handler = alarmed };
	bool each = true;
	int failed = 0;
	size_t i;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || sigaction(SIGALRM, &action, NULL))
		return 1;
	failed |= result(cancelled(), "a main chunk without end is cancelled");
	while (shared->mutated < n && idle < IDLE) {
		if (!run_session(sessions++, seed))
			return 1;
		idle = shared->mutated > seen ? 0 : idle + 1;
		seen = shared->mutated;
	}
	printf("# %lu mutated images of %lu loads, in %lu sessions, %lu of which took too long\n",
	       shared->mutated, shared->loads, sessions, shared->killed);
	for (i = 0; i < REQUESTS; i++) {
		printf("# %s: %lu accepted, %lu refused\n", names[i], shared->accepted[i], shared->refused[i]);
		each &= shared->accepted[i] && shared->refused[i];
	}
	printf("# %lu that do not exist\n", shared->unknown);
	failed |= result(shared->mutated >= n, "as many were loaded as asked for");
	failed |= result(each && shared->unknown, "each ioctl was accepted now and then, and refused");
	failed |= result(!shared->writable, "rings cannot be mapped writable");
	failed |= result(!unprivileged(), "the device is closed to others");
	return failed;
}
