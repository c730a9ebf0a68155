// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interpreter.  It runs verified programs only, so indices and jumps are taken
 * as they are; what is checked here are types, and what they lead to.
 *
 * A call takes the registers above its function register as the new frame: arguments
 * are already in place.  A frame begins with every register that is no argument nil,
 * so that whatever scratch_collect() finds in a register is a value.
 *
 * The budget is charged where control goes back: a loop pass costs the length of its
 * body, a call the length of its function.  So the count is an upper bound, and
 * straight code pays nothing.  Work on strings costs a step for every eight bytes.
 */
#include "sort.h"
#include "vm.h"

static void nil_fill(struct kp_value *from, const struct kp_value *to)
{
	for (; from < to; from++)
		kp_value_nil(from);
}

/* Starts a frame for func whose registers begin at base.  False: the stack is full. */
static bool push(struct kp_ctx *ctx, const struct kp_func *func, u32 base, u32 nargs)
{
	u32 below = ctx->depth ? ctx->frames[ctx->depth - 1].top : 0;
	struct kp_frame *frame;

	if (unlikely(ctx->depth == ctx->nframes || base + func->nregs > ctx->nregs))
		return false;
	frame = &ctx->frames[ctx->depth++];
	frame->func = func;
	frame->base = base;
	if (nargs > func->nparams)
		nargs = func->nparams;
	nil_fill(ctx->regs + base + nargs, ctx->regs + base + func->nregs);
	/* the caller may have registers above all of ours: they stay roots, for they will be looked at again */
	frame->top = base + func->nregs;
	if (frame->top < below)
		frame->top = below;
	ctx->top = frame->top;
	return true;
}

/* Arithmetic on what is not two integers: nil gives nil and a warning, the rest is an error. */
static noinline int arith_other(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *b, const struct kp_value *c)
{
	const struct kp_value *bad = b->type == KTAP_T_INT ? c : b;

	if (bad->type != KTAP_T_NIL && bad != c && c->type == KTAP_T_NIL)
		bad = b;
	if (bad->type == KTAP_T_NIL && (c->type == KTAP_T_NIL || c->type == KTAP_T_INT)) {
		kp_ctx_warn(ctx, KTAP_ERR_ARITH_TYPE, "nil");
		kp_value_nil(out);
		return 0;
	}
	if (bad->type == KTAP_T_NIL)
		bad = c;
	return kp_ctx_error(ctx, KTAP_ERR_ARITH_TYPE, kp_value_typename(bad->type));
}

static noinline int divide(struct kp_ctx *ctx, u32 op, struct kp_value *out, s64 b, s64 c)
{
	if (!c)
		return kp_ctx_error(ctx, op == KTAP_OP_DIV ? KTAP_ERR_DIV_ZERO : KTAP_ERR_MOD_ZERO, NULL);
	/* the most negative number by -1 wraps */
	if (c == -1)
		kp_value_int(out, op == KTAP_OP_DIV ? (s64)(0 - (u64)b) : 0);
	else
		kp_value_int(out, op == KTAP_OP_DIV ? kp_port_div(b, c) : kp_port_mod(b, c));
	return 0;
}

static s64 shift(u32 op, s64 b, s64 c)
{
	if (op == KTAP_OP_SHL)
		return c < 0 || c > 63 ? 0 : (s64)((u64)b << c);
	return b >> (c < 0 || c > 63 ? 63 : c);
}

static noinline int concat(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *parts, u32 n)
{
	char digits[21];
	struct kp_str *s;
	u64 total = 0;
	u32 i, len, at = 0;
	int err;

	for (i = 0; i < n; i++) {
		if (parts[i].type == KTAP_T_STR)
			total += parts[i].s->len;
		else if (parts[i].type == KTAP_T_INT)
			total += kp_value_decimal(digits, parts[i].i);
		else
			return kp_ctx_error(ctx, KTAP_ERR_CONCAT_TYPE, NULL);
	}
	s = total > KP_PROCESS_SCRATCH_MAX / 4 ? NULL : kp_scratch_new(ctx, total);
	if (!s)
		return kp_ctx_error(ctx, KTAP_ERR_CONCAT_LONG, NULL);
	err = kp_ctx_charge(ctx, kp_ctx_steps(total));
	if (err)
		return err;
	for (i = 0; i < n; i++) {
		if (parts[i].type == KTAP_T_STR) {
			memcpy(s->data + at, parts[i].s->data, parts[i].s->len);
			at += parts[i].s->len;
		} else {
			len = kp_value_decimal(digits, parts[i].i);
			memcpy(s->data + at, digits, len);
			at += len;
		}
	}
	out->s = s;
	out->type = KTAP_T_STR;
	return 0;
}

