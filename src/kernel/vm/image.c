// SPDX-License-Identifier: GPL-2.0-only
/*
 * From bytes to a program.  A cursor that remembers its first error reads the
 * sections; nothing here knows an opcode.  See uapi/ktap/bytecode.h for the format.
 */
#include "vm.h"

struct kp_allocation {
	struct kp_allocation *next;
	size_t size;
};

/* A stretch of the image.  The first error sticks; reads after it give 0. */
struct cursor {
	const u8 *p, *end;
	u32 count;		/* elements the section says it has */
	u32 *error;		/* of the whole image */
};

struct reader {
	const u8 *image;
	size_t len;
	u32 nsections;
	u32 flags;
	u32 error;
	int nomem;
	struct kp_prog *prog;
};

static void fail(u32 *error, u32 what)
{
	if (!*error)
		*error = what;
}

static const u8 *take(struct cursor *c, size_t n)
{
	const u8 *p = c->p;

	if (n > (size_t)(c->end - c->p)) {
		fail(c->error, KTAP_ERR_IMG_SHORT);
		return NULL;
	}
	c->p += n;
	return p;
}

static u8 get8(struct cursor *c)
{
	const u8 *p = take(c, 1);

	return p ? *p : 0;
}

static u16 get16(struct cursor *c)
{
	const u8 *p = take(c, 2);

	return p ? p[0] | p[1] << 8 : 0;
}

static u32 get32(struct cursor *c)
{
	const u8 *p = take(c, 4);

	return p ? p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24 : 0;
}

static u64 get64(struct cursor *c)
{
	u64 low = get32(c);

	return low | (u64)get32(c) << 32;
}

/* Zeroed memory that lives as long as the program; never NULL for n 0. */
static void *alloc(struct reader *r, size_t n, size_t size)
{
	struct kp_allocation *a;

	n = sizeof(*a) + (n ? n : 1) * size;
	a = kp_pool_alloc(r->prog->pool, n);
	if (!a) {
		r->nomem = 1;
		return NULL;
	}
	a->size = n;
	a->next = r->prog->allocations;
	r->prog->allocations = a;
	return a + 1;
}

static bool reader_ok(const struct reader *r)
{
	return !r->error && !r->nomem;
}

/* Element i of a section that can have millions of them. */
static void breathe(u32 i)
{
	if (!(i % 4096))
		kp_port_yield();
}

static void read_header(struct reader *r)
{
	struct cursor c = { r->image, r->image + r->len, 0, &r->error };
	u32 i, size;

	if (get32(&c) != KTAP_IMAGE_MAGIC)
		fail(&r->error, KTAP_ERR_IMG_MAGIC);
	if (get16(&c) != KTAP_IMAGE_MAJOR)
		fail(&r->error, KTAP_ERR_IMG_VERSION);
	get16(&c);
	size = get32(&c);
	r->flags = get32(&c);
	r->nsections = get32(&c);
	for (i = 0; i < 3; i++)
		if (get32(&c))
			fail(&r->error, KTAP_ERR_IMG_VERSION);
	if (size != r->len)
		fail(&r->error, KTAP_ERR_IMG_SIZE);
	if (r->flags & ~KTAP_IMAGE_LOAD)
		fail(&r->error, KTAP_ERR_IMG_VERSION);
	if (r->nsections > KTAP_MAX_SECTIONS)
		fail(&r->error, KTAP_ERR_IMG_SECTION);
}

/* Checks the section table: inside the image, aligned, in order, no tag twice. */
static void read_sections(struct reader *r)
{
	struct cursor c = { r->image, r->image + r->len, 0, &r->error };
	u64 last = sizeof(struct ktap_image_header) + (u64)r->nsections * sizeof(struct ktap_image_section);
	u32 tags[KTAP_MAX_SECTIONS], i, j;

	take(&c, sizeof(struct ktap_image_header));
	for (i = 0; i < r->nsections && !r->error; i++) {
		u32 offset, size;

		tags[i] = get32(&c);
		offset = get32(&c);
		size = get32(&c);
		get32(&c);
		if (offset % 8 || offset < last || offset > r->len || size > r->len - offset)
			fail(&r->error, KTAP_ERR_IMG_SECTION);
		last = (u64)offset + size;
		for (j = 0; j < i; j++)
			if (tags[j] == tags[i])
				fail(&r->error, KTAP_ERR_IMG_DUP);
	}
}

/*
 * Opens a section whose elements have that size (0: any).  An absent one is empty, or an
 * error when it is required.  More than max elements are an error.
 */
static struct cursor section(struct reader *r, u32 tag, size_t element, u32 max, bool required)
{
	struct cursor table = { r->image, r->image + r->len, 0, &r->error };
	struct cursor c = { r->image, r->image, 0, &r->error };
	u32 i;

