#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Every CPU makes a million calls, or all of them together when shortened: a variable and two
# tables count them exactly, one key shared by all CPUs, one per CPU.
. "$(dirname "$0")/cmd_lib"
calls=$([ -n "$KTAP_SHORT" ] && echo 250000 || echo 1000000)
cpus=$(nproc)

expect 0 ktap -q --stats -e '
	var n = 0
	var t = {}
	trace syscalls:sys_enter_getppid {
		n += 1
		t[cpu] += 1
		t["all"] += 1
	}
	trace_end {
		printf("n %d\n", n)
		for (k, v in pairs(t))
			print(k, v)
	}' -- calls $calls
cat err
sort out >sorted
{
	i=0
	while [ $i -lt "$cpus" ]; do
		printf '%s\t%s\n' $i $calls
		i=$((i + 1))
	done
	printf 'all\t%s\n' $((cpus * calls))
	printf 'n %s\n' $((cpus * calls))
} | sort >wanted_lines
cmp -s wanted_lines sorted || {
	complain "counts differ:"
	diff wanted_lines sorted
}
finish
