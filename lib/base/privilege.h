/* SPDX-License-Identifier: MIT */
/*
 * What the calling thread may do.
 */
#ifndef BASE_PRIVILEGE_H
#define BASE_PRIVILEGE_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>

/* The effective capabilities of the calling thread, a bit each. */
uint64_t privilege_effective(void);

/*
 * True in the machine's first user namespace, where every id is mapped to itself. In any other,
 * root can make no device nodes, and mounts from outside are locked.
 */
bool privilege_all_ids(void);

static inline bool privilege_has(int capability)
{
    return privilege_effective() & UINT64_C(1) << capability;
}

/* False in a user namespace in which setgroups(2) is denied: user_namespaces(7). */
bool privilege_may_set_groups(void);

#endif
