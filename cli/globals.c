/* SPDX-License-Identifier: MIT */
#include "cli/globals.h"
#include "cli/command.h"
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct globals globals;

static int take_version(const struct option *option, void *target, const char *value,
                        struct scratch_error *err)
{
    (void)option;
    (void)target;
    (void)value;
    (void)err;
    return OPTION_VERSION;
}

/*
 * crun's form of it, "file:PATH", is a path too. Who looks there for what went wrong shall not find
 * nothing: as with runc, one that cannot be written is an error, before anything is done.
 */
static int take_log(const struct option *option, void *target, const char *value,
                    struct scratch_error *err)
{
    struct globals *g = target;
    const char *path = strncmp(value, "file:", 5) == 0 ? value + 5 : value;
    (void)option;
    if (!report_log_opens(path))
        return usage_error(err, path, "give a file that can be written", "%s", strerror(errno));
    g->log = path;
    report_log(g->log, g->log_json);
    return 0;
}

static int take_log_format(const struct option *option, void *target, const char *value,
                           struct scratch_error *err)
{
    struct globals *g = target;
    (void)option;
    if (strcmp(value, "json") != 0 && strcmp(value, "text") != 0)
        return usage_error(err, value, "text or json", "there is no such format");
    g->log_json = strcmp(value, "json") == 0;
    report_log(g->log, g->log_json);
    return 0;
}

static int take_manager(const struct option *option, void *target, const char *value,
                        struct scratch_error *err)
{
    struct globals *g = target;
    (void)option;
    g->systemd = strcmp(value, "systemd") == 0;
    g->no_cgroup = strcmp(value, "disabled") == 0;
    if (g->systemd || g->no_cgroup || strcmp(value, "cgroupfs") == 0)
        return 0;
    return usage_error(err, value, "cgroupfs, systemd or disabled", "there is no such manager");
}

/* "--rootless=auto" and the like: whose privileges there are is found out anyway. */
static int take_any(const struct option *option, void *target, const char *value,
                    struct scratch_error *err)
{
    (void)err;
    (void)value;
    *(bool *)option_member(option, target) = true;
    return 0;
}

#define MEMBER(name) offsetof(struct globals, name)

const struct option main_options[] = {
    {"version", 'v', NULL, "print the version", take_version, 0},
    {NULL, 0, NULL, "As container engines call it", NULL, 0},
    {"root", 0, "DIR", "keep the records of containers in DIR", option_text, MEMBER(root)},
    {"log", 0, "FILE", "write errors to FILE too", take_log, 0},
    {"log-format", 0, "FORMAT", "of that file: text or json", take_log_format, 0},
    {"systemd-cgroup", 0, NULL, "let systemd make the control groups", option_flag,
     MEMBER(systemd)},
    {"cgroup-manager", 0, "MANAGER",
     "who makes control groups: cgroupfs, systemd,\nor disabled: nobody", take_manager, 0},
    {"rootless", 0, "VALUE", "nothing: privileges are found out", take_any, MEMBER(rootless)},
    {"debug", 0, NULL, "nothing: errors always name the step", take_any, MEMBER(debug)},
    {"criu", 0, "PATH", "nothing: there is no checkpoint", take_any, MEMBER(criu)},
    {0},
};
