#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What ends a session, and the exit status.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# exit() from everywhere; trace_end runs, nothing comes after it
expect 0 ktap -q -e 'print(1) exit() print(2)'
is out 1
expect 0 ktap -q -e 'trace syscalls:* { exit() print("no") } trace_end { print("end") }'
is out end
expect 0 ktap -q -e 'trace *:* { exit() } trace_end { print("end") }'
is out end
expect 0 ktap -q -e 'tick-1ms { print("t") exit() print("no") } trace_end { print("end") }'
is out t end
silent err
expect 0 ktap -q -e 'exit() trace syscalls:* { } trace_end { print("end") }' -- sleep 1000
is out end
runs sleep && complain "the command was begun"
expect 0 ktap -q -e 'tick-10ms { exit() }' -- sleep 1000
wait_until runs_not sleep

# a script without probes needs no end
expect 0 ktap -e 'print("only this")'
is out 'only this'
silent err

# the command's status
expect 7 ktap -q -e 'trace syscalls:* { }' -- sh -c 'exit 7'
expect 137 ktap -q -e 'tick-1s { }' -- sh -c 'kill -KILL $$'
expect 7 ktap -q -e 'print("no probe")' -- sh -c 'echo cmd; exit 7'
is out 'no probe' cmd
expect 127 ktap -q -e 'tick-1s { }' -- nosuchcommand
says err 'cannot run nosuchcommand: No such file or directory'
touch notexecutable
expect 126 ktap -q -e 'tick-1s { }' -- ./notexecutable
says err 'cannot run ./notexecutable: Permission denied'
printf 'no program' >nothing
chmod +x nothing
expect 126 ktap -q -e 'tick-1s { }' -- ./nothing
says err 'cannot run ./nothing: Exec format error'
expect 3 ktap -q -c 'sh -c "exit 3"' -e 'tick-1s { }'

# script errors: status 1 whatever the command says; trace_end does not run
expect 1 ktap -q -e 'var z = 0 trace syscalls:* { print(1 / z) z = 0 } trace_end { print("no") }' -- \
	sh -c 'exit 7'
says err 'error: divide 0 arith operation at (command line):1'
silent out
expect 1 ktap -q -e 'var z = 0 tick-1ms { print(1 % z) z = 0 }'
says err 'error: mod 0 arith operation'
expect 1 ktap -q -e 'var f = 1 trace_end { print("x") f() f = 2 }'
says err 'error: attempt to call'
is out x

# the target of -p
sleep 1000 &
pid=$!
rm -f out
ktap -p $pid -e 'tick-1s { } trace_end { print("end") }' >out 2>err &
tracer=$!
wait_for err Tracing
kill $pid
wait $tracer || complain "status $? after the end of the target of -p"
is out end
expect 1 ktap -q -p 4000000 -e 'tick-1s { }'
says err 'cannot find pid 4000000'
expect 1 ktap -q -C 4095 -e 'tick-1s { }'
says err 'cpu 4095 is not online'

# nobody reads any more
{
	ktap -q -e 'while (true) print("line")' 2>err
	echo $? >status
} | head -n 1 >out
is out line
is status 0
silent err
{
	ktap -q -e 'trace syscalls:*, sched:* { print(probename) } trace_end { }' 2>err
	echo $? >status
} | head -n 1 >out
is status 0
expect 1 ktap -q -o /dev/full -e 'for (i = 1, 100000) print("line")'
says err 'cannot write the output: No space left on device'
nothing_left
finish
