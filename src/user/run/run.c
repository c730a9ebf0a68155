// SPDX-License-Identifier: GPL-2.0-only
#include "run.h"

#include <errno.h>

#include "args.h"
#include "host.h"
#include "load.h"
#include "report.h"
#include "session.h"
#include "sym/tracefs.h"
#include "view.h"

/* What a pattern matches and nobody can trace: in this kernel, or at all. */
static void report_refused(const struct kp_events *events, bool names)
{
	struct kp_message m = { .kind = KP_MESSAGE_WARNING };

	if (!events->nrefused)
		return;
	if (names)
		kp_message_put(&m, KP_MSG_REFUSED_NAMES, events->nrefused, (int)events->refused.len,
			       events->refused.data);
	else
		kp_message_put(&m, KP_MSG_REFUSED, events->nrefused);
	kp_report_message(&m);
}

static int in_kernel(const struct kp_view *v, const struct kp_args *args,
		     const struct kp_session_opts *opts)
{
	struct kp_tracefs tracefs = KP_TRACEFS_INIT;
	struct kp_load load;
	int ret;

	ret = kp_load_resolve(&load, v, args, &tracefs);
	if (!ret) {
		if (opts->verbose)
			kp_report_verbose(KP_MSG_RESOLVED, load.events.n, load.image.len);
		report_refused(&load.events, opts->verbose);
		ret = kp_session_run(v, &load, &tracefs, opts);
	} else {
		ret = ret == -EINVAL ? KP_EXIT_COMPILE : KP_EXIT_RUNTIME;
	}
	kp_load_free(&load);
	kp_tracefs_close(&tracefs);
	return ret;
}

static int on_host(const struct kp_view *v, const struct kp_args *args,
		   const struct kp_session_opts *opts)
{
	struct kp_load load;
	int ret;

	ret = kp_load_host(&load, v, args);
	if (!ret)
		ret = kp_host_run(v, load.image.data, load.image.len, opts);
	else
		ret = ret == -EINVAL ? KP_EXIT_COMPILE : KP_EXIT_RUNTIME;
	kp_load_free(&load);
	return ret;
}

/* Read the portable image. 0 or an exit status. */
static int open_view(struct kp_view *v, const void *image, size_t len)
{
	const char *why;
	int ret = kp_view_open(v, image, len, &why);

	if (!ret)
		return 0;
	kp_report_error(KP_MSG_READ_IMAGE, why ? why : KP_MSG_NO_MEMORY);
	return ret == -EINVAL ? KP_EXIT_COMPILE : KP_EXIT_RUNTIME;
}

static int run(const void *image, size_t len, const struct kp_session_opts *opts,
	       int (*run_with)(const struct kp_view *v, const struct kp_args *args,
			       const struct kp_session_opts *opts))
{
	struct kp_args args;
	struct kp_view view;
	int ret;

	ret = open_view(&view, image, len);
	if (ret)
		return ret;
	ret = kp_args_parse(&args, &view, opts->script, opts->args, opts->nargs);
	if (!ret)
		ret = run_with(&view, &args, opts);
	else if (ret > 0)
		ret = 0; /* the help was printed */
	else
		ret = ret == -EINVAL ? KP_EXIT_USAGE : KP_EXIT_RUNTIME;
	kp_args_free(&args);
	kp_view_close(&view);
	return ret;
}

int kp_run_kernel(const void *image, size_t len, const struct kp_session_opts *opts)
{
	return run(image, len, opts, in_kernel);
}

int kp_run_host(const void *image, size_t len, const struct kp_session_opts *opts)
{
	return run(image, len, opts, on_host);
}
