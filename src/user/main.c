// SPDX-License-Identifier: GPL-2.0-only
/* The command: options and exit statuses. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include <wordexp.h>

#include <ktap/abi.h>

#include "compile/compile.h"
#include "run/dump.h"
#include "run/list.h"
#include "run/out.h"
#include "run/output.h"
#include "run/report.h"
#include "run/script.h"
#include "run/session.h"
#include "run/view.h"

enum action { ACTION_RUN, ACTION_COMPILE, ACTION_AST, ACTION_PLAN, ACTION_BYTECODE, ACTION_LIST };

struct options {
	enum action action;
	struct kp_session_opts session;
	const char *text; /* -e: the script itself */
	char *event_text; /* -s: the script made of it */
	const char *file; /* or where it is */
	const char *list; /* -l: pattern, or NULL */
	bool list_fields; /* -lv */
	wordexp_t words;  /* -c: the command in pieces */
	bool no_fold, no_infer;
	bool host;
	bool unsafe; /* built-ins that change what the system does are allowed */
};

/* The script, as source or as image. */
struct script {
	char *name; /* for messages */
	struct kp_buf bytes;
	struct kp_buf image;
	struct kp_buf plan; /* what the compiler found out about variables */
};

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
	"  -- COMMAND, -c COMMAND start COMMAND, trace only it, end with it\n"
	"  -p, --pid PID          trace only this process, end with it\n"
	"  -C, --cpu CPU          trace only this CPU\n"
	"  -o, --output FILE      write the output to FILE\n"
	"  -T, --time             begin event lines with the time\n"
	"      --format FORMAT    text, or json: an object a line\n"
	"  -d, --dry-run          arm the events, but run nothing when they happen\n"
	"  -l, -le [GLOB]         list events; -lv also their fields\n"
	"      --compile          write the image to the file of -o\n"
	"  -b, --dump=bytecode    show the instructions; also --dump=ast, --dump=plan\n"
	"      --host             run without the kernel: no probes, no timers\n"
	"      --memory SIZE      most that tables and strings may take (64M)\n"
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

static int set_command(struct options *o, char *text)
{
	if (wordexp(text, &o->words, WRDE_NOCMD | WRDE_UNDEF) || !o->words.we_wordc) {
		o->words = (wordexp_t){ 0 };
		return kp_report_usage(KP_MSG_BAD_COMMAND, text);
	}
	o->session.workload = o->words.we_wordv;
	return 0;
}

static int set_dump(struct options *o, const char *what)
{
	if (!strcmp(what, "ast"))
		o->action = ACTION_AST;
	else if (!strcmp(what, "plan"))
		o->action = ACTION_PLAN;
	else if (!strcmp(what, "bytecode"))
		o->action = ACTION_BYTECODE;
	else
		return kp_report_usage(KP_MSG_BAD_DUMP, what);
	return 0;
}

/* -l [GLOB], -le [GLOB], -lv [GLOB]: @what is stuck to the option, @next may be the pattern. */
static int set_list(struct options *o, const char *what, const char *next, bool *took)
{
	if (what && (!strcmp(what, "f") || !strcmp(what, "m")))
		return unsupported(*what == 'f' ? "-lf" : "-lm");
	o->action = ACTION_LIST;
	o->list_fields = what && !strcmp(what, "v");
	if (what && strcmp(what, "e") && strcmp(what, "v")) {
		o->list = what;
	} else if (next && next[0] != '-') {
		o->list = next;
		*took = true;
	}
	return 0;
}

static int set_format(struct options *o, const char *name)
{
	o->session.format = kp_output_find(name);
	if (!o->session.format)
		return kp_report_usage(KP_MSG_BAD_FORMAT, name);
	kp_report_use(o->session.format);
	return 0;
}

static int set_event(struct options *o, const char *eventdef)
{
	static const char script[] = "trace %s { print(cpu, tid, execname, argstr) }";

	free(o->event_text);
	if (asprintf(&o->event_text, script, eventdef) < 0) {
		o->event_text = NULL;
		return kp_report_usage(KP_MSG_NO_MEMORY);
	}
	o->text = o->event_text;
	return 0;
}

