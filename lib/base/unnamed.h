/* SPDX-License-Identifier: MIT */
#ifndef BASE_UNNAMED_H
#define BASE_UNNAMED_H

#include <stdbool.h>

/*
 * A file without a name, for its owner alone: what a memfd is for, where there is none. Returns an
 * fd to read and write, or -EACCES when there is no directory for it (or none whose files may be
 * executed, where that is asked for). Raw system calls only.
 */
int unnamed_file(bool executable);

#endif
