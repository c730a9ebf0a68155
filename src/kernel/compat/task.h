/* SPDX-License-Identifier: GPL-2.0-only */
/* Tasks, their signals and references to them: one header up to 4.10. */
#ifndef KP_COMPAT_TASK_H
#define KP_COMPAT_TASK_H

#include <linux/sched.h>
#ifdef KP_HAVE_SCHED_SIGNAL
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#endif

#endif
