/* SPDX-License-Identifier: MIT */
#include "state/directory.h"
#include "base/sys.h"
#include "base/text.h"
#include "step/step.h"
#include "step/undo.h"

#include <sys/file.h>

/* A sweep holds a stale claim for a moment: how often to ask again, and how long to wait. */
#define TRIES 5
static const struct {
    long seconds, nanoseconds;
} moment = {0, 2000000};

/* ---- the directory --------------------------------------------------------------------------- */

int state_open(const char *path)
{
    struct statx st;
    int rc = sys_mkdirat(AT_FDCWD, path, 0700);
    if (rc < 0 && rc != -EEXIST)
        return rc;
    int dir = sys_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (dir < 0)
        return dir;
    rc = sys_statx(dir, "", AT_EMPTY_PATH, STATX_UID | STATX_MODE, &st);
    if (rc == 0 && (st.stx_uid != (uint32_t)sys1(SYS_geteuid, 0) || st.stx_mode & 077))
        rc = -EPERM;
    if (rc == 0)
        return dir;
    sys_close(dir);
    return rc;
}

/* ---- claims ---------------------------------------------------------------------------------- */

#define NAME_SIZE 256

/* The file of the id in a step. */
static void claim_name(char name[NAME_SIZE], const struct step_walk *w, const struct step *step)
{
    const char *id = step_text(w, step->text[1]) + sizeof SLOT_ID_PREFIX - 1;
    size_t at = text_append(name, NAME_SIZE, 0, STATE_CLAIM_BEGIN);
    at = text_append(name, NAME_SIZE, at, id);
    text_append(name, NAME_SIZE, at, STATE_CLAIM_END);
}

/* True when what is open is still what the name stands for: a sweep may have removed it. */
static bool is_still_there(int dir, const char *name, int fd)
{
    struct statx open, named;
    return sys_statx(fd, "", AT_EMPTY_PATH, STATX_INO, &open) == 0 &&
           sys_statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_INO, &named) == 0 &&
           open.stx_ino == named.stx_ino;
}

/* An fd that holds the lock, or -errno: -EAGAIN: another does. */
static int lock(int dir, const char *name)
{
    for (;;) {
        int fd = sys_openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
        if (fd < 0)
            return fd;
        int rc = sys_flock(fd, LOCK_EX | LOCK_NB);
        if (rc == 0 && is_still_there(dir, name, fd))
            return fd;
        sys_close(fd);
        if (rc < 0)
            return rc;
    }
}

/*
 * The kernel drops the lock when its holder dies: a claim needs no record of who made it. It lasts
 * as long as the caller's handle of the container.
 */
int state_claim_step(struct step_walk *w, const struct step *step)
{
    char name[NAME_SIZE];
    int dir = state_open(step_text(w, step->text[0]));
    if (dir < 0)
        return step_detail(w, DETAIL_STATE, dir);
    claim_name(name, w, step);
    int fd = lock(dir, name);
    for (int i = 1; fd == -EAGAIN && i < TRIES; i++) {
        sys2(SYS_nanosleep, (long)&moment, 0);
        fd = lock(dir, name);
    }
    sys_close(dir);
    if (fd < 0)
        return fd == -EAGAIN ? -EEXIST : fd;
    w->fd[step->fd[0]] = fd;
    return 0;
}

/* The lock is still held: nobody can have claimed the name meanwhile. */
int state_claim_undo(struct step_walk *w, const struct step *step)
{
    char name[NAME_SIZE];
    int dir = state_open(step_text(w, step->text[0]));
    if (dir < 0)
        return 0; /* with it, the claim is gone */
    claim_name(name, w, step);
    sys_unlinkat(dir, name, 0);
    sys_close(dir);
    return 0;
}
