// SPDX-License-Identifier: GPL-2.0-only
/*
 * timers N: on each processor one thread lets a timer of its own expire N times, one after
 * the other, all at the same time. Prints how many expirations the kernel told them.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define DELAY	20000	/* ns */

static unsigned long n;
static unsigned long long total;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void *timers(void *arg)
{
	const struct itimerspec once = { .it_value.tv_nsec = DELAY };
	uint64_t expirations;
	unsigned long i;
	cpu_set_t set;
	int fd;

	CPU_ZERO(&set);
	CPU_SET((long)arg, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	if (fd < 0)
		die("timerfd_create");
	for (i = 0; i < n; i++) {
		if (timerfd_settime(fd, 0, &once, NULL))
			die("timerfd_settime");
		if (read(fd, &expirations, sizeof(expirations)) != sizeof(expirations))
			die("read");
		__atomic_fetch_add(&total, expirations, __ATOMIC_RELAXED);
	}
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), i;
	pthread_t threads[64];

	n = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	if (!n || cpus > 64) {
		fprintf(stderr, "usage: timers N\n");
		return 2;
	}
	for (i = 0; i < cpus; i++)
		if (pthread_create(&threads[i], NULL, timers, (void *)i))
			die("pthread_create");
	for (i = 0; i < cpus; i++)
		pthread_join(threads[i], NULL);
	printf("%llu\n", total);
	return 0;
}
