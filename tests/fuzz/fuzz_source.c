// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source text -> image -> verifier -> VM.  Messages and script errors are fine; whatever a
 * sanitizer finds, or an image that the verifier refuses, is not.
 *
 *	fuzz_source [N [SEED]]	N mutations (default 800000) of the scripts of tests/lang, TAP
 *	fuzz_source FILE...	runs these texts: corpus and past crashes
 *
 * tests/fuzz/libfuzzer builds it as a libFuzzer target.
 */
#include <dirent.h>
#include <string.h>
#include "compile/compile.h"
#include "run.h"
#include "runs.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct kp_source source = { "fuzz", (const char *)data, size };
	struct kp_compile_opts opts = { .unsafe = true };
	struct kp_buf image = KP_BUF_INIT, said = KP_BUF_INIT;
	struct kp_diag diag = { .out = &said };
	struct run run;

	if (!kp_compile(&source, &opts, &image, &diag)) {
		run_image(&run, &image, 4 << 20, 20, 2);
		kp_buf_free(&run.printed);
	}
	kp_buf_free(&image);
	kp_buf_free(&said);
	return 0;
}

#ifndef KP_LIBFUZZER

#define FILES_MAX	2000
#define TEXT_MAX	(64U << 10)

struct text {
	u8 *data;
	size_t len;
};

static struct text texts[FILES_MAX];
static unsigned int ntexts;
static u64 seed;

static u32 number(u32 below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(seed >> 33) % below;
}

static int read_text(const char *path, struct text *t)
{
	FILE *file = fopen(path, "r");

	if (!file) {
		perror(path);
		return -1;
	}
	t->data = malloc(TEXT_MAX);
	t->len = fread(t->data, 1, TEXT_MAX, file);
	fclose(file);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The scripts of a folder, always in the same order. */
static void read_folder(const char *folder)
{
	char *names[FILES_MAX], path[4096];
	unsigned int n = 0, i;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir)) && n < FILES_MAX)
		if (strlen(entry->d_name) > 3 && !strcmp(entry->d_name + strlen(entry->d_name) - 3, ".kp"))
			names[n++] = strdup(entry->d_name);
	if (dir)
		closedir(dir);
	qsort(names, n, sizeof(*names), by_name);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (!read_text(path, &texts[ntexts]))
			ntexts++;
		free(names[i]);
	}
}

/* One change: a byte, a cut, a part that is doubled, or a part of another script. */
static void mutate(struct text *t)
{
	static const char bytes[] = "(){}[]<>=+-*/%&|^~!?:;,.\"'#\\ \n09afxz_\0\377";
	const struct text *other = &texts[number(ntexts)];
	u32 at = number((u32)t->len + 1), n = 1 + number(40), from = number((u32)other->len + 1);

	switch (number(4)) {
	case 0:
		if (at < t->len)
			t->data[at] = (u8)bytes[number(sizeof(bytes) - 1)];
		break;
	case 1:
		if (n > t->len - at)
			n = (u32)t->len - at;
		memmove(t->data + at, t->data + at + n, t->len - at - n);
		t->len -= n;
		break;
	case 2:
		other = t;
		from = number((u32)t->len + 1);
		/* fall through */
	default:
		if (n > other->len - from)
			n = (u32)(other->len - from);
		if (t->len + n > TEXT_MAX)
			break;
		{
			u8 part[64];

			memcpy(part, other->data + from, n);
			memmove(t->data + at + n, t->data + at, t->len - at);
			memcpy(t->data + at, part, n);
			t->len += n;
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long n = fuzz_runs(argc, argv, 800000), i;
	struct text t = { NULL, 0 };
	int failed;
	u32 changes;
	u8 *exact;

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	if (argc > 1 && !n)
		return fuzz_files(argv + 1, LLVMFuzzerTestOneInput);
	failed = fuzz_corpus("source", LLVMFuzzerTestOneInput);
	t.data = malloc(TEXT_MAX);
	read_folder("tests/lang");
	if (!ntexts) {
		printf("not ok - there are scripts in tests/lang\n1..2\n");
		return 1;
	}
	for (i = 0; i < n; i++) {
		t.len = texts[i % ntexts].len;
		memcpy(t.data, texts[i % ntexts].data, t.len);
		/* first as they are */
		for (changes = i < ntexts ? 0 : 1 + number(8); changes; changes--)
			mutate(&t);
		/* of exact size, so that reading behind it is noticed */
		exact = malloc(t.len + !t.len);
		memcpy(exact, t.data, t.len);
		LLVMFuzzerTestOneInput(exact, t.len);
		free(exact);
	}
	for (i = 0; i < ntexts; i++)
		free(texts[i].data);
	free(t.data);
	printf("ok - %lu texts do no harm\n1..2\n", n);
	return failed;
}

#endif
