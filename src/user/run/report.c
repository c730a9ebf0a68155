// SPDX-License-Identifier: GPL-2.0-only
#include "report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COLUMN_MAX 255 /* the image knows no larger one: it stands for all beyond */

static const struct {
	const char *kind, *text;
} errors[KTAP_ERR_COUNT] = {
#define KP_ERR(tag, kind, text) [KTAP_ERR_##tag] = { #kind, text },
#include <ktap/errors.def>
#undef KP_ERR
};

static const char *const counter_texts[KTAP_CNT_COUNT] = {
#define KTAP_X(name, text) [KTAP_CNT_##name] = text,
	KTAP_COUNTERS(KTAP_X)
#undef KTAP_X
};

void kp_report_error(const char *fmt, ...)
{
	va_list ap;

	fputs("error: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void kp_report_hint(const char *fmt, ...)
{
	va_list ap;

	fputs("hint: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* The source line, and a mark below @width bytes from the column on. */
static void show_line(const struct kp_view *v, struct kp_view_place place, uint32_t width)
{
	struct kp_view_string text;
	uint32_t i, column = place.column - 1;

	if (!place.column || !kp_view_source_line(v, place.line, &text))
		return;
	fprintf(stderr, "    %.*s\n", (int)text.len, text.data);
	if (place.column >= COLUMN_MAX || column > text.len)
		return;
	fputs("    ", stderr);
	for (i = 0; i < column; i++) {
		if (text.data[i] == '\t')
			fputc('\t', stderr);
		else if (((unsigned char)text.data[i] & 0xc0) != 0x80)
			fputc(' ', stderr);
	}
	fputc('^', stderr);
	for (i = column + 1; i < column + width && i < text.len; i++)
		if (((unsigned char)text.data[i] & 0xc0) != 0x80)
			fputc('~', stderr);
	fputc('\n', stderr);
}

void kp_report_at(const struct kp_view *v, struct kp_view_place place, uint32_t width,
		  const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "error: %.*s:%" PRIu32 ":%" PRIu32 ": ", (int)place.source.len,
		place.source.data, place.line, place.column);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	show_line(v, place, width);
}

/* "PREFIX: TEXT at FILE:LINE"; the detail stands for the %s of the text. */
static void report_place(const char *prefix, const struct kp_view *v,
			 const struct ktap_place *place)
{
	bool known = place->error < KTAP_ERR_COUNT;
	const char *text = known ? errors[place->error].text : "unknown error";
	const char *gap = strstr(text, "%s");
	struct kp_view_place at = { 0 };

	/* a malformed image is wrong nowhere in the script */
	if (known && strcmp(errors[place->error].kind, "IMG") && place->func != KTAP_NONE)
		at = kp_view_pc_place(v, place->pc);
	if (gap)
		fprintf(stderr, "%s: %.*s%.*s%s", prefix, (int)(gap - text), text,
			(int)sizeof(place->detail), place->detail, gap + 2);
	else
		fprintf(stderr, "%s: %s", prefix, text);
	if (at.line)
		fprintf(stderr, " at %.*s:%" PRIu32, (int)at.source.len, at.source.data, at.line);
	fputc('\n', stderr);
	show_line(v, at, 1);
}

void kp_report_script(const struct kp_view *v, const struct ktap_place *place)
{
	report_place("error", v, place);
}

void kp_report_warning(const struct kp_view *v, const struct ktap_place *place)
{
	report_place("warning", v, place);
}

void kp_report_counters(const struct ktap_status *status, bool all)
{
	uint32_t i;

	for (i = 0; i < KTAP_CNT_COUNT; i++) {
		if (all)
			fprintf(stderr, "%12" PRIu64 "  %s\n", (uint64_t)status->counters[i],
				counter_texts[i]);
		else if (status->counters[i] && i != KTAP_CNT_EVENTS)
			fprintf(stderr, "warning: %" PRIu64 " %s\n", (uint64_t)status->counters[i],
				counter_texts[i]);
	}
	if (all)
		fprintf(stderr,
			"%12" PRIu64 "  bytes of session memory in use\n"
			"%12" PRIu64 "  bytes of session memory at most\n",
			(uint64_t)status->memory, (uint64_t)status->memory_peak);
}
