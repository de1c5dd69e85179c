/* SPDX-License-Identifier: MIT */
/*
 * Limits as the files that hold them.
 */
#ifndef CGROUP_LIMITS_H
#define CGROUP_LIMITS_H

#include <scratch/cgroup.h>
#include "base/error.h"

/* One write to one file, in either version; "" is a file that does not exist there. */
struct cgroup_setting {
    const char *controller; /* as layout_find() knows it */
    char v1_file[64];
    char v2_file[64];
    char value[256];
    const char *other_file; /* to write where the kernel does not have the first, or NULL */
    char other_value[64];
    const char *only; /* NULL, or what is asked for, where the other version has no such thing */
};

/*
 * Check the limits, and write them as settings, in an array that the caller frees. Returns how
 * many, or -EINVAL, -ENOMEM.
 */
int limits_settings(const struct scratch_cgroup_options *options, struct cgroup_setting **settings,
                    struct scratch_error *err);

/* The file of a version, or NULL. */
static inline const char *limits_file(const struct cgroup_setting *s, int version)
{
    const char *file = version == 2 ? s->v2_file : s->v1_file;
    return *file ? file : NULL;
}

/* ---- for those who write them ---------------------------------------------------------------- */

struct limits_writer {
    struct cgroup_setting *settings;
    int count, room;
    struct cgroup_setting nowhere; /* one that there was no memory for */
    struct scratch_error *err;
    int failed; /* -ENOMEM */
};

/* Room for another one, with its files; never NULL. */
struct cgroup_setting *limits_put(struct limits_writer *w, const char *controller,
                                  const char *v1_file, const char *v2_file, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Refuse a number: -EINVAL. */
int limits_refuse(struct limits_writer *w, const char *what, uint64_t value, const char *hint);

/* settings.c: what is not a single number. */
int settings_put_cpuset(struct limits_writer *w, const struct scratch_cgroup_options *o);
int settings_put_lists(struct limits_writer *w, const struct scratch_cgroup_options *o);

/* weight.c */
uint64_t weight_to_shares(uint64_t weight);
uint64_t weight_to_blkio(uint64_t weight);

#endif
