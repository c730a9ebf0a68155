// SPDX-License-Identifier: GPL-2.0-only
/* For programs: one JSON object a line. ktap(1) describes them. */
#include "output.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "util/json.h"

/* Objects */

static void put_text(struct kp_buf *out, const char *name, const char *text, size_t len)
{
	kp_json_key(out, name);
	kp_json_string(out, text, len);
}

static void put_number(struct kp_buf *out, const char *name, uint64_t n)
{
	kp_json_key(out, name);
	kp_buf_printf(out, "%" PRIu64, n);
}

static void put_signed(struct kp_buf *out, const char *name, int64_t n)
{
	kp_json_key(out, name);
	kp_buf_printf(out, "%" PRId64, n);
}

static void begin(struct kp_buf *out, const char *type)
{
	kp_buf_u8(out, '{');
	put_text(out, "type", type, strlen(type));
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
		put_number(out, "time", time);
}

/* Between the elements of an array. */
static void separate(struct kp_buf *out)
{
	if (out->len && out->data[out->len - 1] != '[')
		kp_buf_u8(out, ',');
}

/* Values */

static void put_shown(const struct kp_format *f, const char *name, const struct kp_val *v,
		      struct kp_buf *out)
{
	struct kp_buf text = KP_BUF_INIT;

	kp_format_value(f, v, &text);
	put_text(out, name, text.data, text.len);
	if (kp_buf_error(&text))
		out->error = kp_buf_error(&text);
	kp_buf_free(&text);
}

static void put_event(const struct kp_format *f, const struct kp_val *v, struct kp_buf *out)
{
	struct ktap_event_text head = { 0 };

	memcpy(&head, v->data, v->len < sizeof(head) ? v->len : sizeof(head));
	kp_buf_u8(out, '{');
	put_shown(f, "event", v, out);
	put_number(out, "cpu", head.cpu);
	put_signed(out, "tid", head.tid);
	kp_buf_u8(out, '}');
}

static void put_aggregate(const struct kp_val *v, struct kp_buf *out)
{
	struct ktap_agg a = { 0 };

	memcpy(&a, v->data, v->len < sizeof(a) ? v->len : sizeof(a));
	kp_buf_u8(out, '{');
	put_number(out, "count", a.count);
	put_signed(out, "sum", a.sum);
	put_signed(out, "min", a.min);
	put_signed(out, "max", a.max);
	kp_buf_u8(out, '}');
}

/* As text it is a line for all and one for each frame, which begins with " => ". */
static void put_stack(const struct kp_format *f, const struct kp_val *v, struct kp_buf *out)
{
	static const char frame[] = "\n => ";
	struct kp_buf text = KP_BUF_INIT;
	const char *p, *end;

	kp_format_value(f, v, &text);
	kp_buf_puts(&text, "\n");
	kp_buf_puts(out, "{\"stack\":[");
	end = kp_buf_error(&text) ? "" : kp_buf_str(&text);
	while ((p = strstr(end, frame)) != NULL) {
		p += strlen(frame);
		end = strchrnul(p, '\n');
		separate(out);
		kp_json_string(out, p, (size_t)(end - p));
	}
	kp_buf_puts(out, "]}");
	if (kp_buf_error(&text))
		out->error = kp_buf_error(&text);
	kp_buf_free(&text);
}

static void put_symbol(const struct kp_format *f, const struct kp_val *v, struct kp_buf *out)
{
	struct ktap_sym sym = { 0 };

	memcpy(&sym, v->data, v->len < sizeof(sym) ? v->len : sizeof(sym));
	kp_buf_u8(out, '{');
	put_shown(f, "symbol", v, out);
	put_number(out, "address", sym.addr);
	kp_buf_u8(out, '}');
}

static void put_reference(const char *name, const struct kp_val *v, struct kp_buf *out)
{
	kp_buf_u8(out, '{');
	put_signed(out, name, v->i);
	kp_buf_u8(out, '}');
}

static int put_values(const struct kp_format *f, const uint8_t *p, size_t len, struct kp_buf *out);

static void put_time(const struct kp_val *v, struct kp_buf *out)
{
	struct kp_buf text = KP_BUF_INIT;

	kp_clock_put(v->data, v->len, &text);
	kp_json_string(out, text.data, text.len);
	if (kp_buf_error(&text))
		out->error = kp_buf_error(&text);
	kp_buf_free(&text);
}

