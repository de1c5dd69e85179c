/* SPDX-License-Identifier: MIT */
/*
 * "process.scheduler", "process.ioPriority", "process.execCPUAffinity", "linux.personality" and
 * "linux.memoryPolicy": names in numbers.
 */
#include "oci/bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCHED_DEADLINE 6
#define DEADLINE_LEAST 1024 /* nanoseconds */

struct named {
    const char *name;
    uint64_t value;
};

static const struct named policies[] = {
    {"SCHED_OTHER", 0},
    {"SCHED_FIFO", 1},
    {"SCHED_RR", 2},
    {"SCHED_BATCH", 3},
    {"SCHED_ISO", 4},
    {"SCHED_IDLE", 5},
    {"SCHED_DEADLINE", SCHED_DEADLINE},
    {NULL, 0},
};

static const struct named policy_flags[] = {
    {"SCHED_FLAG_RESET_ON_FORK", 0x01},  {"SCHED_FLAG_RECLAIM", 0x02},
    {"SCHED_FLAG_DL_OVERRUN", 0x04},     {"SCHED_FLAG_KEEP_POLICY", 0x08},
    {"SCHED_FLAG_KEEP_PARAMS", 0x10},    {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
    {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40}, {NULL, 0},
};

static const struct named io_classes[] = {
    {"IOPRIO_CLASS_RT", 1}, {"IOPRIO_CLASS_BE", 2}, {"IOPRIO_CLASS_IDLE", 3}, {NULL, 0}};

/* personality(2): PER_LINUX, PER_LINUX32. */
static const struct named domains[] = {{"LINUX", 0}, {"LINUX32", 8}, {NULL, 0}};

/* set_mempolicy(2) */
static const struct named memory_modes[] = {
    {"MPOL_DEFAULT", 0},
    {"MPOL_PREFERRED", 1},
    {"MPOL_BIND", 2},
    {"MPOL_INTERLEAVE", 3},
    {"MPOL_LOCAL", 4},
    {"MPOL_PREFERRED_MANY", 5},
    {"MPOL_WEIGHTED_INTERLEAVE", 6},
    {NULL, 0},
};
static const struct named memory_flags[] = {{"MPOL_F_NUMA_BALANCING", 1u << 13},
                                            {"MPOL_F_RELATIVE_NODES", 1u << 14},
                                            {"MPOL_F_STATIC_NODES", 1u << 15},
                                            {NULL, 0}};

static int get_named(struct scratch_oci_bundle *bundle, const struct json_in *value,
                     const struct named *table, uint64_t *number)
{
    const char *text;
    int rc = json_get_text(value, &text, bundle->err);
    if (rc < 0)
        return rc;
    for (; table->name; table++)
        if (strcmp(table->name, text) == 0) {
            *number = table->value;
            return 0;
        }
    return json_wrong(value, "there is none of this name",
                      "see the OCI runtime specification, config.md", bundle->err);
}

/* A member that is one name, and must be there. */
static int read_named(struct scratch_oci_bundle *bundle, const struct json_in *object,
                      const char *name, const struct named *table, uint64_t *number)
{
    struct json_in value;
    if (!json_member(object, name, &value))
        return oci_missing(bundle, object, name);
    return get_named(bundle, &value, table, number);
}

/* A member that is an array of names, each of which is a bit. */
static int read_flags(struct scratch_oci_bundle *bundle, const struct json_in *object,
                      const struct named *table, uint64_t *flags)
{
    struct json_in array, item;
    size_t count;
    int rc = oci_array(bundle, object, "flags", &array, &count);
    for (size_t i = 0; i < count && rc == 0; i++) {
        uint64_t flag = 0;
        json_item(&array, i, &item);
        rc = get_named(bundle, &item, table, &flag);
        *flags |= flag;
    }
    return rc;
}

static struct scratch_schedule *schedule(struct scratch_oci_bundle *bundle)
{
    if (!bundle->process.schedule)
        bundle->schedule = (struct scratch_schedule)SCRATCH_SCHEDULE_INIT;
    bundle->process.schedule = &bundle->schedule;
    return &bundle->schedule;
}

/* What sched_setattr(2) calls EINVAL without a word: sched(7), "SCHED_DEADLINE". */
static const char *deadline_fault(const struct json_in *object, const struct scratch_schedule *s)
{
    struct json_in value;
    if (!json_member(object, "runtime", &value))
        return "sched_setattr: `SCHED_DEADLINE` requires `runtime`";
    if (!json_member(object, "deadline", &value))
        return "sched_setattr: `SCHED_DEADLINE` requires `deadline`";
    if (s->runtime == 0)
        return "sched_setattr: `SCHED_DEADLINE` runtime must be greater than 0";
    if (s->runtime < DEADLINE_LEAST || s->runtime > INT64_MAX)
        return "sched_setattr: `SCHED_DEADLINE` runtime must be between 1024 and 2^63-1";
    if (s->runtime > s->deadline)
        return "sched_setattr: `SCHED_DEADLINE` runtime must be <= its deadline";
    if (s->period && s->deadline > s->period)
        return "sched_setattr: `SCHED_DEADLINE` deadline must be <= its period";
    return NULL;
}

static int check_policy(struct scratch_oci_bundle *bundle, const struct json_in *object,
                        const struct scratch_schedule *s)
{
    const char *fault = s->policy == SCHED_DEADLINE ? deadline_fault(object, s) : NULL;
    return fault ? json_wrong(object, fault, "they are nanoseconds: see sched(7)", bundle->err) : 0;
}

int oci_read_scheduler(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    struct json_in object;
    uint64_t policy = 0;
    int64_t nice = 0, priority = 0;
    if (!json_member(process, "scheduler", &object))
        return 0;
    struct scratch_schedule *s = schedule(bundle);
    int rc = json_expect(&object, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = read_named(bundle, &object, "policy", policies, &policy);
    if (rc == 0)
        rc = oci_signed(bundle, &object, "nice", -20, 19, &nice);
    if (rc == 0)
        rc = oci_signed(bundle, &object, "priority", 0, 99, &priority);
    if (rc == 0)
        rc = read_flags(bundle, &object, policy_flags, &s->flags);
    if (rc == 0)
        rc = oci_number(bundle, &object, "runtime", UINT64_MAX, &s->runtime);
    if (rc == 0)
        rc = oci_number(bundle, &object, "deadline", UINT64_MAX, &s->deadline);
    if (rc == 0)
        rc = oci_number(bundle, &object, "period", UINT64_MAX, &s->period);
    s->has_policy = true;
    s->policy = (int)policy;
    s->nice = (int)nice;
    s->priority = (unsigned)priority;
    return rc < 0 ? rc : check_policy(bundle, &object, s);
}

int oci_read_io_priority(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    struct json_in object;
    uint64_t class = 0, priority = 0;
    if (!json_member(process, "ioPriority", &object))
        return 0;
    int rc = json_expect(&object, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = read_named(bundle, &object, "class", io_classes, &class);
    if (rc == 0)
        rc = oci_number(bundle, &object, "priority", 7, &priority);
    schedule(bundle)->io_priority = (int)(class << 13 | priority);
    return rc;
}

int oci_read_personality(struct scratch_oci_bundle *bundle, const struct json_in *section)
{
    struct json_in object;
    uint64_t domain = 0, flags = 0;
    static const struct named none[] = {{NULL, 0}};
    if (!json_member(section, "personality", &object))
        return 0;
    int rc = json_expect(&object, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = read_named(bundle, &object, "domain", domains, &domain);
    if (rc == 0) /* the specification has no flag yet */
        rc = read_flags(bundle, &object, none, &flags);
    schedule(bundle)->personality = (int64_t)domain;
    return rc;
}

/* "0-2,7" */
static int read_nodes(struct scratch_oci_bundle *bundle, const struct json_in *value,
                      const char *text, uint64_t nodes[4])
{
    while (*text) {
        char *end;
        unsigned long first = strtoul(text, &end, 10), last = first;
        bool good = end != text;
        if (good && *end == '-') {
            text = end + 1;
            last = strtoul(text, &end, 10);
            good = end != text;
        }
        if (!good || last < first || last >= 256 || (*end && *end != ','))
            return json_wrong(value, "it is no list of memory nodes", "write 0-2,7", bundle->err);
        for (unsigned long node = first; node <= last; node++)
            nodes[node / 64] |= UINT64_C(1) << node % 64;
        text = *end ? end + 1 : end;
    }
    return 0;
}

int oci_read_memory_policy(struct scratch_oci_bundle *bundle, const struct json_in *section)
{
    struct json_in object, value;
    uint64_t mode = 0, flags = 0;
    const char *nodes = "";
    if (!json_member(section, "memoryPolicy", &object))
        return 0;
    int rc = json_expect(&object, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = read_named(bundle, &object, "mode", memory_modes, &mode);
    if (rc == 0)
        rc = read_flags(bundle, &object, memory_flags, &flags);
    if (rc == 0)
        rc = oci_text(bundle, &object, "nodes", &nodes);
    if (rc == 0 && json_member(&object, "nodes", &value))
        rc = read_nodes(bundle, &value, nodes, schedule(bundle)->nodes);
    schedule(bundle)->memory_policy = (int)(mode | flags);
    return rc;
}

/* It is about processes that are run in the container later, and not about its first one. */
int oci_read_affinity(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    struct json_in object;
    const char *initial = NULL, *final = NULL;
    if (!json_member(process, "execCPUAffinity", &object))
        return 0;
    int rc = json_expect(&object, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_text(bundle, &object, "initial", &initial);
    if (rc == 0)
        rc = oci_text(bundle, &object, "final", &final);
    schedule(bundle)->cpus_before = initial && *initial ? initial : NULL;
    schedule(bundle)->cpus = final && *final ? final : NULL;
    return rc;
}

/* All that there may be: of these the kernel takes those that there are, in the control group. */
void oci_reset_affinity(struct scratch_oci_bundle *bundle)
{
    if (!schedule(bundle)->cpus_before)
        schedule(bundle)->cpus_before = "0-8191";
}
