// SPDX-License-Identifier: GPL-2.0-only
/*
 * The main thread does nothing but watch: signals, the workload, the target, the
 * script's end. What may wait in the kernel is done by another thread (call()),
 * so that a signal can always end it; a third one reads the rings (read.c).
 *
 *	LOAD                        verify, reserve memory and rings
 *	start reading
 *	RUN                         main chunk, arm
 *	let the workload go, watch
 *	STOP                        disarm, trace_end
 *	read what is left, report
 */
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ktap/abi.h>

#include "device.h"
#include "load.h"
#include "out.h"
#include "read.h"
#include "render.h"
#include "report.h"
#include "sym/tracefs.h"
#include "view.h"
#include "workload.h"

#define KICK_MS	  20  /* how often a call is cancelled until it returns */
#define TARGET_MS 100 /* how often to look for the target, where the kernel cannot tell */

struct session {
	const struct kp_session_opts *opts;
	const struct kp_view *view;
	struct kp_tracefs *tracefs;
	struct kp_load *load;
	struct kp_workload workload;
	struct kp_render render;
	struct kp_out out;
	struct kp_read read;
	struct ktap_info info;
	int device;
	int signals; /* signalfd of those that end the session, and SIGCHLD */
	sigset_t old_mask;
	unsigned int stops; /* signals that asked for the end */
	bool calling;	    /* RUN or STOP is under way */
	bool pause;	    /* SIGTSTP came meanwhile */
	bool trouble;	    /* read.failed, as of the last look */
};

/* Signals */

static void interrupt(int sig)
{
	(void)sig; /* its only effect is that a system call returns */
}

static int watch_signals(struct session *s)
{
	struct sigaction kick = { .sa_handler = interrupt }, hangup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaction(SIGHUP, NULL, &hangup);
	if (hangup.sa_handler != SIG_IGN) /* as nohup sets it */
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, &s->old_mask);
	signal(SIGPIPE, SIG_IGN); /* a closed output is seen by write() */
	sigaction(SIGUSR1, &kick, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? -errno : 0;
}

/*
 * Do what SIGTSTP does by default, but not during a call: its thread is in the kernel and cannot
 * stop, might wait for the reader, which could, and a shell waits until all threads have stopped.
 */
