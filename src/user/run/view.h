/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view - a portable image (uapi/ktap/bytecode.h) as the command reads it.
 *
 * The bytes may come from a file, so every access is bounded. Only what the
 * command itself needs is checked; the kernel checks an image as a whole.
 */
#ifndef KP_RUN_VIEW_H
#define KP_RUN_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ktap/bytecode.h>

/* A string of the image: not terminated by NUL in general. */
struct kp_view_string {
	const char *data;
	uint32_t len;
};

struct kp_view {
	const uint8_t *data; /* the image; lives as long as the view */
	size_t len;
	uint32_t nsections;
	struct ktap_image_section sections[KTAP_MAX_SECTIONS];
	struct kp_view_string *strings;
	uint32_t nstrings;
	uint32_t ncode, nlines, nfuncs, nfields, nprobes, noptions; /* elements of the sections */
};

/* Where in the script an instruction or a probe comes from. */
struct kp_view_place {
	struct kp_view_string source;
	uint32_t line;	 /* from 1; 0: unknown */
	uint32_t column; /* in bytes, from 1; 0: unknown */
};

/**
 * kp_view_is_image - do these bytes begin like an image? Any other is source text.
 */
bool kp_view_is_image(const void *data, size_t len);

/**
 * kp_view_open - read the section table and the strings of an image.
 * @v:   what kp_view_close() later releases
 * @why: receives, on failure, one clause saying what is wrong
 *
 * Returns 0, -EINVAL or -ENOMEM.
 */
int kp_view_open(struct kp_view *v, const void *image, size_t len, const char **why);

/** kp_view_close - release what kp_view_open() took. */
void kp_view_close(struct kp_view *v);

/** kp_view_section - the section with this tag, or NULL. Its bounds are inside the image. */
const struct ktap_image_section *kp_view_section(const struct kp_view *v, uint32_t tag);

/** kp_view_string - string @i; an empty one when there is none. */
struct kp_view_string kp_view_string(const struct kp_view *v, uint32_t i);

/* Element @i, below the count of its section, in the byte order of this machine. */
uint32_t kp_view_insn(const struct kp_view *v, uint32_t i);
struct ktap_image_func kp_view_func(const struct kp_view *v, uint32_t i);
struct ktap_image_field kp_view_field(const struct kp_view *v, uint32_t i);
struct ktap_image_probe kp_view_probe(const struct kp_view *v, uint32_t i);

/* The same where the number need not be checked before: false when there is no such element. */
bool kp_view_const(const struct kp_view *v, uint32_t i, struct ktap_image_const *c);
bool kp_view_cell(const struct kp_view *v, uint32_t i, struct ktap_image_cell *c);
bool kp_view_option(const struct kp_view *v, uint32_t i, struct ktap_image_option *o);
bool kp_view_table(const struct kp_view *v, uint32_t i, struct ktap_image_table *t);

/** kp_view_flags - what the script asks for: KTAP_INFO_*. */
uint32_t kp_view_flags(const struct kp_view *v);

/** kp_view_place - the place that @line says, a number as LINE and PROB hold it. */
struct kp_view_place kp_view_place(const struct kp_view *v, uint32_t line);

/** kp_view_pc_place - the place of instruction @pc; line 0 when there is none. */
struct kp_view_place kp_view_pc_place(const struct kp_view *v, uint32_t pc);

/** kp_view_source_line - line @line (from 1) of the source; false without it. */
bool kp_view_source_line(const struct kp_view *v, uint32_t line, struct kp_view_string *text);

#endif
