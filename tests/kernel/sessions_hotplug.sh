#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# CPUs go away and come back while they are traced; what happens on them after that is
# counted exactly again, by every provider.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"
calls=2000
cpus=$(nproc)
last=$((cpus - 1))
online=/sys/devices/system/cpu/cpu$last/online
[ -w "$online" ] || {
	echo "CPU $last cannot be unplugged"
	exit 77
}
nr=$(ktap -q -e 'trace syscalls:sys_enter_getppid { print(arg0) exit() }' -- calls 1 1)

cat >script.kp <<'EOS'
var calls = {}
var enters = {}
var profile = {}
trace syscalls:sys_enter_getppid /execname == "calls"/ { calls[cpu] += 1 }
trace raw_syscalls:sys_enter /args.id == NR && execname == "calls"/ { enters[cpu] += 1 }
trace sched:* { n += 1 }
profile-5ms {
	profile[cpu] += 1
	if (cpu == LAST && startswith(execname, "beacon.")) print(execname)
}
tick-20ms { t += 1 }
trace_end {
	for (k, v in pairs(calls))
		if (profile[k] > 0)
			printf("cpu %d calls %d %d\n", k, v, enters[k])
}
EOS
sed -i "s/NR/$nr/; s/LAST/$last/" script.kp

shown()
{
	./beacon.$1 1000 "$cpus"
	grep -qx "beacon.$1" out
}

# armed ROUND: what a CPU that has come back needs is armed by a work item, the timer last. Waits
# until it finds a program there that nobody has started before.
armed()
{
	cp "$(command -v calls)" "beacon.$1"
	wait_until shown "$1"
}

# session ROUNDS: traces while the last CPU goes and comes, and counts calls after that
session()
{
	begin ktap --stats script.kp
	wait_for err Tracing
	i=0
	while [ $i -lt "$1" ]; do
		echo 0 >$online || complain "CPU $last stays"
		calls $calls $last
		echo 1 >$online || complain "CPU $last does not come back"
		armed $i
		i=$((i + 1))
	done
	calls $calls "$cpus"
	kill -INT $pid
	wait $pid || complain "ktap ended with status $?"
	cat out err
	cpu=0
	while [ $cpu -lt $last ]; do
		says out "cpu $cpu calls $((calls * ($1 + 1))) $((calls * ($1 + 1)))"
		cpu=$((cpu + 1))
	done
	says out "cpu $last calls $calls $calls"
	says err " 0  CPUs that came online without being traced"
}

session 3

# a CPU that is away when tracing begins
echo 0 >$online
begin ktap --stats script.kp
wait_for err Tracing
echo 1 >$online
armed late
calls $calls "$cpus"
# its ring was not there in the beginning
kill -INT $pid
wait $pid || complain "ktap ended with status $?"
cat out err
says out "cpu $last calls $calls $calls"

# faster than counters can be armed, and ended meanwhile
begin ktap script.kp
wait_for err Tracing
for i in 1 2 3 4; do
	echo 0 >$online
	echo 1 >$online
done
kill -INT $pid
wait $pid || complain "ktap ended with status $?: $(cat err)"

# begun while the CPU comes and goes, which for a while it does neither here nor there
come_and_go()
{
	while [ ! -e enough ]; do
		echo 0 >$online
		echo 1 >$online
	done
}
come_and_go &
for _ in $(seq "$([ -n "$KTAP_SHORT" ] && echo 30 || echo 100)"); do
	expect 0 ktap -q -e 'trace sched:*, irq:*, timer:* { n += 1 }
		profile-5ms { n += 1 }
		tick-1ms { exit() }'
	grep 'without being traced' err && complain "a CPU was not traced"
done
touch enough
wait
nothing_left
finish
