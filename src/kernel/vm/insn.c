// SPDX-License-Identifier: GPL-2.0-only
#include "insn.h"
#include "sort.h"

int kp_insn_arith(struct kp_ctx *ctx, u32 insn, struct kp_value *regs)
{
	u32 op = KTAP_INSN_OP(insn);
	struct kp_value *out = regs + KTAP_INSN_A(insn);
	const struct kp_value *b = regs + KTAP_INSN_B(insn), *c, *bad;

	/* those with one operand that can be wrong */
	if (op == KTAP_OP_ADDI || op == KTAP_OP_NEG || op == KTAP_OP_BNOT)
		c = b;
	else
		c = regs + KTAP_INSN_C(insn);
	bad = b->type == KTAP_T_INT ? c : b;
	if (bad->type != KTAP_T_NIL && op == KTAP_OP_NEG)
		return kp_ctx_error(ctx, KTAP_ERR_NEG_TYPE, NULL);
	if (bad->type == KTAP_T_NIL && (c->type == KTAP_T_NIL || c->type == KTAP_T_INT)) {
		kp_ctx_warn(ctx, KTAP_ERR_ARITH_TYPE, "nil");
		kp_value_nil(out);
		return 0;
	}
	if (bad->type == KTAP_T_NIL)
		bad = c;
	return kp_ctx_error(ctx, KTAP_ERR_ARITH_TYPE, kp_value_typename(bad->type));
}

int kp_insn_concat(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *parts, u32 n)
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

int kp_insn_compare(struct kp_ctx *ctx, const struct kp_value *b, const struct kp_value *c, bool or_equal)
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

int kp_insn_equal_bytes(struct kp_ctx *ctx, const struct kp_value *b, const struct kp_value *c)
{
	int err;

	if (b->type != c->type || b->s->len != c->s->len)
		return 0;
	err = kp_ctx_charge(ctx, kp_ctx_steps(b->s->len));
	return err ? err : kp_value_equal(b, c);
}

int kp_insn_table_get(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *b, struct kp_value *c)
{
	if (unlikely(b->type != KTAP_T_TABLE))
		return kp_ctx_error(ctx, KTAP_ERR_GET_TYPE, NULL);
	return kp_ctx_result(ctx, kp_table_get(ctx, b->t, c, out));
}

int kp_insn_table_has(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *b, struct kp_value *c)
{
	bool has;
	int err;

	if (unlikely(b->type != KTAP_T_TABLE))
		return kp_ctx_error(ctx, KTAP_ERR_GET_TYPE, NULL);
	err = kp_table_has(ctx, b->t, c, &has);
	kp_value_bool(out, has);
	return kp_ctx_result(ctx, err);
}

/* May a[b] be written?  0, or an error. */
static inline int check_element(struct kp_ctx *ctx, const struct kp_value *a, const struct kp_value *b)
{
	if (unlikely(a->type != KTAP_T_TABLE))
		return kp_ctx_error(ctx, KTAP_ERR_SET_TYPE, NULL);
	if (unlikely(b->type == KTAP_T_NIL))
		return kp_ctx_error(ctx, KTAP_ERR_NIL_KEY, NULL);
	if (unlikely(b->type == KTAP_T_AGG))
		return kp_ctx_error(ctx, KTAP_ERR_KEY_TYPE, kp_value_typename(b->type));
	return 0;
}

/* What came of it for a key: wrong is for an element, or a value, of the wrong type. */
static inline int written(struct kp_ctx *ctx, int err, const struct kp_value *key, u32 wrong)
{
	if (likely(!err))
		return 0;
	return err == -EINVAL ? kp_ctx_error(ctx, wrong, NULL) : kp_ctx_result(ctx, kp_insn_refused(err, key));
}

int kp_insn_table_set(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, struct kp_value *c)
{
	int err = check_element(ctx, a, b);

	if (unlikely(err))
		return err;
	return written(ctx, kp_insn_refused(kp_table_set(ctx, a->t, b, c), c), b, KTAP_ERR_SET_TYPE);
}

