// SPDX-License-Identifier: GPL-2.0-only
/*
 * Valid scripts, compiled with and without folding and inference: they must print the same and
 * end in the same way.
 *
 *	fuzz_script [N [SEED]]	N scripts (default 5000) from that seed on, TAP
 *	fuzz_script --print SEED	the script of a seed: for ktap itself, on the host and in a kernel
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compile/compile.h"
#include "run.h"
#include "runs.h"
#include "scripts.h"

/* Compiles and runs; false when it is no script. */
static bool run_script(struct run *run, const struct kp_buf *text, bool no_fold, bool no_infer)
{
	struct kp_source source = { "script", kp_buf_str((struct kp_buf *)text), text->len };
	struct kp_compile_opts opts = { .no_fold = no_fold, .no_infer = no_infer };
	struct kp_buf image = KP_BUF_INIT, said = KP_BUF_INIT;
	struct kp_diag diag = { .out = &said };
	bool ok;

	*run = (struct run){ .printed = KP_BUF_INIT };
	ok = !kp_compile(&source, &opts, &image, &diag);
	if (ok)
		run_image(run, &image, 0, 1000000);
	else
		printf("# %s\n", kp_buf_str(&said));
	kp_buf_free(&image);
	kp_buf_free(&said);
	return ok;
}

static bool same(const struct run *a, const struct run *b)
{
	return a->error == b->error && a->line == b->line && a->printed.len == b->printed.len &&
	       (!a->printed.len || !memcmp(a->printed.data, b->printed.data, a->printed.len));
}

/* False when the ways to compile it differ. */
static bool try_script(uint64_t seed, unsigned long *errors)
{
	struct kp_buf text = KP_BUF_INIT;
	struct run first, other;
	bool ok;
	int how;

	script_make(&text, seed);
	ok = run_script(&first, &text, false, false);
	*errors += first.error != 0;
	for (how = 1; ok && how < 4; how++) {
		ok = run_script(&other, &text, how & 1, how & 2) && same(&first, &other);
		if (!ok)
			printf("# script %" PRIu64 " with%s%s: error %u in line %u and %zu bytes, not %u, %u and %zu\n",
			       seed, how & 1 ? " no_fold" : "", how & 2 ? " no_infer" : "", other.error, other.line,
			       other.printed.len, first.error, first.line, first.printed.len);
		kp_buf_free(&other.printed);
	}
	kp_buf_free(&first.printed);
	kp_buf_free(&text);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned long n = fuzz_runs(argc, argv, 5000), i, errors = 0, wrong = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

	if (argc > 2 && !strcmp(argv[1], "--print")) {
		struct kp_buf text = KP_BUF_INIT;

		script_make(&text, seed);
		fputs(kp_buf_str(&text), stdout);
		kp_buf_free(&text);
		return 0;
	}
	for (i = 0; i < n; i++)
		wrong += !try_script(seed + i, &errors);
	printf("# %lu scripts, %lu of them end in an error\n", n, errors);
	printf("%s - scripts do the same however they are compiled\n", wrong ? "not ok" : "ok");
	/* what ends at once tests little */
	printf("%s - few scripts end in an error\n1..2\n", errors <= n / 4 ? "ok" : "not ok");
	return wrong || errors > n / 4;
}
