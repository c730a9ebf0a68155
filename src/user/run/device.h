/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device - /dev/ktap and the module behind it.
 */
#ifndef KP_RUN_DEVICE_H
#define KP_RUN_DEVICE_H

#include <ktap/abi.h>

/**
 * kp_device_open - open a session, loading the module first when it is not loaded.
 * @info: receives what the module says of itself
 *
 * The module comes from modprobe, or from the file that the environment variable
 * KTAP_MODULE names. Returns a file descriptor; or -errno, having said on standard
 * error what is wrong and what to do.
 */
int kp_device_open(struct ktap_info *info);

#endif
