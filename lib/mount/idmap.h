/* SPDX-License-Identifier: MIT */
/*
 * Mounts that the caller makes ready before there is a container, with the ids of its user
 * namespace: a file's owner is inside what it is on disk. See "Idmapped mounts" in the kernel's
 * Documentation/filesystems/idmappings.rst.
 */
#ifndef MOUNT_IDMAP_H
#define MOUNT_IDMAP_H

#include "mount/attach.h"
#include "step/builder.h"

struct idmap {
    uint32_t source; /* text: what is mounted */
    uint32_t second; /* text: then it is the directory that both are in; or 0 */
    struct mount_change change;
    uint64_t propagation; /* MS_* of mount(2); 0: private */
    bool all;             /* of a tree, the mounts below have the map as well */
    uint32_t ids[2];      /* texts: its own maps, of users and of groups; 0: the container's */
    bool none;            /* no map at all: it is but opened, by one who may */
    uint8_t flags;        /* of the step: STEP_BEST_EFFORT */
};

/*
 * 0, or -errno with the cause: whether this plan can have such mounts. own: with a map of its own,
 * which needs no user namespace of the container's.
 */
int mount_check_idmap(struct builder *b, const char *source, bool own);

/* The words of an option idmap= as the kernel reads maps: texts of users and of groups. */
int mount_read_idmap(struct builder *b, const char *words, uint32_t text[2]);

/* A namespace with a mount's own map: the slot that gets it, or -errno. */
int mount_put_id_namespace(struct builder *b, const uint32_t ids[2]);

/* The host step that makes one, for each start anew. Returns the slot that gets it, or -errno. */
int mount_put_idmap(struct builder *b, const struct idmap *idmap);

#endif
