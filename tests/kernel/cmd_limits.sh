#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Scripts that ask too much: a clear message, correct remaining output, a usable machine.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

expect 1 ktap -q -e 'trace syscalls:* { print("in") while (true) { } }' -- true
says err 'error: handler executed too many instructions (--max-exec raises the limit)'
is out in
expect 1 ktap -q --max-exec 100 -e 'trace syscalls:* { for (i = 1, 1000) { } }' -- true
says err 'error: handler executed too many instructions'
expect 0 ktap -q --max-exec 100000 -e 'trace syscalls:* { for (i = 1, 1000) { } }' -- true

expect 1 ktap -q -e 'function f(n) { return 1 + f(n + 1) } trace syscalls:* { f(0) }' -- true
says err 'error: stack overflow, please enlarge stack size'
expect 1 ktap -q -e 'function f(n) { return 1 + f(n + 1) } f(0)'
says err 'error: stack overflow, please enlarge stack size'

# a table that is full: keys that are there go on, new ones are counted
memory=$((2 + $(nproc) / 2))M
expect 0 ktap -q --stats --memory $memory \
	-e 'var t = {} var n = 0
	t["known"] = 0
	trace syscalls:sys_enter_getppid { n += 1 t[n] = n t["known"] += 1 }
	trace_end { print(n, t["known"]) print(len(t)) }' -- calls 50000 1
refused=$(awk '/new table keys refused/ { print $1 }' err)
echo "$(head -n 1 out), $(tail -n 1 out) keys, $refused refused"
[ "$(head -n 1 out)" = '50000	50000' ] || complain "counts: $(head -n 1 out)"
[ "$refused" -gt 0 ] || complain "nothing was refused: the test is none"
[ $(($(tail -n 1 out) + refused)) = 50001 ] || complain "keys and refused keys are not all"
expect 1 ktap -q --memory $memory -e 'var t = {} for (i = 1, 1000000) t[i] = i'
says err 'error: session memory is used up (--memory raises the limit)'

# buffers that there is no memory for: who asks for them is told, nobody is killed for it, and the kernel
# does not complain (see tests/qemu)
told()
{
	grep -qs -e Tracing -e error "err.$sessions"
}

sessions=0
pids=
while [ $sessions -lt 16 ]; do
	sessions=$((sessions + 1))
	ktap --buffer 256M --memory 32G -e 'tick-1000s { }' >out.$sessions 2>err.$sessions &
	pids="$pids $!"
	wait_until told || break
	grep -q error "err.$sessions" && break
done
echo "$((sessions - 1)) sessions have buffers of 256M for each CPU"
says err.$sessions 'error: cannot load the script: it needs more than --memory allows, or than there is'
# shellcheck disable=SC2086 # they are several
kill -INT $pids 2>/dev/null
i=0
for pid in $pids; do
	i=$((i + 1))
	wait "$pid"
	status=$?
	[ $status = 0 ] || [ $i = $sessions ] || complain "session $i ended with status $status: $(cat err.$i)"
done

expect 0 ktap -q -e 'print("still usable")' -- true
is out 'still usable'
finish
