/* SPDX-License-Identifier: MIT */
#include <scratch/figures.h>
#include "cgroup/figures.h"
#include "cgroup/handle.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How a number stands in a file. */
enum form {
    NUMBER, /* the file is one */
    KEYED,  /* a line "KEY NUMBER" */
    PAIRS,  /* lines of "KEY=NUMBER", of which the sum is wanted (v2's io.stat) */
    LINES,  /* lines "DEVICE KEY NUMBER", likewise (v1's blkio files) */
};

struct place {
    const char *file; /* NULL: this version has none */
    enum form form;
    const char *key;
    uint64_t divisor; /* nanoseconds become microseconds; 0: as it is */
};

struct figure {
    size_t member;
    const char *controller;
    struct place v1, v2;
};

#define AT(name) offsetof(struct scratch_cgroup_figures, name)
#define ONE(file)                                                                                  \
    {                                                                                              \
        file, NUMBER, NULL, 0                                                                      \
    }
#define KEY(file, key)                                                                             \
    {                                                                                              \
        file, KEYED, key, 0                                                                        \
    }
#define NS     1000
#define SERVED "blkio.throttle.io_serviced_recursive"
#define BYTES  "blkio.throttle.io_service_bytes_recursive"

/* Those of one file stand together, so that it is read once. v1's total_ is with what is below. */
static const struct figure figures[] = {
    {AT(memory_current), "memory", ONE("memory.usage_in_bytes"), ONE("memory.current")},
    {AT(memory_peak), "memory", ONE("memory.max_usage_in_bytes"), ONE("memory.peak")},
    {AT(memory_limit), "memory", ONE("memory.limit_in_bytes"), ONE("memory.max")},
    {AT(memory_hits), "memory", ONE("memory.failcnt"), KEY("memory.events", "max")},
    {AT(memory_kills), "memory", KEY("memory.oom_control", "oom_kill"),
     KEY("memory.events", "oom_kill")},
    {AT(memory_swap), "memory", KEY("memory.stat", "total_swap"), ONE("memory.swap.current")},
    {AT(memory_anon), "memory", KEY("memory.stat", "total_rss"), KEY("memory.stat", "anon")},
    {AT(memory_file), "memory", KEY("memory.stat", "total_cache"), KEY("memory.stat", "file")},
    {AT(memory_shmem), "memory", KEY("memory.stat", "total_shmem"), KEY("memory.stat", "shmem")},
    {AT(memory_kernel), "memory", ONE("memory.kmem.usage_in_bytes"), KEY("memory.stat", "kernel")},
    {AT(memory_sock), "memory", ONE("memory.kmem.tcp.usage_in_bytes"), KEY("memory.stat", "sock")},
    {AT(cpu_usage), "cpuacct", {"cpuacct.usage", NUMBER, NULL, NS}, KEY("cpu.stat", "usage_usec")},
    {AT(cpu_user),
     "cpuacct",
     {"cpuacct.usage_user", NUMBER, NULL, NS},
     KEY("cpu.stat", "user_usec")},
    {AT(cpu_system),
     "cpuacct",
     {"cpuacct.usage_sys", NUMBER, NULL, NS},
     KEY("cpu.stat", "system_usec")},
    {AT(cpu_periods), "cpu", KEY("cpu.stat", "nr_periods"), KEY("cpu.stat", "nr_periods")},
    {AT(cpu_throttled), "cpu", KEY("cpu.stat", "nr_throttled"), KEY("cpu.stat", "nr_throttled")},
    {AT(cpu_throttled_time),
     "cpu",
     {"cpu.stat", KEYED, "throttled_time", NS},
     KEY("cpu.stat", "throttled_usec")},
    {AT(pids_current), "pids", ONE("pids.current"), ONE("pids.current")},
    {AT(pids_peak), "pids", ONE("pids.peak"), ONE("pids.peak")},
    {AT(pids_limit), "pids", ONE("pids.max"), ONE("pids.max")},
    {AT(pids_hits), "pids", KEY("pids.events", "max"), KEY("pids.events", "max")},
    {AT(io_read_bytes), "io", {BYTES, LINES, "Read", 0}, {"io.stat", PAIRS, "rbytes", 0}},
    {AT(io_write_bytes), "io", {BYTES, LINES, "Write", 0}, {"io.stat", PAIRS, "wbytes", 0}},
    {AT(io_reads), "io", {SERVED, LINES, "Read", 0}, {"io.stat", PAIRS, "rios", 0}},
    {AT(io_writes), "io", {SERVED, LINES, "Write", 0}, {"io.stat", PAIRS, "wios", 0}},
};

/* ---- reading --------------------------------------------------------------------------------- */

/* The file that was read last. */
struct reader {
    const scratch_cgroup *group;
    const struct cgroup_member *member;
    const char *file;
    ssize_t length; /* or -errno */
    char text[16384];
};

static const char *read_text(struct reader *r, const struct cgroup_member *m, const char *file)
{
    bool again = r->file && r->member == m && strcmp(r->file, file) == 0;
    if (!again) {
        r->member = m;
        r->file = file;
        r->length = figures_read(m->fd, file, r->text, sizeof r->text);
    }
    return r->length < 0 ? NULL : r->text;
}