	take(&table, sizeof(struct ktap_image_header));
	for (i = 0; i < r->nsections && !r->error; i++) {
		u32 this = get32(&table), offset = get32(&table);
		u32 size = get32(&table), count = get32(&table);

		if (this != tag)
			continue;
		c.p = r->image + offset;
		c.end = c.p + size;
		c.count = count;
		if (count > max)
			fail(&r->error, KTAP_ERR_IMG_LIMIT);
		else if (element && (u64)count * element != size)
			fail(&r->error, KTAP_ERR_IMG_SECTION);
		break;
	}
	if (required && c.p == r->image)
		fail(&r->error, KTAP_ERR_IMG_MISSING);
	if (r->error)
		c.count = 0;
	return c;
}

/* One string at the cursor; its bytes, or NULL. */
static const u8 *read_bytes(struct cursor *c, u32 *len)
{
	const u8 *p;

	*len = get32(c);
	if (*len > KTAP_MAX_STRING) {
		fail(c->error, KTAP_ERR_IMG_STRING);
		return NULL;
	}
	p = take(c, (*len + 4) & ~3U);
	if (p && p[*len])
		fail(c->error, KTAP_ERR_IMG_STRING);
	return p;
}

static void read_strings(struct reader *r, u32 tag, bool required, struct kp_str ***out, u32 *nout)
{
	/* a string takes at least 8 bytes, so the size of the image limits their number */
	struct cursor c = section(r, tag, 0, KTAP_MAX_IMAGE / 8, required), scan = c;
	size_t total = 0;
	u8 *mem;
	u32 i, len;

	if ((u64)c.count * 8 > (u64)(c.end - c.p))
		fail(&r->error, KTAP_ERR_IMG_STRING);
	for (i = 0; i < c.count && !r->error; i++) {
		breathe(i);
		read_bytes(&scan, &len);
		total += kp_str_size(len);
	}
	if (r->error)
		return;
	*out = alloc(r, c.count, sizeof(**out));
	mem = alloc(r, total, 1);
	if (!*out || !mem)
		return;
	for (i = 0; i < c.count; i++) {
		const u8 *bytes = read_bytes(&c, &len);
		struct kp_str *s = (struct kp_str *)mem;

		breathe(i);
		s->len = len;
		s->home = KP_HOME_CONST;
		memcpy(s->data, bytes, len);
		(*out)[i] = s;
		mem += kp_str_size(len);
	}
	*nout = c.count;
}

static bool is_string(const struct reader *r, u32 n, bool or_none)
{
	return n < r->prog->nstrs || (or_none && n == KTAP_NONE);
}

/* Values, of which strings are numbers of strs. */
static void read_values(struct reader *r, u32 tag, u32 max, struct kp_str **strs, u32 nstrs,
			struct kp_value **out, u32 *nout)
{
	struct cursor c = section(r, tag, sizeof(struct ktap_image_const), max, false);
	u32 i;

	*out = alloc(r, c.count, sizeof(**out));
	if (!reader_ok(r))
		return;
	for (i = 0; i < c.count && !r->error; i++) {
		struct kp_value *v = &(*out)[i];
		u32 type = get32(&c), reserved = get32(&c);
		u64 payload = get64(&c);

		if (type == KTAP_CONST_INT && !reserved) {
			kp_value_int(v, payload);
		} else if (type == KTAP_CONST_STR && !reserved && payload < nstrs) {
			v->s = strs[payload];
			v->type = KTAP_T_STR;
		} else {
			fail(&r->error, KTAP_ERR_IMG_CONST);
		}
	}
	*nout = c.count;
}

static void read_code(struct reader *r)
{
	struct cursor c = section(r, KTAP_SEC_CODE, 4, KTAP_MAX_CODE, true);
	struct cursor lines = section(r, KTAP_SEC_LINE, 4, KTAP_MAX_CODE, true);
	u32 i;

	if (c.count != lines.count)
		fail(&r->error, KTAP_ERR_IMG_SECTION);
	r->prog->code = alloc(r, c.count, sizeof(u32));
	if (!reader_ok(r))
		return;
	for (i = 0; i < c.count; i++)
		r->prog->code[i] = get32(&c);
	r->prog->ncode = c.count;
}

