/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * syscall - which number of a system call an event of "syscalls" stands for.
 */
#ifndef KP_EVENT_SYSCALL_H
#define KP_EVENT_SYSCALL_H

#include <stdbool.h>

struct kp_event;
struct kp_tracefs;

/**
 * kp_syscall_native - does this kernel number system calls as this program does,
 * and has it the raw tracepoints? Not so for a 32-bit program on a 64-bit kernel.
 */
bool kp_syscall_native(struct kp_tracefs *t);

/**
 * kp_syscall_nr - number of the system call that the kernel calls @name, which is
 * the name of its event without "sys_enter_" or "sys_exit_".
 *
 * Returns -1 when only the kernel knows: the call is newer than the headers this
 * was built with, or an old 32-bit ABI has several of that name.
 */
int kp_syscall_nr(const char *name);

/**
 * kp_syscall_bind - turn a tracepoint of "syscalls" into KP_EVENT_SYS_ENTER or
 * KP_EVENT_SYS_EXIT when its number is known.
 *
 * Returns whether it did; if not, the event stays an ordinary tracepoint.
 */
bool kp_syscall_bind(struct kp_event *ev);

/**
 * kp_syscall_kernel_name - what the kernel calls the system call that programs call
 * @name (newfstat for fstat); NULL when it is the same or unknown.
 */
const char *kp_syscall_kernel_name(const char *name);

#endif
