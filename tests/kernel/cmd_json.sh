#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# --format=json where the kernel is needed: events, times, losses, counters, errors.
# tests/json has the rest.
# shellcheck disable=SC2016 # expanded by the command
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# matches FILE PATTERN: some line matches as a whole.
matches()
{
	grep -Eqx -e "$2" "$1" && return
	complain "no line of $1 matches: $2"
	head -n 20 "$1" | sed 's/^/  '"$1"': /'
}

# objects FILE: each line looks like one.
objects()
{
	if grep -Evq '^\{"type":"[a-z_]+".*\}$' "$1"; then
		complain "not all lines of $1 are objects"
		grep -Ev '^\{"type":"[a-z_]+".*\}$' "$1" | head -n 5
	fi
}

expect 0 ktap -v --stats --format=json \
	-e 'trace syscalls:sys_enter_execve { print(argstr, pid == 0) printf("%s\n", probename) }' -- true
objects out
objects err
matches out '\{"type":"print","values":\[\{"event":"sys_execve\(.*\)","cpu":[0-9]+,"tid":[0-9]+\},false\]\}'
matches out '\{"type":"printf","text":"sys_enter_execve\\n","format":"%s\\n","values":\["sys_enter_execve"\]\}'
matches err '\{"type":"info","message":"Tracing... Hit Ctrl-C to end.","hints":\[\]\}'
matches err '\{"type":"verbose","message":"1 probes and timers armed","hints":\[\]\}'
matches err '\{"type":"stats","counters":\{"EVENTS":[0-9]+,.*\},"memory":[0-9]+,"memory_peak":[0-9]+\}'

expect 0 ktap -q -T --format=json -e 'trace syscalls:sys_enter_execve { t[execname] += 1 }
	trace_end { print_hist(t) }' -- true
matches out '\{"type":"print_hist","time":[0-9]+,"rows":\[\{"key":"[^"]*","value":1\}\],"omitted":0\}'
is err '{"type":"exit","status":0}'

expect 0 ktap -q --format=json --buffer 4K -o lines \
	-e 'trace syscalls:sys_enter_getppid { print("a line of some length", nsecs) }' -- \
	sh -c 'kill -STOP $PPID; calls 50000 1; kill -CONT $PPID'
objects lines
matches err '\{"type":"loss","counter":"LOST","count":[0-9]+,"message":"output records lost: .*"\}'

expect 1 ktap -q --format=json -e 'trace syscalls:sys_enter_execve { print(1 / (pid - pid)) }' -- true
matches err '\{"type":"error","message":"divide 0 arith operation","file":"\(command line\)","line":1,.*\}'
expect 1 ktap --format=json -p 999999999 -e 'print(1)'
matches err '\{"type":"error","message":"cannot find pid 999999999","hints":\[\]\}'
finish