ssize_t figures_read(int groupfd, const char *file, char *text, size_t size)
{
    int fd = openat(groupfd, file, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t n = fd < 0 ? -errno : 0;
    text[0] = '\0';
    while (fd >= 0 && length + 1 < size && (n = read(fd, text + length, size - 1 - length)) > 0)
        length += (size_t)n;
    text[length] = '\0';
    if (n < 0 && fd >= 0)
        n = -errno;
    if (fd >= 0)
        close(fd);
    return n < 0 ? n : (ssize_t)length;
}

/* v1's "no limit" is the most that fits, in whole pages. */
static uint64_t number(const char *text)
{
    char *end;
    if (strncmp(text, "max", 3) == 0)
        return SCRATCH_LIMIT_UNLIMITED;
    uint64_t value = strtoull(text, &end, 10);
    if (end == text)
        return SCRATCH_FIGURE_UNKNOWN;
    return value >= (uint64_t)INT64_MAX - 65536 ? SCRATCH_LIMIT_UNLIMITED : value;
}

uint64_t figures_keyed(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return number(line + length + 1);
    }
    return SCRATCH_FIGURE_UNKNOWN;
}

/* The sum of what stands behind a word and its end, wherever that is. No line: nothing was used. */
static uint64_t sum(const char *text, const char *key, char end)
{
    size_t length = strlen(key);
    uint64_t total = 0;
    for (const char *at = text; (at = strstr(at, key)); at += length)
        if (at > text && at[-1] == ' ' && at[length] == end)
            total += strtoull(at + length + 1, NULL, 10);
    return total;
}

/*
 * Some kernels (6.1) count for v1's groups only where a rate is limited: a device that was used,
 * and nothing of it, is not known to be nothing.
 */
static uint64_t sum_of_lines(const char *text, const char *key)
{
    bool used = *text && strncmp(text, "Total", 5) != 0;
    return used && sum(text, "Total", ' ') == 0 ? SCRATCH_FIGURE_UNKNOWN : sum(text, key, ' ');
}

static uint64_t take(const struct place *p, const char *text)
{
    uint64_t value = p->form == NUMBER  ? number(text)
                     : p->form == KEYED ? figures_keyed(text, p->key)
                     : p->form == PAIRS ? sum(text, p->key, '=')
                                        : sum_of_lines(text, p->key);
    return p->divisor && value != SCRATCH_FIGURE_UNKNOWN ? value / p->divisor : value;
}

static uint64_t read_place(struct reader *r, const struct cgroup_member *m, const struct figure *f)
{
    const struct place *p = m && m->hierarchy.version == 2 ? &f->v2 : &f->v1;
    const char *text = m && p->file ? read_text(r, m, p->file) : NULL;
    return text ? take(p, text) : SCRATCH_FIGURE_UNKNOWN;
}

/* A hybrid machine's v2 hierarchy counts processor time without a controller. */
static uint64_t read_figure(struct reader *r, const struct figure *f)
{
    uint64_t value = read_place(r, member_of(r->group, f->controller), f);
    const struct cgroup_member *unified = member_of(r->group, "unified");
    return value == SCRATCH_FIGURE_UNKNOWN && unified ? read_place(r, unified, f) : value;
}

/* ---- pressure -------------------------------------------------------------------------------- */

/* "some avg10=0.12 avg60=0.00 avg300=0.00 total=1234": hundredths of a percent, microseconds. */
static void read_line(const char *text, const char *kind, struct scratch_pressure *p)
{
    unsigned whole[3], part[3];
    unsigned long long total;
    const char *line = strstr(text, kind);
    if (!line || sscanf(line + strlen(kind), " avg10=%u.%u avg60=%u.%u avg300=%u.%u total=%llu",
                        &whole[0], &part[0], &whole[1], &part[1], &whole[2], &part[2], &total) != 7)
        return;
    p->average_10 = whole[0] * UINT64_C(100) + part[0];
    p->average_60 = whole[1] * UINT64_C(100) + part[1];
    p->average_300 = whole[2] * UINT64_C(100) + part[2];
    p->total = total;
}

static void read_pressure(struct reader *r, const char *file, struct scratch_pressure *some,
                          struct scratch_pressure *full)
{
    const struct cgroup_member *m = member_of(r->group, "unified");
    const char *text = m ? read_text(r, m, file) : NULL;
    if (!text)
        return;
    read_line(text, "some", some);
    if (full)
        read_line(text, "full", full);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool is_there(const scratch_cgroup *group)
{
    for (int i = 0; i < group->count; i++)
        if (faccessat(group->member[i].fd, "cgroup.procs", F_OK, 0) == 0)
            return true;
    return false;
}

int scratch_cgroup_figures(const scratch_cgroup *group, struct scratch_cgroup_figures *result,
                           struct scratch_error *err)
{
    struct scratch_cgroup_figures f;
    size_t size = result->size;
    if (size < sizeof size || size > sizeof f)
        return error_set(err, EINVAL, "figures of a control group", NULL,
                         "set its size to that of these headers");
    if (!is_there(group))
        return error_set(err, ENODEV, "read a control group's figures", group->path, NULL);
    struct reader *r = calloc(1, sizeof *r);
    if (!r)
        return error_set(err, ENOMEM, "read a control group's figures", NULL, NULL);
    r->group = group;
    memset(&f, 0xff, sizeof f); /* unknown */
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        uint64_t value = read_figure(r, &figures[i]);
        memcpy((char *)&f + figures[i].member, &value, sizeof value);
    }
    read_pressure(r, "cpu.pressure", &f.cpu_some, NULL);
    read_pressure(r, "memory.pressure", &f.memory_some, &f.memory_full);
    read_pressure(r, "io.pressure", &f.io_some, &f.io_full);
    free(r);
    f.size = size;
    memcpy(result, &f, size);
    return 0;
}
