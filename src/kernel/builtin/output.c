// SPDX-License-Identifier: GPL-2.0-only
/* print, printf and charts: they ship values, user space makes text of them. */
#include "builtin.h"

#define DEFAULT_ROWS	20

/* Bytes behind the header of a value in a record, without padding. */
static u32 value_len(const struct kp_value *v)
{
	switch (v->type) {
	case KTAP_T_NIL:
	case KTAP_T_FALSE:
	case KTAP_T_TRUE:
		return 0;
	case KTAP_T_INT:
	case KTAP_T_FUNC:
	case KTAP_T_TABLE:
	case KTAP_T_CLOSURE:
		return 8;
	default:
		return v->s->len;
	}
}

static u64 padded(u32 len)
{
	return ((u64)len + 7) & ~7ULL;
}

/* Writes a value; returns the place behind it. */
static u8 *value_write(u8 *to, const struct kp_value *v)
{
	struct ktap_value *head = (struct ktap_value *)to;
	u32 len = value_len(v);
	u64 id;

	head->type = v->type;
	head->len = len;
	to += sizeof(*head);
	if (kp_value_has_table(v)) {
		id = v->type == KTAP_T_TABLE ? v->t->serial : v->t->serial << 16 | v->func;
		memcpy(to, &id, 8);
	} else if (kp_value_is_bytes(v)) {
		memcpy(to, v->s->data, padded(len));	/* strings are padded with zeros, too */
	} else if (len) {
		memcpy(to, &v->i, 8);
	}
	return to + padded(len);
}

int kp_output_values(struct kp_ctx *ctx, u16 type, const struct kp_value *values, u32 n)
{
	const struct kp_vm_ops *ops = ctx->vm->ops;
	u64 size = sizeof(struct ktap_record);
	struct ktap_printf head = { 0 };
	struct ktap_record *rec;
	u8 *to;
	u32 i;
	int err;

	if (type == KTAP_REC_PRINTF)
		size += sizeof(head);
	for (i = 0; i < n; i++)
		size += sizeof(struct ktap_value) + padded(value_len(&values[i]));
	err = kp_ctx_charge(ctx, kp_ctx_steps(size));
	if (err)
		return err;
	/* what is larger than every ring is refused by all of them, and counted there */
	rec = ops->reserve(ctx, size > KTAP_MAX_RING ? KTAP_MAX_RING : (u32)size, type, n);
	if (!rec) {
		if (!(ctx->where & KP_CTX_PROCESS))
			return 0;
		err = ops->interrupted(ctx);
		return err ? err : kp_ctx_error(ctx, KTAP_ERR_OUTPUT_LONG, NULL);
	}
	to = (u8 *)(rec + 1);
	if (type == KTAP_REC_PRINTF) {
		head.pc = kp_ctx_pc(ctx);
		memcpy(to, &head, sizeof(head));
		to += sizeof(head);
	}
	for (i = 0; i < n; i++)
		to = value_write(to, &values[i]);
	ops->commit(ctx, rec);
	return 0;
}

int kp_builtin_print(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_output_values(ctx, KTAP_REC_PRINT, args, n);

	kp_value_nil(&args[0]);
	return err;
}

int kp_builtin_printf(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_printf, args, n);

	if (!err)
		err = kp_output_values(ctx, KTAP_REC_PRINTF, args, n);
	kp_value_nil(&args[0]);
	return err;
}

int kp_builtin_print_trace_clock(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	static const char format[] = "%5d.%06d\n";
	u64 us = kp_port_div(kp_port_now(), 1000);
	struct kp_value values[3];
	int err = kp_builtin_string(ctx, &values[0], format, strlen(format));

	(void)n;
	kp_value_int(&values[1], kp_port_div(us, 1000000));
	kp_value_int(&values[2], kp_port_mod(us, 1000000));
	/* nothing is made in scratch space before they are written, so locals may hold them */
	if (!err)
		err = kp_output_values(ctx, KTAP_REC_PRINTF, values, 3);
	kp_value_nil(&args[0]);
	return err;
}

