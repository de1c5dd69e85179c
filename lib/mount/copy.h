/* SPDX-License-Identifier: MIT */
/*
 * Beginning a new file system with a copy of what lies where it is mounted.
 */
#ifndef MOUNT_COPY_H
#define MOUNT_COPY_H

#include "step/step.h"

/* A step's num[2]. */
enum mount_copy_flag {
    MOUNT_COPY_UP = 1,
    MOUNT_COPY_MODE = 4, /* the directory's own mode, and nothing else */
    MOUNT_COPY_TOP = 2,  /* the directory itself has the other's owner and mode, too */
};

/*
 * Copy what is below a directory into a mount that is not attached yet: directories, files, links,
 * pipes, sockets and device nodes, with their modes, owners and times. Hard links become files of
 * their own; extended attributes stay behind.
 */
int mount_copy_up(struct step_walk *w, int from, int mount, uint64_t flags);

#endif
