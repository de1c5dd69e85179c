/* SPDX-License-Identifier: MIT */
/*
 * What runc says of a container that runs: its figures, as a line of JSON each time.
 */
#ifndef CLI_OCI_EVENTS_H
#define CLI_OCI_EVENTS_H

#include <scratch/error.h>
#include <stdbool.h>

/*
 * Once; or each so many milliseconds until it has ended, and besides when processes of it were
 * killed for want of memory. 0 or -errno.
 */
int oci_events(const char *id, bool once, int interval, struct scratch_error *err);

#endif
