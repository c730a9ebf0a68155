// SPDX-License-Identifier: GPL-2.0-only
/* For programs: one JSON object a line. ktap(1) describes them. */
#include "output.h"

#include <string.h>

#include "json_value.h"
#include "util/json.h"

static void begin(struct kp_buf *out, const char *type)
{
	kp_buf_u8(out, '{');
	kp_json_text(out, "type", type, strlen(type));
}

static void end(struct kp_buf *out)
{
	kp_buf_puts(out, "}\n");
}

/* An object made of a record. */
static void begin_record(const struct kp_format *f, const char *type, uint64_t time,
			 struct kp_buf *out)
{
	begin(out, type);
	if (f->timestamps)
		kp_json_unsigned(out, "time", time);
}

/* What scripts print */

static int json_print(const struct kp_format *f, uint64_t time, const void *values, size_t len,
		      struct kp_buf *out)
{
	int ret;

	begin_record(f, "print", time, out);
	kp_json_key(out, "values");
	ret = kp_json_value_array(f, values, len, out);
	end(out);
	return ret;
}

static int json_printf(const struct kp_format *f, uint64_t time, const void *values, size_t len,
		       struct kp_buf *out, char *err)
{
	struct kp_buf text = KP_BUF_INIT;
	const uint8_t *p = values;
	struct kp_val format;
	int ret;

	ret = kp_format_printf(f, values, len, &text, err);
	if (ret)
		goto out;
	begin_record(f, "printf", time, out);
	kp_json_text(out, "text", text.data, text.len);
	kp_val_next(&p, &len, &format); /* it is there: it has been used */
	kp_json_text(out, "format", (const char *)format.data, format.len);
	kp_json_key(out, "values");
	ret = kp_json_value_array(f, p, len, out);
	end(out);
	if (kp_buf_error(&text))
		out->error = kp_buf_error(&text);
out:
	kp_buf_free(&text);
	return ret;
}

/* One bucket with samples; @first to @last are what it counts. */
static void put_bucket(int64_t first, int64_t last, uint64_t n, struct kp_buf *out)
{
	if (!n)
		return;
	kp_json_element(out);
	kp_buf_u8(out, '{');
	kp_json_signed(out, "from", first);
	kp_json_signed(out, "to", last);
	kp_json_unsigned(out, "count", n);
	kp_buf_u8(out, '}');
}

static void put_log2(const struct kp_val *agg, struct kp_buf *out)
{
	int64_t first, last;
	int i;

	for (i = -KP_HIST_LAST_BUCKET; i <= KP_HIST_LAST_BUCKET; i++) {
		kp_hist_bucket_range(i, &first, &last);
		put_bucket(first, last, kp_hist_bucket(agg, i), out);
	}
}

static void put_linear(const struct kp_val *agg, const struct ktap_linear *linear,
		       uint32_t counters, struct kp_buf *out)
{
	int64_t first, last;
	uint32_t i;

	for (i = 0; i < counters; i++) {
		kp_hist_linear_range(linear, counters, i, &first, &last);
		put_bucket(first, last, kp_hist_linear_count(agg, i), out);
	}
}

static void put_buckets(const struct kp_val *value, struct kp_buf *out)
{
	struct ktap_linear linear;
	uint32_t counters = kp_hist_linear(value, &linear);

	if (!counters && !kp_hist_has_buckets(value))
		return;
	kp_json_key(out, "buckets");
	kp_buf_u8(out, '[');
	if (counters)
		put_linear(value, &linear, counters, out);
	else
		put_log2(value, out);
	kp_buf_u8(out, ']');
}

static const char *chart_type(unsigned int style)
{
	switch (style) {
	case KTAP_HIST_HISTOGRAM:
		return "histogram";
	case KTAP_HIST_QUANTIZE:
		return "print_quantize";
	case KTAP_HIST_LQUANTIZE:
		return "print_lquantize";
	default: /* as text has it */
		return "print_hist";
	}
}