static void read_funcs(struct reader *r)
{
	struct cursor c = section(r, KTAP_SEC_FUNC, sizeof(struct ktap_image_func), KTAP_MAX_FUNCS, true);
	struct kp_prog *prog = r->prog;
	u32 i, next = 0;

	if (!c.count)
		fail(&r->error, KTAP_ERR_IMG_MISSING);
	prog->funcs = alloc(r, c.count, sizeof(*prog->funcs));
	if (!reader_ok(r))
		return;
	for (i = 0; i < c.count && !r->error; i++) {
		struct kp_func *f = &prog->funcs[i];
		u32 name = get32(&c);
		u8 flags;
		bool bad;

		f->first = get32(&c);
		f->ncode = get32(&c);
		f->nregs = get16(&c);
		f->nparams = get8(&c);
		f->index = i;
		flags = get8(&c);
		f->env = flags & KTAP_FUNC_ENV;
		get32(&c);
		bad = get32(&c) || flags & ~KTAP_FUNC_ENV || !is_string(r, name, true) || f->first != next || !f->ncode ||
		       f->ncode > KTAP_MAX_FUNC_CODE || f->ncode > prog->ncode - next ||
		       !f->nregs || f->nregs > KTAP_MAX_REGS || f->nparams + f->env > f->nregs;
		if (bad) {
			fail(&r->error, KTAP_ERR_IMG_FUNC);
			break;
		}
		f->code = prog->code + f->first;
		next += f->ncode;
	}
	if (next != prog->ncode || prog->funcs[0].nparams || prog->funcs[0].env)
		fail(&r->error, KTAP_ERR_IMG_FUNC);
	prog->nfuncs = c.count;
}

