/* SPDX-License-Identifier: MIT */
/*
 * The mounts' part of a plan.
 */
#ifndef MOUNT_COMPILE_H
#define MOUNT_COMPILE_H

#include <scratch/mount.h>
#include <scratch/rootfs.h>
#include "step/builder.h"

/* /proc, /dev and what is below it, /sys; host: all of the host's devices, a writable /sys. */
void mount_compile_standard(struct builder *b, uint64_t shm_size, bool host);

/* host.c: its part for a container that shall have all of the machine. */
void mount_compile_host(struct builder *b);

/* Device nodes that the container is given. make: also where /dev is the root's own. */
int mount_compile_devices(struct builder *b, const struct scratch_rootfs_options *options,
                          bool make);

/*
 * made_node.c: of those by their number, what the caller has to make where the container has a user
 * namespace of its own. The slot of the next one in their order, or -1: it is not made so.
 */
int mount_compile_made_nodes(struct builder *b, const struct scratch_rootfs_options *options);
int mount_take_made_node(struct builder *b, const struct scratch_device *device);

/* The standard device nodes and links, in a /dev that the spec's mounts have brought. */
void mount_compile_default_devices(struct builder *b);

/* A directory that is made where it is missing; where it cannot be, whoever needs it says so. */
void mount_compile_directory(struct builder *b, const char *path);

/* Hide what in /proc and /sys tells of or reaches the host, make read-only what changes it. */
int mount_compile_masks(struct builder *b, const struct scratch_rootfs_options *options);

/* A spec's own mounts, and what they are mounted for. */
struct mount_list {
    const struct scratch_mount *mount;
    size_t count;
    bool make;         /* missing targets may be made */
    bool tied;         /* the host's mounts have been tied to the host's own already */
    const char *root;  /* the directory that is the root, or NULL */
    bool oci;          /* their options are in the words of the OCI runtime specification */
    uint32_t uid, gid; /* the container's user, inside: whom "U" gives a source to */
    bool named;        /* that is a name, which only a start finds the numbers of */
};

/* Host steps, before the first process is made: owners, labels, idmapped binds. */
int mount_compile_sources(struct builder *b, const struct mount_list *list);

/* Container steps, before the root is there: hold of what that will lie over. */
int mount_compile_trees(struct builder *b, const struct mount_list *list);

int mount_compile(struct builder *b, const struct mount_list *list);

/* Those of them that are read-only once all that belongs in them is there. */
void mount_compile_filled(struct builder *b);

/* One that is mounted in the caller's own namespace. */
int mount_compile_one(struct builder *b, const struct scratch_mount *mount);

struct mount_options;

/* True when a bind is made by the host, with the container's map. */
bool mount_is_idmapped(const struct builder *b, const struct mount_options *options);

/*
 * What "U", "z" and "Z" ask for. On the host's side, or that of the container: only there is there
 * privilege over the ids of a user namespace that an ordinary user makes.
 */
int mount_put_sources(struct builder *b, const struct mount_list *list,
                      const struct scratch_mount *mount, const struct mount_options *options,
                      enum step_side side);

/*
 * What is written to /proc and /sys sets labels, ids and limits: true for types that go on no link,
 * for a root's would lead to a file that takes it all and does nothing (CVE-2019-19921).
 */
bool mount_no_link(const char *type);

/* Change the propagation of a target; flags: MS_* of mount(2). */
void mount_put_propagation(struct builder *b, const char *target, uint64_t flags, uint8_t effort);

#endif
