// SPDX-License-Identifier: GPL-2.0-only
/* What a command says when something is wrong: every text of src/user/run/messages.def. */
#include "play.h"

static void options(void **state)
{
	static const struct command commands[] = {
		{ { KP_MSG_NO_SCRIPT, KP_MSG_SEE_HELP }, { NULL }, 2,
		  "ktap: there is no script to run" SEE_HELP, {}, NULL },
		{ { KP_MSG_UNSUPPORTED }, { "-lf" }, 2,
		  "ktap: -lf is not supported by this version" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_NUMBER }, { "-p", "0", "-e", "" }, 2,
		  "ktap: -p: '0' is not a number in range" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_NUMBER }, { "-C", "-1", "-e", "" }, 2,
		  "ktap: -C: '-1' is not a number in range" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_NUMBER }, { "--max-exec", "4294967296", "-e", "" }, 2,
		  "ktap: --max-exec: '4294967296' is not a number in range" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_SIZE }, { "--memory", "1", "-e", "" }, 2,
		  "ktap: --memory: '1' is not a size from 256K to 64G" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_SIZE }, { "--buffer", "5G", "-e", "" }, 2,
		  "ktap: --buffer: '5G' is not a size from 4K to 256M" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_COMMAND }, { "-c", "a | b", "-e", "" }, 2,
		  "ktap: -c: 'a | b' is not a simple command: use -- sh -c COMMAND" SEE_HELP,
		  {}, NULL },
		{ { KP_MSG_BAD_DUMP }, { "--dump=x", "-e", "" }, 2,
		  "ktap: --dump: 'x' is not ast, plan or bytecode" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_OPTION }, { "--nosuch" }, 2,
		  "ktap: '--nosuch' is not an option" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_OPTION }, { "-qZ" }, 2, "ktap: '-Z' is not an option" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_OPTION }, { "--quiet=1" }, 2,
		  "ktap: '--quiet=1' is not an option" SEE_HELP, {}, NULL },
		{ { KP_MSG_OPTION_ALONE }, { "-e" }, 2,
		  "ktap: the option '-e' needs a value" SEE_HELP, {}, NULL },
		{ { KP_MSG_OPTION_ALONE }, { "--output" }, 2,
		  "ktap: the option '--output' needs a value" SEE_HELP, {}, NULL },
		{ { KP_MSG_BAD_FORMAT }, { "--format=xml", "-e", "" }, 2,
		  "ktap: --format: 'xml' is not text or json" SEE_HELP, {}, NULL },
		{ { KP_MSG_NO_COMMAND }, { "-e", "", "--" }, 2,
		  "ktap: there is no command after --" SEE_HELP, {}, NULL },
		{ { KP_MSG_LIST_PATTERN }, { "-l", "a", "b" }, 2,
		  "ktap: -l takes one pattern" SEE_HELP, {}, NULL },
		{ { KP_MSG_RUN_ARGUMENTS }, { "-b", "-e", "", "x" }, 2,
		  "ktap: 'x': options and arguments of a script are given when it runs" SEE_HELP,
		  {}, NULL },
		{ { KP_MSG_COMPILE_OUTPUT }, { "--compile", "-e", "" }, 2,
		  "ktap: --compile needs -o FILE" SEE_HELP, {}, NULL },
		{ { KP_MSG_PID_COMMAND }, { "-p", "1", "-e", "", "--", "true" }, 2,
		  "ktap: -p and a command exclude each other" SEE_HELP, {}, NULL },
		{ { KP_MSG_HOST_TARGET }, { "--host", "-p", "1", "-e", "" }, 2,
		  "ktap: --host traces nothing, so it takes neither -p, -C nor a command" SEE_HELP,
		  {}, NULL },
		{ { KP_MSG_HOST_TARGET }, { "--host", "-C", "0", "-e", "" }, 2,
		  "ktap: --host traces nothing, so it takes neither -p, -C nor a command" SEE_HELP,
		  {}, NULL },
		{ { KP_MSG_HOST_TARGET }, { "--host", "-e", "", "--", "true" }, 2,
		  "ktap: --host traces nothing, so it takes neither -p, -C nor a command" SEE_HELP,
		  {}, NULL },
	};

	(void)state;
	RUN_ALL(commands);
}

#define SCRIPT "tests/lang/args.options.kp"

