/* SPDX-License-Identifier: MIT */
/*
 * scratchctl exec: a process more in a running container.
 */
#include "cli/environment.h"
#include "cli/foreground.h"
#include "cli/globals.h"
#include "cli/kept.h"
#include "cli/oci.h"
#include "cli/pool.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "cli/values.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What an option that may be given more than once was given. */
struct list {
    const char **item; /* ends with NULL */
    size_t count;
};

struct arguments {
    struct pool pool;
    struct oci_create told; /* pid_file, console_socket, detach, preserve_fds */
    const char *process;    /* a file */
    const char *user, *cwd, *apparmor, *label;
    struct list env, caps, groups, cgroups;
    bool tty, interactive, no_new_privileges, ignore_paused;
};

/* ---- what to run ---------------------------------------------------------------------------- */

struct execution {
    struct arguments *a;
    scratch_container *container;
    scratch_oci_bundle *bundle; /* or NULL: it was not a bundle's */
    struct scratch_process_options process;
    struct scratch_capability_sets sets;
    struct scratch_terminal_options terminal;
    struct scratch_exec_options options;
};

static const char *const *join_lists(struct pool *pool, const char *const *own,
                                     const char *const *more, size_t count)
{
    size_t length = 0;
    while (own && own[length])
        length++;
    const char **list = pool_take(pool, length + count + 1, sizeof *list);
    for (size_t i = 0; i < length; i++)
        list[i] = own[i];
    for (size_t i = 0; i < count; i++)
        list[length + i] = more[i];
    return list;
}

/* As in a bundle, one that is not known here is left out. */
static int add_capabilities(struct execution *e, struct scratch_error *err)
{
    for (size_t i = 0; i < e->a->caps.count; i++) {
        int number = scratch_capability_from_name(e->a->caps.item[i], err);
        if (number == -EINVAL && e->bundle) {
            report_warning(err);
            continue;
        }
        if (number < 0)
            return number;
        e->process.capabilities |= SCRATCH_CAP(number);
        e->sets.permitted |= SCRATCH_CAP(number);
        e->sets.effective |= SCRATCH_CAP(number);
        if (e->sets.inheritable) /* as runc: where the kernel lets it be so */
            e->process.ambient |= SCRATCH_CAP(number);
    }
    return 0;
}

/* "1000", "1000:1000" are numbers of the container; names are looked up in it. */
static void take_user_of(struct execution *e)
{
    e->process.uid = 0;
    e->process.gid = 0;
    e->process.groups = NULL;
    e->process.group_count = 0;
    e->process.user = e->a->user;
    e->options.inherit &= ~(unsigned)SCRATCH_EXEC_USER;
}

static int apply(struct execution *e, char **command, struct scratch_error *err)
{
    const struct arguments *a = e->a;
    struct scratch_process_options *p = &e->process;
    if (*command)
        p->argv = (const char *const *)command;
    if (a->cwd)
        p->cwd = a->cwd;
    if (a->user)
        take_user_of(e);
    if (a->groups.count) {
        p->user = p->user ? p->user : "0:0";
        p->group_names = a->groups.item;
        p->group_name_count = a->groups.count;
    }
    if (a->apparmor)
        p->apparmor_profile = a->apparmor;
    if (a->label)
        p->selinux_label = a->label;
    if (a->no_new_privileges)
        p->new_privileges = false;
    return add_capabilities(e, err);
}

/* The process of the configuration, or of a file in its place. */
static int load_bundle(struct execution *e, const struct scratch_container_state *state,
                       struct scratch_error *err)
{
    struct scratch_oci_options o = SCRATCH_OCI_OPTIONS_INIT;
    o.bundle = state->bundle;
    o.text = state->data;
    o.process = e->a->process;
    o.process_only = true;
    int rc = scratch_oci_load(&o, &e->bundle, err);
    if (rc < 0)
        return rc;
    const struct scratch_spec *spec = scratch_oci_spec(e->bundle);
    e->process = *spec->process;
    if (e->process.capability_sets)
        e->sets = *e->process.capability_sets;
    e->process.capability_sets = &e->sets;
    e->process.make_cwd = false;
    if (spec->terminal && (e->a->process || e->a->tty))
        e->terminal = *spec->terminal;
    e->a->tty = e->a->tty || (e->a->process && spec->terminal);
    e->options.inherit = SCRATCH_EXEC_CONFINEMENT;
    return 0;
}

