#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# An event that counts in units of something else (sched_stat_runtime: nanoseconds) is one
# event: never more of them than the kernel's own trace file shows meanwhile.
set -eu
instance=/sys/kernel/tracing/instances/weight
mkdir $instance
trap 'echo 0 >$instance/events/enable; rmdir $instance' EXIT
echo 20000 >$instance/buffer_size_kb
echo 1 >$instance/events/sched/sched_stat_runtime/enable
n=$(ktap -q -e 'trace sched:sched_stat_runtime { n += 1 } trace_end { print(n) }' -- \
	sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done' | tail -n 1)
lines=$(grep -c 'sched_stat_runtime:' $instance/trace)
echo "ktap saw $n, the trace file $lines"
[ "$n" -gt 0 ] && [ "$n" -le "$lines" ]