static void script_options(void **state)
{
	static char long_argument[KTAP_MAX_STRING + 2];
	static const struct command commands[] = {
		{ { KP_MSG_NO_OPTION, KP_MSG_NEAR_OPTION },
		  { "--host", SCRIPT, "--mx", "1" }, 2,
		  "ktap: " SCRIPT ": there is no option '--mx'\n"
		  "hint: did you mean `--max`?\n", {}, NULL },
		{ { KP_MSG_NO_OPTION, KP_MSG_SEE_SCRIPT }, { "--host", SCRIPT, "--x" }, 2,
		  "ktap: " SCRIPT ": there is no option '--x'\n"
		  "hint: `ktap " SCRIPT " -h` lists the options\n", {}, NULL },
		{ { KP_MSG_OPTION_NUMBER }, { "--host", SCRIPT, "--max", "x" }, 2,
		  "ktap: " SCRIPT ": --max takes a whole number, not 'x'\n", {}, NULL },
		{ { KP_MSG_OPTION_VALUE }, { "--host", SCRIPT, "--max" }, 2,
		  "ktap: " SCRIPT ": --max needs a value\n", {}, NULL },
		{ { KP_MSG_NO_ARGUMENTS }, { "--host", "-e", "", "x" }, 2,
		  "ktap: (command line): the script takes no arguments: 'x'\n", {}, NULL },
		{ { KP_MSG_MANY_ARGUMENTS }, { "--host", "-e", "print(arg[1])" }, 2,
		  "ktap: (command line): there are more than 65534 arguments\n",
		  { .more_args = 65535 }, NULL },
		{ { KP_MSG_LONG_ARGUMENT }, { "--host", "-e", "print(arg[1])", long_argument }, 2,
		  "ktap: (command line): an argument is longer than 65536 bytes\n", {}, NULL },
	};
	(void)state;
	memset(long_argument, 'x', sizeof(long_argument) - 1);
	RUN_ALL(commands);
}

/* A file of the test's directory with these bytes. */
static void write_bytes(const char *name, const void *bytes, size_t len)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void compile_text(const char *text, struct kp_buf *image)
{
	struct kp_source src = { "x.kp", text, strlen(text) };
	struct kp_compile_opts opts = { 0 };
	struct kp_buf said = KP_BUF_INIT;
	struct kp_diag diag = { .out = &said };

	assert_int_equal(kp_compile(&src, &opts, image, &diag), 0);
	kp_buf_free(&said);
}

static char dir[] = "/tmp/test_command.XXXXXX";
static char image_path[64], large_path[64], nothing_path[64];

