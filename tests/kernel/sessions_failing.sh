#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# On a kernel that can be made to have no memory: each allocation that a session makes fails once,
# then all from one point on, then some at random, then those of the work that makes room for keys.
# The session says so or does without, and the next one works.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

slab=/sys/kernel/debug/failslab
pages=/sys/kernel/debug/fail_page_alloc
for file in $slab/probability $pages/probability /proc/self/task/$$/fail-nth; do
	[ -e "$file" ] || {
		echo "this kernel has no fault injection"
		exit 77
	}
done
# the kernel warns of memory that it does not get, with a stack; what is worse is looked for at the end
printk=$(cat /proc/sys/kernel/printk)
echo 4 >/proc/sys/kernel/printk
dmesg -c >/dev/null
# those that may sleep, too, but only of tasks that are marked
for kind in $slab $pages; do
	echo N >"$kind/ignore-gfp-wait"
	echo Y >"$kind/task-filter"
	echo 0 >"$kind/verbose"
done
echo N >$pages/ignore-gfp-highmem
echo 0 >$pages/min-order

calls=100
total=$(($(nproc) * calls))
cat >script.kp <<'END'
var n = 0 var s = {} var last
var t = {}
tick-20ms { t["tick"] = {1, 2} }
profile-10ms { s[cpu] <<< 1 }
trace syscalls:sys_enter_getppid /execname == "calls"/ { n += 1 t[cpu] += 1 t[execname, n] = kstack() }
trace sched:sched_process_exit { last = argstr }
trace_end { print(n) print_hist(s) }
END
expect 0 ktap --compile -o script.kpc script.kp

# session N: runs one with `failing N` and looks at what it had to say
runs=0
refused=0
session()
{
	failing "$1" ktap script.kpc -- calls $calls >out 2>err </dev/null
	status=$?
	runs=$((runs + 1))
	if [ $status = 0 ]; then
		[ "$(sed -n 1p out)" = $total ] || grep -q '^warning: ' err || complain "$which: the count is $(sed -n 1p out)"
	else
		refused=$((refused + 1))
		grep -qi 'memory' err || complain "$which: status $status, but no word of memory: $(cat err)"
	fi
}

# works: all is as it should be again
works()
{
	expect 0 ktap -q script.kpc -- calls $calls
	[ "$(sed -n 1p out)" = $total ] || complain "$which: afterwards the count is $(sed -n 1p out)"
	echo "$which: of $runs sessions $refused were refused"
	runs=0
	refused=0
}

# opening the device, and what that takes besides
for nth in $(seq 1 20); do
	# shellcheck disable=SC2016 # expanded by the inner shell
	sh -c 'echo "$1" >/proc/self/task/$$/fail-nth && exec 3</dev/ktap' sh "$nth" 2>err || refused=$((refused + 1))
	runs=$((runs + 1))
done
[ $refused -gt 1 ] || complain "the device was always opened"
which="opening"
works

nth=1
while :; do
	which="allocation $nth"
	session $nth
	grep -q '^failing: not reached' err && break
	grep -q '^failing: reached' err || complain "$which: $(cat err)"
	nth=$((nth + $([ -n "$KTAP_SHORT" ] && echo 5 || echo 1)))
done
[ $refused -gt 5 ] || complain "only $refused sessions were refused"
which="one allocation"
works

# ends KIND STEP: sessions for which there is no more memory of that kind after so and so much
ends()
{
	echo 100 >"$1/probability"
	space=0
	while :; do
		which="all after $space of ${1##*/}"
		echo $space >"$1/space"
		echo 1000000 >"$1/times"
		session 0
		[ "$(cat "$1/times")" != 1000000 ] || break
		space=$((space + $2 * $([ -n "$KTAP_SHORT" ] && echo 4 || echo 1)))
	done
	echo 0 >"$1/probability"
	which=${1##*/}
	works
}
ends $slab 2048
ends $pages 32

# at_random PERCENT: of the tasks that are marked
at_random()
{
	for kind in $slab $pages; do
		echo 0 >"$kind/space"
		echo 1000000 >"$kind/times"
		echo "$1" >"$kind/probability"
	done
}
at_random 1
for i in $(seq "$([ -n "$KTAP_SHORT" ] && echo 10 || echo 30)"); do
	which="at random, $i"
	session 0
done
at_random 0
which="at random"
works

cat >keys.kp <<'END'
var n, t = {}, {}
trace syscalls:sys_enter_getppid /execname == "calls"/ {
	n[cpu] += 1
	t["a key as long as names of files are " .. cpu .. "." .. n[cpu]] = execname
}
trace_end { print(len(t)) }
END
for thread in /proc/[0-9]*; do
	case $(cat "$thread/comm" 2>/dev/null) in kworker/*) echo 1 >"$thread/make-it-fail" ;; esac
done
at_random 50
expect 0 ktap -q --stats keys.kp -- calls 5000
left=$(cat $slab/times $pages/times | awk '{ sum += $1 } END { print sum }')
at_random 0
[ "$left" -lt 2000000 ] || complain "no allocation of a worker has failed"
echo "workers: $((2000000 - left)) allocations failed"
cat out err
nothing_left
dmesg | grep -A 30 -E '(WARNING|BUG|INFO): |BUG [a-z]|UBSAN: ' >bad && complain "the kernel said: $(head -n 40 bad)"
echo "$printk" >/proc/sys/kernel/printk
finish
