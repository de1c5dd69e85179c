/* SPDX-License-Identifier: MIT */
/*
 * "process": config.md, "Process", and what is Linux's of it.
 */
#include "base/error.h"
#include "oci/bundle.h"
#include "step/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_LAST (UINT32_MAX - 1)

/* ---- who it is ------------------------------------------------------------------------------ */

static int read_groups(struct scratch_oci_bundle *bundle, const struct json_in *user)
{
    struct json_in array, item;
    uint64_t id = 0;
    size_t count;
    int rc = oci_array(bundle, user, "additionalGids", &array, &count);
    if (rc < 0 || count == 0)
        return rc;
    gid_t *groups = oci_take(bundle, count, sizeof *groups);
    if (!groups)
        return -ENOMEM;
    for (size_t i = 0; i < count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = json_get_number(&item, ID_LAST, &id, bundle->err);
        groups[i] = (gid_t)id;
    }
    bundle->process.groups = groups;
    bundle->process.group_count = count;
    return rc;
}

static int read_user(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    struct json_in user;
    uint64_t uid = 0, gid = 0, umask = 022;
    if (!json_member(process, "user", &user))
        return 0;
    int rc = json_expect(&user, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_number(bundle, &user, "uid", ID_LAST, &uid);
    if (rc == 0)
        rc = oci_number(bundle, &user, "gid", ID_LAST, &gid);
    if (rc == 0)
        rc = oci_number(bundle, &user, "umask", 0777, &umask);
    bundle->process.uid = (uid_t)uid;
    bundle->process.gid = (gid_t)gid;
    bundle->process.umask = (mode_t)umask;
    return rc < 0 ? rc : read_groups(bundle, &user);
}

/* ---- what it may do ------------------------------------------------------------------------- */

/* A capability that nobody knows is left out, as the specification says. */
static int read_set(struct scratch_oci_bundle *bundle, const struct json_in *sets, const char *name,
                    uint64_t *set)
{
    const char **names = NULL;
    size_t count = 0;
    int rc = oci_texts(bundle, sets, name, &names, &count);
    *set = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        int number = scratch_capability_from_name(names[i], bundle->err);
        if (number >= 0)
            *set |= SCRATCH_CAP(number);
        else if (number != -EINVAL)
            rc = number;
        else
            error_because(oci_warn(bundle), 0, "read the bundle", names[i],
                          "there is no capability of this name: it is left out", NULL);
    }
    return rc;
}

static void warn_of_ambient(struct scratch_oci_bundle *bundle, uint64_t beyond)
{
    char name[32], cause[128];
    for (int number = 0; beyond >> number; number++) {
        if (!(beyond >> number & 1))
            continue;
        scratch_capability_name(number, name, sizeof name);
        snprintf(cause, sizeof cause,
                 "can't raise ambient capability %s: it is not permitted and inheritable", name);
        error_because(oci_warn(bundle), 0, "read the bundle", "process.capabilities.ambient", cause,
                      NULL);
    }
}

