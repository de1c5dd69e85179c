/* SPDX-License-Identifier: MIT */
/*
 * Limits that are not a single number: lists of processors, devices, what has a name, raw files.
 */
#include "cgroup/devices.h"
#include "cgroup/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NONE      SCRATCH_LIMIT_NONE
#define UNLIMITED SCRATCH_LIMIT_UNLIMITED

/* ---- cpuset ---------------------------------------------------------------------------------- */

/* "0-2,7": numbers and rising ranges. */
static bool is_list(const char *text)
{
    while (*text) {
        unsigned first, last;
        int n = 0;
        if (*text < '0' || *text > '9' || sscanf(text, "%5u%n", &first, &n) != 1)
            return false;
        text += n;
        if (*text == '-') {
            if (text[1] < '0' || text[1] > '9' || sscanf(text + 1, "%5u%n", &last, &n) != 1 ||
                last < first)
                return false;
            text += 1 + n;
        }
        if (*text == ',' && text[1])
            text++;
        else if (*text)
            return false;
    }
    return true;
}

static int put_list(struct limits_writer *w, const char *what, const char *file, const char *list)
{
    if (!list)
        return 0;
    if (!*list || strlen(list) >= sizeof w->settings->value || !is_list(list))
        return error_set(w->err, EINVAL, what, list, "write a list of numbers, such as 0-2,7");
    limits_put(w, "cpuset", file, file, "%s", list);
    return 0;
}

static int put_partition(struct limits_writer *w, const char *partition)
{
    static const char *const known[] = {"member", "root", "isolated"};
    for (size_t i = 0; partition && i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i], partition) != 0)
            continue;
        limits_put(w, "cpuset", NULL, "cpuset.cpus.partition", "%s", partition)->only =
            "cpuset partition";
        return 0;
    }
    return partition ? error_set(w->err, EINVAL, "cpuset partition", partition,
                                 "give member, root or isolated")
                     : 0;
}

int settings_put_cpuset(struct limits_writer *w, const struct scratch_cgroup_options *o)
{
    int rc = put_list(w, "processors", "cpuset.cpus", o->cpuset_cpus);
    if (rc == 0)
        rc = put_list(w, "memory nodes", "cpuset.mems", o->cpuset_mems);
    return rc < 0 ? rc : put_partition(w, o->cpuset_partition);
}

/* ---- io -------------------------------------------------------------------------------------- */

static void put_rate(struct limits_writer *w, const struct scratch_cgroup_io *io, uint64_t rate,
                     const char *v1_file, const char *v2_key)
{
    if (rate == NONE)
        return;
    limits_put(w, "io", v1_file, NULL, "%u:%u %" PRIu64, io->major, io->minor,
               rate == UNLIMITED ? 0 : rate);
    if (rate == UNLIMITED)
        limits_put(w, "io", NULL, "io.max", "%u:%u %s=max", io->major, io->minor, v2_key);
    else
        limits_put(w, "io", NULL, "io.max", "%u:%u %s=%" PRIu64, io->major, io->minor, v2_key,
                   rate);
}

static int put_device_weight(struct limits_writer *w, const struct scratch_cgroup_io *io)
{
    if (io->weight == NONE)
        return 0;
    if (io->weight < 1 || io->weight > 10000)
        return limits_refuse(w, "block I/O weight", io->weight, "give 1 to 10000");
    uint64_t blkio = weight_to_blkio(io->weight);
    struct cgroup_setting *s = limits_put(w, "io", "blkio.bfq.weight_device", NULL,
                                          "%u:%u %" PRIu64, io->major, io->minor, blkio);
    s->other_file = "blkio.weight_device";
    memcpy(s->other_value, s->value, sizeof s->other_value);
    s = limits_put(w, "io", NULL, "io.weight", "%u:%u %" PRIu64, io->major, io->minor, io->weight);
    s->other_file = "io.bfq.weight";
    snprintf(s->other_value, sizeof s->other_value, "%u:%u %" PRIu64, io->major, io->minor, blkio);
    return 0;
}

