/* SPDX-License-Identifier: MIT */
#include "state/claim.h"
#include "state/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int state_compile_claim(struct builder *b)
{
    char path[STATE_PATH];
    int rc = state_path(path, "claim the container's name", b->err);
    int slot = rc < 0 ? rc : builder_fd(b, -1);
    if (slot < 0)
        return slot;
    uint32_t directory = builder_text(b, path);
    struct step *step = builder_add(b, STEP_CLAIM, STEP_HOST);
    step->text[0] = directory;
    step->text[1] = SLOT_TEXT(SLOT_ID);
    step->fd[0] = (int16_t)slot;
    return 0;
}

/* ---- what is left over ----------------------------------------------------------------------- */

static bool is_claim(const char *name)
{
    size_t n = strlen(name), end = strlen(STATE_CLAIM_END);
    return strncmp(name, STATE_CLAIM_BEGIN, strlen(STATE_CLAIM_BEGIN)) == 0 && n > end &&
           strcmp(name + n - end, STATE_CLAIM_END) == 0;
}

/* The lock is held until the file is gone: a starter that opened it will see that it is. */
static bool sweep_claim(int dir, const char *name)
{
    struct stat open_one, named;
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool removed = flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &open_one) == 0 &&
                   fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
                   open_one.st_ino == named.st_ino && unlinkat(dir, name, 0) == 0;
    close(fd);
    return removed;
}

int state_sweep(void)
{
    char path[STATE_PATH];
    struct dirent *entry;
    int removed = 0;
    int fd = state_path(path, "", NULL) < 0 || access(path, F_OK) < 0 ? -1 : state_open(path);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir && fd >= 0)
        close(fd);
    while (dir && (entry = readdir(dir)))
        if (is_claim(entry->d_name))
            removed += sweep_claim(dirfd(dir), entry->d_name);
    if (dir)
        closedir(dir);
    return removed;
}
