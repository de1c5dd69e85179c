/* SPDX-License-Identifier: MIT */
#include "process/compile.h"
#include "process/seccomp.h"
#include "base/libcap.h"
#include "base/privilege.h"
#include "step/names.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/oom.h>
#include <linux/prctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILTER_MAX 65535 /* what a struct sock_fprog can count */

/* ---- checks --------------------------------------------------------------------------------- */

/* In a new user namespace there are the ids that are mapped, and no others. */
static int check_id(struct builder *b, const char *what, const struct builder_ids *ids, uint32_t id)
{
    char number[16];
    if (id != UINT32_MAX && (!b->user_namespace || builder_maps(ids, id)))
        return 0;
    snprintf(number, sizeof number, "%u", id);
    if (id == UINT32_MAX)
        return error_because(b->err, EINVAL, what, number, "the kernel takes it for \"no id\"",
                             NULL);
    return error_because(b->err, EINVAL, what, number, "it is not mapped in the user namespace",
                         ids->count ? "use an id that is mapped inside, or map this one"
                                    : "use 0, which is your own id outside");
}

static int check_ids(struct builder *b, const struct scratch_process_options *o)
{
    if (b->user_namespace && !b->ranges && o->group_count)
        return error_because(b->err, EINVAL, "supplementary groups", NULL,
                             "the user namespace has one group", "map a range of groups");
    int rc = check_id(b, "user of the command", &b->uids, o->uid);
    if (rc == 0)
        rc = check_id(b, "group of the command", &b->gids, o->gid);
    for (size_t i = 0; i < o->group_count && rc == 0; i++)
        rc = check_id(b, "supplementary group", &b->gids, o->groups[i]);
    return rc;
}

/* Raising a hard limit needs the host's CAP_SYS_RESOURCE: that of a user namespace is not enough.
 */
static int check_rlimit(struct builder *b, const struct scratch_rlimit *limit)
{
    struct rlimit own;
    char number[16];
    const char *name = names_rlimit(limit->resource);
    snprintf(number, sizeof number, "%d", limit->resource);
    if (strcmp(name, "?") == 0)
        return error_set(b->err, EINVAL, "resource limit", number, "use a RLIMIT_ value");
    if (limit->soft > limit->hard)
        return error_because(b->err, EINVAL, "resource limit", name,
                             "the soft limit is above the hard limit", NULL);
    if (getrlimit(limit->resource, &own) == 0 && limit->hard > own.rlim_max &&
        (b->user_namespace || !privilege_has(CAP_SYS_RESOURCE)))
        return error_because(b->err, EPERM, "resource limit", name,
                             "it is above the caller's own hard limit",
                             "only CAP_SYS_RESOURCE outside any new user namespace may raise it");
    return 0;
}

static int check_rlimits(struct builder *b, const struct scratch_process_options *o)
{
    int rc = 0;
    for (size_t i = 0; i < o->rlimit_count && rc == 0; i++)
        rc = check_rlimit(b, &o->rlimits[i]);
    return rc;
}

static int capability_error(struct builder *b, int errnum, uint64_t set, const char *cause,
                            const char *hint)
{
    char name[CAPABILITY_NAME];
    libcap_name(__builtin_ctzll(set), name);
    return error_because(b->err, errnum, "give the command a capability", name, cause, hint);
}

static int check_privileges(struct builder *b, const struct scratch_process_options *o)
{
    uint64_t beyond = o->ambient & ~o->capabilities;
    if (beyond)
        return capability_error(b, EINVAL, beyond, "it is ambient, but not among the capabilities",
                                "add it to capabilities");
    if (o->new_privileges && o->seccomp != SCRATCH_SECCOMP_NONE && !b->user_namespace &&
        !privilege_has(CAP_SYS_ADMIN))
        return error_because(b->err, EPERM, "load a system call filter", NULL,
                             "without no_new_privs that needs CAP_SYS_ADMIN",
                             "leave new_privileges false, or take no filter");
    return 0;
}

static int check_environment(struct builder *b, const struct scratch_process_options *o)
{
    for (const char *const *v = o->env; v && *v; v++)
        if (**v == '=' || !strchr(*v, '='))
            return error_set(b->err, EINVAL, "environment variable", *v, "write NAME=VALUE");
    return 0;
}

