/* SPDX-License-Identifier: MIT */
/*
 * The types of namespace, as data.
 */
#ifndef NAMESPACE_TYPES_H
#define NAMESPACE_TYPES_H

#include <scratch/namespace.h>

struct namespace_type {
    uint64_t flag;    /* CLONE_NEW* */
    const char *name; /* of the file in /proc/PID/ns/, and in /proc/sys/user/max_NAME_namespaces */
    unsigned char ioctl; /* of PIDFD_GET_NAME_NAMESPACE (6.11) */
};

#define NAMESPACE_TYPES 8
extern const struct namespace_type namespace_types[NAMESPACE_TYPES];

/* Every type there is. */
#define NAMESPACE_ALL                                                                              \
    (SCRATCH_NS_TIME | SCRATCH_NS_MNT | SCRATCH_NS_CGROUP | SCRATCH_NS_UTS | SCRATCH_NS_IPC |      \
     SCRATCH_NS_USER | SCRATCH_NS_PID | SCRATCH_NS_NET)

/* The one that has this flag, or NULL. */
const struct namespace_type *namespace_type(uint64_t flag);

#endif