static int put_io(struct limits_writer *w, const struct scratch_cgroup_io *io)
{
    const struct {
        uint64_t rate;
        const char *v1_file, *v2_key, *what;
    } rates[] = {
        {io->read_bps, "blkio.throttle.read_bps_device", "rbps", "bytes read in a second"},
        {io->write_bps, "blkio.throttle.write_bps_device", "wbps", "bytes written in a second"},
        {io->read_iops, "blkio.throttle.read_iops_device", "riops", "reads in a second"},
        {io->write_iops, "blkio.throttle.write_iops_device", "wiops", "writes in a second"},
    };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        if (rates[i].rate == 0)
            return limits_refuse(w, rates[i].what, 0, "give 1 or more");
        put_rate(w, io, rates[i].rate, rates[i].v1_file, rates[i].v2_key);
    }
    return put_device_weight(w, io);
}

/* ---- what has a name ------------------------------------------------------------------------- */

/* A word that can stand in a line of a control group's file. */
static bool is_word(const char *text)
{
    return text && *text && strlen(text) < 32 && !strpbrk(text, " \t\n=/");
}

/* The kernel's name of a page size: "2MB", "64KB", "1GB". */
static bool is_page_size(const char *text)
{
    size_t digits = text ? strspn(text, "0123456789") : 0;
    return digits > 0 && digits < 8 && strchr("KMG", text[digits]) && text[digits] &&
           strcmp(text + digits + 1, "B") == 0;
}

static int put_hugetlb(struct limits_writer *w, const struct scratch_cgroup_named *h)
{
    char v1_file[64], v2_file[64];
    if (!is_page_size(h->name))
        return error_set(w->err, EINVAL, "huge page limit", h->name,
                         "give a page size as in /sys/fs/cgroup/.../hugetlb.2MB.max: 2MB");
    snprintf(v1_file, sizeof v1_file, "hugetlb.%s.limit_in_bytes", h->name);
    snprintf(v2_file, sizeof v2_file, "hugetlb.%s.max", h->name);
    if (h->value == UNLIMITED) {
        limits_put(w, "hugetlb", v1_file, NULL, "-1");
        limits_put(w, "hugetlb", NULL, v2_file, "max");
    } else if (h->value != NONE) {
        limits_put(w, "hugetlb", v1_file, v2_file, "%" PRIu64, h->value);
    }
    return 0;
}

static void write_count(char *text, size_t size, const char *key, uint64_t count)
{
    if (count == UNLIMITED)
        snprintf(text, size, " %s=max", key);
    else if (count != NONE)
        snprintf(text, size, " %s=%" PRIu64, key, count);
    else
        text[0] = '\0';
}

static int put_rdma(struct limits_writer *w, const struct scratch_cgroup_rdma *r)
{
    char handles[48], objects[48];
    if (!is_word(r->device))
        return error_set(w->err, EINVAL, "RDMA limit", r->device, "name a device: mlx5_0");
    write_count(handles, sizeof handles, "hca_handle", r->hca_handles);
    write_count(objects, sizeof objects, "hca_object", r->hca_objects);
    if (*handles || *objects)
        limits_put(w, "rdma", "rdma.max", "rdma.max", "%s%s%s", r->device, handles, objects);
    return 0;
}

static int put_misc(struct limits_writer *w, const struct scratch_cgroup_named *m)
{
    if (!is_word(m->name))
        return error_set(w->err, EINVAL, "limit of a resource", m->name,
                         "name one of misc.capacity: sev");
    if (m->value == UNLIMITED)
        limits_put(w, "misc", "misc.max", "misc.max", "%s max", m->name);
    else if (m->value != NONE)
        limits_put(w, "misc", "misc.max", "misc.max", "%s %" PRIu64, m->name, m->value);
    return 0;
}

static int put_priority(struct limits_writer *w, const struct scratch_cgroup_named *p)
{
    if (!is_word(p->name))
        return error_set(w->err, EINVAL, "network priority", p->name, "name an interface: eth0");
    if (p->value > UINT32_MAX)
        return limits_refuse(w, "network priority", p->value, "give 0 to 4294967295");
    limits_put(w, "net_prio", "net_prio.ifpriomap", NULL, "%s %" PRIu64, p->name, p->value)->only =
        "network priority";
    return 0;
}

/* ---- raw files ------------------------------------------------------------------------------- */