static int check(struct builder *b, const struct scratch_process_options *o)
{
    if (!o->argv || !o->argv[0] || !*o->argv[0])
        return error_set(b->err, EINVAL, "command", NULL, "give a command to run");
    if (o->cwd && o->cwd[0] != '/')
        return error_set(b->err, EINVAL, "working directory", o->cwd, "give an absolute path");
    if (o->oom_score_adj != SCRATCH_OOM_SCORE_KEEP &&
        (o->oom_score_adj < OOM_SCORE_ADJ_MIN || o->oom_score_adj > OOM_SCORE_ADJ_MAX))
        return error_set(b->err, EINVAL, "oom_score_adj", NULL, "give a number from -1000 to 1000");
    if (o->umask & ~0777u)
        return error_set(b->err, EINVAL, "umask", NULL, "give permission bits, such as 022");
    int rc = check_environment(b, o);
    if (rc == 0)
        rc = check_ids(b, o);
    if (rc == 0)
        rc = check_rlimits(b, o);
    return rc < 0 ? rc : check_privileges(b, o);
}

/*
 * A capability that the caller does not have cannot be given. Of the default ones it is left out
 * (this may be a container already); one that was asked for is an error.
 */
static int held_capabilities(struct builder *b, uint64_t asked, uint64_t *held)
{
    *held = b->user_namespace ? asked : asked & privilege_effective();
    uint64_t missing = asked & ~*held & ~SCRATCH_CAP_DEFAULT;
    if (!missing || asked == SCRATCH_CAP_ALL)
        return 0;
    return capability_error(b, EPERM, missing, "the caller does not have it",
                            "run as root, or in a new user namespace");
}

/* ---- steps ---------------------------------------------------------------------------------- */

static uint32_t put_groups(struct builder *b, const struct scratch_process_options *o)
{
    if (!o->group_count)
        return 0;
    uint32_t at =
        block_put(&b->block, NULL, sizeof(struct block_list) + o->group_count * sizeof(uint32_t));
    if (b->block.failed)
        return 0;
    struct block_list *list = (struct block_list *)(b->block.data + at);
    list->count = (uint32_t)o->group_count;
    for (size_t i = 0; i < o->group_count; i++)
        list->text[i] = o->groups[i];
    return at;
}

/* Where setgroups is denied the caller's groups stay; and where the caller stays who it is. */
static bool keeps_groups(const struct builder *b, const struct scratch_process_options *o)
{
    if (b->user_namespace)
        return !b->ranges;
    if (b->nested && !privilege_may_set_groups())
        return true;
    return !privilege_has(CAP_SETGID) && !o->group_count && o->uid == geteuid() &&
           o->gid == getegid();
}

static void put_ids(struct builder *b, const struct scratch_process_options *o)
{
    uint32_t groups = put_groups(b, o);
    struct step *step = builder_add(b, STEP_IDS, STEP_CONTAINER);
    step->text[0] = groups;
    step->num[0] = o->uid;
    step->num[1] = o->gid;
    step->num[2] = o->uid != 0 && o->ambient != 0;
    step->num[3] = keeps_groups(b, o);
}

static void put_capabilities(struct builder *b, const struct scratch_process_options *o,
                             uint64_t bounding)
{
    bool root = o->uid == 0;
    uint64_t ambient = o->ambient & bounding;
    struct step *step = builder_add(b, STEP_CAPABILITIES, STEP_CONTAINER);
    step->num[0] = root ? bounding : ambient;
    step->num[1] = ambient;
    step->num[2] = ambient;
}

static int put_seccomp(struct builder *b, const struct scratch_process_options *o)
{
    const struct sock_filter *filter = o->filter;
    size_t count = o->filter_count;
    struct sock_filter *built = NULL;
    if (o->seccomp == SCRATCH_SECCOMP_NONE)
        return 0;
    if (o->seccomp == SCRATCH_SECCOMP_DEFAULT) {
        int rc = seccomp_default_filter(o->capabilities, &filter, &count, &built, b->err);
        if (rc < 0)
            return rc;
    }
    if (!filter || count == 0 || count > FILTER_MAX) {
        free(built);
        return error_set(b->err, EINVAL, "system call filter", NULL,
                         "give 1 to 65535 instructions of struct sock_filter");
    }
    uint32_t at = block_put(&b->block, filter, count * sizeof *filter);
    free(built);
    struct step *step = builder_add(b, STEP_SECCOMP, STEP_CONTAINER);
    step->text[0] = at;
    step->num[0] = count;
    return 0;
}

