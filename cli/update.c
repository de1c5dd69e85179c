/* SPDX-License-Identifier: MIT */
/*
 * scratchctl update: other limits for a container that runs.
 */
#include "cli/kept.h"
#include "cli/limits.h"
#include "cli/report.h"

#include <errno.h>
#include <scratch/figures.h>
#include <scratch/oci.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    struct pool pool;
    struct limits limits;
    uint64_t total;        /* --memory-swap, where it stands alone */
    const char *resources; /* a file, or "-"; its limits are set instead */
};

/* ---- a file --------------------------------------------------------------------------------- */

static char *read_all(FILE *in)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    char buffer[4096];
    size_t n;
    while (out && (n = fread(buffer, 1, sizeof buffer, in)) > 0)
        fwrite(buffer, 1, n, out);
    if (!out || fclose(out) != 0 || ferror(in)) {
        free(text);
        return NULL;
    }
    return text;
}

/* Resources in the specification's JSON; they are the bundle's, which is to be freed. */
static int read_resources(const char *path, scratch_oci_bundle **bundle, struct scratch_error *err)
{
    struct scratch_oci_options options = SCRATCH_OCI_OPTIONS_INIT;
    bool standard = strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "re");
    char *text = in ? read_all(in) : NULL;
    if (!text) {
        *err = (struct scratch_error){.errnum = errno ? errno : EIO, .what = "read the resources"};
        snprintf(err->subject, sizeof err->subject, "%s", path);
    }
    if (in && !standard)
        fclose(in);
    if (!text)
        return -err->errnum;
    options.text = text;
    options.resources_only = true;
    int rc = scratch_oci_load(&options, bundle, err);
    free(text);
    return rc;
}

/* ---- the command ---------------------------------------------------------------------------- */

/* Where a group is, and that there is one, was for its making. */
static struct scratch_cgroup_options only_limits(struct scratch_cgroup_options limits)
{
    limits.managed = limits.always = limits.everywhere = false;
    limits.path = limits.parent = NULL;
    return limits;
}

/* Of memory and swap together, when the memory's own limit stays as it is. */
static int complete_swap(scratch_container *container, uint64_t total,
                         struct scratch_cgroup_options *limits, struct scratch_error *err)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    struct scratch_cgroup_figures figures = {.size = sizeof figures};
    scratch_cgroup *group;
    int rc = scratch_container_state(container, &state, err);
    if (rc < 0 || !state.cgroup)
        return rc;
    rc = scratch_cgroup_open(state.cgroup, &group, err);
    if (rc < 0)
        return rc;
    rc = scratch_cgroup_figures(group, &figures, err);
    scratch_cgroup_free(group);
    if (figures.memory_limit < SCRATCH_LIMIT_UNLIMITED)
        limits->memory_max = figures.memory_limit;
    return rc < 0 ? rc : scratch_cgroup_swap(limits->memory_max, total, &limits->memory_swap, err);
}

static int update(scratch_container *container, const void *arguments, struct scratch_error *err)
{
    const struct arguments *a = arguments;
    struct scratch_cgroup_options limits = a->limits.cgroup;
    int rc = 0;
    if (a->total != SCRATCH_LIMIT_NONE)
        rc = complete_swap(container, a->total, &limits, err);
    return rc < 0 ? rc : scratch_container_update(container, &limits, err);
}

static int nothing_to_do(struct scratch_error *err)
{
    int rc = usage_error(err, NULL, "such as --memory 512m", "none is given");
    snprintf(err->what, sizeof err->what, "new limit");
    return rc;
}

static int end_limits(struct arguments *a, struct scratch_error *err)
{
    if (a->limits.cgroup.memory_max == SCRATCH_LIMIT_NONE) {
        a->total = a->limits.memory_total;
        a->limits.memory_total = SCRATCH_LIMIT_NONE;
    }
    return limits_end(&a->limits, err);
}

static int run_update(const struct command *self, char **argv)
{
    struct arguments a = {.pool = {0}, .total = SCRATCH_LIMIT_NONE};
    struct scratch_error err;
    struct words words;
    size_t room = 1;
    while (argv[room - 1])
        room++;
    scratch_oci_bundle *bundle = NULL;
    limits_begin(&a.limits, &a.pool, room);
    int status = 0;
    if (!kept_parse(self, argv, &a, 1, SIZE_MAX, &words))
        status = words.status;
    else if ((words.options ? end_limits(&a, &err) : nothing_to_do(&err)) < 0)
        status = (int)report_usage(&err, self->name);
    else if (a.resources && read_resources(a.resources, &bundle, &err) < 0)
        status = (int)report_error(&err);
    else if (a.resources)
        a.limits.cgroup = only_limits(*scratch_oci_spec(bundle)->cgroup);
    if (status == 0)
        status = kept_each(&words, update, &a);
    scratch_oci_free(bundle);
    pool_free(&a.pool);
    return status;
}

static int take_nothing(const struct option *option, void *target, const char *value,
                        struct scratch_error *err)
{
    (void)option;
    (void)target;
    (void)value;
    (void)err;
    return 0;
}

#define MEMBER(name) (offsetof(struct arguments, limits) + LIMIT(cgroup.name))

static const struct option options[] = {
    {"resources", 'r', "FILE", "limits as in config.json, linux.resources; -: from\nstandard input",
     option_text, offsetof(struct arguments, resources)},
    LIMIT_OPTIONS(offsetof(struct arguments, limits)),
    {NULL, 0, NULL, "As container engines call it", NULL, 0},
    {"cpu-share", 0, "N", "as --cpu-shares", take_limit_number, MEMBER(cpu_shares)},
    {"cpu-burst", 0, "US", "what it may save up, and use above its quota", take_limit_number,
     MEMBER(cpu_burst)},
    {"cpu-idle", 0, "0|1", "1: only what nobody else wants", take_limit_number, MEMBER(cpu_idle)},
    {"kernel-memory", 0, "SIZE", "nothing: kernels have no such limit any more", take_nothing, 0},
    {"kernel-memory-tcp", 0, "SIZE", "nothing, as runc has it", take_nothing, 0},
    {0},
};

const struct command command_update = {
    .name = "update",
    .synopsis = "[options] ID...",
    .summary = "Change the limits of containers that run.",
    .notes = "What no option is about stays as it is.\n",
    .options = options,
    .run = run_update,
};
