// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format strings and the values that come with them, as a ring hands them over: printf() and
 * print() of what any bytes may be.  Errors are fine, what a sanitizer finds is not.
 *
 *	fuzz_format [N [SEED]]	N records (default 15000000), TAP
 *	fuzz_format FILE...	runs these inputs
 *
 * An input is a byte that says whether the others are a record (0), or a format of so many bytes and
 * then the values.  tests/fuzz/libfuzzer builds it as a libFuzzer target.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "run/format.h"
#include "runs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int event_text(void *ctx, const uint8_t *data, uint32_t len, struct kp_buf *out)
{
	(void)ctx;
	kp_buf_put(out, data, len);
	return 0;
}

static const char directives[] = "diuoxXcsp%";
static unsigned long shown[sizeof(directives)];

/* The directives of a format that was right. */
static void count(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] != '%')
			continue;
		while (++i < len && strchr("-+ #0123456789.*hlqjzt", text[i]))
			;
		if (i < len && text[i] && strchr(directives, text[i]))
			shown[strchr(directives, text[i]) - directives]++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct kp_format plain = { .event = event_text };
	struct kp_buf out = KP_BUF_INIT;
	char err[KP_FORMAT_ERROR];
	uint8_t *values;
	size_t text, len;

	if (!size)
		return 0;
	text = data[0];
	data++;
	size--;
	if (text > size)
		text = size;
	/* of exact size, so that reading behind it is noticed */
	len = text ? sizeof(struct ktap_value) + ((text + 7) & ~(size_t)7) + size - text : size;
	values = calloc(1, len + !len);
	if (text) {
		struct ktap_value head = { KTAP_T_STR, (uint32_t)text };

		memcpy(values, &head, sizeof(head));
		memcpy(values + sizeof(head), data, text);
		memcpy(values + len - (size - text), data + text, size - text);
	} else {
		memcpy(values, data, size);
	}
	if (!kp_format_printf(&plain, values, len, &out, err))
		count((const char *)data, text);
	kp_format_print(&plain, 0, values, len, &out);
	kp_buf_free(&out);
	free(values);
	return 0;
}

#ifndef KP_LIBFUZZER

static uint64_t seed;

static uint32_t number(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % below;
}

#define TEXT_MAX	200	/* bytes of a format */

static uint8_t text[TEXT_MAX + 40], values[8192];
static size_t ntext, nvalues;

static void put_value(uint32_t type, const void *data, uint32_t len)
{
	struct ktap_value head = { type, len };

	memcpy(values + nvalues, &head, sizeof(head));
	memcpy(values + nvalues + sizeof(head), data, len);
	nvalues += sizeof(head) + ((len + 7) & ~7U);
}

/* A value of any type, as the VM makes it or not. */
static void make_value(uint32_t type)
{
	uint8_t bytes[40];
	uint32_t i, len = type >= KTAP_T_INT && type < KTAP_T_STR ? 8 : type < KTAP_T_INT ? 0 : number(sizeof(bytes));

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)number(i % 8 && number(4) ? 2 : 256);
	put_value(type, bytes, number(16) ? len : number(sizeof(bytes)));
}

/* Flags, width, precision and a letter, with the values they take. */
static void make_directive(void)
{
	static const char flags[] = "-+ #0";
	int64_t width;
	uint32_t i;
	char letter;

	text[ntext++] = '%';
	for (i = 0; i < sizeof(flags) - 1; i++)
		if (!number(5))
			text[ntext++] = (uint8_t)flags[i];
	for (i = 0; i < 2; i++) {
		if (number(3))
			continue;
		if (i)
			text[ntext++] = '.';
		if (number(3)) {
			ntext += (size_t)sprintf((char *)text + ntext, "%u", number(number(4) ? 20 : 12000));
			continue;
		}
		text[ntext++] = '*';
		width = (int64_t)number(40) - 20;
		put_value(KTAP_T_INT, &width, sizeof(width));
	}
	if (!number(8))
		text[ntext++] = "hlqjzt"[number(6)];
	letter = directives[number(sizeof(directives) - 1)];
	text[ntext++] = (uint8_t)letter;
	if (letter != '%')
		make_value(letter == 's' ? number(KTAP_T_COUNT) : number(8) ? KTAP_T_INT : number(KTAP_T_COUNT + 1));
}

/* A format, mostly a right one, and its values; or a record without one. */
static size_t make(uint8_t *data)
{
	static const char bytes[] = "%%%%%%-+ #0123456789.*diuoxXcsp%hl\n\303\244";
	uint32_t pieces = number(6), i;
	size_t n;

	ntext = nvalues = 0;
	memset(values, 0, sizeof(values));
	while (pieces-- && ntext < TEXT_MAX - 40) {
		if (number(4))
			make_directive();
		else
			for (i = number(10); i; i--)
				text[ntext++] = (uint8_t)bytes[number(sizeof(bytes) - 1)];
	}
	if (!number(8))
		ntext = 0;
	for (i = number(3); i && !ntext; i--)
		make_value(number(KTAP_T_COUNT + 1));
	data[0] = (uint8_t)ntext;
	memcpy(data + 1, text, ntext);
	memcpy(data + 1 + ntext, values, nvalues);
	n = 1 + ntext + nvalues;
	/* a byte that is wrong, or an end that is missing */
	if (!number(4))
		data[number((uint32_t)n)] = (uint8_t)number(256);
	return number(8) ? n : number((uint32_t)n + 1);
}

int main(int argc, char **argv)
{
	unsigned long n = fuzz_runs(argc, argv, 15000000), i;
	static uint8_t data[65536];
	bool all = true;
	int failed;

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	if (argc > 1 && !n)
		return fuzz_files(argv + 1, LLVMFuzzerTestOneInput);
	failed = fuzz_corpus("format", LLVMFuzzerTestOneInput);
	for (i = 0; i < n; i++)
		LLVMFuzzerTestOneInput(data, make(data));
	printf("ok - %lu records do no harm\n", n);
	for (i = 0; i < sizeof(directives) - 1; i++) {
		printf("# %%%c: %lu\n", directives[i], shown[i]);
		all &= shown[i] > 0;
	}
	printf("%s - each directive was formatted\n1..3\n", all ? "ok" : "not ok");
	failed |= !all;
	return failed;
}

#endif
