#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A script that stores a fresh string for each event, in a variable and in a table, ends with
# the memory that it had after the first thousand events.
. "$(dirname "$0")/cmd_lib"
calls=$([ -n "$KTAP_SHORT" ] && echo 50000 || echo 2500000)
script='var last = "" var t = {}
	trace syscalls:sys_enter_getppid {
		n += 1
		last = execname .. " call " .. gettimeofday_ns()
		t["last"] = last .. " on CPU " .. cpu
	}
	trace_end { print(n, len(last) > 20, len(t)) }'

# memory N: bytes in use after N calls on each CPU
memory()
{
	ktap -q --stats -e "$script" -- calls "$1" >out 2>err || complain "ktap ended with status $?"
	is out "$(printf '%s\ttrue\t1' $(($1 * $(nproc))))"
	sed -n 's/^ *\([0-9]*\)  bytes of session memory in use$/\1/p' err
}

few=$(memory 250)
many=$(memory "$calls")
echo "memory after $((250 * $(nproc))) events: $few bytes, after $((calls * $(nproc))): $many bytes"
[ "$few" -gt 0 ] && [ "$few" = "$many" ] || complain "memory grew"
finish
