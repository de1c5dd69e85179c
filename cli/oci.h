/* SPDX-License-Identifier: MIT */
/*
 * What the commands of an OCI runtime share that are about bundles.
 */
#ifndef CLI_OCI_H
#define CLI_OCI_H

#include <scratch/container.h>
#include <scratch/oci.h>
#include "cli/options.h"

/* The options of create and run. */
struct oci_create {
    struct scratch_oci_options bundle;
    const char *pid_file;
    const char *console_socket;
    const char *pidfd_socket;
    int preserve_fds;
    bool no_new_keyring;
    bool detach;
    bool keep;
};

/* Read the bundle, and what is to be remembered of its container. */
int oci_load(const char *id, struct oci_create *options, scratch_oci_bundle **bundle,
             struct scratch_keep_options *keep, struct scratch_error *err);

/* Whether there is somebody to have the terminal, where there is one. */
int oci_check_terminal(const struct scratch_spec *spec, const char *socket, bool detach,
                       struct scratch_error *err);

/* Tell of what has been started as was asked: its terminal, its pid. */
int oci_tell(scratch_container *container, const struct oci_create *options, bool terminal,
             struct scratch_error *err);

/* ---- hooks, from what was remembered of a container ------------------------------------------ */

/* Behind its start: the listener is sent; a hook that fails is told, and changes nothing. */
int oci_started(scratch_container *container, struct scratch_error *err);

/* Before it is deleted; NULL: it has none. */
struct oci_hooks;
struct oci_hooks *oci_remember(scratch_container *container);

/* Behind that: what fails is told. */
void oci_poststop(struct oci_hooks *hooks);
void oci_forget(struct oci_hooks *hooks);

/* ---- what others are told ------------------------------------------------------------------- */

/* Write a process's id to a file, which others read as soon as it is there. NULL is fine. */
int oci_write_pid(const char *path, pid_t pid, struct scratch_error *err);

/* Hand an open file to who listens on a socket, with some words; what: this, in an error. */
int oci_send_fd(const char *path, int fd, const char *with, const char *what,
                struct scratch_error *err);

/*
 * Where a container's filter asks: hand what a process of it asks to who answers, as its bundle
 * says. Where nobody could be told the process is killed.
 */
int oci_send_listener(const scratch_oci_bundle *bundle, scratch_container *container,
                      scratch_container *process, struct scratch_error *err);

/*
 * Open files from 3 on that are to be handed over: LISTEN_FDS says how many, and --preserve-fds; as
 * many as there are without a gap. One more than a start takes are gathered: it says so.
 */
#define OCI_PRESERVE_MAX 1024
#define OCI_FDS_MAX      (OCI_PRESERVE_MAX + 1)
size_t oci_gather_fds(int preserve, int fds[OCI_FDS_MAX]);

/* LISTEN_FDS and LISTEN_PID for the command, and NOTIFY_SOCKET; or NULL. */
struct oci_listen {
    char count[64];
    const char *list[4];
};
const char *const *oci_listen_variables(struct oci_listen *listen);

/* Say what failed, in the words that engines look for besides; returns the exit status. */
int oci_failed(struct scratch_error *err);

#endif
