/* SPDX-License-Identifier: MIT */
/*
 * "linux.seccomp": config-linux.md. It is compiled for the capabilities that the process has, which
 * have been read by then.
 */
#include "process/seccomp.h"
#include "oci/bundle.h"

int oci_read_seccomp(struct scratch_oci_bundle *bundle, const struct json_in *object)
{
    struct seccomp_program program;
    struct json_in profile;
    if (!json_member(object, "seccomp", &profile))
        return 0;
    int rc = seccomp_from_object(&profile, bundle->process.capabilities, &program, bundle->err);
    if (rc < 0)
        return rc;
    bundle->process.seccomp = SCRATCH_SECCOMP_FILTER;
    bundle->process.filter = program.filter;
    bundle->process.filter_count = program.count;
    bundle->process.filter_flags = program.flags;
    return 0;
}
