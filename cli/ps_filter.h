/* SPDX-License-Identifier: MIT */
/*
 * Which containers scratchctl ps lists, in the words of docker's and podman's --filter.
 */
#ifndef CLI_PS_FILTER_H
#define CLI_PS_FILTER_H

#include <scratch/container.h>

struct ps_filter {
    const char **wanted; /* KEY=VALUE; the caller's, with room for one an argument */
    size_t count;
    bool by_status; /* some say which status: those that have ended may be meant */
};

/* Add one. Returns 0, or -EINVAL with err. */
int ps_filter_add(struct ps_filter *filter, const char *text, struct scratch_error *err);

/* Every label that is asked for; of the other keys, one of each that is. */
bool ps_filter_passes(const struct ps_filter *filter, const struct scratch_container_state *state);

#endif
