// SPDX-License-Identifier: GPL-2.0-only
/* Addresses of networks. */
#include "builtin.h"

int kp_builtin_format_ip_addr(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_format_ip_addr, args, n);
	char text[16];
	u8 bytes[4];
	u32 word, len = 0, i;

	if (err)
		return err;
	/* network order is the order of the bytes in memory */
	word = args[0].i;
	memcpy(bytes, &word, 4);
	for (i = 0; i < 4; i++) {
		len += kp_value_decimal(text + len, bytes[i]);
		text[len++] = '.';
	}
	return kp_builtin_string(ctx, &args[0], text, len - 1);
}
