/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KP_FUZZ_RUNS_H
#define KP_FUZZ_RUNS_H

#include <stdlib.h>

/* How often a fuzzer runs: as its first argument says, else n times KTAP_FUZZ_RUNS of the environment. */
static inline unsigned long fuzz_runs(int argc, char **argv, unsigned long n)
{
	const char *factor = getenv("KTAP_FUZZ_RUNS");
	unsigned long times = factor ? strtoul(factor, NULL, 10) : 1;

	return argc > 1 ? strtoul(argv[1], NULL, 10) : n * (times ? times : 1);
}

#endif
