#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# On a kernel that can be made to have no memory: each allocation that a session makes fails once;
# the session says so or does without, and the next one works. Then allocations fail at random.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

slab=/sys/kernel/debug/failslab
[ -e $slab/probability ] && [ -e /proc/self/task/$$/fail-nth ] || {
	echo "this kernel has no fault injection"
	exit 77
}
# the kernel warns of memory that it does not get, with a stack; what is worse is still in the log
printk=$(cat /proc/sys/kernel/printk)
echo 4 >/proc/sys/kernel/printk
# those that may sleep, too, but only where this test says
echo N >$slab/ignore-gfp-wait
echo 0 >$slab/verbose
echo Y >$slab/task-filter

calls=100
total=$(($(nproc) * calls))
script='var n = 0 var s = {} var last
	var t = {}
	tick-20ms { t["tick"] = {1, 2} }
	profile-10ms { s[cpu] <<< 1 }
	trace syscalls:sys_enter_getppid { n += 1 t[cpu] += 1 t[execname, n] = kstack() }
	trace sched:sched_process_exit { last = argstr }
	trace_end { print(n) print_hist(s) }'

# no_memory STATUS: what the session that ended with this status had to say
no_memory()
{
	if [ "$1" = 0 ]; then
		[ "$(sed -n 1p out)" = $total ] || grep -q '^warning: ' err || complain "$which: the count is $(sed -n 1p out)"
	else
		grep -qi 'memory' err || complain "$which: status $1, but no word of memory: $(cat err)"
	fi
}

which=0
refused=0
while :; do
	which=$((which + 1))
	failing $which ktap -e "$script" -- calls $calls >out 2>err </dev/null
	status=$?
	grep -q '^failing: not reached' err && break
	grep -q '^failing: reached' err || complain "$which: $(cat err)"
	no_memory $status
	[ $status = 0 ] || refused=$((refused + 1))
	[ $which -lt 2000 ] || break
done
[ $refused -gt 10 ] || complain "only $refused sessions were refused"
echo "$which allocations, $refused refused, the others were done without"
expect 0 ktap -q -e "$script" -- calls $calls
[ "$(sed -n 1p out)" = $total ] || complain "afterwards: $(sed -n 1p out)"

# from the command's start to its end, its own memory included
echo -1 >$slab/times
echo 3 >$slab/probability
runs=$([ -n "$KTAP_SHORT" ] && echo 20 || echo 300)
which="at random"
failed=0
for _ in $(seq "$runs"); do
	sh -c 'echo 1 >/proc/self/make-it-fail && exec ktap "$@"' sh -e "$script" -- calls $calls >out 2>err </dev/null ||
		failed=$((failed + 1))
done
echo 0 >$slab/probability
echo "$failed of $runs failed with allocations that fail at random"
nothing_left
expect 0 ktap -q -e "$script" -- calls $calls
[ "$(sed -n 1p out)" = $total ] || complain "at last: $(sed -n 1p out)"
echo "$printk" >/proc/sys/kernel/printk
finish
