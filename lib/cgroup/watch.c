/* SPDX-License-Identifier: MIT */
/*
 * Events of a group through one descriptor: an epoll(7) over what the kernel has for each. Files of
 * counts are watched by inotify(7), and their difference is what has happened.
 */
#include <scratch/figures.h>
#include "cgroup/figures.h"
#include "cgroup/handle.h"
#include "base/error.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

/* What is counted in a file that the kernel notifies of. */
static const struct counter {
    enum scratch_cgroup_event event;
    const char *controller;
    int version; /* of the hierarchy; 0: either */
    const char *file, *key;
} counters[] = {
    {SCRATCH_EVENT_MEMORY_KILL, "memory", 2, "memory.events", "oom_kill"},
    {SCRATCH_EVENT_MEMORY_LIMIT, "memory", 2, "memory.events", "max"},
    {SCRATCH_EVENT_MEMORY_HIGH, "memory", 2, "memory.events", "high"},
    {SCRATCH_EVENT_PIDS_LIMIT, "pids", 0, "pids.events", "max"},
    {SCRATCH_EVENT_EMPTY, "unified", 2, "cgroup.events", "populated"},
    {SCRATCH_EVENT_MEMORY_KILL, "memory", 1, "memory.oom_control", "oom_kill"},
};
#define COUNTERS (sizeof counters / sizeof *counters)

struct scratch_cgroup_watch {
    int epoll, inotify;
    int oom;                 /* v1: an eventfd that the kernel counts on, or -1 */
    int pressure;            /* a trigger, or -1 */
    uint64_t stall, stalled; /* its threshold; the total when it was last told of */
    bool full;
    int fd[COUNTERS]; /* the group's directory, or -1: not watched */
    uint64_t seen[COUNTERS];
    int events;
};

static uint64_t count_of(const scratch_cgroup_watch *w, size_t i)
{
    char text[1024];
    if (figures_read(w->fd[i], counters[i].file, text, sizeof text) < 0)
        return SCRATCH_FIGURE_UNKNOWN;
    return figures_keyed(text, counters[i].key);
}

/* ---- what the kernel has --------------------------------------------------------------------- */

