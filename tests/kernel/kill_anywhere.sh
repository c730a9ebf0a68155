#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kill -9 a little later each time: while the command compiles, the kernel loads, verifies and
# arms every tracepoint there is, runs, and while it disarms them. Nothing stays behind.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"
rounds=60
# where switching off all tracepoints takes seconds
case $(uname -v) in *PREEMPT_RT*) rounds=3 ;; esac
[ -z "$KTAP_SHORT" ] || rounds=2
script='var n = 0 trace *:* { n += 1 } tick-1ms { n += 1 } trace_end { print(n) }'

# killed: what kill -KILL made of the command; it may have ended before
killed()
{
	wait "$pid"
	status=$?
	case $status in
	0 | 137) ;;
	*) complain "status $status in round $round" ;;
	esac
	nothing_left
}

round=0
while [ $round -lt "$rounds" ]; do
	begin ktap -e "$script"
	usleep $((round * 240000 / rounds))
	kill -KILL $pid
	killed

	begin ktap -e "$script"
	wait_for err Tracing
	kill -INT $pid
	usleep $((round * 60000 / rounds))
	kill -KILL $pid 2>/dev/null
	killed
	round=$((round + 1))
done
rmmod ktapvm || complain "rmmod ktapvm: status $?"
modprobe ktapvm || complain "modprobe ktapvm: status $?"
finish