static void json_chart(const struct kp_format *f, uint64_t time, struct kp_hist *h,
		       unsigned int style, int64_t limit, struct kp_buf *out)
{
	bool all = style == KTAP_HIST_QUANTIZE || style == KTAP_HIST_LQUANTIZE;
	size_t i, shown = all ? h->nrows : kp_hist_rows(limit);
	struct kp_val key, value;

	if (shown > h->nrows)
		shown = h->nrows;
	kp_hist_sort(h);
	begin_record(f, chart_type(style), time, out);
	kp_json_key(out, "rows");
	kp_buf_u8(out, '[');
	for (i = 0; i < shown; i++) {
		kp_json_element(out);
		kp_hist_get(h, i, &key, &value);
		kp_buf_u8(out, '{');
		kp_json_key(out, "key");
		kp_json_value_put(f, &key, out);
		kp_json_key(out, "value");
		kp_json_value_put(f, &value, out);
		put_buckets(&value, out);
		kp_buf_u8(out, '}');
	}
	kp_buf_u8(out, ']');
	kp_json_unsigned(out, "omitted", h->nrows - shown);
	end(out);
}

/* What the command says */

static void message_begin(const struct kp_message *m, struct kp_buf *out)
{
	static const char *const types[] = {
		[KP_MESSAGE_ERROR] = "error",	  [KP_MESSAGE_WARNING] = "warning",
		[KP_MESSAGE_USAGE] = "usage",	  [KP_MESSAGE_INFO] = "info",
		[KP_MESSAGE_VERBOSE] = "verbose",
	};
	const struct kp_message_place *p = &m->place;

	begin(out, types[m->kind]);
	kp_json_text(out, "message", m->text.data, m->text.len);
	if (m->tag) {
		kp_json_text(out, "tag", m->tag, strlen(m->tag));
		kp_json_text(out, "near", m->near.data, m->near.len);
		kp_json_text(out, "cause", m->cause, strlen(m->cause));
	}
	if (p->line) {
		kp_json_text(out, "file", p->file.data, p->file.len);
		kp_json_unsigned(out, "line", p->line);
	}
	if (p->line && p->column)
		kp_json_unsigned(out, "column", p->column);
	if (p->source.data)
		kp_json_text(out, "source", p->source.data, p->source.len);
	kp_json_key(out, "hints");
	kp_buf_u8(out, '[');
}

static void message_hint(struct kp_message_text hint, struct kp_buf *out)
{
	kp_json_element(out);
	kp_json_string(out, hint.data, hint.len);
}

static void message_end(struct kp_buf *out)
{
	kp_buf_puts(out, "]");
	end(out);
}

static const struct kp_message_form messages = { message_begin, message_hint, message_end };

static void json_exit(int status, struct kp_buf *out)
{
	begin(out, "exit");
	kp_json_signed(out, "status", status);
	end(out);
}

static const struct {
	const char *name, *text;
} counter_names[KTAP_CNT_COUNT] = {
#define KTAP_X(name, text) [KTAP_CNT_##name] = { #name, text },
	KTAP_COUNTERS(KTAP_X)
#undef KTAP_X
};

static void put_loss(uint32_t i, uint64_t count, struct kp_buf *out)
{
	begin(out, "loss");
	kp_json_text(out, "counter", counter_names[i].name, strlen(counter_names[i].name));
	kp_json_unsigned(out, "count", count);
	kp_json_text(out, "message", counter_names[i].text, strlen(counter_names[i].text));
	end(out);
}

static void json_counters(const struct ktap_status *status, bool all, struct kp_buf *out)
{
	uint32_t i;

	for (i = 0; i < KTAP_CNT_COUNT; i++)
		if (status->counters[i] && i != KTAP_CNT_EVENTS)
			put_loss(i, status->counters[i], out);
	if (!all)
		return;
	begin(out, "stats");
	kp_json_key(out, "counters");
	kp_buf_u8(out, '{');
	for (i = 0; i < KTAP_CNT_COUNT; i++)
		kp_json_unsigned(out, counter_names[i].name, status->counters[i]);
	kp_buf_u8(out, '}');
	kp_json_unsigned(out, "memory", status->memory);
	kp_json_unsigned(out, "memory_peak", status->memory_peak);
	end(out);
}

const struct kp_output kp_output_json = {
	.name = "json",
	.messages = &messages,
	.interrupt = "",
	.exit = json_exit,
	.counters = json_counters,
	.print = json_print,
	.printf = json_printf,
	.chart = json_chart,
};
