/* SPDX-License-Identifier: MIT */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_STARTED (-1)

extern char **environ;

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define FILTER_FD      9 /* bwrap reads its filter from there */
#define FILTER_FD_TEXT "9"

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
#define FLOOR      ARGUMENTS("{variant}", "{version}", "{group}", "root", "/nothing")
#define BUNDLE     ARGUMENTS("--root", "{state}", "run", "--bundle", "{variant}", "libscratch-bench")
#define OURS       "--init=no", "--pids-limit", "100", "--security-opt", "unmask=ALL"
#define UNCONFINED "--security-opt", "seccomp=unconfined"
#define BWRAP_FULL                                                                                 \
    "--unshare-pid", "--unshare-uts", "--unshare-ipc", "--unshare-net", "--unshare-cgroup",        \
        "--as-pid-1", "--bind", "{root}", "/", "--proc", "/proc", "--dev", "/dev", "--mqueue",     \
        "/dev/mqueue", "--ro-bind", "/sys", "/sys", "--cap-drop", "ALL", "--cap-add", "CAP_CHOWN", \
        "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"
#define UNSHARE_FULL                                                                               \
    ARGUMENTS("--fork", "--pid", "--mount", "--uts", "--ipc", "--net", "--cgroup",                 \
              "--root={root}", "--mount-proc=/proc", "/nothing")
#define NSPAWN                                                                                     \
    ARGUMENTS("--quiet", "--register=no", "--keep-unit", "--as-pid2", "--private-network",         \
              "--directory={root}", "/nothing")
#define EVERYWHERE(list)                                                                           \
    {                                                                                              \
        list, list, list, list, list                                                               \
    }

