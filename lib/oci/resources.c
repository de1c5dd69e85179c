/* SPDX-License-Identifier: MIT */
/*
 * "linux.resources" and "linux.cgroupsPath": config-linux.md, "Control groups".
 */
#include "base/error.h"
#include "base/privilege.h"
#include "cgroup/layout.h"
#include "oci/bundle.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* A limit that is a signed number: -1 is none. */
static int read_limit(struct scratch_oci_bundle *bundle, const struct json_in *object,
                      const char *name, uint64_t *limit)
{
    int64_t number = 0;
    struct json_in value;
    if (!json_member(object, name, &value))
        return 0;
    int rc = json_get_signed(&value, -1, INT64_MAX, &number, bundle->err);
    if (rc == 0)
        *limit = number < 0 ? SCRATCH_LIMIT_UNLIMITED : (uint64_t)number;
    return rc;
}

/* The same where 0 says nothing. */
static int read_some(struct scratch_oci_bundle *bundle, const struct json_in *object,
                     const char *name, uint64_t *limit)
{
    uint64_t before = *limit;
    int rc = read_limit(bundle, object, name, limit);
    if (rc == 0 && *limit == 0)
        *limit = before;
    return rc;
}

static int object_of(struct scratch_oci_bundle *bundle, const struct json_in *above,
                     const char *name, struct json_in *object, bool *there)
{
    *there = json_member(above, name, object);
    return *there ? json_expect(object, JSON_OBJECT, bundle->err) : 0;
}

/* ---- memory, cpu, pids ---------------------------------------------------------------------- */

/* A file of v1's alone. v2 counts such buffers with all other memory. */
static int read_kernel_tcp(struct scratch_oci_bundle *bundle, const struct json_in *memory)
{
    uint64_t limit = SCRATCH_LIMIT_NONE;
    struct cgroup_hierarchy hierarchy;
    int rc = read_some(bundle, memory, "kernelTCP", &limit);
    if (rc < 0 || limit == SCRATCH_LIMIT_NONE)
        return rc;
    if (layout_find("memory", &hierarchy) < 0 || hierarchy.version != 1) {
        error_because(oci_warn(bundle), 0, "read the bundle", "linux.resources.memory.kernelTCP",
                      "cgroup version 2 has no such limit", NULL);
        return 0;
    }
    int64_t bytes = limit == SCRATCH_LIMIT_UNLIMITED ? -1 : (int64_t)limit;
    const char **value = oci_take(bundle, 1, sizeof *value);
    if (!value || !(*value = oci_print(bundle, "memory.kmem.tcp.limit_in_bytes=%" PRIi64, bytes)))
        return -ENOMEM;
    bundle->cgroup.values = value;
    bundle->cgroup.value_count = 1;
    return 0;
}

/* Of memory and swap together. Where none is allowed v2 can keep to it, and v1 has no such limit.
 */
static int read_swap(struct scratch_oci_bundle *bundle, const struct json_in *memory)
{
    struct scratch_cgroup_options *c = &bundle->cgroup;
    uint64_t total = SCRATCH_LIMIT_NONE;
    int rc = read_limit(bundle, memory, "swap", &total);
    if (rc < 0 || total == SCRATCH_LIMIT_NONE)
        return rc;
    if (total > 0)
        return scratch_cgroup_swap(c->memory_max, total, &c->memory_swap, bundle->err);
    if (layout_kind() == SCRATCH_CGROUP_V2)
        c->memory_swap = 0;
    return 0;
}

static int read_memory(struct scratch_oci_bundle *bundle, const struct json_in *resources)
{
    struct scratch_cgroup_options *c = &bundle->cgroup;
    struct json_in memory;
    bool there = false;
    int rc = object_of(bundle, resources, "memory", &memory, &there);
    if (rc < 0 || !there)
        return rc;
    rc = read_some(bundle, &memory, "limit", &c->memory_max);
    if (rc == 0)
        rc = read_some(bundle, &memory, "reservation", &c->memory_low);
    if (rc == 0)
        rc = read_swap(bundle, &memory);
    if (rc == 0)
        rc = oci_number(bundle, &memory, "swappiness", 100, &c->memory_swappiness);
    if (rc == 0)
        rc = oci_flag(bundle, &memory, "disableOOMKiller", &c->memory_oom_wait);
    if (rc == 0)
        rc = oci_flag(bundle, &memory, "checkBeforeUpdate", &c->memory_check);
    return rc < 0 ? rc : read_kernel_tcp(bundle, &memory);
}

