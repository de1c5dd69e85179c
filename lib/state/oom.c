/* SPDX-License-Identifier: MIT */
/*
 * A container's groups once it has ended: its own as long as they are there, and what they knew of
 * its end when they are gone.
 */
#include "state/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int record_open_group(const struct record *record, size_t index)
{
    struct stat st;
    int fd = open(record->cgroups[index], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (index >= record->inode_count || (fstat(fd, &st) == 0 && st.st_ino == record->inodes[index]))
        return fd;
    close(fd);
    return -ENOENT;
}

/* "KILLS LIMIT PID COMMAND" */
void record_write_oom(int dir, const struct scratch_container_oom *oom)
{
    int fd = openat(dir, RECORD_OOM, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    dprintf(fd, "%llu %llu %d %s\n", (unsigned long long)oom->kills, (unsigned long long)oom->limit,
            (int)oom->pid, oom->command);
    close(fd);
}

bool record_read_oom(int dir, struct scratch_container_oom *oom)
{
    unsigned long long kills, limit;
    char text[128];
    int pid;
    *oom = (struct scratch_container_oom){0};
    if (record_read_small(dir, RECORD_OOM, text, sizeof text) <= 0 ||
        sscanf(text, "%llu %llu %d %31[^\n]", &kills, &limit, &pid, oom->command) < 3)
        return false;
    oom->kills = kills;
    oom->limit = limit;
    oom->pid = pid;
    return kills > 0;
}

/* ---- of whose group it was ------------------------------------------------------------------ */

struct known {
    uint64_t inode;
    const struct scratch_container_oom *oom;
};

static bool had_group(int dir, uint64_t inode)
{
    struct record_head head;
    if (record_read_head(dir, &head) < 0)
        return false;
    for (size_t i = 0; i < head.inode_count; i++)
        if (head.inode[i] == inode)
            return true;
    return false;
}

/* 1: it is that one's. */
static int look_at(int root, const char *id, const struct known *known)
{
    int dir = record_open(root, id);
    if (dir < 0)
        return 0;
    bool found = had_group(dir, known->inode);
    if (found && record_lock_soon(dir, id) == 0) { /* else it is being deleted */
        record_write_oom(dir, known->oom);
        record_unlock(dir);
    }
    close(dir);
    return found;
}

static int look_in(const char *path, void *known)
{
    int root = record_root_open(path, false), found = 0;
    char **ids = root < 0 ? NULL : record_ids(root);
    for (size_t i = 0; ids && ids[i] && !found; i++)
        found = look_at(root, ids[i], known);
    record_free_ids(ids);
    if (root >= 0)
        close(root);
    return found;
}

void record_oom_of(uint64_t inode, const struct scratch_container_oom *oom)
{
    struct known known = {inode, oom};
    record_each_root(look_in, &known);
}
