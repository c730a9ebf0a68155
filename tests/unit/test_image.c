// SPDX-License-Identifier: GPL-2.0-only
/* The image reader: a good image, what is wrong with others, every cut and every flipped bit. */
#include "session.h"

/* An image with something in each section. */
static u8 *good(size_t *len)
{
	struct mkimage im = { 0 };
	u32 i;

	mk_str(&im, "");
	mk_string(&im, MK_STRS, "with\0zero", 9);
	mk_kint(&im, -5);
	mk_kstr(&im, "constant");
	mk_func(&im, 4, 0);
	mk_code(&im, I_LOADK(0, 0));
	mk_code(&im, I_RET(0));
	mk_func(&im, 2, 1);
	mk_code(&im, I_LOADK(1, 1));
	mk_code(&im, I_RET(1));
	mk_cell(&im, 0);
	mk_cell(&im, KTAP_CELL_FROZEN);
	mk_table(&im, KTAP_TABLE_PERCPU | KTAP_TABLE_QUANTIZE, 0);
	mk_field(&im, "a");
	mk_number(&im, MK_FLDS, KTAP_NONE, 4);
	mk_number(&im, MK_FLDS, 3, 4);
	im.sec[MK_FLDS].count++;
	mk_probe(&im, KTAP_PROBE_EVENT, "sys:a", 1, 1);
	mk_probe(&im, KTAP_PROBE_TICK, "100ms", KTAP_NONE, 1);
	mk_probe(&im, KTAP_PROBE_PROFILE, "99hz", KTAP_NONE, 1);
	mk_probe(&im, KTAP_PROBE_END, NULL, KTAP_NONE, 1);
	mk_event(&im, 0, KTAP_EVENT_TRACEPOINT, 7, "one");
	mk_event(&im, 1, KTAP_EVENT_TICK, 100000000, "two");
	for (i = 0; i < 2; i++) {
		mk_fdesc(&im, KTAP_FIELD_INT, 8, 4);
		mk_fdesc(&im, KTAP_FIELD_SYSARG, 5, 0);
	}
	mk_arg(&im, KTAP_CONST_STR, 1);
	mk_arg(&im, KTAP_CONST_INT, 9);
	return mk_finish(&im, len);
}

/* The section table's entry of a section, or its body. */
static u8 *entry(u8 *image, u32 tag)
{
	u32 i, n = image[16];

	for (i = 0; i < n; i++) {
		u8 *e = image + 32 + 16 * i;

		if ((e[0] | e[1] << 8 | e[2] << 16 | (u32)e[3] << 24) == tag)
			return e;
	}
	return NULL;
}

static u8 *body(u8 *image, u32 tag)
{
	u8 *e = entry(image, tag);

	return image + (e[4] | e[5] << 8 | e[6] << 16);
}

static int read_image(const void *image, size_t len, struct ktap_place *place, struct kp_prog **prog,
		      struct kp_pool *pool)
{
	/* a copy of its own, so that reading behind the end is noticed */
	void *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, image, len);
	kp_pool_init(pool, 1 << 20);
	err = kp_image_read(pool, copy, len, prog, place);
	free(copy);
	return err;
}

static u32 error_of(const void *image, size_t len)
{
	struct ktap_place place;
	struct kp_prog *prog = NULL;
	struct kp_pool pool;
	int err = read_image(image, len, &place, &prog, &pool);

	if (!err)
		kp_image_free(prog);
	assert_int_equal(err, place.error ? -EINVAL : 0);
	assert_int_equal(pool.used, 0);
	kp_pool_destroy(&pool);
	return place.error;
}

static void test_good(void **state)
{
	struct ktap_place place;
	struct kp_prog *prog;
	struct kp_pool pool;
	size_t len;
	u8 *image = good(&len);

	(void)state;
	assert_int_equal(read_image(image, len, &place, &prog, &pool), 0);
	assert_int_equal(prog->nfuncs, 2);
	assert_int_equal(prog->funcs[1].nparams, 1);
	assert_int_equal(prog->funcs[1].first, 2);
	assert_int_equal(prog->nconsts, 2);
	assert_int(&prog->consts[0], -5);
	assert_str(&prog->consts[1], "constant");
	assert_int_equal(prog->strs[1]->len, 9);
	assert_memory_equal(prog->strs[1]->data, "with\0zero\0\0\0\0\0\0\0", 16);
	assert_int_equal(prog->ncells, 2);
	assert_int_equal(prog->cells[1].flags, KTAP_CELL_FROZEN);
	assert_int_equal(prog->ntables, 1);
	assert_int_equal(prog->nfields, 2);
	assert_int_equal(prog->nprobes, 4);
	assert_ptr_equal(prog->probes[0].filter, &prog->funcs[1]);
	assert_null(prog->probes[1].filter);
	assert_int_equal(prog->nevents, 2);
	assert_ptr_equal(prog->events[1].probe, &prog->probes[1]);
	assert_int_equal(prog->events[1].id, 100000000);
	assert_int_equal(prog->events[1].name->len, 3);
	assert_int_equal(prog->events[1].fields[1].kind, KTAP_FIELD_SYSARG);
	assert_int_equal(prog->nargs, 2);
	assert_str(&prog->args[0], "two");
	assert_int(&prog->args[1], 9);
	assert_null(prog->verified.prog);
	kp_image_free(prog);
	assert_int_equal(pool.used, 0);
	kp_pool_destroy(&pool);
	free(image);
}

