/* SPDX-License-Identifier: MIT */
#ifndef TERMINAL_COMPILE_H
#define TERMINAL_COMPILE_H

#include <scratch/terminal.h>
#include "step/builder.h"

/*
 * Append the steps that open a terminal for a command of that user, once /dev/pts is there and
 * before the root is entered. It becomes /dev/console where the container has a /dev of its own.
 */
int terminal_compile(struct builder *b, const struct scratch_terminal_options *options, uid_t uid,
                     bool console);

#endif
