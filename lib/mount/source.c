/* SPDX-License-Identifier: MIT */
/*
 * Whom the source of a bind belongs to, and how SELinux knows it: what changes on the host's disk.
 */
#include "base/privilege.h"
#include "mount/compile.h"
#include "mount/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* ---- which source --------------------------------------------------------------------------- */

/*
 * What a host cannot live without is not given away as a whole; a directory in it may be. The list
 * is about the one that podman and docker have for labels.
 */
static const char *const kept[] = {
    "/",          "/bin",      "/boot",      "/dev", "/etc",     "/home",    "/lib",
    "/lib32",     "/lib64",    "/mnt",       "/opt", "/proc",    "/root",    "/run",
    "/sbin",      "/srv",      "/sys",       "/tmp", "/usr",     "/usr/bin", "/usr/lib",
    "/usr/lib64", "/usr/sbin", "/usr/share", "/var", "/var/lib",
};

/* The path without links, which the step will not follow any more. */
static int resolve(struct builder *b, const struct scratch_mount *m, const char *what, char **path)
{
    *path = realpath(m->source, NULL);
    if (!*path)
        return error_call(b->err, errno, "realpath(3)", what, m->source, NULL);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (strcmp(*path, kept[i]) == 0) {
            free(*path);
            *path = NULL;
            return error_because(b->err, EPERM, what, m->source,
                                 "the host itself needs this directory as it is",
                                 "bind a directory that is for containers, or leave out U, z, Z");
        }
    return 0;
}

/* ---- owners --------------------------------------------------------------------------------- */

/* An id of the container as the caller's user namespace has it. */
static int outside_id(struct builder *b, const struct builder_ids *ids, uint32_t own, uint32_t id,
                      const char *source, uint64_t *outside)
{
    char cause[64];
    *outside = b->user_namespace && !ids->map && id == 0 ? own : id;
    if (!b->user_namespace || (!ids->map && id == 0))
        return 0;
    uint32_t mapped = id;
    if (builder_id_outside(ids, &mapped)) {
        *outside = mapped;
        return 0;
    }
    snprintf(cause, sizeof cause, "the id %u of the container is not mapped", id);
    return error_because(b->err, EINVAL, "owner of a bind", source, cause,
                         "add it to the id maps, or leave out U");
}

/* With its privilege here, or with that over the user namespace which is yet to be made. */
static enum step_side side_of_owners(const struct builder *b)
{
    return !b->user_namespace || privilege_has(CAP_CHOWN) ? STEP_HOST : STEP_CONTAINER;
}

static int put_owner(struct builder *b, const struct mount_list *list,
                     const struct scratch_mount *m, bool idmapped, enum step_side side,
                     uint8_t effort)
{
    uint64_t uid = list->uid, gid = list->gid;
    char *path = NULL;
    if (list->named)
        return error_because(b->err, EINVAL, "owner of a bind", m->source,
                             "the container's user has a name, and no number before the start",
                             "write the user as numbers, UID:GID, or leave out U");
    /* Also for the container's side: there, what is not mapped has no name. */
    int rc = idmapped ? 0 : outside_id(b, &b->uids, geteuid(), list->uid, m->source, &uid);
    if (rc == 0 && !idmapped)
        rc = outside_id(b, &b->gids, getegid(), list->gid, m->source, &gid);
    if (rc == 0)
        rc = resolve(b, m, "owner of a bind", &path);
    if (rc < 0 || !path)
        return rc;
    uint32_t text = builder_text(b, path);
    free(path);
    struct step *step = builder_add(b, STEP_OWN, side);
    step->text[0] = text;
    step->num[0] = side == STEP_HOST ? uid : list->uid;
    step->num[1] = side == STEP_HOST ? gid : list->gid;
    step->flags = effort;
    return 0;
}

/* ---- labels --------------------------------------------------------------------------------- */

/*
 * The label of podman's and docker's volumes. "Z" adds two categories of 1024 by chance: containers
 * that run with other ones are kept out.
 */
static int make_label(struct builder *b, char letter, char *text, size_t size)
{
    uint16_t random[2];
    int n = snprintf(text, size, "system_u:object_r:container_file_t:s0");
    if (letter == 'z')
        return 0;
    if (getrandom(random, sizeof random, 0) < 0)
        return error_call(b->err, errno, "getrandom(2)", "SELinux label", NULL, NULL);
    unsigned one = random[0] % 1024, other = random[1] % 1023;
    other += other >= one; /* never the same */
    snprintf(text + n, size - (size_t)n, ":c%u,c%u", one < other ? one : other,
             one < other ? other : one);
    return 0;
}

static int put_label(struct builder *b, const struct scratch_mount *m, char letter, uint8_t effort)
{
    char label[64], *path = NULL;
    int rc = make_label(b, letter, label, sizeof label);
    if (rc == 0)
        rc = resolve(b, m, "SELinux label", &path);
    if (rc < 0 || !path)
        return rc;
    uint32_t source = builder_text(b, path), text = builder_text(b, label);
    free(path);
    struct step *step = builder_add(b, STEP_RELABEL, STEP_HOST);
    step->text[0] = source;
    step->text[1] = text;
    step->flags = effort;
    return 0;
}

int mount_put_sources(struct builder *b, const struct mount_list *list,
                      const struct scratch_mount *m, const struct mount_options *o,
                      enum step_side side)
{
    uint8_t effort = o->best_effort ? STEP_BEST_EFFORT : 0;
    int rc = 0;
    if (o->best_effort && access(m->source ? m->source : "", F_OK) < 0) /* nofail */
        return 0;
    if (o->own && side == side_of_owners(b))
        rc = put_owner(b, list, m, mount_is_idmapped(b, o), side, effort);
    if (rc == 0 && o->label && side == STEP_HOST && mount_has_selinux())
        rc = put_label(b, m, o->label, effort);
    return rc;
}
