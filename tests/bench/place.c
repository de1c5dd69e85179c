/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP  "/sys/fs/cgroup"
#define UNIFIED CGROUP "/unified"

static int failed(const char *what, const char *path)
{
    fprintf(stderr, "bench: %s %s: %s\n", what, path, strerror(errno));
    return -1;
}

static bool is_cgroup2(const char *path)
{
    struct statfs fs;
    return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/*
 * All contestants run in one private mount namespace. crun before 1.9 refuses a machine that has a
 * cgroup2 hierarchy beside v1's, so that one, which has no controllers, is covered here: by a tmpfs
 * of our own, for some make directories there all the same.
 */
static int leave_host_mounts(struct place *place)
{
    if (unshare(CLONE_NEWNS) < 0)
        return failed("make", "a mount namespace");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return failed("make private", "/");
    place->v2 = is_cgroup2(CGROUP);
    place->covered = !place->v2 && is_cgroup2(UNIFIED);
    if (place->covered && mount("tmpfs", UNIFIED, "tmpfs", 0, "size=1m") < 0)
        return failed("mount a tmpfs on", UNIFIED);
    return 0;
}

/* ---- the group ------------------------------------------------------------------------------ */

/* v2 gives a group the controllers that the group above it hands down. */
static int hand_down_pids(const char *group)
{
    char path[600];
    snprintf(path, sizeof path, "%s/cgroup.subtree_control", group);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, "+pids", 5);
    if (n < 0)
        failed("hand down the pids controller in", path);
    if (fd >= 0)
        close(fd);
    return n < 0 ? -1 : 0;
}

static int make_group(struct place *place)
{
    snprintf(place->hierarchy, sizeof place->hierarchy, CGROUP "%s", place->v2 ? "" : "/pids");
    /* Not "libscratch-…": scratch_sweep() takes an empty group of such a name for a left-over. */
    snprintf(place->name, sizeof place->name, "bench-libscratch-%d", (int)getpid());
    snprintf(place->group, sizeof place->group, "%s/%s", place->hierarchy, place->name);
    if (place->v2 && hand_down_pids(place->hierarchy) < 0)
        return -1;
    if (mkdir(place->group, 0755) < 0)
        return failed("make the group", place->group);
    return place->v2 ? hand_down_pids(place->group) : 0;
}

/* The others make the group above theirs in every hierarchy, and leave it. */
static void remove_groups(const struct place *place)
{
    char pattern[128];
    glob_t found;
    snprintf(pattern, sizeof pattern, CGROUP "/*/%s", place->name);
    if (glob(pattern, GLOB_ONLYDIR, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            if (rmdir(found.gl_pathv[i]) < 0)
                failed("remove the group", found.gl_pathv[i]);
        globfree(&found);
    }
    if (place->v2 && rmdir(place->group) < 0)
        failed("remove the group", place->group);
}

/* ---- the directory -------------------------------------------------------------------------- */

static int copy_program(const char *from, const char *to)
{
    struct stat st;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0 || fstat(in, &st) < 0) {
        failed("open", from);
        if (in >= 0)
            close(in);
        return -1;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    ssize_t n = out < 0 ? -1 : sendfile(out, in, NULL, (size_t)st.st_size);
    close(in);
    if (out >= 0)
        close(out);
    return n == st.st_size ? 0 : failed("write", to);
}

/* A tmpfs, as /run is one: nobody's state files are measured by the speed of a disk. */
static int make_directory(struct place *place)
{
    static const char *const directories[] = {"root",     "root/proc", "root/dev",
                                              "root/sys", "state",     "state-ours",
                                              "upper",    "work",      "merged"};
    const char *tmp = getenv("TMPDIR");
    snprintf(place->directory, sizeof place->directory, "%s/libscratch-bench-XXXXXX",
             tmp && *tmp == '/' ? tmp : "/tmp");
    if (!mkdtemp(place->directory)) {
        failed("make", place->directory);
        place->directory[0] = '\0';
        return -1;
    }
    if (mount("tmpfs", place->directory, "tmpfs", 0, "mode=755,size=16m") < 0)
        return failed("mount a tmpfs on", place->directory);
    if (chdir(place->directory) < 0)
        return failed("go to", place->directory);
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        if (mkdir(directories[i], 0755) < 0)
            return failed("make", directories[i]);
    return 0;
}

static int write_bundles(const struct place *place, unsigned starters)
{
    char name[BUNDLE_NAME];
    int rc = bundle_write("stay", &(struct bundle){VARIANT_FULL, 0, true, NULL});
    for (enum variant v = 0; v < VARIANT_COUNT; v++)
        for (unsigned i = 0; i < starters && rc == 0; i++) {
            bundle_name(name, v, i);
            rc = bundle_write(name, &(struct bundle){v, i, false, place->name});
        }
    return rc;
}

int place_make(struct place *place, const char *nothing, unsigned starters)
{
    int rc = leave_host_mounts(place);
    if (rc == 0)
        rc = make_directory(place);
    if (rc == 0)
        rc = make_group(place);
    if (rc == 0)
        rc = copy_program(nothing, "root/nothing");
    if (rc == 0)
        rc = filter_write("filter");
    return rc == 0 ? write_bundles(place, starters) : rc;
}

int place_crowd(const struct place *place, unsigned mounts)
{
    char path[sizeof place->directory + 32];
    for (unsigned i = 0; i < mounts; i++) {
        snprintf(path, sizeof path, "%s/crowd/%u", place->directory, i);
        if ((i == 0 && mkdir("crowd", 0755) < 0) || mkdir(path, 0755) < 0 ||
            mount("tmpfs", path, "tmpfs", 0, "size=4k") < 0)
            return failed("mount one more at", path);
    }
    return 0;
}

void place_leave(struct place *place)
{
    if (place->covered)
        umount2(UNIFIED, MNT_DETACH);
    if (place->group[0])
        remove_groups(place);
    if (!place->directory[0])
        return;
    if (chdir("/") < 0)
        failed("go to", "/");
    umount2(place->directory, MNT_DETACH); /* it may not have come to the mount */
    if (rmdir(place->directory) < 0)
        failed("remove", place->directory);
}
