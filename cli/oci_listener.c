/* SPDX-License-Identifier: MIT */
/*
 * Who answers for a container's filter is told of it: config-linux.md, "The Container Process
 * State".
 */
#include "cli/oci.h"
#include "cli/output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of this object, as the specification's example and other runtimes have it. */
#define VERSION "0.2.0"

/* To be freed; NULL: there is no memory. state: JSON. */
static char *describe(pid_t pid, const char *metadata, const char *state)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct output output = {out, false};
    if (!out)
        return NULL;
    output_open(&output, NULL, '{');
    output_text(&output, "ociVersion", VERSION);
    output_open(&output, "fds", '[');
    output_text(&output, NULL, "seccompFd");
    output_close(&output, ']');
    output_number(&output, "pid", pid);
    if (metadata)
        output_text(&output, "metadata", metadata);
    fprintf(out, ",\"state\":%s", state);
    output_close(&output, '}');
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static void say_connect(struct scratch_error *err)
{
    if (strcmp(err->call, "connect(2)") == 0)
        snprintf(err->cause, sizeof err->cause, "failed to connect with seccomp agent: %s",
                 strerror(err->errnum));
}

/* Of a container's own filter other runtimes tell before it runs, and say so. */
static int send_to(const char *path, const char *metadata, const scratch_oci_bundle *bundle,
                   scratch_container *container, scratch_container *process,
                   struct scratch_error *err)
{
    const char *status = process == container ? "creating" : "running";
    char *state =
        scratch_hook_state(scratch_oci_spec(bundle)->hooks, scratch_container_id(container), status,
                           scratch_container_pid(container));
    char *text = state ? describe(scratch_container_pid(process), metadata, state) : NULL;
    int rc = -ENOMEM, listener = scratch_container_take_seccomp(process);
    if (text)
        rc = oci_send_fd(path, listener, text, "hand over the listener of the filter", err);
    else
        *err = (struct scratch_error){.errnum = ENOMEM, .what = "describe the container"};
    close(listener); /* the other's alone: with its end calls are told ENOSYS, and wait no longer */
    free(text);
    free(state);
    return rc;
}

int oci_send_listener(const scratch_oci_bundle *bundle, scratch_container *container,
                      scratch_container *process, struct scratch_error *err)
{
    const char *metadata;
    const char *path = scratch_oci_listener(bundle, &metadata);
    if (!path || scratch_container_seccomp_fd(process) < 0)
        return 0;
    int rc = send_to(path, metadata, bundle, container, process, err);
    if (rc < 0) {
        say_connect(err);
        scratch_container_signal(process, SIGKILL, NULL);
    }
    return rc;
}
