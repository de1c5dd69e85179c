/* SPDX-License-Identifier: MIT */
/*
 * The steps that make a container's record. They are the caller's alone.
 */
#include "base/json.h"
#include "base/text.h"
#include "state/record.h"
#include "state/text.h"
#include "state/write_process.h"
#include "step/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static const char *id_of(const struct step_walk *w, uint32_t text)
{
    return step_text(w, text) + strlen(SLOT_ID_PREFIX);
}

/* ---- the directory -------------------------------------------------------------------------- */

/*
 * Have a record that is locked for oneself: 0; -EEXIST: it is a container's; -ENOENT: it was that
 * of one that has ended, which it goes with. Whoever still has that one open shall not meet the
 * next in the same directory: it is removed, and to be made anew.
 */
static int take(int dir, const char *id)
{
    struct record_head head;
    int rc = record_read_head(dir, &head);
    if (rc == -ENOENT)
        return record_empty(dir);
    if (rc < 0 || !head.remove)
        return -EEXIST;
    int process = record_process(head.pid, head.start_time);
    if (process >= 0)
        close(process);
    if (process != -ESRCH)
        return -EEXIST;
    rc = record_remove(dir, id);
    return rc < 0 ? rc : -ENOENT;
}

/* The record's directory, locked and empty: made, or taken over from one who was killed. */
static int claim(int root, const char *id)
{
    for (;;) {
        if (mkdirat(root, id, 0700) < 0 && errno != EEXIST)
            return -errno;
        int dir = record_open(root, id);
        int rc = dir < 0 ? dir : record_lock_soon(dir, id);
        if (rc == -EAGAIN)
            rc = -EEXIST;
        if (rc == 0)
            rc = take(dir, id);
        if (rc == 0)
            return dir;
        if (dir >= 0)
            close(dir);
        if (rc != -ENOENT) /* else it has just been removed */
            return rc;
    }
}

/* Whoever may be who is ready may enter it, whatever the umask is. */
static int make_notify(int dir)
{
    bool made =
        mkdirat(dir, RECORD_NOTIFY, 0755) == 0 && fchmodat(dir, RECORD_NOTIFY, 0755, 0) == 0;
    return made ? 0 : -errno;
}

int state_make_step(struct step_walk *w, const struct step *step)
{
    int root = record_root_open(step_text(w, step->text[0]), true);
    if (root < 0)
        return step_detail(w, DETAIL_STATE, root);
    int dir = claim(root, id_of(w, step->text[1]));
    close(root);
    if (dir < 0)
        return dir;
    int rc = step->num[2] ? make_notify(dir) : 0;
    if (rc < 0) {
        record_remove(dir, id_of(w, step->text[1]));
        close(dir);
        return rc;
    }
    if (step->text[2])
        record_register(step_text(w, step->text[2]), step_text(w, step->text[0]));
    w->fd[step->fd[0]] = dir;
    return 0;
}

/* It may have been deleted since, and even be another container's. */
int state_make_undo(struct step_walk *w, const struct step *step)
{
    int dir = w->fd[step->fd[0]];
    const char *id = id_of(w, step->text[1]);
    if (record_lock(dir, id, true) < 0)
        return 0;
    record_remove(dir, id);
    record_unlock(dir);
    return 0;
}

/* ---- what the container gets of it ---------------------------------------------------------- */

/*
 * How it ends can then be recorded on a file system that is full by then. Not every file system
 * can promise room.
 */
static int have_room(int fd)
{
    return fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, RECORD_EXIT_MAX) < 0 && errno == ENOSPC ? -ENOSPC
                                                                                         : 0;
}

