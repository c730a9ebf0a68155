/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KP_FUZZ_RUNS_H
#define KP_FUZZ_RUNS_H

#include <stdlib.h>

/* How often a fuzzer runs: as its first argument says, else KTAP_FUZZ_RUNS of the environment (1) times n. */
static inline unsigned long fuzz_runs(int argc, char **argv, unsigned long n)
{
	const char *factor = getenv("KTAP_FUZZ_RUNS");
	double times = factor && *factor ? strtod(factor, NULL) : 1;

	return argc > 1 ? strtoul(argv[1], NULL, 10) : (unsigned long)((double)n * times);
}

#endif
