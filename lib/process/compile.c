/* SPDX-License-Identifier: MIT */
#include "process/compile.h"
#include "process/seccomp.h"
#include "base/libcap.h"
#include "base/privilege.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILTER_MAX 65535 /* what a struct sock_fprog can count */

static int check(struct builder *b, const struct scratch_process_options *o)
{
    if (!o->argv || !o->argv[0] || !*o->argv[0])
        return error_set(b->err, EINVAL, "command", NULL, "give a command to run");
    if (o->cwd && o->cwd[0] != '/')
        return error_set(b->err, EINVAL, "working directory", o->cwd, "give an absolute path");
    if (b->one_id && o->group_count)
        return error_because(b->err, EINVAL, "supplementary groups", NULL,
                             "only one group is mapped in the user namespace", NULL);
    if (b->one_id && (o->uid != 0 || o->gid != 0))
        return error_because(b->err, EINVAL, "user of the command", NULL,
                             "only id 0 is mapped in the user namespace",
                             "run as 0 inside, which is your own user outside");
    for (const char *const *v = o->env; v && *v; v++)
        if (**v == '=' || !strchr(*v, '='))
            return error_set(b->err, EINVAL, "environment variable", *v, "write NAME=VALUE");
    return 0;
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
    char name[CAPABILITY_NAME];
    libcap_name(__builtin_ctzll(missing), name);
    return error_because(b->err, EPERM, "give the command a capability", name,
                         "the caller does not have it", NULL);
}

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

static void put_ids(struct builder *b, const struct scratch_process_options *o)
{
    uint32_t groups = put_groups(b, o);
    struct step *step = builder_add(b, STEP_IDS, STEP_CONTAINER);
    step->text[0] = groups;
    step->num[0] = o->uid;
    step->num[1] = o->gid;
    step->num[2] = o->uid != 0 && o->ambient != 0;
    step->num[3] = b->one_id; /* setgroups is denied there */
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
                               "HOME=/root", NULL, NULL};
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

int process_compile(struct builder *b, const struct scratch_process_options *o)
{
    uint64_t capabilities = 0;
    int rc = check(b, o);
    if (rc == 0)
        rc = held_capabilities(b, o->capabilities, &capabilities);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < o->rlimit_count; i++) {
        struct step *step = builder_add(b, STEP_RLIMIT, STEP_CONTAINER);
        step->num[0] = (uint64_t)o->rlimits[i].resource;
        step->num[1] = o->rlimits[i].soft;
        step->num[2] = o->rlimits[i].hard;
    }
    /* Without no_new_privs a filter may only be loaded with CAP_SYS_ADMIN. */
    if (o->new_privileges)
        rc = put_seccomp(b, o);
    bool all = o->capabilities == SCRATCH_CAP_ALL;
    if (!all)
        builder_add(b, STEP_BOUNDING, STEP_CONTAINER)->num[0] = capabilities;
    put_ids(b, o);
    if (!all)
        put_capabilities(b, o, capabilities);
    uint32_t cwd = builder_text(b, o->cwd ? o->cwd : "/");
    builder_add(b, STEP_CHDIR, STEP_CONTAINER)->text[0] = cwd;
    if (o->die_with_parent)
        builder_add(b, STEP_DIE_WITH_PARENT, STEP_CONTAINER);
    if (!o->new_privileges) {
        builder_add(b, STEP_NO_NEW_PRIVS, STEP_CONTAINER);
        if (rc == 0)
            rc = put_seccomp(b, o);
    }
    if (o->init && b->namespaces & CLONE_NEWPID)
        builder_add(b, STEP_SUPERVISE, STEP_CONTAINER);
    put_exec(b, o);
    return rc;
}