static int add(scratch_cgroup_watch *w, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* v1 tells of memory that has run out through an eventfd that is registered by number. */
static bool register_oom(scratch_cgroup_watch *w, int groupfd)
{
    char text[64];
    int control = openat(groupfd, "memory.oom_control", O_RDONLY | O_CLOEXEC);
    w->oom = control < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bool done = false;
    if (w->oom >= 0) {
        snprintf(text, sizeof text, "%d %d", w->oom, control);
        done =
            file_write(groupfd, "cgroup.event_control", text) == 0 && add(w, w->oom, EPOLLIN) == 0;
    }
    if (control >= 0)
        close(control);
    return done;
}

static bool notify(scratch_cgroup_watch *w, int groupfd, const char *file)
{
    char path[96];
    snprintf(path, sizeof path, "/proc/self/fd/%d/%s", groupfd, file);
    return inotify_add_watch(w->inotify, path, IN_MODIFY) >= 0;
}

static void begin_counter(scratch_cgroup_watch *w, const scratch_cgroup *group, size_t i)
{
    const struct counter *c = &counters[i];
    const struct cgroup_member *m = member_of(group, c->controller);
    w->fd[i] = -1;
    if (!m || (c->version && c->version != m->hierarchy.version))
        return;
    bool v1_memory = c->version == 1;
    int fd = fcntl(m->fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return;
    w->fd[i] = fd;
    w->seen[i] = count_of(w, i);
    if (w->seen[i] == SCRATCH_FIGURE_UNKNOWN ||
        !(v1_memory ? register_oom(w, fd) : notify(w, fd, c->file))) {
        close(fd);
        w->fd[i] = -1;
        return;
    }
    w->events |= (int)c->event;
}

/* The total of the pressure file that is open; microseconds. */
static uint64_t stalled(const scratch_cgroup_watch *w)
{
    char text[256];
    ssize_t n = pread(w->pressure, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    const char *line = strstr(text, w->full ? "full" : "some");
    const char *total = line ? strstr(line, "total=") : NULL;
    return total ? strtoull(total + strlen("total="), NULL, 10) : 0;
}

/* The trigger is the open file: psi_monitor, Documentation/accounting/psi.rst. */
static int begin_pressure(scratch_cgroup_watch *w, const scratch_cgroup *group,
                          const struct scratch_pressure_threshold *t, struct scratch_error *err)
{
    static const char what[] = "watch a control group's pressure";
    char file[32], text[96];
    const struct cgroup_member *m = member_of(group, "unified");
    if (!t || !t->resource || !m)
        return 0;
    if (strcmp(t->resource, "cpu") != 0 && strcmp(t->resource, "memory") != 0 &&
        strcmp(t->resource, "io") != 0)
        return error_set(err, EINVAL, what, t->resource, "give cpu, memory or io");
    snprintf(file, sizeof file, "%s.pressure", t->resource);
    w->pressure = openat(m->fd, file, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (w->pressure < 0)
        return 0; /* not in this kernel, or not ours: that it cannot come is said */
    int n = snprintf(text, sizeof text, "%s %llu %llu", t->full ? "full" : "some",
                     (unsigned long long)t->stall, (unsigned long long)t->window);
    if (write(w->pressure, text, (size_t)n + 1) < 0)
        return error_call(err, errno, "write(2)", what, text,
                          "the window is 500000 to 10000000 microseconds, a user's a multiple of "
                          "2000000, and the stall within it");
    w->events |= SCRATCH_EVENT_PRESSURE;
    w->stall = t->stall;
    w->full = t->full;
    w->stalled = stalled(w);
    return add(w, w->pressure, EPOLLPRI);
}

static int begin(scratch_cgroup_watch *w, const scratch_cgroup *group,
                 const struct scratch_pressure_threshold *threshold, struct scratch_error *err)
{
    w->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->inotify < 0 || w->epoll < 0)
        return error_set(err, errno, "watch a control group", group->path, NULL);
    int rc = add(w, w->inotify, EPOLLIN);
    for (size_t i = 0; i < COUNTERS && rc == 0; i++)
        begin_counter(w, group, i);
    if (rc < 0)
        return error_set(err, -rc, "watch a control group", group->path, NULL);
    return begin_pressure(w, group, threshold, err);
}

int scratch_cgroup_watch_open(const scratch_cgroup *group,
                              const struct scratch_pressure_threshold *threshold,
                              scratch_cgroup_watch **watch, struct scratch_error *err)
{
    scratch_cgroup_watch *w = calloc(1, sizeof *w);
    *watch = NULL;
    if (!w)
        return error_set(err, ENOMEM, "watch a control group", NULL, NULL);
    w->epoll = w->inotify = w->oom = w->pressure = -1;
    memset(w->fd, -1, sizeof w->fd);
    int rc = begin(w, group, threshold, err);
    if (rc < 0) {
        scratch_cgroup_watch_free(w);
        return rc;
    }
    *watch = w;
    return w->events;
}

void scratch_cgroup_watch_free(scratch_cgroup_watch *w)
{
    if (!w)
        return;
    const int own[] = {w->epoll, w->inotify, w->oom, w->pressure};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (own[i] >= 0)
            close(own[i]);
    for (size_t i = 0; i < COUNTERS; i++)
        if (w->fd[i] >= 0)
            close(w->fd[i]);
    free(w);
}

int scratch_cgroup_watch_fd(const scratch_cgroup_watch *w)
{
    return w->epoll;
}

/* ---- what has happened ----------------------------------------------------------------------- */

static void drain(int fd)
{
    char data[4096];
    while (fd >= 0 && read(fd, data, sizeof data) > 0)
        continue;
}

/* How many more there are; of "populated" its fall from 1 to 0 counts. */
static uint64_t news(scratch_cgroup_watch *w, size_t i)
{
    uint64_t before = w->seen[i], now = count_of(w, i);
    bool gone = now == SCRATCH_FIGURE_UNKNOWN;
    if (counters[i].event == SCRATCH_EVENT_EMPTY) {
        w->seen[i] = gone ? 0 : now;
        return before == 1 && w->seen[i] == 0;
    }
    if (gone)
        return 0;
    w->seen[i] = now;
    return now > before ? now - before : 0;
}

/*
 * Whoever polls takes a trigger's event away, and that is the caller, through our descriptor: what
 * is left to see is that processes have waited for as long as the threshold since the last time.
 */
static bool pressed(scratch_cgroup_watch *w)
{
    uint64_t now = w->pressure < 0 ? 0 : stalled(w);
    if (w->pressure < 0 || now < w->stalled + w->stall)
        return false;
    w->stalled = now;
    return true;
}

int scratch_cgroup_watch_read(scratch_cgroup_watch *w,
                              void (*happened)(enum scratch_cgroup_event event, uint64_t count,
                                               void *argument),
                              void *argument)
{
    int events = 0;
    bool pressure = pressed(w);
    drain(w->inotify);
    drain(w->oom);
    for (size_t i = 0; i < COUNTERS; i++) {
        uint64_t count = w->fd[i] < 0 ? 0 : news(w, i);
        if (count == 0)
            continue;
        events |= (int)counters[i].event;
        happened(counters[i].event, count, argument);
    }
    if (pressure) {
        events |= SCRATCH_EVENT_PRESSURE;
        happened(SCRATCH_EVENT_PRESSURE, 1, argument);
    }
    return events;
}
