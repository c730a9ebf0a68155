// SPDX-License-Identifier: GPL-2.0-only
/*
 * seeks N: makes N system calls lseek(-1, offset, whence) on one processor, call i of them with the
 * offset i * 0x3e3779b9 & 0x7fffffff and the whence i % 3.  All of them return -EBADF.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long i, n = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		perror("sched_setaffinity");
		return 1;
	}
	for (i = 0; i < n; i++)
		syscall(SYS_lseek, -1L, (long)(i * 0x3e3779b9 & 0x7fffffff), (long)(i % 3));
	return 0;
}
