/* SPDX-License-Identifier: MIT */
#include "namespace/types.h"

#include <stddef.h>

const struct namespace_type namespace_types[NAMESPACE_TYPES] = {
    {SCRATCH_NS_CGROUP, "cgroup", 1}, {SCRATCH_NS_IPC, "ipc", 2},   {SCRATCH_NS_MNT, "mnt", 3},
    {SCRATCH_NS_NET, "net", 4},       {SCRATCH_NS_PID, "pid", 5},   {SCRATCH_NS_TIME, "time", 7},
    {SCRATCH_NS_UTS, "uts", 10},      {SCRATCH_NS_USER, "user", 9},
};

const struct namespace_type *namespace_type(uint64_t flag)
{
    for (int i = 0; i < NAMESPACE_TYPES; i++)
        if (namespace_types[i].flag == flag)
            return &namespace_types[i];
    return NULL;
}
