#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The event object of the 0.2 release, and its functions that register probes.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

cat >fields.kp <<'END'
trace "syscalls:sys_enter_close; syscalls:sys_exit_close" function (e) {
	print(e.name, e.fieldnum, e.field(1) == e.sc_nr, e.field(2) == e.sc_arg1 || e.field(2) == e.retval, e.field(3))
	exit()
}
END
expect 0 ktap -q fields.kp -- sh -c 'exec 3</dev/null; exec 3<&-'
says out 'sys_enter_close	2	true	true	nil'

expect 0 ktap -q -e 'trace "syscalls:sys_enter_close" function (e) { print(len(e.regstr), e.regstr) exit() }' -- \
	sh -c 'exec 3</dev/null; exec 3<&-'
case $(uname -m) in
x86_64 | i?86)
	says out '{ax: 0x'
	says out ', orig_ax: 0x'
	says out '}'
	;;
*)
	is out '0	'
	;;
esac
# without quotes, and with a filter for all events of the list
expect 0 ktap -q -e 'trace sched:sched_process_exec, sched:sched_process_exit /pid > 0/ function (e) { print(e.name) }' \
	-- /bin/true
says out sched_process_exec
says out sched_process_exit

# as the 0.3 and 0.4 releases call them
expect 0 ktap -q -e 'trace sched:sched_process_exec { print(argname, argname == probename, argevent) exit() }' -- /bin/true
says out 'sched_process_exec	true	sched_process_exec: filename=/bin/true'

# by number, of any event
cat >numbers.kp <<'END'
trace "sched:sched_process_exec" function (e) {
	for (i = 0, e.fieldnum + 1)
		print(i, e.field(i))
	print(e.field(1) == e.filename, e.field(2) == args.pid, e.field(1000))
	exit()
}
END
expect 0 ktap -q numbers.kp -- /bin/true
says out '0	nil'
says out '1	/bin/true'
says out '4	nil'
says out 'true	true	nil'

# a tracepoint has no registers
expect 0 ktap -q -e 'trace sched:sched_switch { print(len(regstr)) exit() }' -- sleep 1
is out 0

cat >calls.kp <<'END'
var n = 0
function count(e) { n += 1 }
kdebug.trace_by_id("syscalls:sys_enter_close", count)
timer.ms(10, function () { if (n > 0) kdebug.traceoff() })
kdebug.trace_end(function () { print(n > 0) })
END
expect 0 ktap -q calls.kp -- sh -c 'exec 3</dev/null; exec 3<&-; sleep 5'
is out true

expect 255 ktap -e 'trace "syscalls:*" function (e) { e.set_retval(0) }'
says err "such functions need the option --unsafe"
finish
