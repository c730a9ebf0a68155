// SPDX-License-Identifier: GPL-2.0-only
#include "json_value.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "util/json.h"

static void put_shown(const struct kp_format *f, const char *name, const struct kp_val *v,
		      struct kp_buf *out)
{
	struct kp_buf text = KP_BUF_INIT;

	kp_format_value(f, v, &text);
	kp_json_text(out, name, text.data, text.len);
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
	kp_json_unsigned(out, "cpu", head.cpu);
	kp_json_signed(out, "tid", head.tid);
	kp_buf_u8(out, '}');
}

static void put_aggregate(const struct kp_val *v, struct kp_buf *out)
{
	struct ktap_agg a = { 0 };

	memcpy(&a, v->data, v->len < sizeof(a) ? v->len : sizeof(a));
	kp_buf_u8(out, '{');
	kp_json_unsigned(out, "count", a.count);
	kp_json_signed(out, "sum", a.sum);
	kp_json_signed(out, "min", a.min);
	kp_json_signed(out, "max", a.max);
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
		kp_json_element(out);
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
	kp_json_unsigned(out, "address", sym.addr);
	kp_buf_u8(out, '}');
}

static void put_reference(const char *name, const struct kp_val *v, struct kp_buf *out)
{
	kp_buf_u8(out, '{');
	kp_json_signed(out, name, v->i);
	kp_buf_u8(out, '}');
}

static void put_time(const struct kp_val *v, struct kp_buf *out)
{
	struct kp_buf text = KP_BUF_INIT;

	kp_clock_put(v->data, v->len, &text);
	kp_json_string(out, text.data, text.len);
	if (kp_buf_error(&text))
		out->error = kp_buf_error(&text);
	kp_buf_free(&text);
}

void kp_json_value_put(const struct kp_format *f, const struct kp_val *v, struct kp_buf *out)
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
		kp_json_value_array(f, v->data, v->len, out);
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

int kp_json_value_array(const struct kp_format *f, const uint8_t *p, size_t len, struct kp_buf *out)
{
	struct kp_val v;
	int ret;

	kp_buf_u8(out, '[');
	while ((ret = kp_val_next(&p, &len, &v)) > 0) {
		kp_json_element(out);
		kp_json_value_put(f, &v, out);
	}
	kp_buf_u8(out, ']');
	return ret;
}
