// SPDX-License-Identifier: GPL-2.0-only
/*
 * The writer of the portable image; its format is in uapi/ktap/bytecode.h. All
 * numbers are written byte by byte, so every host writes the same image.
 */
#include "codegen.h"

#include <string.h>

#include "ktap/bytecode.h"

#define HEADER_SIZE  32
#define SECTION_SIZE 16
#define FUNC_SIZE    24

struct writer {
	struct kp_program *prog;
	struct kp_buf *out;
	size_t start; /* of the image in out */
};

static void align(struct kp_buf *b, size_t start, size_t to)
{
	size_t over = (b->len - start) % to;

	if (over)
		kp_buf_fill(b, 0, to - over);
}

/* ---- one function for each section: appends the body, returns the number of elements ---- */

static uint32_t put_constants(struct writer *w)
{
	const struct kp_program *prog = w->prog;
	uint32_t i;

	for (i = 0; i < prog->nconsts; i++) {
		kp_buf_u32(w->out, prog->consts[i].is_string ? KTAP_CONST_STR : KTAP_CONST_INT);
		kp_buf_u32(w->out, 0);
		kp_buf_u64(w->out, prog->consts[i].payload);
	}
	return prog->nconsts;
}

static uint32_t put_code(struct writer *w)
{
	uint32_t i;

	for (i = 0; i < w->prog->ninsns; i++)
		kp_buf_u32(w->out, w->prog->insns[i]);
	return w->prog->ninsns;
}

static uint32_t put_lines(struct writer *w)
{
	uint32_t i;

	for (i = 0; i < w->prog->ninsns; i++)
		kp_buf_u32(w->out, w->prog->lines[i]);
	return w->prog->ninsns;
}

static uint32_t string_or_none(struct writer *w, const struct kp_str *str)
{
	return str ? kp_program_string(w->prog, str) : KTAP_NONE;
}

static uint32_t put_functions(struct writer *w)
{
	uint32_t i, n = w->prog->sema->nfuncs;

	for (i = 0; i < n; i++) {
		const struct kp_code *code = &w->prog->funcs[i];

		kp_buf_u32(w->out, string_or_none(w, code->func->name));
		kp_buf_u32(w->out, code->first);
		kp_buf_u32(w->out, code->len);
		kp_buf_u16(w->out, (uint16_t)code->nregs);
		kp_buf_u8(w->out, (uint8_t)code->nparams);
		kp_buf_u8(w->out, (uint8_t)code->flags);
		kp_buf_u32(w->out, kp_program_line(w->prog, code->func->at.pos) >> 8);
		kp_buf_u32(w->out, 0);
	}
	return n;
}

static uint32_t put_cells(struct writer *w)
{
	const struct kp_sema *sema = w->prog->sema;
	uint32_t i;

	for (i = 0; i < sema->ncells; i++) {
		const struct kp_var *var = sema->cells[i];

		kp_buf_u32(w->out, kp_program_string(w->prog, var->name));
		kp_buf_u32(w->out, var->written_outside ? 0 : KTAP_CELL_FROZEN);
	}
	return sema->ncells;
}

static uint32_t put_tables(struct writer *w)
{
	const struct kp_table *t;

	for (t = w->prog->sema->tables; t; t = t->next) {
		kp_buf_u32(w->out, t->flags);
		kp_buf_u32(w->out, t->hint);
		kp_buf_u64(w->out, (uint64_t)t->low);
		kp_buf_u64(w->out, (uint64_t)t->high);
		kp_buf_u64(w->out, (uint64_t)t->step);
	}
	return w->prog->sema->ntables;
}

static uint32_t put_fields(struct writer *w)
{
	const struct kp_field *f;

	for (f = w->prog->sema->fields; f; f = f->next) {
		kp_buf_u32(w->out, string_or_none(w, f->name));
		kp_buf_u32(w->out, f->name ? KTAP_NONE : f->index);
	}
	return w->prog->sema->nfields;
}

static uint32_t put_probes(struct writer *w)
{
	const struct kp_probe *p;

	for (p = w->prog->sema->probes; p; p = p->next) {
		kp_buf_u32(w->out, p->kind);
		kp_buf_u32(w->out, string_or_none(w, p->spec));
		kp_buf_u32(w->out, p->filter ? p->filter->index : KTAP_NONE);
		kp_buf_u32(w->out, p->handler->index);
		kp_buf_u32(w->out, kp_program_line(w->prog, p->at.pos));
		kp_buf_u32(w->out, 0);
	}
	return w->prog->sema->nprobes;
}

