// SPDX-License-Identifier: GPL-2.0-only
/*
 * ktap -l, -le, -lv.
 */
#include "event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sym/tracefs.h"
#include "util/glob.h"

static bool listed(const struct kp_tracefs_event *e, const char *glob)
{
	char both[512];

	if (!glob)
		return true;
	if (!strchr(glob, ':'))
		return kp_glob_match(glob, e->system) || kp_glob_match(glob, e->name);
	snprintf(both, sizeof(both), "%s:%s", e->system, e->name);
	return kp_glob_match(glob, both);
}

static void print_field(const struct kp_field *f, FILE *out)
{
	if (!f->is_array)
		fprintf(out, "    %-24s %s\n", f->name, f->type);
	else if (f->count)
		fprintf(out, "    %-24s %s[%u]\n", f->name, f->type, f->count);
	else
		fprintf(out, "    %-24s %s[]\n", f->name, f->type);
}

static int print_fields(struct kp_tracefs *t, const struct kp_tracefs_event *e, FILE *out)
{
	struct kp_event ev = { .kind = KP_EVENT_TRACEPOINT,
			       .system = (char *)e->system,
			       .name = (char *)e->name };
	int ret = kp_event_load_format(t, &ev);
	size_t i;

	for (i = ev.ncommon; i < ev.nfields; i++)
		print_field(&ev.fields[i], out);
	kp_event_free_format(&ev);
	return ret;
}

static int by_name(const void *left, const void *right)
{
	const struct kp_tracefs_event *a = left, *b = right;
	int order = strcmp(a->system, b->system);

	return order ? order : strcmp(a->name, b->name);
}

long kp_event_list(struct kp_tracefs *t, const char *glob, enum kp_event_list_style style,
		   FILE *out)
{
	const struct kp_tracefs_event *e;
	long n = 0;
	int ret;

	ret = kp_tracefs_list(t);
	if (ret)
		return ret;
	if (t->nevents)
		qsort(t->events, t->nevents, sizeof(*t->events), by_name);
	for (e = t->events; e < t->events + t->nevents; e++) {
		if (!listed(e, glob))
			continue;
		n++;
		fprintf(out, "%s:%s\n", e->system, e->name);
		if (style == KP_EVENT_LIST_FIELDS)
			ret = print_fields(t, e, out);
		if (ret)
			return ret;
	}
	return ferror(out) ? -EIO : n;
}
