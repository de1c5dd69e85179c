/* SPDX-License-Identifier: MIT */
/*
 * scratchctl run ID: a bundle of the OCI runtime specification, created and started at once.
 */
#include "cli/command.h"
#include "cli/foreground.h"
#include "cli/globals.h"
#include "cli/notify.h"
#include "cli/report.h"
#include "cli/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bundle_run {
    struct run *run;
    const char *id;
    const scratch_plan *plan;
    const scratch_oci_bundle *bundle;
    int notify; /* a socket that it says at when it is ready, or -1 */
};

/* What fails is told, and changes nothing: runtime.md, "Lifecycle". */
static void poststop(const struct bundle_run *b)
{
    struct scratch_error err = {0};
    if (scratch_hooks_run(b->run->spec.hooks, SCRATCH_HOOK_POSTSTOP, b->id, "stopped", 0, &err))
        report_warning(&err);
}

/* Where it says when it is ready, it waits until that can be heard. */
static int let_go(struct bundle_run *b, scratch_container *container, struct scratch_error *err)
{
    if (!b->run->spec.keep->wait)
        return 0;
    int rc = notify_listen(container, &b->notify, err);
    return rc < 0 ? rc : scratch_container_start(container, err);
}

static int start(void *data, const struct winsize *size, scratch_container **container,
                 struct scratch_error *err)
{
    struct bundle_run *b = data;
    struct scratch_start_options options = b->run->start;
    struct oci_listen listen;
    int fds[OCI_FDS_MAX];
    options.id = b->id;
    options.window = size;
    if (!options.fd_count) {
        options.fds = fds;
        options.fd_count = oci_gather_fds(0, fds);
    }
    options.env = oci_listen_variables(&listen);
    int rc = scratch_plan_start(b->plan, &options, container, err);
    if (rc < 0)
        return rc;
    rc = oci_tell(*container, &b->run->oci, b->run->spec.terminal, err);
    if (rc == 0)
        rc = let_go(b, *container, err);
    if (rc == 0)
        rc = oci_send_listener(b->bundle, *container, *container, err);
    if (rc == 0) /* one that fails ends it: runtime.md, "Lifecycle" */
        rc = scratch_hooks_run(b->run->spec.hooks, SCRATCH_HOOK_POSTSTART, b->id, "running",
                               scratch_container_pid(*container), err);
    if (rc < 0) {
        scratch_container_delete(*container, true, NULL);
        scratch_container_free(*container);
    }
    return rc;
}

static int detach(struct bundle_run *b, struct scratch_error *err)
{
    scratch_container *container;
    int rc = start(b, NULL, &container, err);
    if (rc < 0)
        return rc;
    notify_wait(b->notify, container);
    scratch_container_free(container);
    return 0;
}

/* Returns the command's status, or -errno. */
static int run(struct bundle_run *b, struct scratch_error *err)
{
    const struct foreground f = {
        .terminal = b->run->spec.terminal,
        .interactive = true,
        .answered = scratch_oci_listener(b->bundle, NULL),
        .timeout = b->run->timeout,
        .notify = &b->notify,
        .start = start,
        .data = b,
    };
    int rc = b->run->oci.detach ? detach(b, err) : foreground_stay(&f, err);
    if (rc < 0 || !b->run->oci.detach)
        poststop(b);
    return rc;
}

static int compile_and_run(struct run *r, const char *id, const scratch_oci_bundle *bundle,
                           struct scratch_error *err)
{
    scratch_plan *plan = NULL;
    int rc = oci_check_terminal(&r->spec, r->oci.console_socket, r->oci.detach, err);
    if (rc == 0)
        rc = scratch_plan_compile(&r->spec, &plan, err);
    if (rc < 0)
        return rc;
    struct bundle_run b = {r, id, plan, bundle, -1};
    rc = r->output != RUN_START || r->explain ? run_plan(plan, r) : run(&b, err);
    scratch_plan_free(plan);
    return rc;
}

int run_bundle(struct run *r, const char *id)
{
    struct scratch_error err = {0};
    struct scratch_keep_options keep;
    struct scratch_terminal_options terminal;
    scratch_oci_bundle *bundle;
    int rc = oci_load(id, &r->oci, &bundle, &keep, &err);
    if (rc == -ENOENT && !r->oci.bundle.bundle)
        snprintf(err.hint, sizeof err.hint,
                 "to run a command, write: scratchctl run [ROOTFS] -- COMMAND; "
                 "scratchctl spec writes a config.json that runs");
    if (rc < 0)
        return oci_failed(&err);
    r->spec = *scratch_oci_spec(bundle);
    if (r->spec.terminal) {
        terminal = *r->spec.terminal;
        terminal.plain_lines = !r->oci.detach && !isatty(STDOUT_FILENO);
        r->spec.terminal = &terminal;
    }
    keep.remove = !r->oci.keep && !r->oci.detach;
    keep.groups = r->oci.keep;
    keep.wait = keep.notify;
    r->spec.keep = &keep;
    rc = compile_and_run(r, id, bundle, &err);
    scratch_oci_free(bundle);
    return rc < 0 ? oci_failed(&err) : rc;
}