static void files(void **state)
{
	const struct command commands[] = {
		{ { KP_MSG_OPEN_FILE }, { "/nosuch/x.kp" }, 255,
		  "error: cannot open /nosuch/x.kp: No such file or directory\n", {}, NULL },
		{ { KP_MSG_OPEN_FILE }, { "--host", "-o", "/nosuch/x", "-e", "" }, 1,
		  "error: cannot open /nosuch/x: No such file or directory\n", {}, NULL },
		{ { KP_MSG_OPEN_FILE }, { "-o", "/nosuch/x", "-e", "" }, 1,
		  "error: cannot open /nosuch/x: No such file or directory\n", {}, NULL },
		{ { KP_MSG_OPEN_FILE }, { "-o", "/nosuch/x", "--dump=plan", "-e", "" }, 1,
		  "error: cannot open /nosuch/x: No such file or directory\n", {}, NULL },
		{ { KP_MSG_OPEN_FILE }, { "-o", "/nosuch/x", "-l", "sched:*" }, 1,
		  "error: cannot open /nosuch/x: No such file or directory\n", {}, NULL },
		{ { KP_MSG_READ_FILE }, { "/usr" }, 255,
		  "error: cannot read /usr: Is a directory\n", {}, NULL },
		{ { KP_MSG_WRITE_FILE }, { "--compile", "-o", "/dev/full", "-e", "" }, 1,
		  "error: cannot write /dev/full: No space left on device\n", {}, NULL },
		{ { KP_MSG_WRITE_FILE }, { "-b", "-o", "/dev/full", "-e", "" }, 1,
		  "error: cannot write /dev/full: No space left on device\n", {}, NULL },
		{ { KP_MSG_WRITE_OUTPUT }, { "--host", "-o", "/dev/full", "-e", "print(1)" }, 1,
		  "error: cannot write the output: No space left on device\n", {}, NULL },
		{ { KP_MSG_IMAGE_AST }, { "--dump=ast", image_path }, 2,
		  "ktap: --dump=ast needs the source: this is an image" SEE_HELP, {}, NULL },
		{ { KP_MSG_READ_IMAGE, KP_MSG_IMAGE_TRUNCATED }, { nothing_path }, 255,
		  "error: cannot read the image: it is truncated\n", {}, NULL },
		{ { KP_MSG_READ_IMAGE, KP_MSG_IMAGE_TRUNCATED }, { "-b", nothing_path }, 255,
		  "error: cannot read the image: it is truncated\n", {}, NULL },
		{ { KP_MSG_MANY_FIELDS }, { large_path }, 255,
		  "error: the script names too many events and fields: its image is larger "
		  "than 67108864 bytes\n", {}, NULL },
		{ { KP_MSG_READ_IMAGE, KP_MSG_NO_MEMORY }, { "-e", "" }, 1,
		  "error: cannot read the image: out of memory\n",
		  { .no_calloc = true }, NULL },
	};
	struct kp_buf image = KP_BUF_INIT;
	struct ktap_image_header head;
	struct ktap_image_section s;
	size_t at;

	(void)state;
	compile_text("trace_end { }", &image);
	write_bytes(image_path, image.data, image.len);
	write_bytes(nothing_path, "\033ktp", 4);
	/* as large as an image may be: its last section takes the rest */
	memcpy(&head, image.data, sizeof(head));
	at = sizeof(head) + (le32toh(head.nsections) - 1) * sizeof(s);
	memcpy(&s, image.data + at, sizeof(s));
	s.size = htole32(KTAP_MAX_IMAGE - le32toh(s.offset));
	memcpy(image.data + at, &s, sizeof(s));
	head.size = htole32(KTAP_MAX_IMAGE);
	memcpy(image.data, &head, sizeof(head));
	write_bytes(large_path, image.data, image.len);
	assert_int_equal(truncate(large_path, KTAP_MAX_IMAGE), 0);
	kp_buf_free(&image);
	RUN_ALL(commands);
}

#define SECTION 4096u /* larger than any offset in an entry of the section table */

/* -o takes what else would go to standard output. */
static void listings(void **state)
{
	const struct {
		struct command command;
		const char *begins;
	} cases[] = {
		{ { { NULL }, { "-b", "-o", nothing_path, "-e", "" }, 0, "", {}, "" }, "f0 main" },
		{ { { NULL }, { "--dump=plan", "-o", nothing_path, "-e", "trace_end { }" }, 0, "", {},
		    "" },
		  "line 1: trace_end" },
		{ { { NULL }, { "--dump=ast", "-o", nothing_path, "-e", "print(1)" }, 0, "", {}, "" },
		  "" },
		{ { { NULL }, { "-o", nothing_path, "-l", "sched:sched_switch" }, 0, "", {}, "" },
		  "sched:sched_switch\n" },
		{ { { NULL }, { "--host", "-o", nothing_path, "-e", "print(7)" }, 0, "", {}, "" },
		  "7\n" },
	};
	char text[8192];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		run_command(&cases[i].command);
		take_text(open(nothing_path, O_RDONLY), text);
		assert_int_not_equal(text[0], '\0');
		assert_memory_equal(text, cases[i].begins, strlen(cases[i].begins));
		unlink(nothing_path);
	}
}

