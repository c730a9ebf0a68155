// SPDX-License-Identifier: GPL-2.0-only
#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "elf.h"
#include "mapwatch.h"
#include "util/arena.h"
#include "util/hash.h"

/* What is remembered at most, twice that between two looks at it; then all is forgotten. */
#define PROCESSES_MAX (1u << 16)
#define MAPS_MAX      (1u << 19)
#define GENERATIONS   32   /* that a mapping can be inherited over */
#define ONE_MAPS_MAX  4096 /* mappings of one process: then the older half goes */
#define FILES_MAX     1024 /* files whose symbols are read */

struct file {
	struct kp_elf *elf; /* NULL: not read, or nothing there to read */
	bool tried;
	char path[];
};

struct map {
	uint64_t start, end, offset;
	uint64_t time; /* when it was made: it covers older ones */
	struct file *file;
};

struct process {
	pid_t pid;
	pid_t parent;	/* whose mappings it began with; 0: nobody's */
	uint64_t begun; /* when it was forked or became this program; what is older is not of it */
	struct map *maps;
	size_t n, cap;
	time_t looked; /* when /proc was read, or 0 */
};

struct kp_processes {
	struct kp_arena arena; /* of the names of files */
	struct kp_hash files;  /* path to struct file */
	struct kp_hash byid;   /* bytes of a pid to struct process */
	size_t nmaps, nread;
	struct kp_mapwatch *watch;
};

static void init(struct kp_processes *p)
{
	p->nmaps = 0;
	p->nread = 0;
	kp_hash_init(&p->files, &p->arena);
	kp_hash_init(&p->byid, &p->arena);
}

static void drop(struct kp_processes *p)
{
	size_t i;

	for (i = 0; i < p->byid.len; i++)
		free(((struct process *)kp_hash_entry(&p->byid, i)->value)->maps);
	for (i = 0; i < p->files.len; i++)
		kp_elf_free(((struct file *)kp_hash_entry(&p->files, i)->value)->elf);
	kp_arena_free(&p->arena);
}

struct kp_processes *kp_processes_new(void)
{
	struct kp_processes *p = calloc(1, sizeof(*p));

	if (p)
		init(p);
	return p;
}

void kp_processes_free(struct kp_processes *p)
{
	if (!p)
		return;
	kp_mapwatch_free(p->watch);
	drop(p);
	free(p);
}

/* The two below return NULL without memory; the tables keep no keys of their own. */
static struct process *get_process(struct kp_processes *p, pid_t pid)
{
	struct process *process = kp_hash_get(&p->byid, (const char *)&pid, sizeof(pid));
	void **place;

	if (process)
		return process;
	if (p->byid.len >= 2 * PROCESSES_MAX)
		return NULL;
	process = kp_arena_alloc(&p->arena, sizeof(*process));
	if (!process)
		return NULL;
	process->pid = pid;
	place = kp_hash_at(&p->byid, (const char *)&process->pid, sizeof(pid));
	if (!place)
		return NULL;
	*place = process;
	return process;
}

static struct file *get_file(struct kp_processes *p, const char *path)
{
	size_t len = strlen(path);
	struct file *file = kp_hash_get(&p->files, path, len);
	void **place;

	if (file)
		return file;
	file = kp_arena_alloc(&p->arena, sizeof(*file) + len + 1);
	if (!file)
		return NULL;
	memcpy(file->path, path, len + 1);
	place = kp_hash_at(&p->files, file->path, len);
	if (!place)
		return NULL;
	*place = file;
	return file;
}

static void add_map(struct kp_processes *p, struct process *process, struct map map)
{
	struct map *maps;

	if (p->nmaps >= 2 * MAPS_MAX)
		return;
	if (process->n == ONE_MAPS_MAX) {
		process->n /= 2;
		p->nmaps -= process->n;
		memmove(process->maps, process->maps + process->n,
			process->n * sizeof(*process->maps));
	}
	if (process->n == process->cap) {
		size_t cap = process->cap ? process->cap * 2 : 16;

		maps = realloc(process->maps, cap * sizeof(*maps));
		if (!maps)
			return;
		process->maps = maps;
		process->cap = cap;
	}
	process->maps[process->n++] = map;
	p->nmaps++;
}

void kp_processes_map(struct kp_processes *p, pid_t pid, uint64_t time, uint64_t start,
		      uint64_t len, uint64_t offset, const char *path)
{
	struct process *process = get_process(p, pid);
	struct file *file = get_file(p, path);

	if (process && file && start + len > start)
		add_map(p, process, (struct map){ start, start + len, offset, time, file });
}

