// SPDX-License-Identifier: GPL-2.0-only
#include "shard.h"

u32 kp_key_hash_other(const struct kp_vm *vm, const struct kp_value *key)
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

static u32 dir_of(u32 segment)
{
	return 31 - __builtin_clz(segment);
}

/* The nodes a new table begins with move to a segment, which has room for more. */
static void move_small(struct kp_shard *sh, struct kp_node *segment)
{
	struct kp_node **link;
	u32 n;

	for (n = 0; n < sh->top; n++) {
		link = kp_shard_bucket(sh, sh->first[n].hash);
		while (*link != &sh->first[n])
			link = &(*link)->next;
		segment[n] = sh->first[n];
		*link = &segment[n];
	}
	sh->first = segment;
}

/* Asks for more buckets and directories. */
static noinline void ask_for_growth(struct kp_shard *sh, struct kp_todo *todo)
{
	sh->want = 1;
	sh->limit = ~0U;
	todo->grow = true;
	todo->kick = true;
}

/* The directory that segment s (not 0) belongs into is there. */
static bool have_dir(struct kp_vm *vm, struct kp_shard *sh, u32 s, struct kp_todo *todo)
{
	u32 k = dir_of(s);

	if (k >= KP_DIRS)
		return false;
	if (!sh->dirs[k] && k < KP_POOL_DIRS) {
		sh->dirs[k] = kp_pool_take(&vm->pool, kp_dir_size(k), &todo->kick);
		todo->block = kp_dir_size(k);
	} else if (!sh->dirs[k]) {
		ask_for_growth(sh, todo);
		todo->dir = &sh->dirs[k];
	}
	return sh->dirs[k];
}

/* Adds a segment; false: todo says what is missing. */
static bool extend(struct kp_vm *vm, struct kp_shard *sh, struct kp_todo *todo)
{
	u32 s = sh->capacity / KP_SEGMENT;
	struct kp_node *segment;

	if (s && !have_dir(vm, sh, s, todo))
		return false;
	segment = kp_pool_take(&vm->pool, KP_POOL_SEGMENT, &todo->kick);
	if (!segment) {
		todo->block = KP_POOL_SEGMENT;
		return false;
	}
	if (s)
		sh->dirs[dir_of(s)][s - (1U << dir_of(s))] = segment;
	else
		move_small(sh, segment);
	sh->capacity = (s + 1) * KP_SEGMENT;
	return true;
}

/* Where the next node is, if there is one: false: todo says what is missing. */
static noinline bool next_segment(struct kp_vm *vm, struct kp_shard *sh, struct kp_todo *todo)
{
	if (sh->top >= sh->capacity && !extend(vm, sh, todo))
		return false;
	sh->fresh = kp_shard_node(sh, sh->top);
	sh->fresh_end = sh->fresh + KP_SEGMENT - sh->top % KP_SEGMENT;
	return true;
}

static void drop_segment(struct kp_vm *vm, struct kp_shard *sh)
{
	struct kp_node *segment;

	sh->capacity -= KP_SEGMENT;
	segment = kp_shard_node(sh, sh->capacity);
	kp_pool_give(&vm->pool, segment, KP_POOL_SEGMENT);
	if (!sh->capacity)
		sh->first = NULL;
}

/* A node to be used, which kp_shard_link() makes one that is; or NULL. */
static struct kp_node *node_to_use(struct kp_vm *vm, struct kp_shard *sh, struct kp_todo *todo)
{
	if (unlikely(sh->live >= sh->limit))
		ask_for_growth(sh, todo);
	if (sh->free)
		return sh->free;
	if (sh->fresh == sh->fresh_end && !next_segment(vm, sh, todo))
		return NULL;
	return sh->fresh;
}

/* A key that goes to another node may have gone past kp_table_collect(), as one that is stored may. */
static void key_moves(const struct kp_node *from)
{
	if (unlikely(kp_value_has_table(&from->key)))
		WRITE_ONCE(from->key.t->stored, 1);
}

static void use_node(struct kp_shard *sh, struct kp_node *node, u32 hash)
{
	if (node == sh->free) {
		sh->free = node->next;
	} else {
		sh->fresh++;
		sh->top++;
	}
	if (unlikely(kp_value_has_table(&node->key)))
		sh->holds = 1;
	kp_shard_link(sh, kp_shard_bucket(sh, hash), node, hash);
}

