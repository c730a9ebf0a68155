#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Signals end a session in order: trace_end runs, all output comes, the status is 0.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# ended WHAT STATUS
ended()
{
	wait $pid
	status=$?
	[ "$status" = "$2" ] || complain "$1: status $status, not $2"
}

for sig in INT TERM HUP; do
	begin ktap -e 'var n = 0 trace syscalls:sys_enter_* { n += 1 } trace_end { print("end", n > 0) }'
	wait_for err 'Hit Ctrl-C to end.'
	kill -$sig $pid
	ended SIG$sig 0
	is out 'end	true'
	[ $sig = INT ] && is err 'Tracing... Hit Ctrl-C to end.' ''
done

# INTERRUPTED: a signal ends a main part that runs for ever, and a second one a trace_end that does
begin ktap -e 'print("here") while (true) { }'
wait_for out here
kill -INT $pid
ended 'main part' 1
says err 'error: interrupted'

begin ktap -e 'tick-1s { } trace_end { print("in the end") while (true) { } }'
wait_for err 'Hit Ctrl-C to end.'
kill -INT $pid
wait_for out 'in the end'
kill -INT $pid
ended trace_end 1
says err 'error: interrupted'

# one that waits for its output, too
mkfifo pipe
# shellcheck disable=SC2217
sleep 1000 <pipe &
reader=$!
rm -f err
ktap -e 'print("x") tick-1s { } trace_end { while (true) print("much output") }' >pipe 2>err &
pid=$!
wait_for err 'Hit Ctrl-C to end.'
kill -INT $pid
interrupted()
{
	kill -INT $pid 2>/dev/null
	usleep 100000
	[ ! -d /proc/$pid ]
}
wait_until interrupted
ended "output that nobody reads" 1
kill $reader

# state WANTED: until ktap is stopped (T), or no more (S)
state()
{
	until [ "$(sed 's/.*) \(.\).*/\1/' "/proc/$pid/stat")" = "$1" ]; do
		usleep 20000
	done
}

# SIGTSTP, as of Ctrl-Z, stops it; group makes it a job, as only those of a shell can be stopped
rm -f out err
group ktap -e 'var n = 0 trace syscalls:sys_enter_* { n += 1 } trace_end { print("end", n > 0) }' >out 2>err &
pid=$!
wait_for err 'Hit Ctrl-C to end.'
kill -TSTP $pid
state T
kill -CONT $pid
state S
kill -INT $pid
ended 'SIGTSTP' 0
is out 'end	true'

# while the main part runs, when that has ended: its output does not wait for a stopped reader
rm -f err
group ktap --buffer 4K -e 'print("first") for (i = 1, 40000) print("line", i) tick-1s { }' >pipe 2>err &
pid=$!
exec 3<pipe
read -r line <&3
[ "$line" = first ] || complain "the first line is '$line'"
kill -TSTP $pid
cat <&3 >rest &
reader2=$!
exec 3<&-
state T
# what is in pipe and buffers is far less than the rest
until [ "$(wc -l <rest)" -gt 25000 ]; do
	usleep 20000
done
kill -CONT $pid
kill -INT $pid
ended 'SIGTSTP while the main part waits' 0
wait $reader2
[ "$(wc -l <rest)" = 40000 ] || complain "$(wc -l <rest) lines after SIGTSTP, not 40000"

# SIGSTOP: the main part waits for SIGCONT, and nothing is lost
rm -f err
ktap --buffer 4K -e 'print("first") for (i = 1, 20000) print("line", i) print("last")' >pipe 2>err &
pid=$!
exec 3<pipe
read -r line <&3
kill -STOP $pid
cat <&3 >rest &
reader2=$!
exec 3<&-
state T
kill -CONT $pid
ended SIGSTOP 0
wait $reader2
[ "$(wc -l <rest)" = 20001 ] || complain "$(wc -l <rest) lines after SIGSTOP, not 20001"

# SIGTERM goes on to the command
begin ktap -e 'tick-10s { } trace_end { print("end") }' -- sleep 1000
wait_for err 'Hit Ctrl-C to end.'
kill -TERM $pid
ended 'SIGTERM with a command' 0
is out end
wait_until runs_not sleep

# SIGHUP is ignored when it was so at the start, as with nohup
(
	trap '' HUP
	begin ktap -e 'tick-10s { } trace_end { print("end") }'
	wait_for err 'Hit Ctrl-C to end.'
	kill -HUP $pid
	kill -TERM $pid
	ended 'SIGHUP that is ignored' 0
	finish
) || wrong=1

nothing_left
finish
