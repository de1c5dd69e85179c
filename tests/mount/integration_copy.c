/* SPDX-License-Identifier: MIT */
/*
 * A tmpfs that begins with a copy of what lies where it is mounted.
 */
#include "support/rootfs.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *run(const char *root, const char *options, const char *script, int *status,
                 struct scratch_error *err)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const struct scratch_mount mount = {"tmpfs", "/data", "tmpfs", options};
    struct scratch_process_options process = SCRATCH_PROCESS_OPTIONS_INIT;
    struct scratch_rootfs_options rootfs = SCRATCH_ROOTFS_OPTIONS_INIT;
    struct scratch_spec spec = SCRATCH_SPEC_INIT;
    process.argv = argv;
    rootfs.kind = SCRATCH_ROOTFS_DIRECTORY;
    rootfs.path = root;
    spec.rootfs = &rootfs;
    spec.process = &process;
    spec.mounts = &mount;
    spec.mount_count = 1;
    return test_output(&spec, NULL, status, err);
}

static void expect(const char *root, const char *options, const char *script, const char *expected)
{
    struct scratch_error err;
    int status;
    char *output = run(root, options, script, &status, &err);
    TEST_OK(status, &err);
    assert_string_equal(output, expected);
    free(output);
}

static void expect_refused(const char *root, const char *options, int errnum, const char *sentence)
{
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    int status;
    free(run(root, options, "true", &status, &err));
    assert_int_equal(status, -errnum);
    scratch_error_format(&err, line, sizeof line);
    assert_string_equal(err.step ? strstr(line, ": ") + 2 : line, sentence);
}

/* A root with a directory to copy, in which a shell script has made something. */
static const char *make_root(const char *script)
{
    char command[4096];
    const char *root = test_rootfs_new();
    test_make_directory(root, "data");
    snprintf(command, sizeof command, "cd %s/data && %s", root, script);
    assert_int_equal(system(command), 0);
    return root;
}

static void it_has_what_the_root_has_there(void **state)
{
    (void)state;
    const char *root =
        make_root("mkdir -p a/b && echo one >a/b/file && chmod 4750 a/b/file && chmod 1711 a && "
                  "ln -s ../file a/link && mkfifo pipe && touch -d @1000000000 a/b/file a/b a . && "
                  "chmod 700 .");
    expect(root, "tmpcopyup",
           "cd /data; cat a/b/file; stat -c '%n %a %F %Y' a/b/file a a/b; readlink a/link;"
           "stat -c '%n %F' pipe; stat -c '%a %Y' .; echo two >a/b/file; stat -f -c %T .",
           "one\n"
           "a/b/file 4750 regular file 1000000000\n"
           "a 1711 directory 1000000000\n"
           "a/b 755 directory 1000000000\n"
           "../file\n"
           "pipe fifo\n"
           "700 1000000000\n"
           "tmpfs\n");
    char path[4096];
    snprintf(path, sizeof path, "grep -q one %s/data/a/b/file", root);
    assert_int_equal(system(path), 0); /* the root's own is as it was */
}

static void it_looks_as_its_options_say(void **state)
{
    (void)state;
    const char *root = make_root("echo one >file && chmod 700 .");
    expect(root, "tmpcopyup,mode=1777", "stat -c %a /data; cat /data/file", "1777\none\n");
    expect(root, "tmpcopyup,notmpcopyup", "ls /data", "");
    expect(root, "tmpcopyup,ro", "cat /data/file; touch /data/x 2>&1",
           "one\ntouch: /data/x: Read-only file system\n");
}

static void owners_are_kept(void **state)
{
    (void)state;
    if (!test_privileged())
        TEST_SKIP("files of other owners are not this user's to make");
    const char *root = make_root("touch file && chown 33:34 file && ln -s x link && "
                                 "chown -h 35:36 link && mkdir d && chown 37:38 d");
    expect(root, "tmpcopyup", "cd /data; stat -c '%n %u:%g' file link d",
           "file 33:34\nlink 35:36\nd 37:38\n");
}

