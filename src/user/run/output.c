// SPDX-License-Identifier: GPL-2.0-only
#include "output.h"

#include <string.h>

static const struct kp_output *const outputs[] = { &kp_output_text, &kp_output_json };

const struct kp_output *kp_output_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(outputs) / sizeof(*outputs); i++)
		if (!strcmp(outputs[i]->name, name))
			return outputs[i];
	return NULL;
}