/* 1: b < c, or b <= c; 0: not; or an error.  At least one is no integer. */
static noinline int compare(struct kp_ctx *ctx, const struct kp_value *b, const struct kp_value *c, bool or_equal)
{
	int order, err;

	if (b->type != KTAP_T_STR || c->type != KTAP_T_STR)
		return kp_ctx_error(ctx, KTAP_ERR_CMP_TYPE, NULL);
	order = kp_str_compare(b->s, c->s);
	err = kp_ctx_charge(ctx, kp_ctx_steps(b->s->len < c->s->len ? b->s->len : c->s->len));
	if (err)
		return err;
	return or_equal ? order <= 0 : order < 0;
}

/* 1: equal, 0: not; or an error.  b is bytes. */
static noinline int equal_bytes(struct kp_ctx *ctx, const struct kp_value *b, const struct kp_value *c)
{
	int err;

	if (b->type != c->type || b->s->len != c->s->len)
		return 0;
	err = kp_ctx_charge(ctx, kp_ctx_steps(b->s->len));
	return err ? err : kp_value_equal(b, c);
}

static bool key_ok(const struct kp_value *key)
{
	return key->type != KTAP_T_NIL && key->type != KTAP_T_AGG;
}

static noinline int key_error(struct kp_ctx *ctx, const struct kp_value *key)
{
	if (key->type == KTAP_T_NIL)
		return kp_ctx_error(ctx, KTAP_ERR_NIL_KEY, NULL);
	return kp_ctx_error(ctx, KTAP_ERR_KEY_TYPE, kp_value_typename(key->type));
}

/* R[a][R[b]] = R[c], += R[c], <<< R[c], with every check */
static noinline int table_write(struct kp_ctx *ctx, u32 op, struct kp_value *a, struct kp_value *b, struct kp_value *c)
{
	int err;

	if (unlikely(a->type != KTAP_T_TABLE))
		return kp_ctx_error(ctx, KTAP_ERR_SET_TYPE, NULL);
	if (unlikely(!key_ok(b)))
		return key_error(ctx, b);
	if (op == KTAP_OP_SETTABLE)
		err = kp_table_set(ctx, a->t, b, c);
	else if (unlikely(c->type != KTAP_T_INT))
		err = -EINVAL;
	else if (op == KTAP_OP_ADDTABLE)
		err = kp_table_add(ctx, a->t, b, c->i);
	else
		err = kp_table_sample(ctx, a->t, b, c->i);
	if (likely(!err))
		return 0;
	if (err == -EINVAL)
		return kp_ctx_error(ctx, op == KTAP_OP_ADDTABLE ? KTAP_ERR_ADD_TYPE : KTAP_ERR_AGG_TYPE, NULL);
	return kp_ctx_result(ctx, err);
}

static noinline int table_delete(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b)
{
	struct kp_value nil = { .type = KTAP_T_NIL };

	return table_write(ctx, KTAP_OP_SETTABLE, a, b, &nil);
}

/* The slower way of ADDTABLEI. */
static noinline int table_add(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, s64 n)
{
	struct kp_value number;

	kp_value_int(&number, n);
	return table_write(ctx, KTAP_OP_ADDTABLE, a, b, &number);
}

/* 1: the loop runs; 0: not at all; or an error. */
static noinline int for_prepare(struct kp_ctx *ctx, struct kp_value *a)
{
	if (a[0].type != KTAP_T_INT || a[1].type != KTAP_T_INT || a[2].type != KTAP_T_INT)
		return kp_ctx_error(ctx, KTAP_ERR_FOR_TYPE, NULL);
	if (a[2].i > 0 ? a[0].i > a[1].i : a[0].i < a[1].i)
		return 0;
	a[3] = a[0];
	return 1;
}

/* One step of a numeric loop whose three numbers for_prepare() has seen (or bytecode replaced: types are read again). */
static bool for_step(struct kp_value *a)
{
	s64 next;

	if (a[0].type != KTAP_T_INT || a[1].type != KTAP_T_INT || a[2].type != KTAP_T_INT)
		return false;
	next = (u64)a[0].i + (u64)a[2].i;
	/* a step that wraps around ends the loop too */
	if (a[2].i > 0 ? next > a[1].i || next < a[0].i : next < a[1].i || next > a[0].i)
		return false;
	a[0].i = next;
	a[3] = a[0];
	return true;
}

