#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Output: complete and in order where a script can wait, counted where a handler cannot.
# shellcheck disable=SC2016 # expanded by the command
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# much more than the rings hold, to a reader that is late
expect 0 sh -c 'ktap -q --buffer 64K -e "for (i = 1, 200000) printf(\"%d\n\", i)" | { sleep 1; cat; }'
seq 200000 >wanted
cmp -s wanted out || complain "main part: $(wc -l <out) lines, not 1 to 200000"
silent err
expect 0 sh -c 'ktap -q --buffer 64K -e "trace_end { for (i = 1, 50000) print(i) }" | { sleep 1; cat; }'
seq 50000 >wanted
cmp -s wanted out || complain "trace_end: $(wc -l <out) lines, not 1 to 50000"
silent err
expect 0 ktap -q --buffer 16K -e 'var t = {} for (i = 1, 20000) t[i] = i print_hist(t, 20000)'
[ "$(wc -l <out)" = 20001 ] || complain "print_hist: $(wc -l <out) lines"

# one record larger than the ring takes
expect 1 ktap -q --buffer 4K -e 'var s = "x" for (i = 1, 12) s = s .. s print(s)'
says err 'error: output record too long for the ring buffer'

# a handler that prints faster than anybody reads, as the reader is stopped meanwhile: what is
# missing is counted, exactly
expect 0 ktap -q --stats --buffer 4K -o lines \
	-e 'trace syscalls:sys_enter_getppid /execname == "calls"/ { printf("%d %s\n", pid, "a line of some length") }
	trace_end { print("end") }' -- sh -c 'kill -STOP $PPID; calls 50000 1; kill -CONT $PPID'
handled=$(awk '/events handled$/ { print $1 }' err)
lost=$(awk '/output records lost/ { print $1 }' err)
lines=$(grep -c 'a line of some length' lines)
echo "handled $handled, lost $lost, printed $lines"
# the shell asks for its parent, too, which the filter sees
[ "$handled" -ge 50000 ] || complain "$handled events handled, not 50000"
[ "$lost" -gt 0 ] || complain "nothing was lost: the test is none"
[ $((lost + lines)) = 50000 ] || complain "lost and printed are not all"
[ "$(tail -n 1 lines)" = end ] || complain "the last line is not that of trace_end"
expect 0 ktap -q --buffer 4K -o lines \
	-e 'trace syscalls:sys_enter_getppid { print("a line of some length", nsecs) }' -- \
	sh -c 'kill -STOP $PPID; calls 50000 1; kill -CONT $PPID'
says err 'output records lost: the ring buffer was full'

# records of all CPUs come in the order of their times
expect 0 ktap -q -T --buffer 4M -o lines -e 'trace syscalls:sys_enter_getppid { print(argstr) }' -- \
	calls 5000
[ "$(wc -l <lines)" = $((5000 * $(nproc))) ] || complain "$(wc -l <lines) lines"
sed 's/^ *\([0-9]*\)\.\([0-9]*\): .*/\1\2/' lines >stamps
sort -n stamps >wanted
cmp -s wanted stamps || complain "lines are out of order"
expect 0 ktap -q --buffer 4M -o lines -e 'trace syscalls:sys_enter_getppid { print(cpu) }' -- calls 5000
sort lines | uniq -c >cpus
echo "lines of each CPU:" "$(awk '{ printf "%s ", $1 }' cpus)"
[ "$(awk '$1 == 5000' cpus | wc -l)" = "$(nproc)" ] || complain "not 5000 lines of each CPU"

# -o, -T, -s
expect 0 ktap -q -T -e 'trace syscalls:sys_enter_execve { print(argstr) }' -- true
grep -Eq '^ *[0-9]+\.[0-9]{6}: sys_execve\(' out || complain "-T: $(cat out)"
expect 0 ktap -q -s syscalls:sys_enter_execve -- true
grep -Eq '^[0-9]+	[0-9]+	[^	]+	sys_execve\(' out || complain "-s: $(cat out)"
expect 0 ktap -q -T -s syscalls:sys_enter_execve -- true
grep -Eq '^ *[0-9]+\.[0-9]{6}: [0-9]+	[0-9]+	[^	]+	sys_execve\(' out || complain "-T -s: $(cat out)"
expect 0 ktap -q -d -e 'trace syscalls:* { print("no") } trace_end { print("end") }' -- true
is out end
finish
