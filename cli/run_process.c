/* SPDX-License-Identifier: MIT */
/*
 * The command of `scratchctl run`, and its limits.
 */
#include "cli/run.h"
#include "cli/report.h"
#include "cli/signal.h"

#include <fcntl.h>
#include <string.h>

/* ---- the command ----------------------------------------------------------------------------- */

int take_name(const struct option *option, void *target, const char *value,
              struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    (void)err;
    run->start.id = value;
    run->named = true;
    return 0;
}

/* docker's labels are what the specification calls annotations. The last one of a name holds. */
int take_label(const struct option *option, void *target, const char *value,
               struct scratch_error *err)
{
    struct run *run = target;
    size_t name = strcspn(value, "="), i = 0;
    (void)option;
    if (name == 0)
        return usage_error(err, value, "write NAME=VALUE", "the name is empty");
    const char *label = pool_print(&run->pool, "%s%s", value, value[name] ? "" : "=");
    while (i < run->label_count && strncmp(run->labels[i], label, name + 1) != 0)
        i++;
    run->labels[i] = label;
    run->label_count += i == run->label_count;
    return 0;
}

int take_env(const struct option *option, void *target, const char *value,
             struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return environment_add(&run->environment, &run->pool, value, err);
}

int take_env_file(const struct option *option, void *target, const char *value,
                  struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return environment_add_file(&run->environment, &run->pool, value, err);
}

int take_umask(const struct option *option, void *target, const char *value,
               struct scratch_error *err)
{
    return value_umask(value, option_member(option, target), err);
}

#define FEW_FDS 32

/*
 * The next numbers behind the standard streams. They must be open now: later, scratchctl's own
 * files would have taken the numbers of those that are not. More than a few are as many as there
 * are: so others who give a large number are understood.
 */
int take_preserve_fds(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    struct run *run = target;
    int count, n = 0;
    (void)option;
    int rc = value_integer(value, 0, OCI_PRESERVE_MAX, &count, err);
    if (rc < 0)
        return rc;
    int *fds = pool_take(&run->pool, (size_t)count + 1, sizeof *fds);
    for (; n < count && fcntl(3 + n, F_GETFD) >= 0; n++)
        fds[n] = 3 + n;
    run->start.fds = fds;
    run->start.fd_count = (size_t)n;
    if (n < count && count <= FEW_FDS)
        return usage_error(err, value, "open it in the shell: 3<FILE",
                           "the file descriptor %d is not open", 3 + n);
    return 0;
}

/*
 * docker's: nothing is held back. What holds a user back who is not root stays: the user namespace.
 */
int take_privileged(const struct option *option, void *target, const char *value,
                    struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    (void)value;
    (void)err;
    run->capabilities.add.all = true;
    run->process.seccomp = SCRATCH_SECCOMP_NONE;
    run->process.new_privileges = true;
    run->rootfs.mask_paths = false;
    run->rootfs.host_devices = true;
    return 0;
}

int take_stop_signal(const struct option *option, void *target, const char *value,
                     struct scratch_error *err)
{
    (void)option;
    return signal_parse(value, &((struct run *)target)->keep.stop_signal, err);
}

/* docker's --rm: it is always so, but for one that is detached. */
int take_rm(const struct option *option, void *target, const char *value, struct scratch_error *err)
{
    bool remove;
    (void)option;
    int rc = value_flag(value, &remove, err);
    ((struct run *)target)->remove = remove;
    if (rc == 0 && !remove)
        rc = usage_error(err, value, "leave the option out",
                         "a container that its starter waits for leaves nothing to be kept");
    return rc;
}

/* ---- limits ---------------------------------------------------------------------------------- */

int take_ulimit(const struct option *option, void *target, const char *value,
                struct scratch_error *err)
{
    struct run *run = target;
    (void)option;
    return value_ulimit(value, &run->rlimits[run->process.rlimit_count++], err);
}

int take_oom_score(const struct option *option, void *target, const char *value,
                   struct scratch_error *err)
{
    return value_integer(value, -1000, 1000, option_member(option, target), err);
}

int take_timeout(const struct option *option, void *target, const char *value,
                 struct scratch_error *err)
{
    return value_integer(value, 0, INT32_MAX / 1000, option_member(option, target), err);
}

/* A group is made there even when it limits nothing: what is above it may. */
int take_cgroup_parent(const struct option *option, void *target, const char *value,
                       struct scratch_error *err)
{
    struct scratch_cgroup_options *cgroup = option_member(option, target);
    (void)err;
    cgroup->parent = value + strspn(value, "/");
    cgroup->always = true;
    return 0;
}

int take_cgroup_manager(const struct option *option, void *target, const char *value,
                        struct scratch_error *err)
{
    struct scratch_cgroup_options *cgroup = option_member(option, target);
    bool systemd = strcmp(value, "systemd") == 0;
    if (!systemd && strcmp(value, "cgroupfs") != 0)
        return usage_error(err, value, "cgroupfs or systemd", "not one of them");
    cgroup->driver = systemd ? SCRATCH_CGROUP_SYSTEMD : SCRATCH_CGROUP_FILES;
    cgroup->always = cgroup->always || systemd;
    return 0;
}
