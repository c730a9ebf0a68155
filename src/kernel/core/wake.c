// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waking: readers in poll, and the work that refills memory.  Handlers cannot wake
 * anybody, so they queue an irq_work that does.
 */
#include "session.h"
#include "../compat/device.h"

static void irq_work_callback(struct irq_work *work)
{
	struct kp_session *s = container_of(work, struct kp_session, irq_work);

	if (READ_ONCE(s->want_maintain)) {
		WRITE_ONCE(s->want_maintain, 0);
		queue_work(s->workqueue, &s->maintain);
	}
	if (READ_ONCE(s->told) || READ_ONCE(s->over))
		wake_up_interruptible(&s->readers);
}

static void maintain_work(struct work_struct *work)
{
	struct kp_session *s = container_of(work, struct kp_session, maintain);

	kp_vm_maintain(&s->vm);
}

void kp_session_wake_init(struct kp_session *s, struct workqueue_struct *workqueue)
{
	init_waitqueue_head(&s->readers);
	init_waitqueue_head(&s->room);
	s->workqueue = workqueue;
	init_irq_work(&s->irq_work, irq_work_callback);
	INIT_WORK(&s->maintain, maintain_work);
}

/* In this order: the irq_work queues the work, and the work queues nothing. */
void kp_session_wake_end(struct kp_session *s)
{
	irq_work_sync(&s->irq_work);
	cancel_work_sync(&s->maintain);
}

void kp_session_kick(struct kp_session *s)
{
	WRITE_ONCE(s->want_maintain, 1);
	irq_work_queue(&s->irq_work);
}

void kp_session_tell(struct kp_session *s)
{
	/* the ring is as full as it is before told is looked at: pairs with kp_session_poll() */
	smp_mb();
	if (READ_ONCE(s->told))
		return;
	WRITE_ONCE(s->told, 1);
	irq_work_queue(&s->irq_work);
}

void kp_session_over(struct kp_session *s)
{
	WRITE_ONCE(s->probes.gate, KP_GATE_CLOSED);
	if (READ_ONCE(s->over))
		return;
	WRITE_ONCE(s->over, 1);
	irq_work_queue(&s->irq_work);
}

__poll_t kp_session_poll(struct kp_session *s, struct file *file, struct poll_table_struct *wait)
{
	__poll_t mask = 0;
	bool starving;
	u32 i;

	poll_wait(file, &s->readers, wait);
	if (!kp_session_loaded(s))
		return 0;
	WRITE_ONCE(s->told, 0);
	/* pairs with kp_session_tell(): who fills a ring to the half later sees told cleared and wakes us */
	smp_mb();
	/* pairs with wait_for_room(): it counts itself first and wakes us then */
	starving = atomic_read(&s->starving);
	for (i = 0; i < kp_port_cpus(); i++) {
		const struct kp_cpu *cpu = kp_session_cpu(s, i);
		u32 used = cpu ? kp_ring_used(&cpu->ring) : 0;

		if (used && (starving || used >= cpu->ring.size / 2))
			mask = EPOLLIN | EPOLLRDNORM;
	}
	if (READ_ONCE(s->over))
		mask |= EPOLLHUP;
	return mask;
}
