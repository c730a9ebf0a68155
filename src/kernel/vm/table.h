/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables, and cells: the state that contexts and CPUs share.
 *
 * A table is one or more shards.  A shard is a hash table with its own lock:
 * buckets of chains of nodes, nodes numbered in the order of insertion.  So a walk is a
 * node number that counts up: a pair that is there from the beginning to the end of the
 * walk is met exactly once, whatever other CPUs insert and delete meanwhile.
 *
 * A plain table has one shard.  A per-CPU table has one more for each CPU:
 * adding touches only the shard of this CPU, and who wants to know the value
 * (process context) first moves what the CPUs have into the common shard, each
 * pair under both locks, so nothing is counted twice or lost.  Nobody walks the shard of a
 * CPU by number, so the last node fills the hole of one that goes, and segments at its end
 * that are not needed any more go back to the pool.
 *
 * Handlers never allocate and never wait: a shard that has no node left takes a segment of
 * them from the pool, which is the reserve of all tables of the session and which process
 * context refills long before it is empty.  kp_table_grow(), from process context, adds buckets, a few
 * at a time.  When the session's memory is used up a new key is refused and counted.
 *
 * Tables are reclaimed too, see collect.c.
 *
 * Functions that take a context may be called in every context.  They return 0, or
 *   -EBUSY   this CPU was interrupted while it held the lock (see struct kp_lock)
 *   -ENOMEM  no memory for a new key
 *   -EDQUOT  no memory for the bytes of a value
 *   -ENOSPC  no scratch space for the result
 *   -EINVAL  the element has a type that cannot be added to
 *   -ETIME   done, but long keys and values have used up the budget: see kp_ctx_spent()
 * Keys, values and results are registers or constants: scratch_collect() may move
 * what they point to meanwhile.
 */
#ifndef KP_TABLE_H
#define KP_TABLE_H

#include "agg.h"
#include "value.h"

struct kp_ctx;
struct kp_sort;
struct kp_vm;

#define KP_SEGMENT_SHIFT	6
#define KP_SEGMENT		(1U << KP_SEGMENT_SHIFT)	/* nodes of a segment */
#define KP_DIRS			22				/* of segments: each takes as many as all before it */
#define KP_SHARD_NODES		(KP_SEGMENT << KP_DIRS)		/* at most */

struct kp_node {
	struct kp_value key;	/* type KTAP_T_NIL: free */
	struct kp_value val;
	struct kp_node *next;	/* in its chain or in the free list */
	u32 hash;
};

struct kp_shard {
	struct kp_lock lock;
	u32 detour;		/* not for quick.h: its buckets are being split, or other shards hold pairs as well */
	u32 live;		/* pairs */
	u32 limit;		/* pairs from which on more buckets are asked for */
	u32 down;		/* a hash shifted down by so many bits is the number of its bucket */
	u32 top;		/* nodes from here on were never used */
	u32 capacity;		/* nodes there are */
	struct kp_node **buckets;
	struct kp_node **old_buckets;	/* NULL unless they are being split: then the smaller table; */
	u32 old_down;
	u32 split;		/* its buckets below this one have been moved */
	struct kp_node *fresh;	/* node number top, unless it is the end: */
	struct kp_node *fresh_end;	/* then another segment comes */
	struct kp_node *free;	/* deleted ones */
	bool compact;		/* the shard of a CPU: all nodes below top are in use, none is in `free` */
	u32 want;		/* more buckets were asked for */
	u32 holds;		/* a value that refers to a table was stored here */
	u32 nsmall;		/* nodes in */
	struct kp_node *small;	/* what a new table begins with instead of a segment; NULL: nothing */
	struct kp_node *first;	/* nodes below KP_SEGMENT: segment 0, or `small` until there is one */
	struct kp_node **dirs[KP_DIRS];	/* dirs[k][j] is segment (1 << k) + j */
};