static noinline int pairs_start(struct kp_ctx *ctx, struct kp_value *a, const struct kp_value *b)
{
	struct kp_value table = *b;

	if (table.type == KTAP_T_NIL)
		return kp_ctx_error(ctx, KTAP_ERR_PAIRS_NIL, NULL);
	if (table.type != KTAP_T_TABLE)
		return kp_ctx_error(ctx, KTAP_ERR_PAIRS_TYPE, NULL);
	/* the compiler makes no table per-CPU that a handler walks: merging takes too long there */
	if (table.t->ncpus && !(ctx->where & KP_CTX_PROCESS))
		return kp_ctx_error(ctx, KTAP_ERR_CONTEXT, NULL);
	a[0] = table;
	kp_value_int(&a[1], 0);
	return kp_ctx_result(ctx, kp_table_merge(ctx, table.t));
}

/* 1: there is another pair; 0: not; or an error. */
static noinline int pairs_next(struct kp_ctx *ctx, struct kp_value *a)
{
	int ret;

	if (a[0].type != KTAP_T_TABLE || a[1].type != KTAP_T_INT)
		return kp_ctx_error(ctx, KTAP_ERR_PAIRS_TYPE, NULL);
	kp_value_nil(&a[2]);
	kp_value_nil(&a[3]);
	ret = kp_table_next(ctx, a[0].t, &a[1].i, &a[2], &a[3]);
	return ret < 0 ? kp_ctx_result(ctx, ret) : ret;
}

/* A sorted copy of the table *b, or one that sort_next() and sort_tell() will sort. */
static noinline int sort_start(struct kp_ctx *ctx, struct kp_value *a, const struct kp_value *b, bool by_script)
{
	struct kp_value table = *b;
	int err;

	if (!(ctx->where & KP_CTX_PROCESS))
		return kp_ctx_error(ctx, KTAP_ERR_CONTEXT, NULL);
	if (table.type != KTAP_T_TABLE)
		return kp_ctx_error(ctx, table.type == KTAP_T_NIL ? KTAP_ERR_PAIRS_NIL : KTAP_ERR_PAIRS_TYPE, NULL);
	kp_table_collect(ctx);
	err = kp_sort_copy(ctx, table.t, a);
	return err || by_script ? err : kp_sort_numbers(ctx, a->t);
}

/* 1: two values are to be compared; 0: the copy is sorted; or an error. */
static noinline int sort_next(struct kp_ctx *ctx, struct kp_value *a)
{
	if (!(ctx->where & KP_CTX_PROCESS) || a->type != KTAP_T_TABLE)
		return kp_ctx_error(ctx, KTAP_ERR_PAIRS_TYPE, NULL);
	kp_value_nil(&a[1]);
	kp_value_nil(&a[2]);
	return kp_sort_next(ctx, a->t, &a[1]);
}

static noinline int sort_tell(struct kp_ctx *ctx, const struct kp_value *a, const struct kp_value *b)
{
	if (!(ctx->where & KP_CTX_PROCESS) || a->type != KTAP_T_TABLE)
		return kp_ctx_error(ctx, KTAP_ERR_PAIRS_TYPE, NULL);
	return kp_sort_tell(ctx, a->t, kp_value_true(b));
}

/* ---- tuples: their parts as values of record.h ---- */

static u32 part_len(const struct kp_value *v)
{
	if (kp_value_is_bytes(v))
		return v->s->len;
	return v->type == KTAP_T_INT || v->type == KTAP_T_FUNC ? 8 : 0;
}

static noinline int tuple_make(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *parts, u32 n)
{
	struct ktap_value head;
	struct kp_str *s;
	u32 i, len = 0, at = 0;
	int err;

	for (i = 0; i < n; i++) {
		if (kp_value_has_table(&parts[i]) || parts[i].type == KTAP_T_AGG || parts[i].type == KTAP_T_TUPLE)
			return kp_ctx_error(ctx, KTAP_ERR_KEY_TYPE, kp_value_typename(parts[i].type));
		len += sizeof(head) + ((part_len(&parts[i]) + 7) & ~7U);
	}
	s = kp_scratch_new(ctx, len);
	if (!s)
		return kp_ctx_error(ctx, KTAP_ERR_STRING_LONG, NULL);
	err = kp_ctx_charge(ctx, kp_ctx_steps(len));
	if (err)
		return err;
	memset(s->data, 0, len);
	for (i = 0; i < n; i++) {
		head.type = parts[i].type;
		head.len = part_len(&parts[i]);
		memcpy(s->data + at, &head, sizeof(head));
		at += sizeof(head);
		if (kp_value_is_bytes(&parts[i]))
			memcpy(s->data + at, parts[i].s->data, head.len);
		else if (head.len)
			memcpy(s->data + at, &parts[i].i, 8);
		at += (head.len + 7) & ~7U;
	}
	out->s = s;
	out->type = KTAP_T_TUPLE;
	return 0;
}

