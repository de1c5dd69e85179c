/* SPDX-License-Identifier: MIT */
/*
 * Bundles of the OCI runtime specification that are written for one test.
 */
#ifndef TEST_SUPPORT_BUNDLE_H
#define TEST_SUPPORT_BUNDLE_H

#include <scratch/scratch.h>

/* What differs between two bundles; NULL: nothing. */
struct bundle_parts {
    const char *command; /* of a shell */
    const char *root, *mounts, *process, *section, *more;
    const char *namespaces; /* in place of new ones of all types but time and cgroup */
};

/* It is read: 0, or the error. */
int bundle_load(const struct bundle_parts *parts, scratch_oci_bundle **bundle,
                struct scratch_error *err);

/* The root of all of them. It may be written to, for all tests. */
const char *bundle_root(void);

/* Its command writes this. */
void bundle_expect(const struct bundle_parts *parts, const char *expected);

/* It does not start, for this reason. */
void bundle_expect_error(const struct bundle_parts *parts, int errnum, const char *words);

#endif