/* One 32-bit number of an image replaced. */
static const struct {
	const char *claim;
	u32 tag;	/* 0: of the header */
	u32 at;		/* in the body; in the entry from ENTRY on */
	u32 value;
	u32 error;
} rows[] = {
#define ENTRY	10000
	{ "another magic", 0, 0, 0x12345678, KTAP_ERR_IMG_MAGIC },
	{ "another major", 0, 4, KTAP_IMAGE_MAJOR + 1, KTAP_ERR_IMG_VERSION },
	{ "a higher minor", 0, 4, KTAP_IMAGE_MAJOR | 9 << 16, 0 },
	{ "a larger size", 0, 8, 1 << 20, KTAP_ERR_IMG_SIZE },
	{ "an unknown flag", 0, 12, 3, KTAP_ERR_IMG_VERSION },
	{ "too many sections", 0, 16, KTAP_MAX_SECTIONS + 1, KTAP_ERR_IMG_SECTION },
	{ "all sections but none required", 0, 16, 0, KTAP_ERR_IMG_MISSING },
	{ "reserved in the header", 0, 28, 1, KTAP_ERR_IMG_VERSION },

	{ "a section that begins in the table", KTAP_SEC_STRS, ENTRY + 4, 40, KTAP_ERR_IMG_SECTION },
	{ "a section behind the end", KTAP_SEC_FDSC, ENTRY + 4, 1 << 20, KTAP_ERR_IMG_SECTION },
	{ "a section that ends behind the end", KTAP_SEC_FDSC, ENTRY + 8, 1 << 20, KTAP_ERR_IMG_SECTION },
	{ "a size that wraps around", KTAP_SEC_FDSC, ENTRY + 8, 0xfffffff8, KTAP_ERR_IMG_SECTION },
	{ "a size for another count", KTAP_SEC_CNST, ENTRY + 12, 1, KTAP_ERR_IMG_SECTION },
	{ "fewer lines than instructions", KTAP_SEC_LINE, ENTRY + 12, 3, KTAP_ERR_IMG_SECTION },
	{ "a section twice", KTAP_SEC_LINE, ENTRY, KTAP_SEC_CODE, KTAP_ERR_IMG_DUP },
	{ "no STRS", KTAP_SEC_STRS, ENTRY, KTAP_TAG('X', 'X', 'X', 'X'), KTAP_ERR_IMG_MISSING },
	{ "no FUNC", KTAP_SEC_FUNC, ENTRY, KTAP_TAG('X', 'X', 'X', 'X'), KTAP_ERR_IMG_MISSING },
	{ "an unknown section", KTAP_SEC_TABL, ENTRY, KTAP_TAG('X', 'X', 'X', 'X'), 0 },
	{ "more constants than there may be", KTAP_SEC_CNST, ENTRY + 12, KTAP_MAX_CONSTS + 1, KTAP_ERR_IMG_LIMIT },

	{ "a string too long", KTAP_SEC_STRS, 0, KTAP_MAX_STRING + 1, KTAP_ERR_IMG_STRING },
	{ "a string over the end", KTAP_SEC_STRS, 0, 60000, KTAP_ERR_IMG_SHORT },
	{ "a string without its zero", KTAP_SEC_STRS, 4, 0x41414141, KTAP_ERR_IMG_STRING },
	{ "more strings than fit", KTAP_SEC_STRS, ENTRY + 12, 1000, KTAP_ERR_IMG_STRING },

	{ "an unknown type of constant", KTAP_SEC_CNST, 0, 9, KTAP_ERR_IMG_CONST },
	{ "reserved in a constant", KTAP_SEC_CNST, 4, 1, KTAP_ERR_IMG_CONST },
	{ "a constant of no string", KTAP_SEC_CNST, 24, 1000, KTAP_ERR_IMG_CONST },
	{ "a constant of a string far away", KTAP_SEC_CNST, 28, 1, KTAP_ERR_IMG_CONST },

	{ "a name that is no string", KTAP_SEC_FUNC, 0, 1000, KTAP_ERR_IMG_FUNC },
	{ "a function that begins elsewhere", KTAP_SEC_FUNC, 4, 1, KTAP_ERR_IMG_FUNC },
	{ "a function without code", KTAP_SEC_FUNC, 8, 0, KTAP_ERR_IMG_FUNC },
	{ "a function too long", KTAP_SEC_FUNC, 24 + 8, 3, KTAP_ERR_IMG_FUNC },
	{ "code of no function", KTAP_SEC_FUNC, 24 + 8, 1, KTAP_ERR_IMG_FUNC },
	{ "a function without registers", KTAP_SEC_FUNC, 12, 0, KTAP_ERR_IMG_FUNC },
	{ "too many registers", KTAP_SEC_FUNC, 12, KTAP_MAX_REGS + 1, KTAP_ERR_IMG_FUNC },
	{ "more parameters than registers", KTAP_SEC_FUNC, 24 + 12, 2 | 3 << 16, KTAP_ERR_IMG_FUNC },
	{ "main with parameters", KTAP_SEC_FUNC, 12, 4 | 1 << 16, KTAP_ERR_IMG_FUNC },
	{ "an unknown flag of a function", KTAP_SEC_FUNC, 24 + 12, 2 | 1 << 16 | 2 << 24, KTAP_ERR_IMG_FUNC },
	{ "no register for the environment", KTAP_SEC_FUNC, 24 + 12, 2 | 2 << 16 | 1 << 24, KTAP_ERR_IMG_FUNC },
	{ "main as a closure", KTAP_SEC_FUNC, 12, 4 | 1 << 24, KTAP_ERR_IMG_FUNC },
	{ "reserved in a function", KTAP_SEC_FUNC, 20, 1, KTAP_ERR_IMG_FUNC },
	{ "reserved byte in a function", KTAP_SEC_FUNC, 12, 4 | 1 << 24, KTAP_ERR_IMG_FUNC },

	{ "a cell without name", KTAP_SEC_CELL, 0, KTAP_NONE, KTAP_ERR_IMG_CELL },
	{ "an unknown flag of a cell", KTAP_SEC_CELL, 4, 2, KTAP_ERR_IMG_CELL },
	{ "an unknown flag of a table", KTAP_SEC_TABL, 0, 16, KTAP_ERR_IMG_TABLE },
	{ "linear buckets without numbers", KTAP_SEC_TABL, 0, KTAP_TABLE_LQUANTIZE, KTAP_ERR_IMG_TABLE },
	{ "numbers without linear buckets", KTAP_SEC_TABL, 24, 1, KTAP_ERR_IMG_TABLE },
	{ "a field with name and number", KTAP_SEC_FLDS, 4, 1, KTAP_ERR_IMG_FIELD },
	{ "a field without both", KTAP_SEC_FLDS, 0, KTAP_NONE, KTAP_ERR_IMG_FIELD },
	{ "a field with another name", KTAP_SEC_FLDS, 0, 1000, KTAP_ERR_IMG_FIELD },

	{ "an unknown kind of probe", KTAP_SEC_PROB, 0, 5, KTAP_ERR_IMG_PROBE },
	{ "kind 0 of a probe", KTAP_SEC_PROB, 0, 0, KTAP_ERR_IMG_PROBE },
	{ "a probe without spec", KTAP_SEC_PROB, 4, KTAP_NONE, KTAP_ERR_IMG_PROBE },
	{ "a filter that is no function", KTAP_SEC_PROB, 8, 2, KTAP_ERR_IMG_PROBE },
	{ "main as filter", KTAP_SEC_PROB, 8, 0, KTAP_ERR_IMG_PROBE },
	{ "a tick with a filter", KTAP_SEC_PROB, 24 + 8, 1, KTAP_ERR_IMG_PROBE },
	{ "a handler that is no function", KTAP_SEC_PROB, 12, 2, KTAP_ERR_IMG_PROBE },
	{ "no handler", KTAP_SEC_PROB, 12, KTAP_NONE, KTAP_ERR_IMG_PROBE },
	{ "main as handler", KTAP_SEC_PROB, 12, 0, KTAP_ERR_IMG_PROBE },
	{ "reserved in a probe", KTAP_SEC_PROB, 20, 1, KTAP_ERR_IMG_PROBE },

	{ "an event of no probe", KTAP_SEC_EVNT, 0, 4, KTAP_ERR_IMG_EVENT },
	{ "an event of another probe", KTAP_SEC_EVNT, 0, 1, KTAP_ERR_IMG_EVENT },
	{ "an unknown kind of event", KTAP_SEC_EVNT, 4, 7, KTAP_ERR_IMG_EVENT },
	{ "an event without name", KTAP_SEC_EVNT, 16, 2, KTAP_ERR_IMG_EVENT },
	{ "reserved in an event", KTAP_SEC_EVNT, 20, 1, KTAP_ERR_IMG_EVENT },
	{ "more events than fields for them", KTAP_SEC_FDSC, ENTRY, KTAP_TAG('X', 'X', 'X', 'X'), KTAP_ERR_IMG_EVENT },
	{ "an unknown kind of field", KTAP_SEC_FDSC, 0, KTAP_FIELD_COUNT + 1, KTAP_ERR_IMG_EVENT },
	{ "an integer of 3 bytes", KTAP_SEC_FDSC, 4, 3, KTAP_ERR_IMG_EVENT },
	{ "a seventh argument", KTAP_SEC_FDSC, 8, KTAP_FIELD_SYSARG | 6 << 16, KTAP_ERR_IMG_EVENT },
	{ "an argument of no string", KTAP_SEC_ARGS, 8, 2, KTAP_ERR_IMG_CONST },
	{ "an unknown type of argument", KTAP_SEC_ARGS, 16, 3, KTAP_ERR_IMG_CONST },
	{ "reserved in a field", KTAP_SEC_FDSC, 4, 4 | 1 << 16, KTAP_ERR_IMG_EVENT },
};