static void read_cells(struct reader *r)
{
	struct cursor c = section(r, KTAP_SEC_CELL, sizeof(struct ktap_image_cell), KTAP_MAX_CELLS, false);
	struct kp_prog *prog = r->prog;
	u32 i;

	prog->cells = alloc(r, c.count, sizeof(*prog->cells));
	if (!reader_ok(r))
		return;
	for (i = 0; i < c.count; i++) {
		prog->cells[i].name = get32(&c);
		prog->cells[i].flags = get32(&c);
		if (!is_string(r, prog->cells[i].name, false) || prog->cells[i].flags & ~KTAP_CELL_FROZEN)
			fail(&r->error, KTAP_ERR_IMG_CELL);
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

static void read_tables(struct reader *r)
{
	struct cursor c = section(r, KTAP_SEC_TABL, sizeof(struct ktap_image_table), KTAP_MAX_TABLES, false);
	struct kp_prog *prog = r->prog;
	u32 i;

	prog->tables = alloc(r, c.count, sizeof(*prog->tables));
	if (!reader_ok(r))
		return;
	for (i = 0; i < c.count; i++) {
		prog->tables[i].flags = get32(&c);
		prog->tables[i].hint = get32(&c);
		prog->tables[i].low = get64(&c);
		prog->tables[i].high = get64(&c);
		prog->tables[i].step = get64(&c);
		if (!is_table(&prog->tables[i]))
			fail(&r->error, KTAP_ERR_IMG_TABLE);
	}
	prog->ntables = c.count;
}

static void read_fields(struct reader *r)
{
	struct cursor c = section(r, KTAP_SEC_FLDS, sizeof(struct ktap_image_field), KTAP_MAX_FIELDS, false);
	u32 i;

	memset(r->prog->args_of, 0xff, sizeof(r->prog->args_of));
	for (i = 0; i < c.count; i++) {
		u32 name = get32(&c), index = get32(&c);

		if ((name == KTAP_NONE) == (index == KTAP_NONE) || !is_string(r, name, true))
			fail(&r->error, KTAP_ERR_IMG_FIELD);
		else if (index < KTAP_MAX_ARG)
			r->prog->args_of[index] = i;
	}
	r->prog->nfields = c.count;
}

/* A function that is started by an event: any but the main chunk.  Parameters, if it has some, are nil. */
static const struct kp_func *entry(struct reader *r, u32 n)
{
	if (!n || n >= r->prog->nfuncs) {
		fail(&r->error, KTAP_ERR_IMG_PROBE);
		return NULL;
	}
	return &r->prog->funcs[n];
}

static void read_probes(struct reader *r)
{
	struct cursor c = section(r, KTAP_SEC_PROB, sizeof(struct ktap_image_probe), KTAP_MAX_PROBES, false);
	struct kp_prog *prog = r->prog;
	u32 i;

	prog->probes = alloc(r, c.count, sizeof(*prog->probes));
	if (!reader_ok(r))
		return;
	for (i = 0; i < c.count && !r->error; i++) {
		struct kp_probe *p = &prog->probes[i];
		u32 spec, filter;

		p->kind = get32(&c);
		spec = get32(&c);
		filter = get32(&c);
		p->handler = entry(r, get32(&c));
		if (filter != KTAP_NONE)
			p->filter = entry(r, filter);
		get32(&c);
		if (get32(&c) || p->kind < KTAP_PROBE_EVENT || p->kind > KTAP_PROBE_END ||
		    !is_string(r, spec, p->kind == KTAP_PROBE_END) ||
		    (p->filter && p->kind != KTAP_PROBE_EVENT))
			fail(&r->error, KTAP_ERR_IMG_PROBE);
	}
	prog->nprobes = c.count;
}

static bool kinds_agree(u32 probe, u32 event)
{
	switch (event) {
	case KTAP_EVENT_SYS_ENTER:
	case KTAP_EVENT_SYS_EXIT:
	case KTAP_EVENT_TRACEPOINT:
		return probe == KTAP_PROBE_EVENT;
	case KTAP_EVENT_TICK:
		return probe == KTAP_PROBE_TICK;
	case KTAP_EVENT_PROFILE:
		return probe == KTAP_PROBE_PROFILE;
	case KTAP_EVENT_END:
		return probe == KTAP_PROBE_END;
	default:
		return false;
	}
}

static void read_events(struct reader *r)
{
	struct cursor c = section(r, KTAP_SEC_EVNT, sizeof(struct ktap_image_event), KTAP_MAX_EVENTS, false);
	struct kp_prog *prog = r->prog;
	u32 i;

	prog->events = alloc(r, c.count, sizeof(*prog->events));
	if (!reader_ok(r))
		return;
	for (i = 0; i < c.count && !r->error; i++) {
		struct kp_event *e = &prog->events[i];
		u32 probe = get32(&c), name;

		e->kind = get32(&c);
		e->id = get64(&c);
		name = get32(&c);
		e->index = i;
		if (get32(&c) || probe >= prog->nprobes || name >= prog->nestrs ||
		    !kinds_agree(prog->probes[probe].kind, e->kind)) {
			fail(&r->error, KTAP_ERR_IMG_EVENT);
			break;
		}
		e->probe = &prog->probes[probe];
		e->name = prog->estrs[name];
	}
	prog->nevents = c.count;
}

static bool fdesc_ok(const struct ktap_image_fdesc *f)
{
	switch (f->kind) {
	case KTAP_FIELD_INT:
	case KTAP_FIELD_SINT:
		return f->size == 1 || f->size == 2 || f->size == 4 || f->size == 8;
	case KTAP_FIELD_SYSARG:
		return f->offset < 6;
	default:
		return f->kind <= KTAP_FIELD_COUNT;
	}
}

static void read_fdescs(struct reader *r)
{
	struct kp_prog *prog = r->prog;
	u32 n = prog->nevents * prog->nfields, i;
	struct cursor c = section(r, KTAP_SEC_FDSC, sizeof(struct ktap_image_fdesc),
				  KTAP_MAX_EVENTS * KTAP_MAX_FIELDS, false);

	if (c.count != n)
		fail(&r->error, KTAP_ERR_IMG_EVENT);
	prog->fdescs = alloc(r, c.count, sizeof(*prog->fdescs));
	if (!reader_ok(r))
		return;
	for (i = 0; i < n; i++) {
		struct ktap_image_fdesc *f = &prog->fdescs[i];

		breathe(i);
		f->kind = get16(&c);
		f->offset = get16(&c);
		f->size = get16(&c);
		if (get16(&c) || !fdesc_ok(f))
			fail(&r->error, KTAP_ERR_IMG_EVENT);
	}
	for (i = 0; i < prog->nevents; i++)
		prog->events[i].fields = prog->fdescs + (size_t)i * prog->nfields;
}

int kp_image_read(struct kp_pool *pool, const void *image, size_t len,
		  struct kp_prog **out, struct ktap_place *place)
{
	struct reader r = { .image = image, .len = len };

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

	read_header(&r);
	if (reader_ok(&r))
		read_sections(&r);
	if (reader_ok(&r))
		read_strings(&r, KTAP_SEC_STRS, true, &r.prog->strs, &r.prog->nstrs);
	if (reader_ok(&r))
		read_values(&r, KTAP_SEC_CNST, KTAP_MAX_CONSTS, r.prog->strs, r.prog->nstrs,
			    &r.prog->consts, &r.prog->nconsts);
	if (reader_ok(&r))
		read_code(&r);
	if (reader_ok(&r))
		read_funcs(&r);
	if (reader_ok(&r))
		read_cells(&r);
	if (reader_ok(&r))
		read_tables(&r);
	if (reader_ok(&r))
		read_fields(&r);
	if (reader_ok(&r))
		read_probes(&r);
	if (reader_ok(&r) && r.flags & KTAP_IMAGE_LOAD) {
		read_strings(&r, KTAP_SEC_ESTR, false, &r.prog->estrs, &r.prog->nestrs);
		if (reader_ok(&r))
			read_events(&r);
		if (reader_ok(&r))
			read_fdescs(&r);
		if (reader_ok(&r))
			read_values(&r, KTAP_SEC_ARGS, KTAP_MAX_ARGS, r.prog->estrs, r.prog->nestrs,
				    &r.prog->args, &r.prog->nargs);
	}
	if (reader_ok(&r)) {
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
