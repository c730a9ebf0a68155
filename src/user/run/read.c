// SPDX-License-Identifier: GPL-2.0-only
#include "read.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* How long to sleep when there was nothing to read: the longer the less there is, ms. */
#define SLEEP_MIN 5
#define SLEEP_MAX 100

#define LOOK_NS	  1000000000ull /* how often to look for CPUs that came online */

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void ring_bell(int eventfd)
{
	uint64_t one = 1;

	/* it cannot fail but when it rings already */
	while (write(eventfd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void silence_bell(int eventfd)
{
	uint64_t count;

	/* it does not wait, and fails when the bell is silent */
	if (read(eventfd, &count, sizeof(count)) < 0)
		return;
}

static void unmap_rings(struct kp_read *r)
{
	while (r->n)
		munmap((void *)r->rings[--r->n].page, r->map_len);
	free(r->rings);
	free(r->cpus);
	free(r->given);
}

static bool is_mapped(const struct kp_read *r, uint32_t cpu)
{
	unsigned int i;

	for (i = 0; i < r->n; i++)
		if (r->cpus[i] == cpu)
			return true;
	return false;
}

/* Map the rings that there are and that are not mapped. 0 or -errno. */
static int map_rings(struct kp_read *r)
{
	uint32_t cpu;
	void *mem;

	r->looked = now();
	for (cpu = 0; r->n < r->possible && cpu < r->possible; cpu++) {
		if (is_mapped(r, cpu))
			continue;
		mem = mmap(NULL, r->map_len, PROT_READ, MAP_SHARED, r->device,
			   (off_t)cpu * (off_t)r->stride);
		if (mem == MAP_FAILED && errno == ENXIO)
			continue; /* was never online */
		if (mem == MAP_FAILED)
			return -errno;
		kp_reader_init(&r->rings[r->n], mem, r->map_len - KTAP_RING_DATA);
		r->cpus[r->n++] = cpu;
	}
	return 0;
}

/* Give what was read of ring @i back to the kernel. */
static void give_back(struct kp_read *r, unsigned int i)
{
	struct ktap_consume c = { .size = sizeof(c), .cpu = r->cpus[i], .tail = r->rings[i].tail };

	if (r->given[i] == c.tail)
		return;
	r->given[i] = c.tail;
	ioctl(r->device, KTAP_IOC_CONSUME, &c);
}

/* Show the records that are complete by now. Returns how many bytes they had. */
static size_t read_records(struct kp_read *r, uint64_t limit)
{
	const struct ktap_record *rec;
	unsigned int i;
	size_t len = 0;

	limit = kp_reader_poll(r->rings, r->n, limit);
	while (!r->abandon && (rec = kp_reader_next(r->rings, r->n, limit, &i))) {
		len += rec->size;
		kp_render_record(r->render, rec, &r->out->text);
		kp_out_settle(r->out);
		if (r->rings[i].tail - r->given[i] >= r->rings[i].size / 4)
			give_back(r, i);
	}
	for (i = 0; i < r->n; i++)
		give_back(r, i);
	return len;
}

static void sleep_until_more(struct kp_read *r, int ms)
{
	struct pollfd fds[] = { { r->wake, POLLIN, 0 }, { r->device, POLLIN, 0 } };

	/* a session that has ended keeps saying so */
	if (poll(fds, 2, ms) > 0 && fds[1].revents & (POLLHUP | POLLERR) &&
	    !(fds[1].revents & POLLIN))
		poll(fds, 1, ms);
	silence_bell(r->wake);
}

/* Write what there is, and say so when somebody waits for it. */
static void flush(struct kp_read *r, unsigned int asked)
{
	kp_out_flush(r->out);
	if (r->done != asked) {
		r->done = asked;
		ring_bell(r->bell);
	}
}

static void *read_thread(void *arg)
{
	struct kp_read *r = arg;
	unsigned int asked;
	bool finish;
	int ms = SLEEP_MIN;
	size_t len;

	do {
		/* looked at before the rings, which then hold all that the asker means */
		finish = r->finish;
		asked = r->asked;
		if (finish || now() - r->looked >= LOOK_NS)
			map_rings(r); /* a ring that cannot be had now is tried again */
		kp_render_poll(r->render);
		len = read_records(r, finish ? UINT64_MAX : now());
		/* many records at a time cost less than one by one; a full ring ends the sleep */
		if (!finish && len < r->map_len / 8) {
			flush(r, asked);
			if (len)
				ms = SLEEP_MIN;
			sleep_until_more(r, ms);
			ms = ms * 2 < SLEEP_MAX ? ms * 2 : SLEEP_MAX;
		}
		if (!r->failed && (r->out->error || r->render->failed)) {
			r->failed = true;
			ring_bell(r->bell);
		}
	} while (!finish && !r->abandon);
	if (!r->abandon)
		flush(r, asked);
	else if (!r->out->error)
		r->out->error = -EINTR;
	r->ended = true;
	ring_bell(r->bell);
	return NULL;
}

/* The thread gets no signal but the one that interrupts it. */
static int start_thread(struct kp_read *r)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	sigdelset(&all, SIGUSR1);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = -pthread_create(&r->thread, NULL, read_thread, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ret;
}

int kp_read_start(struct kp_read *r, int device, uint32_t cpus, const struct ktap_status *status,
		  struct kp_render *render, struct kp_out *out)
{
	int ret;

	*r = (struct kp_read){ .device = device, .out = out, .render = render };
	r->possible = cpus;
	r->map_len = KTAP_RING_DATA + (size_t)status->ring_size;
	r->stride = status->ring_stride;
	r->rings = calloc(cpus, sizeof(*r->rings));
	r->cpus = calloc(cpus, sizeof(*r->cpus));
	r->given = calloc(cpus, sizeof(*r->given));
	ret = r->rings && r->cpus && r->given ? map_rings(r) : -ENOMEM;
	if (ret)
		goto unmap;
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ret = r->wake < 0 || r->bell < 0 ? -EMFILE : start_thread(r);
	if (!ret)
		return 0;
	if (r->wake >= 0)
		close(r->wake);
	if (r->bell >= 0)
		close(r->bell);
unmap:
	unmap_rings(r);
	return ret;
}

void kp_read_sync(struct kp_read *r)
{
	r->asked++;
	ring_bell(r->wake);
}

void kp_read_finish(struct kp_read *r)
{
	r->finish = true;
	ring_bell(r->wake);
}

void kp_read_abandon(struct kp_read *r)
{
	r->abandon = true;
	ring_bell(r->wake);
	pthread_kill(r->thread, SIGUSR1);
}

void kp_read_bell(struct kp_read *r)
{
	silence_bell(r->bell);
}

void kp_read_join(struct kp_read *r)
{
	pthread_join(r->thread, NULL);
	close(r->wake);
	close(r->bell);
	unmap_rings(r);
}