static void test_rows(void **state)
{
	u32 i, error;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len;
		u8 *image = good(&len), *p;

		if (!rows[i].tag)
			p = image + rows[i].at;
		else if (rows[i].at >= ENTRY)
			p = entry(image, rows[i].tag) + rows[i].at - ENTRY;
		else
			p = body(image, rows[i].tag) + rows[i].at;
		mk_put32(p, rows[i].value);
		error = error_of(image, len);
		if (error != rows[i].error)
			fail_msg("%s: error %u, expected %u", rows[i].claim, error, rows[i].error);
		free(image);
	}
}

/* Each error of the reader is in some row. */
static void test_complete(void **state)
{
	u32 error, i;

	(void)state;
	for (error = KTAP_ERR_IMG_SHORT; error <= KTAP_ERR_IMG_LIMIT; error++) {
		for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			if (rows[i].error == error)
				break;
		if (i == sizeof(rows) / sizeof(*rows))
			fail_msg("error %u is not tested", error);
	}
}

static void test_cut(void **state)
{
	size_t len, n;
	u8 *image = good(&len);

	(void)state;
	assert_int_equal(error_of(image, 0), KTAP_ERR_IMG_SHORT);
	for (n = 1; n < len; n++) {
		assert_int_not_equal(error_of(image, n), 0);
		/* also when the size is made to fit */
		if (n >= 12) {
			u8 keep[4];

			memcpy(keep, image + 8, 4);
			mk_put32(image + 8, n);
			assert_int_not_equal(error_of(image, n), 0);
			memcpy(image + 8, keep, 4);
		}
	}
	assert_int_equal(error_of(image, len), 0);
	free(image);
}

