/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the scripts of scripts.h consist of.  In a form stands
 *
 *	$i $j	a number, a plain one	$s $t	a string, a plain one	$x	a string of any length
 *	$b	a test			$c	a constant		$n	a digit
 *	$o	an operator		$r	a relation		$a	an assignment's operator
 *	$g	a variable with a number	$z	one with a string	$f	a function of two numbers
 *	$e	a number that the event has	$B	a block		$v	the number of a new name
 */
#ifndef KP_FUZZ_SCRIPT_FORMS_H
#define KP_FUZZ_SCRIPT_FORMS_H

/* Where it is written. */
#define WHERE_PROCESS	1U	/* main part, trace_end */
#define WHERE_HANDLER	2U
#define WHERE_ONCE	4U	/* no loops */

/* What a form needs. */
#define PROCESS		1U	/* makes tables or closures, sorts, or takes long */
#define EVENT		2U	/* is about an event */
#define FUNCS		4U	/* a function to call */
#define IN_LOOP		8U
#define LOOP		16U	/* it is one */
#define DEEP		32U	/* it has blocks */

struct form {
	const char *text;
	unsigned int needs;
};

/*
 * Numbers are in g0 ... g3, strings in s0 and s1; t0 has plain keys, t1 tuples, t2 keys and values
 * of any type; a0 and a1 have aggregates.  Handlers only add to u0 ... u2: these have a part for each CPU, and
 * so no order.  script_look sees to it that no other has.
 */
static const char script_head[] =
	"option o0 = 17 \"a number\" option o1 = \"text\"\n"
	"var g0 = 1 var g1 = 2 var g2 = -3 var g3 = 100 var s0 = \"x\" var s1 = \"yz\"\n"
	"var t0 = {5, 6, 7} var t1 = {} var t2 = {} var a0 = {} var a1 = {} var u0 = {} var u1 = {} var u2 = {}\n"
	"var n0 = { a = {}, b = { c = { d = 1 } } }\n"
	"function counter(n) { return function (x) { n += x; return n } }\n"
	"var c0 = counter(1) var c1 = counter(-2)\n"
	"var m0 = { add = function (a, b) { return a + b }, less = function (a, b) { return a < b ? a : b } }\n"
	"function tail(n, a) { if (n <= 0) return a; return tail(n - 1, a ^ n) }\n"
	"function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }\n"
	"function apply(f, a) { return f(a) }\n"
	"function nothing() { }\n"
	"function deep(n) { return 1 + deep(n + 1) }\n";

static const char script_tail[] =
	"\tprint(g0, g1, g2, g3, s0, s1, len(t0), len(t1), len(t2))\n"
	"\tfor (k, v in pairs(t0)) print(k, v)\n"
	"\tfor ((a, b), v in pairs(t1)) print(a, b, v)\n"
	"\tfor (k, v in pairs(t2)) print(k, v)\n"
	"\tfor (k, v in pairs(n0.a)) print(k, v)\n"
	"\tfor (k, v in sort_pairs(a0, function (x, y) { return sum(x) < sum(y) })) print(k, v)\n"
	"\tfor ((a, b), v in sort_pairs(a1)) print(a, b, v)\n"
	"\tfor (i = 0, 9) print(u0[i], u1[i])\n"
	"\tprint_quantize(a0) print_lquantize(a1, -100, 1000, 100) print_quantize(u2)\n"
	"\tprint(n0.b.c.d, c0(0), c1(0))\n";

static const char script_look[] = "\tg0 ^= count(a0[0]) + count(a1[0, 0]) + (t0[0] || 0) + (t1[0, 0] || 0) + len(t2)\n";

static const struct form script_constants[] = {
	{ "0", 0 }, { "1", 0 }, { "-1", 0 }, { "2", 0 }, { "127", 0 }, { "128", 0 }, { "-128", 0 }, { "-129", 0 },
	{ "255", 0 }, { "256", 0 }, { "32767", 0 }, { "32768", 0 }, { "-32768", 0 }, { "-32769", 0 }, { "63", 0 },
	{ "64", 0 }, { "-64", 0 }, { "0x7fffffff", 0 }, { "0x80000000", 0 }, { "-0x80000000", 0 }, { "0xffffffff", 0 },
	{ "0x100000000", 0 }, { "0x7fffffffffffffff", 0 }, { "(-0x7fffffffffffffff - 1)", 0 },
	{ "0x8000000000000000", 0 }, { "0xfffffffffffffffe", 0 }, { "18446744073709551615", 0 },
	{ "99999999999999999999", 0 }, { "017", 0 }, { "0xdeadBEEF", 0 }, { "1000000007", 0 },
};

