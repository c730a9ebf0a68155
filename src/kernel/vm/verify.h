/* SPDX-License-Identifier: GPL-2.0-only */
/* The two halves of the verifier: verify.c looks at instructions, paths.c at the ways through them. */
#ifndef KP_VERIFY_H
#define KP_VERIFY_H

#include "vm.h"

/* What opcodes.def says of an instruction. */
enum kp_mode {
	KP_MODE__, KP_MODE_RW, KP_MODE_RR, KP_MODE_RX, KP_MODE_RB, KP_MODE_UI, KP_MODE_SI, KP_MODE_UT,
	KP_MODE_UJ, KP_MODE_KI, KP_MODE_CI, KP_MODE_FI, KP_MODE_TI, KP_MODE_EI, KP_MODE_BI, KP_MODE_JO
};

enum kp_form { KP_FORM_ABC, KP_FORM_ABX, KP_FORM_ASBX, KP_FORM_SAX };

struct kp_op_info {
	u8 form;	/* enum kp_form */
	u8 a, b, c;	/* enum kp_mode */
};

extern const struct kp_op_info kp_op_infos[KTAP_OP_COUNT];

/* What checking the paths of functions needs, made once for all of a program. */
struct kp_paths;

/* For functions of up to ncode instructions.  NULL for lack of memory.  Process context. */
struct kp_paths *kp_paths_new(u32 ncode);
void kp_paths_free(struct kp_paths *p);

/*
 * Checks the paths of a function whose instructions are in order, each by itself.  Process context.
 * 0; or an error of errors.def, a positive number, and *pc where it is; or -EINTR: the process is
 * being killed.  After an error p can only be freed.
 */
int kp_paths_check(struct kp_paths *p, const struct kp_func *func, u32 *pc);

#endif
