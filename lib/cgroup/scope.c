/* SPDX-License-Identifier: MIT */
/*
 * A scope of systemd: it makes the group, moves the container's first process in, and leaves both
 * to us (Delegate=yes). org.freedesktop.systemd1(5).
 */
#include "base/file.h"
#include "cgroup/compile.h"
#include "cgroup/dbus.h"
#include "cgroup/devices.h"
#include "cgroup/layout.h"
#include "cgroup/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How long systemd may take for what it has promised to do. */
#define WAIT_MS  10000
#define PAUSE_MS 2

/* For how long a group of its is new, in seconds. */
#define NEW_S 2

/* ---- compile --------------------------------------------------------------------------------- */

/* Its own socket; an ordinary user has a systemd of its own. */
static int find_socket(char *path, size_t size, struct scratch_error *err)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (geteuid() == 0)
        snprintf(path, size, "/run/systemd/private");
    else if (runtime && *runtime == '/')
        snprintf(path, size, "%s/systemd/private", runtime);
    else
        snprintf(path, size, "/run/user/%u/systemd/private", (unsigned)geteuid());
    if (access(path, F_OK) == 0)
        return 0;
    return error_because(err, ENOENT, "have systemd make a control group", path,
                         "systemd does not run here, or not for this user",
                         "leave the systemd driver out; a user's needs a session: loginctl "
                         "enable-linger");
}

/* "SLICE:PREFIX:NAME" of the OCI runtimes; else the parent is the slice. The unit may be a slot. */
static int find_unit(struct builder *b, const struct scratch_cgroup_options *o, char slice[256],
                     uint32_t *unit)
{
    char prefix[128], name[128], text[300], rest;
    snprintf(slice, 256, "%s",
             o->parent        ? o->parent
             : geteuid() == 0 ? "system.slice"
                              : "app.slice");
    *unit = SLOT_TEXT(SLOT_ID);
    if (o->path && strchr(o->path, ':')) {
        if (sscanf(o->path, "%255[^:]:%127[^:]:%127[^:]%c", slice, prefix, name, &rest) != 3)
            return error_set(b->err, EINVAL, "control group of systemd", o->path,
                             "write SLICE:PREFIX:NAME, such as system.slice:web:1");
        snprintf(text, sizeof text, "%s-%s", prefix, name);
        *unit = builder_text(b, text);
    } else if (o->path) {
        return error_set(b->err, EINVAL, "control group of systemd", o->path,
                         "write SLICE:PREFIX:NAME, such as system.slice:web:1");
    }
    size_t length = strlen(slice);
    if (length < 7 || strcmp(slice + length - 6, ".slice") != 0 || strchr(slice, '/'))
        return error_set(b->err, EINVAL, "slice of systemd", slice,
                         "name a slice: system.slice, machine.slice");
    return 0;
}

/* The numbers that systemd has properties for: it shall not undo them when it is reloaded. */
static void write_property(char *text, size_t size, const char *name, uint64_t value)
{
    size_t at = strlen(text);
    if (value != SCRATCH_LIMIT_NONE)
        snprintf(text + at, size - at, "%s%s=%" PRIu64, at ? " " : "", name,
                 value == SCRATCH_LIMIT_UNLIMITED ? UINT64_MAX : value);
}

static void write_properties(char *text, size_t size, const struct scratch_cgroup_options *o)
{
    uint64_t period = o->cpu_period ? o->cpu_period : 100000;
    bool quota = o->cpu_quota < SCRATCH_LIMIT_UNLIMITED;
    uint64_t weight = o->cpu_shares != SCRATCH_LIMIT_NONE ? scratch_cgroup_cpu_weight(o->cpu_shares)
                                                          : o->cpu_weight;
    text[0] = '\0';
    write_property(text, size, "MemoryMax", o->memory_max);
    write_property(text, size, "MemoryHigh", o->memory_high);
    write_property(text, size, "MemoryLow", o->memory_low);
    write_property(text, size, "MemoryMin", o->memory_min);
    write_property(text, size, "MemorySwapMax", o->memory_swap);
    write_property(text, size, "TasksMax",
                   o->pids_max == SCRATCH_LIMIT_NONE ? SCRATCH_LIMIT_UNLIMITED : o->pids_max);
    write_property(text, size, "CPUWeight", weight);
    write_property(text, size, "IOWeight", o->io_weight);
    if (quota)
        write_property(text, size, "CPUQuotaPerSecUSec", o->cpu_quota * 1000000 / period);
}