int state_file_step(struct step_walk *w, const struct step *step)
{
    int fd = openat(w->fd[step->fd[0]], step_text(w, step->text[0]),
                    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -errno : step->num[0] ? 0 : have_room(fd);
    if (rc == 0)
        w->fd[step->fd[1]] = fd;
    else if (fd >= 0)
        close(fd);
    return rc;
}

/* A path of a socket is short: the directory is named by its fd. */
static int bind_in(int socket, int dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/" RECORD_SOCKET, dir);
    return bind(socket, (const struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
}

int state_socket_step(struct step_walk *w, const struct step *step)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    int rc = fd < 0 ? -errno : bind_in(fd, w->fd[step->fd[0]]);
    if (rc == 0 && listen(fd, 1) < 0)
        rc = -errno;
    if (rc < 0) {
        if (fd >= 0)
            close(fd);
        return rc;
    }
    w->fd[step->fd[1]] = fd;
    return 0;
}

/* ---- state.json ----------------------------------------------------------------------------- */

/* The directory of the group that a step has made. systemd decides where; it is open. */
static bool path_of_group(const struct step_walk *w, const struct step *step, char *path,
                          size_t size)
{
    char link[48];
    ssize_t n = 0;
    if (step->kind == STEP_CGROUP_MAKE)
        n = snprintf(path, size, "%s/%s", step_text(w, step->text[0]), step_text(w, step->text[1]));
    if (step->kind != STEP_CGROUP_SCOPE)
        return n > 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", w->fd[step->fd[0]]);
    n = readlink(link, path, size - 1);
    path[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* Which of them are its own: a path is another container's when this one's group has gone. */
static void write_inodes(FILE *out, const struct step_walk *w)
{
    const char *comma = "";
    struct stat st;
    fputs(RECORD_INODES, out);
    for (uint32_t i = 0; i < w->plan->step_count; i++) {
        const struct step *step = step_at(w->plan, i);
        if (step->kind != STEP_CGROUP_MAKE && step->kind != STEP_CGROUP_SCOPE)
            continue;
        bool known = fstat(w->fd[step->fd[0]], &st) == 0;
        fprintf(out, "%s%llu", comma, known ? (unsigned long long)st.st_ino : 0);
        comma = ",";
    }
    fputs("],", out);
}

static void write_groups(FILE *out, const struct step_walk *w)
{
    const char *comma = "";
    char path[PATH_MAX];
    fputs("\"cgroups\":[", out);
    for (uint32_t i = 0; i < w->plan->step_count; i++) {
        if (!path_of_group(w, step_at(w->plan, i), path, sizeof path))
            continue;
        fputs(comma, out);
        json_write_string(out, path);
        comma = ",";
    }
    fputs("],", out);
}

/* Its path below the roots of the hierarchies. */
static void write_group(FILE *out, const struct step_walk *w)
{
    const struct step *make = step_find(w->plan, STEP_CGROUP_MAKE);
    char path[PATH_MAX];
    if (!make)
        make = step_find(w->plan, STEP_CGROUP_SCOPE);
    if (!make || !path_of_group(w, make, path, sizeof path))
        return;
    const char *below = path + make->num[1]; /* the hierarchy's mount point */
    text_member(out, "cgroup", below + strspn(below, "/"));
}

static int write_record(FILE *out, const struct step_walk *w, const struct step *step)
{
    unsigned long long start_time;
    struct timespec now;
    int rc = record_start_time(w->child, &start_time);
    if (rc < 0)
        return rc;
    clock_gettime(CLOCK_REALTIME, &now);
    fprintf(out, RECORD_HEAD_WRITE, RECORD_VERSION, w->child, start_time, step->num[0] != 0);
    write_inodes(out, w);
    fputs(step_text(w, step->text[1]), out);
    write_groups(out, w);
    write_group(out, w);
    fprintf(out, "\"created\":%lld}\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    return ferror(out) ? -EIO : 0;
}

static FILE *create(int dir, const char *name)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out && fd >= 0)
        close(fd);
    return out;
}

/* A filter of the caller's own; libscratch's is made anew from the capabilities. */
static int write_filter(const struct step_walk *w, const struct step *step, int dir)
{
    const struct step *filter = step_find(w->plan, STEP_SECCOMP);
    if (!step->num[1] || !filter)
        return 0;
    FILE *out = create(dir, RECORD_FILTER);
    if (!out)
        return -errno;
    fwrite(block_at(w->plan, filter->text[0]), sizeof(struct sock_filter), filter->num[0], out);
    return fclose(out) == 0 ? 0 : -errno;
}

int state_write_step(struct step_walk *w, const struct step *step)
{
    int dir = w->fd[step->fd[0]];
    int rc = write_filter(w, step, dir);
    FILE *out = rc < 0 ? NULL : create(dir, RECORD_JSON_NEW);
    if (!out)
        return rc < 0 ? rc : -errno;
    rc = write_record(out, w, step);
    if (fclose(out) != 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && renameat(dir, RECORD_JSON_NEW, dir, RECORD_JSON) < 0)
        rc = -errno;
    return rc;
}
