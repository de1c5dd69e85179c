/* SPDX-License-Identifier: MIT */
/*
 * scratchctl create: a container of a bundle, whose command waits to be started.
 */
#include "cli/globals.h"
#include "cli/kept.h"
#include "cli/notify.h"
#include "cli/oci.h"
#include "cli/report.h"
#include "cli/values.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void warn(const scratch_oci_bundle *bundle, const scratch_plan *plan)
{
    struct scratch_error warning;
    for (size_t i = 0; globals.debug && scratch_oci_warning(bundle, i, &warning) == 0; i++)
        report_warning(&warning);
    for (size_t i = 0; globals.debug && scratch_plan_warning(plan, i, &warning) == 0; i++)
        report_warning(&warning);
}

int oci_tell(scratch_container *container, const struct oci_create *o, bool terminal,
             struct scratch_error *err)
{
    int master = scratch_container_terminal(container), rc = 0;
    if (terminal && o->console_socket)
        rc = oci_send_fd(o->console_socket, master, "/dev/ptmx", "hand over the terminal", err);
    if (rc == 0 && o->pidfd_socket)
        rc = oci_send_fd(o->pidfd_socket, scratch_container_pidfd(container), "pidfd",
                         "hand over the pidfd", err);
    return rc < 0 ? rc : oci_write_pid(o->pid_file, scratch_container_pid(container), err);
}

int oci_check_terminal(const struct scratch_spec *spec, const char *socket, bool detach,
                       struct scratch_error *err)
{
    const char *cause = spec->terminal && detach && !socket
                            ? "nobody would have its terminal: cannot allocate tty if runc will "
                              "detach without setting console socket"
                        : socket && !(spec->terminal && detach)
                            ? "nobody would listen there: cannot use console socket if runc will "
                              "not detach or allocate tty"
                            : NULL;
    if (!cause)
        return 0;
    *err = (struct scratch_error){.errnum = EINVAL, .what = "terminal"};
    snprintf(err->cause, sizeof err->cause, "%s", cause);
    snprintf(err->hint, sizeof err->hint, "%s",
             socket ? "leave --console-socket out" : "use --console-socket");
    return -EINVAL;
}

static int start_created(const scratch_plan *plan, const char *id, const struct oci_create *o,
                         bool terminal, struct scratch_error *err)
{
    struct scratch_start_options start = SCRATCH_START_OPTIONS_INIT;
    scratch_container *container;
    struct oci_listen listen;
    int fds[OCI_FDS_MAX];
    start.id = id;
    start.fds = fds;
    start.fd_count = oci_gather_fds(o->preserve_fds, fds);
    start.env = oci_listen_variables(&listen);
    int rc = scratch_plan_start(plan, &start, &container, err);
    if (rc < 0)
        return rc;
    rc = oci_tell(container, o, terminal, err);
    if (rc < 0)
        scratch_container_delete(container, true, NULL);
    scratch_container_free(container);
    return rc;
}

/* Nobody would answer: such calls would fail with ENOSYS. */
static int check_filter(const scratch_oci_bundle *bundle, struct scratch_error *err)
{
    const struct scratch_process_options *process = scratch_oci_spec(bundle)->process;
    bool asks = process->filter_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
    if (!asks || scratch_oci_listener(bundle, NULL))
        return 0;
    *err =
        (struct scratch_error){.errnum = EINVAL,
                               .what = "run under this system call filter",
                               .cause = "a rule of it asks (SCMP_ACT_NOTIFY), and nobody answers",
                               .hint = "say who listens: linux.seccomp.listenerPath"};
    return -EINVAL;
}

static const char *find_receiver(const char *const *annotations)
{
    static const char key[] = SCRATCH_OCI_PIDFD_RECEIVER "=";
    for (; annotations && *annotations; annotations++)
        if (strncmp(*annotations, key, sizeof key - 1) == 0)
            return *annotations + sizeof key - 1;
    return NULL;
}

