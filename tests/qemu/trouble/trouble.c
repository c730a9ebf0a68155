// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the trouble whose name is written to /sys/module/trouble/parameters/make,
 * so that tests/qemu/selftest can see that the rig notices it.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#define SECONDS 8	/* longer than what the test tells the watchdogs to wait */

static bool warn_at_exit;

static void make_warn(void)
{
	WARN(1, "trouble wanted\n");
}

static void make_oops(void)
{
	WRITE_ONCE(*(int *)8, 1);
}

static void make_panic(void)
{
	panic("trouble wanted");
}

/* The watchdogs go by the tick; mdelay() may be a fraction of what it should in a guest on a busy machine. */
static void stay(void)
{
	unsigned long end = jiffies + SECONDS * HZ;
	int i;

	for (i = 0; i < 100 && time_before(jiffies, end); i++)
		mdelay(1000);
}

static void make_soft_lockup(void)
{
	preempt_disable();
	stay();
	preempt_enable();
}

static void make_hard_lockup(void)
{
	unsigned long flags;

	local_irq_save(flags);
	stay();
	local_irq_restore(flags);
}

static void make_hung_task(void)
{
	schedule_timeout_uninterruptible(SECONDS * HZ);
}

static void make_bug(void)
{
	BUG();
}

/* With one processor nothing runs any more. */
static void make_dead(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static void make_leak(void)
{
	__module_get(THIS_MODULE);
}

/* More than one, as an old stack may still know of the last. */
static void make_lost_memory(void)
{
	int i;

	for (i = 0; i < 10; i++)
		if (!kmalloc(100, GFP_KERNEL))
			pr_warn("no memory to lose\n");
}

static void make_late_warn(void)
{
	warn_at_exit = true;
}

static const struct {
	const char *name;
	void (*make)(void);
} troubles[] = {
	{ "warn", make_warn },
	{ "oops", make_oops },
	{ "panic", make_panic },
	{ "soft-lockup", make_soft_lockup },
	{ "hard-lockup", make_hard_lockup },
	{ "hung-task", make_hung_task },
	{ "bug", make_bug },
	{ "dead", make_dead },
	{ "leak", make_leak },
	{ "lost-memory", make_lost_memory },
	{ "late-warn", make_late_warn },
};

static int make(const char *value, const struct kernel_param *kp)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(troubles); i++) {
		if (sysfs_streq(value, troubles[i].name)) {
			troubles[i].make();
			return 0;
		}
	}
	return -EINVAL;
}

static const struct kernel_param_ops make_ops = { .set = make };

module_param_cb(make, &make_ops, NULL, 0200);

static int __init trouble_init(void)
{
	return 0;
}

static void __exit trouble_exit(void)
{
	WARN(warn_at_exit, "trouble wanted\n");
}

module_init(trouble_init);
module_exit(trouble_exit);
MODULE_DESCRIPTION("Trouble for the self-test of the rig");
MODULE_LICENSE("GPL");
