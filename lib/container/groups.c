/* SPDX-License-Identifier: MIT */
#include "container/groups.h"
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHAT "join a group below the container's"

void groups_free(struct joined_groups *groups)
{
    for (size_t i = 0; i < CGROUP_DIRECTORIES_MAX; i++)
        free(groups->below[i]);
}

/* Put one below the container's own in its place; "": that itself. */
static int place(const struct scratch_container *c, struct joined_groups *groups, size_t i,
                 const char *path)
{
    char *below = NULL;
    if (*path && asprintf(&below, "%s/%s", handle_groups(c)[i], path) < 0)
        return -ENOMEM;
    free(groups->below[i]);
    groups->below[i] = below;
    groups->list[i] = below ? below : handle_groups(c)[i];
    return 0;
}

/* The container's directory in the hierarchy of a controller, or -1. */
static int find(const struct scratch_container *c, const char *controller)
{
    struct cgroup_hierarchy hierarchy;
    const char *const *own = handle_groups(c);
    if (layout_find(controller, &hierarchy) < 0)
        return -1;
    size_t length = strlen(hierarchy.mount);
    for (int i = 0; own[i]; i++)
        if (strncmp(own[i], hierarchy.mount, length) == 0 && own[i][length] == '/')
            return i;
    return -1;
}

const char *groups_memory(const struct scratch_container *c, const struct joined_groups *groups)
{
    int i = find(c, "memory");
    return i < 0 ? NULL : groups->list[i];
}

/* The cause is these two. */
static int refuse(const char *asked, const char *first, const char *second,
                  struct scratch_error *err)
{
    char cause[160];
    snprintf(cause, sizeof cause, "%.60s %.60s", first, second);
    return error_because(err, EINVAL, WHAT, asked, cause, NULL);
}

/* asked: "memory,cpu:PATH" */
static int place_some(const struct scratch_container *c, struct joined_groups *groups,
                      const char *asked, const char *path, struct scratch_error *err)
{
    const char *colon = strchr(asked, ':');
    for (const char *name = asked; name <= colon;) {
        char controller[32];
        size_t length = strcspn(name, ",:");
        snprintf(controller, sizeof controller, "%.*s", (int)length, name);
        int i = find(c, controller);
        if (i < 0)
            return refuse(asked, "unknown controller", controller, err);
        if (place(c, groups, (size_t)i, path) < 0)
            return error_set(err, ENOMEM, WHAT, asked, NULL);
        name += length + 1;
    }
    return 0;
}

static int place_asked(const struct scratch_container *c, struct joined_groups *groups,
                       const char *asked, struct scratch_error *err)
{
    const char *colon = strchr(asked, ':');
    const char *path = colon ? colon + 1 : asked;
    path += strspn(path, "/");
    if (*path && !layout_is_below_root(path))
        return refuse(asked, "bad sub cgroup path:", path, err);
    if (colon)
        return place_some(c, groups, asked, path, err);
    for (size_t i = 0; groups->list[i]; i++)
        if (place(c, groups, i, path) < 0)
            return error_set(err, ENOMEM, WHAT, asked, NULL);
    return 0;
}

int groups_to_join(const struct scratch_container *c, const char *const *asked,
                   struct joined_groups *groups, struct scratch_error *err)
{
    const char *const *own = handle_groups(c);
    *groups = (struct joined_groups){{NULL}, {NULL}};
    for (size_t i = 0; own[i] && i < CGROUP_DIRECTORIES_MAX; i++)
        groups->list[i] = own[i];
    if (asked && *asked && !groups->list[0])
        return error_because(err, ENOTSUP, WHAT, *asked, "the container has no group", NULL);
    for (; asked && *asked; asked++) {
        int rc = place_asked(c, groups, *asked, err);
        if (rc < 0) {
            groups_free(groups);
            return rc;
        }
    }
    return 0;
}

/*
 * It may have gone to any group that the container can write to: this process follows it to those
 * below the container's own alone.
 */
bool groups_follow_first(const struct scratch_container *c, struct joined_groups *groups)
{
    struct cgroup_hierarchy hierarchy;
    char path[PATH_MAX];
    int i = find(c, "unified");
    if (i < 0 || layout_find("unified", &hierarchy) < 0 ||
        layout_group_of(scratch_container_pid(c), path, sizeof path) < 0)
        return false;
    const char *own = handle_groups(c)[i] + strlen(hierarchy.mount) + 1;
    size_t length = strlen(own);
    return strncmp(path, own, length) == 0 && path[length] == '/' &&
           place(c, groups, (size_t)i, path + length + 1) == 0;
}
