// SPDX-License-Identifier: GPL-2.0-only
#include "diag.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define NEAR_MAX 60 /* bytes of the script quoted by `near` */

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

static void put_near(const struct kp_diag *d, struct kp_span at, struct kp_buf *out)
{
	const struct kp_source *src = d->src;
	uint32_t i, len = at.len;

	if (at.pos >= src->len) {
		kp_buf_puts(out, "<eof>");
		return;
	}
	if (len > NEAR_MAX)
		len = NEAR_MAX;
	for (i = at.pos; i < at.pos + len && !kp_source_newline(src, i); i++) {
		unsigned char c = (unsigned char)src->text[i];

		if (c < ' ' || c == 0x7f)
			kp_buf_printf(out, "\\%d", c);
		else
			kp_buf_u8(out, c);
	}
	if (len < at.len)
		kp_buf_puts(out, "...");
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

/* The first line is that of the historical compiler. */
static void text_begin(const struct kp_message *m, struct kp_buf *out)
{
	const struct kp_message_place *p = &m->place;
	const char *kind = m->kind == KP_MESSAGE_ERROR ? "syntax error" : "warning";

	if (!p->line) {
		kp_buf_printf(out, "%s: %s: ", kind, p->file.data);
		kp_buf_put(out, m->text.data, m->text.len);
		kp_buf_u8(out, '\n');
		return;
	}
	kp_buf_printf(out, "%s: %s:%u: ", kind, p->file.data, m->near_line);
	kp_buf_put(out, m->text.data, m->text.len);
	kp_buf_puts(out, " near '");
	kp_buf_put(out, m->near.data, m->near.len);
	kp_buf_printf(out, "'\n%s:%u:%u: %s\n", p->file.data, p->line, p->column, m->cause);
	kp_message_put_source(p, out);
}

static void text_hint(struct kp_message_text hint, struct kp_buf *out)
{
	kp_buf_puts(out, "hint: ");
	kp_buf_put(out, hint.data, hint.len);
	kp_buf_u8(out, '\n');
}

static void text_end(struct kp_buf *out)
{
	(void)out;
}

static const struct kp_message_form text_form = { text_begin, text_hint, text_end };

static const struct kp_message_form *form(const struct kp_diag *d)
{
	return d->form ? d->form : &text_form;
}

void kp_diag_end(struct kp_diag *d)
{
	if (d->open)
		form(d)->end(d->out);
	d->open = false;
}

/* What is meant by the text @at, which is shown at @pos. */
static struct kp_message_place message_place(const struct kp_diag *d, struct kp_span at,
					     uint32_t pos)
{
	struct kp_place place = kp_source_place(d->src, pos);

	return (struct kp_message_place){
		.file = { d->src->name, strlen(d->src->name) },
		.line = place.line,
		.column = place.column,
		.source = { d->src->text + place.line_start, place.line_len },
		.at = pos - place.line_start,
		.width = at.pos < d->src->len ? at.len : 1,
	};
}

static void report(struct kp_diag *d, enum kp_tag tag, struct kp_span near, struct kp_span at,
		   va_list ap)
{
	bool error = diag_table[tag].severity == SEVERITY_ERROR;
	struct kp_message m = {
		.kind = error ? KP_MESSAGE_ERROR : KP_MESSAGE_WARNING,
		.tag = diag_table[tag].name,
		.cause = diag_table[tag].cause,
	};

	d->hinted = false;
	if (error)
		d->errors++;
	else
		d->warnings++;
	if (kp_diag_full(d))
		return;
	d->tags[d->count++] = tag;

	kp_message_vput(&m, diag_table[tag].text, ap);
	put_near(d, near, &m.near);
	m.near_line = kp_source_place(d->src, near.pos).line;
	m.place = message_place(d, at, diag_visible(d->src, at.pos));
	kp_diag_end(d);
	form(d)->begin(&m, d->out);
	d->open = true;
	if (kp_buf_error(&m.text) || kp_buf_error(&m.near))
		d->out->error = -ENOMEM;
	kp_message_free(&m);
}

void kp_diag_rest(struct kp_diag *d)
{
	unsigned int more = d->errors + d->warnings - d->count;
	struct kp_message m = {
		.kind = d->errors ? KP_MESSAGE_ERROR : KP_MESSAGE_WARNING,
		.tag = diag_table[KP_TAG_MORE].name,
		.cause = diag_table[KP_TAG_MORE].cause,
		.place = { .file = { d->src->name, strlen(d->src->name) } },
	};

	kp_diag_end(d);
	if (!more)
		return;
	kp_message_put(&m, diag_table[KP_TAG_MORE].text, more);
	kp_message_write(&m, form(d), d->out);
	kp_message_free(&m);
}

void kp_diag_report(struct kp_diag *d, enum kp_tag tag, struct kp_span at, ...)
{
	va_list ap;

	va_start(ap, at);
	report(d, tag, at, at, ap);
	va_end(ap);
}

void kp_diag_report_at(struct kp_diag *d, enum kp_tag tag, struct kp_span near, struct kp_span at,
		       ...)
{
	va_list ap;

	va_start(ap, at);
	report(d, tag, near, at, ap);
	va_end(ap);
}

void kp_diag_hint(struct kp_diag *d, const char *fmt, ...)
{
	struct kp_buf hint = KP_BUF_INIT;
	va_list ap;

	d->hinted = true;
	if (diag_muted(d))
		return;
	va_start(ap, fmt);
	kp_buf_vprintf(&hint, fmt, ap);
	va_end(ap);
	form(d)->hint((struct kp_message_text){ hint.data, hint.len }, d->out);
	if (kp_buf_error(&hint))
		d->out->error = -ENOMEM;
	kp_buf_free(&hint);
}
