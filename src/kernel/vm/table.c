// SPDX-License-Identifier: GPL-2.0-only
#include "table.h"
#include "sort.h"
#include "vm.h"

#define DEFAULT_SHIFT	4	/* 16 nodes at first */
#define CPU_SHIFT	7	/* 128 in the shard of a CPU */
#define SMALL		65536	/* nodes; up to there capacity is four times what is used, then twice */
#define MAX_SHIFT	20
#define SHORT_KEY	64	/* bytes; what longer ones cost is paid for */
#define STEP		64	/* buckets or nodes handled while a lock is held */

/* What a lookup that may insert found out, to be acted upon without the lock. */
struct todo {
	bool kick;		/* ask for growth */
	struct kp_shard *full;	/* failed: no node in this shard, */
	u32 capacity;		/* which has so many */
	size_t block;		/* failed: no pool block of that size */
};

/* ---- values in shared slots ---- */

static void slot_drop(struct kp_vm *vm, struct kp_value *slot)
{
	if (kp_value_is_bytes(slot) && slot->s->home == KP_HOME_POOL)
		kp_pool_give(&vm->pool, slot->s, kp_str_size(slot->s->len));
	kp_value_nil(slot);
}

static struct kp_str *pool_str(struct kp_vm *vm, u32 len, struct todo *todo)
{
	size_t size = kp_str_size(len);
	struct kp_str *s = kp_pool_take(&vm->pool, size, &todo->kick);

	if (!s) {
		todo->block = size;
		return NULL;
	}
	s->len = len;
	s->home = KP_HOME_POOL;
	s->hash = 0;
	s->forward = 0;
	return s;
}

/* The same for what is not complete in itself. */
static noinline int slot_put_other(struct kp_vm *vm, struct kp_value *slot, const struct kp_value *v, struct todo *todo)
{
	struct kp_str *s;
	u32 len;

	if (!kp_value_is_bytes(v) || v->s->home == KP_HOME_CONST) {
		if (unlikely(kp_value_has_table(v)))
			WRITE_ONCE(v->t->stored, 1);
		slot_drop(vm, slot);
		*slot = *v;
		return 0;
	}
	len = v->s->len;
	if (kp_value_is_bytes(slot) && slot->s->home == KP_HOME_POOL &&
	    kp_pool_room(kp_str_size(slot->s->len)) == kp_pool_room(kp_str_size(len))) {
		s = slot->s;
		s->len = len;
	} else {
		s = pool_str(vm, len, todo);
		if (!s)
			return -EDQUOT;
		slot_drop(vm, slot);
	}
	s->hash = v->s->hash;
	kp_str_copy(s, v->s);
	slot->s = s;
	slot->type = v->type;
	return 0;
}

/* Copies a value into a slot whose lock is held. */
static __always_inline int slot_put(struct kp_vm *vm, struct kp_value *slot, const struct kp_value *v,
				    struct todo *todo)
{
	if (unlikely(!kp_value_is_plain(v) || !kp_value_is_plain(slot)))
		return slot_put_other(vm, slot, v, todo);
	*slot = *v;
	return 0;
}

/* Scratch bytes that reading a slot takes. */
static u32 slot_need(const struct kp_value *slot)
{
	if (kp_value_is_bytes(slot) && slot->s->home == KP_HOME_POOL)
		return kp_str_size(slot->s->len);
	return 0;
}

/* Reads a slot whose lock is held; the scratch space is known to suffice. */
static __always_inline void slot_get(struct kp_ctx *ctx, const struct kp_value *slot, struct kp_value *out)
{
	struct kp_str *s;

	if (slot_need(slot)) {
		s = kp_scratch_take(ctx, slot->s->len);
		s->hash = slot->s->hash;
		kp_str_copy(s, slot->s);
		out->s = s;
		out->type = slot->type;
	} else {
		*out = *slot;
	}
}

/* After a failure: makes in process context what was missing.  True: try again. */
static bool provide(struct kp_ctx *ctx, struct kp_table *t, struct todo *todo)
{
	struct kp_vm *vm = ctx->vm;
	bool process = ctx->where & KP_CTX_PROCESS, retry = false;

	if (process && todo->full) {
		kp_port_mutex_lock(&vm->tables_mutex);
		WRITE_ONCE(todo->full->want, 1);
		kp_table_grow(t);
		/* kp_vm_maintain() may have been faster */
		retry = READ_ONCE(todo->full->capacity) > todo->capacity;
		kp_port_mutex_unlock(&vm->tables_mutex);
	} else if (process && todo->block) {
		retry = !kp_pool_prepare(&vm->pool, todo->block);
	}
	if (todo->kick)
		vm->ops->kick(vm);
	memset(todo, 0, sizeof(*todo));
	return retry;
}

