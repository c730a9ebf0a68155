#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The life of a session meets signals, several STOPs at once, exit() and readers that sleep.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# long COUNT: a loop that takes some time, and cannot end early unnoticed
long()
{
	echo "var n = 0 for (i = 1, $1) n += 1"
}

# signals that do not kill have no say: in the main part, in a tick, in trace_end
disturb()
{
	for _ in 1 2 3 4 5; do
		kill -STOP "$1"
		usleep 20000
		kill -CONT "$1"
		kill -WINCH "$1"
		usleep 20000
	done
}

for where in main tick end; do
	body="print(\"begin\") $(long 3000000) print(n)"
	case $where in
	main) script="$body" ;;
	tick) script="var done = false tick-1ms { if (!done) { done = true $body exit() } }" ;;
	end) script="tick-1ms { exit() } trace_end { $body }" ;;
	esac
	rm -f out
	ktap -q -e "$script" >out 2>err &
	pid=$!
	wait_for out begin
	disturb $pid
	wait $pid || complain "$where: status $?"
	is out begin 3000000
done

# one STOP of many ends the session, and trace_end runs once and to its end
for _ in 1 2 3 4 5; do
	ktap -q -e "tick-10ms { } trace syscalls:* { } trace_end { $(long 200000) print(n) }" >out 2>err &
	pid=$!
	until grep -q '^ktap-tick' /proc/[0-9]*/comm; do
		usleep 5000
	done
	session stop $pid >stops 2>stops.err
	status=$?
	if [ $status = 77 ]; then
		kill -INT $pid
	elif [ $status != 0 ]; then
		complain "session stop: status $status"
		cat stops.err
	else
		is stops 1
		kill -INT $pid
	fi
	wait $pid
	is out 200000
done

# exit() and an error end the handlers of the same event that come after
expect 0 ktap -q -e 'trace syscalls:sys_enter_getppid { print("one") exit() }
	trace syscalls:sys_enter_getppid { print("two") }
	trace_end { print("end") }' -- calls 1 1
is out one end
expect 1 ktap -q -e 'trace syscalls:sys_enter_getppid { print("one" / 1) }
	trace syscalls:sys_enter_getppid { print("two") }' -- calls 1 1
silent out

# what is cut short says where
rm -f out
ktap -q -e 'print("here")
while (true) { }' >out 2>err &
pid=$!
wait_for out here
kill -INT $pid
wait $pid
[ $? = 1 ] || complain "interrupted: status is not 1"
says err 'error: interrupted at (command line):2'

# records of more than a quarter of a ring wait for nobody who sleeps
expect 0 ktap -q --buffer 4K -e 'var s = "0123456789" for (i = 1, 7) s = s .. s
	for (i = 1, 300) { print(s) print(i) }'
[ "$(wc -l <out)" = 600 ] || complain "$(wc -l <out) lines, not 600"
[ "$(wc -c <out)" = $((300 * 1281 + 9 * 2 + 90 * 3 + 201 * 4)) ] || complain "$(wc -c <out) bytes"
rm -f out
ktap -q --buffer 4K -e 'print("begin") for (i = 1, 30000000) { }
	var s = "0123456789" for (i = 1, 7) s = s .. s for (i = 1, 300) print(s)' >out 2>err &
pid=$!
wait_for out begin
kill -STOP $pid
session drain $pid >bytes 2>drain.err
status=$?
kill -KILL $pid
wait $pid
if [ $status != 77 ]; then
	[ $status = 0 ] || complain "session drain: status $status"
	cat drain.err
	[ "$(cat bytes)" -ge $((300 * 1304)) ] || complain "only $(cat bytes) bytes of output"
fi

# rings, their first pages and the stacks that functions run on count against the session's memory
expect 1 ktap -q --memory 4M --buffer 4M -e 'print(1)'
says err 'error: cannot load the script: for the buffers of all CPUs and the stacks that it runs on, --memory must be'
need=$(sed -n 's/.*--memory must be more than \([0-9]*\)K$/\1/p' err)
[ "${need:-0}" -gt $(((4096 + 64) * $(nproc))) ] || complain "it needs more than '$need' K"
expect 1 ktap -q --memory "${need}K" --buffer 4M -e 'print(1)'
says err 'error: cannot load the script: '
expect 0 ktap -q --memory $((need + 512))K --buffer 4M -e 'print(1)'
is out 1
# by default rings take no more than their share
expect 0 ktap -q --memory $((2 + $(nproc)))M -e 'print(1)'
is out 1

# ticks that are late are counted
expect 0 ktap -q -e 'var n = 0
	tick-10ms { var t = nsecs while (nsecs - t < 100000000) { } n += 1 if (n == 3) exit() }'
says err 'timer events missed: the machine or the script was too slow'

nothing_left
finish
