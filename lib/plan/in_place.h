/* SPDX-License-Identifier: MIT */
/*
 * A start without scratch-init: the caller's child walks the container's steps itself, in the
 * caller's memory while the caller sleeps, as that of posix_spawn(3) does its actions. There is no
 * second program to be executed, which is a tenth of a start.
 *
 * What scratch-init has memory and a file of its own for must not be needed: nobody else may be
 * there that could look into this memory, nothing may have to be done by the caller in between, and
 * the caller's program may not be one that can be written (seal.h). From its first step on the
 * caller is not dumpable.
 */
#ifndef PLAN_IN_PLACE_H
#define PLAN_IN_PLACE_H

#include "plan/child.h"

/* Ample, even where open_tree(2) and openat2(2) have to be done without: 40 KiB. */
#define IN_PLACE_STACK 65536

bool in_place_fits(const struct plan_block *plan);

/* (the child) Returns only when a step failed: -errno. */
int in_place_walk(struct child *c);

#endif
