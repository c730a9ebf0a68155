// SPDX-License-Identifier: GPL-2.0-only
#include "target.h"
#include "../compat/task.h"
#include <linux/pid.h>
#include <linux/threads.h>
#include <linux/tracepoint.h>
#include <linux/vmalloc.h>

/*
 * The fork event happens before the child can run, in its parent.  A thread has
 * the process id of its parent and so has its bit already.
 */
static void follow_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct kp_target *t = data;

	if (test_bit(parent->tgid, t->followed))
		set_bit(child->tgid, t->followed);
}

/*
 * The last thread of a process clears the bit, while the process still owns its id.
 * Two last threads may both see 0: clearing twice before the id is free is fine.
 */
static void follow_exit(void *data, KP_TP_EXIT_ARGS)
{
	struct kp_target *t = data;

	if (atomic_read(&task->signal->live) == 0)
		clear_bit(task->tgid, t->followed);
}

/*
 * Marks the descendants that are there already.  Forks are watched by now: a child
 * is found by its parent's bit or by this walk.
 */
static void follow_existing(struct kp_target *t)
{
	struct task_struct *task, *up;

	rcu_read_lock();
	for_each_process(task)
		for (up = task; up->pid; up = rcu_dereference(up->real_parent)) {
			if (up->tgid != t->tgid)
				continue;
			if (atomic_read(&task->signal->live))
				set_bit(task->tgid, t->followed);
			break;
		}
	rcu_read_unlock();
}

static int follow(struct kp_target *t)
{
	int err;

	t->followed = kp_port_alloc(BITS_TO_LONGS(PID_MAX_LIMIT) * sizeof(long));
	if (!t->followed)
		return -ENOMEM;
	set_bit(t->tgid, t->followed);
	err = kp_compat_tracepoint_register(KP_TP_FORK, follow_fork, t);
	if (err)
		goto free;
	err = kp_compat_tracepoint_register(KP_TP_EXIT, follow_exit, t);
	if (err)
		goto unregister;
	follow_existing(t);
	return 0;

unregister:
	kp_compat_tracepoint_unregister(KP_TP_FORK, follow_fork, t);
	tracepoint_synchronize_unregister();
free:
	kp_target_free(t);
	return err;
}

int kp_target_init(struct kp_target *t, s32 pid, s32 cpu, bool wants_follow)
{
	struct task_struct *task;
	struct pid *id;

	t->tgid = 0;
	t->cpu = cpu;
	t->followed = NULL;
	if (pid < 0 || cpu < -1 || (cpu >= 0 && !kp_port_cpu_possible(cpu)) || (wants_follow && !pid))
		return -EINVAL;
	if (!pid)
		return 0;
	id = find_get_pid(pid);
	task = get_pid_task(id, PIDTYPE_PID);
	put_pid(id);
	if (!task)
		return -ESRCH;
	t->tgid = task->tgid;
	put_task_struct(task);
	if (!wants_follow)
		return 0;
	return kp_target_can_follow() ? follow(t) : -EOPNOTSUPP;
}

void kp_target_stop(struct kp_target *t)
{
	if (!t->followed)
		return;
	kp_compat_tracepoint_unregister(KP_TP_EXIT, follow_exit, t);
	kp_compat_tracepoint_unregister(KP_TP_FORK, follow_fork, t);
}

void kp_target_free(struct kp_target *t)
{
	kp_port_free(t->followed);
	t->followed = NULL;
}

bool kp_target_can_follow(void)
{
	return kp_compat_tracepoint_exists(KP_TP_FORK) && kp_compat_tracepoint_exists(KP_TP_EXIT);
}
