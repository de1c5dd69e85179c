/* SPDX-License-Identifier: MIT */
/*
 * scratchctl run ID: a bundle of the OCI runtime specification, in the foreground.
 */
#include "cli/command.h"
#include "cli/report.h"
#include "cli/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int load(struct run *run, const char *id, scratch_oci_bundle **bundle,
                struct scratch_error *err)
{
    struct scratch_error warning;
    run->bundle.id = id;
    int rc = scratch_oci_load(&run->bundle, bundle, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; scratch_oci_warning(*bundle, i, &warning) == 0; i++)
        report_warning(&warning);
    run->spec = *scratch_oci_spec(*bundle);
    run->start.id = id;
    run->interactive = true;
    return 0;
}

int run_bundle(struct run *run, const char *id)
{
    struct scratch_error err = {0};
    scratch_oci_bundle *bundle;
    int rc = load(run, id, &bundle, &err);
    if (rc < 0)
        return report_error(&err);
    rc = run_spec(run);
    scratch_oci_free(bundle);
    return rc;
}
