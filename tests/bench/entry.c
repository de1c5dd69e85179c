/* SPDX-License-Identifier: MIT */
/*
 * The contestants in this run: found, given their arguments, started.
 */
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
#define ID          "libscratch-bench"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

extern char **environ;

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

static const char *floor_variant(const struct bench *b)
{
    return b->variant == VARIANT_OVERLAY ? b->layers.options : variant_names[b->variant];
}

/* An argument, with what stands in braces in it replaced; NULL: no memory. */
static char *fill_in(const struct bench *b, const struct contestant *c, const char *argument)
{
    char state[sizeof b->place.directory + sizeof "/state-ours"], id[64], bundle[BUNDLE_NAME];
    const struct {
        const char *name, *value;
    } words[] = {
        {"{bundle}", bundle},
        {"{version}", b->place.v2 ? "v2" : "v1"},
        {"{group}", b->place.group},
        {"{root}", root_of(b)},
        {"{state}", state},
        {"{id}", id},
        {"{floor}", floor_variant(b)},
    };
    char *filled = NULL;
    snprintf(state, sizeof state, "%s/state%s", b->place.directory,
             strcmp(c->program, "scratchctl") == 0 ? "-ours" : "");
    snprintf(id, sizeof id, ID "-%s", c->name);
    bundle_name(bundle, b->variant, 0);
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
    return c->call == CALL_FLOOR ? b->variant < VARIANT_DEFAULT && b->settings.at_once == 1
                                 : b->plan[c->call] != NULL;
}

/* All layers but the lowest; returns how many arguments there are then. */
static size_t add_layers(const struct bench *b, struct entry *entry, size_t n)
{
    for (unsigned i = 0; i + 1 < b->layers.count; i++) {
        entry->argv[n++] = strdup("--overlay");
        entry->argv[n++] = strdup(b->layers.lower[i]);
    }
    return n;
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
    for (; *arguments; arguments++)
        if (strcmp(*arguments, "{layers}") == 0)
            n = add_layers(b, entry, n);
        else
            entry->argv[n++] = fill_in(b, entry->contestant, *arguments);
    entry->argv[n] = NULL;
}

int contestants_prepare(struct bench *b, enum variant variant)
{
    static char *const argv[] = {(char *)"/nothing", NULL};
    b->variant = variant;
    b->floor = (struct floor_options){
        .v2 = b->place.v2, .group = b->place.group, .root = "root", .argv = argv};
    floor_is(&b->floor, floor_variant(b));
    int rc = library_prepare(b);
    for (size_t i = 0; i < CONTESTANTS; i++)
        prepare_entry(b, &b->entry[i]);
    return rc;
}

void contestants_release(struct bench *b)
{
    for (size_t i = 0; i < CONTESTANTS; i++)
        forget_arguments(&b->entry[i]);
    library_release(b);
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

static int status_of(pid_t pid)
{
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return NOT_STARTED;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Each starter of bundles has its own, and its container an id. */
static pid_t spawn_one(const struct bench *b, const struct entry *entry, unsigned starter)
{
    char first[BUNDLE_NAME], bundle[BUNDLE_NAME], id[48];
    char *argv[LENGTH(entry->argv)] = {entry->argv[0]};
    bundle_name(first, b->variant, 0);
    bundle_name(bundle, b->variant, starter);
    snprintf(id, sizeof id, ID "-%u", starter);
    for (size_t n = 1; entry->argv[n]; n++)
        argv[n] = strcmp(entry->argv[n], first) == 0 ? bundle
                  : strcmp(entry->argv[n], ID) == 0  ? id
                                                     : entry->argv[n];
    return entry_spawn(entry, argv);
}

static int run_programs(const struct bench *b, const struct entry *entry)
{
    pid_t pid[STARTERS_MAX];
    unsigned count = b->settings.at_once;
    int status = 0;
    for (unsigned i = 0; i < count; i++)
        pid[i] = spawn_one(b, entry, i);
    for (unsigned i = 0; i < count; i++) {
        int one = status_of(pid[i]);
        status = status ? status : one;
    }
    return status;
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
    if (entry->contestant->call)
        return library_start(b, entry->contestant);
    if (merged && mount("overlay", "merged", "overlay", 0, b->layers.options) < 0)
        return NOT_STARTED;
    int status = run_programs(b, entry);
    if (merged)
        umount2("merged", MNT_DETACH);
    return status;
}
