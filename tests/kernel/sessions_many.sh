#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Twenty sessions at once, each of which counts all calls exactly; and the module cannot
# be removed while they are there.
. "$(dirname "$0")/cmd_lib"
calls=5000
sessions=20
cpus=$(nproc)

i=0
pids=
while [ $i -lt $sessions ]; do
	ktap -e 'var n = 0 var t = {}
		trace syscalls:sys_enter_getppid { n += 1 t[execname] += 1 }
		trace sched:sched_switch { t[args.next_comm] += 1 }
		tick-10ms { t["tick"] += 1 }
		trace_end { printf("%d %d\n", n, t["calls"]) }' >"out.$i" 2>"err.$i" &
	pids="$pids $!"
	i=$((i + 1))
done
i=0
while [ $i -lt $sessions ]; do
	wait_for "err.$i" Tracing
	i=$((i + 1))
done
rmmod ktapvm 2>rmmod.err && complain "the module was removed while in use"
cat rmmod.err
calls $calls
for pid in $pids; do
	kill -INT "$pid"
done
for pid in $pids; do
	wait "$pid" || complain "a session ended with status $?"
done
i=0
while [ $i -lt $sessions ]; do
	read -r n named <"out.$i" || complain "session $i printed nothing"
	# the second number also has the switches to the threads of calls
	if [ "$n" != $((cpus * calls)) ] || [ "$named" -lt "$n" ]; then
		complain "session $i counted $n calls, $named by name"
		cat "err.$i"
	fi
	i=$((i + 1))
done
nothing_left
rmmod ktapvm || complain "rmmod: status $?"
modprobe ktapvm || complain "modprobe: status $?"
finish