const struct contestant contestants[CONTESTANTS] = {
    {
        .name = "floor",
        .program = "bench-floor",
        .overlays = true,
        .arguments = {FLOOR, FLOOR, FLOOR, FLOOR},
    },
    {
        .name = "empty",
        .program = "bench-empty",
        .note = "no container: a C program that does nothing",
        .overlays = true,
        .arguments = EVERYWHERE(ARGUMENTS(NULL)),
    },
    {
        .name = "scratchctl",
        .program = "scratchctl",
        .note = "in min it has /dev and /sys besides",
        .overlays = true,
        .arguments = {ARGUMENTS("run", OURS, UNCONFINED, "--net", "host", "--ipc", "host",
                                "--cgroupns", "host", "./root", "--", "/nothing"),
                      ARGUMENTS("run", OURS, UNCONFINED, "--net", "none", "./root", "--",
                                "/nothing"),
                      ARGUMENTS("run", OURS, "--net", "none", "./root", "--", "/nothing"),
                      ARGUMENTS("run", OURS, UNCONFINED, "--net", "none", "--upper", "upper",
                                "--work", "work", "./root", "--", "/nothing"),
                      ARGUMENTS("run", "./root", "--", "/nothing")},
    },
    {
        .name = "bundle",
        .program = "scratchctl",
        .note = "scratchctl, as engines call it",
        .arguments = EVERYWHERE(BUNDLE),
    },
    {
        .name = "bwrap",
        .program = "bwrap",
        .note = "no limit on pids",
        .arguments = {ARGUMENTS("--unshare-pid", "--unshare-uts", "--as-pid-1", "--bind", "root",
                                "/", "--proc", "/proc", "/nothing"),
                      ARGUMENTS(BWRAP_FULL, "/nothing"),
                      ARGUMENTS(BWRAP_FULL, "--seccomp", FILTER_FD_TEXT, "/nothing"),
                      ARGUMENTS(BWRAP_FULL, "/nothing")},
    },
    {
        .name = "crun",
        .program = "crun",
        .arguments = EVERYWHERE(BUNDLE),
    },
    {
        .name = "runc",
        .program = "runc",
        .arguments = EVERYWHERE(BUNDLE),
    },
    {
        .name = "unshare",
        .program = "unshare",
        .note = "namespaces, a root and /proc alone",
        .arguments = {ARGUMENTS("--fork", "--pid", "--mount", "--uts", "--root=root",
                                "--mount-proc=/proc", "/nothing"),
                      UNSHARE_FULL, NULL, UNSHARE_FULL},
    },
    {
        .name = "nspawn",
        .program = "systemd-nspawn",
        .note = "registered nowhere; its own idea of /dev, and its own filter",
        .arguments = {NULL, NULL, NSPAWN, NULL, NSPAWN},
    },
    {
        .name = "floor-call",
        .note = "a call, no program is started",
        .overlays = true,
        .start = start_floor,
    },
    {
        .name = "libscratch",
        .note = "a call, with one plan for all",
        .overlays = true,
        .start = start_library,
    },
    {
        .name = "prepared",
        .note = "and a root that is mounted once",
        .overlays = true,
        .start = start_prepared,
    },
    {
        .name = "pooled",
        .note = "and network namespaces that are ready",
        .overlays = true,
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

/* Those that mount no overlay find one at "merged". */
static const char *root_of(const struct bench *b)
{
    return b->variant == VARIANT_OVERLAY ? "merged" : "root";
}

/* An argument, with what stands in braces in it replaced; NULL: no memory. */
static char *fill_in(const struct bench *b, const struct contestant *c, const char *argument)
{
    char state[sizeof b->place.directory + sizeof "/state-ours"];
    const struct {
        const char *name, *value;
    } words[] = {
        {"{variant}", variant_names[b->variant]},
        {"{version}", b->place.v2 ? "v2" : "v1"},
        {"{group}", b->place.group},
        {"{root}", root_of(b)},
        {"{state}", state},
    };
    char *filled = NULL;
    snprintf(state, sizeof state, "%s/state%s", b->place.directory,
             strcmp(c->name, "bundle") == 0 ? "-ours" : "");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strstr(argument, words[i].name);
        if (!at)
            continue;
        if (asprintf(&filled, "%.*s%s%s", (int)(at - argument), argument, words[i].value,
                     at + strlen(words[i].name)) < 0)
            filled = NULL;
        return filled;
    }
    return strdup(argument);
}

static void forget_arguments(struct entry *entry)
{
    for (size_t i = 1; entry->argv[0] && entry->argv[i]; i++)
        free(entry->argv[i]);
    entry->argv[0] = NULL;
}

static bool has_plan(const struct bench *b, const struct contestant *c)
{
    if (c->start == start_floor)
        return b->variant != VARIANT_DEFAULT;
    return c->start == start_library    ? b->plan
           : c->start == start_prepared ? b->prepared
                                        : b->pooled;
}

static void prepare_entry(struct bench *b, struct entry *entry)
{
    const char *const *arguments = entry->contestant->arguments[b->variant];
    size_t n = 1;
    entry->status = 0;
    entry->calls = 0;
    entry->argv[0] = entry->argv[1] = NULL;
    if (!entry->contestant->program) {
        entry->argv[0] = has_plan(b, entry->contestant) ? entry->path : NULL;
        return;
    }
    if (!arguments)
        return;
    entry->argv[0] = entry->path;
    for (; *arguments && n + 1 < sizeof entry->argv / sizeof *entry->argv; arguments++)
        entry->argv[n++] = fill_in(b, entry->contestant, *arguments);
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

/* A minimal container has none of what makes it a safe one. */
static void be_minimal(struct scratch_spec *spec, struct scratch_namespace_options *namespaces,
                       struct scratch_rootfs_options *rootfs,
                       struct scratch_process_options *process)
{
    static const struct scratch_mount proc = {.type = "proc", .source = "proc", .target = "/proc"};
    namespaces->create = SCRATCH_NS_PID | SCRATCH_NS_MNT | SCRATCH_NS_UTS;
    rootfs->standard_mounts = false;
    spec->mounts = &proc;
    spec->mount_count = 1;
    process->capabilities = SCRATCH_CAP_ALL;
    process->new_privileges = true;
}

static int prepare_library(struct bench *b)
{
    static const char *const argv[] = {"/nothing", NULL};
    static const char *const lowers[] = {"root"};
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_namespace_options namespaces = SCRATCH_NAMESPACE_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_cgroup_options cgroup = SCRATCH_CGROUP_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;

    spec.namespaces = &namespaces;
    spec.rootfs = &rootfs;
    spec.cgroup = &cgroup;
    spec.process = &process;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = "root";
    if (b->variant == VARIANT_OVERLAY) {
        rootfs.kind = SCRATCH_ROOTFS_OVERLAY;
        rootfs.lowers = lowers;
        rootfs.lower_count = 1;
        rootfs.upper = "upper";
        rootfs.work = "work";
    }
    cgroup.parent = b->place.name;
    cgroup.pids_max = 100;
    process.argv = argv;
    if (b->variant != VARIANT_DEFAULT) {
        rootfs.mask_paths = false;
        process.init = false;
    }
    if (b->variant != VARIANT_DEFAULT && b->variant != VARIANT_SECCOMP)
        process.seccomp = SCRATCH_SECCOMP_NONE;
    if (b->variant == VARIANT_MIN)
        be_minimal(&spec, &namespaces, &rootfs, &process);
    int rc = compile(&spec, &b->plan);
    return rc == 0 && b->variant == VARIANT_FULL ? prepare_more(b, &spec) : rc;
}

int contestants_prepare(struct bench *b, enum variant variant)
{
    static char *const argv[] = {(char *)"/nothing", NULL};
    b->variant = variant;
    b->floor = (struct floor_options){
        .v2 = b->place.v2, .group = b->place.group, .root = "root", .argv = argv};
    floor_is(&b->floor, variant_names[variant]);
    int rc = prepare_library(b);
    for (size_t i = 0; i < CONTESTANTS; i++)
        prepare_entry(b, &b->entry[i]);
    return rc;
}

void contestants_release(struct bench *b)
{
    for (size_t i = 0; i < CONTESTANTS; i++)
        forget_arguments(&b->entry[i]);
    scratch_plan_free(b->plan);
    scratch_plan_free(b->prepared);
    scratch_plan_free(b->pooled);
    scratch_namespace_pool_free(b->pool);
    b->plan = b->prepared = b->pooled = NULL;
    b->pool = NULL;
}

/* ---- starting them -------------------------------------------------------------------------- */

pid_t entry_spawn(const struct entry *entry, char *const *argv)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, FILTER_FD, "filter", O_RDONLY, 0);
    int rc = posix_spawn(&pid, entry->path, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return rc == 0 ? pid : -1;
}

static int run_program(const struct entry *entry)
{
    int status;
    pid_t pid = entry_spawn(entry, entry->argv);
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return NOT_STARTED;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The overlay is mounted for it. */
static bool is_merged(const struct bench *b, const struct entry *entry)
{
    return b->variant == VARIANT_OVERLAY && !entry->contestant->overlays;
}

unsigned entry_syscalls(const struct bench *b, const struct entry *entry)
{
    return is_merged(b, entry) ? 0 : syscalls_count(entry);
}

int entry_start(struct bench *b, const struct entry *entry)
{
    bool merged = is_merged(b, entry);
    if (entry->contestant->start)
        return entry->contestant->start(b);
    if (merged &&
        mount("overlay", "merged", "overlay", 0, "lowerdir=root,upperdir=upper,workdir=work") < 0)
        return NOT_STARTED;
    int status = run_program(entry);
    if (merged)
        umount2("merged", MNT_DETACH);
    return status;
}
