/* SPDX-License-Identifier: MIT */
/*
 * Why the kernel would refuse an overlay: it says EINVAL, and the reason only in its log.
 */
#ifndef ROOTFS_DIAGNOSE_H
#define ROOTFS_DIAGNOSE_H

#include "base/error.h"
#include "step/step.h"

struct layers {
    const char *const *lower;
    size_t count;
    const char *upper, *work; /* NULL: throw-away */
    bool user;                /* to be mounted in a user namespace */
};

/* How many there are, and that each is a directory. 0 or -errno with subject, cause and hint. */
int layers_exist(const struct layers *layers, struct scratch_error *err);

/* The same, and all else that the kernel is sure to refuse. */
int layers_fit(const struct layers *layers, struct scratch_error *err);

/*
 * The kernel has refused an overlay of these: where the reason can be found, put it into an error
 * that has been filled already.
 */
void layers_explain(struct scratch_error *err, const struct layers *layers);

/*
 * The same for the step that a plan's walk ended at, when that was an overlay; w->index and
 * w->detail say so. Errors of other steps, and those whose reason the step knew, are left alone.
 */
void rootfs_explain(struct scratch_error *err, const struct step_walk *w);

/* False for a directory on a file system that the kernel takes no lower layer from. */
bool layers_can_be_lower(const char *path);

#endif
