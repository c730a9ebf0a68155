#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What a script prints of events is what the kernel's own trace file prints of the same ones.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"
tracing=/sys/kernel/tracing

# record EVENTS KTAP-OPTIONS... : a run with the kernel's tracing switched on for these events.
record()
{
	events=$1
	shift
	echo 0 >$tracing/tracing_on
	echo 8192 >$tracing/buffer_size_kb
	echo >$tracing/trace
	for event in $events; do
		echo 1 >"$tracing/events/$event/enable"
	done
	echo 1 >$tracing/tracing_on
	"$@" >out 2>err
	status=$?
	echo 0 >$tracing/tracing_on
	for event in $events; do
		echo 0 >"$tracing/events/$event/enable"
	done
	[ "$status" -eq 0 ] || complain "status $status: $*"
}

# The lines of the process that became $1, from its execve on, as the trace file has them.
trace_of()
{
	pid=$(sed -n "s|^.*: sched_process_exec: filename=$1 pid=\([0-9]*\) .*|\1|p" $tracing/trace)
	grep -e "-$pid  *\[" $tracing/trace | sed -n '/: sys_execve(/,$p' | grep ': sys_' |
		sed 's/^[^:]*: //'
}

compare()
{
	trace_of "$1" >wanted
	[ -s wanted ] || complain "the trace file has nothing of $1"
	cmp -s wanted lines && return
	complain "the text differs from the trace file's:"
	diff wanted lines | head -n 20
}

ls=/usr/bin/ls
record "syscalls sched/sched_process_exec" \
	ktap -q -o lines -e 'trace "syscalls:*" function (e) { print(e) }' -- "$ls" /
compare "$ls"
echo "$(wc -l <lines) lines"
silent err

record "syscalls sched/sched_process_exec" \
	ktap -q -o lines -e 'trace syscalls:* { print(argstr) }' -- "$ls" -la /
compare "$ls"
echo "$(wc -l <lines) lines"

# the command's own output is its own
record "sched/sched_process_exec" ktap -q -e 'trace syscalls:sys_enter_write { print(argstr) }' -- \
	sh -c 'echo hello'
says out hello
says out 'sys_write(fd: 1, buf: '

# an ordinary tracepoint
record "sched/sched_process_exec" \
	ktap -q -o lines -e 'trace sched:sched_process_exec { print(argstr) }' -- "$ls" /
sed -n "s|^.*: \(sched_process_exec: filename=$ls \)|\1|p" $tracing/trace >wanted
[ -s wanted ] || complain "the trace file has no exec of $ls"
cmp -s wanted lines || complain "$(diff wanted lines)"
finish
