/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KP_FUZZ_RUNS_H
#define KP_FUZZ_RUNS_H

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* How often a fuzzer runs: as its first argument says, else KTAP_FUZZ_RUNS of the environment (1) times n. */
static inline unsigned long fuzz_runs(int argc, char **argv, unsigned long n)
{
	const char *factor = getenv("KTAP_FUZZ_RUNS");
	double times = factor && *factor ? strtod(factor, NULL) : 1;

	return argc > 1 ? strtoul(argv[1], NULL, 10) : (unsigned long)((double)n * times);
}

typedef int (*fuzz_run_fn)(const uint8_t *data, size_t len);

/* Runs what a file has, in memory of exact size so that reading behind it is noticed.  0 or -1. */
static inline int fuzz_file(const char *path, fuzz_run_fn run)
{
	FILE *file = fopen(path, "r");
	uint8_t *data;
	long len;

	if (!file || fseek(file, 0, SEEK_END) || (len = ftell(file)) < 0 || fseek(file, 0, SEEK_SET)) {
		perror(path);
		return -1;
	}
	data = malloc((size_t)len + !len);
	len = (long)fread(data, 1, (size_t)len, file);
	fclose(file);
	run(data, (size_t)len);
	free(data);
	return 0;
}

/* The same for files that are named, TAP. */
static inline int fuzz_files(char **paths, fuzz_run_fn run)
{
	for (; *paths; paths++) {
		if (fuzz_file(*paths, run))
			return 1;
		printf("ok - %s\n", *paths);
	}
	return 0;
}

/* The same for each file of the folder of the corpus, TAP. */
static inline int fuzz_corpus(const char *name, fuzz_run_fn run)
{
	char path[512], folder[64];
	struct dirent *entry;
	unsigned int n = 0;
	int ret = 0;
	DIR *dir;

	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s", name);
	dir = opendir(folder);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		ret |= fuzz_file(path, run);
		n++;
	}
	if (dir)
		closedir(dir);
	printf("%s - %u inputs of the corpus do no harm\n", n && !ret ? "ok" : "not ok", n);
	return n ? ret : -1;
}

#endif
