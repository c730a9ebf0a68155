// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "output.h"

static const struct kp_output *output = &kp_output_text;

void kp_report_use(const struct kp_output *o)
{
	output = o;
}

#define COLUMN_MAX 255 /* the image knows no larger one: it stands for all beyond */

static const struct {
	const char *kind, *text;
} errors[KTAP_ERR_COUNT] = {
#define KP_ERR(tag, kind, text) [KTAP_ERR_##tag] = { #kind, text },
#include <ktap/errors.def>
#undef KP_ERR
};

/* In one piece: two threads report. */
static void say(struct kp_buf *said)
{
	if (said->len)
		fwrite(said->data, 1, said->len, stderr);
	kp_buf_free(said);
}

void kp_report_message(struct kp_message *m)
{
	struct kp_buf said = KP_BUF_INIT;

	kp_message_write(m, output->messages, &said);
	kp_message_free(m);
	say(&said);
}

void kp_report_interrupt(void)
{
	fputs(output->interrupt, stderr);
}

static void report(enum kp_message_kind kind, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void report(enum kp_message_kind kind, const char *fmt, va_list ap)
{
	struct kp_message m = { .kind = kind };

	kp_message_vput(&m, fmt, ap);
	kp_report_message(&m);
}

void kp_report_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(KP_MESSAGE_ERROR, fmt, ap);
	va_end(ap);
}

int kp_report_usage(const char *fmt, ...)
{
	struct kp_message m = { .kind = KP_MESSAGE_USAGE };
	va_list ap;

	va_start(ap, fmt);
	kp_message_vput(&m, fmt, ap);
	va_end(ap);
	kp_message_hint(&m, KP_MSG_SEE_HELP);
	kp_report_message(&m);
	return KP_EXIT_USAGE;
}

void kp_report_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(KP_MESSAGE_INFO, fmt, ap);
	va_end(ap);
}

void kp_report_verbose(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(KP_MESSAGE_VERBOSE, fmt, ap);
	va_end(ap);
}

struct kp_message_place kp_report_place(const struct kp_view *v, struct kp_view_place place,
					uint32_t width)
{
	struct kp_message_place p = {
		.file = { place.source.data, place.source.len },
		.line = place.line,
		.column = place.column,
		.at = place.column && place.column < COLUMN_MAX ? place.column - 1 :
								  KP_MESSAGE_NOWHERE,
		.width = width,
	};
	struct kp_view_string source;

	if (place.column && kp_view_source_line(v, place.line, &source))
		p.source = (struct kp_message_text){ source.data, source.len };
	return p;
}

/* The detail stands for the %s of the text, where "a" before it becomes "an" when it has to. */
static void report_vm(enum kp_message_kind kind, const struct kp_view *v,
		      const struct ktap_place *place)
{
	bool known = place->error < KTAP_ERR_COUNT;
	const char *text = known ? errors[place->error].text : "";
	const char *gap = strstr(text, "%s");
	struct kp_message m = { .kind = kind };
	bool an = gap && gap - text > 1 && gap[-2] == 'a' && place->detail[0] &&
		  strchr("aeiou", place->detail[0]);

	if (!known)
		kp_message_put(&m, KP_MSG_UNKNOWN_ERROR, place->error);
	else if (gap)
		kp_message_put(&m, "%.*s%s%.*s%s", (int)(gap - text) - an, text, an ? "n " : "",
			       (int)sizeof(place->detail), place->detail, gap + 2);
	else
		kp_message_put(&m, "%s", text);
	/* a malformed image is wrong nowhere in the script */
	if (known && strcmp(errors[place->error].kind, "IMG") && place->func != KTAP_NONE)
		m.place = kp_report_place(v, kp_view_pc_place(v, place->pc), 1);
	m.place.behind = true;
	kp_report_message(&m);
}

void kp_report_script(const struct kp_view *v, const struct ktap_place *place)
{
	report_vm(KP_MESSAGE_ERROR, v, place);
}

void kp_report_place_error(const struct kp_view *v, uint32_t pc, const char *why)
{
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };

	kp_message_put(&m, "%s", why);
	m.place = kp_report_place(v, kp_view_pc_place(v, pc), 1);
	m.place.behind = true;
	kp_report_message(&m);
}

void kp_report_warning(const struct kp_view *v, const struct ktap_place *place)
{
	report_vm(KP_MESSAGE_WARNING, v, place);
}

void kp_report_event_warning(const struct kp_event *ev, const struct ktap_place *place)
{
	struct kp_message m = { .kind = KP_MESSAGE_WARNING };

	if (place->error < KTAP_ERR_COUNT)
		kp_message_put(&m, "%s:%s: %s", ev->system, ev->name, errors[place->error].text);
	else
		kp_message_put(&m, KP_MSG_UNKNOWN_ERROR, place->error);
	kp_report_message(&m);
}

void kp_report_exit(int status)
{
	struct kp_buf said = KP_BUF_INIT;

	output->exit(status, &said);
	say(&said);
}

void kp_report_counters(const struct ktap_status *status, bool all)
{
	struct kp_buf said = KP_BUF_INIT;

	output->counters(status, all, &said);
	say(&said);
}
