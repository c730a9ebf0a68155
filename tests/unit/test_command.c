// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a command says when something is wrong: src/user/run/messages.def. What is about the
 * kernel and its module is in test_command_kernel.c.
 */
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
		  "ktap: --memory: '1' is not a size from 2M to 64G" SEE_HELP, {}, NULL },
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
		{ { KP_MSG_LIST_SCRIPT }, { "-l", "a", "-e", "" }, 2,
		  "ktap: -l runs no script, so it takes neither -e nor -s" SEE_HELP, {}, NULL },
		{ { KP_MSG_ONE_SCRIPT }, { "--host", "-e", "", "-e", "" }, 2,
		  "ktap: -e and -s cannot be given more than once, nor together" SEE_HELP, {},
		  NULL },
		{ { KP_MSG_ONE_SCRIPT }, { "--host", "-e", "", "-s", "a:b" }, 2,
		  "ktap: -e and -s cannot be given more than once, nor together" SEE_HELP, {},
		  NULL },
		{ { KP_MSG_ONE_SCRIPT }, { "--host", "-s", "a:b", "-s", "a:b" }, 2,
		  "ktap: -e and -s cannot be given more than once, nor together" SEE_HELP, {},
		  NULL },
		{ { KP_MSG_ONE_COMMAND }, { "-c", "true", "-c", "true", "-e", "" }, 2,
		  "ktap: there can be one command only: by -c or behind --" SEE_HELP, {}, NULL },
		{ { KP_MSG_ONE_COMMAND }, { "-c", "true", "-e", "", "--", "true" }, 2,
		  "ktap: there can be one command only: by -c or behind --" SEE_HELP, {}, NULL },
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
		{ { KP_MSG_OPEN_FILE, KP_MSG_NEAR_SCRIPT }, { "opensnop" }, 255,
		  "error: cannot open opensnop: No such file or directory\n"
		  "hint: did you mean `opensnoop` of the library?\n", {}, NULL },
		{ { KP_MSG_OPEN_FILE, KP_MSG_NOT_IN_LIBRARY }, { "nosuchscript" }, 255,
		  "error: cannot open nosuchscript: No such file or directory\n"
		  "hint: the library, library, has no script of this name either\n", {}, NULL },
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
	compile_text("trace_end { exit() }", &image);
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
		{ { { NULL }, { "--dump=plan", "-o", nothing_path, "-e", "trace_end { exit() }" }, 0, "", {},
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
	compile_text("trace_end { exit() }", &image);
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
		{ { NULL }, { "--format=json", "-e", "trace sched:sched_swich { exit() }" }, 255,
		  "{\"type\":\"error\",\"message\":\"no event of this kernel matches "
		  "'sched:sched_swich'\",\"file\":\"(command line)\",\"line\":1,\"column\":7,"
		  "\"source\":\"trace sched:sched_swich { exit() }\",\"hints\":[\"did you mean "
		  "`sched_switch`?\"]}\n" EXIT(255), {}, "" },
		{ { NULL }, { "--format=json", "-e", "trace sched:sched_switch { exit() }", "--", "true" },
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
		cmocka_unit_test(options), cmocka_unit_test(script_options),
		cmocka_unit_test(files),   cmocka_unit_test(images),
		cmocka_unit_test(listings), cmocka_unit_test(json),
	};

	setenv("KTAP_LIBRARY", "library", 1);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
