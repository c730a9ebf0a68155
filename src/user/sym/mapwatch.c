// SPDX-License-Identifier: GPL-2.0-only
/*
 * A counter that counts nothing, on each CPU, whose records say which executable
 * mappings are made and which processes begin.
 */
#include "mapwatch.h"

#include <linux/perf_event.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

#define ROOM (128u << 10) /* bytes of records of one CPU: about a thousand */

struct cpu {
	int fd;
	struct perf_event_mmap_page *page; /* the records follow on the next one */
};

struct kp_mapwatch {
	struct kp_processes *to;
	size_t page_size;
	unsigned int n;
	struct cpu cpus[];
};

/* The beginnings of records that are looked at. */
struct mmap_record {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t addr, len, pgoff;
	char path[];
};

struct fork_record {
	struct perf_event_header header;
	uint32_t pid, ppid, tid, ptid;
	uint64_t time;
};

struct comm_record {
	struct perf_event_header header;
	uint32_t pid, tid;
};

static int open_cpu(struct cpu *c, int number, pid_t pid, size_t page_size)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type = PERF_SAMPLE_TIME,
		.sample_id_all = 1, /* every record ends with its time */
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
		.mmap = 1,
		.task = 1,
		.comm = 1,
		.comm_exec = 1,
		.inherit = pid != 0,
	};
	void *page;

	c->fd = (int)syscall(SYS_perf_event_open, &attr, pid ? pid : -1, number, -1,
			     PERF_FLAG_FD_CLOEXEC);
	if (c->fd < 0)
		return -1;
	page = mmap(NULL, page_size + ROOM, PROT_READ | PROT_WRITE, MAP_SHARED, c->fd, 0);
	if (page == MAP_FAILED) {
		close(c->fd);
		return -1;
	}
	c->page = page;
	return 0;
}

struct kp_mapwatch *kp_mapwatch_new(struct kp_processes *to, pid_t pid)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct kp_mapwatch *w;
	int i;

	if (cpus < 1)
		return NULL;
	w = calloc(1, sizeof(*w) + (size_t)cpus * sizeof(w->cpus[0]));
	if (!w)
		return NULL;
	w->to = to;
	w->page_size = (size_t)sysconf(_SC_PAGESIZE);
	/* a CPU that is not online has none */
	for (i = 0; i < cpus; i++)
		if (!open_cpu(&w->cpus[w->n], i, pid, w->page_size))
			w->n++;
	if (w->n)
		return w;
	free(w);
	return NULL;
}

void kp_mapwatch_free(struct kp_mapwatch *w)
{
	unsigned int i;

	if (!w)
		return;
	for (i = 0; i < w->n; i++) {
		munmap(w->cpus[i].page, w->page_size + ROOM);
		close(w->cpus[i].fd);
	}
	free(w);
}

static void take_record(struct kp_mapwatch *w, const struct perf_event_header *header)
{
	const struct mmap_record *map = (const void *)header;
	const struct fork_record *fork = (const void *)header;
	const struct comm_record *comm = (const void *)header;
	uint64_t time;

	if (header->size < sizeof(*comm) + sizeof(time))
		return; /* all records are longer */
	memcpy(&time, (const char *)header + header->size - sizeof(time), sizeof(time));
	if (header->type == PERF_RECORD_MMAP && header->size > sizeof(*map) + sizeof(time) &&
	    memchr(map->path, '\0', header->size - sizeof(*map) - sizeof(time)))
		kp_processes_map(w->to, (pid_t)map->pid, time, map->addr, map->len, map->pgoff,
				 map->path);
	else if (header->type == PERF_RECORD_FORK && header->size >= sizeof(*fork) &&
		 fork->pid != fork->ppid)
		kp_processes_fork(w->to, (pid_t)fork->ppid, (pid_t)fork->pid, time);
	else if (header->type == PERF_RECORD_COMM && header->misc & PERF_RECORD_MISC_COMM_EXEC)
		kp_processes_exec(w->to, (pid_t)comm->pid, time);
}

/*
 * How far the kernel has written. As the kernel's interface wants it: a plain load that is
 * not repeated, then a barrier. 32-bit machines load it in halves, of which the upper
 * one changes every 4 GiB.
 */
static uint64_t head_of(struct perf_event_mmap_page *page)
{
	uint64_t head = *(volatile __u64 *)&page->data_head;

	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return head;
}

static void poll_cpu(struct kp_mapwatch *w, struct perf_event_mmap_page *page)
{
	const char *data = (const char *)page + w->page_size;
	uint64_t head = head_of(page);
	uint64_t tail = page->data_tail, buffer[(UINT16_MAX + 1) / 8];
	struct perf_event_header header;
	size_t at, first;

	while (tail < head) {
		at = tail % ROOM;
		/* records are multiples of 8 bytes: the header is in one piece, the rest may not be */
		memcpy(&header, data + at, sizeof(header));
		if (header.size < sizeof(header) || header.size > head - tail)
			break;
		first = header.size < ROOM - at ? header.size : ROOM - at;
		memcpy(buffer, data + at, first);
		memcpy((char *)buffer + first, data, header.size - first);
		take_record(w, (const struct perf_event_header *)buffer);
		tail += header.size;
	}
	__atomic_thread_fence(__ATOMIC_RELEASE);
	*(volatile __u64 *)&page->data_tail = head;
}

void kp_mapwatch_poll(struct kp_mapwatch *w)
{
	unsigned int i;

	for (i = 0; i < w->n; i++)
		if (head_of(w->cpus[i].page) != w->cpus[i].page->data_tail)
			poll_cpu(w, w->cpus[i].page);
}