static int put_settings(struct builder *b, const struct scratch_cgroup_options *o, int slot)
{
    struct cgroup_setting *settings;
    int count = limits_settings(o, &settings, b->err);
    int rc = count < 0 ? count : 0;
    for (int i = 0; i < count && rc == 0; i++) {
        rc = cgroup_check_setting(b, &settings[i], 2);
        if (rc == 0 && limits_file(&settings[i], 2))
            cgroup_put_set(b, slot, settings[i].v2_file, settings[i].value, &settings[i]);
    }
    free(settings);
    return rc == 0 && o->rule_count ? cgroup_put_rules(b, 2, slot, o) : rc;
}

int scope_compile(struct builder *b, const struct scratch_cgroup_options *o)
{
    char socket[108], slice[256], properties[512];
    struct cgroup_hierarchy hierarchy = {0};
    uint32_t unit = 0;
    if (layout_kind() != SCRATCH_CGROUP_V2)
        return error_because(b->err, ENOTSUP, "have systemd make a control group", NULL,
                             "this machine has cgroup v1, where systemd delegates nothing",
                             "leave the systemd driver out");
    layout_look("unified", &hierarchy); /* it is there, as nothing else is */
    int rc = find_socket(socket, sizeof socket, b->err);
    if (rc == 0)
        rc = find_unit(b, o, slice, &unit);
    int slot = rc < 0 ? rc : builder_fd(b, -1);
    if (slot < 0)
        return slot;
    write_properties(properties, sizeof properties, o);
    builder_add(b, STEP_MEET, STEP_CONTAINER);
    uint32_t slice_text = builder_text(b, slice), socket_text = builder_text(b, socket);
    uint32_t properties_text = builder_text(b, properties);
    struct step *step = builder_add(b, STEP_CGROUP_SCOPE, STEP_HOST);
    step->text[0] = slice_text;
    step->text[1] = unit;
    step->text[2] = socket_text;
    step->text[3] = properties_text;
    step->num[1] = strlen(hierarchy.mount);
    step->fd[0] = (int16_t)slot;
    return put_settings(b, o, slot);
}

/* ---- the step -------------------------------------------------------------------------------- */

static void put_name(struct dbus_message *m, const char *name, const char *signature)
{
    dbus_align(m, 8); /* a structure */
    dbus_put_string(m, name);
    dbus_put_signature(m, signature);
}

static void put_text(struct dbus_message *m, const char *name, const char *value)
{
    put_name(m, name, "s");
    dbus_put_string(m, value);
}

static void put_yes(struct dbus_message *m, const char *name, bool value)
{
    put_name(m, name, "b");
    dbus_put_u32(m, value);
}

/* "MemoryMax=67108864 TasksMax=20": all of them are of D-Bus's type t. */
static void put_numbers(struct dbus_message *m, const char *text)
{
    char name[32];
    uint64_t value;
    int n;
    for (; sscanf(text, " %31[A-Za-z]=%" SCNu64 "%n", name, &value, &n) == 2; text += n) {
        put_name(m, name, "t");
        dbus_put_u64(m, value);
    }
}

/* StartTransientUnit(s name, s mode, a(sv) properties, a(sa(sv)) others) */
static void write_body(struct dbus_message *m, const struct step_walk *w, const struct step *step,
                       const char *unit)
{
    dbus_begin(m);
    dbus_put_string(m, unit);
    dbus_put_string(m, "fail");
    size_t properties = dbus_open_array(m, 8);
    put_text(m, "Description", "libscratch container");
    put_text(m, "Slice", step_text(w, step->text[0]));
    put_text(m, "CollectMode", "inactive-or-failed");
    put_yes(m, "Delegate", true);
    put_yes(m, "DefaultDependencies", false);
    put_name(m, "PIDs", "au");
    size_t pids = dbus_open_array(m, 4);
    dbus_put_u32(m, (uint32_t)w->child);
    dbus_close_array(m, pids, 4);
    put_numbers(m, step_text(w, step->text[3]));
    dbus_close_array(m, properties, 8);
    dbus_close_array(m, dbus_open_array(m, 8), 8);
}

