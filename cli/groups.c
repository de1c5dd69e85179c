/* SPDX-License-Identifier: MIT */
#include "cli/groups.h"
#include "cli/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "libscratch-"

/* What the walk looks for: names, or all of them. */
struct search {
    struct groups *groups;
    char *const *names;
    size_t count;
    struct scratch_error *err;
};

/* The container's name in its group's path: what is behind the last "libscratch-", or all of it. */
static const char *name_in(const char *path)
{
    const char *last = strrchr(path, '/');
    last = last ? last + 1 : path;
    return strncmp(last, PREFIX, sizeof PREFIX - 1) == 0 ? last + sizeof PREFIX - 1 : path;
}

static bool is_wanted(const struct search *s, const char *path, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->names[i], name) == 0 || strcmp(s->names[i], path) == 0)
            return true;
    return s->count == 0;
}

static struct group *next_group(struct groups *g)
{
    if (g->count == g->room) {
        size_t room = g->room ? 2 * g->room : 16;
        struct group *more = pool_take(g->pool, room, sizeof *more);
        if (g->count)
            memcpy(more, g->group, g->count * sizeof *more);
        g->group = more;
        g->room = room;
    }
    return &g->group[g->count];
}

static int take(const char *path, bool container, void *argument)
{
    struct search *s = argument;
    const char *name = name_in(path);
    size_t running = 0;
    if (!container || !is_wanted(s, path, name))
        return 0;
    struct group *group = next_group(s->groups);
    if (scratch_cgroup_open(path, &group->cgroup, s->err) < 0)
        return 0; /* it has ended meanwhile */
    if (scratch_cgroup_processes(group->cgroup, NULL, &running, s->err) < 0 || running == 0) {
        scratch_cgroup_free(group->cgroup); /* what a killed starter has left */
        return 0;
    }
    group->name = pool_print(s->groups->pool, "%s", name);
    s->groups->count++;
    return 0;
}

static bool is_found(const struct groups *groups, const char *name)
{
    for (size_t i = 0; i < groups->count; i++)
        if (strcmp(groups->group[i].name, name) == 0 ||
            strcmp(scratch_cgroup_path(groups->group[i].cgroup), name) == 0)
            return true;
    return false;
}

int groups_find(struct groups *groups, char *const *names, size_t count, struct scratch_error *err)
{
    struct search search = {groups, names, count, err};
    int rc = scratch_cgroup_walk(NULL, take, &search, err);
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (is_found(groups, names[i]))
            continue;
        rc = -ENOENT;
        *err = (struct scratch_error){.errnum = ENOENT, .what = "container"};
        snprintf(err->subject, sizeof err->subject, "%s", names[i]);
        snprintf(err->cause, sizeof err->cause, "none of that name has a control group and runs");
        snprintf(err->hint, sizeof err->hint,
                 "scratchctl stats without a name shows those that have one");
    }
    if (rc < 0)
        groups_close(groups);
    return rc;
}

void groups_close(struct groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        scratch_cgroup_free(groups->group[i].cgroup);
    groups->count = 0;
}

const char *groups_bytes(char text[GROUPS_BYTES], uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    double value = (double)bytes;
    if (bytes == SCRATCH_FIGURE_UNKNOWN)
        return "-";
    if (bytes == SCRATCH_LIMIT_UNLIMITED)
        return "max";
    for (; value >= 1024 && unit < 4; unit++)
        value /= 1024;
    bool whole = value == (double)(uint64_t)value || value >= 100;
    snprintf(text, GROUPS_BYTES, whole ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return text;
}

const char *groups_oom(char text[GROUPS_OOM], const struct scratch_container_oom *oom)
{
    char limit[GROUPS_BYTES], process[64] = "";
    bool own = oom->limit != SCRATCH_LIMIT_UNLIMITED;
    if (oom->pid)
        snprintf(process, sizeof process, " (%s, process %d)", oom->command, (int)oom->pid);
    snprintf(text, GROUPS_OOM, "out of memory, %s%s%s",
             own ? "limit " : "by a limit above its own group",
             own ? groups_bytes(limit, oom->limit) : "", process);
    return text;
}