/* Can a chart of this style show the value? */
static int chart_check(struct kp_ctx *ctx, const struct kp_value *v, u32 style)
{
	static const char *const names[] = {
		[KTAP_HIST_PRINT_HIST] = "print_hist",
		[KTAP_HIST_HISTOGRAM] = "histogram",
		[KTAP_HIST_QUANTIZE] = "print_quantize",
		[KTAP_HIST_LQUANTIZE] = "print_lquantize",
	};
	bool log2 = style == KTAP_HIST_QUANTIZE;
	struct ktap_agg agg;

	if (style < KTAP_HIST_QUANTIZE)
		return v->type == KTAP_T_AGG || v->type == KTAP_T_INT ? 0 :
			kp_ctx_error(ctx, KTAP_ERR_HIST_TYPE, names[style]);
	if (v->type != KTAP_T_AGG)
		return kp_ctx_error(ctx, KTAP_ERR_QUANTIZE_TYPE, names[style]);
	memcpy(&agg, v->s->data, sizeof(agg));
	if (agg.kind != (log2 ? KTAP_AGG_LOG2 : KTAP_AGG_LINEAR))
		return kp_ctx_error(ctx, KTAP_ERR_QUANTIZE_KIND, NULL);
	return 0;
}

/* Writes the pairs of a table; its charts are ordered and cut in user space. */
static int chart_pairs(struct kp_ctx *ctx, struct kp_table *t, s64 serial, u32 style)
{
	struct kp_value pair[3];
	s64 cursor = 0;
	int err;

	kp_value_int(&pair[0], serial);
	/* nothing is made in scratch space before the pair is written, so locals may hold it */
	while ((err = kp_table_next(ctx, t, &cursor, &pair[1], &pair[2])) > 0) {
		err = chart_check(ctx, &pair[2], style);
		if (err)
			return err;
		err = kp_output_values(ctx, KTAP_REC_PAIR, pair, 3);
		if (err)
			return err;
		err = ctx->vm->ops->interrupted(ctx);
		if (err)
			return err;
		kp_port_yield();
	}
	return kp_ctx_result(ctx, err);
}

static int chart(struct kp_ctx *ctx, struct kp_table *t, u32 style, s64 rows)
{
	struct kp_value head[3];
	s64 serial;
	int err;

	err = kp_ctx_result(ctx, kp_table_merge(ctx, t));
	if (err)
		return err;
	kp_port_mutex_lock(&ctx->vm->tables_mutex);
	serial = ++ctx->vm->next_serial;
	kp_port_mutex_unlock(&ctx->vm->tables_mutex);

	kp_value_int(&head[0], serial);
	kp_value_int(&head[1], style);
	kp_value_int(&head[2], rows);
	err = kp_output_values(ctx, KTAP_REC_HIST_BEGIN, &head[2], 1);
	if (!err)
		err = chart_pairs(ctx, t, serial, style);
	if (!err)
		err = kp_output_values(ctx, KTAP_REC_HIST_END, head, 3);
	return err;
}

int kp_builtin_print_hist(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_print_hist, args, n);

	if (!err)
		err = chart(ctx, args[0].t, KTAP_HIST_PRINT_HIST, n > 1 ? args[1].i : DEFAULT_ROWS);
	kp_value_nil(&args[0]);
	return err;
}

int kp_builtin_histogram(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_histogram, args, n);

	if (!err)
		err = chart(ctx, args[0].t, KTAP_HIST_HISTOGRAM, DEFAULT_ROWS);
	kp_value_nil(&args[0]);
	return err;
}

int kp_builtin_print_quantize(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_print_quantize, args, n);

	if (!err && args[0].t->linear)
		err = kp_ctx_error(ctx, KTAP_ERR_QUANTIZE_KIND, NULL);
	if (!err)
		err = chart(ctx, args[0].t, KTAP_HIST_QUANTIZE, DEFAULT_ROWS);
	kp_value_nil(&args[0]);
	return err;
}

int kp_builtin_print_lquantize(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_print_lquantize, args, n);
	const struct kp_table *t = args[0].t;

	/* the compiler has told the table the same numbers */
	if (!err && (!t->linear || t->low != args[1].i || t->step != args[3].i))
		err = kp_ctx_error(ctx, KTAP_ERR_QUANTIZE_KIND, NULL);
	if (!err)
		err = chart(ctx, args[0].t, KTAP_HIST_LQUANTIZE, DEFAULT_ROWS);
	kp_value_nil(&args[0]);
	return err;
}
