// SPDX-License-Identifier: GPL-2.0-only
/* Where the kernel and the current process are: their stacks. */
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#ifdef KP_HAVE_SCHED_TASK_STACK
#include <linux/sched/task_stack.h>
#endif

u32 kp_compat_stack(unsigned long *pcs, u32 max)
{
#ifndef CONFIG_STACKTRACE
	return 0;
#elif defined(KP_HAVE_STACK_TRACE_SAVE)
	return stack_trace_save(pcs, max, 0);
#else
	struct stack_trace trace = { .max_entries = max, .entries = pcs };

	save_stack_trace(&trace);
	/* some architectures end it with a mark */
	while (trace.nr_entries && pcs[trace.nr_entries - 1] == ULONG_MAX)
		trace.nr_entries--;
	return trace.nr_entries;
#endif
}

bool kp_compat_stack_ours(unsigned long pc)
{
	return within_module_core(pc, THIS_MODULE);
}

/*
 * No kernel exports a way to walk the stack of a process, so here is one: along the frame
 * pointers, which programs have to keep for it.  A frame is the caller's frame
 * pointer and the address it returns to, words of 4 or 8 bytes.
 */
#if defined(CONFIG_X86)
static unsigned long first_frame(const struct pt_regs *regs, u32 *word)
{
	*word = user_64bit_mode((struct pt_regs *)regs) ? 8 : 4;
	return regs->bp;
}
#elif defined(CONFIG_ARM64)
static unsigned long first_frame(const struct pt_regs *regs, u32 *word)
{
	*word = 8;
	return compat_user_mode(regs) ? 0 : regs->regs[29];
}
#else
/* Where to find the caller is not known: the place alone. */
static unsigned long first_frame(const struct pt_regs *regs, u32 *word)
{
	*word = sizeof(long);
	return 0;
}
#endif

/* Without the signature that arm64 may keep in the upper bits. */
static u64 plain_address(u64 pc)
{
#ifdef CONFIG_ARM64
	return pc & (TASK_SIZE - 1);
#else
	return pc;
#endif
}

u32 kp_compat_ustack(u64 *pcs, u32 max)
{
	const struct pt_regs *regs = task_pt_regs(current);
	unsigned long fp, next;
	u32 n = 0, word;
	union {
		u32 w[2];
		u64 d[2];
	} frame;

	if (!current->mm || current->flags & PF_KTHREAD || !max || !user_mode((struct pt_regs *)regs))
		return 0;
	pcs[n++] = instruction_pointer((struct pt_regs *)regs);
	fp = first_frame(regs, &word);
	while (n < max && fp && !(fp % word)) {
		if (kp_compat_copy_user(&frame, fp, 2 * word))
			break;
		pcs[n] = word == 4 ? frame.w[1] : plain_address(frame.d[1]);
		if (!pcs[n])
			break;
		n++;
		next = word == 4 ? frame.w[0] : frame.d[0];
		/* callers are further up; this also ends a circle */
		if (next <= fp)
			break;
		fp = next;
	}
	return n;
}
