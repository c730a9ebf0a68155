// SPDX-License-Identifier: GPL-2.0-only
#include "addr.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include <ktap/record.h>

#include "sym/kallsyms.h"

/*
 * The symbol of a kernel address. A return address may already belong to the next
 * function, when the call was the last of its own: so look at the byte before it.
 */
static bool find(struct kp_kallsyms *k, uint64_t addr, bool returns, struct kp_symbol *sym)
{
	return k && !kp_kallsyms_find(k, addr - returns, sym);
}

static void put_symbol(const struct kp_symbol *sym, uint64_t addr, bool offset, struct kp_buf *out)
{
	kp_buf_puts(out, sym->name);
	if (offset)
		kp_buf_printf(out, "+0x%" PRIx64 "/0x%" PRIx64, addr - sym->start, sym->size);
	if (sym->module)
		kp_buf_printf(out, " [%s]", sym->module);
}

void kp_addr_put_stack(struct kp_kallsyms *symbols, const uint8_t *data, size_t len,
		       struct kp_buf *out)
{
	struct kp_symbol sym;
	struct ktap_stack head;
	uint64_t addr;
	size_t at;

	kp_buf_puts(out, "<stack trace>");
	for (at = sizeof(head); at < len && len - at >= sizeof(addr); at += sizeof(addr)) {
		memcpy(&addr, data + at, sizeof(addr));
		kp_buf_puts(out, "\n => ");
		if (find(symbols, addr, at > sizeof(head), &sym))
			put_symbol(&sym, addr, true, out);
		else
			kp_buf_printf(out, "0x%" PRIx64, addr);
	}
}

void kp_addr_put_sym(struct kp_kallsyms *symbols, const uint8_t *data, size_t len,
		     struct kp_buf *out)
{
	struct kp_symbol sym;
	struct ktap_sym v;

	if (len < sizeof(v))
		return;
	memcpy(&v, data, sizeof(v));
	if (find(symbols, v.addr, false, &sym))
		put_symbol(&sym, v.addr, v.flags & KTAP_SYM_OFFSET, out);
	else
		kp_buf_printf(out, "0x%" PRIx64, (uint64_t)v.addr);
}
