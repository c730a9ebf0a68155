#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kill -9 in every phase of a session leaves nothing behind.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# murder FILE TEXT KTAP-ARGUMENTS...: kills it once the file says the text.
murder()
{
	file=$1
	text=$2
	shift 2
	: >out
	: >err
	ktap "$@" >out 2>err &
	pid=$!
	wait_for "$file" "$text"
	kill -KILL $pid
	wait $pid
	status=$?
	[ $status = 137 ] || complain "status $status: $*"
	nothing_left
}

murder out main -e 'print("main") while (true) { }'
murder out main -e 'print("main") while (true) { print("much output") }'
murder err Tracing -e 'trace sched:*, timer:*, irq:* { }'
murder err Tracing -e 'trace syscalls:* { print(argstr) } tick-1ms { print("tick") }'
murder out end -e 'tick-1ms { exit() } trace_end { print("end") while (true) { } }'

# while the command is stopped before it begins: it never begins
murder out main -e 'print("main") while (true) { }' -- sleep 1000
wait_until runs_not sleep
# while it runs, it goes on
murder out 'it runs' -e 'trace syscalls:* { }' -- sh -c 'echo it runs; exec sleep 1001'
wait_until runs sleep
kill "$(pidof sleep)"

rmmod ktapvm || complain "rmmod ktapvm: status $?"
modprobe ktapvm || complain "modprobe ktapvm: status $?"
expect 0 ktap -e 'print("again")'
is out again
finish
