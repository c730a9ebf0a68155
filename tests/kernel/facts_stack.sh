#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Kernel stacks: they begin at the traced place in every context, and equal ones are one key.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

# first_frame NAME: the first frame printed in the file out is in a function of this name.
first_frame()
{
	sed -n '/<stack trace>/{n;p;q;}' out >first
	grep -qE "^ => ($1)\+0x[0-9a-f]+/0x[0-9a-f]+$" first && return
	complain "the stack does not begin in $1:"
	head -n 12 out
}

# nothing of the way from the event to the script is shown
own_frames()
{
	grep -nE '\[ktapvm\]| perf_|__traceiter| (__)?hrtimer_(run_queues|interrupt)| kp_' out || return
	complain "frames of the tracer are shown"
}

expect 0 ktap -q -e 'trace syscalls:sys_enter_getppid { print(kstack()) exit() }' -- calls 1 1
first_frame 'syscall_trace_enter.*|trace_syscall_enter.*|do_syscall_64|syscall_enter_from_user_mode.*'
grep -qE '^ => (entry_(SYSCALL_64|SYSENTER_32|INT80_32)|el0t_64_sync|ret_fast_syscall|__sys_trace|system_call)' out ||
	complain "the stack does not end where calls come in: $(cat out)"
own_frames

expect 0 ktap -q -e 'trace syscalls:sys_exit_getppid { print(kstack()) exit() }' -- calls 1 1
first_frame 'syscall_.*exit.*|do_syscall_64|trace_syscall_exit.*'
own_frames

# the same where the record of the kernel is used, as its text shows more than the numbers
expect 0 ktap -q -e 'trace syscalls:sys_enter_openat { print(argstr) print(kstack()) exit() }' -- cat /proc/version
first_frame 'syscall_trace_enter.*|trace_syscall_enter.*|do_syscall_64|syscall_enter_from_user_mode.*'
own_frames

expect 0 ktap -q -e 'trace sched:sched_switch { print(kstack()) exit() }' -- sleep 0.1
first_frame '__schedule'
own_frames
head -n 4 out

# counted from the traced place: without it the next frame is the first
expect 0 ktap -q -e 'trace sched:sched_switch { print(stack(1)) print(stack(2, 1)) print(backtrace(1, 2) == stack(2, 1)) exit() }' -- sleep 0.1
first_frame '__schedule'
sed '1,/<stack trace>/d' out >rest
[ "$(grep -c '^ => ' rest)" = 2 ] || complain "frames: $(cat out)"
grep -q '^true$' out || complain "backtrace(1, 2) is not stack(2, 1)"

# softirq context, and what a timer interrupts
expect 0 ktap -q -e 'trace irq:softirq_entry { if (in_interrupt == 1) { print(kstack()) exit() } }' -- \
	packets 10 1
first_frame '__do_softirq|handle_softirqs.*'
own_frames
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
# a slow machine may miss some of the timer's
grep -v 'timer events missed' err >others
silent others

# a stack in a variable lives on
expect 0 ktap -q -e 'trace syscalls:sys_enter_getppid { last = stack(3) n += 1 } trace_end { print(n, last) }' \
	-- calls 5 1
says out '5	<stack trace>'
first_frame 'syscall_trace_enter.*|trace_syscall_enter.*|do_syscall_64|syscall_enter_from_user_mode.*'
silent err

# what it costs is charged: walking the stack again and again ends the handler
expect 1 ktap -q -e 'trace syscalls:sys_enter_getppid { for (i = 0; i < 1000; i += 1) { s = kstack() } }' -- calls 1 1
says err 'handler executed too many instructions'
finish
