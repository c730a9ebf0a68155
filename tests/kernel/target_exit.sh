#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# With a command, the exit of the command and of its children are events of theirs.
. "$(dirname "$0")/cmd_lib"

expect 0 ktap -q -e 'trace sched:sched_process_exit { n += 1 } trace_end { print(n) }' -- \
	sh -c '/bin/true; /bin/true; exit 0'
is out 3
finish