int oci_load(const char *id, struct oci_create *o, scratch_oci_bundle **bundle,
             struct scratch_keep_options *keep, struct scratch_error *err)
{
    o->bundle.id = id;
    o->bundle.no_cgroup = globals.no_cgroup;
    o->bundle.systemd = globals.systemd;
    o->bundle.no_keyring = o->no_new_keyring;
    o->bundle.notify = notify_is_wanted();
    o->bundle.records = globals.root;
    int rc = scratch_oci_load(&o->bundle, bundle, err);
    if (rc < 0)
        return rc;
    rc = check_filter(*bundle, err);
    if (rc < 0) {
        scratch_oci_free(*bundle);
        return rc;
    }
    const struct scratch_hook_options *hooks = scratch_oci_spec(*bundle)->hooks;
    *keep = (struct scratch_keep_options)SCRATCH_KEEP_OPTIONS_INIT;
    keep->root = globals.root;
    keep->bundle = hooks->bundle;
    keep->annotations = hooks->annotations;
    keep->data = scratch_oci_text(*bundle);
    keep->notify = o->bundle.notify;
    if (!o->pidfd_socket)
        o->pidfd_socket = find_receiver(hooks->annotations);
    return 0;
}

static int create(const char *id, struct oci_create *o, struct scratch_error *err)
{
    struct scratch_keep_options keep;
    scratch_oci_bundle *bundle;
    scratch_plan *plan;
    int rc = oci_load(id, o, &bundle, &keep, err);
    if (rc < 0)
        return rc;
    struct scratch_spec spec = *scratch_oci_spec(bundle);
    keep.wait = true;
    spec.keep = &keep;
    rc = oci_check_terminal(&spec, o->console_socket, true, err);
    if (rc == 0)
        rc = scratch_plan_compile(&spec, &plan, err);
    if (rc == 0) {
        warn(bundle, plan);
        rc = start_created(plan, id, o, spec.terminal, err);
        scratch_plan_free(plan);
        if (rc < 0)
            scratch_hooks_run(spec.hooks, SCRATCH_HOOK_POSTSTOP, id, "stopped", 0, NULL);
    }
    scratch_oci_free(bundle);
    return rc;
}

/* ---- the command ---------------------------------------------------------------------------- */

static int run_create(const struct command *self, char **argv)
{
    struct oci_create options = {.bundle = SCRATCH_OCI_OPTIONS_INIT};
    struct words words;
    struct scratch_error err = {0};
    if (!kept_parse(self, argv, &options, 1, 1, &words))
        return words.status;
    return create(words.word[0], &options, &err) < 0 ? oci_failed(&err) : 0;
}

static int take_count(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    return value_integer(value, 0, OCI_PRESERVE_MAX, option_member(option, target), err);
}

#define MEMBER(name) offsetof(struct oci_create, name)

static const struct option options[] = {
    {"bundle", 'b', "DIR", "where config.json is (.)", option_text, MEMBER(bundle.bundle)},
    {"config", 'f', "FILE", "the configuration (config.json of the bundle)", option_text,
     MEMBER(bundle.config)},
    {"console-socket", 0, "SOCKET", "who gets the terminal listens there", option_text,
     MEMBER(console_socket)},
    {"pidfd-socket", 0, "SOCKET", "who gets its pidfd listens there", option_text,
     MEMBER(pidfd_socket)},
    {"pid-file", 0, "FILE", "its first process's id is written there", option_text,
     MEMBER(pid_file)},
    {"preserve-fds", 0, "N", "hand over N open files, from number 3 on", take_count,
     MEMBER(preserve_fds)},
    {"no-pivot", 0, NULL, "chroot(2) in place of pivot_root(2)", option_flag,
     MEMBER(bundle.no_pivot)},
    {"no-new-keyring", 0, NULL, "the caller's session keyring", option_flag,
     MEMBER(no_new_keyring)},
    {0},
};

const struct command command_create = {
    .name = "create",
    .synopsis = "[options] ID",
    .summary = "Create a container of an OCI bundle; start lets its command run.",
    .notes =
        "With LISTEN_FDS in the environment the files from number 3 on are handed over. With\n"
        "NOTIFY_SOCKET the command finds a socket for sd_notify(3), and start, which needs it\n"
        "in its environment too, waits until the command is ready and says so there.\n",
    .options = options,
    .run = run_create,
};
