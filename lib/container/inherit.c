/* SPDX-License-Identifier: MIT */
#include "container/inherit.h"
#include "base/error.h"
#include "state/write_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- members -------------------------------------------------------------------------------- */

static int take_number(const struct json_in *in, const char *name, uint64_t most, uint64_t *number,
                       struct scratch_error *err)
{
    struct json_in value;
    *number = 0;
    return json_member(in, name, &value) ? json_get_number(&value, most, number, err) : 0;
}

static int take_text(const struct json_in *in, const char *name, const char **text,
                     struct scratch_error *err)
{
    struct json_in value;
    return json_member(in, name, &value) ? json_get_text(&value, text, err) : 0;
}

static bool take_flag(const struct json_in *in, const char *name)
{
    struct json_in value;
    return json_member(in, name, &value) && json_is_true(&value);
}

/* Room for the items of an array, and one more; *count is theirs. NULL: there are none. */
static void *take_room(const struct json_in *in, const char *name, struct json_in *array,
                       size_t size, size_t *count, int *rc, struct scratch_error *err)
{
    void *room = NULL;
    *count = 0;
    if (*rc < 0 || !json_member(in, name, array))
        return NULL;
    *count = json_count(array);
    room = calloc(*count + 1, size);
    if (!room)
        *rc = error_set(err, ENOMEM, "read a container's record", in->document, NULL);
    return room;
}

static const char **take_texts(const struct json_in *in, const char *name, size_t *count, int *rc,
                               struct scratch_error *err)
{
    struct json_in array, item;
    const char **texts = take_room(in, name, &array, sizeof *texts, count, rc, err);
    for (size_t i = 0; texts && i < *count && *rc == 0; i++) {
        json_item(&array, i, &item);
        *rc = json_get_text(&item, &texts[i], err);
    }
    return texts;
}

/* ---- parts ---------------------------------------------------------------------------------- */

static int inherit_user(const struct json_in *in, struct inherited *to, struct scratch_error *err)
{
    struct scratch_process_options *o = &to->process;
    struct json_in array, item;
    uint64_t uid = 0, gid = 0, number = 0;
    int rc = take_number(in, "uid", UINT32_MAX - 1, &uid, err);
    if (rc == 0)
        rc = take_number(in, "gid", UINT32_MAX - 1, &gid, err);
    if (rc == 0)
        rc = take_text(in, "user", &o->user, err);
    to->group_names = take_texts(in, "group_names", &o->group_name_count, &rc, err);
    to->groups = take_room(in, "groups", &array, sizeof *to->groups, &o->group_count, &rc, err);
    for (size_t i = 0; i < o->group_count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = json_get_number(&item, UINT32_MAX - 1, &number, err);
        to->groups[i] = (gid_t)number;
    }
    o->uid = (uid_t)uid;
    o->gid = (gid_t)gid;
    o->groups = to->groups;
    o->group_names = to->group_names;
    return rc;
}

static int inherit_rlimits(const struct json_in *in, struct inherited *to,
                           struct scratch_error *err)
{
    struct scratch_process_options *o = &to->process;
    struct json_in array, item;
    uint64_t resource = 0;
    int rc = 0;
    to->rlimits = take_room(in, "rlimits", &array, sizeof *to->rlimits, &o->rlimit_count, &rc, err);
    for (size_t i = 0; i < o->rlimit_count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = take_number(&item, "resource", INT_MAX, &resource, err);
        to->rlimits[i].resource = (int)resource;
        if (rc == 0)
            rc = take_number(&item, "soft", UINT64_MAX, &to->rlimits[i].soft, err);
        if (rc == 0)
            rc = take_number(&item, "hard", UINT64_MAX, &to->rlimits[i].hard, err);
    }
    o->rlimits = to->rlimits;
    return rc;
}

static int inherit_landlock(const struct json_in *in, struct inherited *to,
                            struct scratch_error *err)
{
    struct scratch_process_options *o = &to->process;
    struct json_in array, item;
    uint64_t access = 0, port = 0;
    int rc = 0;
    to->landlock =
        take_room(in, "landlock", &array, sizeof *to->landlock, &o->landlock_count, &rc, err);
    for (size_t i = 0; i < o->landlock_count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = take_number(&item, "access", UINT_MAX, &access, err);
        if (rc == 0)
            rc = take_text(&item, "path", &to->landlock[i].path, err);
        to->landlock[i].access = (unsigned)access;
    }
    to->ports = take_room(in, "landlock_ports", &array, sizeof *to->ports, &o->landlock_port_count,
                          &rc, err);
    for (size_t i = 0; i < o->landlock_port_count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = take_number(&item, "access", UINT_MAX, &access, err);
        if (rc == 0)
            rc = take_number(&item, "port", UINT16_MAX, &port, err);
        to->ports[i] = (struct scratch_landlock_port){(uint16_t)port, (unsigned)access};
    }
    o->landlock = to->landlock;
    o->landlock_ports = to->ports;
    o->landlock_best_effort = take_flag(in, "landlock_best_effort");
    return rc;
}

