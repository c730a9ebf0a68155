// SPDX-License-Identifier: GPL-2.0-only
#include "clock.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include <ktap/record.h>

#define SECOND	  INT64_C(1000000000)
#define MAX_FIELD 256 /* bytes that one conversion makes; more is left out */

/* Append what one conversion, @len bytes at @spec, makes of @tm. */
static void put_field(const char *spec, size_t len, const struct tm *tm, struct kp_buf *out)
{
	char format[16], text[MAX_FIELD];
	size_t n;

	if (len > sizeof(format) - 2)
		return;
	memcpy(format, spec, len);
	/* an empty result cannot be told from an error: one more byte makes it longer */
	memcpy(format + len, ".", 2);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	n = strftime(text, sizeof(text), format, tm);
#pragma GCC diagnostic pop
	if (n)
		kp_buf_put(out, text, n - 1);
}

/* Bytes of the conversion that begins with the '%' at @p: flags, a width and modifiers may follow. */
static size_t field_len(const char *p, const char *end)
{
	size_t len = 1;

	while (p + len < end && strchr("_-0^#+123456789EO", p[len]))
		len++;
	return p + len < end ? len + 1 : len;
}

void kp_clock_put(const uint8_t *data, size_t len, struct kp_buf *out)
{
	const char *p = (const char *)data + sizeof(struct ktap_time),
		   *end = (const char *)data + len;
	struct ktap_time when;
	int64_t second, ns;
	struct tm tm;
	time_t t;
	size_t n;

	if (len < sizeof(when))
		return;
	memcpy(&when, data, sizeof(when));
	ns = (when.ns % SECOND + SECOND) % SECOND;
	second = when.ns / SECOND - (when.ns % SECOND < 0);
	t = (time_t)second;
	if (t != second || !localtime_r(&t, &tm))
		return;
	for (; p < end; p += n) {
		const char *percent = memchr(p, '%', (size_t)(end - p));

		n = percent ? (size_t)(percent - p) : (size_t)(end - p);
		if (n) {
			kp_buf_put(out, p, n);
			continue;
		}
		n = field_len(p, end);
		if (n == 2 && p[1] == 'f')
			kp_buf_printf(out, "%06" PRId64, ns / 1000);
		else
			put_field(p, n, &tm, out);
	}
}
