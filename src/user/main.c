// SPDX-License-Identifier: GPL-2.0-only
/* The command: from its options to its exit status. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile/compile.h"
#include "run/dump.h"
#include "run/list.h"
#include "run/options.h"
#include "run/out.h"
#include "run/output.h"
#include "run/report.h"
#include "run/run.h"
#include "run/script.h"
#include "run/view.h"

/* The script, as source or as image. */
struct script {
	char *name; /* for messages */
	struct kp_buf bytes;
	struct kp_buf image;
	struct kp_buf plan; /* what the compiler found out about variables */
};

/* Messages go to standard error. Returns 0 or an exit status. */
static int compile(const struct kp_options *o, struct script *s)
{
	struct kp_source src = { s->name, s->bytes.data ? s->bytes.data : "", s->bytes.len };
	struct kp_compile_opts opts = { .unsafe = o->unsafe };
	struct kp_buf said = KP_BUF_INIT;
	const struct kp_output *format = o->session.format;
	struct kp_diag diag = { .out = &said, .form = format ? format->messages : NULL };
	int ret;

	opts.no_fold = o->no_fold;
	opts.no_infer = o->no_infer;
	opts.plan = o->action == KP_ACTION_PLAN ? &s->plan : NULL;
	if (o->action == KP_ACTION_AST)
		ret = kp_ast_dump(&src, &opts, &s->image, &diag);
	else
		ret = kp_compile(&src, &opts, &s->image, &diag);
	if (said.len)
		fwrite(said.data, 1, said.len, stderr);
	kp_buf_free(&said);
	if (ret == -ENOMEM)
		kp_report_error(KP_MSG_NO_MEMORY);
	return ret ? KP_EXIT_COMPILE : 0;
}

static int read_script(const struct kp_options *o, struct script *s)
{
	if (!o->text)
		return kp_script_read(o->file, &s->bytes, &s->name) ? KP_EXIT_COMPILE : 0;
	s->name = strdup("(command line)");
	kp_buf_puts(&s->bytes, o->text);
	if (s->name && !kp_buf_error(&s->bytes))
		return 0;
	kp_report_error(KP_MSG_NO_MEMORY);
	return KP_EXIT_RUNTIME;
}

static int cannot_write(const char *path, int err)
{
	if (path)
		kp_report_error(KP_MSG_WRITE_FILE, path, strerror(err));
	else
		kp_report_error(KP_MSG_WRITE_OUTPUT, strerror(err));
	return KP_EXIT_RUNTIME;
}

static int write_file(const char *path, const struct kp_buf *bytes)
{
	struct kp_out out;
	int ret;

	ret = kp_out_open(&out, path);
	if (!ret) {
		kp_buf_put(&out.text, bytes->data, bytes->len);
		ret = kp_out_close(&out);
	}
	return ret ? cannot_write(path, -ret) : 0;
}

/* Where a listing goes: the file of -o or standard output. Returns NULL after an error. */
static FILE *open_listing(const struct kp_options *o)
{
	FILE *out = o->session.output ? fopen(o->session.output, "we") : stdout;

	if (!out)
		kp_report_error(KP_MSG_OPEN_FILE, o->session.output, strerror(errno));
	return out;
}

/* Returns 0 or an exit status. */
static int close_listing(const struct kp_options *o, FILE *out)
{
	bool failed = fflush(out) || ferror(out);
	int err = errno;

	if (out != stdout && fclose(out) && !failed) {
		failed = true;
		err = errno;
	}
	return failed ? cannot_write(o->session.output, err) : 0;
}

static int dump(const struct kp_options *o, const struct kp_buf *image, const struct kp_buf *plan)
{
	struct kp_view view;
	const char *why;
	FILE *out;

	if (kp_view_open(&view, image->data, image->len, &why)) {
		kp_report_error(KP_MSG_READ_IMAGE, why ? why : KP_MSG_NO_MEMORY);
		return KP_EXIT_COMPILE;
	}
	out = open_listing(o);
	if (out && o->action == KP_ACTION_PLAN) {
		kp_dump_plan(&view, out);
		if (plan->len)
			fwrite(plan->data, 1, plan->len, out);
	}
	if (out && o->action == KP_ACTION_BYTECODE)
		kp_dump_bytecode(&view, out);
	kp_view_close(&view);
	return out ? close_listing(o, out) : KP_EXIT_RUNTIME;
}

static int list(const struct kp_options *o)
{
	FILE *out = open_listing(o);
	int ret, err;

	if (!out)
		return KP_EXIT_RUNTIME;
	ret = kp_list_run(o->list, o->list_fields, out);
	err = close_listing(o, out);
	return ret ? ret : err;
}

static int act(const struct kp_options *o, const struct kp_buf *image, const struct kp_buf *plan)
{
	switch (o->action) {
	case KP_ACTION_COMPILE:
		return write_file(o->session.output, image);
	case KP_ACTION_AST:
		return write_file(o->session.output, image);
	case KP_ACTION_PLAN:
	case KP_ACTION_BYTECODE:
		return dump(o, image, plan);
	default:
		if (o->host)
			return kp_run_host(image->data, image->len, &o->session);
		return kp_run_kernel(image->data, image->len, &o->session);
	}
}

static int run(const struct kp_options *o)
{
	struct script s = { 0 };
	int ret;

	ret = read_script(o, &s);
	if (ret)
		goto out;
	if (kp_view_is_image(s.bytes.data, s.bytes.len)) {
		if (o->action == KP_ACTION_AST)
			ret = kp_report_usage(KP_MSG_IMAGE_AST);
		else
			ret = act(o, &s.bytes, &s.plan);
		goto out;
	}
	ret = compile(o, &s);
	if (!ret)
		ret = act(o, &s.image, &s.plan);
out:
	free(s.name);
	kp_buf_free(&s.bytes);
	kp_buf_free(&s.image);
	kp_buf_free(&s.plan);
	return ret;
}

int main(int argc, char **argv)
{
	struct kp_options o;
	bool help;
	int ret;

	ret = kp_options_parse(&o, argc, argv);
	help = ret < 0;
	if (ret == 0)
		ret = o.action == KP_ACTION_LIST ? list(&o) : run(&o);
	if (ret <= 0)
		ret = fflush(stdout) ? cannot_write(NULL, errno) : 0;
	if (ret || !help)
		kp_report_exit(ret);
	kp_options_free(&o);
	return ret;
}
