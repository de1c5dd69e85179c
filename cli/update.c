/* SPDX-License-Identifier: MIT */
/*
 * scratchctl update: other limits for a container that runs.
 */
#include "cli/kept.h"
#include "cli/report.h"
#include "cli/values.h"

#include <errno.h>
#include <scratch/oci.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *resources; /* a file, or "-" */
    struct scratch_cgroup_options limits;
    uint64_t swap; /* memory and swap together */
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

static int set(const char *id, const struct scratch_cgroup_options *limits,
               struct scratch_error *err)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    scratch_container *container;
    scratch_cgroup *group = NULL;
    int rc = kept_open(id, &container, &state, err);
    if (rc < 0)
        return rc;
    rc = kept_group(&state, &group, err);
    if (rc == 0)
        rc = scratch_cgroup_set(group, limits, err);
    scratch_cgroup_free(group);
    scratch_container_free(container);
    return rc;
}

static int update(const char *id, struct arguments *a, struct scratch_error *err)
{
    scratch_oci_bundle *bundle = NULL;
    struct scratch_cgroup_options limits = a->limits;
    int rc = 0;
    if (a->resources)
        rc = read_resources(a->resources, &bundle, err);
    else if (a->swap != SCRATCH_LIMIT_NONE)
        rc = scratch_cgroup_swap(limits.memory_max, a->swap, &limits.memory_swap, err);
    if (rc == 0 && bundle)
        limits = *scratch_oci_spec(bundle)->cgroup;
    limits.managed = limits.always = false;
    limits.path = limits.parent = NULL;
    if (rc == 0)
        rc = set(id, &limits, err);
    scratch_oci_free(bundle);
    return rc;
}

static int run_update(const struct command *self, char **argv)
{
    struct arguments a = {NULL, SCRATCH_CGROUP_OPTIONS_INIT, SCRATCH_LIMIT_NONE};
    struct words words;
    struct scratch_error err = {0};
    if (!kept_parse(self, argv, &a, 1, 1, &words))
        return words.status;
    return update(words.word[0], &a, &err) < 0 ? (int)report_error(&err) : 0;
}

/* ---- options -------------------------------------------------------------------------------- */

/* -1: no limit. */
static int take_bytes(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    uint64_t *limit = option_member(option, target);
    if (strcmp(value, "-1") != 0)
        return value_bytes(value, limit, err);
    *limit = SCRATCH_LIMIT_UNLIMITED;
    return 0;
}

static int take_number(const struct option *option, void *target, const char *value,
                       struct scratch_error *err)
{
    uint64_t *limit = option_member(option, target);
    if (strcmp(value, "-1") != 0)
        return value_number(value, 0, SCRATCH_LIMIT_UNLIMITED - 1, limit, err);
    *limit = SCRATCH_LIMIT_UNLIMITED;
    return 0;
}

static int take_weight(const struct option *option, void *target, const char *value,
                       struct scratch_error *err)
{
    uint64_t *limit = option_member(option, target);
    int rc = value_number(value, 10, 1000, limit, err);
    if (rc == 0)
        *limit = scratch_cgroup_io_weight(*limit);
    return rc;
}

#define LIMIT(name) offsetof(struct arguments, limits.name)

static const struct option options[] = {
    {"resources", 'r', "FILE", "limits as in config.json, linux.resources; -: from\nstandard input",
     option_text, offsetof(struct arguments, resources)},
    {"memory", 'm', "SIZE", "bytes, or with b, k, m, g or t; -1: no limit", take_bytes,
     LIMIT(memory_max)},
    {"memory-reservation", 0, "SIZE", "what is kept when memory runs short", take_bytes,
     LIMIT(memory_low)},
    {"memory-swap", 0, "SIZE", "memory and swap together; -1: no limit", take_bytes,
     offsetof(struct arguments, swap)},
    {"pids-limit", 0, "N", "processes and threads; -1: no limit", take_number, LIMIT(pids_max)},
    {"cpu-shares", 'c', "N", "processor time in relation to others (1024)", take_number,
     LIMIT(cpu_shares)},
    {"cpu-share", 0, "N", "the same", take_number, LIMIT(cpu_shares)},
    {"cpu-quota", 0, "N", "microseconds in each period; -1: no limit", take_number,
     LIMIT(cpu_quota)},
    {"cpu-period", 0, "N", "microseconds", take_number, LIMIT(cpu_period)},
    {"cpu-burst", 0, "N", "microseconds that may be saved up", take_number, LIMIT(cpu_burst)},
    {"cpu-rt-runtime", 0, "N", "microseconds for real-time processes", take_number,
     LIMIT(cpu_rt_runtime)},
    {"cpu-rt-period", 0, "N", "microseconds", take_number, LIMIT(cpu_rt_period)},
    {"cpuset-cpus", 0, "LIST", "processors to run on: 0-2,7", option_text, LIMIT(cpuset_cpus)},
    {"cpuset-mems", 0, "LIST", "memory nodes to use", option_text, LIMIT(cpuset_mems)},
    {"blkio-weight", 0, "N", "of its input and output: 10 to 1000", take_weight, LIMIT(io_weight)},
    {0},
};

const struct command command_update = {
    .name = "update",
    .synopsis = "[options] ID",
    .summary = "Change the limits of a container that runs.",
    .notes = "",
    .options = options,
    .run = run_update,
};
