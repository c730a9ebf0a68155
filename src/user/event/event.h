/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event - from the text of an EVENTDEF to events of the running kernel.
 *
 *   eventdef = SYSTEM ":" NAME [ filter ]      tracepoints; both may be globs
 *            | "tick-" N UNIT                  a timer on one CPU
 *            | "profile-" N UNIT               a timer on every CPU
 *   filter   = "/" ... "/"                     at the very end
 *   UNIT     = "s" "sec" "ms" "msec" "us" "usec" "ns" "nsec" "hz"
 *
 * Also recognised, and refused by name: probe:SYMBOL, probe:/PATH:SYMBOL,
 * sdt:/PATH:NAME, ftrace:function, rawtp:NAME.
 *
 * Parsing (kp_evdef_*) needs no kernel, so the compiler may do it anywhere.
 * Expansion (kp_event_*) needs the tracefs of the kernel that is traced.
 */
#ifndef KP_EVENT_EVENT_H
#define KP_EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sym/tracefs.h"
#include "util/buf.h"

struct kp_event_ops;

#define KP_EVDEF_MAX	  4096 /* bytes of one EVENTDEF */

/* All that can be wrong with one, as KP_MSG_tag. */
#define KP_MSG(tag, text) static const char KP_MSG_##tag[] __attribute__((unused)) = text;
#include "messages.def"
#undef KP_MSG

/* Why an EVENTDEF is refused. */
struct kp_event_error {
	char msg[256];	/* one sentence without a full stop */
	char hint[256]; /* what to write instead, or "" */
	size_t at;	/* offset into the EVENTDEF of what is wrong */
};

/* One parsed EVENTDEF. */
struct kp_evdef {
	const struct kp_event_ops *ops; /* its provider */
	char *system;			/* glob, or NULL for timers */
	char *name;			/* glob, or NULL for timers */
	uint64_t interval;		/* of timers, ns */
	size_t len;	   /* bytes of the text without the filter and blanks before it */
	size_t filter;	   /* offset of the text between the slashes of the filter, */
	size_t filter_len; /* and its length; 0 when there is none */
};

enum kp_event_kind {
	KP_EVENT_TRACEPOINT, /* through perf; its raw record has the fields at their offsets */
	KP_EVENT_SYS_ENTER,  /* the module's own hook: number and arguments */
	KP_EVENT_SYS_EXIT,   /* the module's own hook: number and return value */
	KP_EVENT_TICK,
	KP_EVENT_PROFILE,
};

/* One field of an event, as its `format` file describes it. */
struct kp_field {
	char *name;
	char *type;	  /* C type, without the dimension of an array */
	uint32_t offset;  /* in the raw record, bytes */
	uint32_t size;	  /* in the raw record, bytes */
	uint32_t count;	  /* elements when is_array; 0 for an array without a fixed size */
	bool is_signed;	  /* an integer that is sign-extended */
	bool is_array;	  /* in place; is_string tells whether of characters */
	bool is_string;	  /* characters: in place (is_array) or where the word points */
	bool is_data_loc; /* a word: length << 16 | offset from the start of the record */
	bool is_rel_loc;  /* a word: length << 16 | offset from the end of the word */
};

/* One event of the running kernel. */
struct kp_event {
	enum kp_event_kind kind;
	char *system;	   /* "syscalls", "sched", ...; "" for timers */
	char *name;	   /* what probename gives */
	uint32_t id;	   /* tracepoints: number for perf */
	int nr;		   /* system calls: number; else -1 */
	uint64_t interval; /* timers: period, ns */

	/* After kp_event_load_format(): */
	char *format;		 /* text of the `format` file, or NULL */
	struct kp_field *fields; /* the common ones come first */
	size_t nfields;
	size_t ncommon;
};

struct kp_events {
	struct kp_event *v;
	size_t n;
	size_t cap;
	size_t nrefused;       /* events that a pattern matches and that nobody can trace */
	struct kp_buf refused; /* their names, separated by ", " */
};

#define KP_EVENTS_INIT                     \
	{                                  \
		NULL, 0, 0, 0, KP_BUF_INIT \
	}

/*
 * A provider: how one kind of EVENTDEF is recognised and resolved.
 * A new one is one file and one line in the list in event.c.
 */
struct kp_event_ops {
	const char *name;   /* in messages */
	const char *prefix; /* an EVENTDEF that starts so is of this provider */

	/* Fill @def from @text, which has no filter and no blanks at its ends. 0 or -errno. */
	int (*parse)(struct kp_evdef *def, const char *text, size_t len,
		     struct kp_event_error *err);

	/* Append the events that @def names. NULL when parse() always refuses. 0 or -errno. */
	int (*expand)(struct kp_tracefs *t, const struct kp_evdef *def, struct kp_events *events,
		      struct kp_event_error *err);
};

extern const struct kp_event_ops kp_event_tracepoint, kp_event_tick, kp_event_profile,
	kp_event_kprobe, kp_event_uprobe, kp_event_sdt, kp_event_ftrace, kp_event_rawtp;