struct kp_node *kp_shard_insert(struct kp_vm *vm, struct kp_shard *sh, u32 hash,
				struct kp_value *key, struct kp_todo *todo)
{
	struct kp_node *node = node_to_use(vm, sh, todo);

	if (!node)
		return NULL;
	kp_value_nil(&node->val);
	kp_value_nil(&node->key);
	if (kp_slot_put(vm, &node->key, key, todo))
		return NULL;
	use_node(sh, node, hash);
	return node;
}

struct kp_node *kp_shard_adopt(struct kp_vm *vm, struct kp_shard *sh, struct kp_node *from, struct kp_todo *todo)
{
	struct kp_node *node = node_to_use(vm, sh, todo);

	if (!node)
		return NULL;
	key_moves(from);
	node->key = from->key;
	node->val = from->val;
	kp_value_nil(&from->key);
	kp_value_nil(&from->val);
	use_node(sh, node, from->hash);
	return node;
}

void kp_shard_unlink(struct kp_vm *vm, struct kp_shard *sh, struct kp_node *node)
{
	struct kp_node **link = kp_shard_bucket(sh, node->hash);

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	kp_slot_drop(vm, &node->val);
	kp_slot_drop(vm, &node->key);
	sh->live--;
}

void kp_shard_fill(struct kp_vm *vm, struct kp_shard *sh, struct kp_node *hole)
{
	struct kp_node *last, **link;

	/* holes at the end are none any more */
	do {
		last = kp_shard_node(sh, --sh->top);
	} while (last != hole && last->key.type == KTAP_T_NIL);
	if (last != hole) {
		link = kp_shard_bucket(sh, last->hash);
		while (*link != last)
			link = &(*link)->next;
		key_moves(last);
		*hole = *last;
		*link = hole;
	}
	sh->fresh = last;
	sh->fresh_end = last + KP_SEGMENT - sh->top % KP_SEGMENT;
	/* one is kept, or the next key would take it again */
	while (sh->capacity - sh->top > KP_SEGMENT)
		drop_segment(vm, sh);
}

void kp_shard_remove(struct kp_vm *vm, struct kp_shard *sh, struct kp_node *node)
{
	kp_shard_unlink(vm, sh, node);
	if (sh->compact) {
		kp_shard_fill(vm, sh, node);
	} else {
		node->next = sh->free;
		sh->free = node;
	}
}

void kp_shard_trim(struct kp_vm *vm, struct kp_shard *sh)
{
	if (sh->top % KP_SEGMENT == 0) {
		sh->fresh = NULL;
		sh->fresh_end = NULL;
	}
	while (sh->capacity - sh->top >= KP_SEGMENT)
		drop_segment(vm, sh);
}

bool kp_shard_reset(struct kp_vm *vm, struct kp_shard *sh)
{
	u32 step;

	sh->top = 0;
	sh->free = NULL;
	sh->fresh = sh->first;
	sh->fresh_end = sh->first ? sh->first + (sh->first == sh->small ? sh->nsmall : KP_SEGMENT) : NULL;
	for (step = 0; step < KP_SHARD_STEP && sh->capacity > KP_SEGMENT; step++)
		drop_segment(vm, sh);
	return sh->capacity <= KP_SEGMENT;
}

int kp_shard_reserve(struct kp_vm *vm, struct kp_shard *sh, u32 n)
{
	struct kp_todo todo = { 0 };
	unsigned long flags;
	int err = 0;
	bool done;

	if (!kp_shard_expect(vm, sh, n))
		return -ENOMEM;
	while (!err && sh->capacity < n && !todo.dir) {
		flags = kp_port_irq_save();
		done = extend(vm, sh, &todo);
		kp_port_irq_restore(flags);
		if (!done && !todo.dir)
			err = kp_pool_prepare(&vm->pool, todo.block);
		if (sh->capacity / KP_SEGMENT % KP_SHARD_STEP == 0)
			kp_port_yield();
	}
	if (!err)
		next_segment(vm, sh, &todo);
	/* whoever leaves a stock low asks for more: nobody else will */
	if (todo.kick)
		vm->ops->kick(vm);
	return err;
}