/* The parts of the tuple in *from, which is a register of the same frame. */
static noinline int tuple_parts(struct kp_ctx *ctx, struct kp_value *out, struct kp_value *from, u32 n)
{
	struct ktap_value head;
	struct kp_str *tuple;
	u32 i, at = 0;

	if (from->type != KTAP_T_TUPLE) {
		out[0] = *from;
		nil_fill(out + 1, out + n);
		return 0;
	}
	/* room for all parts at once: then nothing moves while they are made */
	if (!kp_scratch_reserve(ctx, kp_str_size(from->s->len) + n * kp_str_size(0)))
		return kp_ctx_error(ctx, KTAP_ERR_STRING_LONG, NULL);
	tuple = from->s;
	nil_fill(out, out + n);
	for (i = 0; i < n && at + sizeof(head) <= tuple->len; i++) {
		memcpy(&head, tuple->data + at, sizeof(head));
		at += sizeof(head);
		if (head.type >= KTAP_T_STR) {
			out[i].s = kp_scratch_new(ctx, head.len);
			memcpy(out[i].s->data, tuple->data + at, head.len);
		} else if (head.len) {
			memcpy(&out[i].i, tuple->data + at, 8);
		}
		out[i].type = head.type;
		at += (head.len + 7) & ~7U;
	}
	return kp_ctx_charge(ctx, kp_ctx_steps(at));
}

static int builtin_call(struct kp_ctx *ctx, u32 id, struct kp_value *args, u32 n)
{
	const struct kp_builtin_info *info = &kp_builtin_infos[id];

	if (unlikely(!(info->where & ctx->where)))
		return kp_ctx_error(ctx, KTAP_ERR_CONTEXT, NULL);
	if (unlikely(info->needs_event && !ctx->ev.event))
		return kp_ctx_error(ctx, KTAP_ERR_NO_EVENT, NULL);
	return kp_builtin_table[id](ctx, args, n);
}

/*
 * Makes the context ready for a function that nobody calls.  Register 0 takes its
 * result, its frame begins above (frames[0].base is 1 from the start) and always
 * fits: KTAP_MAX_REGS are less than the registers of any context.
 */
static __always_inline void begin(struct kp_ctx *ctx, const struct kp_func *func)
{
	struct kp_value *reg = ctx->regs, *end = reg + func->nregs + 1;
	struct kp_frame *frame = ctx->frames;
	u32 top = func->nregs + 1;

	ctx->scratch_used = 0;
	ctx->depth = 1;
	ctx->top = top;
	frame->func = func;
	frame->top = top;
	do {
		kp_value_nil(reg);
	} while (++reg < end);
}

/*
 * The dispatch loop.
 *
 * Kernels that guard indirect jumps compile a switch to a tree of comparisons.  So what
 * handlers mostly consist of has a switch of its own, with a shallow tree.
 */
