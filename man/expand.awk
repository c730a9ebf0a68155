# SPDX-License-Identifier: GPL-2.0-only
#
# awk -v version=VERSION -v day=DATE -v scripts=DIRECTORY -v uapi=DIRECTORY -v compile=DIRECTORY -v run=DIRECTORY -f expand.awk PAGE
# Expands what the tables of src/kernel/uapi/ktap, src/user/compile and src/user/run say into a manual page:
#   @VERSION@ @DATE@   the version and its date
#   @SCRIPTS@          where the library is installed
#   @OPCODES@          alone on a line: the instructions (opcodes.def)
#   @BUILTINS@         the built-in functions (builtins.def)
#   @ALIASES@          other names of them (aliases.def)
#   @ERRORS KIND@      the messages of one kind (errors.def)
#   @COUNTERS@         what a session counts (abi.h)
#   @LIBRARY@          the scripts of the library (library/*/*.kp), by folder
#   @TEXTS KIND@       the same without their names
#   @FORMATS@          why a format and its arguments do not fit (run/messages.def)
#   @MESSAGES KIND@    what the compiler says: ERROR or WARNING (compile/errors.def)
#   @KEYWORDS@         the reserved words (tokens.def)
#   @GRAMMAR@          the rules of the language (the comments of parse*.c)
#   @STRUCT NAME@      the definition of struct or enum NAME (bytecode.h)
#   @DEFINES NAME@     the numbers whose names begin with NAME (bytecode.h)
#   @NUMBERS@          the built-in functions and their numbers (builtins.def)

