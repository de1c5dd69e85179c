/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_STARTED (-1)

extern char **environ;

#define ARGUMENTS(...)  ((const char *const[]){__VA_ARGS__, NULL})
#define BUNDLE(variant) ARGUMENTS("--root", "state", "run", "--bundle", variant, "libscratch-bench")

/* ---- in this process ------------------------------------------------------------------------ */

static int start_floor(struct bench *b)
{
    int status = floor_start(&b->floor);
    if (status < 0)
        fprintf(stderr, "bench: floor: %s\n", strerror(-status));
    return status;
}

static int start_plan(const scratch_plan *plan)
{
    struct scratch_error err;
    char text[SCRATCH_ERROR_LINE];
    scratch_container *container;
    int status = scratch_plan_start(plan, NULL, &container, &err);
    if (status == 0) {
        status = scratch_container_wait(container, &err);
        scratch_container_free(container);
    }
    if (status < 0) {
        scratch_error_format(&err, text, sizeof text);
        fprintf(stderr, "bench: libscratch: %s\n", text);
    }
    return status;
}

static int start_library(struct bench *b)
{
    return start_plan(b->plan);
}

static int start_prepared(struct bench *b)
{
    return start_plan(b->prepared);
}

static int start_pooled(struct bench *b)
{
    return start_plan(b->pooled);
}

/* ---- who takes part ------------------------------------------------------------------------- */

