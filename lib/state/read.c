/* SPDX-License-Identifier: MIT */
#include "state/record.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_MAX (8u << 20) /* more than there is in any: a command line is 2 MiB at most */

/* ---- files ---------------------------------------------------------------------------------- */

static ssize_t read_all(int fd, char *text, size_t size)
{
    size_t at = 0;
    while (at < size) {
        ssize_t n = read(fd, text + at, size - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        at += (size_t)n;
    }
    return (ssize_t)at;
}

/* O_NONBLOCK: what is no file, but a pipe, shall not hold us up. */
static int open_file(int dir, const char *name, struct stat *st)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
        return fd;
    close(fd);
    return -EINVAL;
}

ssize_t record_read_small(int dir, const char *name, char *text, size_t size)
{
    struct stat st;
    int fd = open_file(dir, name, &st);
    if (fd < 0)
        return fd;
    ssize_t n = read_all(fd, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
    return n;
}

static void take_inodes(const char *text, struct record_head *head)
{
    const char *at = strstr(text, RECORD_INODES);
    char *end;
    head->inode_count = 0;
    at = at ? at + strlen(RECORD_INODES) : "";
    while (head->inode_count < RECORD_GROUPS) {
        uint64_t inode = strtoull(at, &end, 10);
        if (end == at)
            break;
        head->inode[head->inode_count++] = inode;
        at = end + (*end == ',');
    }
}

int record_read_head(int dir, struct record_head *head)
{
    char text[RECORD_HEAD_MAX];
    int remove;
    ssize_t n = record_read_small(dir, RECORD_JSON, text, sizeof text);
    if (n < 0)
        return (int)n;
    if (sscanf(text, RECORD_HEAD_READ, &head->version, &head->pid, &head->start_time, &remove) != 4)
        return -EINVAL;
    head->remove = remove;
    take_inodes(text, head);
    return head->version == RECORD_VERSION ? 0 : -EINVAL;
}

int record_open_exit(int dir)
{
    struct stat st;
    return open_file(dir, RECORD_EXIT, &st);
}

bool record_read_exit(const struct record *record, int file, int *status, int64_t *when)
{
    char text[RECORD_EXIT_MAX];
    struct stat st = {0};
    ssize_t n = file < 0 || fstat(file, &st) < 0 ? -1 : pread(file, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    *when = n > 0 ? (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec : 0;
    if (n > 0)
        return sscanf(text, "%d", status) == 1;
    *status = 128 + SIGKILL;
    return n == 0 && record && record->init;
}

void record_write_exit(int dir, int status)
{
    char text[RECORD_EXIT_MAX];
    int fd = openat(dir, RECORD_EXIT, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    int n = snprintf(text, sizeof text, "%d\n", status);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_size == 0 && write(fd, text, (size_t)n) < 0)
        errno = 0; /* it is not known, then */
    close(fd);
}

/* ---- members -------------------------------------------------------------------------------- */

static int take_number(const struct json_in *in, const char *name, uint64_t most, uint64_t *number,
                       struct scratch_error *err)
{
    struct json_in value;
    if (!json_member(in, name, &value))
        return error_because(err, EINVAL, "read a container's record", in->document,
                             "a member is missing", name);
    return json_get_number(&value, most, number, err);
}

static int take_text(const struct json_in *in, const char *name, const char **text,
                     struct scratch_error *err)
{
    struct json_in value;
    *text = NULL;
    return json_member(in, name, &value) ? json_get_text(&value, text, err) : 0;
}

static int take_texts(const struct json_in *in, const char *name, const char ***texts,
                      struct scratch_error *err)
{
    struct json_in array, item;
    int rc = 0;
    if (!json_member(in, name, &array))
        return 0;
    size_t count = json_count(&array);
    *texts = calloc(count + 1, sizeof **texts);
    if (!*texts)
        return error_set(err, ENOMEM, "read a container's record", in->document, NULL);
    for (size_t i = 0; i < count && rc == 0; i++) {
        json_item(&array, i, &item);
        rc = json_get_text(&item, &(*texts)[i], err);
    }
    return rc;
}

static int take_inode_numbers(const struct json_in *in, struct record *r, struct scratch_error *err)
{
    struct json_in array, item;
    int rc = 0;
    if (!json_member(in, "inodes", &array))
        return 0;
    size_t count = json_count(&array);
    r->inodes = calloc(count + 1, sizeof *r->inodes);
    if (!r->inodes)
        return error_set(err, ENOMEM, "read a container's record", in->document, NULL);
    for (; r->inode_count < count && rc == 0; r->inode_count++) {
        json_item(&array, r->inode_count, &item);
        rc = json_get_number(&item, UINT64_MAX, &r->inodes[r->inode_count], err);
    }
    return rc;
}

static bool flag(const struct json_in *in, const char *name)
{
    struct json_in value;
    return json_member(in, name, &value) && json_is_true(&value);
}

static int take_version(const struct json_in *in, struct scratch_error *err)
{
    uint64_t version = 0;
    int rc = take_number(in, "version", INT_MAX, &version, err);
    if (rc < 0 || version == RECORD_VERSION)
        return rc;
    error_because(err, EINVAL, "read a container's record", in->document, NULL,
                  "use the libscratch that the container was started with, or a newer one");
    if (err)
        error_write(err->cause, "it is of version %llu, and this library knows %d",
                    (unsigned long long)version, RECORD_VERSION);
    return -EINVAL;
}

static int take_members(struct record *r, struct scratch_error *err)
{
    const struct json_in *in = &r->document;
    struct scratch_container_state *s = &r->known;
    uint64_t pid = 0, remove = 0, created = 0, stop_signal = SIGTERM;
    struct json_in value;
    int rc = take_version(in, err);
    if (rc == 0)
        rc = take_number(in, "pid", INT_MAX, &pid, err);
    if (rc == 0)
        rc = take_number(in, "start_time", UINT64_MAX, &s->start_time, err);
    if (rc == 0)
        rc = take_number(in, "remove", 1, &remove, err);
    if (rc == 0)
        rc = take_number(in, "created", INT64_MAX, &created, err);
    if (rc == 0 && json_member(in, "stop_signal", &value))
        rc = json_get_number(&value, SIGRTMAX, &stop_signal, err);
    if (rc == 0)
        rc = take_text(in, "rootfs", &s->rootfs, err);
    if (rc == 0)
        rc = take_text(in, "bundle", &s->bundle, err);
    if (rc == 0)
        rc = take_text(in, "data", &s->data, err);
    if (rc == 0)
        rc = take_text(in, "cgroup", &s->cgroup, err);
    if (rc == 0)
        rc = take_texts(in, "command", &r->command, err);
    if (rc == 0)
        rc = take_texts(in, "annotations", &r->annotations, err);
    if (rc == 0)
        rc = take_texts(in, "cgroups", &r->cgroups, err);
    if (rc == 0)
        rc = take_inode_numbers(in, r, err);
    s->pid = (pid_t)pid;
    s->remove = remove;
    s->stop_signal = (int)stop_signal;
    s->created = (int64_t)created;
    s->command = r->command;
    s->annotations = r->annotations;
    s->cgroups = r->cgroups;
    s->log = flag(in, "log");
    s->terminal = flag(in, "terminal");
    r->init = flag(in, "init");
    return rc;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static int read_json(int dir, const char *name, struct record *r, struct scratch_error *err)
{
    struct stat st = {0};
    int fd = open_file(dir, RECORD_JSON, &st);
    if (fd < 0)
        return error_call(err, -fd, "open(2)", "read a container's record", name, NULL);
    size_t size = (size_t)st.st_size;
    r->known.owner = st.st_uid;
    char *text = size <= RECORD_MAX ? malloc(size + 1) : NULL;
    ssize_t n = text ? read_all(fd, text, size) : -ENOMEM;
    close(fd);
    int rc = n < 0 ? error_set(err, (int)-n, "read a container's record", name, NULL)
                   : json_read(text, (size_t)n, name, &r->document, err);
    if (rc == -EINVAL && err)
        error_write(err->hint,
                    "it is damaged: when nothing of the container runs, remove its directory");
    free(text);
    return rc;
}

int record_read(int dir, const char *root, const char *id, struct record **record,
                struct scratch_error *err)
{
    *record = NULL;
    struct record *r = calloc(1, sizeof *r);
    if (!r || asprintf(&r->name, "%s/%s/" RECORD_JSON, root, id) < 0) {
        free(r);
        return error_set(err, ENOMEM, "read a container's record", id, NULL);
    }
    int rc = read_json(dir, r->name, r, err);
    if (rc == 0)
        rc = take_members(r, err);
    if (rc < 0)
        record_free(r);
    else
        *record = r;
    return rc;
}

void record_free(struct record *r)
{
    if (!r)
        return;
    json_read_end(&r->document);
    free(r->command);
    free(r->annotations);
    free(r->cgroups);
    free(r->inodes);
    free(r->name);
    free(r);
}
