#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Every tracepoint of the kernel at once, timers besides, while the machine works: all
# events are handled, or reported as skipped.
. "$(dirname "$0")/cmd_lib"
calls=2000

ktap --stats -e 'var n = 0 var t = {}
	trace *:* { n += 1 t["all"] += 1 }
	tick-100ms { ticks += 1 }
	trace_end { print(n > 0, t["all"] - n, ticks > 0) }' >out 2>err &
pid=$!
wait_for err Tracing
calls $calls
packets 500
ls -lR /proc/self >/dev/null 2>&1
kill -INT $pid
wait $pid || complain "ktap ended with status $?"
cat out err
is out "$(printf 'true\t0\ttrue')"
says err " 0  output records lost"

# once more with their texts, more than the ring takes
timeout 400 ktap --buffer 64K -q -e 'trace *:* { print(argstr) } tick-1s { exit() }' >out 2>err ||
	complain "ktap ended with status $?"
[ -s out ] || complain "no text of any event"
wc -l out
cat err
finish
