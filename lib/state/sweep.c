/* SPDX-License-Identifier: MIT */
#include "state/record.h"

#include <errno.h>
#include <unistd.h>

/* Nobody's: a starter was killed before it wrote the record, or one that goes with its container.
 */
static bool is_left_over(int dir)
{
    struct record_head head;
    int rc = record_read_head(dir, &head);
    if (rc == -ENOENT)
        return true;
    if (rc < 0 || !head.remove)
        return false;
    int process = record_process(head.pid, head.start_time);
    if (process >= 0)
        close(process);
    return process == -ESRCH;
}

static int sweep_record(int root, const char *id)
{
    int dir = record_open(root, id), removed = 0;
    if (dir < 0)
        return 0;
    if (record_lock(dir, id, false) == 0) {
        removed = is_left_over(dir) && record_remove(dir, id) == 0;
        record_unlock(dir);
    }
    close(dir);
    return removed;
}

static int sweep_root(const char *path, void *count)
{
    int *removed = count;
    int root = record_root_open(path, false);
    char **ids = root < 0 ? NULL : record_ids(root);
    for (size_t i = 0; ids && ids[i]; i++)
        *removed += sweep_record(root, ids[i]);
    record_free_ids(ids);
    if (root >= 0)
        close(root);
    return 0;
}

int record_sweep(void)
{
    int removed = 0;
    record_each_root(sweep_root, &removed);
    return removed;
}