static int prepare(struct execution *e, const char *id, char **command, struct scratch_error *err)
{
    struct scratch_container_state state = SCRATCH_CONTAINER_STATE_INIT;
    int rc = kept_open(id, &e->container, &state, err);
    if (rc < 0)
        return rc;
    e->process = (struct scratch_process_options)SCRATCH_PROCESS_OPTIONS_INIT;
    e->terminal = (struct scratch_terminal_options)SCRATCH_TERMINAL_OPTIONS_INIT;
    e->options = (struct scratch_exec_options)SCRATCH_EXEC_OPTIONS_INIT;
    if (state.bundle && state.data)
        rc = load_bundle(e, &state, err);
    if (rc == 0)
        rc = apply(e, command, err);
    e->process.init = false;
    e->process.die_with_parent = !e->a->told.detach && !e->bundle;
    e->options.process = &e->process;
    e->options.ignore_paused = e->a->ignore_paused;
    e->options.listen = e->bundle && scratch_oci_listener(e->bundle, NULL);
    if (e->a->cgroups.count)
        e->options.cgroups = e->a->cgroups.item;
    e->terminal.plain_lines = e->bundle && !e->a->told.detach && !isatty(STDOUT_FILENO);
    if (e->a->tty)
        e->options.terminal = &e->terminal;
    return rc;
}

/* ---- running it ----------------------------------------------------------------------------- */

static int start(void *data, const struct winsize *size, scratch_container **process,
                 struct scratch_error *err)
{
    struct execution *e = data;
    struct scratch_start_options options = SCRATCH_START_OPTIONS_INIT;
    struct oci_listen listen;
    int fds[OCI_FDS_MAX];
    options.window = size;
    options.fds = fds;
    options.fd_count = oci_gather_fds(e->a->told.preserve_fds, fds);
    options.env =
        join_lists(&e->a->pool, oci_listen_variables(&listen), e->a->env.item, e->a->env.count);
    int rc = scratch_container_exec(e->container, &e->options, &options, process, err);
    if (rc < 0)
        return rc;
    rc = oci_tell(*process, &e->a->told, e->a->tty, err);
    if (rc == 0 && e->bundle)
        rc = oci_send_listener(e->bundle, e->container, *process, err);
    if (rc < 0) {
        scratch_container_signal(*process, 9, NULL);
        scratch_container_wait(*process, NULL);
        scratch_container_free(*process);
    }
    return rc;
}

/* Engines hold the other end of a terminal, or are one themselves. */
static int check_terminal(const struct arguments *a, bool bundle, struct scratch_error *err)
{
    if (!a->tty || a->told.console_socket)
        return 0;
    if (!a->told.detach)
        return a->interactive && !bundle ? terminal_check_keys(err) : 0;
    usage_error(err, NULL, "leave out -t, or -d",
                "nobody would have it: cannot allocate tty if runc will detach without setting "
                "console socket");
    snprintf(err->what, sizeof err->what, "terminal");
    return -err->errnum;
}

static int detach(struct execution *e, struct scratch_error *err)
{
    scratch_container *process;
    int rc = start(e, NULL, &process, err);
    if (rc == 0)
        scratch_container_free(process);
    return rc;
}

/* Returns the command's status, or -errno. */
static int execute(struct execution *e, struct scratch_error *err)
{
    const struct foreground f = {
        .terminal = e->a->tty,
        .interactive = e->a->interactive || e->bundle,
        .answered = e->options.listen,
        .start = start,
        .data = e,
    };
    int rc = check_terminal(e->a, e->bundle, err);
    if (rc < 0)
        return rc;
    return e->a->told.detach ? detach(e, err) : foreground_stay(&f, err);
}

/*
 * 126 and 127 as a shell has them; where it was no fault of the command, that of all commands. For
 * engines, whose containers have a bundle, and who have a directory of records or a file for the
 * process, 255 whatever it was, as with runc.
 */
static int failed(const struct execution *e, struct scratch_error *err)
{
    bool command = strcmp(err->call, "execve(2)") == 0;
    int errnum = err->errnum;
    oci_failed(err);
    if (e->bundle || e->a->process || globals.root)
        return 255;
    if (!command)
        return STATUS_OWN;
    return errnum == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN;
}

