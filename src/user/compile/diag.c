// SPDX-License-Identifier: GPL-2.0-only
#include "diag.h"

#include <stdarg.h>
#include <string.h>

#define NEAR_MAX       60  /* bytes of the script quoted by `near` */
#define LINE_MAX_BYTES 160 /* of a source line that are shown */

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

static const struct {
	const char *name;
	const char *text;
	const char *cause;
	enum severity severity;
} diag_table[KP_TAG_COUNT] = {
#define KP_DIAG(tag, severity, text, cause) \
	[KP_TAG_##tag] = { #tag, text, cause, SEVERITY_##severity },
#include "errors.def"
#undef KP_DIAG
};

const char *kp_tag_name(enum kp_tag tag)
{
	return diag_table[tag].name;
}

bool kp_diag_full(const struct kp_diag *d)
{
	return d->count == KP_DIAG_MAX;
}

/* The last message was only counted, so it has no place for a hint. */
static bool diag_muted(const struct kp_diag *d)
{
	return d->errors + d->warnings > d->count;
}

static void diag_near(struct kp_diag *d, struct kp_span at)
{
	const struct kp_source *src = d->src;
	uint32_t i, len = at.len;

	if (at.pos >= src->len) {
		kp_buf_puts(d->out, "<eof>");
		return;
	}
	if (len > NEAR_MAX)
		len = NEAR_MAX;
	for (i = at.pos; i < at.pos + len && !kp_source_newline(src, i); i++) {
		unsigned char c = (unsigned char)src->text[i];

		if (c < ' ' || c == 0x7f)
			kp_buf_printf(d->out, "\\%d", c);
		else
			kp_buf_u8(d->out, c);
	}
	if (len < at.len)
		kp_buf_puts(d->out, "...");
}

/* At the end of the script, point behind the last character that is not blank. */
static uint32_t diag_visible(const struct kp_source *src, uint32_t pos)
{
	if (pos < src->len)
		return pos;
	while (pos && strchr(" \t\v\f\r\n", src->text[pos - 1]))
		pos--;
	return pos;
}

static bool diag_char_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* The source line, or the part around @pos of a long one, and the marks below it. */
static void diag_caret(struct kp_diag *d, const struct kp_place *p, uint32_t pos, uint32_t len)
{
	const char *line = d->src->text + p->line_start;
	uint32_t at = pos - p->line_start, from = 0, to = p->line_len, i;

	if (at > LINE_MAX_BYTES / 2)
		from = at - LINE_MAX_BYTES / 2;
	if (to - from > LINE_MAX_BYTES)
		to = from + LINE_MAX_BYTES;
	while (from < at && !diag_char_start(line[from]))
		from++;
	while (to < p->line_len && !diag_char_start(line[to]))
		to++;
	kp_buf_puts(d->out, from ? "... " : "    ");
	kp_buf_put(d->out, line + from, to - from);
	kp_buf_puts(d->out, to < p->line_len ? " ...\n    " : "\n    ");
	for (i = from; i < at; i++)
		if (diag_char_start(line[i]))
			kp_buf_u8(d->out, line[i] == '\t' ? '\t' : ' ');
	kp_buf_u8(d->out, '^');
	for (i = at + 1; i < at + len && i < to; i++)
		if (diag_char_start(line[i]))
			kp_buf_u8(d->out, '~');
	kp_buf_u8(d->out, '\n');
}

void kp_diag_report(struct kp_diag *d, enum kp_tag tag, struct kp_span at, ...)
{
	bool error = diag_table[tag].severity == SEVERITY_ERROR;
	uint32_t pos = diag_visible(d->src, at.pos);
	struct kp_place place;
	va_list ap;

	if (error)
		d->errors++;
	else
		d->warnings++;
	if (kp_diag_full(d))
		return;
	d->tags[d->count++] = tag;

	place = kp_source_place(d->src, at.pos);
	kp_buf_printf(d->out, "%s: %s:%u: ", error ? "syntax error" : "warning", d->src->name,
		      place.line);
	va_start(ap, at);
	kp_buf_vprintf(d->out, diag_table[tag].text, ap);
	va_end(ap);
	kp_buf_puts(d->out, " near '");
	diag_near(d, at);
	place = kp_source_place(d->src, pos);
	kp_buf_printf(d->out, "'\n%s:%u:%u: %s\n", d->src->name, place.line, place.column,
		      diag_table[tag].cause);
	diag_caret(d, &place, pos, at.pos < d->src->len ? at.len : 1);
}

void kp_diag_hint(struct kp_diag *d, const char *fmt, ...)
{
	va_list ap;

	if (diag_muted(d))
		return;
	kp_buf_puts(d->out, "hint: ");
	va_start(ap, fmt);
	kp_buf_vprintf(d->out, fmt, ap);
	va_end(ap);
	kp_buf_u8(d->out, '\n');
}
