/* SPDX-License-Identifier: MIT */
#include "rootfs/host.h"
#include "base/open.h"
#include "rootfs/overlay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* These get mounts of the container's own. */
static bool is_standard(const char *name)
{
    return strcmp(name, "proc") == 0 || strcmp(name, "sys") == 0 || strcmp(name, "dev") == 0;
}

/* True when a line of mountinfo(5) is a mount on a path or below it. */
static bool line_is_below(const char *line, const char *path)
{
    char target[4096];
    size_t n = strlen(path);
    return sscanf(line, "%*s %*s %*s %*s %4095s", target) == 1 && strncmp(target, path, n) == 0 &&
           (target[n] == '/' || target[n] == '\0');
}

static bool has_mounts(const char *mountinfo, const char *path)
{
    for (const char *line = mountinfo; line && *line;) {
        if (line_is_below(line, path))
            return true;
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return false;
}

static void put_directory(struct builder *b, const char *path, bool mounts)
{
    uint32_t text = builder_text(b, path);
    struct step *step = builder_add(b, mounts ? STEP_BIND : STEP_OVERLAY_PART, STEP_CONTAINER);
    step->text[0] = step->text[1] = text;
    if (!mounts) {
        step->num[0] = OVERLAY_THROW_AWAY | OVERLAY_USER;
        return;
    }
    step->num[0] = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
    step->num[1] = ROOT_MAKE_DIRECTORY;
    step->num[2] = true;
}

static int put_entry(struct builder *b, int root, const char *name, const char *mountinfo)
{
    char path[300], link[4096];
    struct stat st;
    snprintf(path, sizeof path, "/%s", name);
    if (is_standard(name) || fstatat(root, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    if (S_ISDIR(st.st_mode) && faccessat(root, name, R_OK | X_OK, AT_EACCESS) == 0) {
        put_directory(b, path, has_mounts(mountinfo, path));
    } else if (S_ISLNK(st.st_mode)) {
        ssize_t n = readlinkat(root, name, link, sizeof link - 1);
        if (n < 0)
            return 0;
        link[n] = '\0';
        uint32_t text = builder_text(b, link), target = builder_text(b, path);
        struct step *step = builder_add(b, STEP_LINK, STEP_CONTAINER);
        step->text[0] = text;
        step->text[1] = target;
    }
    return 0;
}

static char *read_mountinfo(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *in = fopen("/proc/self/mountinfo", "re");
    if (!in)
        return NULL;
    if (getdelim(&text, &size, '\0', in) < 0) {
        free(text);
        text = NULL;
    }
    fclose(in);
    return text;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dot(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

int rootfs_compile_composed(struct builder *b)
{
    struct dirent **entries = NULL;
    char *mountinfo = read_mountinfo();
    int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int count = root < 0 ? -1 : scandirat(root, ".", &entries, not_dot, by_name);
    int rc = 0;
    if (!mountinfo || count < 0)
        rc = error_call(b->err, errno, "readdir(3)", "read the host's root", "/", NULL);
    builder_add(b, STEP_ROOT_COMPOSE, STEP_CONTAINER);
    for (int i = 0; i < count; i++) {
        if (rc == 0)
            rc = put_entry(b, root, entries[i]->d_name, mountinfo);
        free(entries[i]);
    }
    free(entries);
    free(mountinfo);
    if (root >= 0)
        close(root);
    return rc;
}
