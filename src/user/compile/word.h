/* SPDX-License-Identifier: GPL-2.0-only */
/* word - what people mean by a word that means nothing here. */
#ifndef KP_COMPILE_WORD_H
#define KP_COMPILE_WORD_H

#include "../util/near.h"
#include "diag.h"

/** kp_word_hint - when another language has @word, add how this one says it; whether it did. */
bool kp_word_hint(struct kp_diag *d, const char *word, size_t len);

/** kp_word_near - offer the words that statements begin with to a search. */
void kp_word_near(struct kp_near *near);

/** kp_word_hint_near - add what the search found as a hint, when it did. */
void kp_word_hint_near(struct kp_diag *d, const struct kp_near *near);

#endif
