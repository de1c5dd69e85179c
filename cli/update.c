/* SPDX-License-Identifier: MIT */
/*
 * scratchctl update: other limits for a container that runs.
 */
#include "cli/kept.h"
#include "cli/limits.h"
#include "cli/report.h"

#include <errno.h>
#include <scratch/oci.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    struct pool pool;
    struct limits limits;
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
    if (report_check_json(path, err) < 0) /* before it is read: it could not be read again */
        return -err->errnum;
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

static int update(scratch_container *container, const void *arguments, struct scratch_error *err)
{
    const struct arguments *a = arguments;
    return scratch_container_update(container, &a->limits.cgroup, err);
}

static int run_update(const struct command *self, char **argv)
{
    struct arguments a = {.pool = {0}};
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
    else if (limits_end(&a.limits, &err) < 0)
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
    {"kernel-memory-tcp", 0, "SIZE", "nothing, likewise", take_nothing, 0},
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
