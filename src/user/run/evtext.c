// SPDX-License-Identifier: GPL-2.0-only
#include "evtext.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <event-parse.h>

#include "event/event.h"
#include "evfmt.h"
#include "sym/btf.h"
#include "sym/kallsyms.h"
#include "sym/tracefs.h"

struct kp_evtext {
	struct kp_tracefs *tracefs;
	struct kp_kallsyms *symbols;
	bool hex_prefix; /* the kernel shows numbers of system calls as 0x1f, not 1f */
	struct kp_btf *btf;
	struct tep_handle *tep;
	struct trace_seq seq;
};

/* Numbers above 9 have a 0x since 6.18. */
static bool release_has_prefix(const char *release)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;

	if (!release && !uname(&uts))
		release = uts.release;
	if (!release || sscanf(release, "%u.%u", &major, &minor) != 2)
		return true;
	return major > 6 || (major == 6 && minor >= 18);
}

/* The functions that kp_evfmt_rewrite() puts in; there is no way to hand them a context. */
static _Thread_local struct kp_kallsyms *symbols_now;

static unsigned long long put_symbol(struct trace_seq *s, unsigned long long *args)
{
	char text[256];

	if (symbols_now)
		kp_kallsyms_text(symbols_now, args[0], text, sizeof(text));
	else
		snprintf(text, sizeof(text), "0x%llx", args[0]);
	trace_seq_puts(s, text);
	return 0;
}

static unsigned long long put_function(struct trace_seq *s, unsigned long long *args)
{
	struct kp_symbol sym;

	if (!symbols_now || kp_kallsyms_find(symbols_now, args[0], &sym))
		trace_seq_printf(s, "0x%llx", args[0]);
	else if (sym.module)
		trace_seq_printf(s, "%s [%s]", sym.name, sym.module);
	else
		trace_seq_puts(s, sym.name);
	return 0;
}

static int register_function(struct tep_handle *tep, tep_func_handler handler, const char *name)
{
	return tep_register_print_function(tep, handler, TEP_FUNC_ARG_STRING, (char *)name,
					   TEP_FUNC_ARG_LONG, TEP_FUNC_ARG_VOID);
}

