#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What is traced: a command with its descendants, one process, one CPU.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# the first event of a command is its execve; its children belong to it, others do not
cat >who.kp <<'END'
var first = nil
var names = {}
trace syscalls:sys_enter_* {
	if (first == nil) first = probename
	names[execname] += 1
}
trace_end {
	print(first)
	for (name, n in pairs(names)) print(name)
}
END
(while :; do usleep 1000; done) &
noise=$!
expect 0 ktap -q who.kp -- sh -c 'sleep 0; (sleep 0; head -c 1 /dev/zero >/dev/null)'
[ "$(head -n 1 out)" = sys_enter_execve ] || complain "the first event is $(head -n 1 out)"
for name in sh sleep head; do
	grep -qx $name out || complain "no system call of $name"
done
grep -qx usleep out && complain "system calls of another process"

# one process, and when it ends the session ends
(until [ -e stop ]; do usleep 20000; done) &
pid=$!
rm -f out
ktap -p $pid -e 'var others = 0 var n = 0
	trace syscalls:* { n += 1 if (pid != arg[1]) others += 1 }
	trace_end { print(n > 0, others) }' $pid >out 2>err &
tracer=$!
wait_for err Tracing
touch stop
wait $tracer || complain "status $? after the end of the target of -p"
is out 'true	0'
kill $noise

# one CPU of several, exactly
expect 0 ktap -q --stats -C 0 -e 'var t = {} trace syscalls:sys_enter_getppid { t[cpu] += 1 }
	trace_end { for (c, n in pairs(t)) print(c, n) }' -- calls 2000
is out '0	2000'
expect 0 ktap -q -e 'var t = {} trace syscalls:sys_enter_getppid { t[cpu] += 1 }
	trace_end { for (c, n in pairs(t)) print(n) }' -- calls 2000
[ "$(sort -u out)" = 2000 ] || complain "not 2000 on each CPU"
[ "$(wc -l <out)" = "$(nproc)" ] || complain "not as many CPUs as there are"
finish
