// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format strings and the values that come with them, as a ring hands them over: printf() and
 * print() of what any bytes may be.  Errors are fine, what a sanitizer finds is not.
 *
 *	fuzz_format [N [SEED]]	N records (default 40000000), TAP
 *	fuzz_format FILE...	runs these inputs
 *
 * An input is a byte that says whether the others are a record (0), or a format of so many bytes and
 * then the values.  tests/fuzz/libfuzzer builds it as a libFuzzer target.
 */
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
	kp_format_printf(&plain, values, len, &out, err);
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

/* A format, and values that fit it now and then. */
static size_t make(uint8_t *data)
{
	static const char bytes[] = "%%%%%%-+ #0123456789.*diuoxXcsp%hl\n\303\244";
	size_t n = 1, text = 1 + number(40), i, values = number(6);

	data[0] = (uint8_t)text;
	for (i = 0; i < text; i++)
		data[n++] = (uint8_t)bytes[number(sizeof(bytes) - 1)];
	for (i = 0; i < values; i++) {
		struct ktap_value head = { number(KTAP_T_COUNT + 1), number(4) ? 8 : number(40) };

		memcpy(data + n, &head, sizeof(head));
		n += sizeof(head);
		for (head.len = (head.len + 7) & ~7U; head.len; head.len--)
			data[n++] = (uint8_t)number(number(2) ? 256 : 4);
	}
	/* a byte that is wrong, or an end that is missing */
	if (!number(4))
		data[number((uint32_t)n)] = (uint8_t)number(256);
	return number(8) ? n : number((uint32_t)n + 1);
}

int main(int argc, char **argv)
{
	unsigned long n = fuzz_runs(argc, argv, 40000000), i;
	static uint8_t data[65536];

	seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	if (argc > 1 && !n) {
		for (; *++argv;) {
			FILE *file = fopen(*argv, "r");

			if (!file) {
				perror(*argv);
				return 1;
			}
			LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof(data), file));
			fclose(file);
			printf("ok - %s\n", *argv);
		}
		return 0;
	}
	for (i = 0; i < n; i++)
		LLVMFuzzerTestOneInput(data, make(data));
	printf("ok - %lu records do no harm\n1..1\n", n);
	return 0;
}

#endif