/* Change one image in every way that its reader knows. */
static void images(void **state)
{
	struct kp_buf image = KP_BUF_INIT;
	static char large[KTAP_MAX_IMAGE + 1];
	struct kp_view view;
	const char *why;
	size_t strings_at, i;
	char *copy;
	static const struct {
		size_t at;
		uint32_t value;
		const char *shown;
	} changes[] = {
		{ offsetof(struct ktap_image_header, magic), 1, KP_MSG_IMAGE_FOREIGN },
		{ offsetof(struct ktap_image_header, major), 99, KP_MSG_IMAGE_VERSION },
		{ offsetof(struct ktap_image_header, size), 99, KP_MSG_IMAGE_TRUNCATED },
		{ offsetof(struct ktap_image_header, nsections), 99, KP_MSG_IMAGE_SECTIONS },
		/* counted from the section of the strings */
		{ SECTION | offsetof(struct ktap_image_section, tag), 99, KP_MSG_IMAGE_NO_STRINGS },
		{ SECTION | offsetof(struct ktap_image_section, count), 1u << 30,
		  KP_MSG_IMAGE_STRINGS },
	};

	(void)state;
	assert_int_equal(kp_view_open(&view, large, sizeof(large), &why), -EINVAL);
	assert_true(shows(why, KP_MSG_IMAGE_LARGE));
	compile_text("trace_end { }", &image);
	assert_int_equal(kp_view_open(&view, image.data, image.len, &why), 0);
	strings_at = sizeof(struct ktap_image_header) +
		     (size_t)(kp_view_section(&view, KTAP_SEC_STRS) - view.sections) *
			     sizeof(struct ktap_image_section);
	kp_view_close(&view);
	copy = malloc(image.len);
	assert_non_null(copy);
	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		uint32_t value = htole32(changes[i].value);
		size_t at = changes[i].at;

		if (at & SECTION)
			at = strings_at + (at & ~SECTION);
		memcpy(copy, image.data, image.len);
		memcpy(copy + at, &value, sizeof(value));
		assert_int_equal(kp_view_open(&view, copy, image.len, &why), -EINVAL);
		if (!shows(why, changes[i].shown))
			fail_msg("'%s' is not '%s'", why, changes[i].shown);
	}
	free(copy);
	kp_buf_free(&image);
}

#define LINE(text, mark) "    " text "\n    " mark "\n"

static void names(void **state)
{
	static const struct command commands[] = {
		{ { KP_MSG_PRIVILEGE }, { "-e", "trace sched:* { }" }, 1,
		  "error: tracing needs root, or CAP_SYS_ADMIN or CAP_PERFMON\n",
		  { .user = 1, .tracefs = EACCES }, NULL },
		{ { KP_MSG_NO_TRACEFS }, { "-e", "trace sched:* { }" }, 255,
		  "error: this kernel has no tracefs (CONFIG_TRACING is off)\n",
		  { .tracefs = ENOENT }, NULL },
		{ { KP_MSG_LIST_EVENTS }, { "-l" }, 1,
		  "error: cannot list the events: Input/output error\n",
		  { .unreadable = "available_events" }, NULL },
		{ { KP_MSG_PRIVILEGE }, { "-l" }, 1,
		  "error: tracing needs root, or CAP_SYS_ADMIN or CAP_PERFMON\n",
		  { .user = 1, .tracefs = EACCES }, NULL },
		{ { KP_MSG_NO_TRACEFS }, { "-l" }, 1,
		  "error: this kernel has no tracefs (CONFIG_TRACING is off)\n",
		  { .tracefs = ENOENT }, NULL },
		{ { KP_MSG_LIST_EMPTY }, { "-l", "no:such" }, 1,
		  "error: no event of this kernel matches 'no:such'\n", {}, NULL },
		{ { KP_MSG_EVENT_LIST }, { "-e", "trace sched:* { }" }, 255,
		  "error: (command line):1:7: cannot read the kernel's list of events: "
		  "Input/output error\n" LINE("trace sched:* { }", "      ^~~~~~~"),
		  { .unreadable = "available_events" }, NULL },
		{ { KP_MSG_READ_FORMAT }, { "-e", "trace sched:sched_switch { print(arg0) }" }, 255,
		  "error: cannot read the format of sched:sched_switch: Input/output error\n",
		  { .unreadable = "format" }, NULL },
		{ { KP_MSG_TIMER_FIELD },
		  { "-e", "function f() { print(args.x) } tick-1s { f() } trace sched:* { f() }" },
		  255,
		  "error: (command line):1:27: a timer has no fields\n"
		  LINE("function f() { print(args.x) } tick-1s { f() } trace sched:* { f() }",
		       "                          ^"), {}, NULL },
		{ { KP_MSG_UNKNOWN_FIELD, KP_MSG_NEAR_FIELD, KP_MSG_FIELDS },
		  { "-e", "trace sched:sched_switch { print(args.next_pod) }" }, 255,
		  "error: (command line):1:39: event 'sched:sched_switch' has no field "
		  "'next_pod'\n"
		  LINE("trace sched:sched_switch { print(args.next_pod) }",
		       "                                      ^~~~~~~~")
		  "hint: did you mean `next_pid`?\n"
		  "hint: its fields are prev_comm, prev_pid, prev_prio, prev_state, next_comm, "
		  "next_pid, next_prio\n", {}, NULL },
		{ { KP_MSG_HOST_PROBES }, { "--host", "-e", "tick-1s { }" }, 255,
		  "error: (command line):1:1: probes and timers need the kernel\n"
		  LINE("tick-1s { }", "^"), {}, NULL },
		{ { KP_MSG_EVENT_MEMORY }, { "-e", "trace sched:* { }" }, 255,
		  "error: (command line):1:7: out of memory for the events\n"
		  LINE("trace sched:* { }", "      ^~~~~~~"), { .no_strndup = true }, NULL },
	};

	(void)state;
	RUN_ALL(commands);
}