/* systemd answers before it has done it: until the process is there. */
static int wait_for_move(int pid, const char *unit, char *path, size_t size)
{
    const struct timespec moment = {0, PAUSE_MS * 1000000L};
    for (int waited = 0; waited < WAIT_MS; waited += PAUSE_MS) {
        bool known = layout_group_of(pid, path, size) == 0;
        const char *last = known ? strrchr(path, '/') : NULL;
        if (last && strcmp(last + 1, unit) == 0)
            return 0;
        nanosleep(&moment, NULL);
    }
    return -ETIMEDOUT;
}

int cgroup_scope_step(struct step_walk *w, const struct step *step)
{
    static const struct dbus_call call = {"/org/freedesktop/systemd1",
                                          "org.freedesktop.systemd1.Manager", "StartTransientUnit",
                                          "ssa(sv)a(sa(sv))"};
    struct cgroup_hierarchy hierarchy;
    struct dbus_message body;
    char unit[320], path[PATH_MAX], full[PATH_MAX + 256];
    snprintf(unit, sizeof unit, "%s.scope", step_text(w, step->text[1]));
    write_body(&body, w, step, unit);
    int rc = dbus_call(step_text(w, step->text[2]), &call, &body, w->said, STEP_SAID);
    if (rc == -EREMOTEIO)
        return step_detail(w, DETAIL_SAID_BY_SYSTEMD, rc);
    if (rc == 0)
        rc = wait_for_move(w->child, unit, path, sizeof path);
    if (rc == 0)
        rc = layout_look("unified", &hierarchy);
    if (rc < 0)
        return rc;
    snprintf(full, sizeof full, "%s/%s", hierarchy.mount, path);
    int fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    w->fd[step->fd[0]] = fd;
    return 0;
}

/* ---- what is left over ----------------------------------------------------------------------- */

/*
 * A scope's first process may have ended just as systemd moved it: systemd never hears that the
 * group is empty then, and keeps the unit, and its name, for ever. The slice tells that the group
 * is systemd's, and its owner that it is the caller's systemd's.
 */
static bool is_systemds(int above, const char *name)
{
    char link[48], path[PATH_MAX];
    struct stat st;
    size_t length = strlen(name);
    snprintf(link, sizeof link, "/proc/self/fd/%d", above);
    ssize_t n = readlink(link, path, sizeof path - 1);
    return length > 6 && strcmp(name + length - 6, ".scope") == 0 && n > 6 &&
           strncmp(path + n - 6, ".slice", 6) == 0 && fstat(above, &st) == 0 &&
           st.st_uid == geteuid() && !(st.st_mode & 022);
}

/* A moment after it has made a group systemd moves the process in. */
static bool is_new(int groupfd)
{
    struct stat st;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return fstat(groupfd, &st) == 0 && now.tv_sec - st.st_ctim.tv_sec < NEW_S &&
           now.tv_sec >= st.st_ctim.tv_sec;
}

enum scope_left scope_sweep(int above, const char *name, int groupfd)
{
    static const struct dbus_call call = {"/org/freedesktop/systemd1",
                                          "org.freedesktop.systemd1.Manager", "StopUnit", "ss"};
    struct dbus_message body;
    char socket[108], said[STEP_SAID];
    if (!is_systemds(above, name))
        return SCOPE_NONE;
    if (is_new(groupfd))
        return SCOPE_KEPT;
    if (find_socket(socket, sizeof socket, NULL) < 0)
        return SCOPE_NONE;
    dbus_begin(&body);
    dbus_put_string(&body, name);
    dbus_put_string(&body, "replace");
    return dbus_call(socket, &call, &body, said, sizeof said) == 0 ? SCOPE_STOPPED : SCOPE_NONE;
}

/* ---- where it is ----------------------------------------------------------------------------- */

int scope_path_of(const struct step_walk *w, const struct step *scope, char *path, size_t size)
{
    char link[48], full[PATH_MAX];
    size_t mount = scope->num[1];
    int fd = w->fd[scope->fd[0]];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = fd < 0 ? -1 : readlink(link, full, sizeof full - 1);
    if (n < 0)
        return -ENOENT;
    full[n] = '\0';
    return (size_t)n > mount ? snprintf(path, size, "%s", full + mount + 1) : -ENOENT;
}