static const struct form script_operators[] = {
	{ "+", 0 }, { "-", 0 }, { "*", 0 }, { "&", 0 }, { "|", 0 }, { "^", 0 }, { "<<", 0 }, { ">>", 0 },
};

static const struct form script_relations[] = {
	{ "<", 0 }, { "<=", 0 }, { ">", 0 }, { ">=", 0 }, { "==", 0 }, { "!=", 0 },
};

static const struct form script_assignments[] = {
	{ "+=", 0 }, { "-=", 0 }, { "*=", 0 }, { "|=", 0 }, { "&=", 0 },
};

static const struct form script_plain_ints[] = {
	{ "$g", 0 }, { "$g", 0 }, { "$g", 0 }, { "$n", 0 }, { "$n", 0 }, { "$c", 0 }, { "$e", EVENT },
	{ "(o0 || 17)", 0 },
};

static const struct form script_ints[] = {
	{ "$j", 0 },
	{ "($i $o $i)", 0 }, { "($i $o $i)", 0 }, { "($i $o $i)", 0 }, { "($i $o $n)", 0 }, { "($i $o $c)", 0 },
	{ "($i / (1 | $i))", 0 }, { "($i % (1 | $i))", 0 }, { "($i / (1 + $n))", 0 }, { "(- $i)", 0 }, { "(~ $i)", 0 },
	{ "($b ? $i : $j)", 0 }, { "len($s)", 0 }, { "len($x)", 0 }, { "len(t1)", 0 },
	{ "(t0[$i] || $j)", 0 }, { "(t1[$i, $t] || $j)", 0 }, { "(n0.a[$n] || $j)", 0 }, { "n0.b.c[\"d\"]", 0 },
	{ "$f($i, $i)", FUNCS }, { "$f($i, $j)", FUNCS }, { "fib($n)", 0 }, { "tail($n, $i)", 0 },
	{ "tail(5000, $i)", PROCESS }, { "apply(fib, $n)", 0 }, { "apply(function (x) { return x $o $c }, $i)", 0 },
	{ "m0.add($i, $i)", 0 }, { "m0[\"less\"]($i, $j)", 0 }, { "c0($i)", 0 }, { "c1($n)", 0 },
	{ "apply(counter($i), $i)", PROCESS },
	{ "(nothing() || $i)", 0 }, { "($i && $i)", 0 },
	{ "count(a0[$n])", 0 }, { "sum(a0[$n])", 0 }, { "avg(a0[$n])", 0 }, { "min(a0[$n])", 0 }, { "max(a0[$n])", 0 },
	{ "(tonumber($s) || $j)", 0 }, { "(tonumber($s, 16) || $j)", 0 }, { "(tonumber($i) + $j)", 0 },
	{ "(find($s, $t) || $j)", 0 }, { "(find($s, $t, $i) || $j)", 0 },
	{ "(in_interrupt + $i)", 0 },
};

static const struct form script_plain_strings[] = {
	{ "$z", 0 }, { "$z", 0 }, { "\"\"", 0 }, { "\"a\"", 0 }, { "\"ktap\"", 0 }, { "'0123456789abcdef'", 0 },
	{ "\"10\"", 0 }, { "\" -0x7f \"", 0 }, { "\"\\195\\164\\xe2\\x82\\xac\"", 0 }, { "\"a\\0b\"", 0 },
	{ "([==[a ]] b]==])", 0 }, { "$x", 0 }, { "(o1 || \"text\")", 0 },
};

