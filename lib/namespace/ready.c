/* SPDX-License-Identifier: MIT */
/*
 * Network namespaces that are ready: messages in a socket, each of which brings one. So the kernel
 * keeps the pool, for as many threads as like to fill it and take from it.
 */
#include "base/error.h"
#include "base/rights.h"
#include "namespace/ready.h"
#include "namespace/spawn.h"
#include "step/step.h"

#include <errno.h>
#include <scratch/namespace.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define OUT 0 /* the end that is taken from, */
#define IN  1 /* and the one that is filled */

struct scratch_namespace_pool {
    unsigned size;
    int end[2];
};

int namespace_pool_fd(const scratch_namespace_pool *pool)
{
    return pool->end[OUT];
}

int scratch_namespace_pool_new(unsigned size, scratch_namespace_pool **result,
                               struct scratch_error *err)
{
    static const char what[] = "make a pool of network namespaces";
    *result = NULL;
    if (size == 0 || size > SCRATCH_NAMESPACE_POOL_MAX)
        return error_because(err, EINVAL, what, NULL, "its size is not one that it can have",
                             "give 1 to 64");
    struct scratch_namespace_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return error_set(err, ENOMEM, what, NULL, NULL);
    pool->size = size;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pool->end) < 0) {
        int errnum = errno;
        free(pool);
        return error_call(err, errnum, "socketpair(2)", what, NULL, NULL);
    }
    *result = pool;
    return 0;
}

/* A message is one byte long. */
static unsigned ready(const struct scratch_namespace_pool *pool)
{
    int bytes = 0;
    return ioctl(pool->end[OUT], FIONREAD, &bytes) < 0 || bytes < 0 ? 0 : (unsigned)bytes;
}

static int add(const struct scratch_namespace_pool *pool)
{
    int fd = spawn_network_namespace();
    if (fd < 0)
        return fd;
    int rc = rights_send(pool->end[IN], "", 1, fd);
    close(fd);
    return rc;
}

int scratch_namespace_pool_fill(scratch_namespace_pool *pool, struct scratch_error *err)
{
    int made = 0;
    while (ready(pool) < pool->size) {
        int rc = add(pool);
        if (rc < 0)
            return error_call(err, -rc, "clone3(2)", "make a network namespace", NULL,
                              rc == -EPERM ? "it needs CAP_SYS_ADMIN" : NULL);
        made++;
    }
    return made;
}

/* One that is ready, or -EAGAIN: there is none. */
static int take(int socket)
{
    char byte;
    struct iovec data = {&byte, 1};
    union rights rights;
    struct msghdr header = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = &rights,
        .msg_controllen = sizeof rights,
    };
    int fd = -EAGAIN;
    long n = sys3(SYS_recvmsg, socket, (long)&header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    struct cmsghdr *first = n == 1 ? CMSG_FIRSTHDR(&header) : NULL;
    if (first && first->cmsg_type == SCM_RIGHTS)
        memcpy(&fd, CMSG_DATA(first), sizeof fd);
    return n == 1 && fd < 0 ? -EMFILE : fd; /* there was no room for it in the table of fds */
}

void scratch_namespace_pool_free(scratch_namespace_pool *pool)
{
    int fd;
    if (!pool)
        return;
    while ((fd = take(pool->end[OUT])) >= 0)
        close(fd);
    close(pool->end[OUT]);
    close(pool->end[IN]);
    free(pool);
}

int namespace_take_network_step(struct step_walk *w, const struct step *step)
{
    int fd = take(w->fd[step->fd[1]]);
    if (fd == -EAGAIN) /* then it takes as long as without a pool */
        fd = spawn_network_namespace();
    if (fd < 0)
        return fd;
    w->fd[step->fd[0]] = fd;
    return 0;
}
