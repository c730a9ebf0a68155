// SPDX-License-Identifier: GPL-2.0-only
/*
 * packets N [CPUS]: on each of the first CPUS processors (all) one thread sends N
 * datagrams over the loopback device to a socket that takes them, all at the same
 * time: N receptions in softirq context each.  Brings the device up.  Exits when all
 * are sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned long n;
static pthread_barrier_t start;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void bring_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		fail("lo");
	close(fd);
}

static void *packets(void *arg)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t len = sizeof(to);
	int in = socket(AF_INET, SOCK_DGRAM, 0), out = socket(AF_INET, SOCK_DGRAM, 0);
	cpu_set_t set;
	unsigned long i;
	char byte = 0;

	CPU_ZERO(&set);
	CPU_SET((long)arg, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		fail("sched_setaffinity");
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (in < 0 || out < 0 || bind(in, (struct sockaddr *)&to, sizeof(to)) ||
	    getsockname(in, (struct sockaddr *)&to, &len))
		fail("socket");
	pthread_barrier_wait(&start);
	/* received one by one, or the backlog of this CPU could overflow */
	for (i = 0; i < n; i++)
		if (sendto(out, &byte, 1, 0, (struct sockaddr *)&to, sizeof(to)) != 1 || recv(in, &byte, 1, 0) != 1)
			fail("send");
	return NULL;
}

int main(int argc, char **argv)
{
	long cpus = argc > 2 ? atol(argv[2]) : sysconf(_SC_NPROCESSORS_ONLN), c;
	pthread_t *threads;

	if (argc < 2 || cpus < 1) {
		fprintf(stderr, "usage: packets N [CPUS]\n");
		return 2;
	}
	bring_up();
	n = strtoul(argv[1], NULL, 0);
	threads = calloc(cpus, sizeof(*threads));
	pthread_barrier_init(&start, NULL, cpus);
	for (c = 0; c < cpus; c++)
		if (!threads || pthread_create(&threads[c], NULL, packets, (void *)c))
			fail("packets");
	for (c = 0; c < cpus; c++)
		pthread_join(threads[c], NULL);
	free(threads);
	return 0;
}
