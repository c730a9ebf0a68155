/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session: everything that belongs to one open file of /dev/ktap.
 *
 * Life: NEW -LOAD-> LOADED -RUN-> RUNNING -> ARMED -STOP-> STOPPING -> DONE, and
 * release from any of them.  The lock is held over LOAD, RUN and STOP, as long as
 * they take; what may be called meanwhile (STATUS, CONSUME, CANCEL, poll, mmap, handlers)
 * reads the state with acquire and then finds everything that LOAD made in place
 * until release.
 *
 * From LOADED on the state changes by cmpxchg, as STOP does not wait for the lock to go from
 * RUNNING or ARMED to STOPPING: so only one STOP gets there, and what runs in process context
 * ends because its state is over.  The main chunk belongs to RUNNING, ticks to ARMED,
 * trace_end to STOPPING.
 */
#ifndef KP_SESSION_H
#define KP_SESSION_H

#include "../probe/probe.h"
#include "../transport/ring.h"
#include "../vm/vm.h"
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct poll_table_struct;

/* What a session has for one CPU.  Made once, kept until release. */
struct kp_cpu {
	struct kp_ctx *ctx[KP_LEVELS];
	struct kp_ring ring;
	void *ctx_mem, *ring_mem;
};

struct kp_session {
	struct kp_probes probes;
	struct kp_vm vm;
	struct kp_ctx *process;		/* main chunk, then ticks, then trace_end */

	struct mutex lock;		/* LOAD, RUN, STOP */
	struct mutex probe_lock;	/* arming, disarming, CPUs that come online; inside of lock */
	u32 state;			/* enum ktap_state */
	u32 cancel;			/* CANCEL: the state whose function shall end */
	u32 flags;			/* KTAP_LOAD_* */
	u32 over;			/* POLLHUP: exit(), script error, or nothing runs any more */
	u32 ring_size;
	u32 armed;			/* as STATUS says it */

	struct mutex consume_lock;	/* one CONSUME at a time */
	wait_queue_head_t readers;	/* in poll */
	wait_queue_head_t room;		/* process context that waits for room in a ring */
	atomic_t starving;		/* how many do */
	u32 told;			/* readers were woken and have not polled since */

	/*
	 * Handlers cannot wake anybody: they run in NMIs and below the scheduler's
	 * locks.  They queue the irq_work, which on PREEMPT_RT runs in a thread.
	 */
	struct irq_work irq_work;
	struct workqueue_struct *workqueue;
	struct work_struct maintain;	/* kp_vm_maintain() */
	u32 want_maintain;

	struct list_head list;		/* of sessions that have been loaded, for CPU hotplug */
	struct work_struct online;	/* arms CPUs that came online */
	unsigned long *came;		/* bit per CPU: came online, to be armed */
	atomic_t missed;		/* KTAP_CNT_CPU_MISSED */

	struct kp_cpu *cpu[];		/* by CPU number; NULL: was never online */
};

/* Once per module load and unload, process context. */
int kp_session_setup(void);
void kp_session_teardown(void);

/* Process context, all of them.  NULL for lack of memory. */
struct kp_session *kp_session_new(void);

/* Ends a session in any state: disarms, waits for handlers, frees.  Nobody else uses it. */
void kp_session_release(struct kp_session *s);

/*
 * The ioctls LOAD, RUN, STOP; image is a copy of what load says.  0 or -errno: -EBUSY in
 * the wrong state, -EINTR when it was cut short (see abi.h), and for LOAD -EINVAL with
 * load->place when the image is refused and -ENOMEM with load->need.  A script error is
 * no error here: STATUS tells it.
 */
int kp_session_load(struct kp_session *s, struct ktap_load *load, const void *image);
int kp_session_run(struct kp_session *s);
int kp_session_stop(struct kp_session *s);

/* Ends what RUN or STOP run: 0, or -EBUSY when neither is under way. */
int kp_session_cancel(struct kp_session *s);

/* STATUS, CONSUME: -EBUSY before LOAD; -EINVAL for a ring that does not exist or a wrong tail. */
int kp_session_status(struct kp_session *s, struct ktap_status *status);
int kp_session_consume(struct kp_session *s, const struct ktap_consume *consume);

/* Whether LOAD is done: what it made can be used without the lock. */
static inline bool kp_session_loaded(const struct kp_session *s)
{
	/* pairs with the end of kp_session_load(): what it made is visible */
	return smp_load_acquire(&s->state) >= KTAP_STATE_LOADED;
}

/* What there is for a CPU, after LOAD; NULL for one that was never online. */
static inline struct kp_cpu *kp_session_cpu(const struct kp_session *s, u32 number)
{
	if (number >= kp_port_cpus())
		return NULL;
	/* pairs with cover_cpu() */
	return smp_load_acquire(&s->cpu[array_index_nospec(number, kp_port_cpus())]);
}

/* Distance of the rings in the mapping, bytes. */
static inline unsigned long kp_session_stride(const struct kp_session *s)
{
	return PAGE_ALIGN(kp_ring_bytes(s->ring_size));
}

/* cpus.c: once per module load and unload, behind kp_session_setup().  Process context.  0 or -errno. */
int kp_cpus_setup(void);
void kp_cpus_teardown(void);

/* For a session without CPUs, and undoes it.  Process context.  0 or -ENOMEM. */
int kp_cpus_init(struct kp_session *s);
void kp_cpus_free(struct kp_session *s);

/*
 * Gives each CPU that is online its contexts and its ring, and those that come later, until
 * the session leaves.  kp_cpus_leave() may be called without the former.  Process context.  0 or -ENOMEM.
 */
int kp_cpus_join(struct kp_session *s);
void kp_cpus_leave(struct kp_session *s);

/* wake.c: sets up and ends the waking of readers and of maintenance.  Process context, no handlers. */
void kp_session_wake_init(struct kp_session *s, struct workqueue_struct *workqueue);
void kp_session_wake_end(struct kp_session *s);

/*
 * The script has called exit() or failed: no handler runs any more, readers are told.
 * Any context.
 */
void kp_session_over(struct kp_session *s);

/* Wakes readers, once until they poll again.  Any context. */
void kp_session_tell(struct kp_session *s);

/* Has kp_vm_maintain() run soon.  Any context. */
void kp_session_kick(struct kp_session *s);

/* What poll says of a session's file. */
__poll_t kp_session_poll(struct kp_session *s, struct file *file, struct poll_table_struct *wait);

#endif
