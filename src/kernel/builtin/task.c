// SPDX-License-Identifier: GPL-2.0-only
/* The current task and CPU. */
#include "builtin.h"
#include "../port/task.h"

KP_BUILTIN_NUMBER(pid, kp_port_tgid())
KP_BUILTIN_NUMBER(tid, kp_port_tid())
KP_BUILTIN_NUMBER(ppid, kp_port_ppid())
KP_BUILTIN_NUMBER(uid, kp_port_uid())
KP_BUILTIN_NUMBER(gid, kp_port_gid())
KP_BUILTIN_NUMBER(cpu, kp_port_cpu())
KP_BUILTIN_NUMBER(num_cpus, kp_port_online_cpus())
KP_BUILTIN_NUMBER(in_interrupt, ctx->level)
KP_BUILTIN_NUMBER(in_iowait, kp_port_iowait())

int kp_builtin_cgroup(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	u64 id;

	(void)ctx;
	(void)n;
	kp_value_nil(&args[0]);
	if (!kp_port_cgroup(&id))
		kp_value_int(&args[0], id);
	return 0;
}

static u64 little_endian(u64 word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap64(word);
#else
	return word;
#endif
}

/*
 * Clears the bytes of a word from its first zero byte on; returns how many stay.  Without
 * a loop: of the marks 0x80 that zero bytes leave, the lowest one is always right.
 */
static u32 cut_at_zero(u64 *word)
{
	u64 v = little_endian(*word);
	u64 mark = (v - 0x0101010101010101ULL) & ~v & 0x8080808080808080ULL;
	u64 keep;

	if (!mark)
		return 8;
	/* all bits below the mark, then only those of the bytes before it */
	keep = ((mark - 1) & ~mark) >> 7;
	*word = little_endian(v & keep);
	return ((keep & 0x0101010101010101ULL) * 0x0101010101010101ULL) >> 56;
}

int kp_builtin_execname(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	struct kp_str *s;
	u64 words[2];
	u32 len;

	(void)n;
	kp_port_comm(words);
	len = cut_at_zero(&words[0]);
	if (len == 8) {
		len += cut_at_zero(&words[1]);
		/* caught while it was being changed: no zero at all */
		if (unlikely(len == 16))
			((u8 *)words)[--len] = 0;
	}
	s = kp_scratch_new(ctx, len);
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	/* the words are the padded data of the string */
	memcpy(s->data, words, 8);
	if (len >= 8)
		memcpy(s->data + 8, &words[1], 8);
	args[0].s = s;
	args[0].type = KTAP_T_STR;
	return 0;
}
