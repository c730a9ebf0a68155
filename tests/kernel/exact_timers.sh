#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the kernel itself counts in interrupts is what a script counts there: timers of a
# program, whose expirations the kernel tells it, and the timer interrupts of all CPUs, which are
# in /proc/interrupts of x86, where they have an event.
. "$(dirname "$0")/cmd_lib"
each=5000
cpus=$(nproc)

# interrupts: how many of the local timers there have been, on all CPUs
interrupts()
{
	awk '$1 == "LOC:" { for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i } END { print sum + 0 }' /proc/interrupts
}

cat >script.kp <<'EOS'
var expired = {}
var late = 0
var interrupts = 0
trace timer:hrtimer_expire_entry {
	if (stringof(sym(args.function)) == "timerfd_tmrproc")
		expired[in_interrupt] += 1
}
trace_end {
	var sum = 0
	for (k, v in pairs(expired)) {
		sum += v
		printf("%d in level %d\n", v, k)
	}
	printf("late %d\nexpired %d\ninterrupts %d\n", late, sum + late, interrupts)
}
EOS
# newer kernels do not even start a timer of a program that is over by then
if ktap -le 'timer:hrtimer_start_expired' | grep -q hrtimer_start_expired; then
	echo 'trace timer:hrtimer_start_expired /execname == "timers"/ { late += 1 }' >>script.kp
fi
vector=irq_vectors:local_timer_entry
if ktap -l $vector >/dev/null 2>&1; then
	echo "trace $vector { interrupts += 1 }" >>script.kp
else
	vector=
fi
before=$(interrupts)
ktap --stats script.kp >out 2>err &
pid=$!
wait_for err Tracing
first=$(interrupts)
told=$(timers $each)
last=$(interrupts)
kill -INT $pid
wait $pid || complain "ktap ended with status $?"
after=$(interrupts)
cat out err
[ "$told" = $((each * cpus)) ] || complain "the kernel told of $told expirations, not $((each * cpus))"
says out "expired $told"
# real-time kernels leave these timers to a softirq, in a thread
late=$(sed -n 's/^late //p' out)
grep -q PREEMPT_RT /proc/version || says out "$((told - late)) in level 2"
says err " 0  events skipped"
[ -n "$vector" ] || finish
counted=$(sed -n 's/^interrupts //p' out)
echo "timer interrupts: $counted, between $((last - first)) and $((after - before))"
[ "${counted:-0}" -ge $((last - first)) ] || complain "the kernel has counted $((last - first)) of them"
[ "${counted:-0}" -le $((after - before)) ] || complain "the kernel has counted $((after - before)) of them"
finish
