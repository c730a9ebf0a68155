// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

static void put(struct session *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	s->out = realloc(s->out, s->out_len + n + 1);
	if (!s->out)
		abort();
	memcpy(s->out + s->out_len, text, n + 1);
	s->out_len += n;
}

/* One value as text; returns the place behind it. */
static const u8 *put_value(struct session *s, const u8 *p, const u8 *end)
{
	struct ktap_value head;
	s64 i = 0;

	assert_true(p + sizeof(head) <= end);
	memcpy(&head, p, sizeof(head));
	p += sizeof(head);
	assert_true(head.len <= (size_t)(end - p));
	if (head.len >= 8)
		memcpy(&i, p, 8);
	switch (head.type) {
	case KTAP_T_NIL:
		put(s, " nil");
		break;
	case KTAP_T_FALSE:
		put(s, " false");
		break;
	case KTAP_T_TRUE:
		put(s, " true");
		break;
	case KTAP_T_INT:
		assert_int_equal(head.len, 8);
		put(s, " %lld", (long long)i);
		break;
	case KTAP_T_FUNC:
		put(s, " function:%lld", (long long)i);
		break;
	case KTAP_T_TABLE:
		put(s, " table:%lld", (long long)i);
		break;
	case KTAP_T_STR:
		put(s, " '%.*s'", (int)head.len, (const char *)p);
		break;
	case KTAP_T_AGG:
		put(s, " agg:%lld%s", (long long)i, head.len > sizeof(struct ktap_agg) ? "+" : "");
		break;
	default:
		put(s, " %s:%u", kp_value_typename(head.type), head.len);
	}
	/* the padding is zero */
	for (i = head.len; i % 8; i++)
		assert_int_equal(p[i], 0);
	return p + ((head.len + 7) & ~7U);
}

static void put_record(struct session *s, const struct ktap_record *rec)
{
	static const char *const names[] = { "pad", "print", "printf", "begin", "pair", "end", "warn" };
	const u8 *p = (const u8 *)(rec + 1), *end = (const u8 *)rec + rec->size;
	struct ktap_place place;
	u32 i;

	put(s, "%s", names[rec->type]);
	if (rec->type == KTAP_REC_WARN) {
		memcpy(&place, p, sizeof(place));
		put(s, " %u %s", place.error, place.detail);
	} else {
		if (rec->type == KTAP_REC_PRINTF)
			p += sizeof(struct ktap_printf);
		for (i = 0; i < rec->aux; i++)
			p = put_value(s, p, end);
		assert_ptr_equal(p, end);
	}
	put(s, "\n");
}

static struct ktap_record *op_reserve(struct kp_ctx *ctx, u32 size, u16 type, u16 aux)
{
	struct session *s = ctx->vm->owner;

	assert_null(s->rec);
	assert_int_equal(size % 8, 0);
	if (size > s->room) {
		s->lost++;
		return NULL;
	}
	s->rec = malloc(size);
	if (!s->rec)
		abort();
	memset(s->rec, 0x5a, size);
	s->rec->size = size;
	s->rec->type = type;
	s->rec->aux = aux;
	s->rec->time = kp_port_now();
	return s->rec;
}

static void op_commit(struct kp_ctx *ctx, struct ktap_record *rec)
{
	struct session *s = ctx->vm->owner;

	assert_ptr_equal(rec, s->rec);
	put_record(s, rec);
	free(rec);
	s->rec = NULL;
}

static void op_kick(struct kp_vm *vm)
{
	struct session *s = vm->owner;

	__atomic_fetch_add(&s->kicks, 1, __ATOMIC_RELAXED);
	if (s->maintain)
		kp_vm_maintain(vm);
}

static int op_interrupted(struct kp_ctx *ctx)
{
	struct session *s = ctx->vm->owner;

	if (s->interrupt_after) {
		s->interrupt_after--;
		return 0;
	}
	return s->interrupt;
}

static void op_syscall_args(struct kp_ctx *ctx)
{
	u32 i;

	for (i = 0; i < 6; i++)
		ctx->ev.args[i] = 100 + i;
}

static const struct kp_vm_ops ops = {
	.kick = op_kick,
	.reserve = op_reserve,
	.commit = op_commit,
	.interrupted = op_interrupted,
	.syscall_args = op_syscall_args,
};

int session_try_init(struct session *s, u64 memory, u32 max_exec)
{
	size_t size;
	int err = 0;

	memset(s, 0, sizeof(*s));
	s->room = SIZE_MAX;
	s->maintain = true;
	assert_int_equal(kp_vm_init(&s->vm, &ops, s, memory, max_exec), 0);
	s->main = kp_ctx_new(&s->vm);
	if (!s->main) {
		session_destroy(s);
		return -ENOMEM;
	}
	/* what a program with tables has from the start */
	for (size = 32; size <= 256; size *= 2)
		err |= kp_pool_reserve(&s->vm.pool, size, 0);
	if (err || kp_pool_reserve(&s->vm.pool, KP_POOL_SEGMENT, 0)) {
		session_destroy(s);
		return -ENOMEM;
	}
	s->handler = kp_ctx_place(&s->vm, calloc(1, kp_ctx_size()), KP_LEVEL_TASK);
	/* for tests that call what a function would */
	s->main->budget = INT64_MAX;
	s->handler->budget = INT64_MAX;
	return 0;
}

void session_init(struct session *s, u64 memory, u32 max_exec)
{
	assert_int_equal(session_try_init(s, memory, max_exec), 0);
}

void session_destroy(struct session *s)
{
	assert_null(s->rec);
	kp_ctx_free(s->main);
	kp_vm_destroy(&s->vm);
	free(s->handler);
	free(s->out);
}

int session_load(struct session *s, struct mkimage *im)
{
	size_t len;
	u8 *image = mk_finish(im, &len);
	int err = kp_vm_load(&s->vm, image, len, &s->place);

	free(image);
	return err;
}

int session_run(struct session *s, u32 n, struct kp_value *result)
{
	return kp_interp_run(s->main, s->vm.verified, &s->vm.verified->prog->funcs[n], result);
}

void session_event(struct session *s, u32 n)
{
	kp_interp_event(s->handler, &s->vm.verified->prog->events[n]);
}

const char *session_output(struct session *s)
{
	static char *last;

	free(last);
	last = s->out;
	s->out = NULL;
	s->out_len = 0;
	return last ? last : "";
}

u32 session_error(struct session *s)
{
	return s->vm.failed ? s->vm.error.error : KTAP_ERR_NONE;
}

void session_failed(struct session *s, int err, u32 error, const char *detail)
{
	assert_int_equal(err, -EINVAL);
	assert_int_equal(session_error(s), error);
	assert_string_equal(s->vm.error.detail, detail);
	s->vm.failed = 0;
	s->vm.claimed = 0;
}

struct kp_value session_str(struct kp_ctx *ctx, const char *text)
{
	struct kp_value v;

	v.s = kp_scratch_new(ctx, strlen(text));
	assert_non_null(v.s);
	memcpy(v.s->data, text, strlen(text));
	v.type = KTAP_T_STR;
	return v;
}

struct kp_value session_int(s64 v)
{
	struct kp_value value;

	kp_value_int(&value, v);
	return value;
}
