/* SPDX-License-Identifier: MIT */
/*
 * A profile by its path. Compiling one with three architectures takes longer than starting ten
 * containers, so that is done once.
 */
#include "process/seccomp.h"
#include "base/error.h"
#include "process/seccomp_cache.h"
#include "process/seccomp_profile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PROFILE_MAX (4u << 20) /* bytes; docker's has 13 thousand */

struct text {
    char *data; /* to be freed */
    size_t size;
};

static int read_profile(int fd, struct text *text)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    if (st.st_size > PROFILE_MAX)
        return -EFBIG;
    text->data = malloc((size_t)st.st_size + 1);
    if (!text->data)
        return -ENOMEM;
    ssize_t n;
    while ((n = read(fd, text->data + text->size, (size_t)st.st_size - text->size)) > 0)
        text->size += (size_t)n;
    return n < 0 ? -errno : 0;
}

static int open_profile(const char *path, struct text *text, struct scratch_error *err)
{
    *text = (struct text){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc = fd < 0 ? -errno : read_profile(fd, text);
    if (fd >= 0)
        close(fd);
    if (rc == 0)
        return 0;
    free(text->data);
    text->data = NULL;
    return error_because(err, -rc, "read the system call profile", path,
                         rc == -EINVAL  ? "it is not a file"
                         : rc == -EFBIG ? "it has more than 4 MiB"
                                        : NULL,
                         "give the path of a JSON file, such as "
                         "/usr/share/containers/seccomp.json");
}

/*
 * Which libseccomp builds the filter: the file, where it is as usual, for then a filter that is
 * there already is found without loading it; else its version.
 */
static int name_library(char *text, size_t size, struct scratch_error *err)
{
    struct stat st;
    if (stat(LIBSECCOMP_FILE, &st) == 0) {
        snprintf(text, size, "file %jd %jd.%09ld", (intmax_t)st.st_size, (intmax_t)st.st_mtime,
                 st.st_mtim.tv_nsec);
        return 0;
    }
    const struct seccomp_library *library = seccomp_library(err);
    if (!library)
        return -ENOSYS;
    const struct scmp_version *version = library->version();
    snprintf(text, size, "%u.%u.%u", version->major, version->minor, version->micro);
    return 0;
}

/* All that a filter depends on, as bytes; what is read in two ways is two. */
static int make_key(const char *kind, const struct text *profile, uint64_t capabilities,
                    struct seccomp_key *key, struct scratch_error *err)
{
    struct utsname name;
    char library[80];
    *key = (struct seccomp_key){0};
    int rc = name_library(library, sizeof library, err);
    if (rc < 0)
        return rc;
    if (uname(&name) < 0)
        return error_call(err, errno, "uname(2)", "read the system call profile", NULL, NULL);
    FILE *out = open_memstream(&key->data, &key->size);
    if (!out)
        return error_set(err, ENOMEM, "read the system call profile", NULL, NULL);
    /* libscratch's reading of profiles, the machine, the kernel for minKernel. */
    fprintf(out, "1 %s %s %.*s libseccomp %s caps %016" PRIx64 "\n", kind, name.machine,
            (int)strcspn(name.release, "-+"), name.release, library, capabilities);
    fwrite(profile->data, 1, profile->size, out);
    if (fclose(out) == 0)
        return 0;
    free(key->data);
    key->data = NULL;
    return error_set(err, ENOMEM, "read the system call profile", NULL, NULL);
}

/* Where a file says that a listener is to be told, nobody here would: the caller gets the fd. */
static int refuse_listener(const struct json_in *profile, struct scratch_error *err)
{
    struct json_in value;
    if (!json_member(profile, "listenerPath", &value))
        return 0;
    return json_wrong(&value, "nothing is sent to a socket: the caller gets the listener",
                      "leave it out, and use scratch_container_seccomp_fd()", err);
}

static int compile(const struct text *text, const char *path, uint64_t capabilities,
                   struct seccomp_program *program, struct scratch_error *err)
{
    struct json_in profile;
    int rc = json_read(text->data, text->size, path, &profile, err);
    if (rc < 0)
        return rc;
    rc = refuse_listener(&profile, err);
    if (rc == 0)
        rc = seccomp_from_json(&profile, capabilities, program, err);
    json_read_end(&profile);
    return rc;
}

int seccomp_from_file(const char *path, uint64_t capabilities, struct seccomp_program *program,
                      struct scratch_error *err)
{
    struct seccomp_key key;
    struct text text;
    int rc = open_profile(path, &text, err);
    if (rc < 0 || !text.data)
        return rc;
    rc = make_key("file", &text, capabilities, &key, err);
    if (rc == 0 && key.data && !seccomp_cache_get(&key, program)) {
        rc = compile(&text, path, capabilities, program, err);
        if (rc == 0)
            seccomp_cache_put(&key, program);
    }
    free(key.data);
    free(text.data);
    return rc;
}

int seccomp_from_object(const struct json_in *profile, uint64_t capabilities,
                        struct seccomp_program *program, struct scratch_error *err)
{
    const char *source = json_source(profile);
    const struct text text = {(char *)source, strlen(source)};
    struct seccomp_key key;
    int rc = make_key("object", &text, capabilities, &key, err);
    if (rc == 0 && !(key.data && seccomp_cache_get(&key, program))) {
        rc = seccomp_from_json(profile, capabilities, program, err);
        if (rc == 0 && key.data)
            seccomp_cache_put(&key, program);
    }
    free(key.data);
    return rc;
}