static void pause_if_asked(struct session *s)
{
	sigset_t set;

	if (!s->pause || s->calling)
		return;
	s->pause = false;
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	raise(SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	/* here it stops, until SIGCONT */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void take_signals(struct session *s)
{
	struct signalfd_siginfo si;

	while (read(s->signals, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			continue;
		if (si.ssi_signo == SIGTSTP) {
			s->pause = true;
			continue;
		}
		s->stops++;
		if (si.ssi_signo == SIGINT)
			kp_report_interrupt();
		else if (s->opts->workload)
			kp_workload_end(&s->workload, (int)si.ssi_signo);
	}
	pause_if_asked(s);
}

static void hear_bell(struct session *s)
{
	kp_read_bell(&s->read);
	s->trouble = s->read.failed;
}

/* Calls that may wait */

struct call {
	int device;
	unsigned long request;
	int ret;
	int done; /* eventfd */
};

static void *call_thread(void *arg)
{
	struct call *c = arg;
	uint64_t one = 1;

	c->ret = ioctl(c->device, c->request) ? -errno : 0;
	while (write(c->done, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	return NULL;
}

/*
 * RUN or STOP. A signal that asks for the end cancels it, and so does output
 * that leads nowhere, unless that was known before: again and again, because the
 * thread may be just before the system call.
 */
static int call(struct session *s, unsigned long request)
{
	struct call c = { .device = s->device, .request = request };
	struct pollfd fds[3] = { { s->signals, POLLIN, 0 } };
	bool trouble = s->trouble, kick = false;
	unsigned int stops = s->stops;
	pthread_t thread;
	int ret;

	c.done = eventfd(0, EFD_CLOEXEC);
	if (c.done < 0)
		return -errno;
	ret = -pthread_create(&thread, NULL, call_thread, &c);
	if (ret)
		goto out;
	s->calling = true;
	fds[1] = (struct pollfd){ c.done, POLLIN, 0 };
	fds[2] = (struct pollfd){ s->read.bell, POLLIN, 0 };
	do {
		poll(fds, 3, kick ? KICK_MS : -1);
		take_signals(s);
		hear_bell(s);
		kick = s->stops > stops || s->trouble > trouble;
		if (kick && !fds[1].revents)
			ioctl(s->device, KTAP_IOC_CANCEL); /* -EBUSY: before, or after it */
	} while (!fds[1].revents);
	pthread_join(thread, NULL);
	s->calling = false;
	pause_if_asked(s);
	ret = c.ret;
out:
	close(c.done);
	return ret;
}

static int get_status(const struct session *s, struct ktap_status *status)
{
	*status = (struct ktap_status){ .size = sizeof(*status) };
	return ioctl(s->device, KTAP_IOC_STATUS, status) ? -errno : 0;
}

/* The exit status when that failed. */
static int no_status(int ret)
{
	kp_report_error(KP_MSG_READ_STATE, strerror(-ret));
	return KP_EXIT_RUNTIME;
}

/* The life of a session */

static int load_image(struct session *s)
{
	const struct kp_session_opts *o = s->opts;
	struct ktap_load load = {
		.size = sizeof(load),
		.image = (uintptr_t)s->load->image.data,
		.image_len = s->load->image.len,
		.memory = o->memory,
		.ring_size = o->buffer,
		.max_exec = o->max_exec,
		.pid = o->pid,
		.cpu = o->cpu,
	};
	int err;

	if (o->dry)
		load.flags |= KTAP_LOAD_DRY;
	if (s->workload.pid) {
		load.pid = s->workload.pid;
		load.flags |= KTAP_LOAD_FOLLOW;
	}
	if (!ioctl(s->device, KTAP_IOC_LOAD, &load))
		return 0;
	err = errno;
	if (err == EINVAL && load.place.error) {
		kp_report_script(s->view, &load.place);
		return KP_EXIT_COMPILE;
	}
	if (err == ESRCH)
		kp_report_error(KP_MSG_NO_PID, (int)load.pid);
	else if (err == EINVAL && load.cpu >= 0)
		kp_report_error(KP_MSG_NO_CPU, load.cpu);
	else if (err == ENOMEM && o->memory && o->memory <= load.need)
		kp_report_error(KP_MSG_LOAD_NEED, (unsigned long long)load.need / 1024);
	else if (err == ENOMEM)
		kp_report_error(KP_MSG_LOAD_MEMORY);
	else
		kp_report_error(KP_MSG_LOAD_SCRIPT, strerror(err));
	return KP_EXIT_RUNTIME;
}

/* A descriptor that is readable when the target has ended; -1 where there is no such thing. */
static int open_target(pid_t pid)
{
#ifdef SYS_pidfd_open
	if (pid)
		return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
#endif
	return -1;
}

/* Wait for whatever ends the session; when nothing is @armed, that is the workload. */
static void watch(struct session *s, bool armed)
{
	pid_t pid = s->opts->pid;
	int target = open_target(pid);
	struct pollfd fds[] = {
		{ s->signals, POLLIN, 0 },
		{ armed ? s->device : -1, 0, 0 }, /* POLLHUP: exit(), or a script error */
		{ s->read.bell, POLLIN, 0 },
		{ target, POLLIN, 0 },
	};
	bool end;

	/* what ended it may have happened before, so look first and wait then */
	for (;;) {
		take_signals(s);
		hear_bell(s);
		end = s->stops || s->trouble || fds[1].revents || fds[3].revents;
		if (s->opts->workload && kp_workload_ended(&s->workload))
			end = true;
		if (pid && target < 0 && kill(pid, 0) && errno == ESRCH)
			end = true;
		if (end)
			break;
		poll(fds, 4, pid && target < 0 ? TARGET_MS : -1);
	}
	if (target >= 0)
		close(target);
}

/* Let the workload go, once what the main chunk printed is out. */
static void continue_workload(struct session *s)
{
	struct pollfd fds[] = { { s->signals, POLLIN, 0 }, { s->read.bell, POLLIN, 0 } };

	kp_read_sync(&s->read);
	while (s->read.done != s->read.asked && !s->stops && !s->trouble) {
		poll(fds, 2, -1);
		take_signals(s);
		hear_bell(s);
	}
	if (!s->stops && !s->trouble)
		kp_workload_continue(&s->workload);
}

/* RUN, wait, STOP. Returns 0 or -errno; a script error is in the status as well. */
static int run_script(struct session *s)
{
	struct ktap_status status;
	int ret;

	ret = call(s, KTAP_IOC_RUN);
	if (!ret)
		ret = get_status(s, &status);
	if (ret)
		return ret;
	if (s->opts->verbose)
		kp_report_verbose(KP_MSG_ARMED, status.armed);
	if (!status.exited && !status.place.error && (status.armed || s->opts->workload)) {
		if (status.armed && !s->opts->quiet)
			kp_report_info(KP_MSG_BANNER);
		if (s->opts->workload)
			continue_workload(s);
		watch(s, status.armed);
	}
	return call(s, KTAP_IOC_STOP);
}

/* Wait until everything is shown, or until a signal says that nobody wants it. */
static void drain(struct session *s)
{
	struct pollfd fds[] = { { s->signals, POLLIN, 0 }, { s->read.bell, POLLIN, 0 } };
	unsigned int stops = s->stops;

	kp_read_finish(&s->read);
	while (!s->read.ended) {
		poll(fds, 2, s->stops > stops ? KICK_MS : -1);
		take_signals(s);
		hear_bell(s);
		if (s->stops > stops)
			kp_read_abandon(&s->read);
	}
	kp_read_join(&s->read);
}

/* Say how it went. @ret is of run_script(). Returns the exit status. */
static int report(struct session *s, int ret)
{
	struct ktap_status status;
	int err = kp_out_close(&s->out);
	int failed = get_status(s, &status);

	if (failed)
		return no_status(failed);
	/* whoever read the output has seen enough: we have cancelled the rest ourselves */
	if (err == -EPIPE) {
		err = 0;
		ret = ret == -EINTR ? 0 : ret;
		if (status.place.error == KTAP_ERR_INTERRUPTED)
			status.place.error = KTAP_ERR_NONE;
	}
	if (status.place.error)
		kp_report_script(s->view, &status.place);
	else if (ret == -EINTR)
		kp_report_error(KP_MSG_INTERRUPTED);
	else if (ret)
		kp_report_error(KP_MSG_TRACE, strerror(-ret));
	if (err && err != -EINTR)
		kp_report_error(KP_MSG_WRITE_OUTPUT, strerror(-err));
	kp_report_counters(&status, s->opts->stats);
	if (status.place.error || ret || err || s->render.failed)
		return KP_EXIT_RUNTIME;
	return s->workload.status;
}

/* From a loaded session to its exit status. */
static int run_loaded(struct session *s)
{
	struct ktap_status status;
	int ret;

	ret = get_status(s, &status);
	if (ret)
		return no_status(ret);
	ret = kp_out_open(&s->out, s->opts->output);
	if (ret) {
		kp_report_error(KP_MSG_OPEN_FILE, s->opts->output, strerror(-ret));
		return KP_EXIT_RUNTIME;
	}
	kp_render_init(&s->render, s->view, &s->load->events, s->tracefs, s->opts);
	kp_render_watch(&s->render, s->workload.pid ? s->workload.pid : s->opts->pid);
	ret = kp_read_start(&s->read, s->device, s->info.cpus, &status, &s->render, &s->out);
	if (ret) {
		kp_report_error(KP_MSG_READ_RINGS, strerror(-ret));
		ret = KP_EXIT_RUNTIME;
	} else {
		ret = run_script(s);
		drain(s);
		ret = report(s, ret);
	}
	kp_render_free(&s->render);
	return ret;
}

int kp_session_run(const struct kp_view *v, struct kp_load *load, struct kp_tracefs *t,
		   const struct kp_session_opts *opts)
{
	struct session session = {
		.opts = opts, .view = v, .tracefs = t, .load = load, .workload = KP_WORKLOAD_INIT
	};
	struct session *s = &session;
	int ret;

	s->device = kp_device_open(&s->info);
	if (s->device < 0)
		return KP_EXIT_RUNTIME;
	ret = watch_signals(s);
	if (ret) {
		kp_report_error(KP_MSG_WATCH_SIGNALS, strerror(-ret));
		ret = KP_EXIT_RUNTIME;
		goto close_device;
	}
	if (s->opts->workload && kp_workload_start(&s->workload, s->opts->workload, &s->old_mask)) {
		ret = s->workload.status;
		goto close_signals;
	}
	ret = load_image(s);
	if (!ret)
		ret = run_loaded(s);
	kp_workload_end(&s->workload, SIGTERM);
close_signals:
	close(s->signals);
close_device:
	close(s->device);
	return ret;
}
