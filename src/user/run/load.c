// SPDX-License-Identifier: GPL-2.0-only
#include "load.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "loadimg.h"
#include "reach.h"
#include "report.h"
#include "sym/tracefs.h"
#include "util/near.h"

#define FIELDS_SHOWN 512 /* bytes of the list of names in a message */

struct resolver {
	struct kp_load *load;
	const struct kp_view *v;
	struct kp_tracefs *tracefs;
	const struct kp_args *args; /* or NULL */
	struct kp_loadimg image;
	struct kp_reach reach;
};

static int no_memory(void)
{
	kp_report_error(KP_MSG_NO_MEMORY);
	return -ENOMEM;
}

/* An error at a line of the script. Returns -EINVAL. */
static int refuse_at(const struct resolver *r, uint32_t line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse_at(const struct resolver *r, uint32_t line, const char *fmt, ...)
{
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };
	va_list ap;

	va_start(ap, fmt);
	kp_message_vput(&m, fmt, ap);
	va_end(ap);
	m.place = kp_report_place(r->v, kp_view_place(r->v, line), 1);
	kp_report_message(&m);
	return -EINVAL;
}

/* Fields */

static const struct kp_field *find_field(const struct kp_event *ev, const struct kp_view *v,
					 uint32_t i)
{
	struct ktap_image_field f = kp_view_field(v, i);
	struct kp_view_string name;

	if (f.name == KTAP_NONE)
		return kp_event_arg(ev, f.index);
	name = kp_view_string(v, f.name);
	return kp_event_field(ev, name.data, name.len);
}

static struct ktap_image_fdesc describe_record(const struct kp_field *f)
{
	struct ktap_image_fdesc d = { KTAP_FIELD_NONE, (uint16_t)f->offset, (uint16_t)f->size, 0 };

	if (f->is_data_loc)
		d.kind = KTAP_FIELD_DATALOC;
	else if (f->is_rel_loc)
		d.kind = KTAP_FIELD_RELLOC;
	else if (f->is_array && f->is_string)
		d.kind = KTAP_FIELD_CHARS;
	else if (!f->is_array && (f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8))
		d.kind = f->is_signed ? KTAP_FIELD_SINT : KTAP_FIELD_INT;
	return d;
}

static struct ktap_image_fdesc describe(const struct kp_event *ev, const struct kp_field *f)
{
	int arg;

	if (ev->kind == KP_EVENT_TRACEPOINT)
		return describe_record(f);
	arg = kp_event_sysarg(ev, f);
	if (arg == KP_SYSARG_NR)
		return (struct ktap_image_fdesc){ .kind = KTAP_FIELD_SYSNR };
	if (arg == KP_SYSARG_RET)
		return (struct ktap_image_fdesc){ .kind = KTAP_FIELD_SYSRET };
	return (struct ktap_image_fdesc){ .kind = KTAP_FIELD_SYSARG, .offset = (uint16_t)arg };
}

/* Is something that the script wants of this system call only in the kernel's own record? */
static bool needs_record(const struct kp_event *ev, const struct kp_view *v, bool fields,
			 bool argstr)
{
	const struct kp_field *f;
	uint32_t i;

	if (ev->kind == KP_EVENT_TRACEPOINT)
		return false;
	if (argstr && kp_event_has_user_data(ev))
		return true;
	for (i = 0; fields && i < v->nfields; i++) {
		f = find_field(ev, v, i);
		if (f && kp_event_sysarg(ev, f) == -1)
			return true;
	}
	return false;
}

static int unknown_field(struct resolver *r, uint32_t pc, struct kp_event *ev)
{
	struct ktap_image_field f = kp_view_field(r->v, KTAP_INSN_BX(kp_view_insn(r->v, pc)));
	struct kp_view_string name = kp_view_string(r->v, f.name);
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };
	struct kp_buf list = KP_BUF_INIT;
	struct kp_near near;
	size_t i;

	kp_near_init(&near, name.data, name.len);
	if (!kp_event_load_format(r->tracefs, ev)) {
		for (i = ev->ncommon; i < ev->nfields && list.len < FIELDS_SHOWN; i++) {
			kp_buf_printf(&list, "%s%s", list.len ? ", " : "", ev->fields[i].name);
			kp_near_try(&near, ev->fields[i].name, strlen(ev->fields[i].name));
		}
	}
	if (ev->kind == KP_EVENT_TICK || ev->kind == KP_EVENT_PROFILE)
		kp_message_put(&m, KP_MSG_TIMER_FIELD);
	else
		kp_message_put(&m, KP_MSG_UNKNOWN_FIELD, ev->system, ev->name, (int)name.len,
			       name.data);
	if (near.best)
		kp_message_hint(&m, KP_MSG_NEAR_FIELD, (int)near.best_len, near.best);
	if (list.len)
		kp_message_hint(&m, KP_MSG_FIELDS, (int)list.len, list.data);
	m.place = kp_report_place(r->v, kp_view_pc_place(r->v, pc), name.len);
	kp_report_message(&m);
	kp_buf_free(&list);
	return -EINVAL;
}

