#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# KTAP_LIVE mutated load images, and random ioctls, against the device: the verdict is the
# kernel's log, and that no memory stays behind. An unprivileged process cannot open the device.
. "$(dirname "$0")/cmd_lib"

live 500 7 >warm || complain "live 500: status $?"
nothing_left
before=$(kernel_memory)
live "${KTAP_LIVE:-$([ -n "$KTAP_SHORT" ] && echo 1000 || echo 20000)}" || complain "live: status $?"
nothing_left
after=$(kernel_memory)
echo "kernel memory: $before kB before, $after kB after"
# a leak of 64 bytes for each of 100000 images would be 6250 kB
[ $((after - before)) -lt 3000 ] || complain "it grew by $((after - before)) kB"
finish
