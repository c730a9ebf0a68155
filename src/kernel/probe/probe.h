/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes: where events come from.
 *
 * A provider is one file and one struct kp_probe_ops, listed in probe.c.  It knows
 * nothing of scripts: it is given groups of events that happen at the same place,
 * and hands a group up when that happens.
 *
 * In the life of a session: prepare, arm, [online ...], disarm, free.  The gate
 * decides whether handlers run: the session opens it when everything is armed and
 * closes it before anything is disarmed.
 */
#ifndef KP_PROBE_H
#define KP_PROBE_H

#include "target.h"
#include "../uapi/ktap/abi.h"

struct kp_event;		/* of the VM; only handed through */
struct kp_probes;
struct pt_regs;

#define KP_PROBE_PROVIDERS	4

/* An event of a script, as core describes it. */
struct kp_probe_event {
	const struct kp_event *event;
	u64 id;			/* as in struct ktap_image_event */
	u32 kind;		/* enum ktap_event_kind */
};

/* All events of the same kind and id, in the order of the script. */
struct kp_probe_group {
	u64 id;
	u32 kind;
	u32 nevents;
	const struct kp_event *const *events;	/* NULL after the last */
};

/* Process context throughout; no two calls at a time for one session. */
struct kp_probe_ops {
	const char *name;
	u32 kinds;		/* 1 << enum ktap_event_kind, for those it provides */
	u32 feature;		/* KTAP_FEAT_* */
	/* Once per module load and unload; 0 or -errno.  Optional, both or none. */
	int (*setup)(void);
	void (*teardown)(void);
	/* Whether this kernel has what the provider needs.  NULL: every kernel. */
	bool (*available)(void);
	/* Whether it can provide an event with this id: 0 or -errno.  Optional. */
	int (*check)(u32 kind, u64 id);
	/*
	 * Starts n groups, n > 0.  Handlers may be called before it returns (and meet a
	 * closed gate).  Returns the number of events that are armed, or -errno.  Sets
	 * *state, also when it fails: disarm and free follow unless that is NULL.
	 */
	int (*arm)(struct kp_probes *probes, const struct kp_probe_group *groups, u32 n, void **state);
	/* A CPU has come online.  0 or -errno when it is not covered.  Optional. */
	int (*online)(void *state, u32 cpu);
	/* No handler is called any more: kp_probes_disarm() waits for running ones afterwards. */
	void (*disarm)(void *state);
	/* Nothing runs any more.  What takes long may be left to a work item. */
	void (*free)(void *state);
};

enum kp_probe_gate {
	KP_GATE_CLOSED,
	KP_GATE_OPEN,
	KP_GATE_FOLLOW,		/* open for a process and its descendants */
	KP_GATE_TARGET,		/* open for what kp_target_admits() */
};

/* The probes of a session. */
struct kp_probes {
	u32 gate;		/* enum kp_probe_gate; read by handlers without a lock */
	struct kp_target target;
	u32 ngroups;
	struct kp_probe_group *groups;		/* sorted by kind and id */
	const struct kp_event **events;		/* what groups[].events point to */
	void *state[KP_PROBE_PROVIDERS];	/* of the providers, while they are armed */
	u32 armed;		/* number of events that are armed */
};

extern const struct kp_probe_ops kp_syscall_ops, kp_tracepoint_ops, kp_tick_ops, kp_profile_ops;

/* Once per module load and unload, process context.  0 or -errno. */
int kp_probes_setup(void);
void kp_probes_teardown(void);

/* KTAP_FEAT_* of the providers that work on this kernel. */
u32 kp_probes_features(void);

/*
 * Takes note of n events (in the order of the script; the array may go afterwards).
 * Process context.  -EOPNOTSUPP when this kernel cannot provide one, -EINVAL for an
 * id that cannot be, -ENOMEM.  kp_probes_free() undoes it, also after an error.
 */
int kp_probes_prepare(struct kp_probes *probes, const struct kp_probe_event *events, u32 n);
void kp_probes_free(struct kp_probes *probes);

/* Arms everything.  0, or -errno with everything disarmed again.  Process context. */
int kp_probes_arm(struct kp_probes *probes);

/* Disarms everything and waits for running handlers.  The gate is closed.  Process context. */
void kp_probes_disarm(struct kp_probes *probes);

/* The number of events in n groups. */
u32 kp_probe_count(const struct kp_probe_group *groups, u32 n);

/* What `check` says of a timer, whose id is its period in ns: 0 or -ERANGE. */
int kp_probe_check_period(u32 kind, u64 id);

/* Brings what is armed to a CPU that has come online.  0 or -errno.  Process context. */
int kp_probes_cpu_online(struct kp_probes *probes, u32 cpu);

/* Whether handlers may run.  Any context, preemption off. */
static inline bool kp_probes_open(const struct kp_probes *probes)
{
	u32 gate = READ_ONCE(probes->gate);

	if (likely(gate == KP_GATE_OPEN))
		return true;
	if (likely(gate == KP_GATE_FOLLOW))
		return kp_target_follows(&probes->target);
	return gate == KP_GATE_TARGET && kp_target_admits(&probes->target);
}

/*
 * What follows is in core: the handlers' way up.  Direct calls and not a
 * table of them, as every instruction here is paid for each event.
 */

/* What a session wants of the system calls, by number; NULL: nothing. */
struct kp_syscall_side {
	struct kp_probes *probes;
	unsigned long mask;	/* a power of two - 1: how far by_number goes */
	const struct kp_event *const *by_number[];
};

/*
 * What the tracepoints sys_enter and sys_exit call with a struct kp_syscall_side: in task
 * context, since 6.13 preemptible.
 */
void kp_probe_sys_enter(void *side, struct pt_regs *regs, long nr);
void kp_probe_sys_exit(void *side, struct pt_regs *regs, long ret);

/*
 * An event with a record (raw NULL: without), in any context.  ip is a return address on the
 * stack: the event happened there, or where that function, should it be iterator, was called.
 */
void kp_probe_record_at(struct kp_probes *probes, const struct kp_event *const *events,
			const void *raw, u32 len, unsigned long ip, unsigned long iterator);

/* The same when the provider knows no such place. */
static inline void kp_probe_record(struct kp_probes *probes, const struct kp_event *const *events,
				   const void *raw, u32 len)
{
	kp_probe_record_at(probes, events, raw, len, 0, 0);
}

/*
 * Counts events of a group that do not reach their handlers, each so many times.  Any
 * context, preemption off; the caller has asked the gate.
 */
void kp_probe_missed(struct kp_probes *probes, const struct kp_event *const *events,
		     enum ktap_counter counter, u32 times);

/* Whether arming should be given up, with -EINTR.  Process context. */
bool kp_probe_interrupted(struct kp_probes *probes);

/* Warns that an event cannot be traced on this kernel.  Process context, within arm(). */
void kp_probe_refused(struct kp_probes *probes, const struct kp_event *event);

/* A tick, in process context, in the one thread that runs ticks of this session. */
void kp_probe_tick(struct kp_probes *probes, const struct kp_event *const *events);

#endif
