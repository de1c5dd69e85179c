/* SPDX-License-Identifier: MIT */
/*
 * The shape of a filter. What decides is nearly always the call's number alone, and for most
 * numbers it is the same as for the number before; libseccomp, though, compares with each of them.
 *
 * Loading a filter the kernel checks it, translates it, compiles it, and tries it for every number.
 * All that, and its end, takes a third as long for one that searches among ranges of numbers.
 */
#ifndef PROCESS_SECCOMP_SHAPE_H
#define PROCESS_SECCOMP_SHAPE_H

#include <linux/filter.h>
#include <stddef.h>

/*
 * Make a filter shorter, so that it decides as before of every architecture, number and argument.
 * It is left as it is when it has an instruction that libseccomp does not write, or would not be
 * shorter.
 */
void seccomp_shape(struct sock_filter *filter, size_t *count);

#endif
