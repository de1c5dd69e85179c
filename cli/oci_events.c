/* SPDX-License-Identifier: MIT */
#include "cli/oci_events.h"
#include "cli/kept.h"
#include "cli/report.h"

#include <errno.h>
#include <poll.h>
#include <scratch/figures.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* What is not known is left out. */
static void put(struct output *out, const char *name, uint64_t value, uint64_t unit)
{
    if (value < SCRATCH_LIMIT_UNLIMITED && value <= INT64_MAX / unit)
        output_number(out, name, (long)(value * unit));
}

static void put_cpu(struct output *out, const struct scratch_cgroup_figures *f)
{
    enum { NANOSECONDS = 1000 };
    output_open(out, "cpu", '{');
    output_open(out, "usage", '{');
    put(out, "total", f->cpu_usage, NANOSECONDS);
    put(out, "kernel", f->cpu_system, NANOSECONDS);
    put(out, "user", f->cpu_user, NANOSECONDS);
    output_close(out, '}');
    output_open(out, "throttling", '{');
    put(out, "periods", f->cpu_periods, 1);
    put(out, "throttledPeriods", f->cpu_throttled, 1);
    put(out, "throttledTime", f->cpu_throttled_time, NANOSECONDS);
    output_close(out, '}');
    output_close(out, '}');
}

static void put_memory(struct output *out, const struct scratch_cgroup_figures *f)
{
    output_open(out, "memory", '{');
    put(out, "cache", f->memory_file, 1);
    output_open(out, "usage", '{');
    put(out, "limit", f->memory_limit, 1);
    put(out, "usage", f->memory_current, 1);
    put(out, "max", f->memory_peak, 1);
    put(out, "failcnt", f->memory_hits, 1);
    output_close(out, '}');
    output_close(out, '}');
}

static void put_io(struct output *out, const struct scratch_cgroup_figures *f)
{
    output_open(out, "blkio", '{');
    put(out, "readBytes", f->io_read_bytes, 1);
    put(out, "writeBytes", f->io_write_bytes, 1);
    put(out, "reads", f->io_reads, 1);
    put(out, "writes", f->io_writes, 1);
    output_close(out, '}');
}

static void begin(struct output *out, const char *type, const char *id)
{
    output_open(out, NULL, '{');
    output_text(out, "type", type);
    output_text(out, "id", id);
}

static int say_figures(const char *id, const struct scratch_cgroup_figures *f)
{
    struct output out = {stdout, false};
    begin(&out, "stats", id);
    output_open(&out, "data", '{');
    put_cpu(&out, f);
    put_memory(&out, f);
    output_open(&out, "pids", '{');
    put(&out, "current", f->pids_current, 1);
    put(&out, "limit", f->pids_limit, 1);
    output_close(&out, '}');
    put_io(&out, f);
    output_close(&out, '}');
    output_close(&out, '}');
    putchar('\n');
    return report_written();
}

static int say_oom(const char *id)
{
    struct output out = {stdout, false};
    begin(&out, "oom", id);
    output_close(&out, '}');
    putchar('\n');
    return report_written();
}

/* Figures are looked at more often than they are told of: so it is known when it runs out. */
#define LOOK_MS 200

static int follow(scratch_container *container, scratch_cgroup *group, const char *id, int interval)
{
    struct scratch_cgroup_figures f = {.size = sizeof f};
    struct pollfd end = {.fd = scratch_container_pidfd(container), .events = POLLIN};
    if (scratch_cgroup_figures(group, &f, NULL) < 0)
        return 0;
    uint64_t kills = f.memory_kills; /* what was before is no event */
    int left = 0, ended = 0;
    while (ended == 0 && scratch_cgroup_figures(group, &f, NULL) == 0) {
        bool killed = f.memory_kills != SCRATCH_FIGURE_UNKNOWN && f.memory_kills > kills;
        if (killed && say_oom(id) != 0)
            break;
        if (killed)
            kills = f.memory_kills;
        if (left <= 0 && say_figures(id, &f) != 0)
            break;
        left = left <= 0 ? interval : left;
        int pause = left < LOOK_MS ? left : LOOK_MS;
        ended = poll(&end, 1, pause);
        left -= pause;
    }
    return 0;
}

static int tell(scratch_container *container, const struct scratch_container_state *state,
                bool once, int interval, struct scratch_error *err)
{
    struct scratch_cgroup_figures f = {.size = sizeof f};
    scratch_cgroup *group;
    if (state->status == SCRATCH_STATUS_STOPPED || !state->cgroup) {
        *err = (struct scratch_error){
            .errnum = ESRCH, .what = "tell its figures", .cause = "container is not running"};
        snprintf(err->subject, sizeof err->subject, "%s", state->id);
        if (state->status != SCRATCH_STATUS_STOPPED)
            snprintf(err->cause, sizeof err->cause, "it has no control group");
        return -err->errnum;
    }
    int rc = scratch_cgroup_open(state->cgroup, &group, err);
    if (rc < 0)
        return rc;
    if (!once)
        rc = follow(container, group, state->id, interval);
    else if ((rc = scratch_cgroup_figures(group, &f, err)) == 0)
        say_figures(state->id, &f);
    scratch_cgroup_free(group);
    return rc;
}

int oci_events(const char *id, bool once, int interval, struct scratch_error *err)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    scratch_container *container;
    int rc = kept_open(id, &container, &state, err);
    if (rc < 0)
        return rc;
    rc = tell(container, &state, once, interval, err);
    scratch_container_free(container);
    return rc;
}