static void begin(struct kp_processes *p, pid_t pid, pid_t parent, uint64_t time)
{
	struct process *process = get_process(p, pid);

	if (!process || time < process->begun)
		return;
	process->begun = time;
	process->parent = parent;
	process->looked = 0;
}

void kp_processes_fork(struct kp_processes *p, pid_t parent, pid_t child, uint64_t time)
{
	begin(p, child, parent, time);
}

void kp_processes_exec(struct kp_processes *p, pid_t pid, uint64_t time)
{
	begin(p, pid, 0, time);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Read /proc/PID/maps, where the process is still there; of one that has ended it is empty. */
static void read_maps(struct kp_processes *p, struct process *process)
{
	uint64_t start, end, offset, time = now();
	char *line = NULL, path[64], exec;
	size_t cap = 0;
	FILE *file;
	int at;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)process->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	while (getline(&line, &cap, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		at = 0;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*c%*c%c%*c %" SCNx64 " %*s %*s %n",
			   &start, &end, &exec, &offset, &at) == 4 &&
		    exec == 'x' && at && line[at])
			kp_processes_map(p, process->pid, time, start, end - start, offset,
					 line + at);
	}
	free(line);
	fclose(file);
}

/* What is mapped at an address: the latest of the process, or what it has from those before it. */
static const struct map *find_map(const struct kp_processes *p, const struct process *process,
				  uint64_t addr)
{
	const struct map *m, *best = NULL;
	uint64_t before = UINT64_MAX;
	int generation;

	for (generation = 0; process && generation < GENERATIONS; generation++) {
		for (m = process->maps; m < process->maps + process->n; m++)
			if (addr >= m->start && addr < m->end && m->time >= process->begun &&
			    m->time <= before && (!best || m->time >= best->time))
				best = m;
		if (best || !process->parent)
			break;
		before = process->begun;
		process = kp_hash_get(&p->byid, (const char *)&process->parent, sizeof(pid_t));
	}
	return best;
}

static void read_file(struct kp_processes *p, struct file *file, pid_t pid)
{
	char *path;

	if (file->tried)
		return;
	file->tried = true;
	if (file->path[0] != '/' || p->nread == FILES_MAX)
		return;
	/* as the process sees it, if it is still there; it may have a root of its own */
	if (asprintf(&path, "/proc/%d/root%s", (int)pid, file->path) < 0)
		return;
	file->elf = kp_elf_open(path);
	free(path);
	if (!file->elf)
		file->elf = kp_elf_open(file->path);
	p->nread += file->elf != NULL;
}

void kp_processes_find(struct kp_processes *p, pid_t pid, uint64_t addr, struct kp_user_symbol *sym)
{
	struct process *process;
	struct kp_elf_symbol found;
	const struct map *map;
	time_t second;

	*sym = (struct kp_user_symbol){ 0 };
	kp_processes_poll(p);
	process = get_process(p, pid);
	if (!process)
		return;
	map = find_map(p, process, addr);
	second = (time_t)(now() / 1000000000) + 1;
	/* what is not known may have been mapped since /proc was read */
	if (!map && process->looked != second) {
		process->looked = second;
		read_maps(p, process);
		map = find_map(p, process, addr);
	}
	if (!map)
		return;
	read_file(p, map->file, pid);
	sym->file = map->file->path;
	sym->offset = addr - map->start + map->offset;
	if (map->file->elf && !kp_elf_find(map->file->elf, sym->offset, &found)) {
		sym->name = found.name;
		sym->offset = found.offset;
		sym->size = found.size;
	}
}

/* Note what all processes have mapped now. */
static void read_all(struct kp_processes *p)
{
	struct process *process;
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		process = get_process(p, atoi(entry->d_name));
		if (process)
			read_maps(p, process);
	}
	if (dir)
		closedir(dir);
}

void kp_processes_watch(struct kp_processes *p, pid_t pid)
{
	struct process *process;

	p->watch = kp_mapwatch_new(p, pid);
	if (!pid) {
		read_all(p);
		return;
	}
	process = get_process(p, pid);
	if (process)
		read_maps(p, process);
}

void kp_processes_poll(struct kp_processes *p)
{
	/* who still runs can be looked up again */
	if (p->byid.len > PROCESSES_MAX || p->nmaps > MAPS_MAX) {
		drop(p);
		init(p);
	}
	if (p->watch)
		kp_mapwatch_poll(p->watch);
}
