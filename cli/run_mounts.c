/* SPDX-License-Identifier: MIT */
/*
 * The root file system and mounts of `scratchctl run`.
 */
#include "cli/run.h"

int take_overlay(const struct option *option, void *target, const char *value,
                 struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    (void)err;
    run->lowers[run->lower_count++] = value;
    return 0;
}

int take_volume(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return value_volume(&run->pool, value, &run->mounts[run->mount_count++], err);
}

int take_tmpfs(const struct option *option, void *target, const char *value,
               struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return value_tmpfs(&run->pool, value, &run->mounts[run->mount_count++], err);
}
