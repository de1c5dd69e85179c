/* SPDX-License-Identifier: MIT */
#include "process/seccomp_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "scratch seccomp 2"

/* More than this no profile is; a file that says so is not read. */
#define SIZE_MAX_ (1u << 24)

struct header {
    char magic[24];
    uint64_t sum; /* of all that follows this member */
    uint64_t key_size;
    uint32_t count;
    uint32_t flags;
};

/* FNV-1a. Nobody gains from a collision: who may write here may write any filter. */
static uint64_t hash(uint64_t sum, const void *data, size_t size)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ byte[i]) * UINT64_C(0x100000001b3);
    return sum;
}
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static void file_name(const struct seccomp_key *key, char *name, size_t size)
{
    snprintf(name, size, "seccomp-%016" PRIx64, hash(HASH_BEGIN, key->data, key->size));
}

/* ---- the directory -------------------------------------------------------------------------- */

const char *seccomp_cache_base;

/* The directory that caches are in. A program with another's privileges has none. */
static bool find_base(char *path, size_t size)
{
    const char *cache = secure_getenv("XDG_CACHE_HOME"), *home = secure_getenv("HOME");
    int n;
    if (seccomp_cache_base)
        n = snprintf(path, size, "%s", seccomp_cache_base);
    else if (geteuid() == 0)
        n = snprintf(path, size, "/var/cache");
    else if (cache && cache[0] == '/') /* a relative one is invalid: XDG Base Directory */
        n = snprintf(path, size, "%s", cache);
    else if (home && home[0] == '/')
        n = snprintf(path, size, "%s/.cache", home);
    else
        return false;
    return n > 0 && (size_t)n < size;
}

static bool is_own(int fd, mode_t type, mode_t forbidden)
{
    struct stat st;
    return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == geteuid() &&
           !(st.st_mode & forbidden);
}

/* -1: there is none that is fit. With make, it is made. */
static int open_directory(bool make)
{
    char path[PATH_MAX];
    if (!find_base(path, sizeof path))
        return -1;
    if (make && geteuid() != 0)
        mkdir(path, 0700); /* ~/.cache of a new user */
    int base = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (base < 0)
        return -1;
    if (make)
        mkdirat(base, "libscratch", 0700);
    int fd = openat(base, "libscratch", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(base);
    if (fd < 0 || is_own(fd, S_IFDIR, 0022))
        return fd;
    close(fd);
    return -1;
}

/* ---- reading -------------------------------------------------------------------------------- */

static bool read_all(int fd, void *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t n = read(fd, (char *)data + at, size - at);
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

/* The whole file, to be freed; NULL when it cannot be the key's. */
static char *read_file(int fd, const struct seccomp_key *key, size_t *size)
{
    struct stat st;
    if (!is_own(fd, S_IFREG, 0077) || fstat(fd, &st) < 0 || st.st_nlink != 1)
        return NULL;
    *size = (size_t)st.st_size;
    if (st.st_size > SIZE_MAX_ || *size < sizeof(struct header) + key->size)
        return NULL;
    char *data = malloc(*size);
    if (data && read_all(fd, data, *size))
        return data;
    free(data);
    return NULL;
}

static bool take(const char *data, size_t size, const struct seccomp_key *key,
                 struct seccomp_program *program)
{
    struct header h;
    const size_t summed = offsetof(struct header, key_size);
    memcpy(&h, data, sizeof h);
    if (memcmp(h.magic, MAGIC, sizeof MAGIC) != 0 || h.key_size != key->size ||
        size != sizeof h + key->size + h.count * sizeof(struct sock_filter) ||
        h.sum != hash(HASH_BEGIN, data + summed, size - summed) ||
        memcmp(data + sizeof h, key->data, key->size) != 0)
        return false;
    size_t bytes = h.count * sizeof(struct sock_filter);
    *program = (struct seccomp_program){malloc(bytes), h.count, h.flags};
    if (!program->filter)
        return false;
    memcpy(program->filter, data + sizeof h + key->size, bytes);
    if (seccomp_is_filter(program->filter, program->count))
        return true;
    free(program->filter);
    return false;
}

bool seccomp_cache_get(const struct seccomp_key *key, struct seccomp_program *program)
{
    char name[64], *data = NULL;
    size_t size;
    int directory = open_directory(false);
    if (directory < 0)
        return false;
    file_name(key, name, sizeof name);
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        data = read_file(fd, key, &size);
        close(fd);
    }
    bool found = data && take(data, size, key, program);
    free(data);
    close(directory);
    return found;
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool write_all(int fd, const void *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t n = write(fd, (const char *)data + at, size - at);
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static bool write_file(int fd, const struct seccomp_key *key, const struct seccomp_program *program)
{
    struct header h = {.magic = MAGIC,
                       .key_size = key->size,
                       .count = (uint32_t)program->count,
                       .flags = program->flags};
    size_t bytes = program->count * sizeof *program->filter;
    const size_t summed = offsetof(struct header, key_size);
    h.sum = hash(HASH_BEGIN, (const char *)&h + summed, sizeof h - summed);
    h.sum = hash(h.sum, key->data, key->size);
    h.sum = hash(h.sum, program->filter, bytes);
    return write_all(fd, &h, sizeof h) && write_all(fd, key->data, key->size) &&
           write_all(fd, program->filter, bytes);
}

/* Under another name first: whoever reads meanwhile finds all of it, or the one before. */
void seccomp_cache_put(const struct seccomp_key *key, const struct seccomp_program *program)
{
    char name[64], new_name[64];
    uint64_t random;
    int directory = open_directory(true);
    if (directory < 0)
        return;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = (uint64_t)getpid();
    snprintf(new_name, sizeof new_name, "new-%016" PRIx64, random);
    file_name(key, name, sizeof name);
    int fd =
        openat(directory, new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        bool written = write_file(fd, key, program);
        close(fd);
        if (!written || renameat(directory, new_name, directory, name) < 0)
            unlinkat(directory, new_name, 0);
    }
    close(directory);
}
