/* SPDX-License-Identifier: MIT */
/*
 * Starting what was created: scratch-init offers its plan, whose image it has open, so that what
 * fails from here on can be said in words, by whoever started it.
 */
#include "base/error.h"
#include "base/lazy.h"
#include "init/init.h"
#include "plan/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_MAX (INIT_PLAN_OFFSET + (256 << 20))

/* A block, which begins with its size, out of an image of some length; NULL. */
static void *read_block(int image, off_t at, off_t end, size_t least)
{
    uint32_t size;
    if (pread(image, &size, sizeof size, at) != sizeof size || size < least || size > end - at)
        return NULL;
    void *block = malloc(size);
    if (block && pread(image, block, size, at) == (ssize_t)size)
        return block;
    free(block);
    return NULL;
}

static int take_plan(struct scratch_container *c, int image)
{
    struct stat st;
    if (fstat(image, &st) < 0 || st.st_size > IMAGE_MAX)
        return -EPROTO;
    struct scratch_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return -ENOMEM;
    plan->references = 1;
    memset(plan->fd, -1, sizeof plan->fd);
    plan->block = read_block(image, INIT_PLAN_OFFSET, st.st_size, sizeof *plan->block);
    if (plan->block)
        c->start = read_block(image, INIT_PLAN_OFFSET + init_start_offset(plan->block->size),
                              st.st_size, sizeof *c->start);
    if (!c->start) {
        free(plan->block);
        free(plan);
        return -EPROTO;
    }
    c->plan = plan;
    c->walk = (struct step_walk){.plan = plan->block,
                                 .start = c->start,
                                 .fd = c->fd,
                                 .root = -1,
                                 .layers = -1,
                                 .lot = -1,
                                 .socket = -1,
                                 .child = scratch_container_pid(c),
                                 .said = c->said};
    return 0;
}

static int has_ended(const struct scratch_container *c, struct scratch_error *err)
{
    return error_because(err, ESRCH, "start the container", scratch_container_id(c), "it has ended",
                         "delete it, and create it anew");
}

static int take_offer(struct scratch_container *c, int socket, struct scratch_error *err)
{
    struct step_message hello = {0};
    int image;
    ssize_t n = container_receive(socket, &hello, 0, &image, NULL);
    if (n == 0 || n == -ECONNRESET)
        return has_ended(c, err);
    int rc = n == sizeof hello && hello.type == MESSAGE_PLAN && image >= 0 ? 0 : -EPROTO;
    if (rc == 0 && !c->plan) /* else it was this handle that created it */
        rc = hello.item == STEP_FORMAT ? take_plan(c, image) : -ENOTSUP;
    if (image >= 0)
        close(image);
    if (rc == -ENOTSUP)
        return error_because(err, ENOTSUP, "start the container", scratch_container_id(c),
                             "it was created by another version of libscratch",
                             "start it with that one, or create it anew");
    return rc < 0 ? error_set(err, -rc, "hear from the container", scratch_container_id(c), NULL)
                  : 0;
}

int container_resume(struct scratch_container *c, int socket, struct scratch_error *err)
{
    static const struct step_message go = {.type = MESSAGE_GO};
    lazy_seal();
    int rc = take_offer(c, socket, err);
    if (rc == 0 && send(socket, &go, sizeof go, MSG_NOSIGNAL) < 0)
        rc = has_ended(c, err);
    if (rc < 0) {
        close(socket);
        return rc;
    }
    c->resumed = true;
    return container_listen(c, socket, err);
}
