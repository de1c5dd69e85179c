/* SPDX-License-Identifier: MIT */
/*
 * The network of `scratchctl run`.
 */
#include "cli/run.h"
#include "cli/report.h"

#include <string.h>

int take_net(const struct option *option, void *target, const char *value,
             struct scratch_error *err)
{
    struct run *run = target;
    const char *path = strncmp(value, "ns:", 3) == 0 ? value + 3 : value;
    bool none = strcmp(value, "none") == 0;
    (void)option;
    run->namespaces.join_count = 0;
    run->namespaces.create &= ~SCRATCH_NS_NET;
    run->namespaces.create |= none ? SCRATCH_NS_NET : 0;
    if (none || strcmp(value, "host") == 0)
        return 0;
    if (!strchr(path, '/'))
        return usage_error(err, value, "none, host, or a path such as /run/netns/NAME",
                           "not a network");
    run->join = (struct scratch_namespace_join){SCRATCH_NS_NET, -1, path};
    run->namespaces.join_count = 1;
    return 0;
}
