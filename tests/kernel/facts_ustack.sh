#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Stacks of processes by name, also when these have ended.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"
# programs at other addresses each time
trap 'rm -rf "$work"; echo 0 >/proc/sys/kernel/randomize_va_space' EXIT
echo 2 >/proc/sys/kernel/randomize_va_space

case $(uname -m) in
x86_64 | i?86 | aarch64) ;;
*)
	echo "on this processor there is no way from a frame to its caller"
	exit 77
	;;
esac

# names: the functions of the first stack in the file out, with their files
names()
{
	sed -n '/<stack trace>/,/^[^ ]/{s/^ => \([^+ ]*\)+0x[0-9a-f]*\/0x[0-9a-f]*\( \[.*\]\)*$/\1\2/p;}' out >names
}

expect 0 ktap -q -e 'trace syscalls:sys_enter_getppid { print(ustack(4)) exit() }' -- depth
names
is names 'three_deep [depth]' 'two_deep [depth]' 'one_deep [depth]' 'main [depth]'

# when the chart is made the process is long gone
expect 0 ktap -q -e 'trace syscalls:sys_enter_getppid { s[ustack(2, 1)] += 1 }
	trace_end { print(len(s)) print_hist(s) }' -- depth 50
names
is names 'two_deep [depth]' 'one_deep [depth]'
[ "$(sed -n 1p out)" = 1 ] || complain "different stacks: $(cat out)"
says out '|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@'
grep -qx '50     ' out || complain "the count is not 50"

# of all processes, started by somebody else, who ends first
ktap -o out -e 'trace syscalls:sys_enter_getppid /execname == "depth"/ { s[ustack(1)] += 1 n += 1 if (n == 6) { exit() } }
	trace_end { print_hist(s) }' 2>err &
tracer=$!
wait_for err Tracing
(depth 3 && depth 3)
wait $tracer
names
is names 'three_deep [depth]' 'three_deep [depth]'

# an address that is no function; the idle task, here of one processor, has no such stack
expect 0 ktap -q -C 0 -e 'trace sched:sched_switch /args.prev_pid == 0/ { print(ustack(), usym(16)) exit() }'
is out '<stack trace>	0x10'
silent err
finish
