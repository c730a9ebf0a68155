// SPDX-License-Identifier: GPL-2.0-only
/*
 * session stop|drain PID: takes the session of a running ktap and
 *
 *   stop    ends it with STOP from several threads at the same time; prints how many were told
 *           that they did it
 *   drain   reads its rings until the session is over, sleeping in poll() without a timeout
 *           whenever there is nothing to read; prints how many bytes of records there were
 *
 * Exits with 77 where the kernel cannot hand over a file of another process.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "ktap/abi.h"

#define THREADS		8
#define CPUS		64
#define SYS_PIDFD_OPEN	434	/* the same on all architectures */
#define SYS_PIDFD_GETFD	438

static int session;
static pthread_barrier_t barrier;
static int done;

static void die(const char *what)
{
	perror(what);
	exit(errno == ENOSYS ? 77 : 1);
}

/* The number of the descriptor that a process has for the device. */
static int find_fd(const char *pid)
{
	char path[64], link[PATH_MAX], target[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	dir = opendir(path);
	if (!dir)
		die(path);
	while ((entry = readdir(dir))) {
		ssize_t len;

		snprintf(link, sizeof(link), "%s/%s", path, entry->d_name);
		len = readlink(link, target, sizeof(target) - 1);
		if (len == (ssize_t)strlen(KTAP_DEVICE) && !strncmp(target, KTAP_DEVICE, len))
			return atoi(entry->d_name);
	}
	fprintf(stderr, "%s has no session\n", pid);
	exit(1);
}

static void take(const char *pid)
{
	int pidfd = syscall(SYS_PIDFD_OPEN, atoi(pid), 0);

	if (pidfd < 0)
		die("pidfd_open");
	session = syscall(SYS_PIDFD_GETFD, pidfd, find_fd(pid), 0);
	if (session < 0)
		die("pidfd_getfd");
}

static void *stop_thread(void *arg)
{
	pthread_barrier_wait(&barrier);
	if (!ioctl(session, KTAP_IOC_STOP))
		__atomic_fetch_add(&done, 1, __ATOMIC_RELAXED);
	else if (errno != EBUSY)
		die("STOP");
	return arg;
}

static int stop(void)
{
	pthread_t threads[THREADS];
	int i;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, stop_thread, NULL);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("%d\n", done);
	return 0;
}

static int drain(void)
{
	struct ktap_status status = { .size = sizeof(status) };
	const struct ktap_ring_page *pages[CPUS] = { 0 };
	struct pollfd p = { session, POLLIN, 0 };
	unsigned long long bytes = 0;
	unsigned int cpu;

	if (ioctl(session, KTAP_IOC_STATUS, &status))
		die("STATUS");
	for (cpu = 0; cpu < CPUS; cpu++) {
		pages[cpu] = mmap(NULL, 4096, PROT_READ, MAP_SHARED, session, (off_t)cpu * status.ring_stride);
		if (pages[cpu] == MAP_FAILED)
			pages[cpu] = NULL;
	}
	do {
		if (poll(&p, 1, -1) < 0)
			die("poll");
		for (cpu = 0; cpu < CPUS; cpu++) {
			struct ktap_consume consume = { .size = sizeof(consume), .cpu = cpu };
			__u64 tail;

			if (!pages[cpu])
				continue;
			tail = *(volatile const __u64 *)&pages[cpu]->tail;
			consume.tail = *(volatile const __u64 *)&pages[cpu]->head;
			bytes += consume.tail - tail;
			if (ioctl(session, KTAP_IOC_CONSUME, &consume))
				die("CONSUME");
		}
	} while (!(p.revents & POLLHUP));
	printf("%llu\n", bytes);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3 || (strcmp(argv[1], "stop") && strcmp(argv[1], "drain"))) {
		fprintf(stderr, "usage: session stop|drain PID\n");
		return 2;
	}
	take(argv[2]);
	return strcmp(argv[1], "stop") ? drain() : stop();
}
