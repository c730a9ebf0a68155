// SPDX-License-Identifier: GPL-2.0-only
/*
 * tick-N<unit> and profile-N<unit>.
 */
#include "event.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define NSEC_PER_SEC 1000000000ull
#define MIN_INTERVAL 10000ull /* the module takes no less, see ktap/abi.h */
#define MAX_INTERVAL (1ull << 62)

static const struct {
	const char *name;
	uint64_t ns; /* 0: a frequency */
} units[] = {
	{ "s", NSEC_PER_SEC }, { "sec", NSEC_PER_SEC }, { "ms", 1000000 },
	{ "msec", 1000000 },   { "us", 1000 },		{ "usec", 1000 },
	{ "ns", 1 },	       { "nsec", 1 },		{ "hz", 0 },
};

int kp_event_parse_interval(const char *text, size_t len, uint64_t *ns)
{
	uint64_t n = 0;
	size_t digits = 0, unit, i;

	while (digits < len && isdigit((unsigned char)text[digits])) {
		unsigned int digit = (unsigned int)(text[digits++] - '0');

		if (n > (MAX_INTERVAL - digit) / 10)
			return -EINVAL;
		n = n * 10 + digit;
	}
	if (!n)
		return -EINVAL;
	text += digits;
	len -= digits;
	for (unit = 0; unit < len && !isspace((unsigned char)text[unit]); unit++)
		;
	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strlen(units[i].name) == unit && !memcmp(units[i].name, text, unit))
			break;
	if (i == sizeof(units) / sizeof(*units))
		return -EINVAL;
	if (units[i].ns && n > MAX_INTERVAL / units[i].ns)
		return -EINVAL;
	n = units[i].ns ? n * units[i].ns : NSEC_PER_SEC / n;
	if (n < MIN_INTERVAL)
		return -EINVAL;
	*ns = n;
	return 0;
}

static int timer_parse(struct kp_evdef *def, const char *text, size_t len,
		       struct kp_event_error *err)
{
	size_t prefix = strlen(def->ops->prefix);

	if (!kp_event_parse_interval(text + prefix, len - prefix, &def->interval))
		return 0;
	kp_event_error_set(err, -EINVAL, prefix, KP_MSG_EVENT_INTERVAL,
			   (int)(len - prefix < 64 ? len - prefix : 64), text + prefix);
	snprintf(err->hint, sizeof(err->hint), KP_MSG_EVENT_INTERVAL_HOW, (int)prefix, text);
	return -EINVAL;
}

static int timer_expand(const struct kp_evdef *def, struct kp_events *events,
			enum kp_event_kind kind)
{
	struct kp_event *ev;

	ev = kp_event_add(events, kind, "", def->ops->name);
	if (!ev)
		return -ENOMEM;
	ev->interval = def->interval;
	return 0;
}

static int tick_expand(struct kp_tracefs *t, const struct kp_evdef *def, struct kp_events *events,
		       struct kp_event_error *err)
{
	(void)t;
	(void)err;
	return timer_expand(def, events, KP_EVENT_TICK);
}

const struct kp_event_ops kp_event_tick = {
	.name = "tick",
	.prefix = "tick-",
	.parse = timer_parse,
	.expand = tick_expand,
};

static int profile_expand(struct kp_tracefs *t, const struct kp_evdef *def,
			  struct kp_events *events, struct kp_event_error *err)
{
	(void)t;
	(void)err;
	return timer_expand(def, events, KP_EVENT_PROFILE);
}

const struct kp_event_ops kp_event_profile = {
	.name = "profile",
	.prefix = "profile-",
	.parse = timer_parse,
	.expand = profile_expand,
};