/* Events */

static int refuse_probe(const struct resolver *r, const struct ktap_image_probe *probe,
			const struct kp_event_error *err)
{
	struct kp_view_string spec = kp_view_string(r->v, probe->spec);
	struct kp_view_place place = kp_view_place(r->v, probe->line);
	struct kp_message m = { .kind = KP_MESSAGE_ERROR };
	uint32_t at = err->at < spec.len ? (uint32_t)err->at : 0;

	place.column += at;
	m.place = kp_report_place(r->v, place, spec.len - at);
	kp_message_put(&m, "%s", err->msg);
	if (err->hint[0])
		kp_message_hint(&m, "%s", err->hint);
	kp_report_message(&m);
	return -EINVAL;
}

int kp_load_open_tracefs(struct kp_tracefs *t)
{
	int ret = t->dir < 0 ? kp_tracefs_open(t, NULL) : 0;

	if (ret == -EACCES)
		kp_report_error(KP_MSG_PRIVILEGE);
	else if (ret)
		kp_report_error(KP_MSG_NO_TRACEFS);
	return !ret || ret == -EACCES ? ret : -EINVAL;
}

static int expand_eventdef(struct resolver *r, const struct ktap_image_probe *probe)
{
	struct kp_view_string spec = kp_view_string(r->v, probe->spec);
	struct kp_event_error err = { 0 };
	struct kp_evdef def;
	int ret;

	ret = kp_evdef_parse(spec.data, spec.len, &def, &err);
	if (ret)
		return refuse_probe(r, probe, &err);
	ret = kp_load_open_tracefs(r->tracefs);
	if (ret)
		goto out;
	ret = kp_event_expand(r->tracefs, &def, &r->load->events, &err);
	if (ret)
		ret = refuse_probe(r, probe, &err);
out:
	kp_evdef_free(&def);
	return ret;
}

static int expand_timer(struct resolver *r, const struct ktap_image_probe *probe)
{
	bool tick = probe->kind == KTAP_PROBE_TICK;
	const char *prefix = tick ? "tick-" : "profile-";
	struct kp_view_string spec = kp_view_string(r->v, probe->spec);
	struct kp_event_error err;
	struct kp_event *ev;
	uint64_t ns;
	char name[64];

	if (kp_event_parse_interval(spec.data, spec.len, &ns)) {
		kp_event_error_set(&err, -EINVAL, 0, KP_MSG_EVENT_INTERVAL,
				   (int)(spec.len < 64 ? spec.len : 64), spec.data);
		snprintf(err.hint, sizeof(err.hint), KP_MSG_EVENT_INTERVAL_HOW, (int)strlen(prefix),
			 prefix);
		return refuse_probe(r, probe, &err);
	}
	snprintf(name, sizeof(name), "%s%.*s", prefix, (int)spec.len, spec.data);
	ev = kp_event_add(&r->load->events, tick ? KP_EVENT_TICK : KP_EVENT_PROFILE, "", name);
	if (!ev)
		return no_memory();
	ev->interval = ns;
	return 0;
}

static void put_resolved(struct resolver *r, uint32_t probe, const struct kp_event *ev)
{
	static const enum ktap_event_kind kinds[] = {
		[KP_EVENT_TRACEPOINT] = KTAP_EVENT_TRACEPOINT,
		[KP_EVENT_SYS_ENTER] = KTAP_EVENT_SYS_ENTER,
		[KP_EVENT_SYS_EXIT] = KTAP_EVENT_SYS_EXIT,
		[KP_EVENT_TICK] = KTAP_EVENT_TICK,
		[KP_EVENT_PROFILE] = KTAP_EVENT_PROFILE,
	};
	uint64_t id = ev->id;

	if (ev->kind == KP_EVENT_SYS_ENTER || ev->kind == KP_EVENT_SYS_EXIT)
		id = (uint64_t)ev->nr;
	else if (ev->kind == KP_EVENT_TICK || ev->kind == KP_EVENT_PROFILE)
		id = ev->interval;
	kp_loadimg_event(&r->image, probe, kinds[ev->kind], id, ev->name);
}

