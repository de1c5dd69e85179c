/* SPDX-License-Identifier: MIT */
#include "cli/values.h"
#include "cli/report.h"

#include <stdio.h>
#include <string.h>

/* docker's names, which are those of limits.conf(5). */
static const struct {
    const char *name;
    int resource;
} resources[] = {
    {"as", RLIMIT_AS},           {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},         {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},     {"locks", RLIMIT_LOCKS},
    {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE},
    {"nice", RLIMIT_NICE},       {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},     {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},   {"rttime", RLIMIT_RTTIME},
    {"stack", RLIMIT_STACK},     {"sigpending", RLIMIT_SIGPENDING},
};

static bool find_resource(const char *name, size_t length, int *resource)
{
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++)
        if (strlen(resources[i].name) == length && strncmp(resources[i].name, name, length) == 0) {
            *resource = resources[i].resource;
            return true;
        }
    return false;
}

/* Bytes, seconds or a count, as the resource has it; "-1" and "unlimited": no limit. */
static int read_limit(const char *text, uint64_t *limit, struct scratch_error *err)
{
    *limit = UINT64_MAX;
    if (strcmp(text, "-1") == 0 || strcmp(text, "unlimited") == 0)
        return 0;
    return value_number(text, 0, UINT64_MAX - 1, limit, err);
}

int value_ulimit(const char *text, struct scratch_rlimit *limit, struct scratch_error *err)
{
    static const char form[] = "write NAME=SOFT or NAME=SOFT:HARD, such as nofile=1024:4096";
    char soft[32];
    size_t name = strcspn(text, "=");
    const char *value = text[name] ? text + name + 1 : "";
    const char *colon = strchr(value, ':');
    size_t length = colon ? (size_t)(colon - value) : strlen(value);
    if (!find_resource(text, name, &limit->resource))
        return usage_error(err, text,
                           "as, core, cpu, data, fsize, locks, memlock, msgqueue, nice, "
                           "nofile, nproc, rss, rtprio, rttime, sigpending or stack",
                           "'%.*s' is not the name of a limit", (int)(name < 64 ? name : 64), text);
    if (length == 0 || length >= sizeof soft)
        return usage_error(err, text, form, "there is no number");
    snprintf(soft, sizeof soft, "%.*s", (int)length, value);
    int rc = read_limit(soft, &limit->soft, err);
    limit->hard = limit->soft;
    if (rc == 0 && colon)
        rc = read_limit(colon + 1, &limit->hard, err);
    if (rc < 0)
        snprintf(err->hint, sizeof err->hint, "%s", form);
    else if (limit->soft > limit->hard)
        rc = usage_error(err, text, form, "the soft limit is above the hard one");
    return rc;
}
