// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ktap/abi.h>

#include "output.h"
#include "report.h"

enum { /* options without a short name */
       OPT_COMPILE = 256,
       OPT_DUMP,
       OPT_NO_FOLD,
       OPT_NO_INFER,
       OPT_FORMAT,
       OPT_UNSAFE,
       OPT_MEMORY,
       OPT_MAX_EXEC,
       OPT_BUFFER,
       OPT_STATS,
       OPT_HOST,
};

static const struct option long_options[] = {
	{ "eval", required_argument, NULL, 'e' },
	{ "pid", required_argument, NULL, 'p' },
	{ "cpu", required_argument, NULL, 'C' },
	{ "cmd", required_argument, NULL, 'c' },
	{ "output", required_argument, NULL, 'o' },
	{ "time", no_argument, NULL, 'T' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ "dry-run", no_argument, NULL, 'd' },
	{ "show", required_argument, NULL, 's' },
	{ "list-bc", no_argument, NULL, 'b' },
	{ "list", optional_argument, NULL, 'l' },
	{ "compile", no_argument, NULL, OPT_COMPILE },
	{ "dump", required_argument, NULL, OPT_DUMP },
	{ "no-fold", no_argument, NULL, OPT_NO_FOLD }, /* these two for tests */
	{ "no-infer", no_argument, NULL, OPT_NO_INFER },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "unsafe", no_argument, NULL, OPT_UNSAFE },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "max-exec", required_argument, NULL, OPT_MAX_EXEC },
	{ "buffer", required_argument, NULL, OPT_BUFFER },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "host", no_argument, NULL, OPT_HOST },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"usage: ktap [options] FILE [ARG...] [-- COMMAND [ARG...]]\n"
	"       ktap [options] -e TEXT [ARG...] [-- COMMAND [ARG...]]\n"
	"       ktap [options] NAME [ARG...] [-- COMMAND [ARG...]]\n"
	"\n"
	"FILE is a script or an image made by --compile, NAME a script of the library.\n"
	"\n"
	"  -e, --eval TEXT        run TEXT\n"
	"  -s, --show EVENTDEF    print CPU, thread, command and text of these events\n"
	"  -c, --cmd COMMAND, or  start COMMAND, trace only it, end with it\n"
	"      -- COMMAND [ARG...]\n"
	"  -p, --pid PID          trace only this process, end with it\n"
	"  -C, --cpu CPU          trace only this CPU\n"
	"  -o, --output FILE      write the output to FILE\n"
	"  -T, --time             begin event lines with the time\n"
	"      --format FORMAT    text, or json: an object a line\n"
	"  -d, --dry-run          arm the events, but run nothing when they happen\n"
	"  -l, -le, --list [GLOB] list events; -lv also their fields\n"
	"      --compile          write the image to the file of -o\n"
	"  -b, --list-bc          show the instructions\n"
	"      --dump WHAT        show its ast, plan or bytecode\n"
	"      --host             run without the kernel: no probes, no timers\n"
	"      --memory SIZE      most memory that it may take in the kernel (64M)\n"
	"      --buffer SIZE      output buffer of each CPU (1M)\n"
	"      --max-exec N       most instructions of one handler (100000)\n"
	"      --stats            report all counters at the end\n"
	"      --unsafe           allow functions that change what the system does\n"
	"  -q, --quiet            do not say that tracing has begun\n"
	"  -v, --verbose          say what is done\n"
	"  -V, --version          print the version\n"
	"  -h, --help             print this\n";

static int unsupported(const char *option)
{
	return kp_report_usage(KP_MSG_UNSUPPORTED, option);
}

/* Numbers */

static int parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno || *n < min || *n > max ? -EINVAL : 0;
}

