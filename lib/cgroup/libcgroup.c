/* SPDX-License-Identifier: MIT */
#include "cgroup/libcgroup.h"
#include "base/lazy.h"

#include <errno.h>
#include <libcgroup.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>

LAZY_NOTE("libcgroup", "discovery, reading and deletion of control groups", LIBCGROUP_SONAME);

static __typeof__(cgroup_init) *lazy_cgroup_init;
static __typeof__(cgroup_get_subsys_mount_point) *lazy_cgroup_get_subsys_mount_point;
static __typeof__(cgroup_get_all_controller_begin) *lazy_cgroup_get_all_controller_begin;
static __typeof__(cgroup_get_all_controller_next) *lazy_cgroup_get_all_controller_next;
static __typeof__(cgroup_get_all_controller_end) *lazy_cgroup_get_all_controller_end;
static __typeof__(cgroup_read_value_begin) *lazy_cgroup_read_value_begin;
static __typeof__(cgroup_read_value_end) *lazy_cgroup_read_value_end;
static __typeof__(cgroup_new_cgroup) *lazy_cgroup_new_cgroup;
static __typeof__(cgroup_add_controller) *lazy_cgroup_add_controller;
static __typeof__(cgroup_delete_cgroup_ext) *lazy_cgroup_delete_cgroup_ext;
static __typeof__(cgroup_free) *lazy_cgroup_free;
static __typeof__(cgroup_get_last_errno) *lazy_cgroup_get_last_errno;

static const struct lazy_symbol symbols[] = {
    LAZY(cgroup_init),
    LAZY(cgroup_get_subsys_mount_point),
    LAZY(cgroup_get_all_controller_begin),
    LAZY(cgroup_get_all_controller_next),
    LAZY(cgroup_get_all_controller_end),
    LAZY(cgroup_read_value_begin),
    LAZY(cgroup_read_value_end),
    LAZY(cgroup_new_cgroup),
    LAZY(cgroup_add_controller),
    LAZY(cgroup_delete_cgroup_ext),
    LAZY(cgroup_free),
    LAZY(cgroup_get_last_errno),
};
static struct lazy_library library = {LIBCGROUP_SONAME, false, symbols,
                                      sizeof symbols / sizeof *symbols};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/*
 * cgroup_strerror() crashes on codes it does not know, and says no more than these; the errno
 * behind ECGOTHER is the last one's.
 */
static int to_errno(int code)
{
    switch (code) {
    case 0:
    case ECGEOF:
        return 0;
    case ECGOTHER:
        return lazy_cgroup_get_last_errno() > 0 ? -lazy_cgroup_get_last_errno() : -EIO;
    case ECGROUPNOTMOUNTED:
    case ECGROUPNOTEXIST:
    case ECGROUPSUBSYSNOTMOUNTED:
    case ECGROUPVALUENOTEXIST:
        return -ENOENT;
    case ECGROUPNOTALLOWED:
    case ECGROUPNOTOWNER:
        return -EACCES;
    case ECGNONEMPTY:
        return -EBUSY;
    default:
        return -EINVAL;
    }
}

/*
 * Mounts may have changed since the last call: the table is read anew each time (60 us). It gives
 * up where one mount hides that of v2: it looks for the hidden one's files.
 */
static int begin(void)
{
    int rc = lazy_load(&library);
    if (rc < 0)
        return rc;
    pthread_mutex_lock(&lock);
    if (lazy_cgroup_init() == 0)
        return 0;
    pthread_mutex_unlock(&lock);
    return -ENOTSUP;
}

static void end(void)
{
    pthread_mutex_unlock(&lock);
}

static int version_of(const char *mount)
{
    struct statfs fs;
    return statfs(mount, &fs) == 0 && (unsigned long)fs.f_type == CGROUP2_SUPER_MAGIC ? 2 : 1;
}

static int find(const char *controller, struct cgroup_hierarchy *hierarchy)
{
    char *mount = NULL;
    int rc = to_errno(lazy_cgroup_get_subsys_mount_point(controller, &mount));
    if (rc == 0 && mount) {
        snprintf(hierarchy->mount, sizeof hierarchy->mount, "%s", mount);
        hierarchy->version = version_of(mount);
    }
    free(mount);
    return rc;
}

int libcgroup_find(const char *controller, struct cgroup_hierarchy *hierarchy)
{
    int rc = begin();
    if (rc < 0)
        return rc;
    rc = find(controller, hierarchy);
    end();
    return rc;
}

/* One row of libcgroup's list: it has controllers that are mounted nowhere too. */
static void put(const char *name, struct scratch_cgroup_controller *controllers, size_t room,
                size_t *total)
{
    struct cgroup_hierarchy hierarchy;
    if (find(name, &hierarchy) < 0)
        return;
    if (controllers && *total < room) {
        struct scratch_cgroup_controller *c = &controllers[*total];
        snprintf(c->name, sizeof c->name, "%.31s", name);
        snprintf(c->mount, sizeof c->mount, "%s", hierarchy.mount);
        c->version = hierarchy.version;
    }
    ++*total;
}

int libcgroup_list(struct scratch_cgroup_controller *controllers, size_t *count)
{
    struct controller_data *row = malloc(sizeof *row);
    size_t total = 0;
    void *handle = NULL;
    int rc = row ? begin() : -ENOMEM;
    if (rc < 0) {
        free(row);
        return rc;
    }
    int code = lazy_cgroup_get_all_controller_begin(&handle, row);
    while (code == 0) {
        put(row->name, controllers, *count, &total);
        code = lazy_cgroup_get_all_controller_next(&handle, row);
    }
    lazy_cgroup_get_all_controller_end(&handle);
    end();
    free(row);
    *count = total;
    return to_errno(code);
}

int libcgroup_read(const char *controller, const char *group, const char *file, char *value,
                   size_t size)
{
    void *handle = NULL;
    int rc = begin();
    if (rc < 0)
        return rc;
    /* It cuts at the buffer's end without a word, and gives ECGEOF for an empty file. */
    value[0] = '\0';
    rc = to_errno(
        lazy_cgroup_read_value_begin(controller, group, (char *)file, &handle, value, (int)size));
    if (handle)
        lazy_cgroup_read_value_end(&handle);
    end();
    value[strcspn(value, "\n")] = '\0';
    return rc < 0 ? rc : (int)strlen(value);
}

int libcgroup_delete(const char *controller, const char *group)
{
    int rc = begin();
    if (rc < 0)
        return rc;
    struct cgroup *handle = lazy_cgroup_new_cgroup(group);
    if (!handle || !lazy_cgroup_add_controller(handle, controller))
        rc = -ENOMEM;
    /* It has no "empty only" together with "recursive": processes are moved to the group above. */
    if (rc == 0)
        rc = to_errno(lazy_cgroup_delete_cgroup_ext(handle, CGFLAG_DELETE_RECURSIVE));
    if (handle)
        lazy_cgroup_free(&handle);
    end();
    return rc;
}
