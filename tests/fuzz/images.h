/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Images for fuzzers: made from a stream of random bytes.  Most are accepted by the
 * verifier, so that the interpreter has something to do; the mutations of mutate()
 * are for reader and verifier.
 */
#ifndef KP_FUZZ_IMAGES_H
#define KP_FUZZ_IMAGES_H

#include "insns.h"

/* A load image: main, two handlers, a tick, trace_end and two functions that are only called. */
static inline uint8_t *fuzz_image(struct fuzz *f, size_t *len)
{
	static const char *const texts[] = { "", "a", "0123456789abcdef", "%d %s\n", "*[a-z]?", "key" };
	struct mkimage im = { 0 };
	uint32_t i, j;

	for (i = 0; i < 6; i++)
		mk_kstr(&im, texts[i]);
	mk_kint(&im, INT64_MIN);
	mk_kint(&im, (int64_t)1 << fuzz_number(f, 63));
	for (i = 0; i < 4; i++)
		mk_cell(&im, 0);
	mk_cell(&im, KTAP_CELL_FROZEN);
	mk_table(&im, 0, 0);
	mk_table(&im, KTAP_TABLE_PERCPU, 0);
	mk_table(&im, KTAP_TABLE_PERCPU | KTAP_TABLE_QUANTIZE, 0);
	mk_linear(&im, -5, 5 + fuzz_number(f, 1000), 1 + fuzz_number(f, 10));
	mk_table(&im, KTAP_TABLE_FIXED, fuzz_number(f, 20));
	for (i = 0; i < 4; i++)
		mk_field(&im, "field");
	for (i = 0; i < 3; i++)
		mk_field_number(&im, i);
	mk_field_number(&im, KTAP_FIELD_NUMBER);
	for (i = 0; i < FUZZ_FUNCS; i++) {
		uint32_t first, n, insn;

		if (i == FUZZ_CLOSURE)
			mk_closure(&im, FUZZ_REGS, fuzz_number(f, 3));
		else
			mk_func(&im, FUZZ_REGS, i ? fuzz_number(f, 3) : 0);
		first = im.sec[MK_CODE].count;
		fuzz_prologue(&im, f, i);
		n = im.sec[MK_CODE].count - first + 3 + fuzz_number(f, FUZZ_LENGTH);
		while (im.sec[MK_CODE].count - first < n - 3) {
			insn = fuzz_insn(f, fuzz_contexts[i], im.sec[MK_CODE].count - first, n);
			fuzz_prepare(&im, f, insn);
			mk_code(&im, insn);
			fuzz_follow(&im, f, insn, im.sec[MK_CODE].count - first, n);
		}
		while (im.sec[MK_CODE].count - first < n - 1)
			mk_code(&im, I_LOADI(0, 1));
		mk_code(&im, I_RET(fuzz_number(f, 16)));
	}
	mk_probe(&im, KTAP_PROBE_EVENT, "a:b", fuzz_number(f, 2) ? 5 : KTAP_NONE, 1);
	mk_probe(&im, KTAP_PROBE_EVENT, "c:d", KTAP_NONE, 2);
	mk_probe(&im, KTAP_PROBE_TICK, "1s", KTAP_NONE, 3);
	mk_probe(&im, KTAP_PROBE_END, NULL, KTAP_NONE, 4);
	mk_event(&im, 0, KTAP_EVENT_TRACEPOINT, fuzz_number(f, 2000), "a:b");
	mk_event(&im, 1, fuzz_number(f, 2) ? KTAP_EVENT_SYS_ENTER : KTAP_EVENT_SYS_EXIT, fuzz_number(f, 400), "c:d");
	for (i = 0; i < 2; i++) {
		for (j = 0; j < 8; j++) {
			uint32_t kind = fuzz_number(f, KTAP_FIELD_RELLOC + 1);

			mk_fdesc(&im, kind, kind == KTAP_FIELD_SYSARG ? j % 6 : fuzz_number(f, 80),
				 1 << fuzz_number(f, 4));
		}
	}
	mk_option(&im, "number", KTAP_CONST_INT, 5);
	mk_source(&im, "fuzz.kp", "the text of the script\n");
	mk_arg(&im, KTAP_CONST_INT, fuzz_number(f, 65536));
	mk_arg(&im, KTAP_CONST_STR, mk_string(&im, MK_ESTR, "argument", 8));
	return mk_finish(&im, len);
}

/* Changes a few bytes, an instruction, or cuts the image. */
static inline void fuzz_mutate(struct fuzz *f, uint8_t *image, size_t *len)
{
	uint32_t n = 1 + fuzz_number(f, 4), at;

	while (n--) {
		at = fuzz_number(f, (uint32_t)*len);
		switch (fuzz_number(f, 8)) {
		case 0:
			image[at] ^= 1 << fuzz_number(f, 8);
			break;
		case 1:
			image[at] = (uint8_t)fuzz_number(f, 256);
			break;
		case 2:
			mk_put32(image + (at & ~3U) % (*len - 4), fuzz_number(f, 2) ? 0xffffffff : fuzz_number(f, 65536));
			break;
		case 3:
			memcpy(image + at, image + fuzz_number(f, (uint32_t)*len), at < *len - 8 ? 1 : 0);
			break;
		case 4:
			/* in the second half there is mostly code */
			at = (at / 2 + (uint32_t)*len / 4) & ~3U;
			mk_put32(image + at, fuzz_insn(f, 'M', fuzz_number(f, 20), 40));
			break;
		case 5:
			if (fuzz_number(f, 16) == 0 && *len > 64)
				*len -= fuzz_number(f, 64);
			break;
		case 6:
			/* the header and the table of sections */
			at = fuzz_number(f, 300) % *len;
			image[at] = (uint8_t)fuzz_number(f, 256);
			break;
		case 7:
			/* events, fields, arguments */
			at = (uint32_t)*len - 1 - fuzz_number(f, 400) % *len;
			image[at] = (uint8_t)fuzz_number(f, fuzz_number(f, 2) ? 256 : 16);
			break;
		}
	}
}

#endif
