/* SPDX-License-Identifier: MIT */
/*
 * What is told to others of a container.
 */
#include "cli/notify.h"
#include "cli/oci.h"
#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int failed(struct scratch_error *err, int errnum, const char *call, const char *what,
                  const char *subject)
{
    *err = (struct scratch_error){.errnum = errnum};
    snprintf(err->call, sizeof err->call, "%s", call);
    snprintf(err->what, sizeof err->what, "%s", what);
    snprintf(err->subject, sizeof err->subject, "%s", subject);
    return -errnum;
}

/* By rename: it is never there without its contents. */
int oci_write_pid(const char *path, pid_t pid, struct scratch_error *err)
{
    char *draft = NULL;
    if (!path)
        return 0;
    if (asprintf(&draft, "%s.%d", path, (int)getpid()) < 0)
        return failed(err, ENOMEM, "", "write the pid file", path);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool written = fd >= 0 && dprintf(fd, "%d", (int)pid) > 0;
    if (fd >= 0)
        close(fd);
    int rc = written && rename(draft, path) == 0
                 ? 0
                 : failed(err, errno, "open(2)", "write the pid file", path);
    if (rc < 0)
        unlink(draft);
    free(draft);
    return rc;
}

static int connect_to(const char *path, const char *what, struct scratch_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return failed(err, ENAMETOOLONG, "connect(2)", what, path);
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return failed(err, errno, "socket(2)", what, path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int rc = failed(err, errno, "connect(2)", what, path);
    close(fd);
    return rc;
}

int oci_send_fd(const char *path, int fd, const char *with, const char *what,
                struct scratch_error *err)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } rights = {0};
    struct iovec data = {(char *)with, strlen(with)};
    struct msghdr message = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = &rights,
        .msg_controllen = sizeof rights,
    };
    struct cmsghdr *first = CMSG_FIRSTHDR(&message);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(first), &fd, sizeof fd);
    int socket = connect_to(path, what, err);
    if (socket < 0)
        return socket;
    int rc = sendmsg(socket, &message, MSG_NOSIGNAL) < 0
                 ? failed(err, errno, "sendmsg(2)", what, path)
                 : 0;
    close(socket);
    return rc;
}

size_t oci_gather_fds(int preserve, int fds[OCI_FDS_MAX])
{
    const char *listen = getenv("LISTEN_FDS");
    long count = preserve + (listen ? strtol(listen, NULL, 10) : 0);
    size_t n = 0;
    for (int fd = 3; (long)n < count && n < OCI_FDS_MAX && fcntl(fd, F_GETFD) >= 0; fd++)
        fds[n++] = fd;
    return n;
}

const char *const *oci_listen_variables(struct oci_listen *listen)
{
    const char *count = getenv("LISTEN_FDS");
    size_t n = 0;
    if (count) {
        snprintf(listen->count, sizeof listen->count, "LISTEN_FDS=%.40s", count);
        listen->list[n++] = listen->count;
        listen->list[n++] = "LISTEN_PID=1";
    }
    if (notify_is_wanted())
        listen->list[n++] = NOTIFY_VARIABLE;
    listen->list[n] = NULL;
    return n ? listen->list : NULL;
}

/* Engines tell apart why a command did not run by these words: ENOENT 127, EACCES 126. */
static void add_words(struct scratch_error *err)
{
    char said[sizeof err->cause];
    const char *name = err->subject;
    const char *why = err->errnum == EACCES ? "permission denied"
                      : strchr(name, '/')   ? "no such file or directory"
                                            : "executable file not found in $PATH";
    if (strcmp(err->call, "execve(2)") != 0 || (err->errnum != ENOENT && err->errnum != EACCES))
        return;
    if (strncmp(err->cause, "exec ", 5) == 0) /* it has them: an interpreter is missing */
        return;
    if (err->errnum == ENOENT && strchr(name, '/'))
        snprintf(said, sizeof said, "exec: \"%.60s\": stat %.60s: %s", name, name, why);
    else
        snprintf(said, sizeof said, "exec: \"%.120s\": %s", name, why);
    memcpy(err->cause, said, sizeof said);
}

/* As runc and crun: 1, whatever it is; engines take others for the command's own. */
int oci_failed(struct scratch_error *err)
{
    add_words(err);
    report_error(err);
    return 1;
}
