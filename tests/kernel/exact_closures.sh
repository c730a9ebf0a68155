#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Closures called from handlers on all CPUs: the variables they share count exactly, nothing
# that handlers move from table to table is reclaimed, and what needs memory is refused.
. "$(dirname "$0")/cmd_lib"
calls=$([ -n "$KTAP_SHORT" ] && echo 25000 || echo 100000)
cpus=$(nproc)

expect 0 ktap -q --stats -e '
	function counter(name) {
		var n = 0
		var seen = {}
		return {
			hit = function () { n += 1; seen[cpu] += 1 },
			show = function () {
				var all = 0
				for (k, v in pairs(seen)) all += v
				print(name, n, all)
			}
		}
	}
	var one = counter("one")
	hit = one.hit
	var table = {}
	table["two"] = counter("two")
	var turns = {}
	trace syscalls:sys_enter_getppid {
		hit()
		table.two.hit()
		turns[cpu] = table.two.hit
		turns[cpu]()
	}
	tick-10ms {
		# garbage, and what is no garbage any more
		for (i = 1, 300) {
			var c = counter(i)
			table["last"] = c.hit
			table.last()
		}
	}
	trace_end {
		one.show()
		table.two.show()
	}' -- calls $calls
cat err
is out "one	$((cpus * calls))	$((cpus * calls))" "two	$((2 * cpus * calls))	$((2 * cpus * calls))"
says err " 0  events skipped"

expect 1 ktap -q -e '
	function make(n) { return function () { return n } }
	trace syscalls:sys_enter_getppid { make(1) }' -- calls 1
says err "error: kp_obj_new only can be called in mainthread at"
finish