/* A number of bytes with K, M or G behind it, or none. */
static int parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *n)
{
	static const char units[] = "KMG";
	size_t len = strlen(text);
	const char *unit = len ? strchr(units, text[len - 1]) : NULL;
	unsigned int shift = unit && *unit ? 10 * (unsigned int)(unit - units + 1) : 0;
	char digits[24];

	if (shift)
		len--;
	if (!len || len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	if (parse_number(digits, 0, max >> shift, n))
		return -EINVAL;
	*n <<= shift;
	return *n < min ? -EINVAL : 0;
}

static int bad_number(const char *option, const char *text)
{
	return kp_report_usage(KP_MSG_BAD_NUMBER, option, text);
}

/* Options */

static int set_command(struct kp_options *o, char *text)
{
	if (o->session.workload)
		return kp_report_usage(KP_MSG_ONE_COMMAND);
	if (wordexp(text, &o->words, WRDE_NOCMD | WRDE_UNDEF) || !o->words.we_wordc) {
		o->words = (wordexp_t){ 0 };
		return kp_report_usage(KP_MSG_BAD_COMMAND, text);
	}
	o->session.workload = o->words.we_wordv;
	return 0;
}

static int set_dump(struct kp_options *o, const char *what)
{
	if (!strcmp(what, "ast"))
		o->action = KP_ACTION_AST;
	else if (!strcmp(what, "plan"))
		o->action = KP_ACTION_PLAN;
	else if (!strcmp(what, "bytecode"))
		o->action = KP_ACTION_BYTECODE;
	else
		return kp_report_usage(KP_MSG_BAD_DUMP, what);
	return 0;
}

/* -l [GLOB], -le [GLOB], -lv [GLOB]: @what is stuck to the option, @next may be the pattern. */
static int set_list(struct kp_options *o, const char *what, const char *next, bool *took)
{
	if (what && (!strcmp(what, "f") || !strcmp(what, "m")))
		return unsupported(*what == 'f' ? "-lf" : "-lm");
	o->action = KP_ACTION_LIST;
	o->list_fields = what && !strcmp(what, "v");
	if (what && strcmp(what, "e") && strcmp(what, "v")) {
		o->list = what;
	} else if (next && next[0] != '-') {
		o->list = next;
		*took = true;
	}
	return 0;
}

static int set_format(struct kp_options *o, const char *name)
{
	o->session.format = kp_output_find(name);
	if (!o->session.format)
		return kp_report_usage(KP_MSG_BAD_FORMAT, name);
	kp_report_use(o->session.format);
	return 0;
}

static int set_text(struct kp_options *o, const char *text)
{
	if (o->text)
		return kp_report_usage(KP_MSG_ONE_SCRIPT);
	o->text = text;
	return 0;
}

static int set_event(struct kp_options *o, const char *eventdef)
{
	static const char script[] = "trace %s { print(cpu, tid, execname, argstr) }";

	if (o->event_text)
		return kp_report_usage(KP_MSG_ONE_SCRIPT);
	if (asprintf(&o->event_text, script, eventdef) < 0) {
		o->event_text = NULL;
		return kp_report_usage(KP_MSG_NO_MEMORY);
	}
	return set_text(o, o->event_text);
}

static int set_option(struct kp_options *o, int c, const char *next, bool *took)
{
	struct kp_session_opts *s = &o->session;
	uint64_t n;

	switch (c) {
	case 'e':
		return set_text(o, optarg);
	case 's':
		return set_event(o, optarg);
	case 'p':
		if (parse_number(optarg, 1, INT_MAX, &n))
			return bad_number("-p", optarg);
		s->pid = (pid_t)n;
		return 0;
	case 'C':
		if (parse_number(optarg, 0, INT_MAX, &n))
			return bad_number("-C", optarg);
		s->cpu = (int)n;
		return 0;
	case 'c':
		return set_command(o, optarg);
	case 'o':
		s->output = optarg;
		return 0;
	case 'T':
		s->timestamps = true;
		return 0;
	case 'q':
		s->quiet = true;
		return 0;
	case 'v':
		s->verbose = true;
		return 0;
	case 'd':
		s->dry = true;
		return 0;
	case 'b':
		return set_dump(o, "bytecode");
	case 'l':
		return set_list(o, optarg, next, took);
	case OPT_COMPILE:
		o->action = KP_ACTION_COMPILE;
		return 0;
	case OPT_NO_FOLD:
		o->no_fold = true;
		return 0;
	case OPT_NO_INFER:
		o->no_infer = true;
		return 0;
	case OPT_DUMP:
		return set_dump(o, optarg);
	case OPT_FORMAT:
		return set_format(o, optarg);
	case OPT_UNSAFE:
		o->unsafe = true;
		return 0;
	case OPT_MEMORY:
		if (parse_size(optarg, KTAP_MIN_MEMORY, KTAP_MAX_MEMORY, &s->memory))
			return kp_report_usage(KP_MSG_BAD_SIZE, "--memory", optarg, "2M", "64G");
		return 0;
	case OPT_MAX_EXEC:
		if (parse_number(optarg, 1, UINT32_MAX, &n))
			return bad_number("--max-exec", optarg);
		s->max_exec = (uint32_t)n;
		return 0;
	case OPT_BUFFER:
		if (parse_size(optarg, KTAP_MIN_RING, KTAP_MAX_RING, &n))
			return kp_report_usage(KP_MSG_BAD_SIZE, "--buffer", optarg, "4K", "256M");
		s->buffer = (uint32_t)n;
		return 0;
	case OPT_STATS:
		s->stats = true;
		return 0;
	case OPT_HOST:
		o->host = true;
		return 0;
	}
	return 0;
}

/* What does not go together, and what is missing. */
static int check_options(const struct kp_options *o)
{
	if (o->action == KP_ACTION_LIST && o->text)
		return kp_report_usage(KP_MSG_LIST_SCRIPT);
	if (o->action == KP_ACTION_LIST)
		return o->session.nargs ? kp_report_usage(KP_MSG_LIST_PATTERN) : 0;
	if (!o->text && !o->file)
		return kp_report_usage(KP_MSG_NO_SCRIPT);
	if (o->action != KP_ACTION_RUN && o->session.nargs)
		return kp_report_usage(KP_MSG_RUN_ARGUMENTS, o->session.args[0]);
	if (o->action == KP_ACTION_COMPILE && !o->session.output)
		return kp_report_usage(KP_MSG_COMPILE_OUTPUT);
	if (o->session.pid && o->session.workload)
		return kp_report_usage(KP_MSG_PID_COMMAND);
	if (o->host && (o->session.workload || o->session.pid || o->session.cpu >= 0))
		return kp_report_usage(KP_MSG_HOST_TARGET);
	return 0;
}

/* What getopt_long() has not taken; @word is the last that it looked at. */
static int bad_option(int why, const char *word)
{
	const char letter[] = { '-', (char)optopt, '\0' };

	if (strncmp(word, "--", 2))
		word = letter;
	if (why == ':')
		return kp_report_usage(KP_MSG_OPTION_ALONE, word);
	return kp_report_usage(KP_MSG_BAD_OPTION, word);
}

int kp_options_parse(struct kp_options *o, int argc, char **argv)
{
	int i, c, ret;
	bool took;

	*o = (struct kp_options){ .session = { .cpu = -1 } };
	/* what follows the first "--" is the command */
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		if (i + 1 == argc)
			return kp_report_usage(KP_MSG_NO_COMMAND);
		o->session.workload = &argv[i + 1];
		argv[i] = NULL;
		argc = i;
	}
	while ((c = getopt_long(argc, argv, "+:e:p:C:c:o:TqvVhds:bl::", long_options, NULL)) !=
	       -1) {
		if (c == 'h' || c == 'V') {
			fputs(c == 'h' ? help : "ktap " KTAP_VERSION "\n", stdout);
			return -1;
		}
		if (c == ':' || c == '?')
			return bad_option(c, argv[optind - 1]);
		took = false;
		ret = set_option(o, c, optind < argc ? argv[optind] : NULL, &took);
		if (ret)
			return ret;
		optind += took;
	}
	if (!o->text && o->action != KP_ACTION_LIST && optind < argc)
		o->file = argv[optind++];
	o->session.script = o->file ? o->file : "(command line)";
	o->session.args = argv + optind;
	o->session.nargs = argc - optind;
	return check_options(o);
}

void kp_options_free(struct kp_options *o)
{
	free(o->event_text);
	wordfree(&o->words);
	*o = (struct kp_options){ 0 };
}