static void many_events(void **state)
{
	struct kp_buf text = KP_BUF_INIT;
	struct command c = { { KP_MSG_MANY_EVENTS }, { "-e" }, 255, NULL, {}, NULL };
	unsigned int i;

	(void)state;
	kp_buf_puts(&text, "trace sched:sched_switch");
	for (i = 0; i < 400; i++)
		kp_buf_puts(&text, ",\n*:*");
	kp_buf_puts(&text, "{}");
	c.args[1] = kp_buf_str(&text);
	run_command(&c);
	kp_buf_free(&text);
}

#define UNSIGNED                                                                                \
	"error: the kernel refuses the module ktapvm: it is not signed with a key that Secure " \
	"Boot trusts\n"                                                                         \
	"hint: enrol the key that DKMS signs with, and restart: mokutil --import "              \
	"/var/lib/dkms/mok.pub\n"
#define MISSING                                                                    \
	"error: the module ktapvm is not installed for kernel 6.1.0-5-test\n"      \
	"hint: apt install ktap-dkms linux-headers-6.1.0-5-test\n"                 \
	"hint: or, when it is installed but not built for this kernel: dkms "      \
	"autoinstall -k 6.1.0-5-test\n"
#define FOREIGN                                                             \
	"error: the module ktapvm is not built for kernel 6.1.0-5-test\n"   \
	"hint: dkms autoinstall -k 6.1.0-5-test\n"
#define MODPROBE_SAYS(text) "echo 'modprobe: ERROR: could not insert ktapvm: " text "' >&2; exit 1"

