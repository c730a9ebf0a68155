#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Made and mutated load images, and random ioctls, against the device: the verdict is the
# kernel's log. An unprivileged process cannot open the device.
live "$([ -n "$KTAP_SHORT" ] && echo 60 || echo 500)"
