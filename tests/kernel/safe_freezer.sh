#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A script that waits for its reader does not keep the system from suspending, which freezes all
# processes; afterwards it goes on where it was. Here the freezer is that of a control group, which
# does the same with those that are in it.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"
group=$work/freezer/tested
lines=200000

mkdir "$work/freezer" && mount -t cgroup -o freezer none "$work/freezer" || {
	echo "this kernel has no control groups that freeze"
	exit 77
}
mkdir "$group" || complain "no control group"
mkfifo pipe

# a thread waits in the kernel, and no signal but those that kill would end that
waits()
{
	grep -qs '^State:.D' "/proc/$pid/task/"*/status
}

# now STATE: asks for it again and again, as suspending does, for whoever was about to wait is not
# frozen at the first time
now()
{
	echo "$1" >"$group/freezer.state"
	[ "$(cat "$group/freezer.state")" = "$1" ]
}

# frozen_while SCRIPT: freezes it while it waits, thaws it, and reads all of its lines
frozen_while()
{
	exec 3<>pipe
	ktap -q -e "$1" >pipe 2>err 3>&- &
	pid=$!
	wait_until waits
	echo $pid >"$group/cgroup.procs"
	wait_until now FROZEN
	wait_until now THAWED
	awk '$1 != NR { wrong++ } END { print NR, wrong + 0 }' <pipe >out 3>&- &
	reader=$!
	exec 3>&-
	wait $pid || complain "ktap ended with status $?: $(cat err)"
	wait $reader
	is out "$lines 0"
}

frozen_while "for (i = 1, $lines) print(i)"
frozen_while "tick-1ms { exit() } trace_end { for (i = 1, $lines) print(i) }"
umount "$work/freezer"
finish
