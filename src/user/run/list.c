// SPDX-License-Identifier: GPL-2.0-only
#include "list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "load.h"
#include "report.h"
#include "session.h"
#include "sym/tracefs.h"

int kp_list_run(const char *glob, bool fields, FILE *out)
{
	struct kp_tracefs t = KP_TRACEFS_INIT;
	long n;

	if (kp_load_open_tracefs(&t))
		return KP_EXIT_RUNTIME;
	n = kp_event_list(&t, glob, fields ? KP_EVENT_LIST_FIELDS : KP_EVENT_LIST_NAMES, out);
	kp_tracefs_close(&t);
	if (n > 0 || ferror(out))
		return 0;
	if (n == 0)
		kp_report_error(KP_MSG_LIST_EMPTY, glob ? glob : "*");
	else
		kp_report_error(KP_MSG_LIST_EVENTS, strerror((int)-n));
	return KP_EXIT_RUNTIME;
}
