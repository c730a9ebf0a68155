// SPDX-License-Identifier: GPL-2.0-only
#include "event.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The first whose prefix fits has it; tracepoints, without one, take whatever is left. */
static const struct kp_event_ops *const providers[] = {
	&kp_event_tick, &kp_event_profile, &kp_event_uprobe, &kp_event_kprobe,
	&kp_event_sdt,	&kp_event_ftrace,  &kp_event_rawtp,  &kp_event_tracepoint,
};

int kp_event_error_set(struct kp_event_error *err, int code, size_t at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	err->hint[0] = '\0';
	err->at = at;
	return code;
}

/* Cut blanks off both ends; returns how many were cut off the front. */
static size_t trim(const char **text, size_t *len)
{
	size_t front = 0;

	while (front < *len && isspace((unsigned char)(*text)[front]))
		front++;
	*text += front;
	*len -= front;
	while (*len && isspace((unsigned char)(*text)[*len - 1]))
		--*len;
	return front;
}

static const struct kp_event_ops *find_provider(const char *text, size_t len)
{
	size_t i, n;

	for (i = 0;; i++) {
		n = strlen(providers[i]->prefix);
		if (len >= n && !memcmp(text, providers[i]->prefix, n))
			return providers[i];
	}
}

/* A file name may hold slashes, so behind it a filter starts after the second colon. */
static bool has_path(const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);

	return colon && colon + 1 < text + len && colon[1] == '/';
}

/*
 * Offset of the slash that opens the filter of @text, or @len without one.
 * @text has no blanks at its ends.
 */
static size_t filter_start(const char *text, size_t len)
{
	const char *end = text + len, *p = memchr(text, ':', len);

	if (p && has_path(text, len))
		p = memchr(p + 1, ':', (size_t)(end - p - 1));
	else if (!p)
		p = text; /* a timer */
	if (!p || end[-1] != '/')
		return len;
	p = memchr(p, '/', (size_t)(end - p));
	return p == end - 1 ? len : (size_t)(p - text);
}

int kp_evdef_parse(const char *text, size_t len, struct kp_evdef *def, struct kp_event_error *err)
{
	size_t front = trim(&text, &len), open;
	int ret;

	*def = (struct kp_evdef){ 0 };
	if (!len)
		return kp_event_error_set(err, -EINVAL, front, KP_MSG_EVENT_EMPTY);
	if (len > KP_EVDEF_MAX)
		return kp_event_error_set(err, -EINVAL, front, KP_MSG_EVENT_LONG, KP_EVDEF_MAX);
	if (memchr(text, '\0', len))
		return kp_event_error_set(err, -EINVAL, front, KP_MSG_EVENT_ZERO);
	open = filter_start(text, len);
	if (open < len) {
		def->filter = front + open + 1;
		def->filter_len = len - open - 2;
		if (!def->filter_len)
			return kp_event_error_set(err, -EINVAL, def->filter, KP_MSG_EVENT_FILTER);
		len = open;
		while (len && isspace((unsigned char)text[len - 1]))
			len--;
	}
	def->len = front + len;
	def->ops = find_provider(text, len);
	ret = def->ops->parse(def, text, len, err);
	if (ret) {
		err->at += front;
		kp_evdef_free(def);
	}
	return ret;
}

void kp_evdef_free(struct kp_evdef *def)
{
	free(def->system);
	free(def->name);
	*def = (struct kp_evdef){ 0 };
}

const char *kp_evdef_next(const char **text, size_t *len, char sep, size_t *def_len)
{
	const char *start = *text, *end = start + *len, *p;
	bool path = has_path(start, *len), filter = false;
	int colons = 0;

	if (!*len)
		return NULL;
	for (p = start; p < end && (filter || *p != sep); p++) {
		if (*p == ':' && !filter)
			colons++;
		else if (*p == '/' && colons > path)
			filter = !filter;
	}
	*len = p < end ? (size_t)(end - p - 1) : 0;
	*text = end - *len;
	*def_len = (size_t)(p - start);
	trim(&start, def_len);
	return start;
}

/* Add what @found refused to what @events did. */
static int merge_refused(struct kp_events *events, const struct kp_events *found)
{
	if (!found->nrefused)
		return 0;
	kp_buf_printf(&events->refused, "%s%.*s", events->nrefused ? ", " : "",
		      (int)found->refused.len, found->refused.data);
	events->nrefused += found->nrefused;
	return kp_buf_error(&events->refused);
}

int kp_event_expand(struct kp_tracefs *t, const struct kp_evdef *def, struct kp_events *events,
		    struct kp_event_error *err)
{
	struct kp_events found = KP_EVENTS_INIT;
	struct kp_event *v;
	size_t i;
	int ret;

	ret = def->ops->expand(t, def, &found, err);
	if (!ret)
		ret = merge_refused(events, &found);
	if (ret)
		goto out;
	if (events->n + found.n > events->cap) {
		v = realloc(events->v, (events->n + found.n) * sizeof(*v));
		ret = -ENOMEM;
		if (!v)
			goto out;
		events->v = v;
		events->cap = events->n + found.n;
	}
	for (i = 0; i < found.n; i++)
		events->v[events->n++] = found.v[i];
	found.n = 0;
	ret = 0;
out:
	if (ret == -ENOMEM)
		kp_event_error_set(err, ret, 0, KP_MSG_EVENT_MEMORY);
	kp_events_free(&found);
	return ret;
}

static void event_free(struct kp_event *ev)
{
	kp_event_free_format(ev);
	free(ev->system);
	free(ev->name);
}

void kp_events_free(struct kp_events *events)
{
	size_t i;

	for (i = 0; i < events->n; i++)
		event_free(&events->v[i]);
	free(events->v);
	kp_buf_free(&events->refused);
	*events = (struct kp_events)KP_EVENTS_INIT;
}

struct kp_event *kp_event_add(struct kp_events *events, enum kp_event_kind kind, const char *system,
			      const char *name)
{
	struct kp_event *ev;

	if (events->n == events->cap) {
		size_t cap = events->cap ? events->cap * 2 : 16;

		ev = realloc(events->v, cap * sizeof(*ev));
		if (!ev)
			return NULL;
		events->v = ev;
		events->cap = cap;
	}
	ev = &events->v[events->n];
	*ev = (struct kp_event){ .kind = kind, .nr = -1 };
	ev->system = strdup(system);
	ev->name = strdup(name);
	if (!ev->system || !ev->name) {
		event_free(ev);
		return NULL;
	}
	events->n++;
	return ev;
}

int kp_event_refuse(struct kp_events *events)
{
	struct kp_event *ev = &events->v[--events->n];

	kp_buf_printf(&events->refused, "%s%s:%s", events->nrefused++ ? ", " : "", ev->system,
		      ev->name);
	event_free(ev);
	return kp_buf_error(&events->refused);
}
