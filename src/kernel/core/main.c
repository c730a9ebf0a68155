// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading the module. */
#include "device.h"
#include "session.h"
#include <linux/module.h>

static int __init kp_main_init(void)
{
	int err;

	kp_compat_tracepoints_find();
	err = kp_probes_setup();
	if (err)
		return err;
	err = kp_session_setup();
	if (err)
		goto probes;
	err = kp_device_setup();
	if (err)
		goto session;
	return 0;

session:
	kp_session_teardown();
probes:
	kp_probes_teardown();
	return err;
}

/* Every session holds a reference to the module by its file, so there is none. */
static void __exit kp_main_exit(void)
{
	kp_device_teardown();
	kp_session_teardown();
	kp_probes_teardown();
}

module_init(kp_main_init);
module_exit(kp_main_exit);

MODULE_DESCRIPTION("ktap: runs verified tracing scripts, see ktap(1)");
MODULE_AUTHOR("ktap developers <ktap-devel@example.org>");
MODULE_LICENSE("GPL");
MODULE_VERSION(KP_VERSION);