static int read_cpu(struct scratch_oci_bundle *bundle, const struct json_in *resources)
{
    struct scratch_cgroup_options *c = &bundle->cgroup;
    struct json_in cpu;
    bool there = false;
    int rc = object_of(bundle, resources, "cpu", &cpu, &there);
    if (rc < 0 || !there)
        return rc;
    rc = read_some(bundle, &cpu, "shares", &c->cpu_shares);
    if (rc == 0)
        rc = read_some(bundle, &cpu, "quota", &c->cpu_quota);
    if (rc == 0)
        rc = oci_number(bundle, &cpu, "period", UINT64_MAX, &c->cpu_period);
    if (rc == 0)
        rc = read_some(bundle, &cpu, "burst", &c->cpu_burst);
    if (rc == 0)
        rc = read_limit(bundle, &cpu, "idle", &c->cpu_idle);
    if (rc == 0)
        rc = read_some(bundle, &cpu, "realtimeRuntime", &c->cpu_rt_runtime);
    if (rc == 0)
        rc = read_some(bundle, &cpu, "realtimePeriod", &c->cpu_rt_period);
    if (rc == 0)
        rc = oci_text(bundle, &cpu, "cpus", &c->cpuset_cpus);
    if (rc == 0)
        rc = oci_text(bundle, &cpu, "mems", &c->cpuset_mems);
    if (c->cpuset_cpus && !*c->cpuset_cpus)
        c->cpuset_cpus = NULL;
    if (c->cpuset_mems && !*c->cpuset_mems)
        c->cpuset_mems = NULL;
    return rc;
}

static int read_pids(struct scratch_oci_bundle *bundle, const struct json_in *resources)
{
    struct json_in pids;
    bool there = false;
    int rc = object_of(bundle, resources, "pids", &pids, &there);
    return rc < 0 || !there ? rc : read_some(bundle, &pids, "limit", &bundle->cgroup.pids_max);
}

/* ---- devices -------------------------------------------------------------------------------- */

/* What every container may use: what is in its /dev, terminals, and making any node. */
static const struct {
    short major, minor;
    char type;
    unsigned char access;
} allowed[] = {
    {SCRATCH_DEVICE_ANY, SCRATCH_DEVICE_ANY, 'c', SCRATCH_DEVICE_MKNOD},
    {SCRATCH_DEVICE_ANY, SCRATCH_DEVICE_ANY, 'b', SCRATCH_DEVICE_MKNOD},
    {1, 3, 'c', SCRATCH_DEVICE_ALL},
    {1, 5, 'c', SCRATCH_DEVICE_ALL},
    {1, 7, 'c', SCRATCH_DEVICE_ALL},
    {1, 8, 'c', SCRATCH_DEVICE_ALL},
    {1, 9, 'c', SCRATCH_DEVICE_ALL},
    {5, 0, 'c', SCRATCH_DEVICE_ALL},
    {5, 1, 'c', SCRATCH_DEVICE_ALL},
    {5, 2, 'c', SCRATCH_DEVICE_ALL},
    {136, SCRATCH_DEVICE_ANY, 'c', SCRATCH_DEVICE_ALL},
    {10, 200, 'c', SCRATCH_DEVICE_ALL}, /* net/tun */
};
#define ALLOWED (sizeof allowed / sizeof *allowed)

static int read_access(struct scratch_oci_bundle *bundle, const struct json_in *value,
                       unsigned *access)
{
    const char *text = "rwm";
    int rc = oci_text(bundle, value, "access", &text);
    *access = 0;
    for (; rc == 0 && *text; text++) {
        const char *letters = "rwm", *at = strchr(letters, *text);
        if (*text == 'a') { /* in bundles as runc takes them: all */
            *access = SCRATCH_DEVICE_ALL;
            continue;
        }
        if (!at)
            return json_wrong(value, "its access is none of r, w and m", NULL, bundle->err);
        *access |= 1u << (at - letters);
    }
    return rc;
}

