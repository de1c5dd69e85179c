/* SPDX-License-Identifier: MIT */
/*
 * Options of scratchctl run about users: who the command is, and which ids there are.
 */
#include "cli/run.h"
#include "cli/report.h"

#include <string.h>
#include <unistd.h>

int take_user(const struct option *option, void *target, const char *value,
              struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    run->process.user = value;
    return value_user(value, err);
}

int take_group(const struct option *option, void *target, const char *value,
               struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    run->groups[run->process.group_name_count++] = value;
    return value_user(value, err);
}

/* As podman has them. */
static const struct userns {
    const char *name;
    bool create;
    enum scratch_id_maps id_maps;
} modes[] = {
    {"host", false, SCRATCH_ID_MAPS_DEFAULT},
    {"private", true, SCRATCH_ID_MAPS_DEFAULT},
    {"auto", true, SCRATCH_ID_MAPS_AUTO},
    {"keep-id", true, SCRATCH_ID_MAPS_KEEP},
};

/* "auto:size=N" */
static int take_auto(struct run *run, const char *value, const char *rest,
                     struct scratch_error *err)
{
    uint64_t count;
    if (strncmp(rest, "size=", 5) != 0)
        return usage_error(err, value, "write auto, or auto:size=N", "no way to take a range");
    int rc = value_number(rest + 5, 1, SCRATCH_ID_RANGE, &count, err);
    if (rc < 0)
        return rc;
    run->namespaces.create |= SCRATCH_NS_USER;
    run->namespaces.id_maps = SCRATCH_ID_MAPS_AUTO;
    run->namespaces.id_count = (uint32_t)count;
    return 0;
}

int take_userns(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    static const char forms[] = "private, host, auto, auto:size=N or keep-id";
    struct run *run = target;
    (void)option;
    run->namespaces.id_count = 0;
    if (strncmp(value, "auto:", 5) == 0)
        return take_auto(run, value, value + 5, err);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(value, modes[i].name) != 0)
            continue;
        run->namespaces.create &= ~SCRATCH_NS_USER;
        run->namespaces.create |= modes[i].create ? SCRATCH_NS_USER : 0;
        run->namespaces.id_maps = modes[i].id_maps;
        return 0;
    }
    if (strncmp(value, "ns:", 3) == 0 || strncmp(value, "container:", 10) == 0)
        return usage_error(err, value, forms,
                           "a container is not started in a user namespace that is there already");
    return usage_error(err, value, forms, "not a user namespace");
}

static int take_map(struct scratch_id_map *map, size_t *count, const char *value,
                    struct scratch_error *err)
{
    return value_id_map(value, &map[(*count)++], err);
}

int take_uid_map(const struct option *option, void *target, const char *value,
                 struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return take_map(run->uid_map, &run->namespaces.uid_map_count, value, err);
}

int take_gid_map(const struct option *option, void *target, const char *value,
                 struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return take_map(run->gid_map, &run->namespaces.gid_map_count, value, err);
}

void run_begin_ids(struct run *run)
{
    run->uid_map = pool_take(&run->pool, run->room, sizeof *run->uid_map);
    run->gid_map = pool_take(&run->pool, run->room, sizeof *run->gid_map);
}

/* A map of one kind is a map of both, as in podman. */
void run_assemble_ids(struct run *run)
{
    struct scratch_namespace_options *n = &run->namespaces;
    n->uid_map = n->uid_map_count ? run->uid_map : run->gid_map;
    n->gid_map = n->gid_map_count ? run->gid_map : run->uid_map;
    if (!n->uid_map_count)
        n->uid_map_count = n->gid_map_count;
    if (!n->gid_map_count)
        n->gid_map_count = n->uid_map_count;
    if (n->uid_map_count)
        n->create |= SCRATCH_NS_USER;
    if (n->id_maps == SCRATCH_ID_MAPS_KEEP && !run->process.user)
        run->process.user =
            pool_print(&run->pool, "%u:%u", (unsigned)geteuid(), (unsigned)getegid());
    run->process.group_names = run->groups;
    if (run->process.group_name_count && !run->process.user)
        run->process.user = "0:0";
    environment_finish(&run->environment, &run->pool, run->process.user);
}
