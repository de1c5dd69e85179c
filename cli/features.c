/* SPDX-License-Identifier: MIT */
#include "cli/command.h"
#include "cli/json.h"
#include "cli/probe.h"
#include "cli/report.h"

#include <errno.h>
#include <scratch/cgroup.h>
#include <scratch/version.h>
#include <sys/utsname.h>

#define CONTROLLERS_MAX 32

struct probes {
    struct probe probe[PROBES_MAX];
    size_t count;
};

struct features {
    struct utsname kernel;
    struct probes namespaces, calls, libraries;
    enum scratch_cgroup_layout layout;
    struct scratch_cgroup_controller controllers[CONTROLLERS_MAX];
    size_t controller_count;
    struct scratch_error cgroup_error; /* why it is not known; errnum 0: it is */
};

static const char *const layouts[] = {
    [SCRATCH_CGROUP_NONE] = "none",
    [SCRATCH_CGROUP_V1] = "v1",
    [SCRATCH_CGROUP_HYBRID] = "hybrid",
    [SCRATCH_CGROUP_V2] = "v2",
};

static void gather_probes(struct probes *p, size_t (*gather)(struct probe *probes, size_t size))
{
    size_t count = gather(p->probe, PROBES_MAX);
    p->count = count < PROBES_MAX ? count : PROBES_MAX;
}

static void gather(struct features *f)
{
    uname(&f->kernel);
    gather_probes(&f->namespaces, probe_namespaces);
    gather_probes(&f->calls, probe_kernel);
    gather_probes(&f->libraries, probe_libraries);
    f->controller_count = CONTROLLERS_MAX;
    f->cgroup_error.errnum = 0;
    if (scratch_cgroup_discover(&f->layout, f->controllers, &f->controller_count,
                                &f->cgroup_error) < 0)
        f->controller_count = 0;
    if (f->controller_count > CONTROLLERS_MAX)
        f->controller_count = CONTROLLERS_MAX;
}

/* ---- for people ----------------------------------------------------------------------------- */

static void print_probes(const char *title, const struct probes *p)
{
    printf("\n%s\n", title);
    for (size_t i = 0; i < p->count; i++) {
        const struct probe *probe = &p->probe[i];
        printf("  %-20s %-4s %s%s%s\n", probe->name, probe->there ? "yes" : "no", probe->use,
               probe->why_not ? ": " : "", probe->why_not ? probe->why_not : "");
    }
}

static void print_cgroups(const struct features *f)
{
    char line[SCRATCH_ERROR_LINE];
    if (f->cgroup_error.errnum) {
        scratch_error_format(&f->cgroup_error, line, sizeof line);
        printf("\nControl groups: %s\n", line);
        return;
    }
    printf("\nControl groups: %s\n", layouts[f->layout]);
    for (size_t i = 0; i < f->controller_count; i++)
        printf("  %-20s v%-3d %s\n", f->controllers[i].name, f->controllers[i].version,
               f->controllers[i].mount);
}

static void print_text(const struct features *f)
{
    printf("libscratch %s on %s %s, %s\n", scratch_version(), f->kernel.sysname, f->kernel.release,
           f->kernel.machine);
    print_probes("Kernel", &f->calls);
    print_probes("Namespaces", &f->namespaces);
    print_cgroups(f);
    print_probes("Libraries", &f->libraries);
}

/* ---- for programs --------------------------------------------------------------------------- */

static void json_probes(struct json *json, const char *name, const struct probes *p)
{
    json_open(json, name, '{');
    for (size_t i = 0; i < p->count; i++)
        json_bool(json, p->probe[i].name, p->probe[i].there);
    json_close(json, '}');
}

static void json_cgroups(struct json *json, const struct features *f)
{
    json_open(json, "cgroup", '{');
    json_text(json, "layout", f->cgroup_error.errnum ? NULL : layouts[f->layout]);
    json_open(json, "controllers", '[');
    for (size_t i = 0; i < f->controller_count; i++) {
        json_open(json, NULL, '{');
        json_text(json, "name", f->controllers[i].name);
        json_number(json, "version", f->controllers[i].version);
        json_text(json, "mount", f->controllers[i].mount);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

static void print_json(const struct features *f)
{
    struct json json = {stdout, false};
    json_open(&json, NULL, '{');
    json_text(&json, "version", scratch_version());
    json_text(&json, "release", f->kernel.release);
    json_text(&json, "machine", f->kernel.machine);
    json_probes(&json, "kernel", &f->calls);
    json_probes(&json, "namespaces", &f->namespaces);
    json_cgroups(&json, f);
    json_probes(&json, "libraries", &f->libraries);
    json_close(&json, '}');
    putchar('\n');
}

/* ---- the command ---------------------------------------------------------------------------- */

struct arguments {
    bool json;
};

static int run_features(const struct command *self, char **argv)
{
    struct arguments arguments = {false};
    struct operands operands = {NULL, 0, NULL};
    struct scratch_error err;
    struct features features;
    int rc = options_parse(self->options, OPTIONS_FIRST, argv, &arguments, &operands, &err);
    if (rc == OPTION_HELP)
        return help_print(self);
    if (rc == 0 && operands.command && operands.command[0]) {
        rc = usage_error(&err, operands.command[0], NULL, "features takes options alone");
        snprintf(err.what, sizeof err.what, "argument");
    }
    if (rc < 0)
        return report_usage(&err, self->name);
    gather(&features);
    (arguments.json ? print_json : print_text)(&features);
    return report_written();
}

static const struct option options[] = {
    {"json", 0, NULL, "for programs", option_flag, offsetof(struct arguments, json)},
    {0},
};

const struct command command_features = {
    .name = "features",
    .synopsis = "[--json]",
    .summary = "Say what this machine offers to containers.",
    .notes = "",
    .options = options,
    .run = run_features,
};
