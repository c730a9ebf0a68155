// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kinds of probes that the language has and this version does not: each is
 * recognised and refused by name, so that it is not looked for among the
 * tracepoints.
 */
#include "event.h"

#include <errno.h>

static int special_parse(struct kp_evdef *def, const char *text, size_t len,
			 struct kp_event_error *err)
{
	(void)text;
	(void)len;
	return kp_event_error_set(err, -EOPNOTSUPP, 0, KP_MSG_EVENT_KIND, def->ops->name);
}

const struct kp_event_ops kp_event_uprobe = {
	.name = "uprobe",
	.prefix = "probe:/",
	.parse = special_parse,
};

const struct kp_event_ops kp_event_kprobe = {
	.name = "kprobe",
	.prefix = "probe:",
	.parse = special_parse,
};

const struct kp_event_ops kp_event_sdt = {
	.name = "sdt",
	.prefix = "sdt:",
	.parse = special_parse,
};

const struct kp_event_ops kp_event_ftrace = {
	.name = "ftrace:function",
	.prefix = "ftrace:function",
	.parse = special_parse,
};

const struct kp_event_ops kp_event_rawtp = {
	.name = "rawtp",
	.prefix = "rawtp:",
	.parse = special_parse,
};
