/* SPDX-License-Identifier: MIT */
/* What a command has inside of a container is what SECURITY.md says. */
#include "escape.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINES 128

extern const char audit_image[], audit_image_end[], security_text[], security_text_end[];

struct lines {
    char *text;
    char *line[LINES];
    size_t count;
};

static void cut(struct lines *l, const char *text, size_t size)
{
    l->count = 0;
    l->text = strndup(text, size);
    assert_non_null(l->text);
    for (char *next = l->text; *next;) {
        char *line = strsep(&next, "\n");
        assert_true(l->count < LINES);
        l->line[l->count++] = line;
        if (!next)
            break;
    }
}

/* A fenced block of SECURITY.md. */
static void documented(struct lines *l, const char *name)
{
    char *text = strndup(security_text, (size_t)(security_text_end - security_text)), fence[32];
    snprintf(fence, sizeof fence, "\n```%s\n", name);
    char *begin = strstr(text, fence);
    assert_non_null(begin);
    begin += strlen(fence);
    char *end = strstr(begin, "\n```");
    assert_non_null(end);
    cut(l, begin, (size_t)(end - begin));
    free(text);
}

static const char *audit_root(void)
{
    const char *root = test_directory();
    char path[512];
    snprintf(path, sizeof path, "%s/audit", root);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    size_t size = (size_t)(audit_image_end - audit_image);
    assert_true(fd >= 0 && write(fd, audit_image, size) == (ssize_t)size && fchmod(fd, 0755) == 0);
    close(fd);
    return root;
}

/* What the program prints that SECURITY.md is compared with. */
static void found(struct lines *l)
{
    static const char *const names[] = {"cgroup", "ipc",  "mnt",  "net",
                                        "pid",    "time", "user", "uts"};
    char own[8][64];
    const char *argv[10] = {"/audit"};
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_error err;
    int status;
    for (size_t i = 0; i < 8; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        ssize_t n = readlink(path, own[i], sizeof own[i] - 1);
        own[i][n > 0 ? n : 0] = '\0';
        argv[i + 1] = own[i];
    }
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = audit_root();
    process.argv = argv;
    spec.rootfs = &rootfs;
    spec.process = &process;
    char *text = test_output(&spec, NULL, &status, &err);
    TEST_OK(status, &err);
    assert_int_equal(status, 0);
    printf("%s", text);
    cut(l, text, strlen(text) - 1);
    free(text);
}

/* A documented line that ends in "…" goes on as it likes. */
static bool matches(const char *document, const char *line)
{
    static const char more[] = " …";
    size_t length = strlen(document);
    if (length > strlen(more) && strcmp(document + length - strlen(more), more) == 0)
        return strncmp(document, line, length - strlen(more)) == 0;
    return strcmp(document, line) == 0;
}

static bool among(const struct lines *documents, const char *line, bool reverse)
{
    for (size_t i = 0; i < documents->count; i++)
        if (reverse ? matches(line, documents->line[i]) : matches(documents->line[i], line))
            return true;
    return false;
}

/* Not every kernel has every file that is masked. */
static bool can_be_missing(const char *document)
{
    char path[256];
    return sscanf(document, "mount %255[^:]:", path) == 1 && access(path, F_OK) < 0;
}

static void check_limit(const char *line)
{
    int resource;
    unsigned long long soft, hard;
    struct rlimit own;
    assert_int_equal(sscanf(line, "rlimit %d %llu %llu", &resource, &soft, &hard), 3);
    assert_int_equal(getrlimit(resource, &own), 0);
    assert_true(own.rlim_cur == soft && own.rlim_max == hard);
}

static void a_command_has_what_is_documented_and_nothing_else(void **state)
{
    struct lines documents, lines;
    size_t wrong = 0;
    (void)state;
    documented(&documents, test_privileged() ? "audit-root" : "audit-user");
    found(&lines);
    for (size_t i = 0; i < lines.count; i++)
        if (strncmp(lines.line[i], "rlimit ", 7) == 0)
            check_limit(lines.line[i]);
        else if (!among(&documents, lines.line[i], false)) {
            print_error("not documented: %s\n", lines.line[i]);
            wrong++;
        }
    for (size_t i = 0; i < documents.count; i++)
        if (!among(&lines, documents.line[i], true) && !can_be_missing(documents.line[i])) {
            print_error("documented, and not there: %s\n", documents.line[i]);
            wrong++;
        }
    free(documents.text);
    free(lines.text);
    assert_int_equal(wrong, 0);
}

TEST_MAIN(a_command_has_what_is_documented_and_nothing_else)