/* ---- nodes and buckets ---- */

static inline struct kp_node **bucket_of(const struct kp_shard *sh, u32 hash)
{
	if (unlikely(sh->old_buckets) && (hash & sh->old_mask) >= sh->split)
		return &sh->old_buckets[hash & sh->old_mask];
	return &sh->buckets[hash & sh->mask];
}

/* What a table costs when the key, or what is stored or read, is long. */
static inline void pay(struct kp_ctx *ctx, const struct kp_value *v)
{
	if (kp_value_is_bytes(v))
		ctx->budget -= kp_ctx_steps(v->s->len);
}

static inline int paid(const struct kp_ctx *ctx)
{
	return unlikely(ctx->budget < 0) ? -ETIME : 0;
}

static noinline u32 key_hash_other(const struct kp_vm *vm, const struct kp_value *key)
{
	u64 h;

	switch (key->type) {
	case KTAP_T_FUNC:
		h = kp_hash_mix(vm->seed, key->i);
		break;
	case KTAP_T_TABLE:
		h = kp_hash_mix(vm->seed, key->t->serial);
		break;
	case KTAP_T_CLOSURE:
		h = kp_hash_mix(kp_hash_mix(vm->seed, key->t->serial), key->func);
		break;
	default:
		h = kp_hash_mix(vm->seed, key->type);
	}
	return kp_hash_end(h);
}

static __always_inline u32 key_hash(const struct kp_vm *vm, struct kp_value *key)
{
	if (kp_value_is_bytes(key))
		return kp_str_hash(key->s, vm->seed);
	if (likely(key->type == KTAP_T_INT))
		return kp_hash_end(kp_hash_mix(vm->seed, key->i));
	return key_hash_other(vm, key);
}

/* closures: the key may be one, for which to be the same takes more. */
static __always_inline struct kp_node *find(const struct kp_shard *sh, u32 hash, const struct kp_value *key,
					    bool closures)
{
	struct kp_node *node;

	for (node = *bucket_of(sh, hash); node; node = node->next) {
		if (node->hash != hash || node->key.type != key->type)
			continue;
		/* the same number, or the same constant string; else the contents tell */
		if (likely(node->key.i == key->i) && !(closures && key->type == KTAP_T_CLOSURE))
			return node;
		if (kp_value_equal(&node->key, key))
			return node;
	}
	return NULL;
}

static __always_inline struct kp_node *node_find(const struct kp_shard *sh, u32 hash, const struct kp_value *key)
{
	return find(sh, hash, key, true);
}

/*
 * How many pairs a shard may have before it asks for more nodes: early enough that a burst of new
 * keys does not outrun the thread that makes room for them.
 */
static u32 growth_limit(const struct kp_shard *sh)
{
	if (sh->fixed)
		return sh->capacity;
	return sh->capacity < SMALL ? sh->capacity / 4 : sh->capacity / 2;
}

/* Asks for more nodes, but not by every key when there was no memory. */
static noinline void ask_for_growth(struct kp_shard *sh, struct todo *todo)
{
	if (sh->want)
		return;
	if (sh->patience) {
		sh->patience--;
		return;
	}
	sh->want = 1;
	todo->kick = true;
}

static struct kp_node *node_insert(struct kp_vm *vm, struct kp_shard *sh, u32 hash,
				   struct kp_value *key, struct todo *todo)
{
	struct kp_node *node = sh->free, **bucket;

	if (unlikely(sh->live >= sh->limit))
		ask_for_growth(sh, todo);
	if (!node) {
		if (unlikely(sh->top >= sh->capacity)) {
			todo->full = sh;
			todo->capacity = sh->capacity;
			return NULL;
		}
		node = kp_shard_node(sh, sh->top);
	}
	kp_value_nil(&node->val);
	kp_value_nil(&node->key);
	if (slot_put(vm, &node->key, key, todo))
		return NULL;
	if (unlikely(kp_value_has_table(key)))
		sh->holds = 1;
	if (node == sh->free)
		sh->free = node->next;
	else
		sh->top++;
	node->hash = hash;
	bucket = bucket_of(sh, hash);
	node->next = *bucket;
	*bucket = node;
	sh->live++;
	return node;
}

static struct kp_node *node_get(struct kp_vm *vm, struct kp_shard *sh, u32 hash,
				struct kp_value *key, struct todo *todo)
{
	struct kp_node *node = node_find(sh, hash, key);

	return node ? node : node_insert(vm, sh, hash, key, todo);
}

static void node_delete(struct kp_vm *vm, struct kp_shard *sh, struct kp_node *node)
{
	struct kp_node **link = bucket_of(sh, node->hash);

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	slot_drop(vm, &node->val);
	slot_drop(vm, &node->key);
	node->next = sh->free;
	sh->free = node;
	sh->live--;
}

