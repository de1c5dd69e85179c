/* SPDX-License-Identifier: MIT */
#include "namespace/programs.h"
#include "base/sys.h"
#include "namespace/spawn.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define WHAT "map a range of ids"

/* Where programs are looked for without PATH. */
#define STANDARD_PATH "/usr/local/bin:/usr/bin:/bin"

/* ---- finding them --------------------------------------------------------------------------- */

static bool find(const char *name, char *path)
{
    const char *directories = secure_getenv("PATH");
    if (!directories || !*directories)
        directories = STANDARD_PATH;
    while (*directories) {
        size_t length = strcspn(directories, ":");
        int n = snprintf(path, PROGRAM_PATH, "%.*s/%s", (int)length, directories, name);
        bool absolute = *directories == '/'; /* nothing of the working directory is run */
        if (absolute && n < PROGRAM_PATH && access(path, X_OK) == 0)
            return true;
        directories += length;
        directories += *directories == ':';
    }
    return false;
}

/* A setuid bit or a file capability, on a mount where such things count. */
static const char *check(const char *path)
{
    struct stat st;
    struct statvfs fs;
    if (stat(path, &st) < 0)
        return "it cannot be looked at";
    bool setuid = st.st_mode & S_ISUID && st.st_uid == 0;
    if (!setuid && getxattr(path, "security.capability", NULL, 0) <= 0)
        return "it is not setuid root, and has no file capability";
    if (statvfs(path, &fs) == 0 && fs.f_flag & ST_NOSUID)
        return "it is on a mount with the option nosuid";
    return NULL;
}

static int find_one(const char *name, char *path, struct scratch_error *err)
{
    if (!find(name, path))
        return error_because(err, ENOENT, WHAT, name, "the program is not installed",
                             "install it: the package is uidmap (Debian), or shadow-utils");
    const char *cause = check(path);
    if (cause)
        return error_because(err, EPERM, WHAT, path, cause,
                             "install its package anew, or as root: chmod u+s");
    return 0;
}

int programs_find(struct id_programs *programs, struct scratch_error *err)
{
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
        return error_because(
            err, EPERM, WHAT, NULL,
            "the caller has no_new_privs, under which setuid programs gain nothing",
            "run it outside of this sandbox");
    int rc = find_one("newuidmap", programs->uid, err);
    return rc < 0 ? rc : find_one("newgidmap", programs->gid, err);
}

/* ---- the step ------------------------------------------------------------------------------- */

/* "PATH PID INSIDE OUTSIDE COUNT ..." */
static uint32_t put_command(struct builder *b, const char *path, const struct builder_ids *ids)
{
    size_t count = 2 + 3 * ids->count;
    char(*number)[16] = calloc(count, sizeof *number);
    const char **argv = calloc(count, sizeof *argv);
    uint32_t at = 0;
    if (number && argv) {
        argv[0] = path;
        argv[1] = "PID";
        for (size_t i = 0; i < 3 * ids->count; i++) {
            const struct scratch_id_map *map = &ids->map[i / 3];
            const uint32_t values[] = {map->inside, map->outside, map->count};
            snprintf(number[i], sizeof number[i], "%u", values[i % 3]);
            argv[2 + i] = number[i];
        }
        at = builder_list(b, argv, count);
    } else {
        b->block.failed = -ENOMEM;
    }
    free(number);
    free(argv);
    return at;
}

void programs_put(struct builder *b, const struct id_programs *programs)
{
    b->map_program[0] = put_command(b, programs->uid, &b->uids);
    b->map_program[1] = put_command(b, programs->gid, &b->gids);
}

/* Printable and on one line, as a part of a sentence: without "newuidmap: " and the last '.'. */
static void tidy(char *text)
{
    char *colon = strstr(text, ": ");
    size_t length = strlen(text);
    while (length > 0 && (isspace((unsigned char)text[length - 1]) || text[length - 1] == '.'))
        text[--length] = '\0';
    if (colon && strncmp(text, "new", 3) == 0)
        memmove(text, colon + 2, strlen(colon + 2) + 1);
}

static void read_said(int fd, char *said)
{
    ssize_t n = said ? read(fd, said, STEP_SAID - 1) : 0;
    if (!said)
        return;
    said[n > 0 ? n : 0] = '\0';
    tidy(said);
}

/* What it failed with, when it said nothing. */
static void say_status(int status, char *said)
{
    if (!said || *said)
        return;
    if (WIFEXITED(status))
        snprintf(said, STEP_SAID, "it ended with status %d", WEXITSTATUS(status));
    else
        snprintf(said, STEP_SAID, "it was ended by signal %d", WTERMSIG(status));
}

/* An fd that is not a standard stream's, whatever the caller has closed. */
static int above_streams(int fd)
{
    int rc = fd < 0 ? -errno : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (fd >= 0)
        close(fd);
    return rc < 0 && fd >= 0 ? -errno : rc;
}

/* Nothing waits for the pipe: a program that says more than it holds is told so (O_NONBLOCK). */
static int run(struct step_walk *w, char *const *argv)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    struct spawn spawn = {.argv = argv};
    spawn.said = above_streams(ends[1]);
    spawn.null = above_streams(open("/dev/null", O_RDWR | O_CLOEXEC));
    int rc = spawn.said < 0 ? spawn.said : spawn.null < 0 ? spawn.null : spawn_program(&spawn);
    step_detail(w, DETAIL_PROGRAM, rc);
    if (rc == 0 && spawn.status != 0) {
        read_said(ends[0], w->said);
        say_status(spawn.status, w->said);
        rc = step_detail(w, DETAIL_SAID, -EPERM);
    }
    close(ends[0]);
    if (spawn.said >= 0)
        close(spawn.said);
    if (spawn.null >= 0)
        close(spawn.null);
    return rc;
}

static int run_list(struct step_walk *w, const struct block_list *list, char *pid)
{
    char **argv = calloc(list->count + 1, sizeof *argv);
    if (!argv)
        return -ENOMEM;
    for (uint32_t i = 0; i < list->count; i++)
        argv[i] = i == 1 ? pid : (char *)block_at(w->plan, list->text[i]);
    int rc = run(w, argv);
    free(argv);
    return rc;
}

int namespace_id_maps_by_step(struct step_walk *w, const struct step *step)
{
    char pid[16];
    snprintf(pid, sizeof pid, "%d", w->child);
    int rc = 0;
    for (uint32_t i = 0; i < 2 && rc == 0; i++) {
        w->item = i;
        rc = run_list(w, step_list(w, step->text[i]), pid);
    }
    return rc;
}
