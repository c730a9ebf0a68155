#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What process context reads, walks, sorts, clears and merges while handlers on all CPUs write to the
# same tables; and every kind of key and of error there, in handlers.
. "$(dirname "$0")/cmd_lib"
calls=$([ -n "$KTAP_SHORT" ] && echo 15000 || echo 30000)
cpus=$(nproc)
total=$((cpus * calls))

# a table that handlers only add to has a part per CPU: reading one key, or all, while they add loses nothing,
# counts nothing twice, and never sees less than before
expect 0 ktap -q --stats -e '
	var n, agg, backwards, reads, last = {}, {}, 0, 0, 0
	trace syscalls:sys_enter_getppid {
		n["all"] += 1
		n[cpu] += 1
		agg[cpu % 2] <<< 2
	}
	tick-1ms {
		var now = n["all"]
		if (now == nil)
			return
		if (now < last)
			backwards += 1
		last = now
		for (k, v in pairs(n))
			if (k == "all" && v < now)
				backwards += 1
		var samples = agg[0]
		if (count(samples) * 2 != sum(samples))
			backwards += 1
		reads += 1
	}
	trace_end {
		var sum, samples = 0, 0
		for (k, v in pairs(n))
			sum += v
		for (k, v in pairs(agg))
			samples += count(v)
		print(n["all"], sum, samples, backwards, reads > 0)
	}' -- calls $calls
is out "$total	$((2 * total))	$total	0	true"
says err " 0  events skipped"

# pairs that stay, among others that come and go: walks in walks and sorted walks find them as they are
expect 0 ktap -q -e '
	var t, wrong, walks = {}, 0, 0
	for (i = 1, 20)
		t["stay" .. i] = i
	trace syscalls:sys_enter_getppid {
		var k = nsecs % 100
		t[k] = 1000 + k
		delete t[(k * 7 + cpu) % 100]
	}
	tick-1ms {
		var met, last, sorted = 0, 1 << 62, 0
		for (k, v in pairs(t))
			if (type(k) == "string")
				for (l, w in pairs(t))
					if (type(l) == "string")
						met += v * w
		for (k, v in sort_pairs(t)) {
			if (v > last)
				wrong += 1
			last = v
			if (type(k) == "string")
				sorted += v
		}
		for (k, v in sort_pairs(t, function (a, b) { return a < b }))
			if (type(k) == "string")
				sorted += v
		if (met != 210 * 210 || sorted != 420)
			wrong += 1
		walks += 1
	}
	trace_end { print(wrong, walks > 0) }' -- calls $calls
is out '0	true'

# a table that is cleared while others walk it and add to it: every walk ends, and what it says of its size is true
expect 0 ktap -q -e '
	var t, inside, n, wrong = {}, {}, 0, 0
	trace syscalls:sys_enter_getppid {
		n += 1
		var m = n
		t[m % 64] = m
		inside[m % 8] = m
		if (m % 50 == 0)
			clear(t)
		for (k, v in pairs(inside))
			if (k != v % 8)
				wrong += 1
		if (m % 100 == 0)
			clear(inside)
	}
	tick-1ms {
		for (k, v in pairs(t)) {
			if (k != v % 64)
				wrong += 1
			clear(t)
		}
	}
	trace_end {
		var met = 0
		for (k, v in pairs(t))
			met += 1
		print(wrong, met == len(t), len(t) <= 64)
	}' -- calls $calls
is out '0	true	true'

# every kind of key, from all CPUs at once: none is lost, none is there twice
expect 0 ktap -q --stats -e '
	function plain() { }
	function make(n) { return function () { n += 1 return n } }
	var closures, tables = { make(0), make(0) }, { {}, {} }
	var by_closure, by_function, by_table, by_tuple, by_stack, by_bool, by_sym = {}, {}, {}, {}, {}, {}, {}
	trace syscalls:sys_enter_getppid {
		by_closure[closures[cpu % 2 + 1]] += 1
		by_function[plain] += 1
		by_table[tables[cpu % 2 + 1]] += 1
		by_tuple[cpu % 2, execname, cpu == 0] += 1
		by_stack[kstack(4)] += 1
		by_bool[cpu % 2 == 0] += 1
		by_sym[sym(4096)] += 1
	}
	function sum(t) {
		var s = 0
		for (k, v in pairs(t)) s += v
		return s
	}
	trace_end {
		print(sum(by_closure), len(by_closure), sum(by_function), len(by_function))
		print(sum(by_table), len(by_table), sum(by_tuple), len(by_tuple))
		print(sum(by_stack), len(by_stack) > 0, sum(by_bool), len(by_bool), sum(by_sym), len(by_sym))
		print(by_function[plain], by_table[tables[1]] + by_table[tables[2]], by_closure[make(0)])
	}' -- calls $calls
