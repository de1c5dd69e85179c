/* SPDX-License-Identifier: MIT */
/*
 * "linux.seccomp": config-linux.md. It is compiled for the capabilities that the process has, which
 * have been read by then.
 */
#include "process/seccomp.h"
#include "oci/bundle.h"

#include <linux/seccomp.h>

int oci_read_listener(struct scratch_oci_bundle *bundle, const struct json_in *document)
{
    struct json_in section, profile;
    if (!json_member(document, "linux", &section) || !json_member(&section, "seccomp", &profile))
        return 0;
    int rc = oci_text(bundle, &profile, "listenerPath", &bundle->listener);
    if (rc == 0)
        rc = oci_text(bundle, &profile, "listenerMetadata", &bundle->listener_metadata);
    if (bundle->listener && !*bundle->listener)
        bundle->listener = NULL;
    return rc;
}

const char *scratch_oci_listener(const scratch_oci_bundle *bundle, const char **metadata)
{
    if (metadata)
        *metadata = bundle->listener_metadata;
    return bundle->listener;
}

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
    if (bundle->listener) /* who is to answer is told, also when no rule asks */
        bundle->process.filter_flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    return 0;
}