static void module(void **state)
{
	static const struct command commands[] = {
		{ { KP_MSG_PRIVILEGE }, { "-e", "" }, 1,
		  "error: tracing needs root, or CAP_SYS_ADMIN or CAP_PERFMON\n",
		  { .device = EPERM }, NULL },
		{ { KP_MSG_PRIVILEGE }, { "-e", "" }, 1,
		  "error: tracing needs root, or CAP_SYS_ADMIN or CAP_PERFMON\n",
		  { .device = ENOENT, .user = 1 }, NULL },
		{ { KP_MSG_LOCKDOWN, KP_MSG_LOCKDOWN_HOW }, { "-e", "" }, 1,
		  "error: this kernel is locked down for confidentiality: it lets nobody trace\n"
		  "hint: that comes from the boot option lockdown=confidentiality\n",
		  { .device = EPERM, .lockdown = "none integrity [confidentiality]\n" }, NULL },
		{ { KP_MSG_MODULE_UNSIGNED, KP_MSG_MODULE_ENROL }, { "-e", "" }, 1, UNSIGNED,
		  { .device = ENOENT,
		    .modprobe = MODPROBE_SAYS("Key was rejected by service") }, NULL },
		{ { KP_MSG_MODULE_UNSIGNED }, { "-e", "" }, 1, UNSIGNED,
		  { .device = ENOENT,
		    .lockdown = "none [integrity] confidentiality\n",
		    .modprobe = MODPROBE_SAYS("Operation not permitted") }, NULL },
		{ { KP_MSG_PRIVILEGE }, { "-e", "" }, 1,
		  "error: tracing needs root, or CAP_SYS_ADMIN or CAP_PERFMON\n",
		  { .device = ENOENT, .modprobe = MODPROBE_SAYS("Operation not permitted") }, NULL },
		{ { KP_MSG_MODULE_MISSING, KP_MSG_MODULE_INSTALL, KP_MSG_MODULE_BUILD },
		  { "-e", "" }, 1, MISSING,
		  { .device = ENOENT,
		    .modprobe = "echo 'FATAL: Module ktapvm not found in directory' >&2; exit 1" }, NULL },
		{ { KP_MSG_MODULE_MISSING }, { "-e", "" }, 1, MISSING, { .device = ENOENT }, NULL },
		{ { KP_MSG_MODULE_FOREIGN, KP_MSG_MODULE_REBUILD }, { "-e", "" }, 1, FOREIGN,
		  { .device = ENOENT, .modprobe = MODPROBE_SAYS("Exec format error") }, NULL },
		{ { KP_MSG_MODULE_LOAD }, { "-e", "" }, 1,
		  "error: cannot load the module ktapvm: it feels ill\n",
		  { .device = ENOENT, .modprobe = "echo it feels ill; exit 1" }, NULL },
		{ { KP_MSG_MODULE_LOAD }, { "-e", "" }, 1,
		  "error: cannot load the module ktapvm: Input/output error\n",
		  { .device = ENOENT, .modprobe = "exit 1" }, NULL },
		{ { KP_MSG_OPEN_DEVICE }, { "-e", "" }, 1,
		  "error: cannot open /dev/ktap: No such file or directory\n",
		  { .device = ENOENT, .device_after = ENOENT, .modprobe = "exit 0" }, NULL },
		{ { KP_MSG_MODULE_MUTE }, { "-e", "" }, 1,
		  "error: /dev/ktap does not answer as the module ktapvm does: "
		  "Inappropriate ioctl for device\n", { .info = ENOTTY }, NULL },
		{ { KP_MSG_MODULE_VERSION, KP_MSG_MODULE_RELOAD }, { "-e", "" }, 1,
		  "error: the loaded module ktapvm 9.9 does not fit this ktap " KTAP_VERSION "\n"
		  "hint: modprobe -r ktapvm and run ktap again; when that does not help: "
		  "apt install --reinstall ktap-dkms\n", { .abi = KTAP_ABI_MAJOR + 1 }, NULL },
	};
	static const struct command from_file[] = {
		{ { KP_MSG_MODULE_OPEN }, { "-e", "" }, 1,
		  "error: cannot open the module /nosuch/ktapvm.ko: No such file or directory\n",
		  { .device = ENOENT }, NULL },
	};
	static const struct command refused[] = {
		{ { KP_MSG_MODULE_UNSIGNED }, { "-e", "" }, 1, UNSIGNED,
		  { .device = ENOENT, .finit = ENOKEY }, NULL },
		{ { KP_MSG_MODULE_FOREIGN }, { "-e", "" }, 1, FOREIGN,
		  { .device = ENODEV, .finit = ENOEXEC }, NULL },
		{ { NULL }, { "-e", "" }, 0, "", { .device = ENXIO, .finit = EEXIST }, NULL },
	};

	(void)state;
	RUN_ALL(commands);
	setenv("KTAP_MODULE", "/nosuch/ktapvm.ko", 1);
	RUN_ALL(from_file);
	setenv("KTAP_MODULE", "/dev/null", 1);
	RUN_ALL(refused);
	unsetenv("KTAP_MODULE");
}