/**
 * kp_evdef_parse - parse one EVENTDEF.
 * @text, @len: the EVENTDEF; need not end in NUL
 * @def:        filled on success; kp_evdef_free() releases it
 * @err:        filled on failure
 *
 * Returns 0; -EINVAL when the text is wrong, -EOPNOTSUPP for a kind of probe
 * that this version does not have, -ENOMEM.
 */
int kp_evdef_parse(const char *text, size_t len, struct kp_evdef *def, struct kp_event_error *err);

/** kp_evdef_free - release what kp_evdef_parse() put into @def. */
void kp_evdef_free(struct kp_evdef *def);

/**
 * kp_evdef_next - take the next EVENTDEF off a list.
 * @text, @len: the rest of the list; what was taken is cut off
 * @sep:        ',' or ';'; not seen inside a filter
 * @def_len:    receives the length of the EVENTDEF taken, blanks at its ends cut off
 *
 * Returns its start, or NULL at the end of the list. An empty element is
 * returned as such, with length 0.
 */
const char *kp_evdef_next(const char **text, size_t *len, char sep, size_t *def_len);

/**
 * kp_event_expand - append to @events all events that @def names.
 * @t: may be NULL when @def is a timer
 *
 * Their fields are not read; see kp_event_load_format(). Returns 0; -ENOENT
 * when there is none (@err has the closest one); or another -errno. @events is
 * as before on failure.
 */
int kp_event_expand(struct kp_tracefs *t, const struct kp_evdef *def, struct kp_events *events,
		    struct kp_event_error *err);

/** kp_events_free - release all events and make the list empty. */
void kp_events_free(struct kp_events *events);

/** kp_event_add - append an event; NULL without memory. @system and @name are copied. */
struct kp_event *kp_event_add(struct kp_events *events, enum kp_event_kind kind, const char *system,
			      const char *name);

/** kp_event_refuse - remove the event that was appended last and count it as refused. 0 or -ENOMEM. */
int kp_event_refuse(struct kp_events *events);

/**
 * kp_event_load_format - read the fields of @ev, once. 0, or -errno.
 *
 * Timers have none and succeed.
 */
int kp_event_load_format(struct kp_tracefs *t, struct kp_event *ev);

/** kp_event_parse_format - the same from the text of a `format` file. 0, -EPROTO, -ENOMEM. */
int kp_event_parse_format(struct kp_event *ev, const char *text);

/** kp_event_free_format - forget fields and text of the `format` file. */
void kp_event_free_format(struct kp_event *ev);

/** kp_event_field - the field called @name, or NULL; the format must be loaded. */
const struct kp_field *kp_event_field(const struct kp_event *ev, const char *name, size_t len);

/** kp_event_arg - field number @n after the common ones, or NULL; the format must be loaded. */
const struct kp_field *kp_event_arg(const struct kp_event *ev, size_t n);

/**
 * kp_event_sysarg - where a field of a system call event is found without a record.
 *
 * Returns the number of the argument 0...5; KP_SYSARG_NR for the number of the
 * system call, KP_SYSARG_RET for its result; -1 when only the kernel's own
 * record has it (kernels since 7.0 copy strings of the caller there).
 */
int kp_event_sysarg(const struct kp_event *ev, const struct kp_field *f);
#define KP_SYSARG_NR  -2
#define KP_SYSARG_RET -3

/**
 * kp_event_has_user_data - does the event's record hold memory of the caller that
 * a system call hook does not get (a path name, say)? The format must be loaded.
 */
bool kp_event_has_user_data(const struct kp_event *ev);

/**
 * kp_event_use_record - have a system call event delivered as an ordinary
 * tracepoint, with the kernel's own record: dearer, but the record holds everything.
 * Returns 0 or -errno.
 */
int kp_event_use_record(struct kp_tracefs *t, struct kp_event *ev);

/**
 * kp_event_parse_interval - the period that "100ms", "1s" or "99hz" means.
 * @text, @len: number and unit; what follows the first blank is ignored
 * @ns:         receives the period in ns, 1000 ... 2^62
 *
 * Returns 0 or -EINVAL.
 */
int kp_event_parse_interval(const char *text, size_t len, uint64_t *ns);

/**
 * kp_event_error_set - fill @err; the hint is cleared. Returns @code.
 * @fmt: one of messages.def
 */
int kp_event_error_set(struct kp_event_error *err, int code, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* How kp_event_list() writes. */
enum kp_event_list_style {
	KP_EVENT_LIST_NAMES,  /* SYSTEM:NAME */
	KP_EVENT_LIST_FIELDS, /* and each field below it: "    NAME  TYPE" */
};

/**
 * kp_event_list - write the events whose SYSTEM:NAME matches @glob, in alphabetic order.
 * @glob: matched against SYSTEM:NAME, or without a colon against either; NULL for all
 *
 * Returns how many matched, or -errno.
 */
long kp_event_list(struct kp_tracefs *t, const char *glob, enum kp_event_list_style style,
		   FILE *out);

#endif
