/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of an event as text, for e.regstr.
 *
 *   kp_port_regs_text(regs, buf, n)
 *                        writes at most n bytes, no zero behind them; how many.  regs is a struct
 *                        pt_regs.  Any context.  0 on other processors than x86 and on a host
 */
#ifndef KP_PORT_REGS_H
#define KP_PORT_REGS_H

#include "port.h"

#define KP_PORT_REGS_TEXT	512	/* bytes that are enough */

#if defined(__KERNEL__) && defined(CONFIG_X86)

#include <linux/ptrace.h>

static inline u32 kp_port_regs_text(const void *regs, char *buf, u32 n)
{
#define KP_REG(name)	{ #name, offsetof(struct pt_regs, name) }
	static const struct {
		const char *name;
		u32 offset;
	} list[] = {
		KP_REG(ax), KP_REG(orig_ax), KP_REG(bx), KP_REG(cx), KP_REG(dx), KP_REG(si), KP_REG(di),
		KP_REG(bp), KP_REG(sp), KP_REG(ip), KP_REG(flags),
#ifdef CONFIG_X86_64
		KP_REG(r8), KP_REG(r9), KP_REG(r10), KP_REG(r11), KP_REG(r12), KP_REG(r13), KP_REG(r14),
		KP_REG(r15),
#endif
	};
#undef KP_REG
	u32 i, len = 0;

	for (i = 0; i < ARRAY_SIZE(list); i++) {
		unsigned long reg;

		memcpy(&reg, (const u8 *)regs + list[i].offset, sizeof(reg));
		len += scnprintf(buf + len, n - len, "%s%s: 0x%lx", i ? ", " : "{", list[i].name, reg);
	}
	return len + scnprintf(buf + len, n - len, "}\n");
}

#else

static inline u32 kp_port_regs_text(const void *regs, char *buf, u32 n)
{
	(void)regs;
	(void)buf;
	(void)n;
	return 0;
}

#endif
#endif
