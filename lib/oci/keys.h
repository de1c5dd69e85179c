/* SPDX-License-Identifier: MIT */
/*
 * The table of config.json's keys.
 */
#ifndef OCI_KEYS_H
#define OCI_KEYS_H

#include "oci/bundle.h"

/*
 * See that a document has no key that is refused; -ENOTSUP names one. Of what nobody knows, and of
 * what is ignored, a warning is kept.
 */
int oci_check_keys(struct scratch_oci_bundle *bundle);

#endif