static void runs(void **state)
{
	static const struct command commands[] = {
		{ { KP_MSG_BANNER, KP_MSG_RESOLVED, KP_MSG_ARMED },
		  { "-v", "-e", "trace sched:sched_switch { }", "--", "true" }, 0,
		  NULL, { .armed = 1 }, NULL },
		{ { NULL }, { "-q", "-e", "trace sched:sched_switch { }", "--", "true" }, 0, "",
		  { .armed = 1 }, NULL },
		{ { KP_MSG_NO_PID }, { "-p", "77", "-e", "" }, 1, "error: cannot find pid 77\n",
		  { .load = ESRCH }, NULL },
		{ { KP_MSG_NO_CPU }, { "-C", "7", "-e", "" }, 1, "error: cpu 7 is not online\n",
		  { .load = EINVAL }, NULL },
		{ { KP_MSG_LOAD_SCRIPT }, { "-e", "" }, 1,
		  "error: cannot load the script: Input/output error\n", { .load = EIO }, NULL },
		{ { KP_MSG_LOAD_MEMORY }, { "-e", "" }, 1,
		  "error: cannot load the script: with the buffers of all CPUs it needs more than "
		  "--memory allows, or than there is\n", { .load = ENOMEM }, NULL },
		{ { KP_MSG_UNKNOWN_ERROR }, { "-e", "" }, 255, "error: unknown error 9999\n",
		  { .load = EINVAL, .place = { .error = 9999, .func = KTAP_NONE } }, NULL },
		{ { KP_MSG_LOAD_SCRIPT }, { "--host", "-e", "" }, 1,
		  "error: cannot load the script: Cannot allocate memory\n",
		  { .no_load = true }, NULL },
		{ { KP_MSG_MAKE_SESSION }, { "--host", "-e", "" }, 1,
		  "error: cannot make a session: Cannot allocate memory\n", { .no_vm = true }, NULL },
		{ { KP_MSG_RUN_SCRIPT }, { "--host", "-e", "" }, 1,
		  "error: cannot run the script: Cannot allocate memory\n", { .no_ctx = true }, NULL },
		{ { KP_MSG_WATCH_SIGNALS }, { "-e", "" }, 1,
		  "error: cannot watch signals: Too many open files\n", { .no_signals = true }, NULL },
		{ { KP_MSG_READ_RINGS }, { "-e", "" }, 1,
		  "error: cannot read the rings: No such device\n", { .no_rings = true }, NULL },
		{ { KP_MSG_READ_STATE }, { "-e", "" }, 1,
		  "error: cannot read the state of the session: Input/output error\n",
		  { .status = EIO }, NULL },
		{ { KP_MSG_TRACE }, { "-e", "" }, 1, "error: cannot trace: Input/output error\n",
		  { .run = EIO }, NULL },
		{ { KP_MSG_TRACE }, { "-e", "" }, 1, "error: cannot trace: Input/output error\n",
		  { .stop = EIO }, NULL },
		{ { KP_MSG_INTERRUPTED }, { "-e", "" }, 1, "error: interrupted\n",
		  { .run = EINTR }, NULL },
		{ {}, { "-q", "-e", "trace sched:sched_switch { print(1) }", "--", "true" }, 0,
		  "warning: sched:sched_switch: the kernel lets nobody trace this event\n",
		  { .warning = KTAP_ERR_NOT_TRACEABLE }, NULL },
		{ { KP_MSG_START_COMMAND }, { "-e", "", "--", "nosuchcommand" }, 127,
		  "error: cannot run nosuchcommand: No such file or directory\n", {}, NULL },
		{ { KP_MSG_SHOW_OUTPUT }, { "-e", "" }, 1,
		  "error: cannot show what the script printed: Protocol error\n",
		  { .junk = KTAP_REC_PRINT }, NULL },
		{ { KP_MSG_WRITE_OUTPUT, KP_MSG_SHOW_OUTPUT }, { "-o", "/dev/full", "-e", "" }, 1,
		  NULL, { .junk = KTAP_REC_PRINT }, NULL },
	};

	(void)state;
	RUN_ALL(commands);
}

static void formats(void **state)
{
	static const struct command commands[] = {
		{ { KP_MSG_FORMAT_VALUE }, { "--host", "-e", "printf(arg[1])", "%d" }, 1,
		  "error: bad argument #2: (no value) at (command line):1\n"
		  "    printf(arg[1])\n    ^\n", {}, NULL },
		{ { KP_MSG_FORMAT_TYPE }, { "--host", "-e", "printf(arg[1], \"x\")", "%d" }, 1,
		  "error: wrong type of argument 2 at (command line):1\n"
		  "    printf(arg[1], \"x\")\n    ^\n", {}, NULL },
		{ { KP_MSG_FORMAT_LONG }, { "--host", "-e", "printf(arg[1], 1)", "%10000d" }, 1,
		  "error: invalid format (width or precision too long) at (command line):1\n"
		  "    printf(arg[1], 1)\n    ^\n", {}, NULL },
		{ { KP_MSG_FORMAT_FLAGS }, { "--host", "-e", "printf(arg[1], 1)", "%--d" }, 1,
		  "error: invalid format (repeated flags) at (command line):1\n"
		  "    printf(arg[1], 1)\n    ^\n", {}, NULL },
		{ { KP_MSG_FORMAT_END }, { "--host", "-e", "printf(arg[1], 1)", "%5" }, 1,
		  "error: invalid format (it ends within a conversion) at (command line):1\n"
		  "    printf(arg[1], 1)\n    ^\n", {}, NULL },
		{ { KP_MSG_FORMAT_OPTION }, { "--host", "-e", "printf(arg[1], 1)", "%y" }, 1,
		  "error: invalid option '%y' to 'format' at (command line):1\n"
		  "    printf(arg[1], 1)\n    ^\n", {}, NULL },
	};

	(void)state;
	RUN_ALL(commands);
}

