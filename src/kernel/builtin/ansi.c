// SPDX-License-Identifier: GPL-2.0-only
/* Escape sequences of terminals, written as printf writes text. */
#include "builtin.h"

#define ESCAPE		"\033["
#define ESCAPE_MAX	80	/* bytes: three numbers of 20 */

/* A text without any % is its own format. */
static int write_text(struct kp_ctx *ctx, struct kp_value *args, const char *text, u32 len)
{
	int err = kp_builtin_string(ctx, &args[0], text, len);

	if (!err)
		err = kp_output_values(ctx, KTAP_REC_PRINTF, args, 1);
	kp_value_nil(&args[0]);
	return err;
}

/* ESC [ and the n numbers, separated by semicolons, and m. */
static int write_colors(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	char text[ESCAPE_MAX];
	u32 len = strlen(ESCAPE), i;

	memcpy(text, ESCAPE, len);
	for (i = 0; i < n; i++) {
		len += kp_value_decimal(text + len, args[i].i);
		text[len++] = i + 1 < n ? ';' : 'm';
	}
	return write_text(ctx, args, text, len);
}

int kp_builtin_ansi_clear_screen(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	static const char text[] = ESCAPE "1;1H" ESCAPE "J";

	(void)n;
	return write_text(ctx, args, text, strlen(text));
}

int kp_builtin_ansi_set_color(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_ansi_set_color, args, n);

	return err ? err : write_colors(ctx, args, 1);
}

int kp_builtin_ansi_set_color2(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_ansi_set_color2, args, n);

	return err ? err : write_colors(ctx, args, 2);
}

int kp_builtin_ansi_set_color3(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	int err = kp_builtin_check(ctx, KTAP_BUILTIN_ansi_set_color3, args, n);

	/* attribute 0 would take the colors back */
	return err ? err : write_colors(ctx, args, args[2].i ? 3 : 2);
}

int kp_builtin_ansi_reset_color(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	static const char text[] = ESCAPE "0;0m";

	(void)n;
	return write_text(ctx, args, text, strlen(text));
}

int kp_builtin_ansi_new_line(struct kp_ctx *ctx, struct kp_value *args, u32 n)
{
	(void)n;
	return write_text(ctx, args, "\n", 1);
}
