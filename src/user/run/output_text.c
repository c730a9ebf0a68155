// SPDX-License-Identifier: GPL-2.0-only
/*
 * For people.
 *
 *	error: FILE:LINE:COLUMN: SENTENCE        (or without a place)
 *	    the source line
 *	        ^~~~
 *	hint: HINT
 */
#include "output.h"

#include <inttypes.h>

static const char *const prefixes[] = {
	[KP_MESSAGE_ERROR] = "error: ",	     [KP_MESSAGE_WARNING] = "warning: ",
	[KP_MESSAGE_USAGE] = "ktap: ",	     [KP_MESSAGE_INFO] = "",
	[KP_MESSAGE_VERBOSE] = "[verbose] ",
};

static const char *const counter_texts[KTAP_CNT_COUNT] = {
#define KTAP_X(name, text) [KTAP_CNT_##name] = text,
	KTAP_COUNTERS(KTAP_X)
#undef KTAP_X
};

static void message_begin(const struct kp_message *m, struct kp_buf *out)
{
	const struct kp_message_place *p = &m->place;

	kp_buf_puts(out, prefixes[m->kind]);
	if (p->line && !p->behind) {
		kp_buf_put(out, p->file.data, p->file.len);
		kp_buf_printf(out, ":%" PRIu32 ":%" PRIu32 ": ", p->line, p->column);
	}
	kp_buf_put(out, m->text.data, m->text.len);
	if (p->line && p->behind) {
		kp_buf_puts(out, " at ");
		kp_buf_put(out, p->file.data, p->file.len);
		kp_buf_printf(out, ":%" PRIu32, p->line);
	}
	kp_buf_puts(out, "\n");
	kp_message_put_source(p, out);
}

static void message_hint(struct kp_message_text hint, struct kp_buf *out)
{
	kp_buf_puts(out, "hint: ");
	kp_buf_put(out, hint.data, hint.len);
	kp_buf_puts(out, "\n");
}

static void message_end(struct kp_buf *out)
{
	(void)out;
}

static const struct kp_message_form messages = { message_begin, message_hint, message_end };

/* The shell knows. */
static void text_exit(int status, struct kp_buf *out)
{
	(void)status;
	(void)out;
}

static void counters(const struct ktap_status *status, bool all, struct kp_buf *out)
{
	uint32_t i;

	for (i = 0; i < KTAP_CNT_COUNT; i++) {
		if (all)
			kp_buf_printf(out, "%12" PRIu64 "  %s\n", (uint64_t)status->counters[i],
				      counter_texts[i]);
		else if (status->counters[i] && i != KTAP_CNT_EVENTS)
			kp_buf_printf(out, "warning: %" PRIu64 " %s\n",
				      (uint64_t)status->counters[i], counter_texts[i]);
	}
	if (all)
		kp_buf_printf(out,
			      "%12" PRIu64 "  bytes of session memory in use\n"
			      "%12" PRIu64 "  bytes of session memory at most\n",
			      (uint64_t)status->memory, (uint64_t)status->memory_peak);
}

static int text_printf(const struct kp_format *f, uint64_t time, const void *values, size_t len,
		       struct kp_buf *out, char *err)
{
	(void)time;
	return kp_format_printf(f, values, len, out, err);
}

static void chart(const struct kp_format *f, uint64_t time, struct kp_hist *h, unsigned int style,
		  int64_t limit, struct kp_buf *out)
{
	(void)time;
	kp_hist_put(h, f, style, limit, out);
}

const struct kp_output kp_output_text = {
	.name = "text",
	.messages = &messages,
	.interrupt = "\n",
	.exit = text_exit,
	.counters = counters,
	.print = kp_format_print,
	.printf = text_printf,
	.chart = chart,
};
