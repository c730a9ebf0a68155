// SPDX-License-Identifier: GPL-2.0-only
/* What a command says about the kernel and its module: the rest of src/user/run/messages.def. */
#include "play.h"

#define LINE(text, mark) "    " text "\n    " mark "\n"

static void names(void **state)
{
	static const struct command commands[] = {
		{ { KP_MSG_PRIVILEGE }, { "-e", "trace sched:* { exit() }" }, 1,
		  "error: tracing needs root, or CAP_SYS_ADMIN or CAP_PERFMON\n",
		  { .user = 1, .tracefs = EACCES }, NULL },
		{ { KP_MSG_NO_TRACEFS }, { "-e", "trace sched:* { exit() }" }, 255,
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
		{ { KP_MSG_EVENT_LIST }, { "-e", "trace sched:* { exit() }" }, 255,
		  "error: (command line):1:7: cannot read the kernel's list of events: "
		  "Input/output error\n" LINE("trace sched:* { exit() }", "      ^~~~~~~"),
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
		{ { KP_MSG_HOST_PROBES }, { "--host", "-e", "tick-1s { exit() }" }, 255,
		  "error: (command line):1:1: probes and timers need the kernel\n"
		  LINE("tick-1s { exit() }", "^"), {}, NULL },
		{ { KP_MSG_EVENT_MEMORY }, { "-e", "trace sched:* { exit() }" }, 255,
		  "error: (command line):1:7: out of memory for the events\n"
		  LINE("trace sched:* { exit() }", "      ^~~~~~~"), { .no_strndup = true }, NULL },
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
#define RELOAD                                                                      \
	"hint: modprobe -r ktapvm and run ktap again; when that does not help: apt " \
	"install --reinstall ktap-dkms\n"
#define MISFIT "error: the loaded module ktapvm 9.9 does not fit this ktap " KTAP_VERSION "\n" RELOAD
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
		{ { KP_MSG_MODULE_VERSION, KP_MSG_MODULE_RELOAD }, { "-e", "" }, 1, MISFIT,
		  { .abi = KTAP_ABI_MAJOR + 1 }, NULL },
		{ { KP_MSG_MODULE_VERSION }, { "-e", "" }, 1, MISFIT, { .newer = 1 }, NULL },
		{ { KP_MSG_MODULE_VERSION }, { "-e", "" }, 1, MISFIT, { .newer = -1 }, NULL },
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
		  { "-v", "-e", "trace sched:sched_switch { exit() }", "--", "true" }, 0,
		  NULL, { .armed = 1 }, NULL },
		{ { NULL }, { "-q", "-e", "trace sched:sched_switch { exit() }", "--", "true" }, 0, "",
		  { .armed = 1 }, NULL },
		{ { KP_MSG_REFUSED }, { "-q", "-e", "trace sched:* { exit() }", "--", "true" }, 0, NULL,
		  { .armed = 2 }, NULL },
		{ { KP_MSG_REFUSED_NAMES }, { "-v", "-e", "trace sched:* { exit() }", "--", "true" }, 0, NULL,
		  { .armed = 2 }, NULL },
		{ { KP_MSG_NO_PID }, { "-p", "77", "-e", "" }, 1, "error: cannot find pid 77\n",
		  { .load = ESRCH }, NULL },
		{ { KP_MSG_NO_CPU }, { "-C", "7", "-e", "" }, 1, "error: cpu 7 is not online\n",
		  { .load = EINVAL }, NULL },
		{ { KP_MSG_LOAD_SCRIPT }, { "-e", "" }, 1,
		  "error: cannot load the script: Input/output error\n", { .load = EIO }, NULL },
		{ { KP_MSG_LOAD_MEMORY }, { "-e", "" }, 1,
		  "error: cannot load the script: it needs more than --memory allows, or than there is\n",
		  { .load = ENOMEM }, NULL },
		{ { KP_MSG_LOAD_NEED }, { "--memory", "2M", "-e", "" }, 1,
		  "error: cannot load the script: for the buffers of all CPUs and the stacks that it runs "
		  "on, --memory must be more than 3072K\n",
		  { .load = ENOMEM, .need = 3U << 20 }, NULL },
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
		{ { KP_MSG_READ_STATE }, { "-e", "" }, 1,
		  "error: cannot read the state of the session: Input/output error\n",
		  { .status_first = EIO }, NULL },
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
		{ { KP_MSG_SHOW_OUTPUT, KP_MSG_SHOW_FOREIGN }, { "-e", "" }, 1,
		  "error: cannot show what the script printed: the module ktapvm writes it in a way that "
		  "this ktap cannot read\n" RELOAD, { .junk = KTAP_REC_PRINT }, NULL },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names), cmocka_unit_test(many_events), cmocka_unit_test(module),
		cmocka_unit_test(runs),	 cmocka_unit_test(formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