/* ---- making and growing ---- */

static int shard_init(struct kp_vm *vm, struct kp_shard *sh, u32 shift)
{
	u32 n = 1U << shift;

	sh->shift = shift;
	sh->mask = n - 1;
	sh->slabs[0] = kp_pool_alloc(&vm->pool, n * sizeof(struct kp_node));
	sh->buckets = kp_pool_alloc(&vm->pool, n * sizeof(*sh->buckets));
	if (!sh->slabs[0] || !sh->buckets)
		return -ENOMEM;
	sh->nslabs = 1;
	sh->capacity = n;
	sh->limit = growth_limit(sh);
	return 0;
}

/* The number of nodes in slab k. */
static u32 slab_nodes(const struct kp_shard *sh, u32 k)
{
	return 1U << (sh->shift + (k ? k - 1 : 0));
}

static void shard_free(struct kp_vm *vm, struct kp_shard *sh)
{
	u32 k;

	for (k = 0; k < KP_SLABS && sh->slabs[k]; k++)
		kp_pool_free(&vm->pool, sh->slabs[k], slab_nodes(sh, k) * sizeof(struct kp_node));
	kp_pool_free(&vm->pool, sh->buckets, (sh->mask + 1) * sizeof(*sh->buckets));
}

struct kp_table *kp_table_new(struct kp_vm *vm, u32 flags, u32 hint)
{
	u32 shift = flags & KTAP_TABLE_FIXED ? 0 : DEFAULT_SHIFT, cpus = kp_port_cpus(), c;
	struct kp_table *t;

	while (shift < MAX_SHIFT && (1U << shift) < hint)
		shift++;
	t = kp_pool_alloc(&vm->pool, sizeof(*t));
	if (!t)
		return NULL;
	t->vm = vm;
	t->flags = flags;
	t->common.fixed = flags & KTAP_TABLE_FIXED;
	if (shard_init(vm, &t->common, shift))
		goto fail;
	if (flags & KTAP_TABLE_PERCPU) {
		t->cpu = kp_pool_alloc(&vm->pool, cpus * sizeof(*t->cpu));
		if (!t->cpu)
			goto fail;
		t->ncpus = cpus;
		for (c = 0; c < cpus; c++) {
			if (!kp_port_cpu_possible(c))
				continue;
			t->cpu[c] = kp_pool_alloc(&vm->pool, sizeof(struct kp_shard));
			if (!t->cpu[c] || shard_init(vm, t->cpu[c], CPU_SHIFT))
				goto fail;
		}
	}
	kp_port_mutex_lock(&vm->tables_mutex);
	t->serial = ++vm->next_serial;
	t->next = vm->tables;
	vm->tables = t;
	vm->tables_made++;
	kp_port_mutex_unlock(&vm->tables_mutex);
	return t;
fail:
	kp_table_free(t);
	return NULL;
}

void kp_table_free(struct kp_table *t)
{
	struct kp_vm *vm = t->vm;
	u32 c;

	for (c = 0; c < t->ncpus; c++) {
		if (!t->cpu[c])
			continue;
		shard_free(vm, t->cpu[c]);
		kp_pool_free(&vm->pool, t->cpu[c], sizeof(struct kp_shard));
	}
	kp_pool_free(&vm->pool, t->cpu, t->ncpus * sizeof(*t->cpu));
	kp_sort_free(vm, t->sort);
	shard_free(vm, &t->common);
	kp_pool_free(&vm->pool, t, sizeof(*t));
}

/* Gives back the bytes of a shard that nobody uses any more. */
static void shard_drop(struct kp_vm *vm, struct kp_shard *sh)
{
	unsigned long flags;
	u32 n;

	for (n = 0; n < sh->top; n++) {
		flags = kp_port_irq_save();
		slot_drop(vm, &kp_shard_node(sh, n)->key);
		slot_drop(vm, &kp_shard_node(sh, n)->val);
		kp_port_irq_restore(flags);
	}
}

void kp_table_drop(struct kp_table *t)
{
	u32 c;

	shard_drop(t->vm, &t->common);
	for (c = 0; c < t->ncpus; c++)
		if (t->cpu[c])
			shard_drop(t->vm, t->cpu[c]);
	kp_table_free(t);
}

static void split_bucket(struct kp_shard *sh)
{
	struct kp_node *node = sh->old_buckets[sh->split], *next, **bucket;

	for (sh->split++; node; node = next) {
		next = node->next;
		bucket = &sh->buckets[node->hash & sh->mask];
		node->next = *bucket;
		*bucket = node;
	}
}