int kp_insn_table_delete(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b)
{
	struct kp_value nil = { .type = KTAP_T_NIL };

	return kp_insn_table_set(ctx, a, b, &nil);
}

/* old += n, where n is no integer: nil, with a warning, when both are numbers or nil, else -EINVAL. */
static int add_other(struct kp_ctx *ctx, const struct kp_value *old, const struct kp_value *n)
{
	if (n->type != KTAP_T_NIL || (old->type != KTAP_T_NIL && old->type != KTAP_T_INT))
		return -EINVAL;
	kp_ctx_warn(ctx, KTAP_ERR_ARITH_TYPE, "nil");
	return 0;
}

/* a[b] += c, in several steps. */
static int table_add_other(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, const struct kp_value *c)
{
	struct kp_value value = { .type = KTAP_T_NIL };
	int err = kp_table_get(ctx, a->t, b, &value);

	if (!err)
		err = add_other(ctx, &value, c);
	if (err)
		return err;
	kp_value_nil(&value);
	return kp_table_set(ctx, a->t, b, &value);
}

int kp_insn_table_add(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, const struct kp_value *c)
{
	int err = check_element(ctx, a, b);

	if (err)
		return err;
	if (likely(c->type == KTAP_T_INT))
		err = kp_table_add(ctx, a->t, b, c->i);
	else
		err = table_add_other(ctx, a, b, c);
	return written(ctx, err, b, KTAP_ERR_ADD_TYPE);
}

int kp_insn_cell_add_other(struct kp_ctx *ctx, struct kp_cell *cell, const struct kp_value *n)
{
	struct kp_value value = { .type = KTAP_T_NIL };
	int err = kp_cell_get(ctx, cell, &value);

	if (!err)
		err = add_other(ctx, &value, n);
	if (err)
		return err;
	kp_value_nil(&value);
	return kp_cell_set(ctx, cell, &value);
}

int kp_insn_table_addi(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, s64 n)
{
	struct kp_value number;

	kp_value_int(&number, n);
	return kp_insn_table_add(ctx, a, b, &number);
}

int kp_insn_table_sample(struct kp_ctx *ctx, struct kp_value *a, struct kp_value *b, const struct kp_value *c)
{
	int err = check_element(ctx, a, b);

	if (!err)
		err = written(ctx, c->type == KTAP_T_INT ? kp_table_sample(ctx, a->t, b, c->i) : -EINVAL,
			      b, KTAP_ERR_AGG_TYPE);
	return err;
}

int kp_insn_table_new(struct kp_ctx *ctx, struct kp_value *out, const struct ktap_image_table *site)
{
	if (!(ctx->where & KP_CTX_PROCESS))
		return kp_ctx_error(ctx, KTAP_ERR_NEW_CONTEXT, NULL);
	kp_value_nil(out);
	kp_table_collect(ctx);
	out->t = kp_table_new(ctx->vm, site->flags, site->hint);
	if (!out->t)
		return kp_ctx_error(ctx, KTAP_ERR_NO_MEMORY, NULL);
	if (site->flags & KTAP_TABLE_LQUANTIZE)
		kp_table_set_linear(out->t, site->low, site->high, site->step);
	out->type = KTAP_T_TABLE;
	return 0;
}

int kp_insn_not_callable(struct kp_ctx *ctx, const struct kp_value *a)
{
	if (a->type == KTAP_T_NIL)
		return kp_ctx_error(ctx, KTAP_ERR_CALL_NIL, NULL);
	return kp_ctx_error(ctx, KTAP_ERR_CALL_TYPE, kp_value_typename(a->type));
}

