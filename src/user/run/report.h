/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report - what the command says on standard error.
 */
#ifndef KP_RUN_REPORT_H
#define KP_RUN_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <ktap/abi.h>

#include "util/message.h"
#include "session.h"
#include "view.h"

/* All that can be said, as KP_MSG_tag. */
#define KP_MSG(tag, text) static const char KP_MSG_##tag[] __attribute__((unused)) = text;
#include "messages.def"
#undef KP_MSG

struct kp_output;

/** kp_report_use - say it in this form from now on; until then it is text. */
void kp_report_use(const struct kp_output *output);

/** kp_report_error - report an error; @fmt is one of messages.def. */
void kp_report_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** kp_report_usage - report an error in the command's options; the same. Returns KP_EXIT_USAGE. */
int kp_report_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** kp_report_info - tell that all is well; the same. */
void kp_report_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** kp_report_verbose - tell what is done; the same. */
void kp_report_verbose(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** kp_report_interrupt - SIGINT has come, most often from a terminal. */
void kp_report_interrupt(void);

/** kp_report_message - report a message that was put together, and release it. */
void kp_report_message(struct kp_message *m);

/** kp_report_place - @place as a place of a message, @width bytes of which are meant. */
struct kp_message_place kp_report_place(const struct kp_view *v, struct kp_view_place place,
					uint32_t width);

/** kp_report_script - an error that the VM or the verifier found. */
void kp_report_script(const struct kp_view *v, const struct ktap_place *place);

/** kp_report_place_error - the script error @why, found where instruction @pc was to be shown. */
void kp_report_place_error(const struct kp_view *v, uint32_t pc, const char *why);

/** kp_report_warning - a warning of the VM. */
void kp_report_warning(const struct kp_view *v, const struct ktap_place *place);

/** kp_report_event_warning - a warning about an event, not about a place in the script. */
struct kp_event;
void kp_report_event_warning(const struct kp_event *ev, const struct ktap_place *place);

/** kp_report_exit - the command ends with this status: the last that it says. */
void kp_report_exit(int status);

/**
 * kp_report_counters - what a session counted.
 * @all: also what is zero or no loss, and the use of memory
 */
void kp_report_counters(const struct ktap_status *status, bool all);

#endif
