/* SPDX-License-Identifier: MIT */
/*
 * The namespaces of `scratchctl run`.
 */
#include "cli/run.h"
#include "cli/report.h"

#include <string.h>

/* The entry of a type, or a new one. There is room for one of each. */
static void join(struct scratch_namespace_options *namespaces, struct scratch_namespace_join *joins,
                 uint64_t type, const char *path)
{
    size_t i = 0;
    while (i < namespaces->join_count && joins[i].type != type)
        i++;
    joins[i] = (struct scratch_namespace_join){type, -1, path};
    namespaces->join_count += i == namespaces->join_count;
}

static void do_not_join(struct scratch_namespace_options *namespaces,
                        struct scratch_namespace_join *joins, uint64_t type)
{
    for (size_t i = 0; i < namespaces->join_count; i++)
        if (joins[i].type == type)
            joins[i] = joins[--namespaces->join_count];
}

/* Each option may be there again, and the last one holds. */
void run_choose_namespace(struct run *run, uint64_t type, bool private, const char *path)
{
    do_not_join(&run->namespaces, run->joins, type);
    run->namespaces.create &= ~type;
    if (private)
        run->namespaces.create |= type;
    if (path)
        join(&run->namespaces, run->joins, type, path);
}

static int take(struct run *run, uint64_t type, const char *value, struct scratch_error *err)
{
    bool private = strcmp(value, "private") == 0;
    bool path = strncmp(value, "ns:", 3) == 0 && value[3];
    if (!private && !path && strcmp(value, "host") != 0)
        return usage_error(err, value, "private, host, or ns:PATH such as ns:/proc/PID/ns/...",
                           "not a namespace");
    run_choose_namespace(run, type, private, path ? value + 3 : NULL);
    return 0;
}

int take_uts(const struct option *option, void *target, const char *value,
             struct scratch_error *err)
{
    (void)option;
    return take(target, SCRATCH_NS_UTS, value, err);
}

int take_pid(const struct option *option, void *target, const char *value,
             struct scratch_error *err)
{
    (void)option;
    return take(target, SCRATCH_NS_PID, value, err);
}

int take_ipc(const struct option *option, void *target, const char *value,
             struct scratch_error *err)
{
    (void)option;
    return take(target, SCRATCH_NS_IPC, value, err);
}

int take_cgroupns(const struct option *option, void *target, const char *value,
                  struct scratch_error *err)
{
    (void)option;
    return take(target, SCRATCH_NS_CGROUP, value, err);
}

int take_sysctl(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    if (!strchr(value, '='))
        return usage_error(err, value, "write NAME=VALUE", "there is no '='");
    run->sysctls[run->sysctl_count++] = value;
    return 0;
}
