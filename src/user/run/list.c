// SPDX-License-Identifier: GPL-2.0-only
#include "list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "report.h"
#include "session.h"
#include "sym/tracefs.h"

int kp_list_run(const char *glob, bool fields)
{
	struct kp_tracefs t = KP_TRACEFS_INIT;
	long n = kp_tracefs_open(&t, NULL);

	if (!n)
		n = kp_event_list(&t, glob, fields ? KP_EVENT_LIST_FIELDS : KP_EVENT_LIST_NAMES,
				  stdout);
	kp_tracefs_close(&t);
	if (n > 0 && !fflush(stdout))
		return 0;
	if (n == 0)
		kp_report_error("no event of this kernel matches '%s'", glob ? glob : "*");
	else
		kp_report_error("cannot list the events: %s", strerror(n < 0 ? (int)-n : errno));
	return KP_EXIT_RUNTIME;
}
