/* SPDX-License-Identifier: MIT */
/*
 * The settings of /proc/sys that belong to a namespace: all others are the whole machine's.
 */
#include "namespace/compile.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WHAT "kernel setting"

static const struct {
    const char *begin; /* a name ends with it, or goes on where it ends with '/' or is marked */
    bool goes_on;
    uint64_t type;
} settings[] = {
    {"net/", true, SCRATCH_NS_NET},
    {"kernel/shm", true, SCRATCH_NS_IPC},
    {"kernel/msg", true, SCRATCH_NS_IPC},
    {"kernel/sem", false, SCRATCH_NS_IPC},
    {"fs/mqueue/", true, SCRATCH_NS_IPC},
    {"kernel/hostname", false, SCRATCH_NS_UTS},
    {"kernel/domainname", false, SCRATCH_NS_UTS},
};

/* The namespace that a setting belongs to, or 0. */
static uint64_t owner_of(const char *path)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        size_t n = strlen(settings[i].begin);
        if (settings[i].goes_on ? strncmp(path, settings[i].begin, n) == 0 && path[n]
                                : strcmp(path, settings[i].begin) == 0)
            return settings[i].type;
    }
    return 0;
}

/* No part of a path may be empty or begin with a dot: it would lead elsewhere. */
static bool is_plain(const char *path)
{
    for (const char *part = path;; part++) {
        if (*part == '\0' || *part == '/' || *part == '.')
            return false;
        part = strchr(part, '/');
        if (!part)
            return true;
    }
}

/* As sysctl(8): the first of '.' and '/' is what separates; the other is a part of names. */
static void make_path(char *path)
{
    char *first = path + strcspn(path, "./");
    if (*first != '.')
        return;
    for (char *c = path; *c; c++)
        *c = *c == '.' ? '/' : *c == '/' ? '.' : *c;
}

static int refuse(struct builder *b, const char *setting, uint64_t owner)
{
    if (!owner)
        return error_because(b->err, EINVAL, WHAT, setting, "it is the whole machine's",
                             "in a container: net.*, kernel.shm*, kernel.msg*, kernel.sem, "
                             "fs.mqueue.*, kernel.hostname and kernel.domainname");
    return error_because(b->err, EINVAL, WHAT, setting,
                         "the namespace that it belongs to would not be the container's own",
                         "make a new one of net, ipc or uts");
}

static int put_setting(struct builder *b, const char *setting)
{
    char path[PATH_MAX];
    const char *equals = strchr(setting, '=');
    size_t length = equals ? (size_t)(equals - setting) : 0;
    if (length == 0 || length >= sizeof path)
        return error_set(b->err, EINVAL, WHAT, setting, "write NAME=VALUE");
    snprintf(path, sizeof path, "%.*s", (int)length, setting);
    make_path(path);
    if (!is_plain(path))
        return error_because(b->err, EINVAL, WHAT, setting, "it contains an invalid path",
                             "write its name as sysctl(8) does: net.ipv4.ip_forward");
    uint64_t owner = owner_of(path);
    if (!(owner & (b->namespaces | b->joined)))
        return refuse(b, setting, owner);
    uint32_t name = builder_text(b, path), value = builder_text(b, equals + 1);
    struct step *step = builder_add(b, STEP_SYSCTL, STEP_CONTAINER);
    step->text[0] = name;
    step->text[1] = value;
    return 0;
}

int namespace_compile_sysctl(struct builder *b, const struct scratch_namespace_options *o)
{
    int rc = 0;
    for (const char *const *setting = o->sysctl; setting && *setting && rc == 0; setting++)
        rc = put_setting(b, *setting);
    return rc;
}