/* Each bit flipped: accepted or refused, by reader or verifier, and what is accepted runs to some end. */
static void test_bits(void **state)
{
	size_t len, bit;
	u8 *image = good(&len);

	(void)state;
	for (bit = 0; bit < 8 * len; bit++) {
		struct session s;
		int err;

		image[bit / 8] ^= 1 << (bit % 8);
		session_init(&s, 0, 0);
		s.interrupt = -EINTR;
		err = kp_vm_load(&s.vm, image, len, &s.place);
		assert_true(err == 0 || (err == -EINVAL && s.place.error) || err == -ENOMEM);
		if (!err)
			session_run(&s, 0, NULL);
		session_destroy(&s);
		image[bit / 8] ^= 1 << (bit % 8);
	}
	free(image);
}

static void test_portable(void **state)
{
	struct mkimage im = { .portable = 1 };
	struct session s;

	(void)state;
	mk_func(&im, 1, 0);
	mk_code(&im, I_RET0);
	mk_field(&im, "field");
	session_init(&s, 0, 0);
	assert_int_equal(session_load(&s, &im), 0);
	assert_int_equal(s.vm.verified->prog->nevents, 0);
	assert_int_equal(session_run(&s, 0, NULL), 0);
	session_destroy(&s);
}

/* An image larger than session memory. */
static void test_memory(void **state)
{
	struct mkimage im = { 0 };
	struct session s;
	u32 i;

	(void)state;
	mk_func(&im, 1, 0);
	mk_code(&im, I_RET0);
	for (i = 0; i < 60000; i++)
		mk_kint(&im, i);
	session_init(&s, KTAP_MIN_MEMORY, 0);
	assert_int_equal(session_load(&s, &im), -ENOMEM);
	assert_int_equal(s.place.error, 0);
	session_destroy(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_portable),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
