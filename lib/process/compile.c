/* SPDX-License-Identifier: MIT */
#include "process/compile.h"
#include "process/account.h"
#include "process/seccomp.h"
#include "base/capability.h"
#include "base/privilege.h"
#include "step/names.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/limits.h>
#include <linux/oom.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILTER_MAX 65535 /* what a struct sock_fprog can count */

bool process_known_ids(const struct scratch_process_options *o, uint32_t *uid, uint32_t *gid)
{
    struct account_word user, group;
    *uid = o->uid;
    *gid = o->gid;
    if (!o->user)
        return true;
    *gid = 0;
    return account_split(o->user, &user, &group) && account_number(user, uid) &&
           (group.length == 0 || account_number(group, gid));
}

/* ---- checks --------------------------------------------------------------------------------- */

/* "0, 1000 to 1999" */
static void write_ids(char *text, size_t size, const struct builder_ids *ids)
{
    size_t at = 0;
    snprintf(text, size, "0");
    for (size_t i = 0; i < ids->count && at + 1 < size; i++) {
        uint32_t first = ids->map[i].inside, last = first + ids->map[i].count - 1;
        at += (size_t)snprintf(text + at, size - at, first == last ? "%s%u" : "%s%u to %u",
                               i ? ", " : "", first, last);
    }
}

/* In a new user namespace there are the ids that are mapped, and no others. */
static int check_id(struct builder *b, const char *what, const struct builder_ids *ids, uint32_t id)
{
    char number[16], there[160];
    if (id != UINT32_MAX && (!b->user_namespace || builder_maps(ids, id)))
        return 0;
    snprintf(number, sizeof number, "%u", id);
    if (id == UINT32_MAX)
        return error_because(b->err, EINVAL, what, number, "the kernel takes it for \"no id\"",
                             NULL);
    write_ids(there, sizeof there, ids);
    error_because(b->err, EINVAL, what, number, NULL,
                  ids->count ? "use an id that is mapped inside, or map this one"
                             : "use 0, which is your own id outside");
    if (b->err)
        error_write(b->err->cause, "it is not mapped in the user namespace, which has %s", there);
    return -EINVAL;
}

/* What is written as a number is checked here; names are looked up inside. */
static int check_word(struct builder *b, const char *what, const struct builder_ids *ids,
                      struct account_word word)
{
    char text[64];
    uint32_t id;
    if (account_number(word, &id))
        return check_id(b, what, ids, id);
    if (!account_is_number(word))
        return 0;
    snprintf(text, sizeof text, "%.*s", (int)word.length, word.text);
    return error_because(b->err, EINVAL, what, text, "it is not an id: those end at 4294967294",
                         NULL);
}

static int check_user(struct builder *b, const struct scratch_process_options *o)
{
    struct account_word user, group;
    int rc = 0;
    if (!account_split(o->user, &user, &group) || strpbrk(o->user, "\n,"))
        return error_set(b->err, EINVAL, "user of the command", o->user,
                         "write USER or USER:GROUP, names or numbers");
    if (o->uid || o->gid || o->group_count)
        return error_because(b->err, EINVAL, "user of the command", o->user,
                             "ids are given as numbers, too", "leave out one of the two");
    rc = check_word(b, "user of the command", &b->uids, user);
    if (rc == 0 && group.text)
        rc = check_word(b, "group of the command", &b->gids, group);
    for (size_t i = 0; i < o->group_name_count && rc == 0; i++) {
        const char *name = o->group_names[i];
        rc = check_word(b, "supplementary group", &b->gids,
                        (struct account_word){name, strlen(name)});
        if (rc == 0 && (!*name || strpbrk(name, ":\n,")))
            rc = error_set(b->err, EINVAL, "supplementary group", name, "give a name or a number");
    }
    return rc;
}

static int check_ids(struct builder *b, const struct scratch_process_options *o)
{
    if (b->user_namespace && !b->ranges && o->group_name_count)
        return error_because(b->err, EINVAL, "supplementary groups", NULL,
                             "the user namespace has one group", "map a range of groups");
    if (o->group_name_count && !o->user)
        return error_set(b->err, EINVAL, "supplementary group", o->group_names[0],
                         "names of groups need a user, such as \"0\"");
    if (o->user)
        return check_user(b, o);
    if (b->user_namespace && !b->ranges && o->group_count)
        return error_because(b->err, EINVAL, "supplementary groups", NULL,
                             "the user namespace has one group", "map a range of groups");
    if (o->group_count > NGROUPS_MAX)
        return error_because(b->err, EINVAL, "supplementary groups", NULL,
                             "they are more than the 65536 that a process can have", NULL);
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
        (b->user_namespace || !builder_has(b, CAP_SYS_RESOURCE)))
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
    capability_name(__builtin_ctzll(set), name);
    return error_because(b->err, errnum, "give the command a capability", name, cause, hint);
}

