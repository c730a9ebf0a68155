// SPDX-License-Identifier: GPL-2.0-only
/* Strings in the memory of the current process and of the kernel. */
#include "builtin.h"
#include "../port/task.h"

#define PAGE		4096U	/* no machine has smaller ones */
#define DEFAULT_LEN	255

typedef int (*copy_fn)(void *to, u64 addr, u32 n);

/* Copies up to a zero, page by page, so that nothing behind the zero's page is touched; the length, or -EFAULT. */
static s64 copy_string(copy_fn copy, u8 *to, u64 addr, u32 max)
{
	u32 done = 0, part, i;

	while (done < max) {
		part = PAGE - (u32)((addr + done) % PAGE);
		if (part > max - done)
			part = max - done;
		if (copy(to + done, addr + done, part))
			return -EFAULT;
		for (i = 0; i < part; i++)
			if (!to[done + i])
				return done + i;
		done += part;
	}
	return done;
}

static int get_string(struct kp_ctx *ctx, struct kp_value *args, u32 n, copy_fn copy)
{
	s64 max = n > 1 ? args[1].i : DEFAULT_LEN, len;
	struct kp_str *s;

	if (max < 0)
		max = 0;
	if (max > KP_PROCESS_SCRATCH_MAX)
		max = KP_PROCESS_SCRATCH_MAX;	/* refused just as well */
	s = kp_scratch_new(ctx, max);
	if (!s)
		return kp_ctx_result(ctx, -ENOSPC);
	len = copy_string(copy, s->data, args[0].i, max);
	kp_scratch_trim(ctx, s, len < 0 ? 0 : len);
	args[0].s = s;
	args[0].type = KTAP_T_STR;
	/* so much may have been copied, whatever was in it */
	return kp_ctx_charge(ctx, kp_ctx_steps(max));
}

int kp_builtin_user_string(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_user_string, args, n);

	return err ? err : get_string(ctx, args, n, kp_port_copy_user);
}

int kp_builtin_kernel_string(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_kernel_string, args, n);

	return err ? err : get_string(ctx, args, n, kp_port_copy_kernel);
}