#define WHAT_VALUE "control group setting"
#define HOW_VALUE  "write CONTROLLER.FILE=VALUE: memory.high=64M"

/* The controller that a file's name begins with; "cgroup" is every group's own. */
static const char *controller_of(const char *file, size_t length)
{
    static const struct {
        const char *prefix, *controller;
    } known[] = {
        {"memory", "memory"},   {"pids", "pids"},       {"cpu", "cpu"},
        {"cpuset", "cpuset"},   {"cpuacct", "cpuacct"}, {"io", "io"},
        {"blkio", "io"},        {"hugetlb", "hugetlb"}, {"rdma", "rdma"},
        {"misc", "misc"},       {"net_cls", "net_cls"}, {"net_prio", "net_prio"},
        {"devices", "devices"}, {"cgroup", "unified"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].prefix) == length && strncmp(known[i].prefix, file, length) == 0)
            return known[i].controller;
    return NULL;
}

/* They move, stop or end processes: there are calls for that, and in a start they would hang it. */
static bool is_an_action(const char *file, size_t length)
{
    static const char *const actions[] = {"cgroup.procs",  "cgroup.threads",         "cgroup.kill",
                                          "cgroup.freeze", "cgroup.subtree_control", "cgroup.type"};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strlen(actions[i]) == length && strncmp(actions[i], file, length) == 0)
            return true;
    return false;
}

/* In the words that those look for who know crun. */
static int refuse_name(struct limits_writer *w, const char *text, const char *before, size_t length,
                       const char *after)
{
    error_set(w->err, EINVAL, WHAT_VALUE, text, HOW_VALUE);
    if (w->err)
        error_write(w->err->cause, "%s `%.*s`%s", before, (int)length, text, after);
    return -EINVAL;
}

static int put_value(struct limits_writer *w, const char *text)
{
    const char *equals = text ? strchr(text, '=') : NULL;
    if (!equals || !equals[1])
        return error_set(w->err, EINVAL, WHAT_VALUE, text, HOW_VALUE);
    const size_t length = (size_t)(equals - text);
    const char *dot = memchr(text, '.', length);
    if (!dot || memchr(text, '/', length) || length >= sizeof w->settings->v1_file)
        return refuse_name(w, text, "the specified key has not the form CONTROLLER.VALUE", length,
                           "");
    const char *controller = controller_of(text, (size_t)(dot - text));
    if (!controller)
        return refuse_name(w, text, "the requested cgroup controller", (size_t)(dot - text),
                           " is not available");
    if (is_an_action(text, length))
        return error_because(w->err, EINVAL, WHAT_VALUE, text, "that is no limit", NULL);
    if (strlen(equals + 1) >= sizeof w->settings->value)
        return error_because(w->err, EINVAL, WHAT_VALUE, text, "its value is too long", NULL);
    struct cgroup_setting *s = limits_put(w, controller, NULL, NULL, "%s", equals + 1);
    memcpy(s->v1_file, text, length);
    memcpy(s->v2_file, text, length);
    return 0;
}

/* ---- all of them ----------------------------------------------------------------------------- */

int settings_put_lists(struct limits_writer *w, const struct scratch_cgroup_options *o)
{
    int rc = 0;
    if (o->memory_oom_wait)
        limits_put(w, "memory", "memory.oom_control", NULL, "1")->only = "waiting for memory";
    for (size_t i = 0; i < o->io_count && rc == 0; i++)
        rc = put_io(w, &o->io[i]);
    for (size_t i = 0; i < o->hugetlb_count && rc == 0; i++)
        rc = put_hugetlb(w, &o->hugetlb[i]);
    for (size_t i = 0; i < o->rdma_count && rc == 0; i++)
        rc = put_rdma(w, &o->rdma[i]);
    for (size_t i = 0; i < o->misc_count && rc == 0; i++)
        rc = put_misc(w, &o->misc[i]);
    for (size_t i = 0; i < o->net_priority_count && rc == 0; i++)
        rc = put_priority(w, &o->net_priorities[i]);
    if (rc == 0)
        rc = devices_check(o, w->err);
    for (size_t i = 0; i < o->value_count && rc == 0; i++)
        rc = put_value(w, o->values[i]);
    return rc;
}
