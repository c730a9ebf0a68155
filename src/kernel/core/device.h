/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/ktap: who may open it, and its ioctls; see abi.h. */
#ifndef KP_DEVICE_H
#define KP_DEVICE_H

/* Once per module load and unload, process context.  0 or -errno. */
int kp_device_setup(void);
void kp_device_teardown(void);

#endif