static int read_rule(struct scratch_oci_bundle *bundle, const struct json_in *value,
                     struct scratch_cgroup_rule *rule)
{
    const char *type = "a";
    *rule = (struct scratch_cgroup_rule){
        .type = 'a', .major = SCRATCH_DEVICE_ANY, .minor = SCRATCH_DEVICE_ANY};
    int rc = json_expect(value, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_flag(bundle, value, "allow", &rule->allow);
    if (rc == 0)
        rc = oci_text(bundle, value, "type", &type);
    if (rc == 0 && (!strchr("acbu", *type) || (*type && type[1])))
        rc = json_wrong(value, "its type is none of a, c and b", NULL, bundle->err);
    if (rc == 0)
        rc = oci_signed(bundle, value, "major", -1, UINT32_MAX, &rule->major);
    if (rc == 0)
        rc = oci_signed(bundle, value, "minor", -1, UINT32_MAX, &rule->minor);
    rule->type = *type == 'u' ? 'c' : *type ? *type : 'a';
    return rc < 0 ? rc : read_access(bundle, value, &rule->access);
}

static void allow_given(const struct scratch_oci_bundle *bundle, struct scratch_cgroup_rule *rules,
                        size_t *at)
{
    for (size_t i = 0; i < bundle->rootfs.device_count; i++) {
        const struct scratch_device *d = &bundle->rootfs.devices[i];
        if ((d->mode & 0170000) != 0010000) /* a pipe is nobody's device */
            rules[(*at)++] =
                (struct scratch_cgroup_rule){true, (d->mode & 0170000) == 0060000 ? 'b' : 'c',
                                             d->major, d->minor, SCRATCH_DEVICE_ALL};
    }
}

/*
 * Nothing but what the configuration allows and what every container has; and what it gives, where
 * it says nothing of what is allowed.
 */
static int read_rules(struct scratch_oci_bundle *bundle, const struct json_in *resources)
{
    struct json_in array, item;
    size_t count = 0, at = 1;
    int rc = resources ? oci_array(bundle, resources, "devices", &array, &count) : 0;
    if (rc < 0 || !privilege_all_ids() || !privilege_has(CAP_SYS_ADMIN))
        return rc; /* a user makes no nodes, and may set no rules */
    struct scratch_cgroup_rule *rules =
        oci_take(bundle, 1 + count + ALLOWED + bundle->rootfs.device_count, sizeof *rules);
    if (!rules)
        return -ENOMEM;
    rules[0] = (struct scratch_cgroup_rule){false, 'a', SCRATCH_DEVICE_ANY, SCRATCH_DEVICE_ANY,
                                            SCRATCH_DEVICE_ALL};
    for (size_t i = 0; i < count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = read_rule(bundle, &item, &rules[at++]);
    }
    for (size_t i = 0; i < ALLOWED; i++)
        rules[at++] = (struct scratch_cgroup_rule){true, allowed[i].type, allowed[i].major,
                                                   allowed[i].minor, allowed[i].access};
    if (count == 0)
        allow_given(bundle, rules, &at);
    bundle->cgroup.rules = rules;
    bundle->cgroup.rule_count = at;
    return rc;
}

/* ---- block devices -------------------------------------------------------------------------- */

struct io_limits {
    struct scratch_cgroup_io *io;
    size_t count;
};

static struct scratch_cgroup_io *io_of(struct io_limits *limits, uint64_t major, uint64_t minor)
{
    for (size_t i = 0; i < limits->count; i++)
        if (limits->io[i].major == major && limits->io[i].minor == minor)
            return &limits->io[i];
    struct scratch_cgroup_io *io = &limits->io[limits->count++];
    *io = (struct scratch_cgroup_io){
        .major = (unsigned)major,
        .minor = (unsigned)minor,
        .weight = SCRATCH_LIMIT_NONE,
        .read_bps = SCRATCH_LIMIT_NONE,
        .write_bps = SCRATCH_LIMIT_NONE,
        .read_iops = SCRATCH_LIMIT_NONE,
        .write_iops = SCRATCH_LIMIT_NONE,
    };
    return io;
}

static const struct {
    const char *name, *value;
    size_t member;
} io_kinds[] = {
    {"weightDevice", "weight", offsetof(struct scratch_cgroup_io, weight)},
    {"throttleReadBpsDevice", "rate", offsetof(struct scratch_cgroup_io, read_bps)},
    {"throttleWriteBpsDevice", "rate", offsetof(struct scratch_cgroup_io, write_bps)},
    {"throttleReadIOPSDevice", "rate", offsetof(struct scratch_cgroup_io, read_iops)},
    {"throttleWriteIOPSDevice", "rate", offsetof(struct scratch_cgroup_io, write_iops)},
};
#define IO_KINDS (sizeof io_kinds / sizeof *io_kinds)

static int read_io_kind(struct scratch_oci_bundle *bundle, const struct json_in *object,
                        size_t kind, struct io_limits *limits)
{
    struct json_in array, item;
    size_t count;
    int rc = oci_array(bundle, object, io_kinds[kind].name, &array, &count);
    for (size_t i = 0; i < count && rc == 0; i++) {
        uint64_t major = 0, minor = 0, value = 0;
        json_item(&array, i, &item);
        rc = json_expect(&item, JSON_OBJECT, bundle->err);
        if (rc == 0)
            rc = oci_number(bundle, &item, "major", UINT32_MAX, &major);
        if (rc == 0)
            rc = oci_number(bundle, &item, "minor", UINT32_MAX, &minor);
        if (rc == 0)
            rc = oci_number(bundle, &item, io_kinds[kind].value, UINT64_MAX, &value);
        if (rc == 0 && value) {
            char *io = (char *)io_of(limits, major, minor) + io_kinds[kind].member;
            value = kind == 0 ? scratch_cgroup_io_weight(value) : value;
            memcpy(io, &value, sizeof value);
        }
    }
    return rc;
}

static int read_io(struct scratch_oci_bundle *bundle, const struct json_in *resources)
{
    struct io_limits limits = {NULL, 0};
    struct json_in object, array;
    uint64_t weight = 0;
    size_t room = 0, count;
    bool there = false;
    int rc = object_of(bundle, resources, "blockIO", &object, &there);
    if (rc < 0 || !there)
        return rc;
    rc = oci_number(bundle, &object, "weight", 1000, &weight);
    if (rc == 0 && weight)
        bundle->cgroup.io_weight = scratch_cgroup_io_weight(weight);
    for (size_t i = 0; i < IO_KINDS && rc == 0; i++, room += count)
        rc = oci_array(bundle, &object, io_kinds[i].name, &array, &count);
    if (rc < 0 || room == 0)
        return rc;
    limits.io = oci_take(bundle, room, sizeof *limits.io);
    if (!limits.io)
        return -ENOMEM;
    for (size_t i = 0; i < IO_KINDS && rc == 0; i++)
        rc = read_io_kind(bundle, &object, i, &limits);
    bundle->cgroup.io = limits.io;
    bundle->cgroup.io_count = limits.count;
    return rc;
}

/* ---- what has names ------------------------------------------------------------------------- */

static int read_named(struct scratch_oci_bundle *bundle, const struct json_in *object,
                      const char *const members[3], const struct scratch_cgroup_named **result,
                      size_t *result_count)
{
    struct json_in array, item;
    size_t count;
    int rc = oci_array(bundle, object, members[0], &array, &count);
    if (rc < 0 || count == 0)
        return rc;
    struct scratch_cgroup_named *list = oci_take(bundle, count, sizeof *list);
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = json_expect(&item, JSON_OBJECT, bundle->err);
        if (rc == 0)
            rc = oci_text(bundle, &item, members[1], &list[i].name);
        if (rc == 0 && !list[i].name)
            rc = oci_missing(bundle, &item, members[1]);
        if (rc == 0)
            rc = oci_number(bundle, &item, members[2], UINT64_MAX, &list[i].value);
    }
    *result = list;
    *result_count = count;
    return rc;
}

