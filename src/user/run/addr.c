// SPDX-License-Identifier: GPL-2.0-only
#include "addr.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include <ktap/record.h>

#include "sym/kallsyms.h"
#include "sym/process.h"

/* How an address is shown. */
struct style {
	bool offset; /* with the place in the function */
	bool origin; /* with the file of a process; modules are always shown */
	bool returns; /* it is a return address: of the function that the byte before it belongs to */
};

static void put_kernel(struct kp_kallsyms *k, uint64_t addr, struct style style, struct kp_buf *out)
{
	struct kp_symbol sym;

	if (!k || kp_kallsyms_find(k, addr - style.returns, &sym)) {
		kp_buf_printf(out, "0x%" PRIx64, addr);
		return;
	}
	kp_buf_puts(out, sym.name);
	if (style.offset)
		kp_buf_printf(out, "+0x%" PRIx64 "/0x%" PRIx64, addr - sym.start, sym.size);
	if (sym.module)
		kp_buf_printf(out, " [%s]", sym.module);
}

/* The name of a file without its folders; [vdso] and the like stay as they are, without brackets. */
static void put_file(const char *path, struct kp_buf *out)
{
	const char *slash = strrchr(path, '/');
	size_t len;

	path = slash ? slash + 1 : path;
	path += *path == '[';
	len = strlen(path);
	kp_buf_put(out, path, len - (len && path[len - 1] == ']'));
}

static void put_user(struct kp_processes *p, int32_t tgid, uint64_t addr, struct style style,
		     struct kp_buf *out)
{
	struct kp_user_symbol sym = { 0 };

	if (p)
		kp_processes_find(p, tgid, addr - style.returns, &sym);
	if (!sym.name) {
		kp_buf_printf(out, "0x%" PRIx64, addr);
	} else {
		kp_buf_puts(out, sym.name);
		if (style.offset)
			kp_buf_printf(out, "+0x%" PRIx64 "/0x%" PRIx64, sym.offset + style.returns,
				      sym.size);
	}
	if (!sym.file || !style.origin)
		return;
	kp_buf_puts(out, " [");
	put_file(sym.file, out);
	if (!sym.name)
		kp_buf_printf(out, "+0x%" PRIx64, sym.offset + style.returns);
	kp_buf_puts(out, "]");
}

static void put_address(const struct kp_format *f, int32_t tgid, uint64_t addr, struct style style,
			struct kp_buf *out)
{
	if (tgid)
		put_user(f->processes, tgid, addr, style, out);
	else
		put_kernel(f->symbols, addr, style, out);
}

void kp_addr_put_stack(const struct kp_format *f, const uint8_t *data, size_t len,
		       struct kp_buf *out)
{
	struct style style = { .offset = true, .origin = true };
	struct ktap_stack head = { 0 };
	uint64_t addr;
	size_t at;

	kp_buf_puts(out, "<stack trace>");
	if (len >= sizeof(head))
		memcpy(&head, data, sizeof(head));
	for (at = sizeof(head); at < len && len - at >= sizeof(addr); at += sizeof(addr)) {
		memcpy(&addr, data + at, sizeof(addr));
		kp_buf_puts(out, "\n => ");
		put_address(f, head.tgid, addr, style, out);
		style.returns = true; /* all but the first */
	}
}

void kp_addr_put_sym(const struct kp_format *f, const uint8_t *data, size_t len, struct kp_buf *out)
{
	struct style style = { 0 };
	struct ktap_sym v;

	if (len < sizeof(v))
		return;
	memcpy(&v, data, sizeof(v));
	style.offset = v.flags & KTAP_SYM_OFFSET;
	put_address(f, v.tgid, v.addr, style, out);
}