int kp_interp_exec(struct kp_ctx *ctx, const struct kp_verified *v, const struct kp_func *func)
{
	const struct kp_prog *prog = v->prog;
	struct kp_frame *frame = ctx->frames;
	const u32 *pc = func->code;
	struct kp_value *R = ctx->regs + 1;
	struct kp_value *a, *b, *c;
	const struct kp_func *callee;
	struct kp_table *env;
	u32 insn, nargs;
	s32 jump = 0;
	int err;

	begin(ctx, func);
	for (;;) {
		insn = *pc++;
		a = R + KTAP_INSN_A(insn);
		switch (KTAP_INSN_OP(insn)) {
		case KTAP_OP_GETFROZEN:
			/* process context may be inside the main chunk, which still writes it */
			if (likely(ctx->where & KP_CTX_PROBE)) {
				*a = ctx->vm->cells[KTAP_INSN_BX(insn)].val;
				continue;
			}
			goto get_cell;
		case KTAP_OP_LOADI:
			kp_value_int(a, KTAP_INSN_SBX(insn));
			continue;
		case KTAP_OP_BUILTIN:
			ctx->pc = pc - frame->func->code - 1;
			err = builtin_call(ctx, KTAP_INSN_B(insn), a, KTAP_INSN_C(insn));
			if (unlikely(err || ctx->exiting))
				goto out;
			continue;
		case KTAP_OP_FIELD:
			err = kp_field_get(ctx, KTAP_INSN_BX(insn), a);
			if (unlikely(err))
				goto result;
			continue;
		case KTAP_OP_ADDTABLEI:
			b = R + KTAP_INSN_B(insn);
			if (likely(a->type == KTAP_T_TABLE && key_ok(b)) &&
			    likely(kp_table_bump(ctx, a->t, b, KTAP_INSN_SC(insn))))
				continue;
			ctx->pc = pc - frame->func->code - 1;
			err = table_add(ctx, a, b, KTAP_INSN_SC(insn));
			if (unlikely(err))
				goto out;
			continue;
		case KTAP_OP_ADDCELLI:
			err = kp_cell_add(ctx, &ctx->vm->cells[KTAP_INSN_BX(insn)], KTAP_INSN_A(insn));
			if (unlikely(err))
				goto add_result;
			continue;
		case KTAP_OP_EQI:
			b = &R[KTAP_INSN_B(insn)];
			kp_value_bool(a, b->type == KTAP_T_INT && b->i == KTAP_INSN_SC(insn));
			continue;
		case KTAP_OP_JF:
			if (kp_value_true(a))
				continue;
			jump = KTAP_INSN_SBX(insn);
			goto jump;
		case KTAP_OP_RET0:
			kp_value_nil(&R[-1]);
			goto leave;
		}

		switch (KTAP_INSN_OP(insn)) {
		case KTAP_OP_MOVE:
			*a = R[KTAP_INSN_B(insn)];
			break;
		case KTAP_OP_LOADNIL:
			nil_fill(a, a + KTAP_INSN_B(insn) + 1);
			break;
		case KTAP_OP_LOADBOOL:
			kp_value_bool(a, KTAP_INSN_B(insn));
			break;
		case KTAP_OP_LOADK:
			*a = prog->consts[KTAP_INSN_BX(insn)];
			break;
		case KTAP_OP_ARG:
			b = R + KTAP_INSN_B(insn);
			if (b->type == KTAP_T_INT && (u64)b->i < prog->nargs)
				*a = prog->args[b->i];
			else
				kp_value_nil(a);
			break;
		case KTAP_OP_LOADF:
			a->i = KTAP_INSN_BX(insn);
			a->type = KTAP_T_FUNC;
			break;
		case KTAP_OP_CLOSURE:
			if (unlikely(a->type != KTAP_T_TABLE)) {
				ctx->pc = pc - frame->func->code - 1;
				err = kp_ctx_error(ctx, KTAP_ERR_GET_TYPE, NULL);
				goto out;
			}
			a->func = KTAP_INSN_BX(insn);
			a->type = KTAP_T_CLOSURE;
			break;

		case KTAP_OP_GETCELL:
get_cell:
			kp_value_nil(a);
			err = kp_cell_get(ctx, &ctx->vm->cells[KTAP_INSN_BX(insn)], a);
			if (unlikely(err))
				goto result;
			break;
		case KTAP_OP_SETCELL:
			err = kp_cell_set(ctx, &ctx->vm->cells[KTAP_INSN_BX(insn)], a);
			if (unlikely(err))
				goto result;
			break;
		case KTAP_OP_ADDCELL:
			err = a->type == KTAP_T_INT ?
			      kp_cell_add(ctx, &ctx->vm->cells[KTAP_INSN_BX(insn)], a->i) : -EINVAL;
			if (unlikely(err))
				goto add_result;
			break;

		case KTAP_OP_ADD:
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (unlikely(b->type != KTAP_T_INT || c->type != KTAP_T_INT))
				goto arith;
			kp_value_int(a, (u64)b->i + (u64)c->i);
			break;
		case KTAP_OP_SUB:
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (unlikely(b->type != KTAP_T_INT || c->type != KTAP_T_INT))
				goto arith;
			kp_value_int(a, (u64)b->i - (u64)c->i);
			break;
		case KTAP_OP_MUL:
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (unlikely(b->type != KTAP_T_INT || c->type != KTAP_T_INT))
				goto arith;
			kp_value_int(a, (u64)b->i * (u64)c->i);
			break;
		case KTAP_OP_DIV:
		case KTAP_OP_MOD:
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (unlikely(b->type != KTAP_T_INT || c->type != KTAP_T_INT))
				goto arith;
			ctx->pc = pc - frame->func->code - 1;
			err = divide(ctx, KTAP_INSN_OP(insn), a, b->i, c->i);
			if (unlikely(err))
				goto out;
			break;
		case KTAP_OP_BAND:
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (unlikely(b->type != KTAP_T_INT || c->type != KTAP_T_INT))
				goto arith;
			kp_value_int(a, b->i & c->i);
			break;
		case KTAP_OP_BOR:
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (unlikely(b->type != KTAP_T_INT || c->type != KTAP_T_INT))
				goto arith;
			kp_value_int(a, b->i | c->i);
			break;
		case KTAP_OP_BXOR:
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (unlikely(b->type != KTAP_T_INT || c->type != KTAP_T_INT))
				goto arith;
			kp_value_int(a, b->i ^ c->i);
			break;
		case KTAP_OP_SHL:
		case KTAP_OP_SHR:
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (unlikely(b->type != KTAP_T_INT || c->type != KTAP_T_INT))
				goto arith;
			kp_value_int(a, shift(KTAP_INSN_OP(insn), b->i, c->i));
			break;
		case KTAP_OP_ADDI:
			b = R + KTAP_INSN_B(insn);
			c = b;
			if (unlikely(b->type != KTAP_T_INT))
				goto arith;
			kp_value_int(a, (u64)b->i + (u64)(s64)KTAP_INSN_SC(insn));
			break;
		case KTAP_OP_NEG:
		case KTAP_OP_BNOT:
			b = R + KTAP_INSN_B(insn);
			c = b;
			if (unlikely(b->type != KTAP_T_INT)) {
				if (b->type == KTAP_T_NIL || KTAP_INSN_OP(insn) == KTAP_OP_BNOT)
					goto arith;
				ctx->pc = pc - frame->func->code - 1;
				err = kp_ctx_error(ctx, KTAP_ERR_NEG_TYPE, NULL);
				goto out;
			}
			kp_value_int(a, KTAP_INSN_OP(insn) == KTAP_OP_NEG ? (s64)(0 - (u64)b->i) : ~b->i);
			break;
		case KTAP_OP_NOT:
			kp_value_bool(a, !kp_value_true(&R[KTAP_INSN_B(insn)]));
			break;
		case KTAP_OP_CONCAT:
			ctx->pc = pc - frame->func->code - 1;
			err = concat(ctx, a, &R[KTAP_INSN_B(insn)], KTAP_INSN_C(insn));
			if (unlikely(err))
				goto out;
			break;

		case KTAP_OP_EQ:
		case KTAP_OP_NE:
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (likely(!kp_value_is_bytes(b))) {
				err = kp_value_equal(b, c);
			} else {
				ctx->pc = pc - frame->func->code - 1;
				err = equal_bytes(ctx, b, c);
				if (unlikely(err < 0))
					goto out;
			}
			kp_value_bool(a, err == (KTAP_INSN_OP(insn) == KTAP_OP_EQ));
			break;
		case KTAP_OP_LT:
		case KTAP_OP_LE:
			ctx->pc = pc - frame->func->code - 1;
			b = R + KTAP_INSN_B(insn);
			c = R + KTAP_INSN_C(insn);
			if (likely(b->type == KTAP_T_INT && c->type == KTAP_T_INT))
				err = KTAP_INSN_OP(insn) == KTAP_OP_LE ? b->i <= c->i : b->i < c->i;
			else
				err = compare(ctx, b, c, KTAP_INSN_OP(insn) == KTAP_OP_LE);
			if (unlikely(err < 0))
				goto out;
			kp_value_bool(a, err);
			break;
		case KTAP_OP_NEI:
			b = &R[KTAP_INSN_B(insn)];
			kp_value_bool(a, b->type != KTAP_T_INT || b->i != KTAP_INSN_SC(insn));
			break;
		case KTAP_OP_LTI:
			b = &R[KTAP_INSN_B(insn)];
			if (unlikely(b->type != KTAP_T_INT))
				goto not_ordered;
			kp_value_bool(a, b->i < KTAP_INSN_SC(insn));
			break;
		case KTAP_OP_LEI:
			b = &R[KTAP_INSN_B(insn)];
			if (unlikely(b->type != KTAP_T_INT))
				goto not_ordered;
			kp_value_bool(a, b->i <= KTAP_INSN_SC(insn));
			break;
		case KTAP_OP_GTI:
			b = &R[KTAP_INSN_B(insn)];
			if (unlikely(b->type != KTAP_T_INT))
				goto not_ordered;
			kp_value_bool(a, b->i > KTAP_INSN_SC(insn));
			break;
		case KTAP_OP_GEI:
			b = &R[KTAP_INSN_B(insn)];
			if (unlikely(b->type != KTAP_T_INT))
				goto not_ordered;
			kp_value_bool(a, b->i >= KTAP_INSN_SC(insn));
			break;

		case KTAP_OP_JMP:
			jump = KTAP_INSN_SAX(insn);
			goto jump;
		case KTAP_OP_JT:
			if (!kp_value_true(a))
				break;
			jump = KTAP_INSN_SBX(insn);
			goto jump;
		case KTAP_OP_FORPREP:
			ctx->pc = pc - frame->func->code - 1;
			err = for_prepare(ctx, a);
			if (unlikely(err < 0))
				goto out;
			if (err)
				break;
			jump = KTAP_INSN_SBX(insn);
			goto jump;
		case KTAP_OP_FORLOOP:
			if (!for_step(a))
				break;
			jump = KTAP_INSN_SBX(insn);
			goto jump;
		case KTAP_OP_PAIRS:
			ctx->pc = pc - frame->func->code - 1;
			err = pairs_start(ctx, a, &R[KTAP_INSN_B(insn)]);
			if (unlikely(err))
				goto out;
			break;
		case KTAP_OP_NEXT:
			ctx->pc = pc - frame->func->code - 1;
			err = pairs_next(ctx, a);
			if (unlikely(err < 0))
				goto out;
			if (err)
				break;
			jump = KTAP_INSN_SBX(insn);
			goto jump;
		case KTAP_OP_SORT:
			ctx->pc = pc - frame->func->code - 1;
			err = sort_start(ctx, a, &R[KTAP_INSN_B(insn)], KTAP_INSN_C(insn));
			if (unlikely(err))
				goto out;
			break;
		case KTAP_OP_SORTNEXT:
			ctx->pc = pc - frame->func->code - 1;
			err = sort_next(ctx, a);
			if (unlikely(err < 0))
				goto out;
			if (err)
				break;
			jump = KTAP_INSN_SBX(insn);
			goto jump;
		case KTAP_OP_SORTTELL:
			ctx->pc = pc - frame->func->code - 1;
			err = sort_tell(ctx, a, &R[KTAP_INSN_B(insn)]);
			if (unlikely(err))
				goto out;
			break;
		case KTAP_OP_UNTUPLE:
			ctx->pc = pc - frame->func->code - 1;
			err = tuple_parts(ctx, a, &R[KTAP_INSN_B(insn)], KTAP_INSN_C(insn));
			if (unlikely(err))
				goto out;
			break;

		case KTAP_OP_NEWTABLE: {
			const struct ktap_image_table *site = &prog->tables[KTAP_INSN_BX(insn)];

			ctx->pc = pc - frame->func->code - 1;
			if (!(ctx->where & KP_CTX_PROCESS)) {
				err = kp_ctx_error(ctx, KTAP_ERR_NEW_CONTEXT, NULL);
				goto out;
			}
			kp_value_nil(a);
			kp_table_collect(ctx);
			a->t = kp_table_new(ctx->vm, site->flags, site->hint);
			if (!a->t) {
				err = kp_ctx_error(ctx, KTAP_ERR_NO_MEMORY, NULL);
				goto out;
			}
			if (site->flags & KTAP_TABLE_LQUANTIZE)
				kp_table_set_linear(a->t, site->low, site->high, site->step);
			a->type = KTAP_T_TABLE;
			break;
		}
		case KTAP_OP_GETTABLE:
		case KTAP_OP_HASKEY:
			b = &R[KTAP_INSN_B(insn)];
			if (unlikely(b->type != KTAP_T_TABLE)) {
				ctx->pc = pc - frame->func->code - 1;
				err = kp_ctx_error(ctx, KTAP_ERR_GET_TYPE, NULL);
				goto out;
			}
			/* a may be b or c: the result goes there when both were read */
			err = kp_table_get(ctx, b->t, &R[KTAP_INSN_C(insn)], a);
			if (KTAP_INSN_OP(insn) == KTAP_OP_HASKEY)
				kp_value_bool(a, a->type != KTAP_T_NIL);
			if (unlikely(err))
				goto result;
			break;
		case KTAP_OP_SETTABLE:
		case KTAP_OP_ADDTABLE:
		case KTAP_OP_AGGTABLE:
			ctx->pc = pc - frame->func->code - 1;
			err = table_write(ctx, KTAP_INSN_OP(insn), a, &R[KTAP_INSN_B(insn)], &R[KTAP_INSN_C(insn)]);
			if (unlikely(err))
				goto out;
			break;
		case KTAP_OP_DELKEY:
			ctx->pc = pc - frame->func->code - 1;
			err = table_delete(ctx, a, &R[KTAP_INSN_B(insn)]);
			if (unlikely(err))
				goto out;
			break;
		case KTAP_OP_TUPLE:
			ctx->pc = pc - frame->func->code - 1;
			err = tuple_make(ctx, a, &R[KTAP_INSN_B(insn)], KTAP_INSN_C(insn));
			if (unlikely(err))
				goto out;
			break;

		case KTAP_OP_CALL:
		case KTAP_OP_TAILCALL:
			ctx->pc = pc - frame->func->code - 1;
			env = NULL;
			if (likely(a->type == KTAP_T_FUNC)) {
				callee = &prog->funcs[a->i];
			} else if (a->type == KTAP_T_CLOSURE) {
				callee = &prog->funcs[a->func];
				env = a->t;
			} else {
				err = a->type == KTAP_T_NIL ?
				      kp_ctx_error(ctx, KTAP_ERR_CALL_NIL, NULL) :
				      kp_ctx_error(ctx, KTAP_ERR_CALL_TYPE, kp_value_typename(a->type));
				goto out;
			}
			nargs = KTAP_INSN_B(insn);
			ctx->budget -= callee->ncode;
			if (unlikely(ctx->budget < 0)) {
				err = kp_ctx_spent(ctx);
				if (err)
					goto out;
			}
			if (KTAP_INSN_OP(insn) == KTAP_OP_CALL) {
				frame->pc = pc - frame->func->code;
				if (unlikely(!push(ctx, callee, a + 1 - ctx->regs, nargs))) {
					err = kp_ctx_error(ctx, KTAP_ERR_STACK_OVERFLOW, NULL);
					goto out;
				}
			} else {
				/* the arguments move down to where this frame begins */
				if (nargs > callee->nparams)
					nargs = callee->nparams;
				memmove(R, a + 1, nargs * sizeof(*R));
				ctx->depth--;
				if (unlikely(!push(ctx, callee, frame->base, nargs))) {
					ctx->depth++;
					err = kp_ctx_error(ctx, KTAP_ERR_STACK_OVERFLOW, NULL);
					goto out;
				}
			}
			frame = &ctx->frames[ctx->depth - 1];
			pc = frame->func->code;
			R = ctx->regs + frame->base;
			if (unlikely(env)) {
				R[callee->nparams].t = env;
				R[callee->nparams].type = KTAP_T_TABLE;
			}
			break;
		case KTAP_OP_RET:
			R[-1] = *a;
leave:
			if (frame == ctx->frames)
				return 0;
			ctx->depth--;
			frame--;
			pc = frame->func->code + frame->pc;
			R = ctx->regs + frame->base;
			ctx->top = frame->top;
			break;
		}
		continue;

jump:
		pc += jump;
		if (jump >= 0)
			continue;
		ctx->budget += jump;
		if (likely(ctx->budget >= 0))
			continue;
		ctx->pc = pc - frame->func->code;
		err = kp_ctx_spent(ctx);
		if (unlikely(err))
			goto out;
		continue;

arith:
		ctx->pc = pc - frame->func->code - 1;
		err = arith_other(ctx, a, b, c);
		if (unlikely(err))
			goto out;
		continue;

not_ordered:
		ctx->pc = pc - frame->func->code - 1;
		err = kp_ctx_error(ctx, KTAP_ERR_CMP_TYPE, NULL);
		goto out;

add_result:
		ctx->pc = pc - frame->func->code - 1;
		if (err == -EINVAL) {
			err = kp_ctx_error(ctx, KTAP_ERR_ADD_TYPE, NULL);
			goto out;
		}
result:
		ctx->pc = pc - frame->func->code - 1;
		err = kp_ctx_result(ctx, err);
		if (unlikely(err))
			goto out;
	}
out:
	ctx->depth = 0;
	return err;
}

int kp_interp_run(struct kp_ctx *ctx, const struct kp_verified *v, const struct kp_func *func,
		  struct kp_value *result)
{
	int err;

	ctx->exiting = 0;
	ctx->budget = ctx->where & KP_CTX_PROCESS ? KP_PROCESS_SLICE : func->budget;
	err = kp_interp_exec(ctx, v, func);
	ctx->depth = 0;
	ctx->top = 0;
	if (result)
		*result = ctx->regs[0];
	return err;
}

bool kp_interp_filter(struct kp_ctx *ctx, const struct kp_func *filter)
{
	ctx->budget = filter->budget;
	return !kp_interp_exec(ctx, ctx->vm->verified, filter) && kp_value_true(&ctx->regs[0]);
}