static int read_network(struct scratch_oci_bundle *bundle, const struct json_in *resources)
{
    static const char *const members[] = {"priorities", "name", "priority"};
    struct scratch_cgroup_options *c = &bundle->cgroup;
    struct json_in network;
    bool there = false;
    int rc = object_of(bundle, resources, "network", &network, &there);
    if (rc < 0 || !there)
        return rc;
    rc = oci_number(bundle, &network, "classID", UINT32_MAX, &c->net_class);
    return rc < 0
               ? rc
               : read_named(bundle, &network, members, &c->net_priorities, &c->net_priority_count);
}

static int read_rdma(struct scratch_oci_bundle *bundle, const struct json_in *resources)
{
    struct json_in map, member;
    size_t at = 0, count = 0;
    bool there = false;
    int rc = object_of(bundle, resources, "rdma", &map, &there);
    while (rc == 0 && there && json_next(&map, &at, &member))
        count++;
    struct scratch_cgroup_rdma *list = count ? oci_take(bundle, count, sizeof *list) : NULL;
    if (!list)
        return count ? -ENOMEM : rc;
    for (at = 0; rc == 0 && json_next(&map, &at, &member);) {
        struct scratch_cgroup_rdma *rdma = &list[at - 1];
        *rdma = (struct scratch_cgroup_rdma){member.name, SCRATCH_LIMIT_NONE, SCRATCH_LIMIT_NONE};
        rc = oci_number(bundle, &member, "hcaHandles", UINT32_MAX, &rdma->hca_handles);
        if (rc == 0)
            rc = oci_number(bundle, &member, "hcaObjects", UINT32_MAX, &rdma->hca_objects);
    }
    bundle->cgroup.rdma = list;
    bundle->cgroup.rdma_count = count;
    return rc;
}

