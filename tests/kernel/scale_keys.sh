#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A hundred thousand string keys that handlers insert, in bursts: all are there, counted once,
# or were refused and are reported. Then they are walked in order.
. "$(dirname "$0")/cmd_lib"
cpus=$(nproc)
bursts=$((100000 / 250 / cpus))

cat >keys.kp <<'END'
var n, t = {}, {}
trace syscalls:sys_enter_getppid /execname == "calls"/ {
	n[cpu] += 1
	t["a key as long as names of files are " .. cpu .. "." .. n[cpu]] += 1
}
trace_end {
	var sum, wrong, last = 0, 0, 100
	for (k, v in sort_pairs(t)) {
		if (v > last) wrong++
		last = v
		sum += v
	}
	print(sum, len(t), wrong)
}
END
cat >bursts.sh <<'END'
i=0
while [ $i -lt $1 ]; do
	calls 250
	i=$((i + 1))
done
END
# each CPU has its part of the table, which is merged and copied
expect 0 ktap -q --stats --memory 256M keys.kp -- sh bursts.sh $bursts
cat out err
read -r sum keys wrong_order <out
total=$((bursts * 250 * cpus))
refused=$(awk '/new table keys refused/ { print $1 }' err)
# how many find room in time is for the scheduler to say
[ "$sum" -ge $((total / 2)) ] || complain "of $total keys only $sum were counted"
[ "$sum" = "$keys" ] || complain "$keys keys, but $sum were counted"
[ $((sum + refused)) = $total ] || complain "$sum keys and $refused refused are not $total"
[ "$wrong_order" = 0 ] || complain "$wrong_order pairs are out of order"
finish
