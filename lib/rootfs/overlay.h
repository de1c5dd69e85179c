/* SPDX-License-Identifier: MIT */
/*
 * What the compiler, the steps and the primitives agree on about overlays.
 */
#ifndef ROOTFS_OVERLAY_H
#define ROOTFS_OVERLAY_H

#include "step/step.h"

/* The kernel's own limit (OVL_MAX_STACK). */
#define OVERLAY_LOWERS_MAX 500

enum overlay_flag {
    OVERLAY_THROW_AWAY = 1, /* upper and work on the tmpfs that STEP_LAYERS made */
    OVERLAY_USER = 2,       /* mounted in a user namespace: userxattr (5.11) */
    OVERLAY_READ_ONLY = 4,  /* the whole of it, from the beginning */
};

/* Take the tmpfs of STEP_LAYERS from where a primitive has attached it. */
int rootfs_detach_layers(struct step_walk *w);

#endif
