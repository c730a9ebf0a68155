#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the scripts of the library show of the whole machine, while something happens that they are for.
examples=$(cd "$(dirname "$0")/../man-examples/guest" && pwd)
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# shows PATTERN SCRIPT [OPTION...] -- COMMAND...: Ctrl-C after COMMAND; a line of the output matches.
shows()
{
	pattern=$1
	script=$2
	shift 2
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	: >err
	# shellcheck disable=SC2086
	ktap "$examples/library_$script" $options >out 2>err </dev/null &
	ktap=$!
	wait_for err Tracing
	"$@" >/dev/null 2>&1
	kill -INT $ktap
	wait $ktap || complain "$script: status $?"
	grep -e '^error' err && complain "$script: an error"
	grep -Eq -e "$pattern" out && return
	complain "$script: no line matches: $pattern"
	head -n 20 out | sed 's/^/  out: /'
}

programs()
{
	for _ in 1 2 3 4 5 6 7 8 9; do
		/bin/sh -c 'cat /proc/version'
	done
}

signal_child()
{
	sleep 100 &
	kill -USR1 $!
	wait $!
}

# Nobody listens there.
connection()
{
	wget -q -O /dev/null http://127.0.0.1:1/
}

shows '@ +[0-9]+$' runqlat -- programs
shows '\|@' cpuprofile -- programs
shows '^ => ' cpuprofile --stacks 3 -- programs
shows '\|@' offcpu -- programs
shows '^ => ' offcpu --stacks 3 -- programs
shows '^[0-9]+ +sh +[0-9]+$' forks -- programs
shows '^[0-9]+ +[0-9]+ +/bin/(sh|cat|busybox)$' execsnoop -- programs
shows '^[0-9]+ +sh +[0-9]+ +[^ ]+ +10$' signals --number 10 -- signal_child
shows '^[A-Z_]+ +[0-9]+ +[0-9]+ +[0-9]+$' softirqs -- programs
shows '^HANDLER ' hardirqs -- programs
shows '^cat +[1-9][0-9]* +[1-9][0-9]*' rwbytes -- programs
shows '^sys_exit_getppid$' sysdist --call getppid -- calls 100 1
shows '\|@' kmallocs -- programs
shows '^TIME ' oomkills -- true
shows ' Distribution ' drops -- connection
if ktap -l exceptions:page_fault_user >/dev/null 2>&1; then
	shows ' (sh|cat), (read|write) \|' faults -- programs
fi
shows '127\.0\.0\.1:1 +CLOSE +SYN_SENT' tcpstates -- connection
finish