static int run_exec(const struct command *self, char **argv)
{
    struct arguments a = {.process = NULL};
    struct execution e = {.a = &a};
    struct scratch_error err = {0};
    struct words words;
    size_t room = 1;
    while (argv[room - 1])
        room++;
    a.env.item = pool_take(&a.pool, room, sizeof *a.env.item);
    a.caps.item = pool_take(&a.pool, room, sizeof *a.caps.item);
    a.groups.item = pool_take(&a.pool, room, sizeof *a.groups.item);
    a.cgroups.item = pool_take(&a.pool, room, sizeof *a.cgroups.item);
    if (!kept_parse_command(self, argv, &a, 1, &words)) {
        pool_free(&a.pool);
        return words.status;
    }
    if (words.count < 2 && !a.process) {
        usage_error(&err, NULL, NULL, "there is none: write scratchctl exec %s", self->synopsis);
        snprintf(err.what, sizeof err.what, "command");
        pool_free(&a.pool);
        return (int)report_usage(&err, self->name);
    }
    int rc = prepare(&e, words.word[0], words.word + 1, &err);
    if (rc == 0)
        rc = execute(&e, &err);
    rc = rc < 0 ? failed(&e, &err) : rc;
    scratch_container_free(e.container);
    scratch_oci_free(e.bundle);
    pool_free(&a.pool);
    return rc;
}

/* ---- options -------------------------------------------------------------------------------- */

static int take_env(const struct option *option, void *target, const char *value,
                    struct scratch_error *err)
{
    struct arguments *a = target;
    const char *own = strchr(value, '=') ? NULL : getenv(value);
    (void)option;
    (void)err;
    if (strchr(value, '='))
        a->env.item[a->env.count++] = value;
    else if (own)
        a->env.item[a->env.count++] = pool_print(&a->pool, "%s=%s", value, own);
    return 0;
}

static int take_item(const struct option *option, void *target, const char *value,
                     struct scratch_error *err)
{
    struct list *list = option_member(option, target);
    (void)err;
    list->item[list->count++] = value;
    return 0;
}

static int take_count(const struct option *option, void *target, const char *value,
                      struct scratch_error *err)
{
    return value_integer(value, 0, OCI_PRESERVE_MAX, option_member(option, target), err);
}

#define MEMBER(name) offsetof(struct arguments, name)

static const struct option options[] = {
    {"process", 'p', "FILE", "what to run: a \"process\" as in config.json", option_text,
     MEMBER(process)},
    {"user", 'u', "USER[:GROUP]", "who it is: names or numbers", option_text, MEMBER(user)},
    {"additional-gids", 'g', "GROUP", "a supplementary group more", take_item, MEMBER(groups)},
    {"cwd", 0, "DIR", "where it begins", option_text, MEMBER(cwd)},
    {"workdir", 'w', "DIR", "the same", option_text, MEMBER(cwd)},
    {"env", 'e', "NAME[=VALUE]", "a variable of its environment", take_env, 0},
    {"cap", 'c', "CAP", "a capability more", take_item, MEMBER(caps)},
    {"apparmor", 0, "PROFILE", "the AppArmor profile that it is under", option_text,
     MEMBER(apparmor)},
    {"process-label", 0, "LABEL", "its SELinux label", option_text, MEMBER(label)},
    {"no-new-privs", 0, NULL, "setuid programs gain nothing", option_flag,
     MEMBER(no_new_privileges)},
    {"interactive", 'i', NULL, "with -t: standard input is its keyboard", option_flag,
     MEMBER(interactive)},
    {"tty", 't', NULL, "a terminal of its own", option_flag, MEMBER(tty)},
    {"detach", 'd', NULL, "do not wait for it", option_flag, MEMBER(told.detach)},
    {"console-socket", 0, "SOCKET", "who gets the terminal listens there", option_text,
     MEMBER(told.console_socket)},
    {"pidfd-socket", 0, "SOCKET", "who gets its pidfd listens there", option_text,
     MEMBER(told.pidfd_socket)},
    {"pid-file", 0, "FILE", "its process id is written there", option_text, MEMBER(told.pid_file)},
    {"preserve-fds", 0, "N", "hand over N open files, from number 3 on", take_count,
     MEMBER(told.preserve_fds)},
    {"cgroup", 0, "GROUP", "PATH or CONTROLLER:PATH, below the container's own group", take_item,
     MEMBER(cgroups)},
    {"ignore-paused", 0, NULL, "also in a container that is paused", option_flag,
     MEMBER(ignore_paused)},
    {0},
};

const struct command command_exec = {
    .name = "exec",
    .synopsis = "[options] ID COMMAND [ARG...]",
    .summary = "Run a command in a running container.",
    .notes = "",
    .options = options,
    .run = run_exec,
};
