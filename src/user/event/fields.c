// SPDX-License-Identifier: GPL-2.0-only
/*
 * The `format` file of an event. Lines that matter:
 *
 *	\tfield:TYPE NAME[N];\toffset:N;\tsize:N;\tsigned:N;
 *
 * The fields common to all events come first; an empty line ends them.
 */
#include "event.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sym/tracefs.h"

#define MAX_FIELDS 4096 /* far above any kernel's */

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);
	const char *p;

	for (p = strstr(text, word); p; p = strstr(p + 1, word))
		if ((p == text || !is_name(p[-1])) && !is_name(p[n]))
			return true;
	return false;
}

/* The number after @key on the line that ends at @end; -1 without one. */
static long attribute(const char *line, const char *end, const char *key)
{
	const char *p = strstr(line, key);
	long n;
	char *stop;

	if (!p || p >= end)
		return -1;
	n = strtol(p + strlen(key), &stop, 10);
	return *stop == ';' && n >= 0 && n <= UINT16_MAX ? n : -1;
}

/* Split the declaration "TYPE NAME" or "TYPE NAME[N]"; 0 or -errno. */
static int parse_decl(struct kp_field *f, const char *decl, size_t len)
{
	const char *end = decl + len, *name;

	while (end > decl && end[-1] == ']') {
		f->is_array = true;
		while (end > decl && *end != '[')
			end--;
		f->count = (uint32_t)strtoul(end + 1, NULL, 10);
	}
	for (name = end; name > decl && is_name(name[-1]); name--)
		;
	if (name == end || name == decl)
		return -EPROTO;
	f->name = strndup(name, (size_t)(end - name));
	for (end = name; end > decl && end[-1] == ' '; end--)
		;
	f->type = strndup(decl, (size_t)(end - decl));
	return f->name && f->type ? 0 : -ENOMEM;
}

/* @line starts after "field:". 0 or -errno. */
static int parse_field(struct kp_field *f, const char *line, const char *end)
{
	const char *semi = memchr(line, ';', (size_t)(end - line));
	long offset = attribute(line, end, "offset:");
	long size = attribute(line, end, "size:");
	int err;

	if (!semi || offset < 0 || size < 0)
		return -EPROTO;
	err = parse_decl(f, line, (size_t)(semi - line));
	if (err)
		return err;
	f->offset = (uint32_t)offset;
	f->size = (uint32_t)size;
	f->is_signed = attribute(line, end, "signed:") == 1;
	f->is_data_loc = has_word(f->type, "__data_loc");
	f->is_rel_loc = has_word(f->type, "__rel_loc");
	f->is_string = (f->is_array || f->is_data_loc || f->is_rel_loc) &&
		       has_word(f->type, "char") && !has_word(f->type, "unsigned");
	return 0;
}

static int add_field(struct kp_event *ev, const char *line, const char *end)
{
	struct kp_field *v;

	if (ev->nfields == MAX_FIELDS)
		return -EPROTO;
	if (ev->nfields % 8 == 0) {
		v = realloc(ev->fields, (ev->nfields + 8) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		ev->fields = v;
	}
	/* Counted before it is parsed, so that whatever it holds is freed with the event. */
	v = &ev->fields[ev->nfields++];
	*v = (struct kp_field){ 0 };
	return parse_field(v, line, end);
}

int kp_event_parse_format(struct kp_event *ev, const char *text)
{
	static const char key[] = "\tfield:";
	const char *line, *end;
	int err;

	for (line = text; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (!strncmp(line, "print fmt:", strlen("print fmt:")))
			break;
		if (line == end && !ev->ncommon)
			ev->ncommon = ev->nfields;
		if (strncmp(line, key, strlen(key)))
			continue;
		err = add_field(ev, line + strlen(key), end);
		if (err)
			return err;
	}
	return ev->ncommon ? 0 : -EPROTO;
}

int kp_event_load_format(struct kp_tracefs *t, struct kp_event *ev)
{
	ssize_t n;
	int err;

	if (ev->format || ev->kind == KP_EVENT_TICK || ev->kind == KP_EVENT_PROFILE)
		return 0;
	n = kp_tracefs_format(t, ev->system, ev->name, &ev->format);
	if (n < 0)
		return (int)n;
	err = kp_event_parse_format(ev, ev->format);
	if (err)
		kp_event_free_format(ev);
	return err;
}

void kp_event_free_format(struct kp_event *ev)
{
	size_t i;

	for (i = 0; i < ev->nfields; i++) {
		free(ev->fields[i].name);
		free(ev->fields[i].type);
	}
	free(ev->fields);
	free(ev->format);
	ev->fields = NULL;
	ev->format = NULL;
	ev->nfields = ev->ncommon = 0;
}

const struct kp_field *kp_event_field(const struct kp_event *ev, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ev->nfields; i++)
		if (!strncmp(ev->fields[i].name, name, len) && !ev->fields[i].name[len])
			return &ev->fields[i];
	return NULL;
}

const struct kp_field *kp_event_arg(const struct kp_event *ev, size_t n)
{
	return n < ev->nfields - ev->ncommon ? &ev->fields[ev->ncommon + n] : NULL;
}