static int check_privileges(struct builder *b, const struct scratch_process_options *o)
{
    uint64_t beyond = o->ambient & ~o->capabilities;
    if (beyond && !o->capability_sets)
        return capability_error(b, EINVAL, beyond, "it is ambient, but not among the capabilities",
                                "add it to capabilities");
    bool restricted = o->landlock_count || o->landlock_port_count;
    if (o->new_privileges && restricted && !b->user_namespace && !builder_has(b, CAP_SYS_ADMIN))
        return error_because(b->err, EPERM, "restrict with Landlock", NULL,
                             "without no_new_privs that needs CAP_SYS_ADMIN",
                             "leave new_privileges false, or give no rules");
    if (o->new_privileges && o->seccomp != SCRATCH_SECCOMP_NONE && !b->user_namespace &&
        !builder_has(b, CAP_SYS_ADMIN))
        return error_because(b->err, EPERM, "load a system call filter", NULL,
                             "without no_new_privs that needs CAP_SYS_ADMIN",
                             "leave new_privileges false, or take no filter");
    return 0;
}

/* A filter that is given is loaded, or it is an error: never is another one in its place. */
static int check_filter(struct builder *b, const struct scratch_process_options *o)
{
    static const char what[] = "system call filter";
    if (o->seccomp > SCRATCH_SECCOMP_PROFILE)
        return error_set(b->err, EINVAL, what, NULL, "use one of enum scratch_seccomp");
    if ((o->seccomp_profile && o->seccomp != SCRATCH_SECCOMP_PROFILE) ||
        (o->filter && o->seccomp != SCRATCH_SECCOMP_FILTER))
        return error_because(b->err, EINVAL, what, o->seccomp_profile,
                             "it is given, and another one asked for",
                             "set seccomp to the one of enum scratch_seccomp that goes with it");
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
    bool waits = b->start_socket >= 0; /* what has nothing to run may be there until it is to */
    if (!o->argv || (o->argv[0] ? !*o->argv[0] : !waits))
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
        rc = check_filter(b, o);
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
static void warn_of_missing(struct builder *b, uint64_t missing)
{
    char name[CAPABILITY_NAME];
    capability_name(__builtin_ctzll(missing), name);
    error_because(builder_warn(b), 0, "give the command its capabilities", name,
                  "the caller does not have it, and maybe others: they are left out", NULL);
}

static int held_capabilities(struct builder *b, uint64_t asked, bool sets, uint64_t *held)
{
    *held = b->user_namespace ? asked : asked & b->effective;
    uint64_t missing = asked & ~*held & ~SCRATCH_CAP_DEFAULT;
    if (!missing || asked == SCRATCH_CAP_ALL)
        return 0;
    if (sets) {
        warn_of_missing(b, missing);
        return 0;
    }
    return capability_error(b, EPERM, missing, "the caller does not have it",
                            "run as root, or in a new user namespace");
}

/* scratch-init stays as pid 1, or to see that the command ends when another process does. */
static bool is_supervised(const struct builder *b, const struct scratch_process_options *o)
{
    if (builder_enters_pids(b))
        return false; /* it is already */
    return o->follow_pidfd >= 0 || (o->init && b->namespaces & CLONE_NEWPID);
}

bool process_is_supervised(const struct builder *b, const struct scratch_process_options *o)
{
    return builder_enters_pids(b) || is_supervised(b, o);
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

static void put_user(struct builder *b, const struct scratch_process_options *o)
{
    uint32_t user = builder_text(b, o->user);
    uint32_t groups = builder_list(b, o->group_names, o->group_name_count);
    struct step *step = builder_add(b, STEP_USER, STEP_CONTAINER);
    step->text[0] = user;
    step->text[1] = groups;
}

/* Where setgroups is denied the caller's groups stay; and where the caller stays who it is. */
static bool keeps_groups(const struct builder *b, const struct scratch_process_options *o)
{
    if (o->keep_groups)
        return true;
    if (b->user_namespace)
        return !b->ranges;
    if (b->nested && !privilege_may_set_groups())
        return true;
    return !builder_has(b, CAP_SETGID) && !o->user && !o->group_count && o->uid == geteuid() &&
           o->gid == getegid();
}

static void put_ids(struct builder *b, const struct scratch_process_options *o)
{
    uint32_t groups = put_groups(b, o), user = builder_text(b, o->user);
    struct step *step = builder_add(b, STEP_IDS, STEP_CONTAINER);
    step->text[0] = groups;
    step->text[1] = user;
    step->num[0] = o->uid;
    step->num[1] = o->gid;
    step->num[2] =
        (o->uid != 0 || o->user) &&
        (o->ambient != 0 ||
         (o->capability_sets && (o->capability_sets->permitted | o->capability_sets->inheritable)));
    step->num[3] = keeps_groups(b, o);
    step->num[4] = !b->user_namespace;
}

/*
 * The kernel has rules of its own: what is ambient is inheritable and permitted, and what is
 * effective is permitted. What breaks them is cut down to what they allow.
 */
static void put_sets(struct builder *b, const struct scratch_process_options *o, uint64_t bounding)
{
    uint64_t held = b->user_namespace ? UINT64_MAX : privilege_effective();
    uint64_t permitted = o->capability_sets->permitted & held;
    uint64_t inheritable = o->capability_sets->inheritable & held & bounding;
    struct step *step = builder_add(b, STEP_CAPABILITIES, STEP_CONTAINER);
    step->num[0] = permitted;
    step->num[1] = inheritable;
    step->num[2] = o->ambient & permitted & inheritable;
    step->num[4] = permitted & ~o->capability_sets->effective;
}

static void put_capabilities(struct builder *b, const struct scratch_process_options *o,
                             uint64_t bounding)
{
    if (o->capability_sets) {
        put_sets(b, o, bounding);
        return;
    }
    bool root = o->uid == 0; /* or a name, of which it is not known yet */
    uint64_t ambient = o->ambient & bounding;
    struct step *step = builder_add(b, STEP_CAPABILITIES, STEP_CONTAINER);
    step->num[0] = root ? bounding : ambient;
    step->num[1] = ambient;
    step->num[2] = ambient;
    step->num[3] = o->user != NULL;
}

/* libscratch's own filter allows what scratch-init calls; another may forbid it, or ask about it.
 */
static bool seccomp_is_foreign(const struct scratch_process_options *o)
{
    return o->seccomp == SCRATCH_SECCOMP_FILTER || o->seccomp == SCRATCH_SECCOMP_PROFILE;
}

/* What is to be loaded. *built is to be freed. */
static int find_filter(struct builder *b, const struct scratch_process_options *o,
                       uint64_t capabilities, struct seccomp_program *program,
                       struct sock_filter **built)
{
    const struct sock_filter *filter;
    *built = NULL;
    *program =
        (struct seccomp_program){(struct sock_filter *)o->filter, o->filter_count, o->filter_flags};
    if (o->seccomp == SCRATCH_SECCOMP_DEFAULT) {
        program->flags = 0;
        int rc = seccomp_default_filter(o->capabilities, &filter, &program->count, built, b->err);
        program->filter = (struct sock_filter *)filter;
        return rc;
    }
    if (o->seccomp == SCRATCH_SECCOMP_PROFILE) {
        if (!o->seccomp_profile || !*o->seccomp_profile)
            return error_set(b->err, EINVAL, "system call profile", NULL, "give its path");
        int rc = seccomp_from_file(o->seccomp_profile, capabilities, program, b->err);
        *built = rc == 0 ? program->filter : NULL;
        return rc;
    }
    if (!program->filter || program->count == 0 || program->count > FILTER_MAX)
        return error_set(b->err, EINVAL, "system call filter", NULL,
                         "give 1 to 65535 instructions of struct sock_filter");
    return 0;
}

/*
 * Whoever answers shall not be asked again because a signal came in between: since Linux 5.19 only
 * a deadly one does that, when asked for.
 */
static int check_flags(struct builder *b, const struct scratch_process_options *o,
                       struct seccomp_program *program)
{
    bool listens = program->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
    if (!listens)
        program->flags &= ~SECCOMP_WAIT_KILLABLE;
    else if (seccomp_flags_known(program->flags | SECCOMP_WAIT_KILLABLE))
        program->flags |= SECCOMP_WAIT_KILLABLE;
    if (program->flags && !seccomp_flags_known(program->flags))
        return error_because(b->err, EINVAL, "load a system call filter", NULL,
                             "this kernel does not know one of its flags",
                             "leave out SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV before Linux 5.19");
    if (listens && o->new_privileges && is_supervised(b, o))
        return error_because(b->err, EINVAL, "load a system call filter that asks", NULL,
                             "pid 1 would be asked about as well, with new_privileges",
                             "leave new_privileges or init false");
    return 0;
}

static int put_seccomp(struct builder *b, const struct scratch_process_options *o,
                       uint64_t capabilities, enum seccomp_time time)
{
    struct seccomp_program program;
    struct sock_filter *built;
    if (o->seccomp == SCRATCH_SECCOMP_NONE)
        return 0;
    int rc = find_filter(b, o, capabilities, &program, &built);
    if (rc == 0)
        rc = check_flags(b, o, &program);
    if (rc < 0) {
        free(built);
        return rc;
    }
    uint32_t at = block_put(&b->block, program.filter, program.count * sizeof *program.filter);
    free(built);
    struct step *step = builder_add(b, STEP_SECCOMP, STEP_CONTAINER);
    step->text[0] = at;
    step->num[0] = program.count;
    step->num[1] = program.flags;
    step->num[2] = time;
    return 0;
}

static bool has_home(const struct scratch_process_options *o)
{
    for (const char *const *v = o->env; v && *v; v++)
        if (strncmp(*v, "HOME=", 5) == 0)
            return true;
    return false;
}

/* Whose home it is, when nothing says so but a number: where that is not found, nobody's. */
static void put_home(struct builder *b, const struct scratch_process_options *o)
{
    char user[32];
    snprintf(user, sizeof user, "%u:%u", o->uid, o->gid);
    uint32_t text = builder_text(b, user);
    struct step *step = builder_add(b, STEP_USER, STEP_CONTAINER);
    step->text[0] = text;
    step->flags = STEP_BEST_EFFORT;
}

void process_compile_look_up(struct builder *b, const struct scratch_process_options *o)
{
    uint32_t argv = builder_list(b, o->argv, BLOCK_TO_NULL);
    uint32_t env = builder_list(b, o->env, BLOCK_TO_NULL);
    struct step *step = builder_add(b, STEP_LOOK_UP, STEP_CONTAINER);
    step->text[0] = argv;
    step->text[1] = env;
}

void process_compile_exec(struct builder *b, const struct scratch_process_options *o)
{
    char term[64];
    const char *standard[4] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    const char *outer = getenv("TERM");
    size_t count = 1;
    if (!o->user)
        standard[count++] = o->uid == 0 ? "HOME=/root" : "HOME=/";
    if (outer && *outer && strlen(outer) < sizeof term - 5) {
        snprintf(term, sizeof term, "TERM=%s", outer);
        standard[count] = term;
    }
    uint32_t argv = builder_list(b, o->argv, BLOCK_TO_NULL);
    uint32_t env = builder_list(b, o->env ? o->env : standard, BLOCK_TO_NULL);
    struct step *step = builder_add(b, STEP_EXEC, STEP_CONTAINER);
    step->text[0] = argv;
    step->text[1] = env;
    step->num[0] = o->umask & 0777;
    step->num[1] = o->user != NULL || (o->find_home && !has_home(o));
}

/*
 * A limit that is lowered is the command's alone: pid 1 has files to open, and a log to write. One
 * that is raised has to be while there is the privilege; a filter that comes early may forbid it.
 */
static bool is_lowered(const struct scratch_process_options *o, const struct scratch_rlimit *limit)
{
    struct rlimit own;
    bool filtered = o->new_privileges && seccomp_is_foreign(o);
    return !filtered && getrlimit(limit->resource, &own) == 0 && limit->hard <= own.rlim_max;
}

static void put_rlimits(struct builder *b, const struct scratch_process_options *o, bool lowered)
{
    for (size_t i = 0; i < o->rlimit_count; i++) {
        if (is_lowered(o, &o->rlimits[i]) != lowered)
            continue;
        struct step *step = builder_add(b, STEP_RLIMIT, STEP_CONTAINER);
        step->num[0] = (uint64_t)o->rlimits[i].resource;
        step->num[1] = o->rlimits[i].soft;
        step->num[2] = o->rlimits[i].hard;
    }
}

/*
 * Without no_new_privs a filter may only be loaded with CAP_SYS_ADMIN: then it comes before the
 * capabilities go. Else it comes as late as it can, so that it need not allow what leads to it: one
 * that is not libscratch's own, after pid 1 has gone its own way.
 */
static int put_privileges(struct builder *b, const struct scratch_process_options *o,
                          uint64_t capabilities)
{
    int rc = o->new_privileges ? process_compile_landlock(b, o) : 0;
    if (rc == 0 && o->new_privileges)
        rc = put_seccomp(b, o, capabilities, SECCOMP_AT_ONCE);
    if (rc < 0)
        return rc;
    if (o->capabilities != SCRATCH_CAP_ALL)
        builder_add(b, STEP_BOUNDING, STEP_CONTAINER)->num[0] = capabilities;
    uint32_t cwd = builder_text(b, o->cwd ? o->cwd : "/");
    if (o->early_cwd) {
        struct step *step = builder_add(b, STEP_CHDIR, STEP_CONTAINER);
        step->text[0] = cwd;
        step->num[0] = CHDIR_EARLY;
    }
    put_ids(b, o);
    put_capabilities(b, o, capabilities);
    struct step *step = builder_add(b, STEP_CHDIR, STEP_CONTAINER);
    step->text[0] = cwd;
    step->num[0] = o->early_cwd ? CHDIR_AGAIN : CHDIR_ONCE;
    if (o->die_with_parent) /* after the ids: a change of them clears it */
        builder_add(b, STEP_DIE_WITH_PARENT, STEP_CONTAINER);
    if (o->new_privileges)
        return 0;
    builder_add(b, STEP_NO_NEW_PRIVS, STEP_CONTAINER);
    rc = process_compile_landlock(b, o);
    return rc < 0 || seccomp_is_foreign(o) ? rc : put_seccomp(b, o, capabilities, SECCOMP_AT_ONCE);
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
    return o->schedule ? process_compile_affinity(b, o->schedule->cpus_before) : 0;
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
    step->fd[1] = (int16_t)b->exit_file;
    step->num[0] = (b->namespaces & CLONE_NEWPID) != 0;
    step->num[1] = b->terminal && b->log < 0;
    if (b->terminal)
        builder_add(b, STEP_FOREGROUND, STEP_CONTAINER);
    return rc;
}

/* The end of its parent, which ends with the caller, is the command's own only if that is pid 1. */
static int put_supervised(struct builder *b, const struct scratch_process_options *o)
{
    int rc = put_supervise(b, o);
    if (rc == 0 && o->die_with_parent && !(b->namespaces & CLONE_NEWPID))
        builder_add(b, STEP_DIE_WITH_PARENT, STEP_CONTAINER);
    return rc;
}

int process_compile_apart(struct builder *b, const struct scratch_process_options *o)
{
    if (!o->init && o->follow_pidfd < 0) { /* nobody has to stay outside */
        builder_add(b, STEP_SPAWN, STEP_CONTAINER);
        return 0;
    }
    if (o->die_with_parent) /* the child will have its own, which is about this process */
        builder_add(b, STEP_DIE_WITH_PARENT, STEP_CONTAINER);
    return put_supervise(b, o);
}

int process_compile_confine(struct builder *b, const struct scratch_process_options *o, bool hooks)
{
    uint64_t capabilities = 0;
    int rc = check(b, o);
    if (rc == 0)
        rc = held_capabilities(b, o->capabilities, o->capability_sets, &capabilities);
    if (rc < 0)
        return rc;
    if (o->user)
        put_user(b, o);
    else if (o->find_home && !has_home(o))
        put_home(b, o);
    if (o->new_keyring) {
        struct step *step = builder_add(b, STEP_KEYRING, STEP_CONTAINER);
        step->text[0] = SLOT_TEXT(SLOT_ID);
        step->flags = STEP_BEST_EFFORT;
    }
    if (o->new_session && !b->terminal)
        builder_add(b, STEP_SESSION, STEP_CONTAINER)->num[0] = 1;
    process_compile_schedule(b, o);
    rc = o->schedule ? process_compile_affinity(b, o->schedule->cpus) : 0;
    if (rc < 0)
        return rc;
    put_rlimits(b, o, false);
    rc = put_privileges(b, o, capabilities);
    if (rc == 0 && is_supervised(b, o))
        rc = put_supervised(b, o);
    put_rlimits(b, o, true);
    if (rc == 0 && seccomp_is_foreign(o) && !o->new_privileges)
        rc = put_seccomp(b, o, capabilities, hooks ? SECCOMP_BEFORE_HOOKS : SECCOMP_BEFORE_EXEC);
    return rc;
}

int process_compile(struct builder *b, const struct scratch_process_options *o)
{
    int rc = process_compile_confine(b, o, false);
    if (rc == 0)
        process_compile_exec(b, o);
    return rc;
}
