/* SPDX-License-Identifier: MIT */
#include "cli/command.h"
#include "cli/output.h"
#include "cli/probe.h"
#include "cli/report.h"

#include <errno.h>
#include <scratch/cgroup.h>
#include <scratch/oci.h>
#include <scratch/version.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

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
        printf("  %-20s %-4s %s%s%s", probe->name, probe->there ? "yes" : "no", probe->use,
               probe->why_not ? ": " : "", probe->why_not ? probe->why_not : "");
        if (probe->instead)
            printf(" (%s instead)", probe->instead);
        putchar('\n');
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

static void json_probes(struct output *output, const char *name, const struct probes *p)
{
    output_open(output, name, '{');
    for (size_t i = 0; i < p->count; i++)
        output_bool(output, p->probe[i].name, p->probe[i].there);
    output_close(output, '}');
}

static void json_cgroups(struct output *output, const struct features *f)
{
    output_open(output, "cgroup", '{');
    output_text(output, "layout", f->cgroup_error.errnum ? NULL : layouts[f->layout]);
    output_open(output, "controllers", '[');
    for (size_t i = 0; i < f->controller_count; i++) {
        output_open(output, NULL, '{');
        output_text(output, "name", f->controllers[i].name);
        output_number(output, "version", f->controllers[i].version);
        output_text(output, "mount", f->controllers[i].mount);
        output_close(output, '}');
    }
    output_close(output, ']');
    output_close(output, '}');
}

static void print_json(const struct features *f)
{
    struct output output = {stdout, false};
    output_open(&output, NULL, '{');
    output_text(&output, "version", scratch_version());
    output_text(&output, "release", f->kernel.release);
    output_text(&output, "machine", f->kernel.machine);
    json_probes(&output, "kernel", &f->calls);
    json_probes(&output, "namespaces", &f->namespaces);
    json_cgroups(&output, f);
    json_probes(&output, "libraries", &f->libraries);
    output_close(&output, '}');
    putchar('\n');
}

/* ---- the command ---------------------------------------------------------------------------- */

struct arguments {
    bool json, text;
};

/* Engines ask what the runtime can do, by a pipe; people ask what their machine can, at a terminal.
 */
static int print_runtime(void)
{
    char *text = scratch_oci_features();
    struct scratch_error err = {.errnum = ENOMEM, .what = "write JSON"};
    if (!text)
        return (int)report_error(&err);
    puts(text);
    free(text);
    return report_written();
}

static int run_features(const struct command *self, char **argv)
{
    struct arguments arguments = {false, false};
    struct operands operands = {0};
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
    if (!arguments.json && !arguments.text && !isatty(STDOUT_FILENO))
        return print_runtime();
    gather(&features);
    (arguments.json ? print_json : print_text)(&features);
    return report_written();
}

static const struct option options[] = {
    {"json", 0, NULL, "for programs", option_flag, offsetof(struct arguments, json)},
    {"text", 0, NULL, "for people, whatever standard output is", option_flag,
     offsetof(struct arguments, text)},
    {0},
};

const struct command command_features = {
    .name = "features",
    .synopsis = "[--json|--text]",
    .summary = "Say what this machine offers to containers.",
    .notes =
        "Where standard output is not a terminal, and neither is given, it says what scratchctl\n"
        "can do as an OCI runtime, in the JSON of the specification's features.md.\n",
    .options = options,
    .run = run_features,
};
