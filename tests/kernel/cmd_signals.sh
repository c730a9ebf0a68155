# SPDX-License-Identifier: GPL-2.0-only
#
# Signals end a session in order: trace_end runs, all output comes, the status is 0.
. "$(dirname "$0")/cmd_lib"

script='var n = 0 trace syscalls:sys_enter_* { n += 1 } trace_end { print("end", n > 0) }'
for sig in INT TERM HUP; do
	rm -f err
	ktap -e "$script" >out 2>err &
	pid=$!
	wait_for err 'Hit Ctrl-C to end.'
	kill -$sig $pid
	wait $pid
	status=$?
	[ $status = 0 ] || complain "SIG$sig: status $status"
	is out 'end	true'
	[ $sig = INT ] && is err 'Tracing... Hit Ctrl-C to end.' ''
done

# a signal ends a main part that runs for ever, and a second one a trace_end that does
ktap -e 'print("here") while (true) { }' >out 2>err &
pid=$!
wait_for out here
kill -INT $pid
wait $pid
status=$?
[ $status = 1 ] || complain "main part: status $status"
says err 'error: interrupted'

ktap -e 'tick-1s { } trace_end { print("in the end") while (true) { } }' >out 2>err &
pid=$!
wait_for err 'Hit Ctrl-C to end.'
kill -INT $pid
wait_for out 'in the end'
kill -INT $pid
wait $pid
status=$?
[ $status = 1 ] || complain "trace_end: status $status"
says err 'error: interrupted'

# SIGTERM goes on to the command
ktap -e 'tick-10s { } trace_end { print("end") }' -- sleep 1000 >out 2>err &
pid=$!
wait_for err 'Hit Ctrl-C to end.'
kill -TERM $pid
wait $pid
is out end
pidof sleep && complain "the command still runs"

# Ctrl-C of a terminal reaches both; the session ends with the command's output
# complete (setsid makes a group of its own to signal)
setsid sh -c 'echo $$ >group; trap : INT; ktap -e "tick-10s { } trace_end { print(1) }" -- \
	sh -c "trap \"echo caught; exit 3\" INT; while :; do usleep 10000; done" >out 2>err;
	echo $? >status' &
wait_for err 'Hit Ctrl-C to end.'
kill -INT -"$(cat group)"
wait
says out 1
nothing_left
finish
