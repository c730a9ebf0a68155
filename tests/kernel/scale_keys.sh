#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A hundred thousand string keys that handlers insert in bursts on all CPUs: all are there, counted
# once, and none is refused; they are walked in order. When they come all at once, faster than an
# emulated machine lets the session's work item run, or memory is too little, then what is not there
# was refused, and counted.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"
each=$((100000 / $(nproc)))
total=$((each * $(nproc)))

cat >keys.kp <<'END'
var n, t = {}, {}
trace syscalls:sys_enter_getppid /execname == "calls"/ {
	n[cpu] += 1
	t["a key as long as names of files are " .. cpu .. "." .. n[cpu]] += 1
}
END
cp keys.kp sorted.kp
cat >>sorted.kp <<'END'
trace_end {
	var sum, wrong, last = 0, 0, 100
	for (k, v in sort_pairs(t)) {
		if (v > last) wrong++
		last = v
		sum += v
	}
	printf("%d %d %d\n", sum, len(t), wrong)
}
END
cat >>keys.kp <<'END'
trace_end {
	var sum = 0
	for (k, v in pairs(t)) {
		sum += v
	}
	printf("%d %d\n", sum, len(t))
}
END
cat >bursts.sh <<'END'
i=0
while [ $i -lt $1 ]; do
	calls $2
	i=$((i + 1))
done
END

expect 0 ktap -q sorted.kp -- sh bursts.sh $((each / 250)) 250
is out "$total $total 0"
silent err

# at_once MEMORY: leaves in refused how many keys were not stored
at_once()
{
	expect 0 ktap -q --stats --memory "$1" keys.kp -- calls "$each"
	read -r sum keys <out
	refused=$(sed -n 's/^ *\([0-9]*\)  new table keys refused.*/\1/p' err)
	echo "$1: $sum counted, $refused refused"
	[ "$sum" = "$keys" ] || complain "$keys keys, but $sum were counted"
	[ $((sum + refused)) = "$total" ] || complain "of $total keys $sum were counted and $refused refused"
}

at_once 64M
[ "$refused" -lt $((total / 2)) ] || complain "most keys were refused"
at_once 4M
[ "$refused" -gt 0 ] || complain "4 MiB were enough"
finish
