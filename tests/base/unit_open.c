/* SPDX-License-Identifier: MIT */
/*
 * The in-root opener. CTest runs it with openat2(2) and without, with the same result.
 */
#include "support/rootfs.h"
#include "support/test.h"
#include "base/open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct row {
    const char *path;
    int flags;
    const char *found; /* below the root; NULL: an error */
    int errnum;
};

static const struct row rows[] = {
    {"/etc/name", O_PATH, "/etc/name", 0},
    {"etc/name", O_PATH, "/etc/name", 0},
    {"//etc///name", O_PATH, "/etc/name", 0},
    {"/./etc/./name", O_PATH, "/etc/name", 0},
    {"/", O_PATH, "", 0},
    {".", O_PATH, "", 0},
    {"", O_PATH, NULL, ENOENT},
    {"/..", O_PATH, "", 0},
    {"/../../..", O_PATH, "", 0},
    {"/../../etc/name", O_PATH, "/etc/name", 0},
    {"/etc/../etc/name", O_PATH, "/etc/name", 0},
    {"/etc/", O_PATH, "/etc", 0},
    {"/etc/name/", O_PATH, NULL, ENOTDIR},
    {"/etc/name/.", O_PATH, NULL, ENOTDIR},
    {"/etc/name/..", O_PATH, NULL, ENOTDIR},
    {"/etc/name/deeper", O_PATH, NULL, ENOTDIR},
    {"/missing", O_PATH, NULL, ENOENT},
    {"/missing/name", O_PATH, NULL, ENOENT},
    {"/missing/..", O_PATH, NULL, ENOENT},
    {"/absolute", O_PATH, "/etc/name", 0},
    {"/absolute", O_PATH | O_NOFOLLOW, "/absolute", 0},
    {"/absolute", O_RDONLY | O_NOFOLLOW, NULL, ELOOP},
    {"/relative", O_PATH, "/etc/name", 0},
    {"/directory/name", O_PATH, "/etc/name", 0},
    {"/directory/name", O_PATH | O_NOFOLLOW, "/etc/name", 0},
    {"/directory/", O_PATH | O_NOFOLLOW, "/etc", 0},
    {"/climbs", O_PATH, "/etc/name", 0},
    {"/etc/climbs", O_PATH, "/etc/name", 0},
    {"/out", O_PATH, "", 0},
    {"/out/etc/name", O_PATH, "/etc/name", 0},
    {"/dangling", O_PATH, NULL, ENOENT},
    {"/dangling", O_PATH | O_NOFOLLOW, "/dangling", 0},
    {"/loop", O_PATH, NULL, ELOOP},
    {"/loop", O_PATH | O_NOFOLLOW, "/loop", 0},
    {"/first/name", O_PATH, NULL, ELOOP},
    {"/chain40", O_PATH, "/etc/name", 0},
    {"/chain41", O_PATH, NULL, ELOOP},
    {"/etc/name", O_RDONLY | O_DIRECTORY, NULL, ENOTDIR},
};

/* chain1 → etc/name, chain2 → chain1, …: as many links as the kernel follows, and one more. */
static void make_chain(int root)
{
    char name[32], text[32] = "etc/name";
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "chain%d", i);
        assert_int_equal(symlinkat(text, root, name), 0);
        strcpy(text, name);
    }
}

static const char *make_tree(int *root)
{
    static const char *const links[][2] = {
        {"/etc/name", "absolute"},
        {"etc/name", "relative"},
        {"etc", "directory"},
        {"../../../etc/name", "climbs"},
        {"../../../../../../../../etc/name", "etc/climbs"},
        {"/../..", "out"},
        {"/nowhere", "dangling"},
        {"loop", "loop"},
        {"second", "first"},
        {"first", "second"},
    };
    const char *path = test_directory();
    test_make_directory(path, "etc");
    test_make_file(path, "etc/name", "inside");
    *root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(*root >= 0);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        assert_int_equal(symlinkat(links[i][0], *root, links[i][1]), 0);
    make_chain(*root);
    return path;
}

