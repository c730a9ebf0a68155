#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Five hundred sessions one after another leave no kernel memory behind.
. "$(dirname "$0")/cmd_lib"
sessions=$([ -n "$KTAP_SHORT" ] && echo 20 || echo 500)
first=$([ -n "$KTAP_SHORT" ] && echo 10 || echo 50)
script='var t = {} trace syscalls:sys_enter_getppid, sched:sched_switch { t[execname] += 1 } tick-1ms { exit() }'
expect 0 ktap --compile -o script.kpc -e "$script"

# run N: so many sessions; every tenth is killed instead of ending by itself
run()
{
	i=0
	while [ $i -lt "$1" ]; do
		if [ $((i % 10)) = 9 ]; then
			ktap -e 'while (true) { }' >out 2>err &
			kill -KILL $!
			wait $!
		else
			ktap -q script.kpc >out 2>err || {
				complain "session $i: status $?"
				cat err
				return
			}
		fi
		i=$((i + 1))
	done
	nothing_left
}

run $first
before=$(kernel_memory)
run $sessions
after=$(kernel_memory)
echo "kernel memory: $before kB before, $after kB after $sessions sessions"
# a leak of one page per session would be 2000 kB
[ $((after - before)) -lt 1500 ] || complain "it grew by $((after - before)) kB"
finish
