// SPDX-License-Identifier: GPL-2.0-only
/*
 * calls N [CPUS]: on each of the first CPUS processors (all) one thread makes N
 * getppid() system calls, all at the same time.  Exits when all are done.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned long n;
static pthread_barrier_t start;

static void *calls(void *arg)
{
	cpu_set_t set;
	unsigned long i;

	CPU_ZERO(&set);
	CPU_SET((long)arg, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("sched_setaffinity");
		exit(1);
	}
	pthread_barrier_wait(&start);
	for (i = 0; i < n; i++)
		syscall(SYS_getppid);
	return NULL;
}

int main(int argc, char **argv)
{
	long cpus = argc > 2 ? atol(argv[2]) : sysconf(_SC_NPROCESSORS_ONLN), c;
	pthread_t *threads;

	if (argc < 2 || cpus < 1) {
		fprintf(stderr, "usage: calls N [CPUS]\n");
		return 2;
	}
	n = strtoul(argv[1], NULL, 0);
	threads = calloc(cpus, sizeof(*threads));
	pthread_barrier_init(&start, NULL, cpus);
	for (c = 0; c < cpus; c++)
		if (!threads || pthread_create(&threads[c], NULL, calls, (void *)c)) {
			perror("calls");
			return 1;
		}
	for (c = 0; c < cpus; c++)
		pthread_join(threads[c], NULL);
	free(threads);
	return 0;
}
