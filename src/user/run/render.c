// SPDX-License-Identifier: GPL-2.0-only
#include "render.h"

#include <errno.h>
#include <string.h>

#include "event/event.h"
#include "evtext.h"
#include "report.h"
#include "sym/kallsyms.h"
#include "sym/process.h"

static int event_text(void *ctx, const uint8_t *data, uint32_t len, struct kp_buf *out)
{
	struct kp_render *r = ctx;
	struct ktap_event_text head;

	if (len < sizeof(head))
		return -EPROTO;
	memcpy(&head, data, sizeof(head));
	if (!r->events || head.event >= r->events->n || head.raw_len > len - sizeof(head))
		return -EPROTO;
	if (!r->evtext)
		r->evtext = kp_evtext_new(r->tracefs, r->format.symbols, NULL);
	if (!r->evtext)
		return -ENOMEM;
	return kp_evtext_put(r->evtext, &r->events->v[head.event], data + sizeof(head),
			     head.raw_len, (int)head.cpu, out);
}

void kp_render_init(struct kp_render *r, const struct kp_view *view, struct kp_events *events,
		    struct kp_tracefs *tracefs, const struct kp_session_opts *opts)
{
	*r = (struct kp_render){ .view = view,
				 .events = events,
				 .tracefs = tracefs,
				 .output = opts->format ? opts->format : &kp_output_text,
				 .hist = KP_HIST_INIT };
	kp_merge_init(&r->merge);
	r->format.event = event_text;
	r->format.ctx = r;
	r->format.symbols = kp_kallsyms_new(NULL);
	r->format.processes = kp_processes_new();
	r->format.timestamps = opts->timestamps;
}

void kp_render_free(struct kp_render *r)
{
	kp_hist_free(&r->hist);
	kp_merge_free(&r->merge);
	kp_evtext_free(r->evtext);
	kp_kallsyms_free(r->format.symbols);
	kp_processes_free(r->format.processes);
}

static bool calls(const struct kp_view *v, unsigned int builtin)
{
	uint32_t i, insn;

	for (i = 0; i < v->ncode; i++) {
		insn = kp_view_insn(v, i);
		if (KTAP_INSN_OP(insn) == KTAP_OP_BUILTIN && KTAP_INSN_B(insn) == builtin)
			return true;
	}
	return false;
}

void kp_render_watch(struct kp_render *r, pid_t pid)
{
	if (r->format.processes &&
	    (calls(r->view, KTAP_BUILTIN_ustack) || calls(r->view, KTAP_BUILTIN_usym)))
		kp_processes_watch(r->format.processes, pid);
}

void kp_render_poll(struct kp_render *r)
{
	if (r->format.processes)
		kp_processes_poll(r->format.processes);
}

/* KTAP_REC_PAIR: serial, key, value. */
static int add_pair(struct kp_render *r, const uint8_t *p, size_t len)
{
	struct kp_val serial, key, value;

	if (kp_val_next(&p, &len, &serial) != 1 || kp_val_next(&p, &len, &key) != 1 ||
	    kp_val_next(&p, &len, &value) != 1)
		return -EPROTO;
	if (serial.i != r->chart) {
		kp_hist_free(&r->hist); /* of a chart that was given up */
		kp_merge_free(&r->merge);
		r->chart = serial.i;
	}
	if (kp_merge_wants(&key))
		return kp_merge_add(&r->merge, &r->format, &key, &value);
	return kp_hist_add(&r->hist, &key, &value);
}

/* What was merged are rows like the others. */
static int add_merged(struct kp_render *r)
{
	struct kp_val key, value;
	int ret = 0;
	size_t i;

	for (i = 0; i < r->merge.rows.len && !ret; i++) {
		kp_merge_get(&r->merge, i, &key, &value);
		ret = kp_hist_add(&r->hist, &key, &value);
	}
	kp_merge_free(&r->merge);
	return ret;
}

/* KTAP_REC_HIST_END: serial, style, row limit. */
static int end_chart(struct kp_render *r, uint64_t time, const uint8_t *p, size_t len,
		     struct kp_buf *out)
{
	struct kp_val serial, style, limit;
	int ret;

	if (kp_val_next(&p, &len, &serial) != 1 || kp_val_next(&p, &len, &style) != 1 ||
	    kp_val_next(&p, &len, &limit) != 1)
		return -EPROTO;
	if (serial.i != r->chart) {
		kp_hist_free(&r->hist); /* this one is empty */
		kp_merge_free(&r->merge);
	}
	ret = add_merged(r);
	r->output->chart(&r->format, time, &r->hist, (unsigned int)style.i, limit.i, out);
	kp_hist_free(&r->hist);
	return ret;
}

/* KTAP_REC_PRINTF */
static int print_text(struct kp_render *r, uint64_t time, const uint8_t *data, size_t len,
		      struct kp_buf *out)
{
	char why[KP_FORMAT_ERROR];
	struct ktap_printf head;
	int ret;

	if (len < sizeof(head))
		return -EPROTO;
	memcpy(&head, data, sizeof(head));
	ret = r->output->printf(&r->format, time, data + sizeof(head), len - sizeof(head), out,
				why);
	if (ret == -EINVAL && !r->failed) {
		kp_report_place_error(r->view, head.pc, why);
		r->failed = true;
	}
	return ret == -EINVAL ? 0 : ret;
}

static void warn(const struct kp_render *r, const void *data, size_t len)
{
	struct ktap_place place;

	if (len < sizeof(place))
		return;
	memcpy(&place, data, sizeof(place));
	if (place.func == KTAP_NONE && r->events && place.event < r->events->n)
		kp_report_event_warning(&r->events->v[place.event], &place);
	else
		kp_report_warning(r->view, &place);
}

static void report_failure(int err)
{
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };

	kp_message_put(&m, KP_MSG_SHOW_OUTPUT,
		       err == -EPROTO ? KP_MSG_SHOW_FOREIGN : strerror(-err));
	if (err == -EPROTO)
		kp_message_hint(&m, KP_MSG_MODULE_RELOAD);
	kp_report_message(&m);
}

void kp_render_record(struct kp_render *r, const struct ktap_record *rec, struct kp_buf *out)
{
	const uint8_t *data = (const uint8_t *)(rec + 1);
	size_t len = rec->size - sizeof(*rec);
	int ret = 0;

	switch (rec->type) {
	case KTAP_REC_PRINT:
		ret = r->output->print(&r->format, rec->time, data, len, out);
		break;
	case KTAP_REC_PRINTF:
		ret = print_text(r, rec->time, data, len, out);
		break;
	case KTAP_REC_PAIR:
		ret = add_pair(r, data, len);
		break;
	case KTAP_REC_HIST_END:
		ret = end_chart(r, rec->time, data, len, out);
		break;
	case KTAP_REC_WARN:
		warn(r, data, len);
		break;
	}
	if (ret && !r->failed) {
		report_failure(ret);
		r->failed = true;
	}
}
