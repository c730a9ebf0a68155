// SPDX-License-Identifier: GPL-2.0-only
#include "image.h"

static bool kinds_agree(u32 probe, u32 event)
{
	switch (event) {
	case KTAP_EVENT_SYS_ENTER:
	case KTAP_EVENT_SYS_EXIT:
	case KTAP_EVENT_TRACEPOINT:
		return probe == KTAP_PROBE_EVENT;
	case KTAP_EVENT_TICK:
		return probe == KTAP_PROBE_TICK;
	case KTAP_EVENT_PROFILE:
		return probe == KTAP_PROBE_PROFILE;
	case KTAP_EVENT_END:
		return probe == KTAP_PROBE_END;
	default:
		return false;
	}
}

void kp_image_events(struct kp_image_reader *r)
{
	struct kp_cursor c = kp_section_open(r, KTAP_SEC_EVNT, sizeof(struct ktap_image_event), KTAP_MAX_EVENTS, false);
	struct kp_prog *prog = r->prog;
	u32 i;

	prog->events = kp_section_alloc(r, c.count, sizeof(*prog->events));
	if (!kp_image_ok(r))
		return;
	for (i = 0; i < c.count && !r->error; i++) {
		struct kp_event *e = &prog->events[i];
		u32 probe = kp_cursor_get32(&c), name;

		e->kind = kp_cursor_get32(&c);
		e->id = kp_cursor_get64(&c);
		name = kp_cursor_get32(&c);
		e->index = i;
		if (kp_cursor_get32(&c) || probe >= prog->nprobes || name >= prog->nestrs ||
		    !kinds_agree(prog->probes[probe].kind, e->kind)) {
			kp_image_fail(&r->error, KTAP_ERR_IMG_EVENT);
			break;
		}
		e->probe = &prog->probes[probe];
		e->name = prog->estrs[name];
	}
	prog->nevents = c.count;
}

static bool fdesc_ok(const struct ktap_image_fdesc *f)
{
	switch (f->kind) {
	case KTAP_FIELD_INT:
	case KTAP_FIELD_SINT:
		return f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8;
	case KTAP_FIELD_SYSARG:
		return f->offset < 6;
	default:
		return f->kind <= KTAP_FIELD_COUNT;
	}
}

void kp_image_fdescs(struct kp_image_reader *r)
{
	struct kp_prog *prog = r->prog;
	u32 n = prog->nevents * prog->nfields, i;
	struct kp_cursor c = kp_section_open(r, KTAP_SEC_FDSC, sizeof(struct ktap_image_fdesc),
				  KTAP_MAX_EVENTS * KTAP_MAX_FIELDS, false);

	if (c.count != n)
		kp_image_fail(&r->error, KTAP_ERR_IMG_EVENT);
	prog->fdescs = kp_section_alloc(r, c.count, sizeof(*prog->fdescs));
	if (!kp_image_ok(r))
		return;
	for (i = 0; i < n; i++) {
		struct ktap_image_fdesc *f = &prog->fdescs[i];

		kp_image_breathe(i);
		f->kind = kp_cursor_get16(&c);
		f->offset = kp_cursor_get16(&c);
		f->size = kp_cursor_get16(&c);
		if (kp_cursor_get16(&c) || !fdesc_ok(f))
			kp_image_fail(&r->error, KTAP_ERR_IMG_EVENT);
	}
	for (i = 0; i < prog->nevents; i++)
		prog->events[i].fields = prog->fdescs + (size_t)i * prog->nfields;
}