/* Write one event with its fields; @has is told which there are. */
static int resolve_event(struct resolver *r, uint32_t probe, struct kp_event *ev, bool fields,
			 bool argstr, bool *has)
{
	bool native = ev->kind == KP_EVENT_SYS_ENTER || ev->kind == KP_EVENT_SYS_EXIT;
	const struct kp_field *f;
	uint32_t i;
	int ret = 0;

	if (fields || (argstr && native))
		ret = kp_event_load_format(r->tracefs, ev);
	if (!ret && needs_record(ev, r->v, fields, argstr))
		ret = kp_event_use_record(r->tracefs, ev);
	if (ret) {
		kp_report_error(KP_MSG_READ_FORMAT, ev->system, ev->name, strerror(-ret));
		return -EINVAL;
	}
	put_resolved(r, probe, ev);
	for (i = 0; i < r->v->nfields; i++) {
		struct ktap_image_fdesc d = { .kind = KTAP_FIELD_NONE };

		f = fields ? find_field(ev, r->v, i) : NULL;
		has[i] |= f != NULL;
		if (f)
			d = describe(ev, f);
		else if (fields && kp_view_field(r->v, i).index == KTAP_FIELD_NUMBER)
			d = (struct ktap_image_fdesc){ KTAP_FIELD_COUNT,
						       (uint16_t)(ev->nfields - ev->ncommon), 0,
						       0 };
		kp_loadimg_field(&r->image, d);
	}
	if (!argstr)
		kp_event_free_format(ev);
	return 0;
}

static int resolve_probe(struct resolver *r, uint32_t i)
{
	struct ktap_image_probe probe = kp_view_probe(r->v, i);
	struct kp_events *events = &r->load->events;
	size_t first = events->n, e;
	bool fields, argstr, *has;
	int ret;

	if (probe.kind == KTAP_PROBE_EVENT)
		ret = expand_eventdef(r, &probe);
	else
		ret = expand_timer(r, &probe);
	if (ret)
		return ret;
	if (events->n > KTAP_MAX_EVENTS)
		return refuse_at(r, probe.line, KP_MSG_MANY_EVENTS, KTAP_MAX_EVENTS);
	kp_reach_probe(&r->reach, &probe);
	kp_reach_uses(&r->reach, &fields, &argstr);
	has = calloc(r->v->nfields + 1, sizeof(*has));
	if (!has)
		return no_memory();
	for (e = first; !ret && e < events->n; e++)
		ret = resolve_event(r, i, &events->v[e], fields, argstr, has);
	if (!ret)
		kp_reach_note(&r->reach, has, (uint32_t)first);
	free(has);
	return ret;
}

/* trace_end has no fields and comes after all events. */
static void resolve_end(struct resolver *r, uint32_t probe)
{
	uint32_t i;

	kp_loadimg_event(&r->image, probe, KTAP_EVENT_END, 0, "trace_end");
	for (i = 0; i < r->v->nfields; i++)
		kp_loadimg_field(&r->image, (struct ktap_image_fdesc){ KTAP_FIELD_NONE });
}

static int resolve_all(struct resolver *r, bool kernel)
{
	struct ktap_image_probe probe;
	uint32_t i, pc, event, end = KTAP_NONE;
	int ret;

	for (i = 0; i < r->v->nprobes; i++) {
		probe = kp_view_probe(r->v, i);
		if (probe.kind == KTAP_PROBE_END) {
			end = i; /* the last one counts */
			continue;
		}
		if (!kernel)
			return refuse_at(r, probe.line, KP_MSG_HOST_PROBES);
		ret = resolve_probe(r, i);
		if (ret)
			return ret;
	}
	/* a field that a script names must be in at least one of the events it handles there */
	if (kp_reach_missing(&r->reach, &pc, &event))
		return unknown_field(r, pc, &r->load->events.v[event]);
	if (end != KTAP_NONE)
		resolve_end(r, end);
	if (r->args)
		kp_loadimg_args(&r->image, r->args);
	if (kp_loadimg_put(&r->image, r->v, &r->load->image))
		return no_memory();
	if (r->load->image.len > KTAP_MAX_IMAGE) {
		kp_report_error(KP_MSG_MANY_FIELDS, KTAP_MAX_IMAGE);
		return -EINVAL;
	}
	return 0;
}

static int resolve(struct kp_load *l, const struct kp_view *v, const struct kp_args *args,
		   struct kp_tracefs *t)
{
	struct resolver r = { .load = l, .v = v, .args = args, .tracefs = t };
	int ret;

	*l = (struct kp_load)KP_LOAD_INIT;
	ret = kp_reach_init(&r.reach, v) ? no_memory() : resolve_all(&r, t != NULL);
	kp_reach_free(&r.reach);
	kp_loadimg_free(&r.image);
	return ret;
}

int kp_load_resolve(struct kp_load *l, const struct kp_view *v, const struct kp_args *args,
		    struct kp_tracefs *t)
{
	return resolve(l, v, args, t);
}

int kp_load_host(struct kp_load *l, const struct kp_view *v, const struct kp_args *args)
{
	return resolve(l, v, args, NULL);
}

void kp_load_free(struct kp_load *l)
{
	kp_buf_free(&l->image);
	kp_events_free(&l->events);
}
