/* SPDX-License-Identifier: MIT */
/*
 * What is written as the value of an option. Each function returns 0, or -EINVAL (or -ENOSYS where
 * a library is missing) with subject, cause and hint in err.
 */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <scratch/error.h>
#include <scratch/mount.h>
#include <scratch/namespace.h>
#include <scratch/network.h>
#include <scratch/process.h>
#include <scratch/rootfs.h>
#include "cli/pool.h"

/* amount.c: a whole number, without sign, of decimal digits alone. */
int value_number(const char *text, uint64_t least, uint64_t most, uint64_t *number,
                 struct scratch_error *err);

/* "67108864", "64m", "1.5g", "64MiB" */
int value_bytes(const char *text, uint64_t *bytes, struct scratch_error *err);

/* "1.5" processors, as a quota of microseconds in each VALUE_CPU_PERIOD. */
#define VALUE_CPU_PERIOD 100000
int value_cpus(const char *text, uint64_t *quota, struct scratch_error *err);

/* "64"; "-1": SCRATCH_LIMIT_NONE */
int value_pids(const char *text, uint64_t *limit, struct scratch_error *err);

/* amount.c: yes, no, true, false; NULL is yes. */
int value_flag(const char *text, bool *flag, struct scratch_error *err);

/* amount.c: a whole number that may be negative. */
int value_integer(const char *text, int least, int most, int *number, struct scratch_error *err);

/* amount.c: permission bits in octal: "022", "0027" */
int value_umask(const char *text, mode_t *umask, struct scratch_error *err);

/* ulimit.c: "nofile=1024", "nofile=1024:4096", "core=unlimited" */
int value_ulimit(const char *text, struct scratch_rlimit *limit, struct scratch_error *err);

/* user.c: whether it is "USER" or "USER:GROUP", names or numbers. */
int value_user(const char *text, struct scratch_error *err);

/* user.c: "CONTAINER:HOST:SIZE" or "CONTAINER:HOST" */
int value_id_map(const char *text, struct scratch_id_map *map, struct scratch_error *err);

/* capability.c: what --cap-add or --cap-drop has gathered. */
struct capability_set {
    uint64_t named; /* SCRATCH_CAP() bits */
    bool all;
};

/* "NET_ADMIN", "cap_chown,kill", "ALL": added to what is in the set. */
int value_capabilities(const char *text, struct capability_set *set, struct scratch_error *err);

struct capability_changes {
    struct capability_set add, drop;
};

/* What is left of the default ones; -EINVAL when the changes contradict each other. */
int capabilities_resolve(const struct capability_changes *changes, uint64_t *capabilities,
                         struct scratch_error *err);

/* volume.c: a path of the host, made absolute; text is the whole that it was in. */
int value_source(struct pool *pool, const char *text, const char *source, const char **path,
                 struct scratch_error *err);

/* volume.c: "HOST", "HOST:CONTAINER" or "HOST:CONTAINER:rwm"; of enum scratch_device_access */
int value_device(struct pool *pool, const char *text, struct scratch_device *device,
                 unsigned *access, struct scratch_error *err);

/* mount_keys.c: "type=bind,src=SRC,dst=DST,ro", as docker's and podman's --mount */
int value_mount(struct pool *pool, const char *text, struct scratch_mount *mount,
                struct scratch_error *err);

/* volume.c: "SRC:DST" or "SRC:DST:ro,…" */
int value_volume(struct pool *pool, const char *text, struct scratch_mount *mount,
                 struct scratch_error *err);

/* volume.c: "DST" or "DST:size=64m,…" */
int value_tmpfs(struct pool *pool, const char *text, struct scratch_mount *mount,
                struct scratch_error *err);

/* port.c: "8080:80", "127.0.0.1:5353:53/udp"; "8000-8010:9000-9010": the first, and how many */
int value_ports(struct pool *pool, const char *text, struct scratch_network_port *port,
                unsigned *count, struct scratch_error *err);

/* port.c: "NAME:IP" */
int value_host(struct pool *pool, const char *text, struct scratch_network_host *host,
               struct scratch_error *err);

#endif
