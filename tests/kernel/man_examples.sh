#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The examples of the manual pages and of README.md run, print something, and complain of nothing.
# What would run until Ctrl-C gets a command to trace.
examples=$(cd "$(dirname "$0")/../man-examples/guest" && pwd)
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

export examples

for script in "$examples"/*.kp; do
	expect 0 ktap -q "$script" -- ls /
	silent err
	case $script in
	*/quiet_*) ;;
	*) [ -s out ] || complain "$script prints nothing" ;;
	esac
done
# needs_more SCRIPT: what it says it requires is not in this kernel
needs_more()
{
	event=$(sed -n 's/^# REQUIRES .*tracepoint \([^ ]*\).*/\1/p' "$1")
	[ -n "$event" ] && ! ktap -l "$event" >/dev/null 2>&1
}

for line in "$examples"/*.sh; do
	script=${line%.sh}
	if [ -e "$script" ] && needs_more "$script"; then
		echo "${script##*/}: this kernel has no $event"
		continue
	fi
	tr '\n' ' ' <"$line" >line
	grep -q -e ' -- ' line || printf ' -- ls /' >>line
	if ! sh line >out 2>err </dev/null; then
		complain "${line##*/}: status not 0"
		sed 's/^/  err: /' err
	fi
	# the traced command may write there, too
	grep -e '^error' -e '^warning' -e '^syntax error' err | grep -v "$slow" && complain "$line: complaints"
done
finish
