// SPDX-License-Identifier: GPL-2.0-only
#include "word.h"

#include <string.h>

static const struct {
	const char *word, *ours;
} foreign[] = {
#define KP_WORD(word, ours) { word, ours },
#include "words.def"
#undef KP_WORD
};

static const char *const openers[] = { "break", "continue",  "delete", "for",	 "function",
				       "if",	"local",     "option", "repeat", "return",
				       "trace", "trace_end", "var",    "while" };

bool kp_word_hint(struct kp_diag *d, const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		if (strlen(foreign[i].word) != len || memcmp(foreign[i].word, word, len))
			continue;
		kp_diag_hint(d, KP_HINT_WORD, foreign[i].ours);
		return true;
	}
	return false;
}

void kp_word_near(struct kp_near *near)
{
	size_t i;

	for (i = 0; i < sizeof(openers) / sizeof(openers[0]); i++)
		kp_near_try(near, openers[i], strlen(openers[i]));
}

void kp_word_hint_near(struct kp_diag *d, const struct kp_near *near)
{
	if (near->best)
		kp_diag_hint(d, KP_HINT_NEAR, (int)near->best_len, near->best);
}