/* Doubles the buckets; handlers go on meanwhile.  False: no memory, and chains get longer. */
static bool shard_split(struct kp_vm *vm, struct kp_shard *sh)
{
	u32 old_n = sh->mask + 1, i;
	struct kp_node **buckets, **old = sh->buckets;
	unsigned long flags;
	bool done = false;

	buckets = kp_pool_alloc(&vm->pool, 2 * old_n * sizeof(*sh->buckets));
	if (!buckets)
		return false;
	flags = kp_shard_lock(sh);
	sh->old_buckets = old;
	sh->old_mask = sh->mask;
	sh->split = 0;
	sh->buckets = buckets;
	sh->mask = 2 * old_n - 1;
	kp_shard_unlock(sh, flags);
	while (!done) {
		flags = kp_shard_lock(sh);
		for (i = 0; i < STEP && sh->split < old_n; i++)
			split_bucket(sh);
		done = sh->split == old_n;
		if (done)
			sh->old_buckets = NULL;
		kp_shard_unlock(sh, flags);
	}
	kp_pool_free(&vm->pool, old, old_n * sizeof(*sh->buckets));
	return true;
}

static void shard_grow(struct kp_vm *vm, struct kp_shard *sh)
{
	struct kp_node *slab;
	unsigned long flags;
	u32 add;

	while (READ_ONCE(sh->want) && sh->nslabs < KP_SLABS && sh->capacity <= KP_PORT_MAX_ALLOC / sizeof(*slab)) {
		add = slab_nodes(sh, sh->nslabs);
		slab = kp_pool_alloc(&vm->pool, add * sizeof(struct kp_node));
		flags = kp_shard_lock(sh);
		if (!slab) {
			/* there may be memory later: to be asked for again, but not by every key */
			sh->want = 0;
			sh->patience = STEP;
			kp_shard_unlock(sh, flags);
			break;
		}
		sh->slabs[sh->nslabs++] = slab;
		sh->capacity += add;
		sh->limit = growth_limit(sh);
		sh->want = sh->live >= sh->limit;
		kp_shard_unlock(sh, flags);
	}
	/* there are more nodes than are used */
	while (sh->capacity / 2 > sh->mask + 1 && shard_split(vm, sh))
		;
}

void kp_table_grow(struct kp_table *t)
{
	u32 c;

	shard_grow(t->vm, &t->common);
	for (c = 0; c < t->ncpus; c++)
		if (t->cpu[c])
			shard_grow(t->vm, t->cpu[c]);
}

/* ---- access ---- */

/* The shard that this CPU writes to.  Interrupts are off. */
static struct kp_shard *local_shard(struct kp_table *t)
{
	return t->ncpus ? t->cpu[kp_port_cpu()] : &t->common;
}

/* Reads the value of a key from one shard: nil when there is none. */
static __always_inline int shard_get(struct kp_ctx *ctx, struct kp_shard *sh, u32 hash,
				     struct kp_value *key, struct kp_value *out)
{
	struct kp_node *node;
	unsigned long flags;
	u32 need;

