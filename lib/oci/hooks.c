/* SPDX-License-Identifier: MIT */
/*
 * "hooks" and "annotations": config.md.
 */
#include "oci/bundle.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int read_hook(struct scratch_oci_bundle *bundle, const struct json_in *value,
                     struct scratch_hook *hook)
{
    struct json_in member;
    const char **args = NULL, **env = NULL;
    uint64_t timeout = 0;
    int rc = json_expect(value, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_text(bundle, value, "path", &hook->path);
    if (rc == 0 && (!hook->path || *hook->path != '/'))
        rc = json_wrong(value, "its path is not absolute", NULL, bundle->err);
    if (rc == 0)
        rc = oci_texts(bundle, value, "args", &args, NULL);
    if (rc == 0)
        rc = oci_texts(bundle, value, "env", &env, NULL);
    if (rc == 0 && json_member(value, "timeout", &member)) {
        rc = json_get_number(&member, INT32_MAX, &timeout, bundle->err);
        if (rc == 0 && timeout == 0)
            rc = json_wrong(&member, "it must be more than 0", NULL, bundle->err);
    }
    hook->args = args && args[0] ? args : NULL;
    hook->env = (const char *const *)env;
    hook->timeout = (unsigned)timeout;
    return rc;
}

/*
 * The specification leaves open what a hook without an environment has. Others hand on their own;
 * in the container, that of its process.
 */
static const char *const *usual_environment(struct scratch_oci_bundle *bundle,
                                            enum scratch_hook_point point)
{
    const char *const *own = bundle->process.env;
    size_t count = 0;
    bool home = false;
    if (point != SCRATCH_HOOK_START_CONTAINER || !own)
        return (const char *const *)environ;
    for (; own[count]; count++)
        home = home || strncmp(own[count], "HOME=", 5) == 0;
    const char **env = oci_take(bundle, count + 2, sizeof *env);
    if (env && count)
        memcpy(env, own, count * sizeof *env);
    if (env && !home)
        env[count] = "HOME=/root"; /* hooks are root's */
    return env;
}

static int read_point(struct scratch_oci_bundle *bundle, const struct json_in *hooks,
                      enum scratch_hook_point point)
{
    struct json_in array, item;
    size_t count;
    int rc = oci_array(bundle, hooks, scratch_hook_name(point), &array, &count);
    if (rc < 0 || count == 0)
        return rc;
    struct scratch_hook *list = oci_take(bundle, count, sizeof *list);
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = read_hook(bundle, &item, &list[i]);
        if (rc == 0 && !list[i].env)
            list[i].env = usual_environment(bundle, point);
        if (rc == 0 && !list[i].env)
            rc = -ENOMEM;
    }
    bundle->hooks.at[point].hook = list;
    bundle->hooks.at[point].count = count;
    return rc;
}

/* As KEY=VALUE; a key has no '=' in it, or nobody could tell where it ends. */
static int read_annotations(struct scratch_oci_bundle *bundle, const struct json_in *map)
{
    struct json_in member;
    const char *value;
    size_t at = 0, count = 0;
    int rc = json_expect(map, JSON_OBJECT, bundle->err);
    while (rc == 0 && json_next(map, &at, &member))
        count++;
    const char **list = rc < 0 ? NULL : oci_take(bundle, count + 1, sizeof *list);
    if (!list)
        return rc < 0 ? rc : -ENOMEM;
    for (at = 0; rc == 0 && json_next(map, &at, &member);) {
        rc = json_get_text(&member, &value, bundle->err);
        if (rc == 0 && !*member.name)
            rc = json_wrong(&member, "a key may not be empty", NULL, bundle->err);
        if (rc == 0 && strcmp(member.name, OCI_KEEP_GROUPS) == 0)
            bundle->process.keep_groups = strcmp(value, "1") == 0 || strcmp(value, "true") == 0;
        if (rc == 0 && !(list[at - 1] = oci_print(bundle, "%s=%s", member.name, value)))
            rc = -ENOMEM;
    }
    bundle->hooks.annotations = list;
    return rc;
}

int oci_read_hooks(struct scratch_oci_bundle *bundle, const struct json_in *document)
{
    struct json_in hooks, annotations;
    int rc = 0;
    bundle->hooks.bundle = bundle->path;
    bundle->hooks.version = bundle->version;
    bundle->spec.hooks = &bundle->hooks;
    if (json_member(document, "annotations", &annotations))
        rc = read_annotations(bundle, &annotations);
    if (rc < 0 || !json_member(document, "hooks", &hooks))
        return rc;
    rc = json_expect(&hooks, JSON_OBJECT, bundle->err);
    for (int point = 0; point < SCRATCH_HOOK_POINTS && rc == 0; point++)
        rc = read_point(bundle, &hooks, (enum scratch_hook_point)point);
    return rc;
}