struct kp_evtext *kp_evtext_new(struct kp_tracefs *t, struct kp_kallsyms *symbols,
				const char *release)
{
	struct kp_evtext *x = calloc(1, sizeof(*x));
	char *formats;

	if (!x)
		return NULL;
	trace_seq_init(&x->seq);
	x->btf = kp_btf_new(NULL);
	x->tep = tep_alloc();
	if (!x->btf || !x->tep || register_function(x->tep, put_symbol, KP_EVFMT_SYMBOL) ||
	    register_function(x->tep, put_function, KP_EVFMT_FUNCTION)) {
		kp_evtext_free(x);
		return NULL;
	}
	x->tracefs = t;
	x->symbols = symbols;
	x->hex_prefix = release_has_prefix(release);
	tep_set_loglevel(TEP_LOG_NONE);
	tep_set_long_size(x->tep, sizeof(long));
	tep_set_page_size(x->tep, (int)sysconf(_SC_PAGESIZE));
	tep_set_file_bigendian(x->tep, tep_is_bigendian() ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
	if (kp_tracefs_read(t, "printk_formats", &formats) >= 0) {
		tep_parse_printk_formats(x->tep, formats);
		free(formats);
	}
	return x;
}

void kp_evtext_free(struct kp_evtext *x)
{
	if (!x)
		return;
	trace_seq_destroy(&x->seq);
	tep_free(x->tep);
	kp_btf_free(x->btf);
	free(x);
}

/* One system call event: where its arguments are. */
struct call {
	const struct kp_event *ev;
	const uint8_t *raw;
	size_t len;
	bool record; /* the kernel's record, not the module's numbers */
};

/* Argument or result @f as the kernel saw it. */
static uint64_t call_value(const struct call *c, const struct kp_field *f)
{
	size_t at = f->offset, size = f->size;
	uint64_t value;
	uint32_t word;

	if (!c->record) {
		at = sizeof(uint64_t) * (size_t)(f - c->ev->fields - (ptrdiff_t)c->ev->ncommon);
		size = sizeof(value);
	}
	if (at > c->len || c->len - at < size)
		return 0;
	if (size == sizeof(value)) {
		memcpy(&value, c->raw + at, sizeof(value));
		/* what has 32 bits is shown with 32, whatever its sign */
		return f->size == sizeof(word) ? (uint32_t)value : value;
	}
	if (size != sizeof(word))
		return 0;
	memcpy(&word, c->raw + at, sizeof(word));
	return word;
}

/*
 * Since 7.0 the record holds a copy of what some arguments point to: the field
 * __NAME_val for the argument NAME. Returns it, or NULL.
 */
static const struct kp_field *call_copy(const struct call *c, const struct kp_field *f)
{
	char name[128];
	int n = snprintf(name, sizeof(name), "__%s_val", f->name);

	if (!c->record || n < 0 || (size_t)n >= sizeof(name))
		return NULL;
	return kp_event_field(c->ev, name, (size_t)n);
}

/* The bytes that a __data_loc word at @f names; empty when they are not inside the record. */
static const uint8_t *call_bytes(const struct call *c, const struct kp_field *f, size_t *len)
{
	uint32_t word, at;

	*len = 0;
	if (f->offset > c->len || c->len - f->offset < sizeof(word))
		return c->raw;
	memcpy(&word, c->raw + f->offset, sizeof(word));
	at = word & 0xffff;
	if (at <= c->len && word >> 16 <= c->len - at)
		*len = word >> 16;
	return c->raw + at;
}

static bool printable(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

/* Bytes of a buffer: " (68:69:0a, ...) "hi."..."; @all is how many the call was given. */
static void put_array(const uint8_t *p, size_t len, int all, struct kp_buf *out)
{
	bool text = false;
	size_t i;

	kp_buf_puts(out, " (");
	for (i = 0; i < len; i++) {
		text |= printable(p[i]);
		kp_buf_printf(out, "%s%02x", i ? ":" : "", p[i]);
	}
	kp_buf_puts(out, (int)len < all ? ", ...)" : ")");
	if (!text)
		return;
	kp_buf_puts(out, " \"");
	for (i = 0; i < len; i++)
		kp_buf_printf(out, "%c", printable(p[i]) ? p[i] : '.');
	kp_buf_puts(out, (int)len < all ? "\"..." : "\"");
}

static void put_copy(const struct call *c, const struct kp_field *arg, const struct kp_field *copy,
		     struct kp_buf *out)
{
	char use[160];
	size_t len;
	const uint8_t *p = call_bytes(c, copy, &len);

	snprintf(use, sizeof(use), "__print_dynamic_array(%s,", copy->name);
	if (strstr(c->ev->format, use)) /* then the next argument is its size */
		put_array(p, len, (int)call_value(c, arg + 1), out);
	else
		kp_buf_printf(out, " \"%.*s\"", (int)len, (const char *)p);
}

/* The flags of openat by name; the numbers are in the "print fmt" line, without O_TMPFILE. */
static void put_open_flags(const char *format, unsigned int flags, struct kp_buf *out)
{
	const char *p = strstr(format, "__print_flags("), *separator = "";
	unsigned int bit = O_TMPFILE;
	char name[32] = "O_TMPFILE";
	int n;

	if (!flags) {
		kp_buf_puts(out, "O_RDONLY");
		return;
	}
	if (!(flags & O_ACCMODE))
		kp_buf_puts(out, "O_RDONLY|");
	do {
		if (bit && (flags & bit) == bit) {
			kp_buf_printf(out, "%s%s", separator, name);
			separator = "|";
			flags &= ~bit;
		}
		p = strchr(p + 1, '{');
		n = p ? sscanf(p, "{ 0x%x, \"%31[A-Z_]\" }", &bit, name) : 0;
	} while (flags && n == 2);
	if (flags)
		kp_buf_printf(out, "%s0x%x", separator, flags);
}

/* openat has a text of its own since 7.0. */
static void put_openat(const struct call *c, struct kp_buf *out)
{
	const struct kp_field *f, *copy;
	unsigned int flags = 0;
	size_t i;

	for (i = 1; i <= 4 && (f = kp_event_arg(c->ev, i)); i++) {
		uint64_t value = call_value(c, f);

		if (i == 4 && !(flags & (O_CREAT | O_TMPFILE)))
			break;
		kp_buf_printf(out, "%s%s: ", i > 1 ? ", " : "", f->name);
		if (i == 3) {
			flags = (unsigned int)value;
			put_open_flags(c->ev->format, flags, out);
		} else if (i == 4) {
			kp_buf_printf(out, "0%03o", (unsigned int)value);
		} else {
			kp_buf_printf(out, "%" PRIu64, value);
		}
		copy = i < 3 ? call_copy(c, f) : NULL;
		if (copy)
			put_copy(c, f, copy, out);
	}
}

static void put_arguments(const struct kp_evtext *x, const struct call *c, struct kp_buf *out)
{
	const struct kp_field *f, *copy;
	size_t i;

	for (i = 1; (f = kp_event_arg(c->ev, i)) && !f->is_data_loc; i++) {
		uint64_t value = call_value(c, f);

		kp_buf_printf(out, "%s%s: ", i > 1 ? ", " : "", f->name);
		if (!x->hex_prefix)
			kp_buf_printf(out, "%" PRIx64, value);
		else if (value < 10)
			kp_buf_printf(out, "%" PRIu64, value);
		else
			kp_buf_printf(out, "0x%" PRIx64, value);
		copy = call_copy(c, f);
		if (copy)
			put_copy(c, f, copy, out);
	}
}

static void put_enter(const struct kp_evtext *x, const struct call *c, struct kp_buf *out)
{
	const char *name = c->ev->name + strlen("sys_enter_");

	kp_buf_printf(out, "sys_%s(", name);
	if (!strcmp(name, "openat") && strstr(c->ev->format, "__print_flags("))
		put_openat(c, out);
	else
		put_arguments(x, c, out);
	kp_buf_puts(out, ")");
}

static void put_exit(const struct call *c, struct kp_buf *out)
{
	const struct kp_field *ret = kp_event_arg(c->ev, 1);

	kp_buf_printf(out, "sys_%s -> 0x%" PRIx64, c->ev->name + strlen("sys_exit_"),
		      ret ? call_value(c, ret) : 0);
}

static bool starts(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* The library's event for @ev, parsed on first use; NULL when it cannot be. */
static struct tep_event *tep_event(struct kp_evtext *x, const struct kp_event *ev)
{
	struct tep_event *event = tep_find_event_by_name(x->tep, ev->system, ev->name);
	struct kp_buf format = KP_BUF_INIT;

	if (event)
		return event;
	kp_evfmt_rewrite(ev->format, x->btf, &format);
	if (!kp_buf_error(&format))
		tep_parse_event(x->tep, format.data, format.len, ev->system);
	kp_buf_free(&format);
	return tep_find_event_by_name(x->tep, ev->system, ev->name);
}

/* Are all fields of @ev, and what their words point to, inside the record? The library trusts it. */
static bool record_is_whole(const struct kp_event *ev, const uint8_t *raw, size_t len)
{
	const struct kp_field *f;
	uint32_t word;
	size_t at;

	for (f = ev->fields; f < ev->fields + ev->nfields; f++) {
		if (f->offset > len || len - f->offset < f->size)
			return false;
		if ((!f->is_data_loc && !f->is_rel_loc) || f->size != sizeof(word))
			continue;
		memcpy(&word, raw + f->offset, sizeof(word));
		at = (word & 0xffff) + (f->is_rel_loc ? f->offset + sizeof(word) : 0);
		if (at > len || len - at < word >> 16)
			return false;
	}
	return true;
}

static int put_tracepoint(struct kp_evtext *x, const struct kp_event *ev, const void *raw,
			  size_t len, int cpu, struct kp_buf *out)
{
	struct tep_event *event = tep_event(x, ev);
	struct tep_record record = { .data = (void *)raw, .size = (int)len, .cpu = cpu };

	if (!event || !record_is_whole(ev, raw, len))
		return -EPROTO;
	trace_seq_reset(&x->seq);
	symbols_now = x->symbols;
	tep_print_event(x->tep, &x->seq, &record, "%s", TEP_PRINT_INFO);
	kp_buf_printf(out, "%s: ", ev->name);
	kp_buf_put(out, x->seq.buffer, x->seq.len);
	return 0;
}

int kp_evtext_put(struct kp_evtext *x, struct kp_event *ev, const void *raw, size_t len, int cpu,
		  struct kp_buf *out)
{
	struct call call = { ev, raw, len, ev->kind == KP_EVENT_TRACEPOINT };
	int err = kp_event_load_format(x->tracefs, ev);

	if (!err && !strcmp(ev->system, "syscalls") && starts(ev->name, "sys_enter_"))
		put_enter(x, &call, out);
	else if (!err && !strcmp(ev->system, "syscalls") && starts(ev->name, "sys_exit_"))
		put_exit(&call, out);
	else if (!err)
		err = put_tracepoint(x, ev, raw, len, cpu, out);
	if (err)
		kp_buf_printf(out, "%s: ?", ev->name);
	return err;
}