/* v2's own files, by their names. */
static int read_unified(struct scratch_oci_bundle *bundle, const struct json_in *resources)
{
    struct json_in map, member;
    const char *value;
    size_t at = 0, count = 0;
    bool there = false;
    int rc = object_of(bundle, resources, "unified", &map, &there);
    while (rc == 0 && there && json_next(&map, &at, &member))
        count++;
    if (rc < 0 || count == 0)
        return rc;
    if (layout_kind() != SCRATCH_CGROUP_V2)
        return json_wrong(&map,
                          "invalid configuration: this machine's controllers are in hierarchies of "
                          "version 1",
                          "leave it out", bundle->err);
    const char **list = oci_take(bundle, count, sizeof *list);
    for (at = 0; list && rc == 0 && json_next(&map, &at, &member);) {
        rc = json_get_text(&member, &value, bundle->err);
        if (rc == 0 && !(list[at - 1] = oci_print(bundle, "%s=%s", member.name, value)))
            rc = -ENOMEM;
    }
    bundle->cgroup.values = list;
    bundle->cgroup.value_count = count;
    return list ? rc : -ENOMEM;
}

/* ---- all ------------------------------------------------------------------------------------ */

int oci_read_limits(struct scratch_oci_bundle *bundle, const struct json_in *resources)
{
    static const char *const pages[] = {"hugepageLimits", "pageSize", "limit"};
    struct scratch_cgroup_options *c = &bundle->cgroup;
    int rc = read_memory(bundle, resources);
    if (rc == 0)
        rc = read_cpu(bundle, resources);
    if (rc == 0)
        rc = read_pids(bundle, resources);
    if (rc == 0)
        rc = read_io(bundle, resources);
    if (rc == 0)
        rc = read_named(bundle, resources, pages, &c->hugetlb, &c->hugetlb_count);
    if (rc == 0)
        rc = read_network(bundle, resources);
    if (rc == 0)
        rc = read_rdma(bundle, resources);
    return rc < 0 ? rc : read_unified(bundle, resources);
}

/*
 * A path below the root; systemd's "SLICE:PREFIX:NAME" is handed on as it is. Where there is none,
 * root's containers have groups of their ids at the root, as runc's have.
 */
static int read_path(struct scratch_oci_bundle *bundle, const struct json_in *section)
{
    const char *path = NULL;
    int rc = oci_text(bundle, section, "cgroupsPath", &path);
    if (rc < 0)
        return rc;
    path = path ? path + strspn(path, "/") : "";
    if (!*path && bundle->id && geteuid() == 0 && bundle->cgroup.driver == SCRATCH_CGROUP_FILES)
        path = bundle->id;
    if (*path)
        bundle->cgroup.path = bundle->cgroup_path = path;
    return 0;
}

int oci_read_resources(struct scratch_oci_bundle *bundle, const struct json_in *section)
{
    struct json_in resources;
    bool there = false;
    if (!bundle->cgroup.managed) /* there is to be none */
        return 0;
    int rc = read_path(bundle, section);
    if (rc == 0)
        rc = object_of(bundle, section, "resources", &resources, &there);
    if (rc < 0)
        return rc;
    if (there)
        rc = oci_read_limits(bundle, &resources);
    return rc < 0 ? rc : read_rules(bundle, there ? &resources : NULL);
}