static int inherit_capabilities(const struct json_in *in, struct inherited *to,
                                struct scratch_error *err)
{
    struct scratch_process_options *o = &to->process;
    o->new_privileges = take_flag(in, "new_privileges");
    int rc = take_number(in, "capabilities", UINT64_MAX, &o->capabilities, err);
    return rc < 0 ? rc : take_number(in, "ambient", UINT64_MAX, &o->ambient, err);
}

static int read_filter(const struct scratch_container *c, struct inherited *to,
                       struct scratch_error *err)
{
    struct scratch_process_options *o = &to->process;
    struct stat st;
    int fd = openat(c->record, RECORD_FILTER, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0 ||
        st.st_size > (off_t)(UINT16_MAX * sizeof *to->filter)) {
        if (fd >= 0)
            close(fd);
        return error_because(err, EINVAL, "read the container's system call filter", c->id,
                             "its file is not there, or is none", NULL);
    }
    to->filter = malloc((size_t)st.st_size);
    ssize_t n = to->filter ? read(fd, to->filter, (size_t)st.st_size) : -1;
    close(fd);
    if (n != st.st_size)
        return error_set(err, n < 0 ? errno : EIO, "read the container's system call filter", c->id,
                         NULL);
    o->filter = to->filter;
    o->filter_count = (size_t)n / sizeof *to->filter;
    o->filter_flags = 0;
    o->seccomp = SCRATCH_SECCOMP_FILTER;
    return 0;
}

static int inherit_confinement(const struct scratch_container *c, const struct json_in *in,
                               struct inherited *to, struct scratch_error *err)
{
    struct scratch_process_options *o = &to->process;
    const char *filter = "";
    int rc = take_text(in, "seccomp", &filter, err);
    if (rc == 0)
        rc = take_text(in, "apparmor", &o->apparmor_profile, err);
    if (rc == 0)
        rc = take_text(in, "selinux", &o->selinux_label, err);
    if (rc == 0)
        rc = inherit_landlock(in, to, err);
    if (rc < 0)
        return rc;
    if (strcmp(filter, "file") == 0)
        return read_filter(c, to, err);
    o->seccomp = strcmp(filter, "none") == 0 ? SCRATCH_SECCOMP_NONE : SCRATCH_SECCOMP_DEFAULT;
    return 0;
}

/* What has no bit of its own: where a process begins, and with which variables. */
static int inherit_rest(const struct json_in *in, struct inherited *to, struct scratch_error *err)
{
    struct scratch_process_options *o = &to->process;
    size_t count;
    int rc = o->cwd ? 0 : take_text(in, "cwd", &o->cwd, err);
    if (!o->env) {
        to->env = take_texts(in, "env", &count, &rc, err);
        o->env = to->env;
    }
    return rc;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static int take_options(const struct scratch_exec_options *options, struct inherited *to,
                        struct scratch_error *err)
{
    size_t size = options->process ? options->process->size : 0;
    to->process = (struct scratch_process_options)SCRATCH_PROCESS_OPTIONS_INIT;
    if (size < sizeof size || size > sizeof to->process)
        return error_set(err, EINVAL, "process options", NULL,
                         "begin with SCRATCH_PROCESS_OPTIONS_INIT of these headers");
    memcpy(&to->process, options->process, size);
    return 0;
}

int inherit(const struct scratch_container *c, const struct scratch_exec_options *options,
            struct inherited *to, struct scratch_error *err)
{
    unsigned what = options->inherit;
    struct json_in in;
    uint64_t umask = 0;
    memset(to, 0, sizeof *to);
    int rc = take_options(options, to, err);
    if (rc < 0 || !json_member(&c->contents->document, "process", &in))
        return rc;
    rc = inherit_rest(&in, to, err);
    if (rc == 0 && what & SCRATCH_EXEC_USER)
        rc = inherit_user(&in, to, err);
    if (rc == 0 && what & SCRATCH_EXEC_CAPABILITIES)
        rc = inherit_capabilities(&in, to, err);
    if (rc == 0 && what & SCRATCH_EXEC_CONFINEMENT)
        rc = inherit_confinement(c, &in, to, err);
    if (options->listen && to->filter)
        to->process.filter_flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    if (rc == 0 && what & SCRATCH_EXEC_LIMITS)
        rc = inherit_rlimits(&in, to, err);
    if (rc == 0 && what & SCRATCH_EXEC_LIMITS)
        rc = take_number(&in, "umask", 0777, &umask, err);
    if (what & SCRATCH_EXEC_LIMITS)
        to->process.umask = (mode_t)umask;
    return rc;
}

void inherit_free(struct inherited *to)
{
    free(to->env);
    free(to->group_names);
    free(to->groups);
    free(to->rlimits);
    free(to->landlock);
    free(to->ports);
    free(to->filter);
}