static const struct form script_strings[] = {
	{ "$t", 0 }, { "($s .. $i .. $t)", 0 }, { "($s .. $s)", 0 }, { "(\"<\" .. $s .. \"|\" .. $i .. \">\")", 0 },
	{ "($b ? $s : $t)", 0 }, { "sub($s, $n)", 0 }, { "sub($s, -$n, $i)", 0 }, { "sub($s, $i, $n)", 0 },
	{ "lower($s)", 0 }, { "upper($s)", 0 }, { "rep($t, $n)", 0 }, { "tostring($i)", 0 }, { "tostring($b)", 0 },
	{ "hex($i)", 0 }, { "join($t, $i, $s, !$b)", 0 }, { "join(\", \", $i, nil, $i)", 0 }, { "type($i)", 0 },
	{ "type(t2[$s])", 0 }, { "type($b)", 0 }, { "net.format_ip_addr(($i & 255) * 0x1010101)", 0 }, { "stringof($i)", 0 },
	{ "string.sub($s, 2, $n)", 0 }, { "sub(rep($s, $n), -40)", PROCESS },
	{ "user_string(0)", 0 }, { "kernel_string($n)", 0 },
};

static const struct form script_tests[] = {
	{ "($i $r $i)", 0 }, { "($i $r $i)", 0 }, { "($i $r $n)", 0 }, { "($n $r $j)", 0 }, { "($i == $c)", 0 },
	{ "($s $r $s)", DEEP }, { "($b && $b)", DEEP }, { "($b || $b)", DEEP }, { "(! $b)", DEEP },
	{ "($i in t0)", 0 }, { "($s in t2)", DEEP }, { "(t0[$i] == nil)", 0 }, { "(t2[$t] != $i)", 0 },
	{ "(true)", 0 }, { "(nil)", 0 }, { "(nothing() == nil)", 0 }, { "(t0 == t0)", 0 }, { "(t0 != t1)", 0 },
	{ "startswith($t, $t)", 0 }, { "endswith($t, $t)", 0 }, { "contains($t, $t)", 0 },
	{ "glob($t, \"*[a-c!]?\")", 0 }, { "glob($t, $t .. \"*\")", 0 }, { "(not ($i $r $i))", 0 },
	{ "($i $r $e)", EVENT }, { "(m0.add == m0.less)", 0 },
};

static const struct form script_filters[] = {
	{ "$b", 0 }, { "$i $r $e", 0 }, { "$e $r $n", 0 }, { "($e $r $n) && $b", 0 }, { "true", 0 },
	{ "$e in t0 || $g $r $n", 0 },
};

