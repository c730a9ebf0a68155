#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Images: --compile, and running what it made.
# shellcheck source=tests/kernel/cmd_lib
. "$(dirname "$0")/cmd_lib"

cat >count.kp <<'END'
var t = {}
trace syscalls:sys_enter_write /args.fd == 1/ { t[execname] += 1 }
trace_end { for (name, n in pairs(t)) print(name, n) }
END
expect 0 ktap --compile -o count.kpc count.kp
silent out
silent err
expect 0 ktap --compile -o again.kpc count.kp
cmp count.kpc again.kpc || complain "the image is another one the second time"
expect 0 ktap -q count.kpc -- sh -c 'echo a; echo b'
is out a b 'sh	2'

expect 0 ktap -b count.kpc
says out BUILTIN
expect 0 ktap --dump=plan count.kpc
says out 'line 2: trace syscalls:sys_enter_write'
expect 0 ktap --dump=ast count.kp

# options and arguments come when it runs
printf 'option n = 3 "times"\noption s = "x"\ntrace_end { print(n, s, arg[0], arg[1], arg[2]) }\n' >args.kp
expect 0 ktap --compile -o args.kpc args.kp
expect 0 ktap args.kpc
is out '3	x	args.kpc	nil	nil'
expect 0 ktap args.kpc --n=9 8 word --s y
is out '9	y	args.kpc	8	word'
expect 2 ktap args.kpc --m 9
is err "ktap: args.kpc: there is no option '--m'" 'hint: `ktap args.kpc -h` lists the options'
expect 0 ktap args.kpc -h
says out '  --n N                   times (3)'
expect 2 ktap --compile -o args.kpc args.kp --n 9
says err "ktap: '--n': options and arguments of a script are given when it runs"
printf '#!%s -q\noption n = 3\nprint(n)\n' "$(command -v ktap)" >self
chmod +x self
expect 0 ./self --n 4
is out 4

# not images
head -c 100 count.kpc >short.kpc
expect 255 ktap short.kpc
says err 'error: cannot read the image: it is truncated'
{
	head -c 4 count.kpc
	printf '\377\377'
	tail -c +7 count.kpc
} >version.kpc
expect 255 ktap version.kpc
says err 'error: cannot read the image: its format is of a version that this ktap cannot read'
{
	head -c 36 count.kpc
	printf '\377\377\377\377'
	tail -c +41 count.kpc
} >sections.kpc
expect 255 ktap sections.kpc
says err 'error: cannot read the image: its section table is malformed'

# a message of an image shows the source it has with it
printf 'var z = 0\ntick-1ms {\n\tprint(1 / z)\n\tz = 0\n}\n' >error.kp
expect 0 ktap --compile -o error.kpc error.kp
rm error.kp
expect 1 ktap -q error.kpc
# a slow machine misses ticks, which is said behind it
head -n 3 err >first
is first 'error: divide 0 arith operation at error.kp:3' '    	print(1 / z)' '    	        ^'

# the library
mkdir -p lib/area
echo 'option n = 1 print("from the library", n, arg[0], arg[1])' >lib/area/hello.kp
expect 0 env KTAP_LIBRARY=$work/lib ktap hello --n 2 x
is out 'from the library	2	hello	x'
expect 255 env KTAP_LIBRARY=$work/lib ktap nosuch
says err 'error: cannot open nosuch: No such file or directory'
finish
