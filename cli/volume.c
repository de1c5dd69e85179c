/* SPDX-License-Identifier: MIT */
#include "cli/values.h"
#include "cli/report.h"

#include <scratch/cgroup.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* True when a word is one of those between the commas. */
static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (;;) {
        size_t n = strcspn(words, ",");
        if (n == length && strncmp(words, word, n) == 0)
            return true;
        if (!words[n])
            return false;
        words += n + 1;
    }
}

static int check_target(const char *text, const char *target, struct scratch_error *err)
{
    if (target[0] == '/')
        return 0;
    return usage_error(err, text, "write it from the root on: /data",
                       "the place inside, '%s', is not an absolute path", target);
}

/* A relative path has to look like one: other words are names of volumes to docker and podman. */
int value_source(struct pool *pool, const char *text, const char *source, const char **path,
                 struct scratch_error *err)
{
    *path = source;
    if (source[0] == '/')
        return 0;
    if (source[0] != '.' && strchr(source, '/'))
        return usage_error(err, text, pool_print(pool, "write ./%s", source),
                           "'%s' is relative, and begins with no '.'", source);
    if (source[0] != '.')
        return usage_error(err, text, "give a path of the host: /srv/data, or ./data",
                           "'%s' is the name of a volume, and none are kept", source);
    char *here = getcwd(NULL, 0);
    if (!here)
        return usage_error(err, text, "give it from the root on: /srv/data",
                           "'%s' is relative, and the working directory is gone", source);
    while (strncmp(source, "./", 2) == 0)
        source += 2 + strspn(source + 2, "/");
    *path = pool_print(pool, "%s/%s", here, source);
    free(here);
    return 0;
}

/* Submounts come with a directory, as mount(8) does it with "rbind", unless "bind" is asked for. */
int value_volume(struct pool *pool, const char *text, struct scratch_mount *mount,
                 struct scratch_error *err)
{
    static const char form[] = "write SRC:DST or SRC:DST:ro";
    char *source = pool_print(pool, "%s", text);
    char *target = strchr(source, ':');
    if (!target)
        return usage_error(err, text, "write SRC:DST; for an empty directory: --tmpfs DST",
                           "a ':' is missing, and volumes without a source are not kept");
    if (target == source)
        return usage_error(err, text, form, "SRC is empty");
    *target++ = '\0';
    char *options = strchr(target, ':');
    if (options)
        *options++ = '\0';
    if (options && strchr(options, ':'))
        return usage_error(err, text, form, "there are more than two ':'");
    bool given = options && *options;
    bool bind = given && (has_word(options, "bind") || has_word(options, "rbind"));
    *mount = (struct scratch_mount){.target = target, .options = "rbind"};
    if (given)
        mount->options = bind ? options : pool_print(pool, "rbind,%s", options);
    int rc = value_source(pool, text, source, &mount->source, err);
    return rc < 0 ? rc : check_target(text, target, err);
}

static int check_permissions(const char *text, const char *permissions, unsigned *access,
                             struct scratch_error *err)
{
    *access = SCRATCH_DEVICE_ALL;
    if (!permissions)
        return 0;
    if (!*permissions || permissions[strspn(permissions, "rwm")])
        return usage_error(err, text, "write HOST, HOST:CONTAINER or HOST:CONTAINER:rwm",
                           "'%s' are no permissions of a device", permissions);
    *access = (strchr(permissions, 'r') ? SCRATCH_DEVICE_READ : 0U) |
              (strchr(permissions, 'w') ? SCRATCH_DEVICE_WRITE : 0U) |
              (strchr(permissions, 'm') ? SCRATCH_DEVICE_MKNOD : 0U);
    return 0;
}

int value_device(struct pool *pool, const char *text, struct scratch_device *device,
                 unsigned *access, struct scratch_error *err)
{
    char *source = pool_print(pool, "%s", text);
    char *target = strchr(source, ':'), *permissions = NULL;
    if (target)
        *target++ = '\0';
    if (target && *target != '/') { /* "HOST:rwm" */
        permissions = target;
        target = NULL;
    } else if (target && (permissions = strchr(target, ':'))) {
        *permissions++ = '\0';
    }
    *device = (struct scratch_device){.source = source, .target = target};
    if (*source != '/')
        return usage_error(err, text, "write it from the root on: /dev/fuse",
                           "'%s' is not the path of a device", source);
    return check_permissions(text, permissions, access, err);
}

/* Nothing that is written there shall gain privileges by it, unless "suid" or "dev" say so. */
int value_tmpfs(struct pool *pool, const char *text, struct scratch_mount *mount,
                struct scratch_error *err)
{
    char *target = pool_print(pool, "%s", text);
    char *options = strchr(target, ':');
    if (options)
        *options++ = '\0';
    *mount = (struct scratch_mount){
        .source = "tmpfs", .target = target, .type = "tmpfs", .options = "nosuid,nodev"};
    if (options && *options)
        mount->options = pool_print(pool, "nosuid,nodev,%s", options);
    return check_target(text, target, err);
}
