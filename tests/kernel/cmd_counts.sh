#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A command's system calls are counted as strace counts them, its children's included.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"
command -v strace >/dev/null || {
	echo "strace is not in this guest"
	exit 77
}

# compare COMMAND...: names and counts. strace cannot see the end of calls that do not
# return, and its names are the programs' ones.
compare()
{
	ktap -q -o counts -e 'var s = {} trace syscalls:sys_enter_* { s[probename] += 1 }
		trace_end { for (name, n in pairs(s)) printf("%s %d\n", name, n) }' -- \
		"$@" >out 2>err || complain "ktap ended with status $?"
	silent err
	strace -c -f -o strace.out "$@" >strace.text 2>&1
	sed 's/^sys_enter_//; s/^new\(l\?f\?stat\|uname\) /\1 /; s/^sendfile64 /sendfile /; s/^umount /umount2 /' \
		counts | grep -v '^exit' | sort >got
	awk '/^------/ { inside = !inside; next } inside { print $NF, $4 }' strace.out |
		grep -v '^exit' | sort >wanted
	echo "$*: $(wc -l <got) calls, $(awk '{ n += $2 } END { print n }' got) in all"
	cmp -s wanted got && return
	complain "counts differ from strace's for $*:"
	diff wanted got
}

compare ls /
# no pipe and no wait: how often one is read or woken depends on who is faster
compare sh -c 'for i in 1 2 3; do ls /; done; (echo a; (echo b; ls -la /)); exec cat /proc/version'
compare sh -c 'sh -c "echo a"; sh -c "echo b; exit 3"; exec true'
finish
