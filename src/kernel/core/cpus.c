// SPDX-License-Identifier: GPL-2.0-only
/* The CPUs of a session: what each needs, from LOAD on or when it comes online. */
#include "context.h"
#include <linux/cpumask.h>

/*
 * Sessions that have been loaded.  Taken with CPU hotplug locked, so under it nothing
 * may be called that locks hotplug.
 */
static DEFINE_MUTEX(sessions_lock);
static LIST_HEAD(sessions);

/* Contexts and ring for a CPU; under sessions_lock. */
static int cover_cpu(struct kp_session *s, u32 number)
{
	struct kp_cpu *cpu;

	if (s->cpu[number])
		return 0;
	cpu = kp_context_new(s);
	if (!cpu)
		return -ENOMEM;
	/* whoever sees the pointer sees what it points to */
	smp_store_release(&s->cpu[number], cpu);
	return 0;
}

/*
 * Called with CPU hotplug locked.  Arming takes locks under which others lock hotplug,
 * so that is left to a work item.
 */
static int cpu_online_callback(unsigned int cpu)
{
	struct kp_session *s;

	mutex_lock(&sessions_lock);
	list_for_each_entry(s, &sessions, list) {
		if (cover_cpu(s, cpu))
			atomic_inc(&s->missed);
		set_bit(cpu, s->came);
		queue_work(s->workqueue, &s->online);
	}
	mutex_unlock(&sessions_lock);
	return 0;
}

static void online_work(struct work_struct *work)
{
	struct kp_session *s = container_of(work, struct kp_session, online);
	u32 cpu;
	int err;

	mutex_lock(&s->probe_lock);
	for (cpu = 0; cpu < kp_port_cpus(); cpu++) {
		if (!test_and_clear_bit(cpu, s->came))
			continue;
		err = kp_probes_cpu_online(&s->probes, cpu);
		/* -EINTR: the session ends, so there is nothing to miss */
		if (err && err != -EINTR)
			atomic_inc(&s->missed);
	}
	mutex_unlock(&s->probe_lock);
}

int kp_cpus_init(struct kp_session *s)
{
	s->came = kp_port_alloc(BITS_TO_LONGS(kp_port_cpus()) * sizeof(long));
	if (!s->came)
		return -ENOMEM;
	INIT_WORK(&s->online, online_work);
	INIT_LIST_HEAD(&s->list);
	return 0;
}

void kp_cpus_free(struct kp_session *s)
{
	kp_port_free(s->came);
}

int kp_cpus_join(struct kp_session *s)
{
	int err = 0;
	u32 cpu;

	mutex_lock(&sessions_lock);
	list_add(&s->list, &sessions);
	for (cpu = 0; cpu < kp_port_cpus() && !err; cpu++)
		if (cpu_online(cpu))
			err = cover_cpu(s, cpu);
	mutex_unlock(&sessions_lock);
	return err;
}

void kp_cpus_leave(struct kp_session *s)
{
	mutex_lock(&sessions_lock);
	list_del_init(&s->list);
	mutex_unlock(&sessions_lock);
	cancel_work_sync(&s->online);
}

int kp_cpus_setup(void)
{
	return kp_compat_cpu_online_register(cpu_online_callback);
}

void kp_cpus_teardown(void)
{
	kp_compat_cpu_online_unregister();
}