static const struct form script_statements[] = {
	{ "$g = $i", 0 }, { "$g = $i", 0 }, { "$g = $i", 0 }, { "$g $a $i", 0 }, { "$g += $n", 0 }, { "$g ++", 0 },
	{ "$g--", 0 }, { "$z = sub($s, 1, 50)", 0 }, { "$z = $t", 0 }, { "$z = sub($z .. $i, -60)", 0 },
	{ "g0, g1 = g1, $i", 0 }, { "s0, s1 = s1, s0", 0 },
	{ "t0[$i] = $i", 0 }, { "t0[$n] += $i", 0 }, { "t0[$n] += 3", 0 }, { "t0[$n] -= 1", 0 }, { "t0[$n]++", 0 },
	{ "t1[$i, $s] = $i", 0 }, { "t1[$n, $t] += $i", 0 }, { "t1[$n, $t, $b ? 1 : 2] = $i", 0 },
	{ "t2[$s] = $i", 0 }, { "t2[!$b] = $s", 0 }, { "t2[$i] = !$b", 0 }, { "t2[$n, $t] = $x", 0 },
	{ "t2[\"f\"] = sub(tostring($i), 1)", 0 }, { "delete t0[$i]", 0 }, { "delete t1[$n, $t]", 0 },
	{ "t0[$n] = nil", 0 }, { "delete(t2)", 0 }, { "clear(t1)", 0 },
	{ "a0[$n] <<< $i", 0 }, { "a0[$n] <<< $n", 0 }, { "a1[$t, $n] <<< $i", 0 },
	{ "u0[$n] += $i", 0 }, { "u0[$n] += 1", EVENT }, { "u1[$n] <<< $i", 0 }, { "u2.all <<< $i", 0 },
	{ "u0[$n] = $i", PROCESS },
	{ "n0.a[$n] = $i", 0 }, { "n0.b.c.d += $i", 0 }, { "n0.a = { $i, $i, x = $i, [\"y\"] = $s }", PROCESS },
	{ "n0[$t] = { { $n }, $i }", PROCESS }, { "c0 = counter($i)", PROCESS },
	{ "if ($b) $B", DEEP }, { "if ($b) $B else $B", DEEP }, { "if ($b) $B else if ($b) $B else $B", DEEP },
	{ "if ($i $r $n) $g = $i", 0 },
	{ "for (i$v = -$n, $n) $B", LOOP | DEEP }, { "for (i$v = $n, -$n, -4) $B", LOOP | DEEP },
	{ "for (i$v = 0; i$v < $n; i$v += 3) $B", LOOP | DEEP },
	{ "for (i$v = 0x7ffffffffffffffd, 0x7fffffffffffffff) $g ^= i$v", LOOP },
	{ "for (i$v = $n, $n, 3) { $g = $g + i$v }", LOOP },
	{ "var i$v = $n\nwhile (i$v > 0) { i$v -= 3 $B }", LOOP | DEEP },
	{ "var i$v = $n\nrepeat { i$v -= 4 $B } until (i$v <= 0)", LOOP | DEEP },
	{ "do\n\tvar i$v = 0\n\t::again$v::\n\ti$v += 1 $g += i$v\n\tif (i$v < $n) goto again$v\nend", LOOP },
	{ "for (k, v in pairs(t0)) { g0 = g0 ^ k + v }", 0 },
	{ "for ((k, m), v in pairs(t1)) { g1 += len(m) * v }", 0 },
	{ "for (k, v in sort_pairs(t0)) { g2 = g2 * 3 + v }", PROCESS },
	{ "for (k, v in sort_pairs(t0, function (x, y) { return x $r y })) { g3 = g3 * 5 - k }", PROCESS },
	{ "for ((k, m), v in sort_pairs(t1, function (x, y) { return x % 7 < y % 7 })) print(k, m, v)", PROCESS },
	{ "for (k, v in pairs(t0)) { if (v $r $n) delete t0[k] }", 0 },
	{ "if ($b) { break }", IN_LOOP }, { "if ($b) { continue }", IN_LOOP },
	{ "{\n\tvar u$v = $i\n\tvar w$v = function (x) { u$v += x; return u$v $o $j }\n\t$g = w$v($i) ^ w$v(1)\n}", PROCESS },
	{ "{\n\tvar w$v = {}\n\tfor (i = 1, 3) { var u = $i w$v[i] = function (x) { u += x * i; return u } }\n"
	  "\tprint(w$v[1]($i), w$v[3]($j), w$v[1]($n), w$v[2](1))\n}", PROCESS },
	{ "{\n\tfunction w$v(n) { return n <= 0 ? $i : w$v(n - 1) }\n\t$g = w$v($n)\n}", PROCESS },
	{ "print_hist(t0)", PROCESS }, { "print_hist(t1, $n)", PROCESS }, { "histogram(t0)", PROCESS },
	{ "print($i, $s, $b)", 0 }, { "print($i, $s)", 0 }, { "print($b, $i)", 0 }, { "print(a0[$n], t2[$s])", 0 },
	{ "print(nothing() + $i, - nothing())", 0 },
	{ "printf(\"%d %5d|%-8s|%x|%#o|%c\\n\", $i, $i, $s, $i, $i, 65 + $n)", 0 },
	{ "printf(\"%05d %+d % d %.3s %*d %X %u %%\\n\", $i, $i, $i, $s, $n, $i, $i, $i)", 0 },
	{ "printf(\"%s %s %10.4s %i\\n\", $i, $b, $s, $i)", 0 },
	{ "printf($b ? \"%d\\n\" : \"<%x>\\n\", $i)", 0 },
};

static const struct form script_errors[] = {
	{ "print($i / (g0 - g0))", 0 }, { "print($i % (g1 ^ g1))", 0 }, { "print(s0 + $i)", 0 }, { "print(- s1)", 0 },
	{ "print(t2 .. 1)", 0 }, { "t0[nothing()] = $i", 0 }, { "t2.f = s0 t2.f += 1", 0 }, { "a0[1] <<< s0", 0 },
	{ "print(apply(s0, 1))", 0 }, { "print(apply(nothing(), 1))", 0 }, { "print(deep(1))", 0 },
	{ "for (i = nothing(), 3) print(i)", 0 }, { "for (k, v in pairs(nothing())) print(k)", 0 },
	{ "print(sub(t2.f, 1), len(g0))", 0 }, { "print(rep(\"0123456789\", 0x7fffffff))", 0 }, { "exit()", 0 },
	{ "print(n0.b.c.d.e)", 0 }, { "s0.x = 1", 0 },
};

#endif