/* "{group}" and the like are filled in; the working directory is the place. */
const struct contestant contestants[CONTESTANTS] = {
    {
        .name = "floor",
        .program = "bench-floor",
        .arguments = {ARGUMENTS("min", "{version}", "{group}", "root", "/nothing"),
                      ARGUMENTS("full", "{version}", "{group}", "root", "/nothing")},
    },
    {
        .name = "empty",
        .program = "bench-empty",
        .note = "no container: a C program that does nothing",
        .arguments = {ARGUMENTS(NULL), ARGUMENTS(NULL)},
    },
    {
        .name = "scratchctl",
        .program = "scratchctl",
        .note = "in min it has /dev and /sys besides",
        .arguments = {ARGUMENTS("run", "--init=no", "--net", "host", "--ipc", "host", "--cgroupns",
                                "host", "--security-opt", "seccomp=unconfined", "--security-opt",
                                "unmask=ALL", "--pids-limit", "100", "./root", "--", "/nothing"),
                      ARGUMENTS("run", "--init=no", "--net", "none", "--security-opt",
                                "seccomp=unconfined", "--security-opt", "unmask=ALL",
                                "--pids-limit", "100", "./root", "--", "/nothing")},
    },
    {
        .name = "bwrap",
        .program = "bwrap",
        .note = "no limit on pids",
        .arguments = {ARGUMENTS("--unshare-pid", "--unshare-uts", "--as-pid-1", "--bind", "root",
                                "/", "--proc", "/proc", "/nothing"),
                      ARGUMENTS("--unshare-pid", "--unshare-uts", "--unshare-ipc", "--unshare-net",
                                "--unshare-cgroup", "--as-pid-1", "--bind", "root", "/", "--proc",
                                "/proc", "--dev", "/dev", "--mqueue", "/dev/mqueue", "--ro-bind",
                                "/sys", "/sys", "--cap-drop", "ALL", "--cap-add", "CAP_CHOWN",
                                "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "/nothing")},
    },
    {
        .name = "crun",
        .program = "crun",
        .arguments = {BUNDLE("min"), BUNDLE("full")},
    },
    {
        .name = "runc",
        .program = "runc",
        .arguments = {BUNDLE("min"), BUNDLE("full")},
    },
    {
        .name = "unshare",
        .program = "unshare",
        .note = "namespaces, a root and /proc alone",
        .arguments = {ARGUMENTS("--fork", "--pid", "--mount", "--uts", "--root=root",
                                "--mount-proc=/proc", "/nothing"),
                      ARGUMENTS("--fork", "--pid", "--mount", "--uts", "--ipc", "--net", "--cgroup",
                                "--root=root", "--mount-proc=/proc", "/nothing")},
    },
    {
        .name = "nspawn",
        .program = "systemd-nspawn",
        .note = "registered nowhere; its own idea of /dev",
        .arguments = {NULL, ARGUMENTS("--quiet", "--register=no", "--keep-unit", "--as-pid2",
                                      "--private-network", "--directory=root", "/nothing")},
    },
    {
        .name = "floor-call",
        .note = "a call, no program is started",
        .start = start_floor,
    },
    {
        .name = "libscratch",
        .note = "a call, with one plan for all",
        .start = start_library,
    },
    {
        .name = "prepared",
        .note = "and a root that is mounted once",
        .start = start_prepared,
    },
    {
        .name = "pooled",
        .note = "and network namespaces that are ready",
        .start = start_pooled,
    },
};

/* ---- finding them --------------------------------------------------------------------------- */

static bool is_listed(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += n)
        if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
            return true;
    return false;
}

static void find_in_path(const char *program, char *path, size_t size)
{
    const char *directories = getenv("PATH");
    while (directories && *directories) {
        size_t n = strcspn(directories, ":");
        snprintf(path, size, "%.*s/%s", (int)n, directories, program);
        if (access(path, X_OK) == 0)
            return;
        directories += n + (directories[n] == ':');
    }
    path[0] = '\0';
}

static int find_program(const struct settings *s, const struct contestant *c, struct entry *entry)
{
    const char *const made[][2] = {
        {"bench-floor", BENCH_FLOOR},
        {"bench-empty", BENCH_EMPTY},
        {"scratchctl", s->scratchctl},
    };
    const char *built = NULL;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (strcmp(c->program, made[i][0]) == 0)
            built = made[i][1];
    if (!built) {
        find_in_path(c->program, entry->path, sizeof entry->path);
        return 0;
    }
    char *path = realpath(built, NULL);
    if (!path) {
        fprintf(stderr, "bench: %s: %s\n", built, strerror(errno));
        return -1;
    }
    snprintf(entry->path, sizeof entry->path, "%s", path);
    free(path);
    return 0;
}

int contestants_find(struct bench *b)
{
    bool any = false;
    for (size_t i = 0; i < CONTESTANTS; i++) {
        const struct contestant *c = &contestants[i];
        struct entry *entry = &b->entry[i];
        entry->contestant = c;
        entry->wanted = !b->settings.only || is_listed(b->settings.only, c->name);
        any = any || entry->wanted;
        if (c->program && find_program(&b->settings, c, entry) < 0)
            return -1;
    }
    if (!any)
        fprintf(stderr, "bench: --only %s: nobody of that name\n", b->settings.only);
    return any ? 0 : -1;
}

const char *entry_absent(const struct entry *entry)
{
    if (!entry->contestant->program)
        return entry->argv[0] ? NULL : "has no such variant";
    if (!entry->path[0])
        return "not installed";
    return entry->argv[0] ? NULL : "has no such variant";
}

bool entry_runs(const struct entry *entry)
{
    return entry->wanted && entry->status == 0 && !entry_absent(entry);
}

/* ---- preparing them ------------------------------------------------------------------------- */

static char *fill_in(struct bench *b, const char *argument)
{
    if (strcmp(argument, "{group}") == 0)
        return b->place.group;
    if (strcmp(argument, "{version}") == 0)
        return b->place.v2 ? (char *)"v2" : (char *)"v1";
    return (char *)argument;
}

static void prepare_program(struct bench *b, struct entry *entry)
{
    const char *const *arguments = entry->contestant->arguments[b->variant];
    size_t n = 0;
    bool full = entry->contestant->start == start_prepared ||
                entry->contestant->start == start_pooled; /* alone */
    entry->argv[0] = NULL;
    if (!entry->contestant->program)
        entry->argv[n++] = full && b->variant != VARIANT_FULL ? NULL : entry->path;
    entry->argv[n] = NULL;
    if (!arguments)
        return;
    entry->argv[n++] = entry->path;
    for (; *arguments && n + 1 < sizeof entry->argv / sizeof *entry->argv; arguments++)
        entry->argv[n++] = fill_in(b, *arguments);
    entry->argv[n] = NULL;
}

static int compile(const struct scratch_spec *spec, scratch_plan **plan)
{
    struct scratch_error err;
    char text[SCRATCH_ERROR_LINE];
    if (scratch_plan_compile(spec, plan, &err) == 0)
        return 0;
    scratch_error_format(&err, text, sizeof text);
    fprintf(stderr, "bench: libscratch: %s\n", text);
    return -1;
}

/* What a program that starts the same container many times would do. */
static int prepare_more(struct bench *b, const struct scratch_spec *given)
{
    struct scratch_spec spec = *given;
    struct scratch_rootfs_options rootfs = *spec.rootfs;
    struct scratch_namespace_options namespaces = *spec.namespaces;
    spec.rootfs = &rootfs;
    spec.namespaces = &namespaces;
    rootfs.prepared = true;
    if (compile(&spec, &b->prepared) < 0 || scratch_namespace_pool_new(1, &b->pool, NULL) < 0)
        return -1;
    namespaces.pool = b->pool;
    return compile(&spec, &b->pooled);
}

void contestants_rest(struct bench *b)
{
    if (b->pool)
        scratch_namespace_pool_fill(b->pool, NULL);
}

static int prepare_library(struct bench *b)
{
    static const char *const argv[] = {"/nothing", NULL};
    static const struct scratch_mount proc = {.type = "proc", .source = "proc", .target = "/proc"};
    bool full = b->variant == VARIANT_FULL;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_cgroup_options cgroup = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;

    if (!full)
        namespaces.create = SCRATCH_NS_PID | SCRATCH_NS_MNT | SCRATCH_NS_UTS;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = "root";
    rootfs.standard_mounts = full;
    rootfs.mask_paths = false;
    cgroup.parent = b->place.name;
    cgroup.pids_max = 100;
    process.argv = argv;
    process.seccomp = SCRATCH_SECCOMP_NONE;
    process.init = false;
    if (!full) {
        spec.mounts = &proc;
        spec.mount_count = 1;
        process.capabilities = SCRATCH_CAP_ALL;
        process.new_privileges = true;
    }
    spec.namespaces = &namespaces;
    spec.rootfs = &rootfs;
    spec.cgroup = &cgroup;
    spec.process = &process;
    int rc = compile(&spec, &b->plan);
    return rc == 0 && full ? prepare_more(b, &spec) : rc;
}

int contestants_prepare(struct bench *b, enum variant variant)
{
    static char *const argv[] = {(char *)"/nothing", NULL};
    b->variant = variant;
    b->floor =
        (struct floor_options){variant == VARIANT_FULL, b->place.v2, b->place.group, "root", argv};
    for (size_t i = 0; i < CONTESTANTS; i++) {
        b->entry[i].status = 0;
        b->entry[i].calls = 0;
        prepare_program(b, &b->entry[i]);
    }
    return prepare_library(b);
}

void contestants_release(struct bench *b)
{
    scratch_plan_free(b->plan);
    scratch_plan_free(b->prepared);
    scratch_plan_free(b->pooled);
    scratch_namespace_pool_free(b->pool);
    b->plan = b->prepared = b->pooled = NULL;
    b->pool = NULL;
}

/* ---- starting them -------------------------------------------------------------------------- */

int entry_start(struct bench *b, const struct entry *entry)
{
    pid_t pid;
    int status;
    if (entry->contestant->start)
        return entry->contestant->start(b);
    if (posix_spawn(&pid, entry->path, NULL, NULL, entry->argv, environ) != 0)
        return NOT_STARTED;
    if (waitpid(pid, &status, 0) < 0)
        return NOT_STARTED;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
