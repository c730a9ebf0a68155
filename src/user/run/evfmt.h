/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * evfmt - a `format` file as libtraceevent needs it to give the kernel's text.
 *
 * The library shows pointers and symbols in its own way, knows no names of
 * enumerators that the kernel left in, and overlooks parentheses behind an
 * operator. So before it sees the "print fmt" line, %p becomes a hexadecimal
 * number of full width, %pS, %ps and their like become %s of one of the
 * functions below, which evtext registers, enumerators become numbers, and
 * constants in parentheses are computed.
 */
#ifndef KP_RUN_EVFMT_H
#define KP_RUN_EVFMT_H

#include "util/buf.h"

#define KP_EVFMT_SYMBOL	  "kp_symbol"	/* name+0xOFFSET/0xSIZE [module] */
#define KP_EVFMT_FUNCTION "kp_function" /* name [module] */

struct kp_btf;

/**
 * kp_evfmt_rewrite - append the rewritten @format to @out.
 * @btf: where the values of enumerators are looked up, or NULL
 *
 * A line that is not understood is copied as it is.
 */
void kp_evfmt_rewrite(const char *format, struct kp_btf *btf, struct kp_buf *out);

#endif
