#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Kernel stacks: they begin at the traced place in every context, and equal ones are one key.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# first_frame LABEL NAME: the first frame of the first stack that the file out has after the label
# is in a function of this name.
first_frame()
{
	sed -n "/^$1	<stack trace>/{n;p;q;}" out >first
	grep -qE "^ => ($2)\+0x[0-9a-f]+/0x[0-9a-f]+$" first && return
	complain "the stack of '$1' does not begin in $2:"
	grep -A 12 "^$1" out | head -n 12
}

# nothing of the way from the event to the script is shown; what is interrupted further down may be a handler
own_frames()
{
	awk '/<stack trace>/ { left = 3; next } left-- > 0' out |
		grep -E '\[ktapvm\]| perf_|__traceiter| (__)?hrtimer_(run_queues|interrupt)| kp_' || return
	complain "frames of the tracer are shown"
}

enter='(do_)?syscall_trace_enter.*|trace_syscall_enter.*|do_syscall_64|syscall_enter_from_user_mode.*'

# where programs enter the kernel: amd64, i386, arm64, armhf, ppc64el, s390x
entries='entry_SYSCALL_64|entry_(INT80|SYSENTER)_32|el0t_64_sync|ret_fast_syscall|system_call'

# where the record of the kernel is used, as its text shows more than the numbers, the stack is the
# same; frames are counted from the traced place: without it the next one is the first
expect 0 ktap -q -e '
	var switched = false
	var interrupted = false
	trace syscalls:sys_enter_getppid { print("enter", kstack()) }
	trace syscalls:sys_exit_getppid { print("exit", kstack()) }
	trace syscalls:sys_enter_openat { print(argstr) print("record", kstack()) }
	trace sched:sched_switch {
		if (!switched) {
			switched = true
			print("switch", kstack())
			print("one", stack(1))
			print("two", stack(2, 1))
			print("same", backtrace(1, 2) == stack(2, 1))
		}
	}
	trace irq:softirq_entry {
		if (in_interrupt == 1 && !interrupted) {
			interrupted = true
			print("softirq", kstack())
		}
	}' -- sh -c 'calls 1 1; cat /proc/version; packets 10 1; sleep 0.1'
first_frame enter "$enter"
grep -qE "^ => ($entries)" out || complain "the stack of 'enter' does not end where the kernel is entered"
first_frame exit '(do_)?syscall_(.*exit|trace_leave).*|do_syscall_64|trace_syscall_exit.*'
first_frame record "$enter"
first_frame switch __schedule
first_frame one __schedule
[ "$(sed '1,/^two/d; /^same/,$d' out | grep -c '^ => ')" = 2 ] || complain "two frames: $(grep -A 4 '^two' out)"
says out 'same	true'
first_frame softirq '__do_softirq|handle_softirqs.*'
own_frames
grep -A 4 '^switch' out | head -n 4

# what a timer interrupts
expect 0 ktap -q -e 'profile-1ms { print(in_interrupt, kstack()) n += 1 if (n >= 200) { exit() } }' -- \
	sh -c 'while :; do cat /proc/self/maps; done >/dev/null'
grep -q '^ => ' out || complain "no sample was in the kernel"
# further down there may be anything that was interrupted, our own tracepoints included
grep -A1 '<stack trace>' out | grep -E ' => (expired|kp_|__hrtimer_run_queues|hrtimer_interrupt)' &&
	complain "the timer is shown"
head -n 6 out

# equal stacks are one key, on all processors
expect 0 ktap -q -e 'trace syscalls:sys_enter_getppid { s[stack(1)] += 1 t[stack(1), cpu] += 1 }
	trace_end { print(len(s), len(t)) for (k, n in pairs(s)) { print(type(k), n, s[k] == n) } print_hist(s) }' \
	-- calls 1000
is_first=$(head -n 2 out)
[ "$is_first" = "1	$(nproc)
stack	$((1000 * $(nproc)))	true" ] || complain "keys: $is_first"
says out ' => '
says out '|@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@'
silent err

# what is stored first is not refused
expect 0 ktap -q -e 'profile-2ms { s[kstack(), cpu] += 1 n += 1 if (n >= 100) { exit() } }
	trace_end { for (k, v in pairs(s)) { n = n - v } print(len(s) > 1, n) }' -- \
	sh -c 'while :; do cat /proc/self/maps; done >/dev/null'
[ "$(cat out)" = 'true	0' ] || complain "$(cat out)"
silent err

# a stack in a variable lives on
expect 0 ktap -q -e 'trace syscalls:sys_enter_getppid { last = stack(3) n += 1 } trace_end { print(n, last) }' \
	-- calls 5 1
says out '5	<stack trace>'
first_frame 5 "$enter"
silent err

# what it costs is charged: walking the stack again and again ends the handler
expect 1 ktap -q -e 'trace syscalls:sys_enter_getppid { for (i = 0; i < 1000; i += 1) { s = kstack() } }' -- calls 1 1
says err 'handler executed too many instructions'
finish
