// SPDX-License-Identifier: GPL-2.0-only
/*
 * From bytes to a program.  A cursor that remembers its first error reads the
 * sections; nothing here knows an opcode.  See uapi/ktap/bytecode.h for the format.
 */
#include "image.h"

static void read_code(struct kp_image_reader *r)
{
	struct kp_cursor c = kp_section_open(r, KTAP_SEC_CODE, 4, KTAP_MAX_CODE, true);
	struct kp_cursor lines = kp_section_open(r, KTAP_SEC_LINE, 4, KTAP_MAX_CODE, true);
	u32 i;

	if (c.count != lines.count)
		kp_image_fail(&r->error, KTAP_ERR_IMG_SECTION);
	r->prog->code = kp_section_alloc(r, c.count, sizeof(u32));
	if (!kp_image_ok(r))
		return;
	for (i = 0; i < c.count; i++)
		r->prog->code[i] = kp_cursor_get32(&c);
	r->prog->ncode = c.count;
}

static void read_funcs(struct kp_image_reader *r)
{
	struct kp_cursor c = kp_section_open(r, KTAP_SEC_FUNC, sizeof(struct ktap_image_func), KTAP_MAX_FUNCS, true);
	struct kp_prog *prog = r->prog;
	u32 i, next = 0;

	if (!c.count)
		kp_image_fail(&r->error, KTAP_ERR_IMG_MISSING);
	prog->funcs = kp_section_alloc(r, c.count, sizeof(*prog->funcs));
	if (!kp_image_ok(r))
		return;
	for (i = 0; i < c.count && !r->error; i++) {
		struct kp_func *f = &prog->funcs[i];
		u32 name = kp_cursor_get32(&c);
		u8 flags;
		bool bad;

		f->first = kp_cursor_get32(&c);
		f->ncode = kp_cursor_get32(&c);
		f->nregs = kp_cursor_get16(&c);
		f->nparams = kp_cursor_get8(&c);
		f->index = i;
		flags = kp_cursor_get8(&c);
		f->env = flags & KTAP_FUNC_ENV;
		kp_cursor_get32(&c);
		bad = kp_cursor_get32(&c) || flags & ~KTAP_FUNC_ENV || !kp_image_is_string(r, name, true) ||
		      f->first != next || !f->ncode || f->ncode > KTAP_MAX_FUNC_CODE ||
		      f->ncode > prog->ncode - next || !f->nregs || f->nregs > KTAP_MAX_REGS ||
		      f->nparams + f->env > f->nregs;
		if (bad) {
			kp_image_fail(&r->error, KTAP_ERR_IMG_FUNC);
			break;
		}
		f->code = prog->code + f->first;
		next += f->ncode;
	}
	if (next != prog->ncode || prog->funcs[0].nparams || prog->funcs[0].env)
		kp_image_fail(&r->error, KTAP_ERR_IMG_FUNC);
	prog->nfuncs = c.count;
}

static void read_cells(struct kp_image_reader *r)
{
	struct kp_cursor c = kp_section_open(r, KTAP_SEC_CELL, sizeof(struct ktap_image_cell), KTAP_MAX_CELLS, false);
	struct kp_prog *prog = r->prog;
	u32 i;

	prog->cells = kp_section_alloc(r, c.count, sizeof(*prog->cells));
	if (!kp_image_ok(r))
		return;
	for (i = 0; i < c.count; i++) {
		prog->cells[i].name = kp_cursor_get32(&c);
		prog->cells[i].flags = kp_cursor_get32(&c);
		if (!kp_image_is_string(r, prog->cells[i].name, false) || prog->cells[i].flags & ~KTAP_CELL_FROZEN)
			kp_image_fail(&r->error, KTAP_ERR_IMG_CELL);
	}
	prog->ncells = c.count;
}

static bool is_table(struct ktap_image_table *t)
{
	const u32 both = KTAP_TABLE_QUANTIZE | KTAP_TABLE_LQUANTIZE;

	if (t->flags & ~(KTAP_TABLE_PERCPU | KTAP_TABLE_FIXED | both) || (t->flags & both) == both)
		return false;
	if (t->flags & KTAP_TABLE_LQUANTIZE)
		return kp_agg_linear(t->low, t->high, t->step) != 0;
	return !t->low && !t->high && !t->step;
}

static void read_tables(struct kp_image_reader *r)
{
	struct kp_cursor c = kp_section_open(r, KTAP_SEC_TABL, sizeof(struct ktap_image_table), KTAP_MAX_TABLES, false);
	struct kp_prog *prog = r->prog;
	u32 i;

	prog->tables = kp_section_alloc(r, c.count, sizeof(*prog->tables));
	if (!kp_image_ok(r))
		return;
	for (i = 0; i < c.count; i++) {
		prog->tables[i].flags = kp_cursor_get32(&c);
		prog->tables[i].hint = kp_cursor_get32(&c);
		prog->tables[i].low = kp_cursor_get64(&c);
		prog->tables[i].high = kp_cursor_get64(&c);
		prog->tables[i].step = kp_cursor_get64(&c);
		if (!is_table(&prog->tables[i]))
			kp_image_fail(&r->error, KTAP_ERR_IMG_TABLE);
	}
	prog->ntables = c.count;
}