static void check_found(int fd, const char *root, const struct row *row)
{
    char link[64], found[4096], expected[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    snprintf(expected, sizeof expected, "%s%s", root, row->found);
    ssize_t n = readlink(link, found, sizeof found - 1);
    assert_true(n > 0);
    found[n] = '\0';
    assert_string_equal(found, expected);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void paths_stay_below_the_root(void **state)
{
    int root;
    (void)state;
    const char *path = make_tree(&root);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = root_open(root, rows[i].path, rows[i].flags, 0);
        if ((fd >= 0) != (rows[i].found != NULL) || (fd < 0 && fd != -rows[i].errnum))
            print_error("'%s' with flags %x gave %d\n", rows[i].path, (unsigned)rows[i].flags, fd);
        assert_int_equal(fd < 0 ? -fd : 0, rows[i].errnum);
        if (fd >= 0) {
            check_found(fd, path, &rows[i]);
            close(fd);
        }
    }
    close(root);
}

static void magic_links_of_proc_are_not_followed(void **state)
{
    static const struct row magic[] = {
        {"/proc/self/exe", O_PATH, NULL, ELOOP},
        {"/proc/self/root/etc", O_PATH, NULL, ELOOP},
        {"/proc/self/cwd", O_PATH, NULL, ELOOP},
        {"/proc/self/fd/0", O_PATH, NULL, ELOOP},
        {"/proc/self/ns/mnt", O_PATH, NULL, ELOOP},
        {"/proc/self/status", O_PATH, "", 0},
        {"/proc/thread-self/stat", O_PATH, "", 0},
        {"/proc/mounts", O_PATH, "", 0},
        {"/proc/self/exe", O_PATH | O_NOFOLLOW, "", 0},
    };
    (void)state;
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < sizeof magic / sizeof *magic; i++) {
        int fd = root_open(root, magic[i].path, magic[i].flags, 0);
        if (fd < 0 && fd != -magic[i].errnum)
            print_error("'%s' gave %d\n", magic[i].path, fd);
        assert_int_equal(fd < 0 ? -fd : 0, magic[i].errnum);
        if (fd >= 0)
            close(fd);
    }
    close(root);
}

static bool exists(int root, const char *path, unsigned type)
{
    struct stat st;
    return fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && (st.st_mode & S_IFMT) == type;
}

static void make_and_close(int root, const char *path, enum root_make make, int errnum)
{
    int fd = root_make(root, path, make);
    if (fd < 0 && fd != -errnum)
        print_error("'%s' gave %d\n", path, fd);
    assert_int_equal(fd < 0 ? -fd : 0, errnum);
    if (fd >= 0)
        close(fd);
}

static void what_is_missing_is_made_below_the_root(void **state)
{
    int root;
    (void)state;
    make_tree(&root);
    make_and_close(root, "/a/b/c", ROOT_MAKE_NOTHING, ENOENT);
    assert_false(exists(root, "a", S_IFDIR));
    make_and_close(root, "/a/b/c", ROOT_MAKE_DIRECTORY, 0);
    assert_true(exists(root, "a/b/c", S_IFDIR));
    make_and_close(root, "/a/b/c/", ROOT_MAKE_DIRECTORY, 0);
    make_and_close(root, "/x/file", ROOT_MAKE_FILE, 0);
    assert_true(exists(root, "x/file", S_IFREG));
    make_and_close(root, "/directory/new", ROOT_MAKE_DIRECTORY, 0);
    assert_true(exists(root, "etc/new", S_IFDIR));
    make_and_close(root, "/../../up", ROOT_MAKE_DIRECTORY, 0);
    assert_true(exists(root, "up", S_IFDIR));
    make_and_close(root, "/out/../from", ROOT_MAKE_DIRECTORY, 0);
    assert_true(exists(root, "from", S_IFDIR));
    make_and_close(root, "/etc/name/x", ROOT_MAKE_DIRECTORY, ENOTDIR);
    close(root);
}

/* Distributions have /etc/resolv.conf as a link to what a daemon makes in /run. */
static void what_a_link_leads_to_is_made_below_the_root(void **state)
{
    int root;
    (void)state;
    make_tree(&root);
    make_and_close(root, "/dangling", ROOT_MAKE_NOTHING, ENOENT);
    make_and_close(root, "/dangling", ROOT_MAKE_FILE, 0);
    assert_true(exists(root, "nowhere", S_IFREG));
    assert_true(exists(root, "dangling", S_IFLNK));
    assert_int_equal(symlinkat("../../../../run/resolve/conf", root, "etc/resolv"), 0);
    make_and_close(root, "/directory/resolv", ROOT_MAKE_FILE, 0);
    assert_true(exists(root, "run/resolve/conf", S_IFREG));
    assert_int_equal(symlinkat("one", root, "etc/two"), 0);
    assert_int_equal(symlinkat("/etc/two/deep", root, "three"), 0);
    make_and_close(root, "/three/x/y", ROOT_MAKE_DIRECTORY, 0);
    assert_true(exists(root, "etc/one/deep/x/y", S_IFDIR));
    make_and_close(root, "/loop/x", ROOT_MAKE_DIRECTORY, ELOOP);
    close(root);
}

TEST_MAIN(paths_stay_below_the_root, magic_links_of_proc_are_not_followed,
          what_is_missing_is_made_below_the_root, what_a_link_leads_to_is_made_below_the_root)