/* How often n fits between two numbers; kp_port_div() is signed, so what does not fit is halved first. */
static u64 times(u64 span, u64 n)
{
	u64 half;

	if (n == 1)
		return span;
	if (n >> 63)
		return span >= n;
	if (!(span >> 63))
		return kp_port_div(span, n);
	half = 2 * (u64)kp_port_div(span >> 1, n);
	return half + (span - half * n >= n);
}

int kp_insn_for_prepare(struct kp_ctx *ctx, struct kp_value *a)
{
	u64 span, step;

	if (a[0].type != KTAP_T_INT || a[1].type != KTAP_T_INT || a[2].type != KTAP_T_INT)
		return kp_ctx_error(ctx, KTAP_ERR_FOR_TYPE, NULL);
	if (a[2].i > 0 ? a[0].i > a[1].i : a[0].i < a[1].i)
		return 0;
	if (a[2].i > 0) {
		span = (u64)a[1].i - (u64)a[0].i;
		step = a[2].i;
	} else {
		span = (u64)a[0].i - (u64)a[1].i;
		step = 0 - (u64)a[2].i;
	}
	/* a step of 0 never gets there; it takes as long as there are numbers */
	a[1].i = step ? times(span, step) : ~0ULL;
	a[3] = a[0];
	return 1;
}

int kp_insn_pairs(struct kp_ctx *ctx, struct kp_value *a, const struct kp_value *b)
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

int kp_insn_next(struct kp_ctx *ctx, struct kp_value *a)
{
	int ret;

	if (a[0].type != KTAP_T_TABLE || a[1].type != KTAP_T_INT)
		return kp_ctx_error(ctx, KTAP_ERR_PAIRS_TYPE, NULL);
	kp_value_nil(&a[2]);
	kp_value_nil(&a[3]);
	ret = kp_table_next(ctx, a[0].t, &a[1].i, &a[2], &a[3]);
	return ret < 0 ? kp_ctx_result(ctx, ret) : ret;
}

int kp_insn_sort(struct kp_ctx *ctx, struct kp_value *a, const struct kp_value *b, bool by_script)
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

int kp_insn_sort_next(struct kp_ctx *ctx, struct kp_value *a)
{
	if (!(ctx->where & KP_CTX_PROCESS) || a->type != KTAP_T_TABLE)
		return kp_ctx_error(ctx, KTAP_ERR_PAIRS_TYPE, NULL);
	kp_value_nil(&a[1]);
	kp_value_nil(&a[2]);
	return kp_sort_next(ctx, a->t, &a[1]);
}

int kp_insn_sort_tell(struct kp_ctx *ctx, const struct kp_value *a, const struct kp_value *b)
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
	return v->type == KTAP_T_INT ? 8 : 0;
}

/* Tables and functions are keys by what they are, which bytes do not tell; the others hold parts or samples. */
static bool is_part(const struct kp_value *v)
{
	return !kp_value_has_table(v) && v->type != KTAP_T_FUNC && v->type != KTAP_T_AGG && v->type != KTAP_T_TUPLE;
}

int kp_insn_tuple(struct kp_ctx *ctx, struct kp_value *out, const struct kp_value *parts, u32 n)
{
	struct ktap_value head;
	struct kp_str *s;
	u32 i, len = 0, at = 0;
	int err;

	for (i = 0; i < n; i++) {
		if (!is_part(&parts[i]))
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

int kp_insn_untuple(struct kp_ctx *ctx, struct kp_value *out, struct kp_value *from, u32 n)
{
	struct ktap_value head;
	struct kp_str *tuple;
	u32 i, at = 0;

	if (from->type != KTAP_T_TUPLE) {
		out[0] = *from;
		kp_insn_nil(out + 1, out + n);
		return 0;
	}
	/* room for all parts at once: then nothing moves while they are made */
	if (!kp_scratch_reserve(ctx, kp_str_size(from->s->len) + n * kp_str_size(0)))
		return kp_ctx_error(ctx, KTAP_ERR_STRING_LONG, NULL);
	tuple = from->s;
	kp_insn_nil(out, out + n);
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