#define EXIT(status) "{\"type\":\"exit\",\"status\":" #status "}\n"

/* Everything that may happen, as JSON. */
static void json(void **state)
{
	static const struct command commands[] = {
		{ { NULL }, { "--format=json", "--host", "-e", "print(1, \"x\")" }, 0, EXIT(0), {},
		  "{\"type\":\"print\",\"values\":[1,\"x\"]}\n" },
		{ { NULL }, { "--format=json", "-e", "if" }, 255,
		  "{\"type\":\"error\",\"message\":\"'(' expected\",\"tag\":\"EXPECTED\","
		  "\"near\":\"<eof>\",\"cause\":\"the statement cannot go on like this\","
		  "\"file\":\"(command line)\",\"line\":1,\"column\":3,\"source\":\"if\","
		  "\"hints\":[]}\n" EXIT(255), {}, "" },
		{ { NULL }, { "--format=json", "--host", "-e", "var total = 1 print(totl)" }, 0,
		  "{\"type\":\"warning\",\"message\":\"variable 'totl' is never assigned\","
		  "\"tag\":\"NEVER_ASSIGNED\",\"near\":\"totl\",\"cause\":\"nothing in the script "
		  "gives it a value, so it is always nil\",\"file\":\"(command line)\",\"line\":1,"
		  "\"column\":21,\"source\":\"var total = 1 print(totl)\",\"hints\":[\"did you mean "
		  "`total`?\"]}\n" EXIT(0), {}, "{\"type\":\"print\",\"values\":[null]}\n" },
		{ { NULL }, { "--format=json", "--host", "-e", "print(1)\nprint(1 / 0)" }, 1,
		  "{\"type\":\"error\",\"message\":\"divide 0 arith operation\",\"file\":"
		  "\"(command line)\",\"line\":2,\"column\":9,\"source\":\"print(1 / 0)\","
		  "\"hints\":[]}\n" EXIT(1), {}, "{\"type\":\"print\",\"values\":[1]}\n" },
		{ { NULL }, { "--format=json", "-Z" }, 2,
		  "{\"type\":\"usage\",\"message\":\"'-Z' is not an option\",\"hints\":[\"`ktap "
		  "--help` lists the options\"]}\n" EXIT(2), {}, "" },
		{ { NULL }, { "--format=json", "-e", "trace sched:sched_swich { }" }, 255,
		  "{\"type\":\"error\",\"message\":\"no event of this kernel matches "
		  "'sched:sched_swich'\",\"file\":\"(command line)\",\"line\":1,\"column\":7,"
		  "\"source\":\"trace sched:sched_swich { }\",\"hints\":[\"did you mean "
		  "`sched_switch`?\"]}\n" EXIT(255), {}, "" },
		{ { NULL }, { "--format=json", "-e", "trace sched:sched_switch { }", "--", "true" },
		  0,
		  "{\"type\":\"info\",\"message\":\"Tracing... Hit Ctrl-C to end.\","
		  "\"hints\":[]}\n"
		  "{\"type\":\"loss\",\"counter\":\"LOST\",\"count\":7,\"message\":\"output "
		  "records lost: the ring buffer was full\"}\n" EXIT(0), { .armed = 1, .lost = 7 }, "" },
	};

	(void)state;
	RUN_ALL(commands);
}

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(image_path, sizeof(image_path), "%s/x.kpc", dir);
	snprintf(large_path, sizeof(large_path), "%s/large.kpc", dir);
	snprintf(nothing_path, sizeof(nothing_path), "%s/nothing.kpc", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(image_path);
	unlink(large_path);
	unlink(nothing_path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options),     cmocka_unit_test(script_options), cmocka_unit_test(files),
		cmocka_unit_test(images),	cmocka_unit_test(listings),      cmocka_unit_test(names),
		cmocka_unit_test(many_events), cmocka_unit_test(module),
		cmocka_unit_test(runs),	       cmocka_unit_test(formats),
		cmocka_unit_test(json),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