	for (;;) {
		flags = kp_port_irq_save();
		if (!kp_lock(&sh->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		node = node_find(sh, hash, key);
		need = node ? slot_need(&node->val) : 0;
		if (likely(need <= kp_scratch_left(ctx))) {
			if (node)
				slot_get(ctx, &node->val, out);
			else
				kp_value_nil(out);
			kp_shard_unlock(sh, flags);
			ctx->budget -= kp_ctx_steps(need);
			return paid(ctx);
		}
		kp_shard_unlock(sh, flags);
		if (!kp_scratch_reserve(ctx, need))
			return -ENOSPC;
	}
}

/* Deletes what the CPUs have for a key. */
static int cpus_forget(struct kp_table *t, u32 hash, struct kp_value *key)
{
	struct kp_node *node;
	unsigned long flags;
	u32 c;

	for (c = 0; c < t->ncpus; c++) {
		struct kp_shard *sh = t->cpu[c];

		if (!sh)
			continue;
		flags = kp_port_irq_save();
		if (!kp_lock(&sh->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		node = node_find(sh, hash, key);
		if (node)
			node_delete(t->vm, sh, node);
		kp_shard_unlock(sh, flags);
	}
	return 0;
}

int kp_table_set(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, struct kp_value *val)
{
	struct kp_shard *sh = &t->common;
	u32 hash = key_hash(ctx->vm, key);
	struct todo todo = { 0 };
	struct kp_node *node;
	unsigned long flags;
	int err;

	pay(ctx, key);
	pay(ctx, val);
	if (t->ncpus) {
		err = cpus_forget(t, hash, key);
		if (err)
			return err;
	}
	do {
		flags = kp_port_irq_save();
		if (!kp_lock(&sh->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		node = node_find(sh, hash, key);
		if (val->type == KTAP_T_NIL) {
			if (node)
				node_delete(ctx->vm, sh, node);
			err = 0;
		} else {
			bool fresh = !node;

			if (fresh)
				node = node_insert(ctx->vm, sh, hash, key, &todo);
			err = node ? slot_put(ctx->vm, &node->val, val, &todo) : -ENOMEM;
			if (unlikely(kp_value_has_table(val)))
				sh->holds = 1;
			if (err && node && fresh)
				node_delete(ctx->vm, sh, node);
		}
		kp_shard_unlock(sh, flags);
	} while (unlikely(err || todo.kick) && provide(ctx, t, &todo) && err);
	return err ? err : paid(ctx);
}

/* Adds n to an element that is nil or an integer. */
static int slot_add(struct kp_table *t, struct kp_value *slot, s64 n, struct todo *todo)
{
	(void)t;
	(void)todo;
	if (likely(slot->type == KTAP_T_INT)) {
		slot->i = (u64)slot->i + (u64)n;
		return 0;
	}
	if (slot->type != KTAP_T_NIL)
		return -EINVAL;
	kp_value_int(slot, n);
	return 0;
}

/* Adds n, in one step, to the element of this CPU's shard in the way that add knows. */
static __always_inline int accumulate(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n,
				      int (*add)(struct kp_table *, struct kp_value *, s64, struct todo *))
{
	u32 hash = key_hash(ctx->vm, key);
	struct todo todo = { 0 };
	struct kp_shard *sh;
	struct kp_node *node;
	unsigned long flags;
	int err;

	pay(ctx, key);
	do {
		flags = kp_port_irq_save();
		sh = local_shard(t);
		if (!kp_lock(&sh->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		node = node_get(ctx->vm, sh, hash, key, &todo);
		err = likely(node) ? add(t, &node->val, n, &todo) : -ENOMEM;
		/* a pair without a value is none; in a CPU's shard it waits for the next one */
		if (unlikely(err == -EDQUOT) && node->val.type == KTAP_T_NIL && !t->ncpus)
			node_delete(ctx->vm, sh, node);
		kp_shard_unlock(sh, flags);
	} while (unlikely(err || todo.kick) && provide(ctx, t, &todo) && err);
	return err ? err : paid(ctx);
}

int kp_table_add(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n)
{
	return accumulate(ctx, t, key, n, slot_add);
}

void kp_table_set_linear(struct kp_table *t, s64 low, s64 high, s64 step)
{
	t->low = low;
	t->step = step;
	t->linear = kp_agg_linear(low, high, step);
}

/* An empty aggregate as this table keeps them. */
static struct kp_str *agg_new(struct kp_table *t, struct todo *todo)
{
	struct ktap_agg agg = { .kind = KTAP_AGG_PLAIN };
	struct ktap_linear linear = { t->low, t->step };
	struct kp_str *s;

	if (t->linear) {
		agg.kind = KTAP_AGG_LINEAR;
		agg.ncounters = t->linear + 2;
	} else if (t->flags & KTAP_TABLE_QUANTIZE) {
		agg.kind = KTAP_AGG_LOG2;
		agg.ncounters = KTAP_AGG_BUCKETS;
	}
	s = pool_str(t->vm, kp_agg_size(&agg), todo);
	if (!s)
		return NULL;
	memset(s->data, 0, kp_str_padded(s->len));
	memcpy(s->data, &agg, sizeof(agg));
	if (t->linear)
		memcpy(s->data + sizeof(agg), &linear, sizeof(linear));
	return s;
}

/* Adds a sample to an element that is nil or an aggregate. */
static int slot_sample(struct kp_table *t, struct kp_value *slot, s64 n, struct todo *todo)
{
	if (slot->type == KTAP_T_NIL) {
		struct kp_str *s = agg_new(t, todo);

		if (!s)
			return -EDQUOT;
		slot->s = s;
		slot->type = KTAP_T_AGG;
	} else if (slot->type != KTAP_T_AGG) {
		return -EINVAL;
	}
	kp_agg_sample((struct ktap_agg *)slot->s->data, n);
	return 0;
}

int kp_table_sample(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n)
{
	return accumulate(ctx, t, key, n, slot_sample);
}

/* ---- the quick ways: they call nothing, so they cost little before they find out that they must not go on ---- */

/* A key that costs little to look up, and its hash. */
static __always_inline bool quick_key(const struct kp_vm *vm, struct kp_value *key, u32 *hash)
{
	if (!kp_value_is_bytes(key) && key->type != KTAP_T_INT)
		return false;
	if (kp_value_is_bytes(key) && unlikely(key->s->len > SHORT_KEY))
		return false;
	*hash = key_hash(vm, key);
	return true;
}

/* Reads a slot whose lock is held, if there is room for its bytes. */
static __always_inline bool quick_get(struct kp_ctx *ctx, const struct kp_value *slot, struct kp_value *out)
{
	u32 need;

	if (kp_value_is_plain(slot)) {
		*out = *slot;
		return true;
	}
	need = slot_need(slot);
	if (unlikely(need > SHORT_KEY + kp_str_size(0)) || unlikely(need > kp_scratch_left(ctx)))
		return false;
	slot_get(ctx, slot, out);
	return true;
}

bool kp_table_get_quick(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, struct kp_value *out)
{
	struct kp_shard *sh = &t->common;
	struct kp_node *node;
	unsigned long flags;
	bool done = false;
	u32 hash;

	if (unlikely(t->ncpus || !quick_key(ctx->vm, key, &hash)))
		return false;
	flags = kp_port_irq_save();
	if (kp_trylock(&sh->lock)) {
		node = find(sh, hash, key, false);
		done = likely(node) && quick_get(ctx, &node->val, out);
		kp_unlock(&sh->lock);
	}
	kp_port_irq_restore(flags);
	return done;
}

/* A new node for a number that nothing must be made for; NULL: there is none. */
static __always_inline struct kp_node *quick_insert(struct kp_shard *sh, u32 hash, const struct kp_value *key)
{
	struct kp_node *node, **bucket;

	if (key->type != KTAP_T_INT || sh->free || unlikely(sh->live >= sh->limit || sh->top >= sh->capacity))
		return NULL;
	node = kp_shard_node(sh, sh->top++);
	node->key = *key;
	node->hash = hash;
	bucket = bucket_of(sh, hash);
	node->next = *bucket;
	*bucket = node;
	sh->live++;
	return node;
}

bool kp_table_set_quick(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, const struct kp_value *val)
{
	struct kp_shard *sh = &t->common;
	struct kp_node *node;
	unsigned long flags;
	bool done = false;
	u32 hash;

	if (unlikely(t->ncpus || !kp_value_is_plain(val) || val->type == KTAP_T_NIL))
		return false;
	if (unlikely(!quick_key(ctx->vm, key, &hash)))
		return false;
	flags = kp_port_irq_save();
	if (kp_trylock(&sh->lock)) {
		node = find(sh, hash, key, false);
		if (!node)
			node = quick_insert(sh, hash, key);
		else if (!kp_value_is_plain(&node->val))
			node = NULL;
		if (node) {
			node->val = *val;
			done = true;
		}
		kp_unlock(&sh->lock);
	}
	kp_port_irq_restore(flags);
	return done;
}

bool kp_table_add_quick(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, s64 n)
{
	struct kp_shard *sh;
	struct kp_node *node;
	unsigned long flags;
	bool done = false;
	u32 hash;

	if (unlikely(!quick_key(ctx->vm, key, &hash)))
		return false;
	flags = kp_port_irq_save();
	sh = local_shard(t);
	if (kp_trylock(&sh->lock)) {
		node = find(sh, hash, key, false);
		if (likely(node && node->val.type == KTAP_T_INT)) {
			node->val.i = (u64)node->val.i + (u64)n;
			done = true;
		}
		kp_unlock(&sh->lock);
	}
	kp_port_irq_restore(flags);
	return done;
}

/* ---- walks and merging ---- */

int kp_table_next(struct kp_ctx *ctx, struct kp_table *t, s64 *cursor,
		  struct kp_value *key, struct kp_value *val)
{
	struct kp_shard *sh = &t->common;
	s64 n = *cursor < 0 ? 0 : *cursor;
	unsigned long flags;
	int step, ret = 0;
	u32 need = 0;

	for (;;) {
		flags = kp_port_irq_save();
		if (!kp_lock(&sh->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		for (step = 0; step < STEP && n < sh->top; step++, n++) {
			struct kp_node *node = kp_shard_node(sh, t->sort ? kp_sort_node(t->sort, n) : n);

			if (node->key.type == KTAP_T_NIL) {
				ctx->budget--;	/* a walk over what was deleted is paid for, too */
				continue;
			}
			need = slot_need(&node->key) + slot_need(&node->val);
			if (need > kp_scratch_left(ctx)) {
				ret = -ENOSPC;
				break;
			}
			slot_get(ctx, &node->key, key);
			slot_get(ctx, &node->val, val);
			ctx->budget -= kp_ctx_steps(need);
			n++;
			ret = 1;
			break;
		}
		if (!ret && n >= sh->top)
			break;
		kp_shard_unlock(sh, flags);
		if (unlikely(ctx->budget < 0) && !(ctx->where & KP_CTX_PROCESS))
			return kp_ctx_error(ctx, KTAP_ERR_BUDGET, NULL);
		if (ret == 1) {
			*cursor = n;
			return 1;
		}
		if (ret == -ENOSPC) {
			if (!kp_scratch_reserve(ctx, need))
				return -ENOSPC;
			ret = 0;
		}
	}
	kp_shard_unlock(sh, flags);
	*cursor = n;
	return 0;
}

/* Adds the value of one CPU's node to the common one.  Both locks are held. */
static void slot_merge(struct kp_vm *vm, struct kp_value *to, struct kp_value *from)
{
	if (to->type == KTAP_T_NIL) {
		*to = *from;		/* bytes change their owner */
		from->type = KTAP_T_NIL;
		return;
	}
	if (from->type == KTAP_T_INT && to->type == KTAP_T_INT)
		to->i = (u64)to->i + (u64)from->i;
	else if (from->type == KTAP_T_AGG && to->type == KTAP_T_AGG)
		kp_agg_merge((struct ktap_agg *)to->s->data, (struct ktap_agg *)from->s->data);
	/* of two kinds under one key the one that came first stays */
	slot_drop(vm, from);
}

/* Merges the node of one CPU for a key, or its node number n when key is NULL. */
static int merge_node(struct kp_ctx *ctx, struct kp_table *t, struct kp_shard *sh,
		      u32 hash, struct kp_value *key, u32 n)
{
	struct todo todo = { 0 };
	struct kp_node *from, *to;
	unsigned long flags;
	int err;

	do {
		err = 0;
		flags = kp_port_irq_save();
		if (!kp_lock(&sh->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		from = key ? node_find(sh, hash, key) : kp_shard_node(sh, n);
		if (from && from->val.type != KTAP_T_NIL) {
			if (!kp_lock(&t->common.lock)) {
				err = -EBUSY;
			} else {
				to = node_get(t->vm, &t->common, from->hash, &from->key, &todo);
				if (to)
					slot_merge(t->vm, &to->val, &from->val);
				else
					err = -ENOMEM;
				kp_unlock(&t->common.lock);
			}
		}
		kp_shard_unlock(sh, flags);
	} while (unlikely(err == -ENOMEM || todo.kick) && provide(ctx, t, &todo) && err);
	return err;
}

static int merge_key(struct kp_ctx *ctx, struct kp_table *t, u32 hash, struct kp_value *key)
{
	int err = 0;
	u32 c;

	for (c = 0; c < t->ncpus && !err; c++)
		if (t->cpu[c])
			err = merge_node(ctx, t, t->cpu[c], hash, key, 0);
	return err;
}

int kp_table_get(struct kp_ctx *ctx, struct kp_table *t, struct kp_value *key, struct kp_value *out)
{
	u32 hash;
	int err;

	if (key->type == KTAP_T_NIL) {
		kp_value_nil(out);
		return 0;
	}
	pay(ctx, key);
	hash = key_hash(ctx->vm, key);
	err = merge_key(ctx, t, hash, key);
	if (unlikely(err)) {
		/* a handler goes on when there was no room to merge */
		kp_value_nil(out);
		return err;
	}
	return shard_get(ctx, &t->common, hash, key, out);
}

int kp_table_merge(struct kp_ctx *ctx, struct kp_table *t)
{
	int err;
	u32 c, n;

	for (c = 0; c < t->ncpus; c++) {
		if (!t->cpu[c])
			continue;
		for (n = 0; n < READ_ONCE(t->cpu[c]->top); n++) {
			err = merge_node(ctx, t, t->cpu[c], 0, NULL, n);
			if (err)
				return err;
			if (n % STEP == 0 && ctx->where & KP_CTX_PROCESS)
				kp_port_yield();
		}
	}
	return 0;
}

s64 kp_table_len(struct kp_table *t)
{
	return READ_ONCE(t->common.live);
}

static int shard_clear(struct kp_ctx *ctx, struct kp_shard *sh)
{
	unsigned long flags;
	bool done = false;
	u32 n = 0, left, step;
	int err;

	while (!done) {
		left = READ_ONCE(sh->top) - n;
		err = kp_ctx_charge(ctx, left < STEP ? left : STEP);
		if (err)
			return err;
		flags = kp_port_irq_save();
		if (!kp_lock(&sh->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		for (step = 0; step < STEP && n < sh->top; step++, n++)
			if (kp_shard_node(sh, n)->key.type != KTAP_T_NIL)
				node_delete(ctx->vm, sh, kp_shard_node(sh, n));
		done = n >= sh->top;
		if (done && !sh->live) {
			/* start over in insertion order */
			sh->top = 0;
			sh->free = NULL;
		}
		kp_shard_unlock(sh, flags);
	}
	return 0;
}

int kp_table_clear(struct kp_ctx *ctx, struct kp_table *t)
{
	int err = 0;
	u32 c;

	for (c = 0; c < t->ncpus && !err; c++)
		if (t->cpu[c])
			err = shard_clear(ctx, t->cpu[c]);
	return err ? err : shard_clear(ctx, &t->common);
}

/* ---- cells ---- */

int kp_cell_get(struct kp_ctx *ctx, struct kp_cell *c, struct kp_value *out)
{
	unsigned long flags;
	u32 need;

	for (;;) {
		flags = kp_port_irq_save();
		if (!kp_lock(&c->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		need = slot_need(&c->val);
		if (!need || need <= kp_scratch_left(ctx)) {
			slot_get(ctx, &c->val, out);
			kp_unlock(&c->lock);
			kp_port_irq_restore(flags);
			ctx->budget -= kp_ctx_steps(need);
			return paid(ctx);
		}
		kp_unlock(&c->lock);
		kp_port_irq_restore(flags);
		if (!kp_scratch_reserve(ctx, need))
			return -ENOSPC;
	}
}

int kp_cell_set(struct kp_ctx *ctx, struct kp_cell *c, struct kp_value *val)
{
	struct todo todo = { 0 };
	unsigned long flags;
	int err;

	pay(ctx, val);
	do {
		flags = kp_port_irq_save();
		if (!kp_lock(&c->lock)) {
			kp_port_irq_restore(flags);
			return -EBUSY;
		}
		err = slot_put(ctx->vm, &c->val, val, &todo);
		kp_unlock(&c->lock);
		kp_port_irq_restore(flags);
	} while (unlikely(err || todo.kick) && provide(ctx, NULL, &todo) && err);
	return err ? err : paid(ctx);
}

int kp_cell_add(struct kp_ctx *ctx, struct kp_cell *c, s64 n)
{
	unsigned long flags = kp_port_irq_save();
	int err = -EBUSY;

	(void)ctx;
	if (kp_lock(&c->lock)) {
		err = slot_add(NULL, &c->val, n, NULL);
		kp_unlock(&c->lock);
	}
	kp_port_irq_restore(flags);
	return err;
}

/* ---- aggregates ---- */

/* Which bucket a sample belongs to, see struct ktap_agg. */
static u32 bucket_number(s64 v)
{
	if (v > 0)
		return 63 - __builtin_clzll(v);
	if (v == 0)
		return 64;
	if (v == (s64)(1ULL << 63))
		return 65 + 62;
	return 65 + 63 - __builtin_clzll(-v);
}

u32 kp_agg_linear(s64 low, s64 high, s64 step)
{
	u64 span = (u64)high - (u64)low;
	s64 n;

	if (low >= high || step <= 0 || (s64)span < 0)
		return 0;
	n = kp_port_div(span - 1, step) + 1;
	return n > KTAP_MAX_LINEAR ? 0 : n;
}

/* The counter of a linear distribution of n buckets that a sample belongs to. */
static u32 linear_number(const struct ktap_linear *linear, u32 n, s64 v)
{
	s64 distance;

	if (v < linear->low)
		return 0;
	/* what a signed difference cannot tell is above all buckets */
	distance = (u64)v - (u64)linear->low;
	if (distance >= 0)
		distance = kp_port_div(distance, linear->step);
	return distance >= 0 && distance < n ? distance + 1 : n + 1;
}

void kp_agg_sample(struct ktap_agg *agg, s64 v)
{
	struct ktap_linear *linear = (struct ktap_linear *)(agg + 1);

	if (!agg->count || v < agg->min)
		agg->min = v;
	if (!agg->count || v > agg->max)
		agg->max = v;
	agg->count++;
	agg->sum = (u64)agg->sum + (u64)v;
	if (agg->kind == KTAP_AGG_LOG2)
		((u64 *)(agg + 1))[bucket_number(v)]++;
	else if (agg->kind == KTAP_AGG_LINEAR)
		((u64 *)(linear + 1))[linear_number(linear, agg->ncounters - 2, v)]++;
}

void kp_agg_merge(struct ktap_agg *to, const struct ktap_agg *from)
{
	const u64 *more;
	u64 *counters;
	u32 i, skip;

	if (!from->count)
		return;
	if (!to->count || from->min < to->min)
		to->min = from->min;
	if (!to->count || from->max > to->max)
		to->max = from->max;
	to->count += from->count;
	to->sum = (u64)to->sum + (u64)from->sum;
	if (to->kind != from->kind || to->ncounters != from->ncounters)
		return;
	skip = to->kind == KTAP_AGG_LINEAR ? sizeof(struct ktap_linear) : 0;
	if (memcmp(to + 1, from + 1, skip))
		return;
	counters = (u64 *)((u8 *)(to + 1) + skip);
	more = (const u64 *)((const u8 *)(from + 1) + skip);
	for (i = 0; i < to->ncounters; i++)
		counters[i] += more[i];
}