two=$((cpus > 1 ? 2 : 1))
cat out
says out "$total	$two	$total	1"
[ "$(sed -n 3p out)" = "$total	true	$total	$two	$total	1" ] || complain "stacks, booleans, symbols: $(sed -n 3p out)"
[ "$cpus" = 1 ] || says out "$total	$total	nil"
says err " 0  new table keys refused"

# a full table, from all CPUs at once: what is not refused is there, and what is there goes on
memory=$((2 + (cpus + 1) / 2))M
expect 0 ktap -q --stats --memory $memory -e '
	var t, known = {}, {}
	known["known"] = 0
	trace syscalls:sys_enter_getppid {
		var s = cpu .. " of " .. nsecs
		t[s .. s .. s .. s] = 1
		known["known"] += 1
	}
	trace_end {
		var met = 0
		for (k, v in pairs(t)) met += 1
		print(known["known"])
		print(met == len(t))
	}' -- calls $calls
refused=$(awk '/new table keys refused/ { print $1 }' err)
[ "${refused:-0}" -gt 0 ] || complain "nothing was refused: the test is none"
is out "$total" true

# tail calls need no room, however many a handler may make
expect 0 ktap -q -e 'var n = 0
	function down(k) { if (k == 0) return 1 return down(k - 1) }
	trace syscalls:sys_enter_getppid { n += down(1000) }
	trace_end { print(n) }' -- calls 100
is out $((100 * cpus))

# each of these ends the session with its message, whichever CPU is the first, and nothing else comes
while IFS='|' read -r statement message; do
	expect 1 ktap -q -e "var nothing, word, t, fn, zero, big = nil, \"word\", {}, function () { }, 0, \"0123456789abcdef\"
		function forever(n) { return 1 + forever(n + 1) }
		trace syscalls:sys_enter_getppid { $statement }
		trace_end { print(\"not reached\") }" -- calls 1000
	says err "error: $message at"
	[ ! -s out ] || complain "$statement: there is output: $(head -n 3 out)"
done <<'EOS'
var x = word + 1|cannot make arith operation on a string value
var x = t * 2|cannot make arith operation on a table value
var x = 1 << fn|cannot make arith operation on a function value
var x = ~word|cannot make arith operation on a string value
var x = -word|use '-' operator on non-number
var x = (cpu == 0) % 2|cannot make arith operation on a boolean value
var x = 1 / zero|divide 0 arith operation
var x = 1 % zero|mod 0 arith operation
var x = word < 1|compare with non-number
var x = t >= t|compare with non-number
var x = word .. t|cannot concat non-string
word += 1|use '+=' operator on non-number value
t["k"] = "v" t["k"] += 1|use '+=' operator on non-number value
t["k"] <<< word|add non number value to aggregation table
var x = nothing[1]|get key from non-table
var x = word["len"]|get key from non-table
word[1] = 1|set key to non-table
t[nothing] = 1|table nil index
nothing(1)|attempt to call nil function
word(1)|attempt to call a string value
for (i = 1, word) { }|'for' init/limit/step value must be a number
for (k in pairs(nothing)) { }|table is nil in pairs
for (k in pairs(word)) { }|wrong argument for pairs
var x = len(cpu)|cannot get length of a number value
var x = upper(t)|wrong type of argument 1
var x = count(word)|wrong type of argument 1
var x = mem.u8(word)|wrong type of argument 1
var x = ustack(1, word)|wrong type of argument 2
var x = user_string(word)|wrong type of argument 1
var x = sym(t)|wrong type of argument 1
var x = net.format_ip_addr(word)|wrong type of argument 1
ansi.set_color(word)|wrong type of argument 1
var x = strftime(cpu, 1)|wrong type of argument 1
var x = find(word, cpu)|wrong type of argument 2
clear(word)|wrong type of argument 1
printf(cpu)|wrong type of argument 1
var x = 1 in word|get key from non-table
delete word[1]|set key to non-table
t[cpu, t] = 1|a table value cannot be a table key
t[cpu, fn] = 1|a function value cannot be a table key
var x = tonumber("1", 99)|argument 2 is out of range
var x = forever(0)|stack overflow, please enlarge stack size
var s = big while (true) s = s .. s|too long string concatenation
var x = rep(big, 1 << 40)|string too long for this context
while (true) { }|handler executed too many instructions (--max-exec raises the limit)
EOS
finish