function roff(s)
{
	gsub(/\\/, "\\e", s)
	gsub(/-/, "\\-", s)
	gsub(/'/, "\\(aq", s)
	gsub(/\^/, "\\(ha", s)
	gsub(/~/, "\\(ti", s)
	return s ~ /^[.]/ ? "\\&" s : s
}

function fail(what)
{
	print FILENAME ": " what > "/dev/stderr"
	exit 1
}

# Splits an entry NAME(a, b, "c") into arg[1..]; texts lose their quotes.
function split_entry(line,    n, c, quoted)
{
	sub(/^[A-Z_]+\(/, "", line)
	sub(/\)[ \t]*$/, "", line)
	n = 1
	arg[1] = ""
	quoted = 0
	while (line != "") {
		c = substr(line, 1, 1)
		line = substr(line, 2)
		if (quoted && c == "\\") {
			arg[n] = arg[n] substr(line, 1, 1)
			line = substr(line, 2)
		} else if (c == "\"") {
			quoted = !quoted
		} else if (c == "," && !quoted) {
			arg[++n] = ""
			sub(/^[ \t]+/, "", line)
		} else {
			arg[n] = arg[n] c
		}
	}
}

function opcode(number,    letter, operands, i)
{
	split("A B C", letter, " ")
	if (arg[2] == "ABX")
		letter[2] = "Bx"
	else if (arg[2] == "ASBX")
		letter[2] = "sBx"
	else if (arg[2] == "SAX")
		letter[1] = "sAx"
	for (i = 1; i <= 3; i++)
		if (arg[2 + i] != "_")
			operands = operands " " letter[i] ":" arg[2 + i]
	printf ".TP\n.BR %s \" (%d) %s%s\"\n%s\n", arg[1], number, arg[2], operands, roff(arg[6])
}

# What is said of a function, with the names of its arguments set apart.
function with_names(text, names,    words, n, i, word, out)
{
	n = split(text, words, " ")
	for (i = 1; i <= n; i++) {
		word = words[i]
		sub(/[,;:.]$/, "", word)
		words[i] = roff(words[i])
		if (word in names)
			words[i] = "\\fI" word "\\fP" substr(words[i], length(word) + 1)
		out = out (i > 1 ? " " : "") words[i]
	}
	return out
}

# The letters of the kinds are in quotes in builtins.def; what it says begins with the names of the arguments.
function builtin(number,    pair, kind, any, i, n, list, one, name, names, text)
{
	split("i integer  s string  t table  v any  b boolean  e event", pair, " ")
	for (i = 1; i in pair; i += 2)
		kind[pair[i]] = pair[i + 1]
	gsub(/'/, "", arg[6])
	any = arg[4] == 255
	n = any ? length(arg[5]) : arg[4]
	text = arg[8]
	split("", name)
	if (match(text, /^\([^)]*\) /)) {
		split(substr(text, 2, RLENGTH - 3), name, ", ")
		text = substr(text, RLENGTH + 1)
	}
	for (i = 1; i <= n; i++) {
		if (name[i] == "")
			fail("builtins.def: argument " i " of " arg[2] " has no name")
		names[name[i]]
		one = substr(arg[5], i < length(arg[5]) ? i : length(arg[5]), 1)
		one = (one == "v" ? "" : kind[one] " ") "\\fI" name[i] "\\fP"
		if (any && i == n)
			list = list (i > 1 ? " [, " : "[") one " ...]"
		else if (i > arg[3])
			list = list (i > 1 ? " [, " : "[") one
		else
			list = list (i > 1 ? ", " : "") one
	}
	for (i = arg[3]; !any && i < n; i++)
		list = list "]"
	if (n + 1 in name)
		fail("builtins.def: " arg[2] " has no argument " name[n + 1])
	printf ".TP\n\\fB%s\\fP(%s)%s\n%s.\n", roff(arg[2]), list,
		arg[6] in kind ? " \\(-> " kind[arg[6]] : "", with_names(text, names)
	if (arg[7] !~ /P/)
		print "Not in blocks of \\fBtrace\\fP and \\fBprofile\\fP."
	if (arg[7] ~ /E/)
		print "Only where an event is being handled."
	else if (arg[7] !~ /M/)
		print "Only in blocks of \\fBtrace\\fP and \\fBprofile\\fP."
}

function error(number)
{
	printf ".TP\n.B %s\n%s\n", arg[1], roff(arg[3])
}

# Prints the entries of a .def file; of errors, those of one kind.
function entries(file, macro, kind,    line, number)
{
	number = 0
	while ((getline line < (uapi "/" file)) > 0) {
		if (line !~ "^" macro "\\(")
			continue
		split_entry(line)
		if (macro == "KP_OP")
			opcode(number)
		else if (macro == "KP_BUILTIN")
			builtin(number)
		else if (arg[2] == kind)
			error(number)
		number++
	}
	close(uapi "/" file)
	if (!number)
		fail(file " has no entries")
}

function aliases(    line)
{
	while ((getline line < (compile "/aliases.def")) > 0) {
		if (line !~ /^KP_ALIAS\(/)
			continue
		split_entry(line)
		printf "    \\fB%s\\fP%s%s\n", roff(arg[1]), substr("                    ", 1 + length(arg[1])), roff(arg[2])
	}
	close(compile "/aliases.def")
}

function counters(    line)
{
	while ((getline line < (uapi "/abi.h")) > 0) {
		if (line !~ /^\tX\([A-Z_]+,/)
			continue
		sub(/^\t/, "", line)
		sub(/[ \t]*\\$/, "", line)
		gsub(/,\t+/, ", ", line)
		split_entry(line)
		printf ".TP\n.B %s\n%s\n", arg[1], roff(arg[2])
	}
	close(uapi "/abi.h")
}

function texts(kind,    line)
{
	print ".PD 0"
	while ((getline line < (uapi "/errors.def")) > 0) {
		if (line !~ /^KP_ERR\(/)
			continue
		split_entry(line)
		if (arg[2] == kind && arg[1] != "NONE")
			printf ".IP \\(bu 3\n%s\n", roff(arg[3])
	}
	close(uapi "/errors.def")
	print ".PD"
}

function formats(    line)
{
	print ".PD 0"
	while ((getline line < (run "/messages.def")) > 0) {
		if (line !~ /^KP_MSG\(FORMAT_/)
			continue
		split_entry(line)
		gsub(/%%/, "%", arg[2])
		printf ".IP \\(bu 3\n%s\n", roff(arg[2])
	}
	close(run "/messages.def")
	print ".PD"
}

# An entry may go on in the next line.
function messages(severity,    line, entry)
{
	while ((getline line < (compile "/errors.def")) > 0) {
		if (line ~ /^KP_DIAG\(/)
			entry = line
		else if (entry != "")
			entry = entry line
		if (entry == "" || line !~ /\)$/)
			continue
		gsub(/\t/, " ", entry)
		split_entry(entry)
		if (arg[2] == severity)
			printf ".TP\n.B %s\n%s:\n%s.\n", arg[1], roff(arg[3]), roff(arg[4])
		entry = ""
	}
	close(compile "/errors.def")
}

function keywords(    line, list)
{
	while ((getline line < (compile "/tokens.def")) > 0)
		if (line ~ /^KP_TOK\([A-Z0-9_]*, "[a-z_0-9]*"\)/) {
			split_entry(line)
			list = list " " arg[2]
		}
	close(compile "/tokens.def")
	print ".PP\n.RS\n.B" list "\n.RE\n.PP"
}

function rule(text,    name)
{
	name = text
	sub(/ .*/, "", name)
	sub(/^[a-z_]+ = /, "", text)
	gsub(/@separator/, "(','|';')", text)
	gsub(/\342\200\246/, "...", text)
	printf ".TP\n.IR %s \" =\"\n%s\n", name, roff(text)
}

# A rule is a line "name = ..." in a comment and the lines behind it up to an empty one; what stands
# behind a tab, or after a comma or semicolon, is said to the reader of the source.
function grammar(    files, n, i, line, text, on)
{
	n = split("parse.c parse_stmt.c parse_assign.c parse_flow.c parse_probe.c parse_expr.c parse_operator.c parser.h", files, " ")
	for (i = 1; i <= n; i++) {
		text = ""
		while ((getline line < (compile "/" files[i])) > 0) {
			on = line ~ /^(\/\*| \*) [a-z_]+ = / || text != "" && line ~ /^ \*[\t ]+[^\t \/]/
			if (on) {
				sub(/^(\/\*| \*)[\t ]+/, "", line)
				sub(/(\t.*|[,;] [^'].*)? *(\*\/)?$/, "", line)
				text = text (text == "" ? "" : " ") line
			} else if (text != "") {
				rule(text)
				text = ""
			}
		}
		close(compile "/" files[i])
	}
}

# Each script begins with the licence, an empty comment, and its name and what it shows.
function library(    list, script, line, folder, last, part)
{
	list = "ls library/*/*.kp"
	while ((list | getline script) > 0) {
		getline line <script
		getline line <script
		getline line <script
		close(script)
		split(script, folder, "/")
		if (folder[2] != last)
			print (last ? ".RE\n" : "") ".PP\n" folder[2] "\n.RS"
		last = folder[2]
		if (!match(line, / - /))
			fail(script ": its third line is not NAME - TEXT")
		printf ".TP\n.B %s\n%s\n", substr(line, 3, RSTART - 3), roff(substr(line, RSTART + 3))
	}
	close(list)
	print ".RE"
}

# A line of C no wider than a terminal shows it: what is too long behind it goes before it, in lines of its own.
function code(line,    wide, at, indent, comment, n, words, i, row)
{
	wide = 72
	while (at = index(line, "\t"))
		line = substr(line, 1, at - 1) substr("        ", 1 + (at - 1) % 8) substr(line, at + 1)
	at = index(line, "/*")
	if (length(line) <= wide || !at) {
		print roff(line)
		return
	}
	match(line, /^ */)
	indent = substr(line, 1, RLENGTH)
	comment = substr(line, at + 3)
	sub(/ *\*\/$/, "", comment)
	line = substr(line, 1, at - 1)
	sub(/ *$/, "", line)
	n = split(comment, words, " ")
	row = indent "/*"
	for (i = 1; i <= n; i++) {
		if (length(row " " words[i]) > wide - 3) {
			print roff(row)
			row = indent " *"
		}
		row = row " " words[i]
	}
	print roff(row " */")
	if (line != "")
		print roff(line)
}

function definition(name,    line, on)
{
	print ".PP\n.EX"
	while (on != 2 && (getline line < (uapi "/bytecode.h")) > 0) {
		if (line ~ "^(struct|enum) " name " \\{")
			on = 1
		if (on)
			code(line)
		if (on && line ~ /^};/)
			on = 2
	}
	close(uapi "/bytecode.h")
	print ".EE"
	if (on != 2)
		fail("no definition of " name)
}

# The numbers that begin with a name, each with the comment behind it, or the one before it.
function defines(name,    line, before, said, value, n)
{
	print ".PP\n.PD 0"
	while ((getline line < (uapi "/bytecode.h")) > 0) {
		if (line ~ /^(\/| )\*/) {
			if (line ~ /^\/\*/)
				before = ""
			gsub(/^\/?[ ]?\*+\/?|\*\/$/, "", line)
			before = before line
			continue
		}
		if (line ~ "^#define " name "[A-Z_]*[ \t]") {
			said = before
			if (match(line, /\/\*.*\*\//)) {
				said = substr(line, RSTART + 3, RLENGTH - 5)
				line = substr(line, 1, RSTART - 1)
			}
			split(line, value, /[ \t(]+/)
			sub(/^[^\t]*\t+\(?/, "", line)
			gsub(/[)\t ]*$/, "", line)
			sub(/U( |$)/, " ", line)
			gsub(/^ +| +$/, "", said)
			gsub(/^ +| +$/, "", line)
			printf ".TP 32\n\\fB%s\\fP %s\n%s\n", value[2], line, said == "" ? "\\&" : roff(said)
			n++
		}
		before = ""
	}
	print ".PD"
	close(uapi "/bytecode.h")
	if (!n)
		fail("no numbers " name)
}

# The functions by their numbers in an image.
function numbers(    line, n, list)
{
	while ((getline line < (uapi "/builtins.def")) > 0) {
		if (line !~ /^KP_BUILTIN\(/)
			continue
		split_entry(line)
		list = list (n ? ", " : "") n++ "\\ " roff(arg[2])
	}
	close(uapi "/builtins.def")
	print list "."
}

{
	gsub(/@VERSION@/, version)
	gsub(/@DATE@/, day)
	gsub(/@SCRIPTS@/, scripts)
}
$1 == "@OPCODES@"  { entries("opcodes.def", "KP_OP"); next }
$1 == "@BUILTINS@" { entries("builtins.def", "KP_BUILTIN"); next }
$1 == "@ALIASES@"  { aliases(); next }
$1 == "@COUNTERS@" { counters(); next }
$1 == "@LIBRARY@"  { library(); next }
$1 == "@TEXTS"     { sub(/@$/, "", $2); texts($2); next }
$1 == "@FORMATS@"  { formats(); next }
$1 == "@MESSAGES"  { sub(/@$/, "", $2); messages($2); next }
$1 == "@KEYWORDS@" { keywords(); next }
$1 == "@GRAMMAR@"  { grammar(); next }
$1 == "@ERRORS"    { sub(/@$/, "", $2); entries("errors.def", "KP_ERR", $2); next }
$1 == "@NUMBERS@"  { numbers(); next }
$1 == "@DEFINES"   { sub(/@$/, "", $2); defines($2); next }
$1 == "@STRUCT"    { sub(/@$/, "", $2); definition($2); next }
{ print }