struct kp_table {
	struct kp_shard common;	/* first, as every access begins with its lock */
	struct kp_vm *vm;
	struct kp_table *next;	/* list of the session */
	u64 serial;		/* what print shows */
	struct kp_table *todo;	/* kp_table_collect(): the next one to be looked into */
	u32 marked;		/* kp_table_collect(): somebody can reach it */
	u32 stored;		/* was stored since kp_table_collect() began */
	u32 flags;		/* KTAP_TABLE_* */
	u32 ncpus;		/* CPU shards, 0 for a plain table */
	u32 linear;		/* buckets of a linear distribution, of */
	s64 low, step;		/* so many numbers, from here on; 0: there is none */
	struct kp_sort *sort;	/* the order of a walk, of sort.h, or NULL */
	struct kp_shard **cpu;	/* by CPU number; NULL for impossible ones */
};

struct kp_cell {
	struct kp_lock lock;
	u32 flags;		/* KTAP_CELL_* */
	struct kp_value val;
};

/* A new table with room for hint pairs (0: a default).  Process context.  NULL when memory is used up. */
struct kp_table *kp_table_new(struct kp_vm *vm, u32 flags, u32 hint);

/*
 * Lets the aggregates of a new table keep a distribution in linear buckets, as struct ktap_linear
 * says it.  Process context, before anybody else uses it.
 */
void kp_table_set_linear(struct kp_table *t, s64 low, s64 high, s64 step);

/* Frees the memory of a table, but not the bytes its pairs hold.  Process context, nobody else uses it. */
void kp_table_free(struct kp_table *t);

/* The same with those bytes. */
void kp_table_drop(struct kp_table *t);

/* Node number n of a shard, below its capacity.  The shard is locked, or nobody else uses it. */
static __always_inline struct kp_node *kp_shard_node(const struct kp_shard *sh, u32 n)
{
	u32 s = n >> KP_SEGMENT_SHIFT, k;

	if (likely(s == 0))
		return &sh->first[n];
	k = 31 - __builtin_clz(s);
	return &sh->dirs[k][s - (1U << k)][n % KP_SEGMENT];
}

/* Frees the tables that nothing can reach any more, when it is worth while.  Process context. */
void kp_table_collect(struct kp_ctx *ctx);

/* Adds buckets where they were asked for.  Process context, under vm->tables_mutex. */
void kp_table_grow(struct kp_table *t);

/* *out = t[key] or nil, also after -ENOMEM.  A per-CPU table gives the sum over its shards. */
int kp_table_get(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, struct kp_value *out);

/* Whether there is t[key].  Its value is neither copied nor, in a per-CPU table, summed up. */
int kp_table_has(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, bool *has);

/* t[key] = val; nil deletes. */
int kp_table_set(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, struct kp_value *val);

/* t[key] += n, in one step.  -EINVAL when the element is no integer. */
int kp_table_add(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n);

/* t[key] <<< n, in one step.  -EINVAL when the element is no aggregate. */
int kp_table_sample(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n);

/*
 * The next pair from *cursor on (0 starts): 1 and *key, *val, a new *cursor; 0 at
 * the end.  For a per-CPU table call kp_table_merge() before the walk.
 */
int kp_table_next(struct kp_ctx *ctx, struct kp_table *t, s64 *cursor,
		  struct kp_value *key, struct kp_value *val);

/* Moves what the CPUs of a per-CPU table have into its common shard and gives their memory back.  Process context. */
int kp_table_merge(struct kp_ctx *ctx, struct kp_table *t);

/* Number of pairs; of a per-CPU table as of the last merge. */
s64 kp_table_len(struct kp_table *t);

/*
 * Removes all pairs; updates that happen meanwhile may survive.  A handler pays a step for
 * each node; when the budget does not suffice the rest stays, and the script error is recorded.
 */
int kp_table_clear(struct kp_ctx *ctx, struct kp_table *t);

/* The same for a cell: read, write, add, each in one step. */
int kp_cell_get(struct kp_ctx *ctx, struct kp_cell *c, struct kp_value *out);
int kp_cell_set(struct kp_ctx *ctx, struct kp_cell *c, struct kp_value *val);
int kp_cell_add(struct kp_cell *c, s64 n);

#endif
