/* SPDX-License-Identifier: MIT */
#include "support/rootfs.h"
#include "support/test.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSYBOX "/bin/busybox"

static const char *const commands[] = {
    "[",      "ash",   "cat",      "chmod",  "chroot", "cp",    "cut",      "dd",   "df",
    "echo",   "env",   "false",    "find",   "grep",   "head",  "hostname", "id",   "kill",
    "ln",     "ls",    "mkdir",    "mknod",  "mount",  "mv",    "nproc",    "od",   "printf",
    "ps",     "pwd",   "readlink", "rm",     "rmdir",  "sed",   "seq",      "sh",   "sleep",
    "sort",   "stat",  "sync",     "tail",   "test",   "touch", "tr",       "true", "tty",
    "umount", "uname", "wc",       "whoami", "yes",
};

/* A program that names an interpreter is linked dynamically, and would need a C library there. */
static bool is_static(const char *path)
{
    Elf64_Ehdr header;
    Elf64_Phdr part = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool found = fd >= 0 && pread(fd, &header, sizeof header, 0) == sizeof header;
    for (unsigned i = 0; found && i < header.e_phnum && part.p_type != PT_INTERP; i++) {
        off_t at = (off_t)(header.e_phoff + i * sizeof part);
        found = pread(fd, &part, sizeof part, at) == sizeof part;
    }
    if (fd >= 0)
        close(fd);
    return found && part.p_type != PT_INTERP;
}

static void copy_program(const char *from, const char *to)
{
    struct stat st;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    assert_true(in >= 0 && out >= 0 && fstat(in, &st) == 0);
    assert_int_equal(fchmod(out, 0755), 0);
    for (off_t at = 0; at < st.st_size;)
        assert_true(sendfile(out, in, &at, (size_t)(st.st_size - at)) > 0);
    close(in);
    close(out);
}

/* Paths are kept to the program's end, as those of test_directory(). */
static const char *keep(char *path)
{
    static char *kept[1024];
    static size_t count;
    assert_true(count < sizeof kept / sizeof *kept);
    return kept[count++] = path;
}

static const char *below(const char *parent, const char *name)
{
    char *path;
    assert_true(asprintf(&path, "%s/%s", parent, name) > 0);
    return keep(path);
}

const char *test_make_directory(const char *parent, const char *name)
{
    const char *path = below(parent, name);
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

const char *test_make_file(const char *parent, const char *name, const char *text)
{
    const char *path = below(parent, name);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    return path;
}

const char *test_rootfs_new(void)
{
    if (!is_static(BUSYBOX))
        TEST_SKIP("no static " BUSYBOX ": install busybox-static");
    const char *root = test_directory();
    const char *bin = test_make_directory(root, "bin");
    test_make_directory(root, "etc");
    test_make_directory(root, "root");
    test_make_directory(root, "tmp");
    copy_program(BUSYBOX, below(bin, "busybox"));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        assert_int_equal(symlink("busybox", below(bin, commands[i])), 0);
    return root;
}

const char *test_rootfs(void)
{
    static const char *root;
    if (!root)
        root = test_rootfs_new();
    return root;
}
