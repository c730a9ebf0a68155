#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Scripts of the grammar of tests/fuzz print here what they print on the host VM, in whose
# scripts a loop does what the kernel does for handlers (tests/fuzz/run-scripts).
here=$(cd "$(dirname "$0")" && pwd)
"$here/../run" --tool ktap "$here/../scripts" >/tmp/scripts.tap
status=$?
grep -v '^ok' /tmp/scripts.tap
exit $status