static void read_fields(struct kp_image_reader *r)
{
	struct kp_cursor c = kp_section_open(r, KTAP_SEC_FLDS, sizeof(struct ktap_image_field), KTAP_MAX_FIELDS, false);
	u32 i;

	memset(r->prog->args_of, 0xff, sizeof(r->prog->args_of));
	for (i = 0; i < c.count; i++) {
		u32 name = kp_cursor_get32(&c), index = kp_cursor_get32(&c);

		if ((name == KTAP_NONE) == (index == KTAP_NONE) || !kp_image_is_string(r, name, true))
			kp_image_fail(&r->error, KTAP_ERR_IMG_FIELD);
		else if (index < KTAP_MAX_ARG)
			r->prog->args_of[index] = i;
	}
	r->prog->nfields = c.count;
}

/* A function that is started by an event: any but the main chunk.  Parameters, if it has some, are nil. */
static const struct kp_func *entry(struct kp_image_reader *r, u32 n)
{
	if (!n || n >= r->prog->nfuncs) {
		kp_image_fail(&r->error, KTAP_ERR_IMG_PROBE);
		return NULL;
	}
	return &r->prog->funcs[n];
}

static void read_probes(struct kp_image_reader *r)
{
	struct kp_cursor c = kp_section_open(r, KTAP_SEC_PROB, sizeof(struct ktap_image_probe), KTAP_MAX_PROBES, false);
	struct kp_prog *prog = r->prog;
	u32 i;

	prog->probes = kp_section_alloc(r, c.count, sizeof(*prog->probes));
	if (!kp_image_ok(r))
		return;
	for (i = 0; i < c.count && !r->error; i++) {
		struct kp_probe *p = &prog->probes[i];
		u32 spec, filter;

		p->kind = kp_cursor_get32(&c);
		spec = kp_cursor_get32(&c);
		filter = kp_cursor_get32(&c);
		p->handler = entry(r, kp_cursor_get32(&c));
		if (filter != KTAP_NONE)
			p->filter = entry(r, filter);
		kp_cursor_get32(&c);
		if (kp_cursor_get32(&c) || p->kind < KTAP_PROBE_EVENT || p->kind > KTAP_PROBE_END ||
		    !kp_image_is_string(r, spec, p->kind == KTAP_PROBE_END) ||
		    (p->filter && p->kind != KTAP_PROBE_EVENT))
			kp_image_fail(&r->error, KTAP_ERR_IMG_PROBE);
	}
	prog->nprobes = c.count;
}

int kp_image_read(struct kp_pool *pool, const void *image, size_t len,
		  struct kp_prog **out, struct ktap_place *place)
{
	struct kp_image_reader r = { .image = image, .len = len };

	memset(place, 0, sizeof(*place));
	place->func = KTAP_NONE;
	if (len > KTAP_MAX_IMAGE) {
		place->error = KTAP_ERR_IMG_LIMIT;
		return -EINVAL;
	}
	r.prog = kp_pool_alloc(pool, sizeof(*r.prog));
	if (!r.prog)
		return -ENOMEM;
	r.prog->pool = pool;

	kp_section_header(&r);
	if (kp_image_ok(&r))
		kp_section_table(&r);
	if (kp_image_ok(&r))
		kp_section_strings(&r, KTAP_SEC_STRS, true, &r.prog->strs, &r.prog->nstrs);
	if (kp_image_ok(&r))
		kp_section_values(&r, KTAP_SEC_CNST, KTAP_MAX_CONSTS, r.prog->strs, r.prog->nstrs,
			    &r.prog->consts, &r.prog->nconsts);
	if (kp_image_ok(&r))
		read_code(&r);
	if (kp_image_ok(&r))
		read_funcs(&r);
	if (kp_image_ok(&r))
		read_cells(&r);
	if (kp_image_ok(&r))
		read_tables(&r);
	if (kp_image_ok(&r))
		read_fields(&r);
	if (kp_image_ok(&r))
		read_probes(&r);
	if (kp_image_ok(&r) && r.flags & KTAP_IMAGE_LOAD) {
		kp_section_strings(&r, KTAP_SEC_ESTR, false, &r.prog->estrs, &r.prog->nestrs);
		if (kp_image_ok(&r))
			kp_image_events(&r);
		if (kp_image_ok(&r))
			kp_image_fdescs(&r);
		if (kp_image_ok(&r))
			kp_section_values(&r, KTAP_SEC_ARGS, KTAP_MAX_ARGS, r.prog->estrs, r.prog->nestrs,
				    &r.prog->args, &r.prog->nargs);
	}
	if (kp_image_ok(&r)) {
		*out = r.prog;
		return 0;
	}
	kp_image_free(r.prog);
	place->error = r.error;
	return r.error ? -EINVAL : -ENOMEM;
}

void kp_image_free(struct kp_prog *prog)
{
	struct kp_pool *pool;
	struct kp_allocation *a, *next;

	if (!prog)
		return;
	pool = prog->pool;
	for (a = prog->allocations; a; a = next) {
		next = a->next;
		kp_pool_free(pool, a, a->size);
	}
	kp_pool_free(pool, prog, sizeof(*prog));
}
