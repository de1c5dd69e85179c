/* SPDX-License-Identifier: MIT */
/*
 * Hooks that come when another process than the one that created the container is at work: they are
 * in its configuration, which was remembered.
 */
#include "cli/oci.h"
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>

struct oci_hooks {
    scratch_oci_bundle *bundle;
    char *id;
    struct scratch_container_state state;
};

struct oci_hooks *oci_remember(scratch_container *container)
{
    struct scratch_oci_options options = SCRATCH_OCI_OPTIONS_INIT;
    struct scratch_error err = {0};
    struct oci_hooks *hooks = calloc(1, sizeof *hooks);
    if (!hooks)
        return NULL;
    hooks->state = (struct scratch_container_state)SCRATCH_CONTAINER_STATE_INIT;
    int rc = scratch_container_state(container, &hooks->state, &err);
    options.bundle = hooks->state.bundle;
    options.text = hooks->state.data;
    options.hooks_only = true;
    if (rc == 0 && options.bundle && options.text) {
        rc = scratch_oci_load(&options, &hooks->bundle, &err);
        hooks->id = strdup(hooks->state.id);
    }
    if (rc < 0)
        report_warning(&err);
    if (hooks->bundle && hooks->id)
        return hooks;
    oci_forget(hooks);
    return NULL;
}

void oci_forget(struct oci_hooks *hooks)
{
    if (hooks) {
        scratch_oci_free(hooks->bundle);
        free(hooks->id);
    }
    free(hooks);
}

static int run(const struct oci_hooks *hooks, enum scratch_hook_point point, const char *status,
               pid_t pid, struct scratch_error *err)
{
    const struct scratch_spec *spec = scratch_oci_spec(hooks->bundle);
    return scratch_hooks_run(spec->hooks, point, hooks->id, status, pid, err);
}

/* One that fails is an error, and ends the container: runtime.md, "Lifecycle". */
static int poststart(const struct oci_hooks *hooks, scratch_container *container,
                     struct scratch_error *err)
{
    int rc = run(hooks, SCRATCH_HOOK_POSTSTART, "running", hooks->state.pid, err);
    if (rc < 0)
        scratch_container_stop(container, 0, NULL);
    return rc;
}

int oci_started(scratch_container *container, struct scratch_error *err)
{
    struct oci_hooks *hooks = oci_remember(container);
    int rc = hooks ? oci_send_listener(hooks->bundle, container, container, err) : 0;
    if (hooks && rc == 0)
        rc = poststart(hooks, container, err);
    oci_forget(hooks);
    return rc;
}

void oci_poststop(struct oci_hooks *hooks)
{
    struct scratch_error err = {0};
    if (hooks && run(hooks, SCRATCH_HOOK_POSTSTOP, "stopped", 0, &err) < 0)
        report_warning(&err);
    oci_forget(hooks);
}
