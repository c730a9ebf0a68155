// SPDX-License-Identifier: GPL-2.0-only
/* Where the kernel is: its stack. */
#include <linux/module.h>
#include <linux/stacktrace.h>

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