static void put_value(const struct kp_format *f, const struct kp_val *v, struct kp_buf *out)
{
	switch (v->type) {
	case KTAP_T_NIL:
		kp_buf_puts(out, "null");
		break;
	case KTAP_T_FALSE:
		kp_buf_puts(out, "false");
		break;
	case KTAP_T_TRUE:
		kp_buf_puts(out, "true");
		break;
	case KTAP_T_INT:
		kp_buf_printf(out, "%" PRId64, v->i);
		break;
	case KTAP_T_FUNC:
	case KTAP_T_CLOSURE:
		put_reference("function", v, out);
		break;
	case KTAP_T_TABLE:
		put_reference("table", v, out);
		break;
	case KTAP_T_STR:
		kp_json_string(out, (const char *)v->data, v->len);
		break;
	case KTAP_T_TUPLE:
		put_values(f, v->data, v->len, out);
		break;
	case KTAP_T_EVENT:
		put_event(f, v, out);
		break;
	case KTAP_T_AGG:
		put_aggregate(v, out);
		break;
	case KTAP_T_STACK:
		put_stack(f, v, out);
		break;
	case KTAP_T_SYM:
		put_symbol(f, v, out);
		break;
	case KTAP_T_TIME:
		put_time(v, out);
		break;
	}
}

/* Values as an array. 0 or -EPROTO. */
static int put_values(const struct kp_format *f, const uint8_t *p, size_t len, struct kp_buf *out)
{
	struct kp_val v;
	int ret;

	kp_buf_u8(out, '[');
	while ((ret = kp_val_next(&p, &len, &v)) > 0) {
		separate(out);
		put_value(f, &v, out);
	}
	kp_buf_u8(out, ']');
	return ret;
}

/* What scripts print */

static int json_print(const struct kp_format *f, uint64_t time, const void *values, size_t len,
		      struct kp_buf *out)
{
	int ret;

	begin_record(f, "print", time, out);
	kp_json_key(out, "values");
	ret = put_values(f, values, len, out);
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
	put_text(out, "text", text.data, text.len);
	kp_val_next(&p, &len, &format); /* it is there: it has been used */
	put_text(out, "format", (const char *)format.data, format.len);
	kp_json_key(out, "values");
	ret = put_values(f, p, len, out);
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
	separate(out);
	kp_buf_u8(out, '{');
	put_signed(out, "from", first);
	put_signed(out, "to", last);
	put_number(out, "count", n);
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
	uint32_t i;

	for (i = 0; i < counters; i++)
		put_bucket(i ? kp_hist_linear_from(linear, i) : INT64_MIN,
			   i + 1 < counters ? kp_hist_linear_from(linear, i + 1) - 1 : INT64_MAX,
			   kp_hist_linear_count(agg, i), out);
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
		separate(out);
		kp_hist_get(h, i, &key, &value);
		kp_buf_u8(out, '{');
		kp_json_key(out, "key");
		put_value(f, &key, out);
		kp_json_key(out, "value");
		put_value(f, &value, out);
		put_buckets(&value, out);
		kp_buf_u8(out, '}');
	}
	kp_buf_u8(out, ']');
	put_number(out, "omitted", h->nrows - shown);
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
	put_text(out, "message", m->text.data, m->text.len);
	if (m->tag) {
		put_text(out, "tag", m->tag, strlen(m->tag));
		put_text(out, "near", m->near.data, m->near.len);
		put_text(out, "cause", m->cause, strlen(m->cause));
	}
	if (p->line) {
		put_text(out, "file", p->file.data, p->file.len);
		put_number(out, "line", p->line);
	}
	if (p->line && p->column)
		put_number(out, "column", p->column);
	if (p->source.data)
		put_text(out, "source", p->source.data, p->source.len);
	kp_json_key(out, "hints");
	kp_buf_u8(out, '[');
}

static void message_hint(struct kp_message_text hint, struct kp_buf *out)
{
	separate(out);
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
	put_signed(out, "status", status);
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
	put_text(out, "counter", counter_names[i].name, strlen(counter_names[i].name));
	put_number(out, "count", count);
	put_text(out, "message", counter_names[i].text, strlen(counter_names[i].text));
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
		put_number(out, counter_names[i].name, status->counters[i]);
	kp_buf_u8(out, '}');
	put_number(out, "memory", status->memory);
	put_number(out, "memory_peak", status->memory_peak);
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
