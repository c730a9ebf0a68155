/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting that does not keep the system awake. */
#ifndef KP_COMPAT_WAIT_H
#define KP_COMPAT_WAIT_H

#include <linux/freezer.h>
#include <linux/sched.h>
#include <linux/wait.h>

/*
 * kp_compat_wait_killable(queue, condition): wait_event_killable() without its result; whoever
 * waits may be frozen meanwhile, so that the system can be suspended.  That holds for one with a
 * mutex, too: only if another task waits for that mutex, which cannot be frozen there, the attempt to
 * suspend fails.  Process context.
 */
#ifdef TASK_FREEZABLE_UNSAFE
#define kp_compat_wait_killable(queue, condition) \
	((void)wait_event_state(queue, condition, (TASK_KILLABLE | TASK_FREEZABLE_UNSAFE)))
#elif defined(wait_event_freezekillable_unsafe)
#define kp_compat_wait_killable(queue, condition) \
	((void)wait_event_freezekillable_unsafe(queue, condition))
#else
#define kp_compat_wait_killable(queue, condition) \
do { \
	freezer_do_not_count(); \
	wait_event_killable(queue, condition); \
	freezer_count(); \
} while (0)
#endif

#endif