static int read_capabilities(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    struct json_in sets;
    struct scratch_process_options *p = &bundle->process;
    p->capabilities = p->ambient = 0;
    p->capability_sets = &bundle->sets;
    if (!json_member(process, "capabilities", &sets))
        return 0;
    int rc = json_expect(&sets, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = read_set(bundle, &sets, "bounding", &p->capabilities);
    if (rc == 0)
        rc = read_set(bundle, &sets, "ambient", &p->ambient);
    if (rc == 0)
        rc = read_set(bundle, &sets, "permitted", &bundle->sets.permitted);
    if (rc == 0)
        rc = read_set(bundle, &sets, "effective", &bundle->sets.effective);
    if (rc == 0)
        rc = read_set(bundle, &sets, "inheritable", &bundle->sets.inheritable);
    if (rc == 0)
        warn_of_ambient(bundle, p->ambient & ~(bundle->sets.permitted & bundle->sets.inheritable));
    return rc;
}

static int read_rlimit(struct scratch_oci_bundle *bundle, const struct json_in *value,
                       struct scratch_rlimit *limit)
{
    const char *type = NULL;
    int rc = json_expect(value, JSON_OBJECT, bundle->err);
    if (rc == 0)
        rc = oci_text(bundle, value, "type", &type);
    if (rc == 0)
        rc = oci_number(bundle, value, "soft", UINT64_MAX, &limit->soft);
    if (rc == 0)
        rc = oci_number(bundle, value, "hard", UINT64_MAX, &limit->hard);
    if (rc < 0)
        return rc;
    limit->resource = type ? names_rlimit_number(type) : -1;
    return limit->resource < 0 ? json_wrong(value, "there is no limit of this type",
                                            "see getrlimit(2)", bundle->err)
                               : 0;
}

static bool has_limit(const struct scratch_rlimit *limits, size_t count, int resource)
{
    for (size_t i = 0; i < count; i++)
        if (limits[i].resource == resource)
            return true;
    return false;
}

static int read_rlimits(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    struct json_in array, item;
    size_t count;
    int rc = oci_array(bundle, process, "rlimits", &array, &count);
    if (rc < 0 || count == 0)
        return rc;
    struct scratch_rlimit *limits = oci_take(bundle, count, sizeof *limits);
    if (!limits)
        return -ENOMEM;
    for (size_t i = 0; i < count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = read_rlimit(bundle, &item, &limits[i]);
        if (rc == 0 && has_limit(limits, i, limits[i].resource))
            rc = json_wrong(&item, "there is another limit of the same type", NULL, bundle->err);
    }
    bundle->process.rlimits = limits;
    bundle->process.rlimit_count = count;
    return rc;
}

static int read_privileges(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    struct scratch_process_options *p = &bundle->process;
    bool no_new_privileges = false;
    int64_t score = SCRATCH_OOM_SCORE_KEEP;
    int rc = read_capabilities(bundle, process);
    if (rc == 0)
        rc = read_rlimits(bundle, process);
    if (rc == 0)
        rc = oci_flag(bundle, process, "noNewPrivileges", &no_new_privileges);
    if (rc == 0)
        rc = oci_text(bundle, process, "apparmorProfile", &p->apparmor_profile);
    if (rc == 0)
        rc = oci_text(bundle, process, "selinuxLabel", &p->selinux_label);
    if (rc == 0)
        rc = oci_signed(bundle, process, "oomScoreAdj", -1000, 1000, &score);
    p->new_privileges = !no_new_privileges;
    p->oom_score_adj = (int)score;
    if (p->apparmor_profile && !*p->apparmor_profile)
        p->apparmor_profile = NULL;
    if (p->selinux_label && !*p->selinux_label)
        p->selinux_label = NULL;
    return rc;
}

/* ---- where it runs -------------------------------------------------------------------------- */

static int read_terminal(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    struct json_in size;
    bool terminal = false;
    uint64_t rows = 0, columns = 0;
    int rc = oci_flag(bundle, process, "terminal", &terminal);
    if (rc < 0 || !terminal)
        return rc;
    if (json_member(process, "consoleSize", &size)) {
        rc = json_expect(&size, JSON_OBJECT, bundle->err);
        if (rc == 0)
            rc = oci_number(bundle, &size, "height", UINT16_MAX, &rows);
        if (rc == 0)
            rc = oci_number(bundle, &size, "width", UINT16_MAX, &columns);
    }
    bundle->terminal.rows = (unsigned short)rows;
    bundle->terminal.columns = (unsigned short)columns;
    bundle->spec.terminal = &bundle->terminal;
    return rc;
}

/* Each name once, with its last value; an empty HOME is none. Returns how many there are. */
static size_t add_variable(const char **env, size_t count, const char *variable)
{
    size_t length = strcspn(variable, "=") + 1, kept = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(env[i], variable, length) != 0)
            env[kept++] = env[i];
    if (strcmp(variable, "HOME=") != 0)
        env[kept++] = variable;
    return kept;
}

/* HOME is asked of passwd(5) where the environment has none; a variable without a value is none. */
static int read_environment(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    const char **env = NULL;
    size_t count = 0, kept = 0;
    int rc = oci_texts(bundle, process, "env", &env, &count);
    if (rc < 0)
        return rc;
    if (!env)
        env = oci_take(bundle, 1, sizeof *env);
    for (size_t i = 0; env && i < count; i++)
        if (*env[i] != '=' && strchr(env[i], '='))
            kept = add_variable(env, kept, env[i]);
        else
            error_because(oci_warn(bundle), 0, "read the bundle", env[i],
                          "it is no environment variable: it is left out", NULL);
    if (env)
        env[kept] = NULL;
    bundle->process.env = env;
    return env ? 0 : -ENOMEM;
}

int oci_read_process(struct scratch_oci_bundle *bundle, const struct json_in *process)
{
    const char **args = NULL;
    size_t count = 0;
    int rc = oci_texts(bundle, process, "args", &args, &count);
    if (rc == 0 && count == 0)
        rc = oci_missing(bundle, process, "args");
    if (rc == 0)
        rc = oci_text(bundle, process, "cwd", &bundle->process.cwd);
    if (rc == 0 && !bundle->process.cwd)
        rc = oci_missing(bundle, process, "cwd");
    if (rc == 0 && *bundle->process.cwd != '/')
        rc = error_set(bundle->err, EINVAL, "read the bundle", bundle->process.cwd,
                       "Cwd must be an absolute path");
    if (rc == 0)
        rc = read_environment(bundle, process);
    if (rc == 0)
        rc = read_user(bundle, process);
    if (rc == 0)
        rc = read_privileges(bundle, process);
    if (rc == 0)
        rc = oci_read_scheduler(bundle, process);
    if (rc == 0)
        rc = oci_read_io_priority(bundle, process);
    bundle->process.argv = args;
    return rc < 0 ? rc : read_terminal(bundle, process);
}