static void put_exec(struct builder *b, const struct scratch_process_options *o)
{
    char term[64];
    const char *standard[4] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                               o->uid == 0 ? "HOME=/root" : "HOME=/", NULL, NULL};
    const char *outer = getenv("TERM");
    if (outer && *outer && strlen(outer) < sizeof term - 5) {
        snprintf(term, sizeof term, "TERM=%s", outer);
        standard[2] = term;
    }
    uint32_t argv = builder_list(b, o->argv, BLOCK_TO_NULL);
    uint32_t env = builder_list(b, o->env ? o->env : standard, BLOCK_TO_NULL);
    struct step *step = builder_add(b, STEP_EXEC, STEP_CONTAINER);
    step->text[0] = argv;
    step->text[1] = env;
    step->num[0] = o->umask & 0777;
}

static void put_rlimits(struct builder *b, const struct scratch_process_options *o)
{
    for (size_t i = 0; i < o->rlimit_count; i++) {
        struct step *step = builder_add(b, STEP_RLIMIT, STEP_CONTAINER);
        step->num[0] = (uint64_t)o->rlimits[i].resource;
        step->num[1] = o->rlimits[i].soft;
        step->num[2] = o->rlimits[i].hard;
    }
}

/*
 * Without no_new_privs a filter may only be loaded with CAP_SYS_ADMIN: then it comes before the
 * capabilities go. Else it comes as late as it can, so that it need not allow what leads to it.
 */
static int put_privileges(struct builder *b, const struct scratch_process_options *o,
                          uint64_t capabilities)
{
    int rc = o->new_privileges ? put_seccomp(b, o) : 0;
    if (rc < 0)
        return rc;
    if (o->capabilities != SCRATCH_CAP_ALL)
        builder_add(b, STEP_BOUNDING, STEP_CONTAINER)->num[0] = capabilities;
    put_ids(b, o);
    put_capabilities(b, o, capabilities);
    uint32_t cwd = builder_text(b, o->cwd ? o->cwd : "/");
    builder_add(b, STEP_CHDIR, STEP_CONTAINER)->text[0] = cwd;
    if (o->die_with_parent) /* after the ids: a change of them clears it */
        builder_add(b, STEP_DIE_WITH_PARENT, STEP_CONTAINER);
    if (o->new_privileges)
        return 0;
    builder_add(b, STEP_NO_NEW_PRIVS, STEP_CONTAINER);
    return put_seccomp(b, o);
}

int process_compile_begin(struct builder *b, const struct scratch_process_options *o)
{
    char number[16];
    if (o->oom_score_adj != SCRATCH_OOM_SCORE_KEEP) {
        snprintf(number, sizeof number, "%d", o->oom_score_adj);
        uint32_t text = builder_text(b, number);
        builder_add(b, STEP_OOM_SCORE, STEP_CONTAINER)->text[0] = text;
    }
    builder_add(b, STEP_HIDE, STEP_CONTAINER);
    return 0;
}

/* The slot of the process that the command ends with, -1 when there is none, or -errno. */
static int put_follow(struct builder *b, const struct scratch_process_options *o, int *slot)
{
    *slot = -1;
    if (o->follow_pidfd < 0)
        return 0;
    int fd = fcntl(o->follow_pidfd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return error_call(b->err, errno, "fcntl(2)", "follow a process", NULL,
                          "give a pidfd: pidfd_open(2)");
    *slot = builder_fd(b, fd);
    return *slot < 0 ? *slot : 0;
}

static int put_supervise(struct builder *b, const struct scratch_process_options *o)
{
    int slot, rc = put_follow(b, o, &slot);
    struct step *step = builder_add(b, STEP_SUPERVISE, STEP_CONTAINER);
    step->fd[0] = (int16_t)slot;
    step->num[0] = (b->namespaces & CLONE_NEWPID) != 0;
    return rc;
}

int process_compile_apart(struct builder *b, const struct scratch_process_options *o)
{
    if (o->die_with_parent) /* the child will have its own, which is about this process */
        builder_add(b, STEP_DIE_WITH_PARENT, STEP_CONTAINER);
    return put_supervise(b, o);
}

/* scratch-init stays as pid 1, or to see that the command ends when another process does. */
static bool is_supervised(const struct builder *b, const struct scratch_process_options *o)
{
    if (b->joined & CLONE_NEWPID)
        return false; /* it is already */
    return o->follow_pidfd >= 0 || (o->init && b->namespaces & CLONE_NEWPID);
}

int process_compile(struct builder *b, const struct scratch_process_options *o)
{
    uint64_t capabilities = 0;
    int rc = check(b, o);
    if (rc == 0)
        rc = held_capabilities(b, o->capabilities, &capabilities);
    if (rc < 0)
        return rc;
    put_rlimits(b, o);
    rc = put_privileges(b, o, capabilities);
    if (rc == 0 && is_supervised(b, o))
        rc = put_supervise(b, o);
    put_exec(b, o);
    return rc;
}
