// SPDX-License-Identifier: GPL-2.0-only
/*
 * The passes of the compiler, in order. Each takes what the one before made; after
 * a pass that reported an error the later ones do not run.
 */
#include "compile.h"

#include <errno.h>

#include "codegen.h"
#include "infer.h"
#include "parse.h"

struct compilation {
	struct kp_cc cc;
	struct kp_func *main; /* the syntax tree */
	struct kp_sema sema;
	struct kp_program prog;
	struct kp_buf *out;
};

static void pass_source(struct compilation *c)
{
	if (c->cc.src->len > KP_SOURCE_MAX)
		kp_diag_report(c->cc.diag, KP_TAG_SOURCE_TOO_LONG, (struct kp_span){ 0, 1 });
}

static void pass_parse(struct compilation *c)
{
	kp_cc_lines(&c->cc);
	c->main = kp_parse(&c->cc);
}

static void pass_dump(struct compilation *c)
{
	kp_ast_print(&c->cc, c->main, c->out);
}

/* What a name means and whether that makes sense: a mistake in one does not hide those in the others. */
static void pass_names(struct compilation *c)
{
	kp_bind(&c->sema, c->main);
	kp_constants(&c->sema);
	kp_capture(&c->sema);
	kp_check(&c->sema);
}

static void pass_infer(struct compilation *c)
{
	kp_infer(&c->sema);
	if (c->cc.opts->plan)
		kp_infer_print(&c->sema, c->cc.opts->plan);
}

static void pass_warn(struct compilation *c)
{
	kp_warn(&c->sema);
}

static void pass_prune(struct compilation *c)
{
	kp_prune(&c->sema);
}

static void pass_codegen(struct compilation *c)
{
	kp_codegen(&c->prog, &c->sema);
}

static void pass_image(struct compilation *c)
{
	kp_image_write(&c->prog, c->out);
}

typedef void (*pass_fn)(struct compilation *c);

static const pass_fn compile_passes[] = {
	pass_source, pass_parse,   pass_names, pass_infer, pass_warn,
	pass_prune,  pass_codegen, pass_image, NULL,
};

static const pass_fn dump_passes[] = { pass_source, pass_parse, pass_dump, NULL };

static void run_passes(struct compilation *c, const pass_fn *pass)
{
	for (; *pass && !c->cc.diag->errors; pass++)
		(*pass)(c);
}

/* The only catch: kp_cc_nomem() lands here. */
static int run_guarded(struct compilation *c, const pass_fn *passes)
{
	if (setjmp(c->cc.nomem))
		return -ENOMEM;
	run_passes(c, passes);
	if (kp_buf_error(c->out) || kp_buf_error(c->cc.diag->out))
		return -ENOMEM;
	return c->cc.diag->errors ? -EINVAL : 0;
}

static int run(const pass_fn *passes, const struct kp_source *src,
	       const struct kp_compile_opts *opts, struct kp_buf *out, struct kp_diag *diag)
{
	struct compilation c = {
		.cc = { .src = src, .opts = opts, .diag = diag },
		.out = out,
	};
	int err;

	c.sema.cc = &c.cc;
	diag->src = src;
	kp_hash_init(&c.cc.strings, &c.cc.arena);
	err = run_guarded(&c, passes);
	kp_diag_rest(diag);
	kp_arena_free(&c.cc.arena);
	return err;
}

int kp_compile(const struct kp_source *src, const struct kp_compile_opts *opts,
	       struct kp_buf *image, struct kp_diag *diag)
{
	return run(compile_passes, src, opts, image, diag);
}

int kp_ast_dump(const struct kp_source *src, const struct kp_compile_opts *opts, struct kp_buf *out,
		struct kp_diag *diag)
{
	return run(dump_passes, src, opts, out, diag);
}
