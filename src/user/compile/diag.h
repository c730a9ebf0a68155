/* SPDX-License-Identifier: GPL-2.0-only */
/* diag - rendering of errors and warnings. */
#ifndef KP_COMPILE_DIAG_H
#define KP_COMPILE_DIAG_H

#include "source.h"

/* All that is advised, as KP_HINT_tag. */
#define KP_HINT(tag, text) static const char KP_HINT_##tag[] __attribute__((unused)) = text;
#include "hints.def"
#undef KP_HINT

/**
 * kp_diag_report - report the message @tag about the text @at.
 * The further arguments fill the message text of errors.def. What is printed:
 *
 *	syntax error: FILE:LINE: MESSAGE near 'TEXT'
 *	FILE:LINE:COLUMN: CAUSE
 *	    the source line
 *	           ^~~~
 */
void kp_diag_report(struct kp_diag *d, enum kp_tag tag, struct kp_span at, ...);

/** kp_diag_report_at - the same, when the reason lies elsewhere: source line and caret are of @at. */
void kp_diag_report_at(struct kp_diag *d, enum kp_tag tag, struct kp_span near, struct kp_span at,
		       ...);

/** kp_diag_hint - add a line `hint: …` to the message reported last; @fmt is one of hints.def. */
void kp_diag_hint(struct kp_diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** kp_diag_end - no hint to the message reported last will follow. */
void kp_diag_end(struct kp_diag *d);

/** kp_diag_rest - the last message: how many were only counted, if any. */
void kp_diag_rest(struct kp_diag *d);

/** kp_diag_full - true when further messages would only be counted. */
bool kp_diag_full(const struct kp_diag *d);

#endif
