/* SPDX-License-Identifier: GPL-2.0-only */
/* codegen - syntax tree to instructions. */
#ifndef KP_COMPILE_CODEGEN_H
#define KP_COMPILE_CODEGEN_H

#include "sema.h"

/* A function as it will stand in the image. */
struct kp_code {
	const struct kp_func *func;
	uint32_t first; /* number of its first instruction */
	uint32_t len;
	uint32_t nregs;
	uint32_t nparams;
	uint32_t flags; /* KTAP_FUNC_* */
};

/* A jump that waits for its target. */
struct kp_pending {
	struct kp_pending *next;
	uint32_t at;
};

struct kp_const {
	bool is_string;
	uint64_t payload; /* number, or number of the string */
};

/* Everything the image consists of, as tables in the order of their numbers. */
struct kp_program {
	struct kp_cc *cc;
	const struct kp_sema *sema;
	uint32_t *insns;
	uint32_t *lines; /* line << 8 | column */
	uint32_t ninsns, insns_cap;
	struct kp_code *funcs; /* sema->nfuncs of them */
	struct kp_hash const_index;
	struct kp_const *consts;
	uint32_t nconsts, consts_cap;
	struct kp_hash string_index;
	const struct kp_str **strings;
	uint32_t nstrings, strings_cap;
	bool full; /* a limit of the whole script was reported */
};

/** kp_codegen - fill @prog from what kp_check() left. Errors are limits of the machine. */
void kp_codegen(struct kp_program *prog, const struct kp_sema *sema);

/** kp_program_string - the number of @str in the image, made when needed. */
uint32_t kp_program_string(struct kp_program *prog, const struct kp_str *str);

/** kp_program_line - how the image writes the place of byte @pos. */
uint32_t kp_program_line(const struct kp_program *prog, uint32_t pos);

/** kp_image_write - append the portable image of @prog to @image. */
void kp_image_write(struct kp_program *prog, struct kp_buf *image);

#endif
