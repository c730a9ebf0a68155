// SPDX-License-Identifier: GPL-2.0-only
/*
 * The workload of the benchmark: events of a known number, timed.
 *
 *   load RESULT getppid BATCHES CALLS   BATCHES times CALLS getppid() system calls
 *   load RESULT switch BATCHES ROUNDS   BATCHES times ROUNDS round trips of a byte between two
 *                                       processes on one processor: two context switches each
 *   load RESULT run COMMAND...          starts the command, waits for it
 *
 * Appends one line of NAME=NUMBER pairs to RESULT, times in nanoseconds of CLOCK_MONOTONIC, which
 * in a guest of `tests/qemu/run --icount` are executed instructions:
 *
 *   begin=    when this program started
 *   low=      picoseconds per event in the batch that a tenth of the batches are below: one
 *             without timer ticks and other processes' work, so what the event itself costs
 *   mean=     picoseconds per event over all batches: with all that went on besides
 *   started=, ended=, cpu=    (run) before fork, after wait, and processor time of the command
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_BATCHES 1000
#define MAX_CALLS   1000000

static unsigned long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Appends a line to the file @path. */
__attribute__((format(printf, 2, 3))) static void result(const char *path, const char *format, ...)
{
	char line[256];
	va_list args;
	int fd, n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, line, n) != n || close(fd))
		err(1, "%s", path);
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || !n || n > max)
		errx(2, "'%s' is not a number from 1 to %lu", text, max);
	return n;
}

static int by_value(const void *a, const void *b)
{
	unsigned long long x = *(const unsigned long long *)a;
	unsigned long long y = *(const unsigned long long *)b;

	return (x > y) - (x < y);
}

static int to_peer, from_peer; /* pipes to the other process */

static void getppid_batch(unsigned long calls)
{
	for (unsigned long i = 0; i < calls; i++)
		syscall(SYS_getppid);
}

static void switch_batch(unsigned long rounds)
{
	char byte = 0;

	for (unsigned long i = 0; i < rounds; i++) {
		if (write(to_peer, &byte, 1) != 1 || read(from_peer, &byte, 1) != 1)
			err(1, "pipe");
	}
}

/* Starts the process that sends every byte back, until our end of the pipe is closed. */
static void start_peer(void)
{
	int there[2], back[2];
	cpu_set_t one;
	char byte;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		err(1, "sched_setaffinity");
	if (pipe2(there, O_CLOEXEC) || pipe2(back, O_CLOEXEC))
		err(1, "pipe2");
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		close(there[1]);
		while (read(there[0], &byte, 1) == 1)
			(void)!write(back[1], &byte, 1);
		_exit(0);
	}
	to_peer = there[1];
	from_peer = back[0];
}

static void measure(const char *path, const char *kind, unsigned long batches, unsigned long size,
		    unsigned long long begin)
{
	static unsigned long long took[MAX_BATCHES];
	void (*batch)(unsigned long) = getppid_batch;
	unsigned long events = size, i;
	unsigned long long total = 0;

	if (strcmp(kind, "getppid")) {
		batch = switch_batch;
		events = size * 2;
		start_peer();
	}
	batch(size);
	batch(size);
	for (i = 0; i < batches; i++) {
		unsigned long long start = now();

		batch(size);
		took[i] = now() - start;
		total += took[i];
	}
	qsort(took, batches, sizeof(*took), by_value);
	result(path, "begin=%llu low=%llu mean=%llu events=%lu\n", begin,
	       took[batches / 10] * 1000 / events, total * 1000 / (events * batches),
	       events * batches);
}

static int run(const char *path, char **command)
{
	unsigned long long started = now(), ended;
	struct rusage use;
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		execvp(command[0], command);
		err(127, "%s", command[0]);
	}
	if (wait4(pid, &status, 0, &use) != pid)
		err(1, "wait4");
	ended = now();
	result(path, "started=%llu ended=%llu cpu=%llu\n", started, ended,
	       (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000000ULL +
		       (use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1000ULL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	unsigned long long begin = now();

	if (argc > 3 && !strcmp(argv[2], "run"))
		return run(argv[1], argv + 3);
	if (argc != 5 || (strcmp(argv[2], "getppid") && strcmp(argv[2], "switch")))
		errx(2,
		     "usage: load RESULT getppid|switch BATCHES SIZE | load RESULT run COMMAND...");
	measure(argv[1], argv[2], number(argv[3], MAX_BATCHES), number(argv[4], MAX_CALLS), begin);
	return 0;
}
