/* SPDX-License-Identifier: MIT */
/*
 * A mount of type "cgroup" (config-linux.md, "Default Filesystems") is one mount on v2, and on v1 a
 * tmpfs with a mount for each hierarchy that the machine has, in which the container sees its own
 * group as the root: by its cgroup namespace, or because that directory alone is bound.
 */
#include "base/error.h"
#include "cgroup/layout.h"
#include "oci/bundle.h"
#include "step/step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROOT "/sys/fs/cgroup"

struct cgroup_mounts {
    struct scratch_oci_bundle *bundle;
    const struct scratch_mount *asked;
    struct scratch_mount *mounts;
    size_t *count, end;
};

static int put(struct cgroup_mounts *m, struct scratch_mount mount)
{
    if (!mount.target || !mount.options)
        return -ENOMEM;
    if (*m->count < m->end)
        m->mounts[(*m->count)++] = mount;
    return 0;
}

/* What of its options is the mounts' own, not the file system's. */
static const char *attributes(struct cgroup_mounts *m)
{
    return m->asked->options && *m->asked->options ? m->asked->options : "defaults";
}

/* In a cgroup namespace of its own the container's group is the root of each hierarchy. */
static int put_new(struct cgroup_mounts *m, const char *controllers, const char *target)
{
    bool v2 = !*controllers;
    return put(m, (struct scratch_mount){
                      .source = "cgroup",
                      .target = target,
                      .type = v2 ? "cgroup2" : "cgroup",
                      .options = v2 ? attributes(m)
                                    : oci_print(m->bundle, "%s,%s", attributes(m), controllers),
                  });
}

/* Whether the caller may make a group below its own. */
static bool may_make(const struct cgroup_mounts *m, const char *name, const char *callers)
{
    const char *path = oci_print(m->bundle, ROOT "/%s%s", name, callers);
    return path && access(path, W_OK) == 0;
}

/*
 * The container's own, which it need not have in each hierarchy, or else the caller's, that it
 * stays in; or all of one that is not made.
 */
static const char *group_path(struct cgroup_mounts *m, const char *name, const char *callers)
{
    struct scratch_oci_bundle *bundle = m->bundle;
    if (bundle->cgroup_path)
        return bundle->cgroup_path;
    if (!bundle->cgroup.managed || !bundle->id)
        return "";
    if (!may_make(m, name, callers))
        return callers + strspn(callers, "/");
    return oci_print(bundle, "%s/" SLOT_ID_PREFIX "%s", callers + strspn(callers, "/"), bundle->id);
}

/* Where a hierarchy is mounted: by its name. */
static int put_bind(struct cgroup_mounts *m, const char *name, const char *callers,
                    const char *target)
{
    const char *path = group_path(m, name, callers);
    return put(m, (struct scratch_mount){
                      .source = path ? oci_print(m->bundle, ROOT "/%s/%s", name, path) : NULL,
                      .target = path ? target : NULL,
                      .type = "bind",
                      .options = oci_print(m->bundle, "bind,nofail,%s", attributes(m)),
                  });
}

/* A line of /proc/self/cgroup: "4:memory:/some/group", "0::/". */
static int put_line(struct cgroup_mounts *m, char *line)
{
    char *controllers = strchr(line, ':');
    char *end = controllers ? strchr(++controllers, ':') : NULL;
    if (!end)
        return 0;
    *end++ = '\0';
    end[strcspn(end, "\n")] = '\0';
    const char *name = strncmp(controllers, "name=", 5) == 0 ? controllers + 5 : controllers;
    if (!*name) {
        if (layout_kind() != SCRATCH_CGROUP_HYBRID)
            return 0;
        name = "unified";
    }
    const char *target = oci_print(m->bundle, "%s/%s", m->asked->target, name);
    const char *kept = oci_print(m->bundle, "%s", controllers);
    if (!target || !kept)
        return -ENOMEM;
    bool own = m->bundle->namespaces.create & SCRATCH_NS_CGROUP;
    return own ? put_new(m, kept, target) : put_bind(m, name, end, target);
}

static int put_hierarchies(struct cgroup_mounts *m)
{
    char line[512];
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (!file)
        return error_call(m->bundle->err, errno, "open(2)", "read the control groups",
                          "/proc/self/cgroup", NULL);
    int rc = 0;
    while (rc == 0 && fgets(line, sizeof line, file))
        rc = put_line(m, line);
    fclose(file);
    return rc;
}

static bool has_word(const char *options, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = options; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || !at[length]))
            return true;
    return false;
}

/* A user namespace may mount no cgroup namespace but its own: it sees the host's mount then. */
static int put_unified(struct cgroup_mounts *m)
{
    uint64_t made = m->bundle->namespaces.create;
    bool bind = made & SCRATCH_NS_USER && !(made & SCRATCH_NS_CGROUP);
    const char *options = attributes(m);
    return put(m, (struct scratch_mount){.source = bind ? ROOT : "cgroup",
                                         .target = m->asked->target,
                                         .type = bind ? "bind" : "cgroup2",
                                         .options = bind ? oci_print(m->bundle, "rbind,%s", options)
                                                         : options});
}

int oci_put_cgroup_mounts(struct scratch_oci_bundle *bundle, const struct scratch_mount *mount,
                          struct scratch_mount *mounts, size_t *count)
{
    struct cgroup_mounts m = {.bundle = bundle, .asked = mount, .mounts = mounts};
    m.count = count;
    m.end = *count + OCI_CGROUP_MOUNTS_MAX;
    if (layout_kind() == SCRATCH_CGROUP_V2)
        return put_unified(&m);
    int rc = put(&m, (struct scratch_mount){.source = "tmpfs",
                                            .target = mount->target,
                                            .type = "tmpfs",
                                            .options = "nosuid,nodev,noexec,mode=755"});
    if (rc == 0)
        rc = put_hierarchies(&m);
    if (rc == 0 && has_word(mount->options, "ro")) /* now that all is in it */
        rc = put(&m, (struct scratch_mount){.target = mount->target, .options = "remount,ro"});
    return rc;
}
