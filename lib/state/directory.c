/* SPDX-License-Identifier: MIT */
#include "state/directory.h"
#include "base/error.h"
#include "base/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * An ordinary user who is root of a user namespace, as engines without privilege call a runtime:
 * the machine's /run is not his, his own directory is.
 */
static bool is_root_elsewhere(const char *runtime)
{
    struct stat st;
    return runtime && *runtime == '/' && stat(runtime, &st) == 0 && st.st_uid == 0 &&
           !privilege_all_ids();
}

/* /tmp is not used: a directory there can be prepared by others (CVE-2015-1331). */
int state_path(char path[STATE_PATH], const char *what, struct scratch_error *err)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (geteuid() == 0 && !is_root_elsewhere(runtime)) {
        memcpy(path, "/run/libscratch", sizeof "/run/libscratch");
        return 0;
    }
    if (!runtime || *runtime != '/')
        return error_because(err, EINVAL, what, "XDG_RUNTIME_DIR",
                             runtime ? "it is not an absolute path" : "it is not set",
                             "log in in a way that sets it, or set it to a directory of your own, "
                             "mode 0700");
    if (snprintf(path, STATE_PATH, "%s/libscratch", runtime) >= STATE_PATH)
        return error_set(err, ENAMETOOLONG, what, "XDG_RUNTIME_DIR", NULL);
    return 0;
}

static int check_owner(int dir)
{
    struct stat st;
    if (fstat(dir, &st) < 0)
        return -errno;
    return st.st_uid == geteuid() && !(st.st_mode & 077) ? 0 : -EPERM;
}

int state_open(const char *path)
{
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rc = dir < 0 ? -errno : check_owner(dir);
    if (rc < 0 && dir >= 0)
        close(dir);
    return rc < 0 ? rc : dir;
}