static int set_option(struct options *o, int c, const char *next, bool *took)
{
	struct kp_session_opts *s = &o->session;
	uint64_t n;

	switch (c) {
	case 'e':
		o->text = optarg;
		return 0;
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
		o->action = ACTION_COMPILE;
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
			return kp_report_usage(KP_MSG_BAD_SIZE, "--memory", optarg, "256K", "64G");
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
static int check_options(const struct options *o)
{
	if (o->action == ACTION_LIST)
		return o->session.nargs ? kp_report_usage(KP_MSG_LIST_PATTERN) : 0;
	if (!o->text && !o->file)
		return kp_report_usage(KP_MSG_NO_SCRIPT);
	if (o->action != ACTION_RUN && o->session.nargs)
		return kp_report_usage(KP_MSG_RUN_ARGUMENTS, o->session.args[0]);
	if (o->action == ACTION_COMPILE && !o->session.output)
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

/* Returns 0; -1 when there is nothing left to do; or an exit status. */
static int parse_options(struct options *o, int argc, char **argv)
{
	int i, c, ret;
	bool took;

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
	if (!o->text && o->action != ACTION_LIST && optind < argc)
		o->file = argv[optind++];
	o->session.script = o->file ? o->file : "(command line)";
	o->session.args = argv + optind;
	o->session.nargs = argc - optind;
	return check_options(o);
}

/* Actions */

/* Messages go to standard error. Returns 0 or an exit status. */
static int compile(const struct options *o, struct script *s)
{
	struct kp_source src = { s->name, s->bytes.data ? s->bytes.data : "", s->bytes.len };
	struct kp_compile_opts opts = { .unsafe = o->unsafe };
	struct kp_buf said = KP_BUF_INIT;
	const struct kp_output *format = o->session.format;
	struct kp_diag diag = { .out = &said, .form = format ? format->messages : NULL };
	int ret;

	opts.no_fold = o->no_fold;
	opts.no_infer = o->no_infer;
	opts.plan = o->action == ACTION_PLAN ? &s->plan : NULL;
	if (o->action == ACTION_AST)
		ret = kp_ast_dump(&src, &opts, &s->image, &diag);
	else
		ret = kp_compile(&src, &opts, &s->image, &diag);
	if (said.len)
		fwrite(said.data, 1, said.len, stderr);
	kp_buf_free(&said);
	if (ret == -ENOMEM)
		kp_report_error(KP_MSG_NO_MEMORY);
	return ret ? KP_EXIT_COMPILE : 0;
}

static int read_script(const struct options *o, struct script *s)
{
	if (!o->text)
		return kp_script_read(o->file, &s->bytes, &s->name) ? KP_EXIT_COMPILE : 0;
	s->name = strdup("(command line)");
	kp_buf_puts(&s->bytes, o->text);
	if (s->name && !kp_buf_error(&s->bytes))
		return 0;
	kp_report_error(KP_MSG_NO_MEMORY);
	return KP_EXIT_RUNTIME;
}

static int cannot_write(const char *path, int err)
{
	if (path)
		kp_report_error(KP_MSG_WRITE_FILE, path, strerror(err));
	else
		kp_report_error(KP_MSG_WRITE_OUTPUT, strerror(err));
	return KP_EXIT_RUNTIME;
}

static int write_file(const char *path, const struct kp_buf *bytes)
{
	struct kp_out out;
	int ret;

	ret = kp_out_open(&out, path);
	if (!ret) {
		kp_buf_put(&out.text, bytes->data, bytes->len);
		ret = kp_out_close(&out);
	}
	return ret ? cannot_write(path, -ret) : 0;
}

/* Where a listing goes: the file of -o or standard output. Returns NULL after an error. */
static FILE *open_listing(const struct options *o)
{
	FILE *out = o->session.output ? fopen(o->session.output, "we") : stdout;

	if (!out)
		kp_report_error(KP_MSG_OPEN_FILE, o->session.output, strerror(errno));
	return out;
}

/* Returns 0 or an exit status. */
static int close_listing(const struct options *o, FILE *out)
{
	bool failed = fflush(out) || ferror(out);
	int err = errno;

	if (out != stdout && fclose(out) && !failed) {
		failed = true;
		err = errno;
	}
	return failed ? cannot_write(o->session.output, err) : 0;
}

static int dump(const struct options *o, const struct kp_buf *image, const struct kp_buf *plan)
{
	struct kp_view view;
	const char *why;
	FILE *out;

	if (kp_view_open(&view, image->data, image->len, &why)) {
		kp_report_error(KP_MSG_READ_IMAGE, why ? why : KP_MSG_NO_MEMORY);
		return KP_EXIT_COMPILE;
	}
	out = open_listing(o);
	if (out && o->action == ACTION_PLAN) {
		kp_dump_plan(&view, out);
		if (plan->len)
			fwrite(plan->data, 1, plan->len, out);
	}
	if (out && o->action == ACTION_BYTECODE)
		kp_dump_bytecode(&view, out);
	kp_view_close(&view);
	return out ? close_listing(o, out) : KP_EXIT_RUNTIME;
}

static int list(const struct options *o)
{
	FILE *out = open_listing(o);
	int ret, err;

	if (!out)
		return KP_EXIT_RUNTIME;
	ret = kp_list_run(o->list, o->list_fields, out);
	err = close_listing(o, out);
	return ret ? ret : err;
}

static int act(const struct options *o, const struct kp_buf *image, const struct kp_buf *plan)
{
	switch (o->action) {
	case ACTION_COMPILE:
		return write_file(o->session.output, image);
	case ACTION_AST:
		return write_file(o->session.output, image);
	case ACTION_PLAN:
	case ACTION_BYTECODE:
		return dump(o, image, plan);
	default:
		if (o->host)
			return kp_session_run_host(image->data, image->len, &o->session);
		return kp_session_run(image->data, image->len, &o->session);
	}
}

static int run(const struct options *o)
{
	struct script s = { 0 };
	int ret;

	ret = read_script(o, &s);
	if (ret)
		goto out;
	if (kp_view_is_image(s.bytes.data, s.bytes.len)) {
		if (o->action == ACTION_AST)
			ret = kp_report_usage(KP_MSG_IMAGE_AST);
		else
			ret = act(o, &s.bytes, &s.plan);
		goto out;
	}
	ret = compile(o, &s);
	if (!ret)
		ret = act(o, &s.image, &s.plan);
out:
	free(s.name);
	kp_buf_free(&s.bytes);
	kp_buf_free(&s.image);
	kp_buf_free(&s.plan);
	return ret;
}

int main(int argc, char **argv)
{
	struct options o = { .session = { .cpu = -1 } };
	int ret;

	ret = parse_options(&o, argc, argv);
	if (ret == 0)
		ret = o.action == ACTION_LIST ? list(&o) : run(&o);
	if (ret < 0)
		ret = 0;
	else
		kp_report_exit(ret);
	free(o.event_text);
	wordfree(&o.words);
	return ret;
}
