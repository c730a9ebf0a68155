#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Texts of events as values and keys: the table has records, the chart has texts.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# on all processors, by several threads: the same text, so one row
expect 0 ktap -q -e 'trace syscalls:sys_enter_getppid { s[argstr] += 1 u[execname, argstr] += 1 a[argstr] <<< 5 }
	trace_end { print_hist(s) print_hist(u) print_hist(a) }' -- calls 100
all=$((100 * $(nproc)))
cat >wanted <<EOF
                         value ------------- Distribution ------------- count
                  sys_getppid() |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@$all    
                         value ------------- Distribution ------------- count
           calls, sys_getppid() |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@$all    
                         value ------------- Distribution ------------- count
                  sys_getppid() |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@$all    
EOF
cmp -s wanted out || complain "charts: $(diff wanted out)"

# stored, passed on and shown later, also as what stringof and tostring give
expect 0 ktap -q -e 'trace "syscalls:sys_enter_getppid" function (e) { last = e.tostring() t[1] = stringof(argstr) n += 1 }
	trace_end { print(n, last) printf("[%s] %s\n", t[1], type(last)) }' -- calls 3 1
is out '3	sys_getppid()' '[sys_getppid()] event'
silent err
finish
