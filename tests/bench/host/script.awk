# SPDX-License-Identifier: GPL-2.0-only
#
# Prints a script of `lines` lines, the same one each time: what scripts consist of, with names of
# its own in every part.
#
#	awk -v lines=1000 -f script.awk

BEGIN {
	print "# counts, sums and prints a bit of everything"
	for (n = 1; made + 25 < lines; n++) {
		part("local calls_@ = {}")
		part("local total_@ = 0")
		part("option limit_@ = 100 \"at most so many rows\"")
		part("")
		part("function scale_@(value, unit) {")
		part("\tif (value < 0 || unit == nil) {")
		part("\t\treturn \"none_@\"")
		part("\t} else if (value >= 1024 * 1024) {")
		part("\t\treturn (value >> 20) .. \" M\" .. unit")
		part("\t}")
		part("\treturn value .. \" \" .. unit")
		part("}")
		part("")
		part("trace syscalls:sys_enter_read /pid > @ && execname != \"none\"/ {")
		part("\tcalls_@[pid, execname] += 1")
		part("\ttotal_@ += args.count & 0xffff")
		part("\tif (total_@ % 1000 == 0) {")
		part("\t\tprintf(\"%s has read %d bytes\\n\", execname, args.count)")
		part("\t}")
		part("}")
		part("")
		part("trace_sum_@ = 3 * 7 + total_@")
		part("for (i_@ = 1, limit_@) {")
		part("\tprint(\"part @\", i_@, scale_@(i_@ << 19, \"bytes\"), trace_sum_@)")
		part("}")
	}
	while (made + 1 < lines)
		part("# the end")
}

function part(line)
{
	if (line ~ /^option/ && n > 20)
		line = "local limit_@ = 100"
	gsub(/@/, n, line)
	print line
	made++
}
