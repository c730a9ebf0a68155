// SPDX-License-Identifier: GPL-2.0-only
/* Patterns. */
#include "builtin.h"

struct span {
	const u8 *p, *end;
};

/*
 * Looks c up in the set whose text begins after its '['.  Moves *set behind the ']'
 * and says whether c belongs to it; false in *closed, and *set as it was, when there
 * is no ']'.
 */
static bool set_match(struct span *set, u8 c, bool *closed)
{
	const u8 *p = set->p, *end = set->end;
	bool negate = p < end && (*p == '!' || *p == '^');
	bool found = false, first;

	if (negate)
		p++;
	for (first = true; p < end && (first || *p != ']'); first = false) {
		u8 low, high;

		if (*p == '\\' && p + 1 < end)
			p++;
		low = *p++;
		high = low;
		if (p + 1 < end && *p == '-' && p[1] != ']') {
			p++;
			if (*p == '\\' && p + 1 < end)
				p++;
			high = *p++;
		}
		if (low <= c && c <= high)
			found = true;
	}
	*closed = p < end;
	if (*closed)
		set->p = p + 1;
	return found != negate;
}

/* Takes one element off a pattern that is not empty and not at a '*'; whether c is what it means. */
static bool one_match(struct span *pattern, u8 c)
{
	u8 element = *pattern->p++;
	bool closed, match;

	switch (element) {
	case '?':
		return true;
	case '[':
		match = set_match(pattern, c, &closed);
		if (closed)
			return match;
		break;	/* without its ']' it is a character like others */
	case '\\':
		if (pattern->p < pattern->end)
			element = *pattern->p++;
		break;
	}
	return element == c;
}

/*
 * Patterns as in glob(7), but '*' and '?' match every byte.  On a mismatch only the last '*'
 * can help, by taking one byte more: the work is at most length times length, times
 * the length of a set.
 */
int kp_builtin_strglob(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_strglob, args, n);
	struct span text, pattern, next;
	const u8 *star = NULL, *resume = NULL;
	u64 cost;

	if (err)
		return err;
	text.p = args[0].s->data;
	text.end = text.p + args[0].s->len;
	pattern.p = args[1].s->data;
	pattern.end = pattern.p + args[1].s->len;

	while (text.p < text.end) {
		if (pattern.p < pattern.end && *pattern.p == '*') {
			star = ++pattern.p;
			resume = text.p;
			continue;
		}
		/* its ']' may be far, or missing */
		if (pattern.p < pattern.end && *pattern.p == '[') {
			err = kp_ctx_charge(ctx, kp_ctx_steps(pattern.end - pattern.p));
			if (err)
				return err;
		}
		next = pattern;
		if (pattern.p < pattern.end && one_match(&next, *text.p)) {
			pattern = next;
			text.p++;
			continue;
		}
		if (!star)
			break;
		/* what has been compared since the star was in vain */
		err = kp_ctx_charge(ctx, text.p - resume + 1);
		if (err)
			return err;
		pattern.p = star;
		text.p = ++resume;
	}
	while (pattern.p < pattern.end && *pattern.p == '*')
		pattern.p++;
	/* the rest has been looked at once */
	cost = (text.p - args[0].s->data) + (pattern.p - args[1].s->data);
	kp_value_bool(&args[0], text.p == text.end && pattern.p == pattern.end);
	return kp_ctx_charge(ctx, cost);
}