static uint32_t put_options(struct writer *w)
{
	const struct kp_stmt *s;

	for (s = w->prog->sema->options; s; s = s->option.next) {
		const struct kp_expr *value = s->option.value;
		bool string = value->kind == KP_EX_STRING;

		kp_buf_u32(w->out, kp_program_string(w->prog, s->option.name->str));
		kp_buf_u32(w->out, string_or_none(w, s->option.help));
		kp_buf_u32(w->out, string ? KTAP_CONST_STR : KTAP_CONST_INT);
		kp_buf_u32(w->out, 0);
		kp_buf_u64(w->out, string ? kp_program_string(w->prog, value->str) :
					    (uint64_t)value->number);
	}
	return w->prog->sema->noptions;
}

static uint32_t put_info(struct writer *w)
{
	struct kp_cc *cc = w->prog->cc;
	const struct kp_str *name = kp_cc_string(cc, cc->src->name, strlen(cc->src->name));

	kp_buf_u32(w->out, kp_program_string(w->prog, name));
	kp_buf_u32(w->out, w->prog->sema->arg ? KTAP_INFO_ARGS : 0);
	kp_buf_fill(w->out, 0, 8);
	return 1;
}

static uint32_t put_text(struct writer *w)
{
	kp_buf_put(w->out, w->prog->cc->src->text, w->prog->cc->src->len);
	return (uint32_t)w->prog->cc->src->len;
}

/* Comes last: the other sections number the strings. */
static uint32_t put_strings(struct writer *w)
{
	uint32_t i;

	for (i = 0; i < w->prog->nstrings; i++) {
		const struct kp_str *str = w->prog->strings[i];

		kp_buf_u32(w->out, (uint32_t)str->len);
		kp_buf_put(w->out, str->data, str->len);
		kp_buf_fill(w->out, 0, 4 - str->len % 4);
	}
	return w->prog->nstrings;
}

static const struct {
	uint32_t tag;
	uint32_t (*put)(struct writer *w);
} sections[] = {
	{ KTAP_SEC_CNST, put_constants }, { KTAP_SEC_CODE, put_code },
	{ KTAP_SEC_LINE, put_lines },	  { KTAP_SEC_FUNC, put_functions },
	{ KTAP_SEC_CELL, put_cells },	  { KTAP_SEC_TABL, put_tables },
	{ KTAP_SEC_FLDS, put_fields },	  { KTAP_SEC_PROB, put_probes },
	{ KTAP_SEC_OPTS, put_options },	  { KTAP_SEC_INFO, put_info },
	{ KTAP_SEC_TEXT, put_text },	  { KTAP_SEC_STRS, put_strings },
};

#define NSECTIONS (sizeof(sections) / sizeof(sections[0]))

static void put_section(struct writer *w, unsigned int i)
{
	size_t entry = w->start + HEADER_SIZE + i * SECTION_SIZE;
	size_t offset;
	uint32_t count;

	align(w->out, w->start, 8);
	offset = w->out->len;
	count = sections[i].put(w);
	kp_buf_patch_u32(w->out, entry, sections[i].tag);
	kp_buf_patch_u32(w->out, entry + 4, (uint32_t)(offset - w->start));
	kp_buf_patch_u32(w->out, entry + 8, (uint32_t)(w->out->len - offset));
	kp_buf_patch_u32(w->out, entry + 12, count);
}

void kp_image_write(struct kp_program *prog, struct kp_buf *image)
{
	struct writer w = { .prog = prog, .out = image, .start = image->len };
	unsigned int i;

	kp_buf_u32(image, KTAP_IMAGE_MAGIC);
	kp_buf_u16(image, KTAP_IMAGE_MAJOR);
	kp_buf_u16(image, KTAP_IMAGE_MINOR);
	kp_buf_fill(image, 0, 8); /* size, flags */
	kp_buf_u32(image, NSECTIONS);
	kp_buf_fill(image, 0, HEADER_SIZE - 20);
	kp_buf_fill(image, 0, NSECTIONS * SECTION_SIZE);
	for (i = 0; i < NSECTIONS; i++)
		put_section(&w, i);
	align(image, w.start, 8);
	kp_buf_patch_u32(image, w.start + 8, (uint32_t)(image->len - w.start));
}

_Static_assert(sizeof(struct ktap_image_header) == HEADER_SIZE, "header");
_Static_assert(sizeof(struct ktap_image_section) == SECTION_SIZE, "section");
_Static_assert(sizeof(struct ktap_image_func) == FUNC_SIZE, "function");
