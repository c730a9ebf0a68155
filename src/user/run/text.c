// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <inttypes.h>

#define COLUMN_MAX 255 /* the image knows no larger one: it stands for all beyond */

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

static void put(struct kp_buf *out, struct kp_message_text t)
{
	kp_buf_put(out, t.data, t.len);
}

static bool char_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* The source line, and a mark below the columns that are meant. */
static void put_source(const struct kp_message_place *p, struct kp_buf *out)
{
	uint32_t i, column = p->column - 1;

	if (!p->column || !p->source.data)
		return;
	kp_buf_puts(out, "    ");
	put(out, p->source);
	kp_buf_puts(out, "\n");
	if (p->column >= COLUMN_MAX || column > p->source.len)
		return;
	kp_buf_puts(out, "    ");
	for (i = 0; i < column; i++)
		if (char_start(p->source.data[i]))
			kp_buf_u8(out, p->source.data[i] == '\t' ? '\t' : ' ');
	kp_buf_puts(out, "^");
	for (i = column + 1; i < column + p->width && i < p->source.len; i++)
		if (char_start(p->source.data[i]))
			kp_buf_puts(out, "~");
	kp_buf_puts(out, "\n");
}

void kp_text_message(const struct kp_message *m, struct kp_buf *out)
{
	struct kp_message_text text = { m->text.data, m->text.len };
	struct kp_message_text hints = { m->hints.data, m->hints.len }, hint;
	const struct kp_message_place *p = &m->place;

	kp_buf_puts(out, prefixes[m->kind]);
	if (p->line && !p->behind) {
		put(out, p->file);
		kp_buf_printf(out, ":%" PRIu32 ":%" PRIu32 ": ", p->line, p->column);
	}
	put(out, text);
	if (p->line && p->behind) {
		kp_buf_puts(out, " at ");
		put(out, p->file);
		kp_buf_printf(out, ":%" PRIu32, p->line);
	}
	kp_buf_puts(out, "\n");
	put_source(p, out);
	while ((hint = kp_message_next_hint(&hints)).data) {
		kp_buf_puts(out, "hint: ");
		put(out, hint);
		kp_buf_puts(out, "\n");
	}
}

void kp_text_counters(const struct ktap_status *status, bool all, struct kp_buf *out)
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
