#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# System calls in task context, packets in softirq context and timers in hardirq context
# count into the same variables, on all CPUs at the same time: nothing is lost between
# them, and what can be known beforehand is exact.
. "$(dirname "$0")/cmd_lib"
calls=$([ -n "$KTAP_SHORT" ] && echo 25000 || echo 100000)
packets=$([ -n "$KTAP_SHORT" ] && echo 2500 || echo 10000)
cpus=$(nproc)

cat >script.kp <<'EOS'
var n = 0
var all = {}
var level = {}
var calls = 0
var packets = 0
var timers = 0
trace syscalls:sys_enter_getppid {
	n += 1 all["x"] += 1 all[cpu] += 1 level[in_interrupt] += 1
	calls += 1
}
trace net:netif_receive_skb /args.name == "lo"/ {
	n += 1 all["x"] += 1 all[cpu] += 1 level[in_interrupt] += 1
	packets += 1
}
trace timer:hrtimer_expire_entry {
	n += 1 all["x"] += 1 all[cpu] += 1 level[in_interrupt] += 1
	timers += 1
}
trace_end {
	var cpus = 0
	for (k, v in pairs(all))
		if (k != "x")
			cpus += v
	var levels = 0
	for (k, v in pairs(level)) {
		levels += v
		printf("seen in level %d\n", k)
	}
	printf("calls %d\npackets %d\n", calls, packets)
	printf("variable %d\n", n - calls - packets - timers)
	printf("one key %d\n", all["x"] - n)
	printf("per CPU %d\n", cpus - n)
	printf("per level %d\n", levels - n)
}
EOS
ktap --stats script.kp >out 2>err &
pid=$!
wait_for err Tracing
packets $packets &
sender=$!
calls $calls
wait $sender || complain "packets ended with status $?"
kill -INT $pid
wait $pid || complain "ktap ended with status $?"
cat out err
says out "calls $((cpus * calls))"
says out "packets $((cpus * packets))"
says out "variable 0"
says out "one key 0"
says out "per CPU 0"
says out "per level 0"
says out "seen in level 0"
says out "seen in level 2"
says err " 0  events skipped"
says err " 0  output records lost"
finish
