// SPDX-License-Identifier: GPL-2.0-only
#include "near.h"

#include <limits.h>
#include <string.h>

void kp_near_init(struct kp_near *n, const char *want, size_t len)
{
	*n = (struct kp_near){ .want = want, .want_len = len, .distance = UINT_MAX };
}

static unsigned int near_min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Edit distance with swaps of neighbours; three rows of the usual table. */
static unsigned int near_distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned int rows[3][KP_NEAR_MAX + 1];
	unsigned int *before = rows[0], *above = rows[1], *row = rows[2], *old;
	size_t i, j;

	for (j = 0; j <= nb; j++)
		row[j] = (unsigned int)j;
	for (i = 1; i <= na; i++) {
		old = before;
		before = above;
		above = row;
		row = old;
		row[0] = (unsigned int)i;
		for (j = 1; j <= nb; j++) {
			unsigned int d = above[j - 1] + (a[i - 1] != b[j - 1]);

			d = near_min(d, near_min(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = near_min(d, before[j - 2] + 1);
			row[j] = d;
		}
	}
	return row[nb];
}

void kp_near_try(struct kp_near *n, const char *name, size_t len)
{
	size_t longer = len > n->want_len ? len : n->want_len;
	size_t shorter = len < n->want_len ? len : n->want_len;
	unsigned int limit = longer < 3 ? 1 : (unsigned int)longer / 3, distance;

	if (!shorter || longer > KP_NEAR_MAX || longer - shorter > limit)
		return;
	distance = near_distance(n->want, n->want_len, name, len);
	if (!distance || distance > limit || distance >= n->distance || distance >= longer)
		return;
	n->best = name;
	n->best_len = len;
	n->distance = distance;
}
