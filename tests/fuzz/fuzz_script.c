// SPDX-License-Identifier: GPL-2.0-only
/*
 * Valid scripts, compiled with and without folding and inference, and with what handlers do in
 * handlers or not: they must print the same and end in the same way.
 *
 *	fuzz_script [N [SEED]]	N scripts (default 5000) from that seed on, TAP
 *	fuzz_script --events SEED	the script of a seed as a kernel runs it,
 *	fuzz_script --alone SEED	and one that does the same without events
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "compile/compile.h"
#include "run/format.h"
#include "run.h"
#include "runs.h"
#include "scripts.h"

#define BLOCKS		4	/* of the main part */
#define IN_KERNELS	24	/* seeds from 1 on that every kernel runs, see run-scripts */

static unsigned long used[KTAP_OP_COUNT], called[KTAP_BUILTIN_COUNT];

static const char *const opcodes[] = {
#define KP_OP(name, format, a, b, c, doc) #name,
#include "ktap/opcodes.def"
#undef KP_OP
};

/* What the scripts consist of. */
static void count(const struct kp_buf *image)
{
	struct kp_view view;
	const char *why;
	uint32_t i, insn;

	if (kp_view_open(&view, image->data, image->len, &why))
		return;
	for (i = 0; i < view.ncode; i++) {
		insn = kp_view_insn(&view, i);
		used[KTAP_INSN_OP(insn)]++;
		if (KTAP_INSN_OP(insn) == KTAP_OP_BUILTIN)
			called[KTAP_INSN_B(insn)]++;
	}
	kp_view_close(&view);
}

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
	if (ok) {
		if (!no_fold && !no_infer)
			count(&image);
		run_image(run, &image, 0, 1000000, SCRIPT_CALLS);
	} else {
		printf("# %s\n", kp_buf_str(&said));
	}
	kp_buf_free(&image);
	kp_buf_free(&said);
	return ok;
}

/* The record at this place, as text. */
static void show(const struct run *run, size_t at)
{
	static const struct kp_format plain = { .event = NULL };
	struct kp_buf text = KP_BUF_INIT;
	struct ktap_record rec;
	size_t skip;

	if (at < run->printed.len) {
		memcpy(&rec, run->printed.data + at, sizeof(rec));
		skip = sizeof(rec) + (rec.type == KTAP_REC_PRINTF ? sizeof(struct ktap_printf) : 0);
		kp_format_print(&plain, 0, run->printed.data + at + skip, rec.size - skip, &text);
	}
	printf("# ... %s%s", kp_buf_str(&text), text.len ? "" : "the end\n");
	kp_buf_free(&text);
}

/* What they print first that is not the same. */
static void show_difference(const struct run *a, const struct run *b)
{
	struct ktap_record rec;
	size_t at;

	for (at = 0; at < a->printed.len && at < b->printed.len; at += rec.size) {
		memcpy(&rec, a->printed.data + at, sizeof(rec));
		if (rec.size > b->printed.len - at || memcmp(a->printed.data + at, b->printed.data + at, rec.size))
			break;
	}
	show(a, at);
	show(b, at);
}

static bool same(const struct run *a, const struct run *b)
{
	return a->error == b->error && a->line == b->line && a->printed.len == b->printed.len &&
	       (!a->printed.len || !memcmp(a->printed.data, b->printed.data, a->printed.len));
}

/* False when the ways to compile it differ. */
static bool try_script(uint64_t seed, unsigned long *errors)
{
	struct kp_buf text[2] = { KP_BUF_INIT, KP_BUF_INIT };
	struct run first, other;
	bool ok;
	int how;

	script_make(&text[0], seed, BLOCKS, false);
	script_make(&text[1], seed, BLOCKS, true);
	ok = run_script(&first, &text[0], false, false);
	*errors += first.error != 0;
	for (how = 1; ok && how < 8; how++) {
		ok = run_script(&other, &text[how / 4], how & 1, how & 2) && same(&first, &other);
		if (!ok) {
			printf("# script %" PRIu64 " with%s%s%s: error %u in line %u and %zu bytes, not %u, %u and %zu\n",
			       seed, how & 1 ? " no_fold" : "", how & 2 ? " no_infer" : "", how & 4 ? " events" : "",
			       other.error, other.line, other.printed.len, first.error, first.line, first.printed.len);
			show_difference(&first, &other);
		}
		kp_buf_free(&other.printed);
	}
	kp_buf_free(&first.printed);
	kp_buf_free(&text[0]);
	kp_buf_free(&text[1]);
	return ok;
}

static int print_script(uint64_t seed, bool events)
{
	struct kp_buf text = KP_BUF_INIT;

	script_make(&text, seed, BLOCKS, events);
	fwrite(text.data, 1, text.len, stdout);
	kp_buf_free(&text);
	return 0;
}

/* True when the scripts that kernels run have every instruction that the compiler makes. */
static bool all_used(void)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < KTAP_OP_COUNT; i++) {
		if (used[i])
			continue;
		printf("# no script has %s\n", opcodes[i]);
		all = false;
	}
	return all;
}

static int result(bool ok, const char *what)
{
	printf("%s - %s\n", ok ? "ok" : "not ok", what);
	return !ok;
}

int main(int argc, char **argv)
{
	unsigned long n = fuzz_runs(argc, argv, 5000), i, errors = 0, wrong = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	int failed = 0;

	if (argc > 2 && !strcmp(argv[1], "--events"))
		return print_script(seed, true);
	if (argc > 2 && !strcmp(argv[1], "--alone"))
		return print_script(seed, false);
	for (i = 1; i <= IN_KERNELS; i++)
		wrong += !try_script(i, &errors);
	failed |= result(all_used(), "the scripts that kernels run have every instruction");
	for (i = 0; i < n; i++)
		wrong += !try_script(seed + i, &errors);
	printf("# %lu scripts, %lu of them end in an error\n", n + IN_KERNELS, errors);
	failed |= result(!wrong, "scripts do the same however they are compiled");
	/* what ends at once tests little */
	failed |= result(errors <= (n + IN_KERNELS) / 4, "few scripts end in an error");
	printf("1..3\n");
	return failed;
}
