#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the loader says: place, source line, caret, cause, hint.
# shellcheck disable=SC2016
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

expect 255 ktap -e 'trace sched:sched_swich { exit() }'
is err "error: (command line):1:7: no event of this kernel matches 'sched:sched_swich'" \
	'    trace sched:sched_swich { exit() }' '          ^~~~~~~~~~~~~~~~~' \
	'hint: did you mean `sched_switch`?'
expect 255 ktap -e 'trace nosuch:* { }'
says err "no event of this kernel matches 'nosuch:*'"

printf 'trace sched:sched_switch {\n\tprint(args.next_com)\n}\n' >field.kp
expect 255 ktap field.kp
says err "error: field.kp:2:13: event 'sched:sched_switch' has no field 'next_com'"
says err '    	print(args.next_com)'
says err 'hint: did you mean `next_comm`?'
says err 'hint: its fields are prev_comm, prev_pid, prev_prio, prev_state, next_comm, next_pid, next_prio'
# a field that one of the events has is no error where another has it not
expect 0 ktap -q -e 'trace sched:sched_process_exec, sched:sched_process_fork {
	print(probename, args.old_pid == nil) }' -- sh -c '/bin/true; :'
is out 'sched_process_exec	false' 'sched_process_fork	true' 'sched_process_exec	false'
# not so in a function that only handlers without it call
expect 255 ktap -e 'function f() { print(args.nosuch) } trace sched:sched_switch { f() }'
says err "has no field 'nosuch'"
# numbers beyond the fields are nil
expect 0 ktap -q -e 'trace sched:sched_process_exec { print(arg9) }' -- true
is out nil

for probe in probe:schedule probe:/bin/ls:main sdt:/bin/ls:x ftrace:function rawtp:sys_enter; do
	expect 255 ktap -e "trace $probe { }"
	[ -s err ] || complain "$probe is refused without a word"
done
expect 255 ktap --host -e 'tick-1s { }'
says err 'probes and timers need the kernel'

# files
expect 255 ktap nosuch.kp
says err 'error: cannot open nosuch.kp: No such file or directory'
expect 255 ktap /usr
says err 'error: cannot read /usr: Is a directory'
expect 1 ktap -o /nosuch/file -e 'print(1)'
says err 'error: cannot open /nosuch/file: No such file or directory'
expect 255 sh -c 'printf "\033ktp" | ktap -'
says err 'error: cannot read the image: it is truncated'
expect 0 sh -c 'echo "print(arg[1])" | ktap - word'
is out word

# options
expect 2 ktap
expect 2 ktap --nosuchoption
says err "ktap: '--nosuchoption' is not an option"
expect 2 ktap --format=xml -e 'print(1)'
expect 2 ktap --memory 1 -e 'print(1)'
says err "--memory: '1' is not a size from 2M to 64G"
expect 2 ktap --buffer 5G -e 'print(1)'
expect 2 ktap --max-exec none -e 'print(1)'
expect 2 ktap -p 0 -e 'print(1)'
expect 2 ktap -p 1 -e 'print(1)' -- true
expect 2 ktap --compile -e 'print(1)'
expect 2 ktap -e 'print(1)' --
for option in -lf -lm; do
	expect 2 ktap $option -e 'print(1)'
	says err 'is not supported by this version'
done
expect 0 ktap -h
says out 'usage: ktap'
expect 0 ktap -V
says out 'ktap '
expect 0 ktap -le sched:sched_switch
is out sched:sched_switch
expect 0 ktap -lv sched:sched_switch
says out prev_comm
expect 1 ktap -l nosuch:nosuch
says err "no event of this kernel matches 'nosuch:nosuch'"
finish
