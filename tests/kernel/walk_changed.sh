#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Walks while handlers on all CPUs insert and delete: pairs that are there all the time are
# met exactly once in each walk, by process context and by handlers; a walk that deletes what
# it meets, and tables and functions as keys, take no harm either.
. "$(dirname "$0")/cmd_lib"
calls=$([ -n "$KTAP_SHORT" ] && echo 20000 || echo 50000)

expect 0 ktap -q --stats -e '
	var t = {}
	var small = {}
	for (i = 1, 500)
		t[i] = i
	for (i = 1, 10)
		small["stay" .. i] = 1
	var keys = { {}, {}, function () { return 1 }, "text" }
	var met = {}
	var walks = 0
	var wrong = 0
	var inside = 0
	trace syscalls:sys_enter_getppid {
		var n = nsecs % 1000 + 1000
		t[n] += 1
		t[n - cpu] = nil
		delete t[n + 1]
		small[keys[n % 4 + 1]] += 1
		delete small[keys[(n + 1) % 4 + 1]]
		var stay = 0
		for (k, v in pairs(small)) {
			if (type(k) == "string")
				stay += v
			if (k == "text")
				stay -= v
		}
		if (stay == 10)
			inside += 1
		else
			wrong += 1
	}
	tick-5ms {
		clear(met)
		for (k, v in pairs(t)) {
			met[k] += 1
			if (k > 1000)
				delete t[k]
		}
		for (i = 1, 500)
			if (met[i] != 1)
				wrong += 1
		walks += 1
	}
	trace_end {
		print(walks > 1, inside > 0, wrong)
	}' -- calls $calls
cat err
is out "true	true	0"

# what has no defined result elsewhere, in handlers on all CPUs
expect 0 ktap -q -e '
	var bad = 0
	var min = -0x7fffffffffffffff - 1
	var minus = -1
	trace syscalls:sys_enter_getppid {
		var count = 60 + cpu * 3 + nsecs % 3
		if (min / minus != min || min % minus != 0)
			bad += 1
		if (1 << count != (count > 63 ? 0 : 1 << (count & 63)))
			bad += 1
		if (-1 >> count != -1)
			bad += 1
	}
	trace_end { print(bad) }' -- calls $calls
is out 0

# each of these ends the session with its message, and nothing else
expect 1 ktap -q -e 'function f(n) { return 1 + f(n + 1) } trace syscalls:sys_enter_getppid { f(0) }' -- calls 10
says err "error: stack overflow, please enlarge stack size at"
expect 1 ktap -q -e 'trace syscalls:sys_enter_getppid {
	var s = "0123456789abcdef"
	while (true) s = s .. s
}' -- calls 10
says err "error: too long string concatenation at"
expect 1 ktap -q -e 'var zero = 0 trace_end { } trace syscalls:sys_enter_getppid { print(1 / (zero + cpu * 0)) }' -- calls 10
says err "error: divide 0 arith operation at"
expect 1 ktap -q -e 'trace syscalls:sys_enter_getppid { while (true) { } }' -- calls 10
says err "error: handler executed too many instructions"
finish
