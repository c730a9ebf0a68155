// SPDX-License-Identifier: GPL-2.0-only
/* CPUs that come online: state machine since 4.6, notifier before. */
#include <linux/cpu.h>

#ifdef KP_HAVE_CPUHP_DYN

static enum cpuhp_state state;

int kp_compat_cpu_online_register(int (*online)(unsigned int cpu))
{
	int ret = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "ktap:online", online, NULL);

	if (ret < 0)
		return ret;
	state = ret;
	return 0;
}

void kp_compat_cpu_online_unregister(void)
{
	cpuhp_remove_state_nocalls(state);
}

#else

static int (*callback)(unsigned int cpu);

static int notify(struct notifier_block *nb, unsigned long action, void *cpu)
{
	if ((action & ~CPU_TASKS_FROZEN) == CPU_ONLINE)
		callback((unsigned long)cpu);
	return NOTIFY_OK;
}

static struct notifier_block block = { .notifier_call = notify };

int kp_compat_cpu_online_register(int (*online)(unsigned int cpu))
{
	callback = online;
	return register_cpu_notifier(&block);
}

void kp_compat_cpu_online_unregister(void)
{
	unregister_cpu_notifier(&block);
}

#endif