/* More than one buffer of directory entries, with directories among them. */
static void many_entries_are_all_copied_once(void **state)
{
    (void)state;
    const char *root = make_root("for i in $(seq 600); do echo $i >a-rather-long-name-$i; "
                                 "mkdir d$i; echo $i >d$i/x; done");
    expect(root, "tmpcopyup",
           "cd /data; ls | wc -l; cat a-rather* | sort -n | uniq | wc -l; cat */x | wc -l",
           "1200\n600\n600\n");
}

static void large_files_are_copied_whole(void **state)
{
    (void)state;
    const char *root = make_root("head -c 5000000 /dev/urandom >big");
    expect(root, "tmpcopyup", "stat -c %s /data/big", "5000000\n");
    expect_refused(root, "tmpcopyup,size=1m", ENOSPC,
                   "mount tmpfs on /data, with a copy of what is there: ENOSPC: what lies there "
                   "does not fit into the tmpfs (give a larger size=, or notmpcopyup)");
}

static void nesting_has_a_limit_that_is_named(void **state)
{
    (void)state;
    const char *root = make_root("p=.; for i in $(seq 199); do p=$p/d; done; mkdir -p $p");
    expect(root, "tmpcopyup", "find /data -type d | wc -l", "200\n");
    root = make_root("p=.; for i in $(seq 200); do p=$p/d; done; mkdir -p $p");
    expect_refused(root, "tmpcopyup", ENAMETOOLONG,
                   "mount tmpfs on /data, with a copy of what is there: ENAMETOOLONG: what lies "
                   "there is nested deeper than 200 directories (leave out tmpcopyup)");
}

static void modes_do_not_keep_the_containers_root_out(void **state)
{
    (void)state;
    if (test_privileged())
        TEST_SKIP("root reads all");
    const char *root = make_root("touch file && chmod 000 file");
    /* The container's root may read what is its own: the file's owner is mapped. */
    expect(root, "tmpcopyup", "stat -c %a /data/file", "0\n");
}

/* A link in the root cannot make the copy of anything outside. */
static void links_are_copied_not_followed(void **state)
{
    (void)state;
    const char *outside = test_directory();
    char script[1024];
    test_make_file(outside, "secret", "secret");
    snprintf(script, sizeof script, "ln -s %s/secret file && ln -s %s dir", outside, outside);
    const char *root = make_root(script);
    expect(root, "tmpcopyup", "cd /data; test -L file && test -L dir && echo links; cat file dir/*",
           "links\n");
}

static void a_missing_directory_has_nothing_to_copy(void **state)
{
    (void)state;
    expect(test_rootfs_new(), "tmpcopyup,X-mount.mkdir", "ls /data", "");
}

static void it_is_for_a_tmpfs(void **state)
{
    struct scratch_error err;
    char line[SCRATCH_ERROR_LINE];
    const struct scratch_mount rows[] = {{"proc", "/data", "proc", "tmpcopyup"},
                                         {"/tmp", "/data", NULL, "rbind,tmpcopyup"}};
    static const char *const sentences[] = {
        "mount options '/data': EINVAL: tmpcopyup is for a tmpfs (leave it out)",
        "mount options 'tmpcopyup': EINVAL: a bind has no options of a file system (leave them "
        "out: they are those of the mount that is bound)",
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(scratch_mount_apply(AT_FDCWD, &rows[i], &err), -EINVAL);
        scratch_error_format(&err, line, sizeof line);
        assert_string_equal(line, sentences[i]);
    }
}

TEST_MAIN(it_has_what_the_root_has_there, it_looks_as_its_options_say, owners_are_kept,
          many_entries_are_all_copied_once, large_files_are_copied_whole,
          nesting_has_a_limit_that_is_named, modes_do_not_keep_the_containers_root_out,
          links_are_copied_not_followed, a_missing_directory_has_nothing_to_copy, it_is_for_a_tmpfs)
