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
    bool host = strcmp(value, "host") == 0;
    if (!none && !host && !strchr(path, '/'))
        return usage_error(err, value, "none, host, or a path such as /run/netns/NAME",
                           "not a network");
    run_choose_namespace(run, SCRATCH_NS_NET, none, none || host ? NULL : path);
    return 0;
}
