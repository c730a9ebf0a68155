# SPDX-License-Identifier: GPL-2.0-only
#
# Reads the lines of guest and run (see there), prints the table and whether the goals are met,
# and writes all of it as JSON to the file that the variable `json` names.

function quoted(text)
{
	gsub(/[\\"]/, "\\\\&", text)
	gsub(/[^ -~]/, "?", text)
	return "\"" text "\""
}

# the words of the line from the n-th on
function rest(n,   i, text)
{
	for (i = n; i <= NF; i++)
		text = text (i > n ? " " : "") $i
	return text
}

# name=number words of the line from the n-th on as the members of a JSON object
function members(n,   i, part, text)
{
	for (i = n; i <= NF; i++) {
		split($i, part, "=")
		text = text (i > n ? ", " : "") quoted(part[1]) ": " part[2]
		field[part[1]] = part[2]
	}
	return text
}

function bare(row)
{
	return value["bare", row == "switch" ? "switch" : "empty"]
}

# instructions that the tool adds to one event of that row, "-" if unknown
function cost(tool, row)
{
	if (!((tool, row) in value))
		return "-"
	return sprintf("%.0f", (value[tool, row] - bare(row)) / 1000)
}

function line(label, kind,   i, text)
{
	text = sprintf("%-38s", label)
	for (i = 1; i <= tools; i++)
		text = text sprintf("%12s", cell(tool[i], kind))
	print text
}

function cell(t, kind)
{
	if (kind == "start")
		return (t in start) ? sprintf("%.1f", start[t] / 1000000) : "-"
	if (kind == "size")
		return (t in size) ? sprintf("%.1f", size[t] / 1024) : "-"
	return cost(t, kind)
}

# a goal: the figure, and the limit that it must not exceed
function goal(text, figure, limit,   verdict)
{
	if (figure == "-" || limit == "-")
		verdict = "not measured"
	else
		verdict = figure + 0 <= limit + 0 ? "met" : "missed"
	printf "  %-12s  %s (%s, limit %s)\n", verdict, text, figure, limit
	goals = goals (goals ? "," : "") "\n    {\"goal\": " quoted(text) ", \"figure\": " quoted(figure) \
		", \"limit\": " quoted(limit) ", \"verdict\": " quoted(verdict) "}"
}

function share(number, factor)
{
	return number == "-" ? "-" : sprintf("%.4g", number * factor)
}

$1 == "version" {
	version[$2] = rest(3)
	versions = versions (versions ? "," : "") "\n    " quoted($2) ": " quoted(version[$2])
	if ($2 != "kernel" && $2 != "lua")
		tool[++tools] = $2
}

$1 == "raw" {
	text = members(4)
	raw = raw (raw ? "," : "") "\n    {\"tool\": " quoted($2) ", \"row\": " quoted($3) ", " text "}"
	# the bare system call is measured again at the end, for the record
	if (!(($2, $3) in value))
		value[$2, $3] = field["low"]
	begun = field["begin"] - field["started"]
	if (!($2 in start) || begun < start[$2])
		start[$2] = begun
}

$1 == "failed" {
	failures = failures "  " $2 ", " $3 ": " rest(4) "\n"
	failed = failed (failed ? "," : "") "\n    {\"tool\": " quoted($2) ", \"row\": " quoted($3) \
		", \"text\": " quoted(rest(4)) "}"
}

$1 == "size" {
	size[$2] = $3
	sizes = sizes (sizes ? "," : "") "\n    " quoted($2) ": " $3
}

$1 == "host" {
	text = members(3)
	host = host (host ? "," : "") "\n    {\"program\": " quoted($2) ", " text "}"
	program[++programs] = $2
	host_ktap[$2] = field["ktap"]
	host_lua[$2] = field["lua"]
}

$1 == "compile" {
	compiled_lines = $2
	compiled = $3
}

# the VM on the host beside Lua
function host_report(   i, name)
{
	printf "Instructions of programs on the host, millions, beside %s\n\n", version["lua"]
	printf "%-38s%12s%12s%12s\n", "", "ktap", "Lua", "ratio"
	for (i = 1; i <= programs; i++) {
		name = program[i]
		printf "%-38s%12.2f%12.2f%12.2f\n", name, host_ktap[name] / 1e6, host_lua[name] / 1e6,
			host_ktap[name] / host_lua[name]
	}
	printf "%-38s%12.2f\n", "compiling " compiled_lines " lines", compiled / 1e6
	print "\nGoals:"
	for (i = 1; i <= programs; i++)
		goal(program[i] ": not above Lua's", host_ktap[program[i]], host_lua[program[i]])
	goal("compiling " compiled_lines " lines", compiled, 20000000)
}

# the tracers in the guest
function guest_report(   text, rows, count, i)
{
	printf "Instructions per event above the bare one, kernel %s, one processor\n", version["kernel"]
	printf "(bare: getppid() %.0f, context switch over a pipe %.0f)\n\n", bare("empty") / 1000, bare("switch") / 1000
	text = sprintf("%-38s", "")
	for (i = 1; i <= tools; i++)
		text = text sprintf("%12s", tool[i] == "stap" ? "SystemTap" : tool[i])
	print text
	line("empty handler", "empty")
	line("count by execname", "execname")
	line("count by pid", "pid")
	line("filter that rejects", "filter")
	line("log2 histogram of a clock", "hist")
	line("printf of two values", "printf")
	line("latency from entry to exit", "latency")
	line("sched_switch counted by next_comm", "switch")
	line("start-up, million instructions", "start")
	line("installed size, MiB", "size")
	if ("stap" in version)
		print "\nSystemTap's start-up is without compiling, which was done beforehand."
	if (failures)
		printf "\nNo figure:\n%s", failures

	print "\nGoals:"
	goal("empty handler", cost("ktap", "empty"), 200)
	goal("count by execname: 60% of bpftrace's", cost("ktap", "execname"), share(cost("bpftrace", "execname"), 0.6))
	count = split("empty execname pid filter hist printf latency switch", rows, " ")
	for (i = 1; i <= count; i++)
		goal(rows[i] ": not above bpftrace's", cost("ktap", rows[i]), cost("bpftrace", rows[i]))
	if (cost("bpftrace", "switch") != "-" && cost("ktap", "switch") + 0 > cost("bpftrace", "switch") + 0)
		print "                switch: a field of an ordinary tracepoint comes from the record of a perf counter;\n" \
			"                making that record and calling its overflow handler is most of the figure, and\n" \
			"                no other way to the record is exported to modules. bpftrace hooks in before it."
	goal("start-up: a twentieth of bpftrace's", cell("ktap", "start"), share(cell("bpftrace", "start"), 0.05))
	goal("installed size, MB", ("ktap" in size) ? sprintf("%.2f", size["ktap"] * 1024 / 1e6) : "-", 5)
}

END {
	if (!programs && !(("bare", "empty") in value)) {
		print "no figures" >"/dev/stderr"
		exit 1
	}
	if (programs)
		host_report()
	if (programs && tools)
		print ""
	if (("bare", "empty") in value)
		guest_report()

	printf "{\n  \"unit\": \"instructions (nanoseconds under icount); low, mean: thousandths per event\",\n" >json
	printf "  \"versions\": {%s\n  },\n  \"raw\": [%s\n  ],\n", versions, raw >json
	printf "  \"host\": [%s\n  ],\n  \"compile\": {\"lines\": %d, \"instructions\": %d},\n", host,
		compiled_lines, compiled >json
	printf "  \"failed\": [%s\n  ],\n  \"size_kib\": {%s\n  },\n", failed, sizes >json
	printf "  \"goals\": [%s\n  ]\n}\n", goals >json
}
